"""The exercises of lesson 06: what is right, what it is tried on, what people really write."""

import torch

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill
from lessonlib.metrics import accuracy_multi
from lessonlib.thresholds import best_threshold, threshold_curve

LOGITS = torch.tensor([[3.0, -3.0]])
YES_NO = torch.tensor([[1.0, 0.0]])
MORE_LOGITS = torch.tensor(
    [[0.3, -3.0, 1.0], [-0.5, 0.2, 2.0], [-2.0, 0.7, -1.0], [4.0, -1.0, 0.6]]
)
MORE_TARGETS = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0]])


def score_logits(logits, targets, thresh):
    return accuracy_multi(logits, targets, thresh)  # it takes the sigmoid itself


SCORE_LOGITS = Exercise(
    solution=score_logits,
    cases=(
        (LOGITS, YES_NO, 0.5),
        (MORE_LOGITS, MORE_TARGETS, 0.5),
        (MORE_LOGITS, MORE_TARGETS, 0.2),
        (MORE_LOGITS, MORE_TARGETS, 0.8),
    ),
    mistakes=(
        (
            "sigmoid_twice",
            lambda logits, targets, thresh: accuracy_multi(logits.sigmoid(), targets, thresh),
        ),
        (
            "sigmoid_missing",
            lambda logits, targets, thresh: accuracy_multi(logits, targets, thresh, sigmoid=False),
        ),
        ("threshold_ignored", lambda logits, targets, thresh: score_logits(logits, targets, 0.5)),
        (
            "share_of_wrong",
            lambda logits, targets, thresh: 1 - score_logits(logits, targets, thresh),
        ),
    ),
)

LOWER = Exercise(
    solution=(3, 2),
    working="(3, 2)  # new yeses: .48 and .22 are there; .45, .33 and .25 are not",
    mistakes=(
        ("swapped", (2, 3)),
        ("counts_at_new_threshold", (4, 1)),
        ("counts_at_old_threshold", (1, 3)),
        ("found_counted_missed", (3, 1)),
        ("missed_counted_found", (3, 3)),
        ("false_alarms_forgotten", (0, 2)),
        ("negative_count", (3, -2)),
    ),
)


def f1_of_batches(batches):
    tp, fp, fn = (sum(counts) for counts in zip(*batches, strict=True))
    return 2 * tp / max(2 * tp + fp + fn, 1)


def mean_of_f1(batches):
    return sum(f1_of_batches([batch]) for batch in batches) / len(batches)


def mean_of_f1_by_size(batches):
    sizes = [sum(batch) for batch in batches]
    weighted = sum(
        f1_of_batches([batch]) * size for batch, size in zip(batches, sizes, strict=True)
    )
    return weighted / max(sum(sizes), 1)


def jaccard_of_batches(batches):
    tp, fp, fn = (sum(counts) for counts in zip(*batches, strict=True))
    return tp / max(tp + fp + fn, 1)


def f1_without_a_two(batches):
    tp, fp, fn = (sum(counts) for counts in zip(*batches, strict=True))
    return 2 * tp / max(tp + fp + fn, 1)


def f1_of_nothing_fails(batches):
    tp, fp, fn = (sum(counts) for counts in zip(*batches, strict=True))
    return 2 * tp / (2 * tp + fp + fn)


F1_OF_BATCHES = Exercise(
    solution=f1_of_batches,
    cases=(
        ([(8, 0, 0), (0, 1, 1)],),
        ([(3, 1, 2)],),
        ([(5, 5, 0), (1, 0, 4), (10, 2, 3)],),
        ([(0, 0, 0), (0, 0, 0)],),
    ),
    mistakes=(
        ("mean_of_f1", mean_of_f1),
        ("weighted_mean_of_f1", mean_of_f1_by_size),
        ("jaccard", jaccard_of_batches),
        ("one_tp_below", f1_without_a_two),
        ("zero_by_zero", f1_of_nothing_fails),
    ),
)


def least_cost(probs, targets, cost_fp, cost_fn):
    there = targets.bool()
    costs = []
    for thresh in [-1.0, *probs.unique().tolist()]:  # -1 says everything, the highest nothing
        said = probs > thresh
        fp, fn = int((said & ~there).sum()), int((~said & there).sum())
        costs.append(fp * cost_fp + fn * cost_fn)
    return min(costs)


def with_costs_swapped(probs, targets, cost_fp, cost_fn):
    return least_cost(probs, targets, cost_fn, cost_fp)


def cost_at(probs, targets, thresh, cost_fp, cost_fn):
    said, there = probs > thresh, targets.bool()
    return int((said & ~there).sum()) * cost_fp + int((~said & there).sum()) * cost_fn


def never_everything(probs, targets, cost_fp, cost_fn):
    return min(cost_at(probs, targets, t, cost_fp, cost_fn) for t in probs.unique().tolist())


def never_nothing(probs, targets, cost_fp, cost_fn):
    lines = [-1.0, *probs.unique().tolist()[:-1]]
    return min(cost_at(probs, targets, t, cost_fp, cost_fn) for t in lines)


def on_a_grid(probs, targets, cost_fp, cost_fn):
    grid = torch.linspace(0, 1, 101).tolist()
    return min(cost_at(probs, targets, t, cost_fp, cost_fn) for t in grid)


def at_half(probs, targets, cost_fp, cost_fn):
    return cost_at(probs, targets, 0.5, cost_fp, cost_fn)


def at_the_best_accuracy(probs, targets, cost_fp, cost_fn):
    best = best_threshold(threshold_curve(probs, targets))
    return cost_at(probs, targets, best, cost_fp, cost_fn)


FOUR = (torch.tensor([0.9, 0.7, 0.6, 0.3]), torch.tensor([1.0, 0.0, 0.0, 1.0]))
SEVEN = (
    torch.tensor([0.95, 0.8, 0.7, 0.7, 0.4, 0.3, 0.1]),
    torch.tensor([0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
)
NEVER = (torch.tensor([0.9, 0.2]), torch.tensor([0.0, 0.0]))
ZERO = (torch.tensor([0.0, 0.6]), torch.tensor([1.0, 0.0]))  # so sure of no, and wrong
CLOSE = (torch.tensor([0.5011, 0.5012, 0.5013]), torch.tensor([0.0, 0.0, 1.0]))
LEAST_COST = Exercise(
    solution=least_cost,
    cases=(
        (*FOUR, 1, 1),
        (*FOUR, 1, 5),
        (*FOUR, 5, 1),
        (*SEVEN, 2, 3),
        (*SEVEN, 9, 1),
        (*NEVER, 1, 1),
        (*CLOSE, 2, 3),
        (*ZERO, 1, 5),
    ),
    mistakes=(
        ("costs_swapped", with_costs_swapped),
        ("never_everything", never_everything),
        ("never_nothing", never_nothing),
        ("grid", on_a_grid),
        ("half", at_half),
        ("most_right", at_the_best_accuracy),
    ),
)


def report(valid, test):
    thresh = best_threshold(threshold_curve(*valid))
    return accuracy_multi(*test, thresh, sigmoid=False).item()


def report_at(thresh, test):
    return accuracy_multi(*test, thresh, sigmoid=False).item()


def report_where_chosen(valid, test):
    return report(valid, valid)


def report_chosen_on_test(valid, test):
    return report(test, test)


def report_chosen_on_both(valid, test):
    both = tuple(torch.cat([a, b]) for a, b in zip(valid, test, strict=True))
    return report(both, test)


def report_of_both(valid, test):
    both = tuple(torch.cat([a, b]) for a, b in zip(valid, test, strict=True))
    return report(valid, both)


def report_at_half(valid, test):
    return report_at(0.5, test)


def report_with_a_sigmoid(valid, test):
    thresh = best_threshold(threshold_curve(*valid))
    return accuracy_multi(*test, thresh).item()


def report_first_of_the_best(valid, test):
    curve = threshold_curve(*valid)
    return report_at(curve.thresholds[curve.accuracy.argmax()].item(), test)


def report_swapped(valid, test):
    return report(test, valid)


SOME_VALID = (torch.tensor([0.9, 0.8, 0.3, 0.1]), torch.tensor([1.0, 1.0, 0.0, 0.0]))
SOME_TEST = (torch.tensor([0.9, 0.7, 0.4, 0.2]), torch.tensor([1.0, 0.0, 1.0, 0.0]))
MORE_VALID = (
    torch.tensor([0.95, 0.9, 0.6, 0.55, 0.3, 0.2, 0.15, 0.05]),
    torch.tensor([1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
)
MORE_TEST = (
    torch.tensor([0.9, 0.7, 0.45, 0.4, 0.35, 0.28, 0.22, 0.1]),
    torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
)
HIGH_VALID = (torch.tensor([0.95, 0.9, 0.85, 0.7, 0.2]), torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0]))
HIGH_TEST = (torch.tensor([0.9, 0.8, 0.6, 0.3]), torch.tensor([1.0, 0.0, 0.0, 0.0]))
REPORT = Exercise(
    solution=report,
    cases=(
        (SOME_VALID, SOME_TEST),
        (MORE_VALID, MORE_TEST),
        (MORE_TEST, MORE_VALID),
        (HIGH_VALID, HIGH_TEST),
    ),
    mistakes=(
        ("scored_where_chosen", report_where_chosen),
        ("chosen_on_test", report_chosen_on_test),
        ("parts_swapped", report_swapped),
        ("chosen_on_both", report_chosen_on_both),
        ("scored_on_both", report_of_both),
        ("sigmoid_twice", report_with_a_sigmoid),
        ("threshold_half", report_at_half),
        ("edge_of_flat_top", report_first_of_the_best),
    ),
)


def always_a_sigmoid(preds, targets, thresh=0.5, sigmoid=True):
    return accuracy_multi(preds, targets, thresh)


def test_accuracy(accuracy):
    probs, targets = torch.tensor([[0.9, 0.1]]), torch.tensor([[1.0, 0.0]])
    assert accuracy(probs, targets, sigmoid=False) == 1


KILL_SECOND_SIGMOID = Kill(
    right=accuracy_multi,
    mutant=always_a_sigmoid,
    solution=test_accuracy,
    blind=(
        ("logits_only", lambda preds, targets, thresh=0.5, sigmoid=True: sigmoid),
        (
            "everything_is_there",
            lambda preds, targets, thresh=0.5, sigmoid=True: thresh <= 0.5 and targets.all(),
        ),
    ),
)
