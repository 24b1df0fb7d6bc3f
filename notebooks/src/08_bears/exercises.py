"""The exercises of lesson 08: what is right, what it is tried on, what people really write."""

from pathlib import Path

import torch

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill
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
    mistakes=(
        ("word_for_list", lambda path: path.parent.name),
        ("letters_for_word", lambda path: list(path.parent.name)),
        ("file_name_for_folder", lambda path: [path.name]),
        ("file_name_for_folder", lambda path: [path.stem]),
        ("path_for_name", lambda path: [path.parent]),
        ("split_at_blank", lambda path: path.parent.name.split()),
        ("all_folders", lambda path: list(path.parts[:-1])),
    ),
)

SAY_NOTHING = Exercise(
    solution=(600 / 870, 80 / 290),
    working="(600 / 870, 80 / 290)  # 150 + 2 · 60 of 870 cells are a yes; 80 pictures have none",
    rtol=0.02,
    mistakes=(
        ("swapped", (80 / 290, 600 / 870)),
        ("one_bear_each", (2 / 3, 80 / 290)),
        ("none_exact", (600 / 870, 0)),
        ("one_bear_each_none_exact", (2 / 3, 0)),
        ("yes_for_no", (270 / 870, 80 / 290)),
        ("pairs_counted_once", (660 / 870, 80 / 290)),
        ("wrong_for_right", (600 / 870, 210 / 290)),
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
    mistakes=(
        ("swapped", lambda *numbers: exact_bounds(*numbers)[::-1]),
        ("rounded_down", bounds_rounded_down),
        ("not_rounded", bounds_not_rounded),
        ("below_zero", bounds_below_zero),
        ("accuracy_for_exact", bounds_as_accuracy),
        (
            "spoilt_for_exact",
            lambda wrong, pictures, classes: tuple(
                1 - share for share in exact_bounds(wrong, pictures, classes)
            ),
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
    mistakes=(
        ("cells_for_pictures", band_by_cells),
        ("wrong_cells_counted", band_of_wrong_cells),
        ("pays_twice", band_pays_twice),
        ("all_near", band_if_all_are_near),
        (
            "costs_swapped",
            lambda probs, targets, thresh, bands, wrong, ask: cheapest_band(
                probs, targets, thresh, bands, ask, wrong
            ),
        ),
        (
            "asking_is_free",
            lambda probs, targets, thresh, bands, wrong, ask: cheapest_band(
                probs, targets, thresh, bands, wrong, 0
            ),
        ),
        (
            "position_for_band",
            lambda probs, targets, thresh, bands, wrong, ask: bands.index(
                cheapest_band(probs, targets, thresh, bands, wrong, ask)
            ),
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
    mistakes=(
        ("one_pass", split_in_one_pass),
        ("old_split", split_as_it_was_looked_up),
        ("second_only", split_one_way),
        ("first_only", split_the_other_way),
        ("validation_doubles_moved", split_without_doubles),
        ("into_validation", split_into_validation),
        ("nothing_moved", lambda is_valid, pairs: list(is_valid)),
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
    blind=(("one_letter_name", lambda path: len(Path(path).parent.name) == 1),),
)
