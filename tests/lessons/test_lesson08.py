"""Lesson 08: tempting wrong answers, written another way than in the exercise, are named."""

from math import floor

import pytest
import torch
from lessons import hears

from lessonlib.course.exercises.asking import grade


def right_of(count, pictures):
    return (pictures - count) / pictures


def spoilt(wrong, pictures, classes):
    """The fewest and the most pictures that so many wrong cells can spoil, by counting."""
    fewest = next(n for n in range(pictures + 1) if n * classes >= wrong)
    most = max(n for n in range(pictures + 1) if n <= wrong)
    return fewest, most


def bounds(wrong, pictures, classes):
    fewest, most = spoilt(wrong, pictures, classes)
    return right_of(most, pictures), right_of(fewest, pictures)


def total_cost(probs, targets, thresh, band, cost_wrong, cost_ask, enough=any, cells=False):
    """What a band costs, picture by picture."""
    cost = 0
    for row, truth in zip(probs, targets, strict=True):
        near = [abs(float(p - t)) < band for p, t in zip(row, thresh, strict=True)]
        bad = [bool(p > t) != bool(y) for p, t, y in zip(row, thresh, truth, strict=True)]
        if enough(near):
            cost += cost_ask
        elif any(bad):
            cost += cost_wrong * (sum(bad) if cells else 1)
    return cost


def cheapest(probs, targets, thresh, bands, cost_wrong, cost_ask, **how):
    def cost(band):
        return total_cost(probs, targets, thresh, band, cost_wrong, cost_ask, **how)

    return min(bands, key=cost)


def cheapest_with_wrong_ones_paid_always(probs, targets, thresh, bands, cost_wrong, cost_ask):
    """A picture that is asked about pays for its wrong answer as well."""

    def cost(band):
        asked = total_cost(probs, targets, thresh, band, 0, cost_ask)
        return asked + total_cost(probs, targets, thresh, 0, cost_wrong, 0)

    return min(bands, key=cost)


def linked(is_valid, pairs):
    """Which pictures hang together with one of training, found by walking along the pairs."""
    reached = {k for k, valid in enumerate(is_valid) if not valid}
    growing = True
    while growing:
        growing = False
        for a, b in pairs:
            if (a in reached) != (b in reached):
                reached |= {a, b}
                growing = True
    return [k not in reached for k in range(len(is_valid))]


def one_pass(is_valid, pairs):
    result = list(is_valid)
    for a, b in pairs:
        result[a] = result[b] = result[a] and result[b]
    return result


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("parent_label_multi", lambda path: path.parts[-2], "bare word"),
        ("parent_label_multi", lambda path: [*path.parts[-2]], "These are letters"),
        ("parent_label_multi", lambda path: [path.parts[-1]], "name of the file"),
        ("parent_label_multi", lambda path: str(path.parts[-2]).split(" "), "one label, not two"),
        ("say_nothing", (0.28, 0.69), "Swapped"),
        ("say_nothing", (0.67, 0.28), "2/3 holds"),
        ("say_nothing", [0.69, 0.0], "exactly right"),
        ("say_nothing", (0.31, 0.28), "it gets wrong"),
        ("exact_bounds", lambda w, n, c: bounds(w, n, c)[::-1], "Swapped"),
        (
            "exact_bounds",
            lambda w, n, c: (bounds(w, n, c)[0], right_of(floor(w / c), n)),
            "round up",
        ),
        ("exact_bounds", lambda w, n, c: (1 - w / n, bounds(w, n, c)[1]), "at worst all are"),
        (
            "exact_bounds",
            lambda w, n, c: ((n * c - w) / (n * c), bounds(w, n, c)[1]),
            "accuracy of the cells",
        ),
        ("cheapest_band", lambda *a: cheapest(*a, cells=True), "costs cost_wrong once"),
        ("cheapest_band", lambda *a: cheapest(*a, enough=all), "until all are near"),
        ("cheapest_band", lambda p, t, h, b, w, a: cheapest(p, t, h, b, a, w), "swapped"),
        ("cheapest_band", lambda p, t, h, b, w, a: cheapest(p, t, h, b, w, 0), "Asking costs"),
        ("cheapest_band", cheapest_with_wrong_ones_paid_always, "costs nothing more"),
        ("honest_split", one_pass, "One pass is not enough"),
        ("honest_split", lambda v, p: [*v], "Nothing moved"),
        (
            "honest_split",
            lambda v, p: [x and all(k not in pair for pair in p) for k, x in enumerate(v)],
            "they stay",
        ),
        (
            "honest_split",
            lambda v, p: [not x for x in linked([not x for x in v], p)],
            "belong into training",
        ),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"08.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("parent_label_multi", lambda path: [path.parts[-2]]),
        ("say_nothing", [0.69, 0.28]),
        ("exact_bounds", bounds),
        ("cheapest_band", cheapest),
        ("honest_split", linked),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"08.{name}", answer) == f"✓ 08.{name}: right"


def test_saying_nothing_is_worth_what_the_exercise_says():
    one, two, none = (
        torch.eye(3).repeat(50, 1),
        (1 - torch.eye(3)).repeat(20, 1),
        torch.zeros(80, 3),
    )
    targets = torch.cat([one, two, none])
    cells = (targets == 0).float().mean().item()
    whole = (targets.sum(dim=1) == 0).float().mean().item()
    assert grade("08.say_nothing", (round(cells, 2), round(whole, 2))).startswith("✓")
