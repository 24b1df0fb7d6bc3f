"""The threshold cockpits: move a slider, read the page; the numbers come from naive loops."""

import re
import xml.dom.minidom

import pytest
import torch
from PIL import Image
from sklearn import metrics as sk

from lessonlib.explorers.class_cockpit import ClassPredictions, ClassThresholdExplorer, draw_classes
from lessonlib.explorers.cockpit import (
    Predictions,
    ThresholdExplorer,
    changed_cells,
    cheapest,
    draw_cockpit,
    metrics_at,
    nearest_pictures,
)
from lessonlib.metrics import accuracy_multi
from lessonlib.show import charts
from lessonlib.show.looks import LOOKS
from lessonlib.thresholds import bootstrap_band

VOCAB = ["cat", "dog", "<b>owl"]


def some_predictions(pictures=40, classes=3, seed=0):
    random = torch.Generator().manual_seed(seed)
    targets = (torch.rand(pictures, classes, generator=random) < 0.25).float()
    logits = 3 * targets - 2 + 1.5 * torch.randn(pictures, classes, generator=random)
    return logits.sigmoid(), targets


def pictures(count=40):
    return [Image.new("RGB", (60, 40), (4 * i, 90, 120)) for i in range(count)]


@pytest.fixture
def explorer():
    return ThresholdExplorer(*some_predictions(), VOCAB, pictures())


def cell(page, name):
    """The text of the table cell of a class."""
    return re.sub("<.*?>", "", re.search(rf'class="tc-{name}">(.*?)</td>', page)[1])


def number(page, name):
    return float(cell(page, name).replace(",", ""))


# --- one threshold


@pytest.mark.parametrize("threshold", [0.0, 0.13, 0.5, 0.8, 1.0])
def test_the_page_says_what_scikit_learn_says(explorer, threshold):
    explorer.controls["threshold"].value = threshold
    probs, targets = some_predictions()
    said, there = (probs > threshold).flatten(), targets.flatten()
    page = explorer.page.value
    nothing = 1 - there.mean().item()
    accuracy = sk.accuracy_score(there, said)
    assert number(page, "accuracy") == pytest.approx(accuracy, abs=1e-4)
    skill = 100 * (accuracy - nothing) / (1 - nothing)
    assert float(cell(page, "skill").rstrip("%")) == pytest.approx(skill, abs=0.51)
    for name, function in (
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    ):
        expected = function(there, said, zero_division=0)
        assert number(page, name) == pytest.approx(expected, abs=1e-3), name
    exact = sk.accuracy_score(targets, probs > threshold)
    assert number(page, "exact") == pytest.approx(exact, abs=1e-3)
    (_, fp), (fn, _) = sk.confusion_matrix(there, said)
    assert (number(page, "fp"), number(page, "fn")) == (fp, fn)


def test_it_starts_where_the_lesson_says(explorer):
    starts = {name: control.value for name, control in explorer.controls.items()}
    assert starts == {"threshold": 0.2, "cost_fp": 1, "cost_fn": 1}
    assert explorer.controls["threshold"].step == 0.01


def test_each_slider_changes_what_it_is_about(explorer):
    controls, page = explorer.controls, explorer.page
    before = page.value
    controls["threshold"].value = 0.6
    for name in ("accuracy", "skill", "precision", "recall", "f1", "fp", "fn", "cost"):
        assert cell(before, name) != cell(page.value, name), name
    fp, fn = number(page.value, "fp"), number(page.value, "fn")
    assert number(page.value, "cost") == fp + fn
    controls["cost_fp"].value = 3
    assert number(page.value, "cost") == 3 * fp + fn
    controls["cost_fn"].value = 10
    assert number(page.value, "cost") == 3 * fp + 10 * fn
    for name, each, cost in (("fp", 3, 3 * fp), ("fn", 10, 10 * fn)):
        row = re.search(rf'class="tc-{name}">.*?</tr>', page.value)[0]
        assert f"<td>{each}</td><td>{cost:g}</td>" in row


@pytest.mark.parametrize("cost_fp, cost_fn", [(1, 1), (1, 7), (9, 2), (0, 5), (5, 0)])
def test_no_threshold_costs_less_than_the_cheapest(cost_fp, cost_fn):
    probs, targets = some_predictions()

    def cost(threshold):
        said, there = probs > threshold, targets.bool()
        return cost_fp * (said & ~there).sum() + cost_fn * (~said & there).sum()

    predictions = Predictions(probs, targets, VOCAB)
    found = cheapest(predictions.curve, targets, cost_fp, cost_fn)
    everywhere = [cost(threshold) for threshold in [-1.0, *probs.flatten().tolist()]]
    assert cost(found) == min(everywhere)
    page = draw_cockpit(Predictions(probs, targets, VOCAB, pictures()), 0.3, cost_fp, cost_fn)
    assert number(page, "cheapest") == min(everywhere)


def test_where_both_errors_cost_the_same_the_cheapest_is_the_most_accurate():
    predictions = Predictions(*some_predictions(), VOCAB)
    assert cheapest(predictions.curve, predictions.targets, 1, 1) == predictions.best


def test_the_band_is_drawn_where_the_bootstrap_puts_it(explorer):
    low, high = bootstrap_band(*some_predictions())
    x, width = re.search(rf'<rect x="([\d.]+)"[^>]* width="([\d.]+)"[^>]*fill="{charts.BAND}"',
                         explorer.page.value).groups()  # fmt: skip
    assert float(x) == pytest.approx(charts.x(low), abs=0.1)
    assert float(width) == pytest.approx(charts.x(high) - charts.x(low), abs=0.1)


def test_a_curve_is_drawn_exactly_at_every_pixel():
    probs, targets = some_predictions()
    panel = charts.Panel(0, 100, 0, 1)
    path = charts.curve_lines(panel, Predictions(probs, targets, VOCAB).curve, ["accuracy"])
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
    assert len(points) == charts.WIDTH + 1
    for x, y in points[::20]:
        threshold = (float(x) - charts.LEFT) / charts.WIDTH
        expected = accuracy_multi(probs, targets, threshold, sigmoid=False)
        assert 1 - float(y) / 100 == pytest.approx(expected.item(), abs=1e-3)


def test_the_pen_is_lifted_where_a_curve_leaves_its_panel():
    path = charts.line(charts.Panel(0, 10, 0, 1), [0.5, 2.0, 0.5, 0.5], "f1")
    assert "".join(re.findall("[ML]", path)) == "MML"


@pytest.mark.parametrize("threshold", [0.01, 0.3, 0.9])
def test_metrics_between_two_thresholds_are_those_of_the_lower(threshold):
    probs, targets = some_predictions()
    here = metrics_at(Predictions(probs, targets, VOCAB).curve, threshold)
    expected = accuracy_multi(probs, targets, threshold, sigmoid=False)
    assert here["accuracy"] == pytest.approx(expected.item())


def test_no_skill_is_not_written_with_a_minus(explorer):
    explorer.controls["threshold"].value = 1.0  # says nothing at all
    assert cell(explorer.page.value, "skill") == "0%"


# --- the pictures


def test_the_changed_pictures_are_counted_against_one_half(explorer):
    probs, targets = some_predictions()
    explorer.controls["threshold"].value = 0.15
    added = [
        (row, column)
        for row in range(40)
        for column in range(3)
        if 0.15 < probs[row, column] <= 0.5
    ]
    right = sum(bool(targets[row, column]) for row, column in added)
    page = explorer.page.value
    assert f"{len(added)} labels are added" in page
    assert f"on {len({row for row, _ in added})} pictures" in page
    assert f"✓ {right} rightly, ✗ {len(added) - right} wrongly" in page


def test_the_pictures_change_as_the_threshold_moves(explorer):
    def shown():
        return re.findall(r'alt="Picture (\d+)', explorer.page.value)

    explorer.controls["threshold"].value = 0.1
    low = shown()
    assert len(low) == 6 == len(set(low)) and "✗ +" in explorer.page.value
    explorer.controls["threshold"].value = 0.95
    assert shown() != low and "✗ −" in explorer.page.value
    explorer.controls["threshold"].value = 0.5
    assert shown() == [] and "has the labels that it has" in explorer.page.value


def test_the_latest_to_change_come_first():
    probs = torch.tensor([[0.30, 0.9], [0.45, 0.21], [0.10, 0.2], [0.25, 0.1]])
    assert nearest_pictures(probs, changed_cells(probs, 0.2), 0.2) == [1, 3, 0]


def test_labels_are_marked_right_or_wrong_both_ways():
    probs = torch.tensor([[0.3, 0.4], [0.6, 0.7]])
    targets = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    predictions = Predictions(probs, targets, ["cat", "dog"], pictures(2))
    page = draw_cockpit(predictions, 0.1, 1, 1)
    assert "✓ +cat 0.30" in page and "✗ +dog 0.40" in page
    page = draw_cockpit(predictions, 0.9, 1, 1)
    assert "✗ −cat 0.60" in page and "✓ −dog 0.70" in page
    assert "shows: cat" in page


def test_a_picture_of_nothing_says_so_and_many_labels_are_shortened():
    probs, targets = torch.full((1, 6), 0.3), torch.zeros(1, 6)
    page = draw_cockpit(Predictions(probs, targets, "abcdef", pictures(1)), 0.1, 1, 1)
    assert "shows: none of the classes" in page
    assert page.count("✗ +") == 4 and "and 2 more" in page


def test_pictures_may_be_paths(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (300, 200), "red").save(path)
    probs, targets = torch.tensor([[0.3]]), torch.tensor([[1.0]])
    page = draw_cockpit(Predictions(probs, targets, ["cat"], [path]), 0.1, 1, 1)
    assert 'src="data:image/jpeg;base64,' in page


def test_a_drawn_picture_stays_as_it_was():
    image = Image.new("RGB", (300, 200), "red")
    Predictions(torch.tensor([[0.3]]), torch.tensor([[1.0]]), ["cat"], [image]).thumbnail(0)
    assert image.size == (300, 200)


def test_names_are_escaped_wherever_they_stand(explorer):
    explorer.controls["threshold"].value = 0.0
    by_class = ClassThresholdExplorer(*some_predictions(), VOCAB)
    by_class.controls["chosen"].value = 2
    for page in (explorer.page.value, by_class.page.value):
        assert "&lt;b&gt;owl" in page and "<b>owl" not in page


# --- a threshold for each class


@pytest.fixture
def by_class():
    return ClassThresholdExplorer(*some_predictions(), VOCAB)


def row_of(page, place):
    """The numbers in a class's line: threshold, precision, recall, false, missed."""
    table = page[page.index('class="tc-rows"') :]
    line = re.findall("<tr.*?</tr>", table)[place + 1]
    return [float(value) for value in re.findall(r"<td>([\d.]+)</td>", line)]


def whole(page):
    """The overall table's first column, as texts."""
    table = page[page.index('class="tc-overall"') : page.index('class="tc-side"')]
    return re.findall(r"</th><td>([^<]+)</td>", table)[1:]


@pytest.mark.parametrize("chosen", [0, 2])
@pytest.mark.parametrize("threshold", [0.1, 0.7])
def test_the_line_of_a_class_is_what_scikit_learn_says(by_class, chosen, threshold):
    by_class.controls["chosen"].value = chosen
    by_class.controls["threshold"].value = threshold
    probs, targets = some_predictions()
    there, said = targets[:, chosen], probs[:, chosen] > threshold
    (tn, fp), (fn, tp) = sk.confusion_matrix(there, said)
    precision = sk.precision_score(there, said, zero_division=0)
    expected = [threshold, precision, sk.recall_score(there, said), fp, fn]
    page = by_class.page.value
    assert row_of(page, chosen) == pytest.approx(expected, abs=0.006)
    table = page[page.index('class="tc-2x2"') :]
    for text in (f"✓ {tp}<", f"✗ {fn} missed", f"✗ {fp} false", f"✓ {tn}<"):
        assert text in table


def test_moving_one_class_leaves_the_others_alone(by_class):
    before = [row_of(by_class.page.value, place) for place in range(3)]
    overall = whole(by_class.page.value)
    by_class.controls["chosen"].value = 1
    by_class.controls["threshold"].value = 0.05
    after = [row_of(by_class.page.value, place) for place in range(3)]
    assert (after[0], after[2]) == (before[0], before[2]) and after[1] != before[1]
    assert whole(by_class.page.value) != overall


def test_the_slider_follows_the_class_and_remembers_its_threshold(by_class):
    chosen, threshold = by_class.controls["chosen"], by_class.controls["threshold"]
    threshold.value = 0.9
    chosen.value = 1
    assert threshold.value == 0.5
    threshold.value = 0.2
    chosen.value = 0
    assert threshold.value == pytest.approx(0.9)


def test_a_button_sets_every_class_and_can_be_pressed_again(by_class):
    preset, threshold = by_class.controls["preset"], by_class.controls["threshold"]
    preset.value = "the best one"
    best = by_class.predictions.best
    assert by_class.thresholds.tolist() == pytest.approx([best] * 3)
    assert threshold.value == pytest.approx(best)
    threshold.value = 0.99
    assert preset.value is None
    preset.value = "the best one"
    assert by_class.thresholds.tolist() == pytest.approx([best] * 3)


def test_each_class_at_its_own_best_beats_one_threshold_here(by_class):
    one = float(whole(by_class.page.value)[0])
    by_class.controls["preset"].value = "each its own best"
    own = float(whole(by_class.page.value)[0])
    probs, targets = some_predictions()
    expected = accuracy_multi(probs, targets, by_class.thresholds, sigmoid=False)
    assert own == pytest.approx(expected.item(), abs=1e-4) and own > one


def test_every_move_draws_the_page_once(by_class, monkeypatch):
    drawn = []
    monkeypatch.setattr(by_class, "draw", lambda **values: drawn.append(values) or str(len(drawn)))
    moves = (("threshold", 0.41), ("chosen", 1), ("preset", "the best one"), ("threshold", 0.3))
    for name, value in moves:
        by_class.controls[name].value = value
    assert len(drawn) == len(moves)


def test_presets_are_not_changed_by_the_slider(by_class):
    by_class.controls["preset"].value = "each its own best"
    expected = by_class.thresholds.clone()
    by_class.controls["threshold"].value = 0.01
    by_class.controls["preset"].value = "each its own best"
    assert torch.equal(by_class.thresholds, expected)


# --- for everybody


def test_every_chart_is_sound_and_has_a_text_instead(explorer, by_class):
    for page in (explorer.page.value, by_class.page.value):
        charts = re.findall(r"<svg viewBox.*?</svg>", page, re.DOTALL)
        for chart in charts:
            root = xml.dom.minidom.parseString(chart).documentElement
            assert root.getAttribute("role") == "img" and root.getAttribute("aria-label")
        assert len(charts) == 1


def test_no_two_curves_share_a_dash_pattern_or_a_colour():
    colours, dashes = zip(*(LOOKS[name] for name in charts.NAMES.values()), strict=True)
    assert len(set(colours)) == len(set(dashes)) == len(charts.NAMES)


def test_the_cheapest_mark_covers_no_number_of_the_axis():
    mark, axis = charts.cheap_mark(0.2, 100), charts.threshold_axis(100)
    lowest = 101 + float(re.search(r"l-6 (\d+)", mark)[1])
    assert all(float(y) - 12 > lowest for y in re.findall(r'<text [^>]*y="(\d+)"', axis))


def test_what_lies_on_the_page_itself_can_be_seen_in_the_dark(explorer):
    on_page = re.sub(r"<svg viewBox.*?</svg>", "", explorer.page.value, flags=re.DOTALL)
    assert 'stroke="#' in on_page and "#000000" not in on_page


def test_every_control_has_a_label(explorer, by_class):
    for each in (explorer, by_class):
        assert all(control.description in repr(each) for control in each.controls.values())
        assert all(control.description for control in each.controls.values())


@pytest.mark.parametrize("targets", [torch.zeros(4, 2), torch.ones(4, 2)], ids=["none", "all"])
def test_targets_that_are_all_alike_can_be_drawn(targets):
    probs = torch.rand(4, 2, generator=torch.Generator().manual_seed(0))
    page = draw_cockpit(Predictions(probs, targets, "ab", pictures(4)), 0.2, 1, 1)
    assert "nan" not in page.lower() and "inf" not in page.lower()
    page = draw_classes(ClassPredictions(probs, targets, "ab"), torch.full((2,), 0.5), 0)
    assert "nan" not in page.lower()


@pytest.mark.parametrize(
    "vocab, images, words",
    [
        (["cat"], 40, "vocab has 1 entries.*3 classes"),
        (VOCAB, 39, "images has 39 entries.*40 pictures"),
    ],
)
def test_lists_of_another_length_are_refused_by_name(vocab, images, words):
    with pytest.raises(ValueError, match=words):
        ThresholdExplorer(*some_predictions(), vocab, pictures(images))


def test_logits_are_refused_before_anything_is_drawn():
    probs, targets = some_predictions()
    for make in (
        lambda: ThresholdExplorer(probs.logit(), targets, VOCAB, pictures()),
        lambda: ClassThresholdExplorer(probs.logit(), targets, VOCAB),
    ):
        with pytest.raises(ValueError, match="look like logits"):
            make()
