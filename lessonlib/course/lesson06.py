"""The exercises of lesson 06: what is asked, what people really write, what to tell them."""

import torch

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill
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
    hints=(
        "How often is a sigmoid taken before the comparison with the threshold?",
        "accuracy_multi has an argument sigmoid, which is True if you do not pass it. Either give "
        "it logits, or probabilities and sigmoid=False.",
    ),
    mistakes=(
        (
            lambda logits, targets, thresh: accuracy_multi(logits.sigmoid(), targets, thresh),
            "The sigmoid is still taken twice: once by you, once by accuracy_multi.",
        ),
        (
            lambda logits, targets, thresh: accuracy_multi(logits, targets, thresh, sigmoid=False),
            "Now no sigmoid is taken at all: logits are compared with a probability.",
        ),
        (
            lambda logits, targets, thresh: score_logits(logits, targets, 0.5),
            "It works for 0.5, but the argument thresh is not used.",
        ),
        (
            lambda logits, targets, thresh: 1 - score_logits(logits, targets, thresh),
            "That is the share of wrong decisions.",
        ),
    ),
)

LOWER = Exercise(
    solution=(3, 2),
    working="(3, 2)  # new yeses: .48 and .22 are there; .45, .33 and .25 are not",
    hints=(
        "Only decisions with a probability between 0.2 and 0.5 change: from no to yes.",
        "Of those five, how many are not there (new false alarms), and how many are (no longer "
        "missed)?",
    ),
    mistakes=(
        ((2, 3), "Swapped: what is there and is now said was missed before."),
        ((4, 1), "These are the counts at 0.2. How much did they change since 0.5?"),
        ((1, 3), "These are the counts at 0.5. How much do they change on the way to 0.2?"),
        ((3, 1), "0.22 is above 0.2 as well: it is not missed any more."),
        ((3, 3), "0.08 is below 0.2: it is still missed."),
        ((0, 2), "Everything between 0.2 and 0.5 becomes a yes, also what is not there."),
        ((3, -2), "Say how many misses disappear, as a positive number."),
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
    hints=(
        "The F1 of an epoch needs the counts of the epoch.",
        "Add up tp, fp and fn over the batches first; then take 2 tp / (2 tp + fp + fn) once.",
    ),
    mistakes=(
        (mean_of_f1, "That is still the average of the batches' F1. Add up the counts first."),
        (
            mean_of_f1_by_size,
            "Weights do not help: F1 is no average over items. Add up the counts first.",
        ),
        (jaccard_of_batches, "That is Jaccard. F1 counts tp twice, above and below."),
        (f1_without_a_two, "The denominator needs 2 tp as well, else F1 could be above 1."),
        (f1_of_nothing_fails, "Where nothing is there and nothing is said, F1 is 0: mind 0 / 0."),
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
    hints=(
        "A threshold makes a difference only where it passes a probability: probs.unique().",
        "For each threshold: said = probs > thresh; then count said without there, and there "
        "without said.",
        "At the highest probability nothing is said. What threshold says everything?",
    ),
    mistakes=(
        (with_costs_swapped, "The costs are swapped: a false alarm costs cost_fp."),
        (never_everything, "You never say everything: try a threshold below every probability."),
        (never_nothing, "You never say nothing: try the highest probability as a threshold too."),
        (
            on_a_grid,
            "Between two points of a grid several probabilities may lie. Try each that occurs.",
        ),
        (at_half, "That is the cost at 0.5. Other thresholds may be cheaper."),
        (
            at_the_best_accuracy,
            "That is the cost at the threshold with most right decisions. With unequal costs "
            "another one is cheaper.",
        ),
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
    hints=(
        "Two pairs come in. Which of them may choose, and which may score?",
        "best_threshold looks at valid only, accuracy_multi at test only.",
    ),
    mistakes=(
        (
            report_where_chosen,
            "It is still scored on the pictures that chose the threshold. Score on test.",
        ),
        (report_chosen_on_test, "The threshold was chosen on test: now test flatters it."),
        (report_swapped, "The two are swapped: valid chooses, test scores."),
        (report_chosen_on_both, "test took part in the choice. Only valid may choose."),
        (report_of_both, "Half of that score comes from the pictures that chose. Score on test."),
        (
            report_with_a_sigmoid,
            "accuracy_multi took a sigmoid of the probabilities. Pass sigmoid=False.",
        ),
        (report_at_half, "That is the score at 0.5. Choose the threshold on valid."),
        (
            report_first_of_the_best,
            "Your threshold stands at the edge of the flat top. best_threshold takes its middle.",
        ),
    ),
)


def always_a_sigmoid(inp, targ, thresh=0.5, sigmoid=True):
    return accuracy_multi(inp, targ, thresh)


def test_accuracy(accuracy):
    probs, targets = torch.tensor([[0.9, 0.1]]), torch.tensor([[1.0, 0.0]])
    assert accuracy(probs, targets, sigmoid=False) == 1


KILL_SECOND_SIGMOID = Kill(
    right=accuracy_multi,
    mutant=always_a_sigmoid,
    solution=test_accuracy,
    hints=(
        "For logits the mutant is right. What does one pass for probabilities?",
        "The sigmoid of a probability lies between 0.5 and 0.73, so the mutant says yes to all. "
        "Which targets show that?",
    ),
    blind=(
        (
            lambda inp, targ, thresh=0.5, sigmoid=True: sigmoid,
            "You gave it logits only, which need a sigmoid. With probabilities one passes "
            "sigmoid=False.",
        ),
        (
            lambda inp, targ, thresh=0.5, sigmoid=True: thresh <= 0.5 and targ.all(),
            "In your targets everything is there, and the mutant says yes to everything. Let "
            "something be absent.",
        ),
    ),
    lenient="The two accuracies differ, and your assert accepts both. Count the right one by hand.",
)

EXERCISES = {
    "score_logits": SCORE_LOGITS,
    "lower": LOWER,
    "f1_of_batches": F1_OF_BATCHES,
    "least_cost": LEAST_COST,
    "report": REPORT,
    "kill_second_sigmoid": KILL_SECOND_SIGMOID,
}
