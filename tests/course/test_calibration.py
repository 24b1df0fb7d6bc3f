"""The guesses' reliability, their score and its baselines."""

import pytest

from lessonlib.course import calibration_page
from lessonlib.course.progress.history import record
from lessonlib.course.reports.guesses_page import draw_calibration, reliability


def guesses(*pairs):
    return [
        {"kind": "guess", "id": f"04.{k}", "ask": f"Is {k} < 2?", "guess": 1, "truth": 1,
         "confidence": sure, "right": right}
        for k, (sure, right) in enumerate(pairs)
    ]  # fmt: skip


def test_without_a_guess_the_page_says_how_to_make_one(home):
    page = calibration_page()
    assert "No guess has met its truth yet" in page.value and "Keep my guess" in page.value
    assert repr(page) == "[ your guesses and how they came out — run this cell to see them ]"
    record("guess", "04.a", guess=1, confidence=0.5)  # kept, but without its truth
    assert "No guess has met its truth yet" in calibration_page().value


def test_each_bin_has_its_mean_confidence_its_share_and_its_count():
    events = guesses((0.9, True), (1.0, False), (0.8, True), (0.0, False), (0.5, True))
    rows = reliability(events)
    assert [count for _, _, count in rows] == [1, 1, 3]
    assert rows[0] == (0.0, 0.0, 1) and rows[1] == (0.5, 1.0, 1)
    assert rows[2] == pytest.approx((0.9, 2 / 3, 3))


def test_the_page_shows_the_score_beside_both_baselines(home):
    for event in guesses((0.9, True), (0.6, False), (0.7, True), (1.0, True)):
        record("guess", event["id"], **{k: event[k] for k in event if k not in ("kind", "id")})
    page = calibration_page().value
    score = (0.1**2 + 0.6**2 + 0.3**2) / 4
    for words in (f"{score:.3f}", "0.250", f"{0.75 * 0.25:.3f}", "75%", "4 guesses"):
        assert words in page
    assert "With so few guesses" in page


@pytest.mark.parametrize(
    "pairs, lean",
    [
        ([(0.9, False), (0.9, True)], "more sure than right"),
        ([(0.2, True), (0.5, True)], "less sure than right"),
        ([(0.5, True), (0.5, False)], "as sure as right"),
    ],
)
def test_the_page_says_which_way_somebody_leans(pairs, lean):
    assert f"<b>{lean}</b>" in draw_calibration(guesses(*pairs))


def test_the_dearest_guess_is_named_and_escaped():
    page = draw_calibration(guesses((0.6, False), (0.9, True), (1.0, False)))
    assert "The dearest, 1.00: Is 2 &lt; 2? (100% sure, not so)" in page
