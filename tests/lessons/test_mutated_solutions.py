"""The cases of each exercise tell its solution from every function that is nearly the solution."""

from functools import partial

import pytest
from lessons import EXERCISES
from mutating import mutants

from lessonlib.course.exercises.comparing import alike
from lessonlib.course.exercises.grading import outcome
from lessonlib.course.exercises.killing import Kill
from lessonlib.course.exercises.trial import Printed, limited

pytestmark = pytest.mark.filterwarnings("ignore")  # mutants do strange things

WRITTEN = {
    name: one
    for name, one in EXERCISES.items()
    if callable(one.solution) and not isinstance(one, Kill)  # a changed test may kill as well
}
PREDICTED = {name: one for name, one in EXERCISES.items() if not callable(one.solution)}

LENGTHS = "the two are equally long in whatever is asked"
ZERO_D = "a tensor of one number is as good as the number"
NAME = "the name of an operation is the learner's choice"
PLACES = "other places and matrices tell a right function as well"
THE_SAME = {  # mutants that do what is asked, and why
    "02.columns": {"0 -> -1": "each row has as many parts as the last"},
    "02.padded": {
        "zip(batch, pictures, strict=True) -> zip(batch, pictures)": LENGTHS,
        "True -> False": LENGTHS,
        "0 -> -1": "each picture has as many channels as the last",
    },
    "03.decode": {
        "zip(vocab, probabilities, strict=True) -> zip(vocab, probabilities)": LENGTHS,
        "True -> False": LENGTHS,
    },
    "03.every_third": {
        "list(range(2, len(items), 3)) -> range(2, len(items), 3)": "positions may be a range",
    },
    "04.accuracy_per_class": {"targets.bool() -> targets": "True equals 1.0"},
    "04.skill": {
        "accuracy_multi(probabilities, targets, thresh, sigmoid=False).item() -> "
        "accuracy_multi(probabilities, targets, thresh, sigmoid=False)": ZERO_D,
    },
    "05.epoch_loss": {
        "zip(losses, sizes, strict=True) -> zip(losses, sizes)": LENGTHS,
        "True -> False": LENGTHS,
    },
    "05.train": {"weight.item() -> weight": ZERO_D},
    "05.triangle": {"step <= peak -> step < peak": "at the peak the two lines meet"},
    "06.f1_of_batches": {
        "zip(*batches, strict=True) -> zip(*batches)": LENGTHS,
        "True -> False": LENGTHS,
        "1 -> 2": "where the sum is 1 there is no hit, and F1 is 0",
    },
    "06.least_cost": {
        "1.0 -> 2.0": "any number below 0 says everything",
        "probs.unique().tolist() -> probs.unique()": ZERO_D,
        "probs.unique() -> probs": "the same threshold twice changes nothing",
        "int((said & ~there).sum()) -> (said & ~there).sum()": ZERO_D,
        "int((~said & there).sum()) -> (~said & there).sum()": ZERO_D,
    },
    "06.report": {
        "accuracy_multi(*test, thresh, sigmoid=False).item() -> "
        "accuracy_multi(*test, thresh, sigmoid=False)": ZERO_D,
    },
    "07.unproject": {"float(z) -> z": ZERO_D},
    "07.is_right": {
        "torch.allclose(back, points, atol=0.0001) -> torch.allclose(back, points)": PLACES,
    },
    "07.median_error": {
        "apart.norm(dim=-1).median().item() -> apart.norm(dim=-1).median()": ZERO_D,
    },
    "08.cheapest_band": {
        "targets.bool() -> targets": "True equals 1.0",
        "int(wrong.sum()) -> wrong.sum()": ZERO_D,
        "int(asked.sum()) -> asked.sum()": ZERO_D,
    },
    "08.honest_split": {
        "is_valid = list(is_valid) -> pass": "nothing is said about the list that is given",
        "list(is_valid) -> is_valid": "nothing is said about the list that is given",
    },
    "09.decide": {
        "zip(vocab, row, strict=True) -> zip(vocab, row)": LENGTHS,
        "True -> False": LENGTHS,
    },
    "10.sigmoid": {
        "x.value > 0 -> x.value >= 0": "at 0 both ways give one half",
        "0 -> 1": "between 0 and 1 both ways are exact",
        "'sigmoid' -> 'sigmoidx'": NAME,
        "'sigmoid' -> ''": NAME,
    },
}


def passed(name, answers):
    """Of pairs of a name and an answer: the names of those that give what the solution gives."""
    exercise, seconds = EXERCISES[name], 2
    right = [outcome(exercise, exercise.solution, case) for case in exercise.cases]

    def is_right(answer):
        return all(
            alike(outcome(exercise, answer, case, Printed()), expected, exercise.rtol)
            for case, expected in zip(exercise.cases, right, strict=True)
        )

    return [what for what, one in answers if limited(partial(is_right, one), seconds)]


def test_there_are_hundreds_of_mutants():
    assert sum(1 for one in WRITTEN.values() for _ in mutants(one.solution)) > 500


@pytest.mark.parametrize("name", WRITTEN)
def test_no_mutant_of_a_solution_is_right_but_for_those_that_do_what_is_asked(name):
    found = passed(name, mutants(WRITTEN[name].solution))
    if name == "07.is_right":
        found = [what for what in found if not sample(what)]
    assert set(found) == THE_SAME.get(name, {}).keys()


def sample(what):
    """Whether a mutant only tries other places or another matrix, or has another docstring."""
    return what[0] == "'" or what.replace("-", "").replace(".", "").replace(" ", "")[0].isdigit()


@pytest.mark.parametrize("name", PREDICTED)
def test_no_value_beside_a_predicted_one_is_right(name):
    assert passed(name, beside(EXERCISES[name].solution)) == []


def beside(value):
    """Values that differ from one in one number or text."""
    if isinstance(value, list | tuple):
        for number, part in enumerate(value):
            for what, other in beside(part):
                yield what, [*value[:number], other, *value[number + 1 :]]
    elif isinstance(value, str):
        yield value, value + "x"
    elif isinstance(value, bool):
        yield value, not value
    else:
        yield from ((value, other) for other in (value + 1, value - 1, -value or 1, value * 1.05))
