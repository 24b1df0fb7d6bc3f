"""The exercises of lesson 08: what is asked, what people really write, what to tell them."""

from pathlib import Path

import torch

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill
from lessonlib.getters import parent_labels
from lessonlib.thresholds import unsure


def parent_label_multi(path):
    return [path.parent.name]


PARENT_LABEL_MULTI = Exercise(
    solution=parent_label_multi,
    cases=(
        (Path("bears/teddy/00000001.jpg"),),
        (Path("bears/grizzly/00000002.jpg"),),
        (Path("my bears/polar bear/summer 3.png"),),
    ),
    hints=(
        "MultiCategoryBlock goes through what it gets, item by item. What are the items of a word?",
        "Give it a list that holds one label: the name of the folder.",
    ),
    mistakes=(
        (lambda path: path.parent.name, "That is a bare word: its letters become the classes."),
        (lambda path: list(path.parent.name), "These are letters. The list holds one whole word."),
        (lambda path: [path.name], "That is the name of the file. The label is its folder's."),
        (lambda path: [path.stem], "That is the name of the file. The label is its folder's."),
        (lambda path: [path.parent], "That is a path. The label is the folder's name, a text."),
        (
            lambda path: path.parent.name.split(),
            "A folder may be called 'polar bear': one label, not two.",
        ),
        (
            lambda path: list(path.parts[:-1]),
            "These are all folders above the file. The label is the nearest one.",
        ),
    ),
)

SAY_NOTHING = Exercise(
    solution=(600 / 870, 80 / 290),
    working="(600 / 870, 80 / 290)  # 150 + 2 · 60 of 870 cells are a yes; 80 pictures have none",
    rtol=0.02,
    hints=(
        "How many cells do 290 pictures and three labels have, and in how many is a bear there?",
        "150 pictures have one yes, 60 have two, 80 have none. Saying nothing is right in every "
        "other cell. And which pictures does it get right as a whole?",
    ),
    mistakes=(
        ((80 / 290, 600 / 870), "Swapped: first the share of cells, then the share of pictures."),
        ((2 / 3, 80 / 290), "2/3 holds when each picture has one bear. Some have two, some none."),
        ((600 / 870, 0), "Where no bear is, saying nothing is exactly right."),
        ((2 / 3, 0), "That is the answer for pictures with one bear each. Some have two or none."),
        ((270 / 870, 80 / 290), "270 cells are a yes: those are the ones that it gets wrong."),
        ((660 / 870, 80 / 290), "A pair has two bears: 60 pairs are 120 cells."),
        ((600 / 870, 210 / 290), "That is the share of pictures that it gets wrong."),
    ),
)


def exact_bounds(wrong_cells, pictures, classes):
    import math  # shown as it is to a learner whose notebook has not imported it

    most = min(wrong_cells, pictures)
    fewest = math.ceil(wrong_cells / classes)
    return 1 - most / pictures, 1 - fewest / pictures


def bounds_rounded_down(wrong_cells, pictures, classes):
    lowest, _ = exact_bounds(wrong_cells, pictures, classes)
    return lowest, 1 - wrong_cells // classes / pictures


def bounds_not_rounded(wrong_cells, pictures, classes):
    lowest, _ = exact_bounds(wrong_cells, pictures, classes)
    return lowest, 1 - wrong_cells / classes / pictures


def bounds_below_zero(wrong_cells, pictures, classes):
    _, highest = exact_bounds(wrong_cells, pictures, classes)
    return 1 - wrong_cells / pictures, highest


def bounds_as_accuracy(wrong_cells, pictures, classes):
    _, highest = exact_bounds(wrong_cells, pictures, classes)
    return 1 - wrong_cells / (pictures * classes), highest


EXACT_BOUNDS = Exercise(
    solution=exact_bounds,
    cases=((3, 10, 2), (14, 202, 4), (12, 10, 3), (0, 5, 3), (8, 10, 4)),
    hints=(
        "When are most pictures spoilt by the wrong cells: if each is in a picture of its own, or "
        "if they share pictures?",
        "At worst each wrong cell spoils another picture, but there are only so many pictures. At "
        "best a spoilt picture has all its cells wrong; math.ceil rounds up.",
    ),
    mistakes=(
        (
            lambda *numbers: exact_bounds(*numbers)[::-1],
            "Swapped: the lowest comes first. It is reached when no two wrong cells share a "
            "picture.",
        ),
        (bounds_rounded_down, "3 wrong cells do not fit into 1 picture of 2 cells: round up."),
        (bounds_not_rounded, "A picture is spoilt as a whole: round up to whole pictures."),
        (bounds_below_zero, "More wrong cells than pictures: at worst all are spoilt, not more."),
        (
            bounds_as_accuracy,
            "The first number is the accuracy of the cells. Of how many pictures is one cell "
            "wrong, if each wrong cell lies in a picture of its own?",
        ),
        (
            lambda wrong, pictures, classes: tuple(
                1 - share for share in exact_bounds(wrong, pictures, classes)
            ),
            "These are the shares of spoilt pictures. Exact match is the share of the others.",
        ),
    ),
)


def cheapest_band(probs, targets, thresh, bands, cost_wrong, cost_ask):
    right = ((probs > thresh) == targets.bool()).all(dim=1)
    costs = []
    for band in bands:
        asked = unsure(probs, thresh, band)
        wrong = ~right & ~asked
        costs.append(int(wrong.sum()) * cost_wrong + int(asked.sum()) * cost_ask)
    return bands[costs.index(min(costs))]


def least(bands, costs):
    return bands[costs.index(min(costs))]


def band_by_cells(probs, targets, thresh, bands, cost_wrong, cost_ask):
    near = [(probs - thresh).abs() < band for band in bands]
    wrong = (probs > thresh) != targets.bool()
    return least(
        bands,
        [int((wrong & ~n).sum()) * cost_wrong + int(n.sum()) * cost_ask for n in near],
    )


def band_of_wrong_cells(probs, targets, thresh, bands, cost_wrong, cost_ask):
    wrong = ((probs > thresh) != targets.bool()).sum(dim=1)
    asked = [unsure(probs, thresh, band) for band in bands]
    return least(
        bands, [int(wrong[~a].sum()) * cost_wrong + int(a.sum()) * cost_ask for a in asked]
    )


def band_pays_twice(probs, targets, thresh, bands, cost_wrong, cost_ask):
    asked = [int(unsure(probs, thresh, band).sum()) for band in bands]
    return least(bands, [a * cost_ask for a in asked])  # the wrong ones add the same everywhere


def band_if_all_are_near(probs, targets, thresh, bands, cost_wrong, cost_ask):
    right = ((probs > thresh) == targets.bool()).all(dim=1)
    asked = [((probs - thresh).abs() < band).all(dim=1) for band in bands]
    return least(
        bands,
        [int((~right & ~a).sum()) * cost_wrong + int(a.sum()) * cost_ask for a in asked],
    )


THREE_BANDS = [0.0, 0.15, 0.3]
HALVES = torch.tensor([0.5, 0.5])
FOUR_PICTURES = (
    torch.tensor([[0.9, 0.1], [0.6, 0.1], [0.7, 0.95], [0.05, 0.55]]),
    torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]),
)
SIX_PICTURES = (
    torch.tensor(
        [[0.73, 0.06], [0.55, 0.24], [0.51, 0.34], [0.23, 0.38], [0.04, 0.28], [0.27, 0.98]]
    ),
    torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]),
)
SIX_MORE = (
    torch.tensor(
        [[0.14, 0.91], [0.05, 0.95], [0.27, 0.59], [0.77, 0.99], [0.69, 0.2], [0.33, 0.65]]
    ),
    torch.tensor([[0.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]),
)
SIX_OTHERS = (
    torch.tensor(
        [[0.58, 0.19], [0.97, 0.45], [0.71, 0.95], [0.72, 0.33], [0.92, 0.63], [0.32, 0.92]]
    ),
    torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
)
CHEAPEST_BAND = Exercise(
    solution=cheapest_band,
    cases=(
        (*FOUR_PICTURES, HALVES, THREE_BANDS, 3, 1),
        (*FOUR_PICTURES, HALVES, THREE_BANDS, 1, 3),
        (*SIX_PICTURES, HALVES, THREE_BANDS, 5, 2),
        (*SIX_OTHERS, HALVES, THREE_BANDS, 5, 2),
        (*SIX_MORE, torch.tensor([0.4, 0.7]), THREE_BANDS, 3, 1),
        (torch.tensor([[0.5, 0.1]]), torch.zeros(1, 2), HALVES, THREE_BANDS, 3, 1),
    ),
    hints=(
        "For each band three kinds of picture: asked, answered rightly, answered wrongly. Two of "
        "them cost something.",
        "unsure(probs, thresh, band) says which pictures are asked. A picture is wrong if any of "
        "its cells is, and costs cost_wrong only if it is not asked.",
        "costs = [… for band in bands]; then bands[costs.index(min(costs))].",
    ),
    mistakes=(
        (band_by_cells, "You ask about cells. A person is asked about whole pictures: any cell."),
        (
            band_of_wrong_cells,
            "A picture with two wrong cells is one wrong answer: it costs cost_wrong once.",
        ),
        (
            band_pays_twice,
            "A wrong picture costs nothing more once a person is asked: count the answered ones.",
        ),
        (
            band_if_all_are_near,
            "One cell near its line is enough to ask. You wait until all are near.",
        ),
        (
            lambda probs, targets, thresh, bands, wrong, ask: cheapest_band(
                probs, targets, thresh, bands, ask, wrong
            ),
            "The two costs are swapped.",
        ),
        (
            lambda probs, targets, thresh, bands, wrong, ask: cheapest_band(
                probs, targets, thresh, bands, wrong, 0
            ),
            "Asking costs something too: cost_ask for every picture that is asked.",
        ),
        (
            lambda probs, targets, thresh, bands, wrong, ask: bands.index(
                cheapest_band(probs, targets, thresh, bands, wrong, ask)
            ),
            "That is the position of the band. Give the band itself.",
        ),
    ),
)


def honest_split(is_valid, pairs):
    is_valid = list(is_valid)
    for _ in is_valid:  # a chain of doubles needs more than one pass
        for one, other in pairs:
            if is_valid[one] != is_valid[other]:
                is_valid[one] = is_valid[other] = False
    return is_valid


def split_in_one_pass(is_valid, pairs):
    is_valid = list(is_valid)
    for one, other in pairs:
        if is_valid[one] != is_valid[other]:
            is_valid[one] = is_valid[other] = False
    return is_valid


def split_one_way(is_valid, pairs):
    is_valid = list(is_valid)
    for _ in is_valid:
        for one, other in pairs:
            if is_valid[other] and not is_valid[one]:
                is_valid[other] = False
    return is_valid


def split_the_other_way(is_valid, pairs):
    return split_one_way(is_valid, [pair[::-1] for pair in pairs])


def split_as_it_was_looked_up(is_valid, pairs):
    moved = [pair for pair in pairs if is_valid[pair[0]] != is_valid[pair[1]]]
    doubles = {position for pair in moved for position in pair}
    return [valid and k not in doubles for k, valid in enumerate(is_valid)]


def split_without_doubles(is_valid, pairs):
    doubles = {position for pair in pairs for position in pair}
    return [valid and k not in doubles for k, valid in enumerate(is_valid)]


def split_into_validation(is_valid, pairs):
    return [not b for b in honest_split([not a for a in is_valid], pairs)]


HONEST_SPLIT = Exercise(
    solution=honest_split,
    cases=(
        ([False, True, True, False], [(0, 1)]),
        ([True, False, True, True], [(0, 1), (2, 3)]),
        ([False, True, True, True], [(1, 2), (0, 1)]),
        ([True, True, True, False, True], [(0, 1), (1, 2), (2, 3)]),
        ([False, True, True], [(0, 1), (1, 2)]),
        ([True, False], []),
    ),
    hints=(
        "A pair is a leak when is_valid says True for one of the two and False for the other.",
        "Then both go to training. But that may make a new leak, with a third picture that looks "
        "like the one that moved.",
        "Repeat the pass over the pairs until nothing moves; as often as there are pictures is "
        "always enough.",
    ),
    mistakes=(
        (
            split_in_one_pass,
            "One pass is not enough: a picture that moved may have another double in validation.",
        ),
        (
            split_as_it_was_looked_up,
            "You looked at the old split only: a picture that moved may have another double in "
            "validation.",
        ),
        (split_one_way, "In a pair either one may be for validation, not only the second."),
        (split_the_other_way, "In a pair either one may be for validation, not only the first."),
        (
            split_without_doubles,
            "Two doubles that are both for validation leak nothing from training: they stay.",
        ),
        (split_into_validation, "You moved them into validation. They belong into training."),
        (lambda is_valid, pairs: list(is_valid), "Nothing moved: the leaks are still there."),
    ),
)


def bare_word(path):
    return Path(path).parent.name


def test_labels(labels_of):
    assert labels_of(Path("bears/teddy/1.jpg")) == ["teddy"]


KILL_BARE_WORD = Kill(
    right=parent_labels,
    mutant=bare_word,
    solution=test_labels,
    hints=(
        "What can be asked of a list and of a word alike? All that does not tell them apart.",
        '"teddy" in "teddy" is True. Compare with the list that must come out: ==.',
    ),
    blind=(
        (
            lambda path: len(Path(path).parent.name) == 1,
            "Your folder's name is one letter, and a word of one letter has one item as well. "
            "Take a longer name.",
        ),
    ),
    lenient="A bare word passes as well: it has a length and items (letters), and in finds any "
    "part of it. Compare with the whole list.",
)

EXERCISES = {
    "parent_label_multi": PARENT_LABEL_MULTI,
    "say_nothing": SAY_NOTHING,
    "exact_bounds": EXACT_BOUNDS,
    "cheapest_band": CHEAPEST_BAND,
    "honest_split": HONEST_SPLIT,
    "kill_bare_word": KILL_BARE_WORD,
}
