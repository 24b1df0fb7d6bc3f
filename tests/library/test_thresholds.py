"""Curves and thresholds against naive loops, and what is refused."""

import pytest
import torch

from lessonlib.metrics import accuracy_multi, f1_multi, precision_multi, recall_multi
from lessonlib.thresholds import (
    ThresholdCurve,
    answered,
    best_threshold,
    bootstrap_band,
    gain,
    optimism,
    per_class_thresholds,
    threshold_curve,
    unsure,
)

COLUMNS = ("accuracy", "precision", "recall", "f1")


def naive(probs, targets, thresholds):
    """The same five columns, by asking the metrics at one threshold after another."""
    rows = [
        [
            accuracy_multi(probs, targets, thresh, sigmoid=False),
            precision_multi(probs, targets, thresh, sigmoid=False, average="micro"),
            recall_multi(probs, targets, thresh, sigmoid=False, average="micro"),
            f1_multi(probs, targets, thresh, sigmoid=False, average="micro"),
        ]
        for thresh in thresholds
    ]
    return ThresholdCurve(torch.as_tensor(thresholds), *torch.tensor(rows).T)


def some_case(seed):
    """Small predictions: many ties, none, exact zeros and ones; any share of positives."""
    random = torch.Generator().manual_seed(seed)
    shape = [int(torch.randint(1, most, (1,), generator=random)) for most in (30, 6)]
    probs = torch.rand(shape, generator=random)
    if seed % 2:
        levels = seed % 7 + 1
        probs = (probs * levels).round() / levels
    targets = torch.rand(shape, generator=random) < (seed % 5) / 4  # none, …, all
    return probs, targets.float()


def assert_equals_the_loop(probs, targets):
    curve = threshold_curve(probs, targets)
    expected = naive(probs, targets, curve.thresholds)
    for name in COLUMNS:
        torch.testing.assert_close(getattr(curve, name), getattr(expected, name), msg=name)
    return curve


@pytest.mark.parametrize("seed", range(60))
def test_the_curve_equals_the_naive_loop_at_every_threshold(seed):
    assert_equals_the_loop(*some_case(seed))


@pytest.mark.parametrize("seed", range(60))
def test_every_distinct_threshold_is_in_the_curve(seed):
    """Any threshold from 0 to 1 decides as the last row at or below it."""
    probs, targets = some_case(seed)
    curve = threshold_curve(probs, targets)
    anywhere = torch.rand(50, generator=torch.Generator().manual_seed(seed))
    rows = torch.searchsorted(curve.thresholds, anywhere, right=True) - 1
    expected = naive(probs, targets, anywhere)
    for name in COLUMNS:
        torch.testing.assert_close(getattr(curve, name)[rows], getattr(expected, name), msg=name)
    assert len(curve.thresholds) == len(probs.unique()) + 1
    assert (curve.thresholds.diff() > 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_the_first_row_flags_everything_and_the_last_nothing(seed):
    probs, targets = some_case(seed)
    curve = threshold_curve(probs, targets)
    assert (probs > curve.thresholds[0]).all() and not (probs > curve.thresholds[-1]).any()
    assert curve.precision[0] == pytest.approx(targets.mean().item())
    assert curve.precision[-1] == curve.recall[-1] == curve.f1[-1] == 0


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("positives", [0, 2, 4])
def test_equal_probabilities_give_two_rows_all_or_nothing(value, positives):
    targets = (torch.arange(4) < positives).float()[:, None]
    curve = assert_equals_the_loop(torch.full((4, 1), value), targets)
    assert curve.accuracy.tolist() == [positives / 4, 1 - positives / 4]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_the_curve_keeps_the_kind_of_number(dtype):
    probs = torch.tensor([[0.0], [0.1], [0.1], [0.9], [1.0]], dtype=dtype)
    curve = assert_equals_the_loop(probs, torch.tensor([[0], [0], [1], [1], [1]]))
    assert curve.thresholds.dtype == dtype and len(curve.thresholds) == 5


def test_a_curve_cannot_be_changed_by_accident():
    curve = threshold_curve(torch.tensor([0.2]), torch.tensor([1]))
    with pytest.raises(AttributeError):
        curve.accuracy = torch.zeros(2)


# --- the best threshold


@pytest.mark.parametrize("metric", ["accuracy", "f1"])
@pytest.mark.parametrize("seed", range(40))
def test_no_threshold_is_better_than_the_best(seed, metric):
    probs, targets = some_case(seed)
    curve = threshold_curve(probs, targets)
    there = naive(probs, targets, [best_threshold(curve, metric)])
    assert getattr(there, metric).item() == pytest.approx(getattr(curve, metric).max().item())


def test_the_best_threshold_is_the_middle_of_the_flat_top():
    curve = threshold_curve(torch.tensor([0.1, 0.2, 0.6, 0.9]), torch.tensor([0, 0, 1, 1]))
    assert best_threshold(curve) == pytest.approx(0.4)


def test_of_several_flat_tops_the_widest_counts():
    probs = torch.tensor([0.1, 0.2, 0.3, 0.9])
    targets = torch.tensor([0, 1, 0, 1])  # best from .1 to .2, and from .3 to .9
    assert best_threshold(threshold_curve(probs, targets)) == pytest.approx(0.6)


@pytest.mark.parametrize("steps", [0, 1])  # the middle is rounded down once, and up once
def test_a_flat_top_of_neighbouring_numbers_is_met(steps):
    low, one = torch.tensor(0.3), torch.tensor(1.0)
    low = torch.nextafter(low, one) if steps else low
    high = torch.nextafter(low, one)
    curve = threshold_curve(torch.stack([low, high]), torch.tensor([0, 1]))
    assert best_threshold(curve) == low.item()


def test_where_nothing_is_there_the_best_is_to_flag_nothing():
    assert best_threshold(threshold_curve(torch.tensor([0.2, 0.6]), torch.zeros(2))) > 0.6


def test_an_unknown_metric_is_refused():
    curve = threshold_curve(torch.tensor([0.2]), torch.tensor([1]))
    with pytest.raises(ValueError, match="metric is 'mAP'.*'accuracy'.*'f1'"):
        best_threshold(curve, "mAP")


# --- how far to trust it


def simulated(pictures, seed, classes=20):
    """Predictions like a trained model's: rare positives, well but not perfectly parted."""
    random = torch.Generator().manual_seed(seed)
    targets = (torch.rand(pictures, classes, generator=random) < 0.07).float()
    logits = 5 * targets - 3.5 + 1.5 * torch.randn(pictures, classes, generator=random)
    return logits.sigmoid(), targets


def test_the_band_is_what_a_loop_over_resampled_pictures_gives():
    probs, targets = simulated(60, seed=1)
    random, best = torch.Generator().manual_seed(3), []
    for _ in range(30):
        rows = torch.randint(60, (60,), generator=random)
        best.append(best_threshold(threshold_curve(probs[rows], targets[rows])))
    best.sort()  # 30 values: the quantile .05 lies .45 of the way from the second to the third
    low, high = bootstrap_band(probs, targets, n=30, seed=3)
    assert low == pytest.approx(best[1] + 0.45 * (best[2] - best[1]))
    assert high == pytest.approx(best[28] - 0.45 * (best[28] - best[27]))


def test_more_pictures_make_a_narrower_band():
    few, many = (bootstrap_band(*simulated(count, seed=2), n=60) for count in (40, 1500))
    assert few[1] - few[0] > 2 * (many[1] - many[0])


def test_the_band_neither_uses_nor_changes_the_random_state():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = bootstrap_band(*simulated(20, seed=1), n=5)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(6)
    assert bootstrap_band(*simulated(20, seed=1), n=5) == first


def test_per_class_thresholds_are_the_best_of_each_class_alone():
    probs, targets = simulated(80, seed=4, classes=5)
    own = per_class_thresholds(probs, targets, "f1")
    for c in range(5):
        column = threshold_curve(probs[:, c], targets[:, c])
        assert own[c].item() == pytest.approx(best_threshold(column, "f1"))


@pytest.mark.parametrize("seed", range(5))
def test_on_the_split_that_chose_no_single_threshold_beats_one_per_class(seed):
    probs, targets = simulated(50, seed)
    own = accuracy_multi(probs, targets, per_class_thresholds(probs, targets), sigmoid=False)
    assert own >= threshold_curve(probs, targets).accuracy.max()


def test_the_gain_is_measured_from_one_half():
    probs, targets = torch.tensor([[0.4, 0.7]]), torch.tensor([[1, 1]])
    assert gain(probs, targets, 0.3) == pytest.approx(0.5)
    assert gain(probs, targets, torch.tensor([0.3, 0.8])) == pytest.approx(0)


def test_optimism_is_the_gain_seen_minus_the_gain_hidden():
    probs, targets = torch.tensor([[0.4, 0.1]]), torch.tensor([[1, 0]])  # chooses .25: + .5
    hidden_probs, hidden_targets = torch.tensor([[0.4, 0.1]]), torch.tensor([[0, 0]])  # − .5
    for per_class in (False, True):
        found = optimism(probs, targets, hidden_probs, hidden_targets, per_class)
        assert found == pytest.approx(1)
    assert optimism(probs, targets, probs, targets) == 0


def test_twenty_thresholds_on_few_pictures_are_more_optimistic_than_one():
    """facts: at n=50 the 20 thresholds' optimism is several times the single one's."""
    hidden = simulated(3000, seed=99)
    one, twenty = (
        sum(optimism(*simulated(50, seed), *hidden, per_class) for seed in range(8)) / 8
        for per_class in (False, True)
    )
    assert twenty > 2 * one > 0


# --- what is refused

PROBS, TARGETS = simulated(10, seed=0)
FROM_PROBS = [
    threshold_curve,
    per_class_thresholds,
    bootstrap_band,
    lambda probs, targets: optimism(probs, targets, PROBS, TARGETS),
]


@pytest.mark.parametrize("function", FROM_PROBS)
@pytest.mark.parametrize(
    "probs, targets, words",
    [
        (PROBS.logit(), TARGETS, "look like logits"),
        (PROBS.sigmoid(), TARGETS, "double sigmoid"),
        (PROBS.where(PROBS < 0.9, float("nan")), TARGETS, "probabilities are NaN"),
        (PROBS, TARGETS[:, :3], "exactly one target"),
        (PROBS[:0], TARGETS[:0], "no predictions"),
        (PROBS, TARGETS * 3, "targets run from 0 to 3"),
    ],
    ids=["logits", "double sigmoid", "NaN", "shapes", "empty", "class numbers"],
)
def test_what_is_no_probability_or_no_target_is_refused_by_name(function, probs, targets, words):
    with pytest.raises(ValueError, match=words):
        function(probs, targets)


@pytest.mark.parametrize("probs", [PROBS.logit(), PROBS.sigmoid(), PROBS * float("nan")])
def test_a_refusal_has_cause_line_cure_and_lesson(probs):
    with pytest.raises(ValueError) as caught:
        threshold_curve(probs, TARGETS)
    cause, line, cure, lesson = str(caught.value).splitlines()
    assert line.startswith("Your line: threshold_curve(probs, TARGETS)")
    assert cure.startswith("Cure: ") and lesson.startswith("Lesson: 0") and cause


def test_sure_or_few_probabilities_are_not_taken_for_a_double_sigmoid(recwarn):
    threshold_curve(torch.full((50,), 0.6), torch.ones(50))
    threshold_curve(torch.linspace(0.5, 0.73, 7), torch.ones(7))
    threshold_curve(torch.linspace(0.5, 0.74, 50), torch.ones(50))
    assert not recwarn


@pytest.mark.parametrize(
    "probs",
    [PROBS.sigmoid()[:, 0], PROBS.sigmoid()[:, :1], torch.rand(50, 3) * 0.2 + 0.52],
    ids=["a class by itself", "as a column", "weak answers about frequent classes"],
)
def test_what_may_be_honest_and_what_may_be_a_double_sigmoid_is_warned_of(probs):
    with pytest.warns(UserWarning, match="double sigmoid. If it is, take the sigmoid"):
        threshold_curve(probs, torch.ones_like(probs))


# Abstaining


@pytest.mark.parametrize("band", [0.0, 0.05, 0.2, 0.6])
@pytest.mark.parametrize("thresh", [0.5, torch.tensor([0.2, 0.5, 0.6, 0.9])])
def test_answered_equals_a_loop_over_pictures(thresh, band):
    torch.manual_seed(0)
    probs, targets = torch.rand(60, 4), (torch.rand(60, 4) < 0.4).float()
    targets[:40] = (probs[:40] > thresh).float()  # many are right
    lines = torch.as_tensor(thresh).expand(4).tolist()
    sure = right = 0
    for row, truth in zip(probs.tolist(), targets.tolist(), strict=True):
        if all(abs(p - line) >= band for p, line in zip(row, lines, strict=True)):
            sure += 1
            right += [p > line for p, line in zip(row, lines, strict=True)] == [
                t == 1 for t in truth
            ]
    expected = (sure / 60, right / max(sure, 1))
    assert answered(probs, targets, thresh, band) == pytest.approx(expected)
    assert (~unsure(probs, thresh, band)).sum() == sure


def test_without_a_band_nobody_is_asked_even_on_the_line():
    probs, targets = torch.tensor([[0.5, 0.9]]), torch.tensor([[0.0, 1.0]])
    assert not unsure(probs, 0.5, 0).any()
    assert answered(probs, targets, 0.5, 0) == (1, 1)


def test_where_all_are_asked_none_is_right():
    assert answered(torch.tensor([[0.5]]), torch.tensor([[0.0]]), 0.5, 0.1) == (0, 0)


def test_answered_refuses_other_shapes():
    with pytest.raises(ValueError, match="exactly one target"):
        answered(torch.rand(3, 2), torch.zeros(3), 0.5, 0.1)
