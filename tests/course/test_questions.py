"""The questions: every text is valid, every right answer accepted, every slip answered."""

import math
import pickle
import re
from itertools import pairwise, product
from pathlib import Path

import pandas as pd
import pytest
import torch
from authoring import NUMBERS, TextError, proofread
from sklearn.metrics import f1_score
from sources import build
from torch.nn import functional as F

from lessonlib.course.exercises.asking import find as find_exercise
from lessonlib.course.exercises.tasks import tasks
from lessonlib.course.folders import lesson_texts
from lessonlib.course.quizzes import marking
from lessonlib.course.quizzes.questions import (
    QuestionError,
    evaluate,
    find,
    numbers,
    sections,
    select,
    shuffled,
    topics,
)
from lessonlib.data import DataLoader, DataLoaders
from lessonlib.losses import binary_cross_entropy

QUESTIONS = {question.id: question for topic in topics().values() for question in topic.questions}
SEEDS = range(20)


def of_kind(kind):
    chosen = [question for question in QUESTIONS.values() if question.kind == kind]
    return pytest.mark.parametrize("question", chosen, ids=[question.id for question in chosen])


def headings():
    """The sections of every lesson that there is, by its number."""
    return {
        build.name_of(source): set(re.findall(r"^# ##+ (.+)$", source.read_text("utf-8"), re.M))
        for source in build.find_sources()
    }


# --- all texts


def test_the_seventeen_topics_have_two_kinds_of_questions_each():
    asked = {topic.id for section in sections() for topic in section.topics}
    chapter = {topic.chapter: topic for topic in topics().values() if topic.chapter}
    assert set(chapter) == set(range(1, 18))
    for topic in chapter.values():
        assert topic.id in asked
        assert len({question.kind for question in topic.questions}) >= 2, topic.id


def test_there_are_twenty_more_and_no_topic_is_asked_twice():
    asked = [topic for section in sections() for topic in section.topics]
    assert len({topic.id for topic in asked}) == len(asked)
    extra = [question for topic in asked if not topic.chapter for question in topic.questions]
    assert len(extra) == 20
    assert sum(len(topic.questions) for topic in asked) >= 54


@pytest.mark.parametrize("lesson", NUMBERS[1:9])
def test_each_lesson_ends_with_three_to_five_questions(lesson):
    asked = select(lesson).questions
    assert 3 <= len(asked) <= 5
    assert all(question.id.startswith(lesson) for question in asked)
    assert all(topic.questions for topic in select(lesson).topics)  # no heading without one


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_the_section_to_go_back_to_exists(question):
    lesson, section = question.back
    assert section in headings()[lesson]


@of_kind("choice")
def test_the_right_set_is_accepted_and_every_option_is_answered(question):
    right = {option.text for option in question.options if option.right}
    verdict = marking.mark_choice(question, right)
    assert verdict.right is True
    assert len(verdict.lines) == len(question.options), "who is right hears about every option"
    assert {mark for mark, _ in verdict.lines} == {"✓", "·"}
    for option in question.options:
        one = marking.mark_choice(question, {option.text})
        assert one.right is (right == {option.text})
        assert option.say in one.lines[0][1]
        assert one.lines[0][0] == ("✓" if option.right else "✗")
        if not option.right:
            assert marking.mark_choice(question, right | {option.text}).right is False


@of_kind("choice")
def test_half_of_the_right_set_says_that_there_is_more(question):
    right = [option.text for option in question.options if option.right]
    for text in right if len(right) > 1 else []:
        verdict = marking.mark_choice(question, set(right) - {text})
        assert verdict.right is False and "there is more" in verdict.lines[-1][1]
        assert not any(line.startswith(f"“{text}”") for _, line in verdict.lines)


@of_kind("number")
def test_the_right_number_is_accepted_and_slips_are_named(question):
    for seed in SEEDS:
        drawn = numbers(question, seed)
        right = evaluate(question.answer, drawn)
        for text in (repr(right), f"{right:.10f}".replace(".", ","), f" {right:.4f} "):
            assert marking.mark_number(question, text, seed).right is True
        for slip in question.slips:
            verdict = marking.mark_number(question, repr(evaluate(slip.value, drawn)), seed)
            assert verdict.right is False and verdict.lines[0][1] == slip.say
        assert marking.mark_number(question, repr(right + 1000), seed).right is False
        said = marking.mark_number(question, repr(right), seed).lines[0][1]
        assert not re.search(r"[{}]", question.ask.format(**drawn) + said)


@of_kind("number")
def test_no_draw_makes_a_slip_right_or_two_slips_one(question):
    for values in product(*question.draw.values()):
        drawn = dict(zip(question.draw, values, strict=True))
        formulas = [question.answer, *(slip.value for slip in question.slips)]
        results = sorted(evaluate(formula, drawn) for formula in formulas)
        gaps = [b - a for a, b in pairwise(results)]
        assert min(gaps) > question.tolerance, drawn


@of_kind("number")
def test_learners_get_different_numbers_and_each_the_same_again(question):
    assert len({tuple(numbers(question, seed).items()) for seed in SEEDS}) > 1
    assert numbers(question, 5) == numbers(question, 5)
    assert all(numbers(question, seed)[name] in values
               for seed in SEEDS for name, values in question.draw.items())  # fmt: skip


@of_kind("code")
def test_code_is_checked_by_an_exercise_with_the_asked_name(question):
    name = question.exercise.partition(".")[2]
    find_exercise(question.exercise)
    assert question.starter.startswith(f"def {name}(") and f"`{name}(" in question.ask
    assert marking.mark_code(question, question.starter).right is None
    assert marking.mark_code(question, question.starter + "return 1").right is False


@of_kind("text")
def test_a_text_is_right_when_every_point_is_in_it(question):
    assert marking.mark_text(question, question.points).right is True
    for point in question.points:
        verdict = marking.mark_text(question, set(question.points) - {point})
        assert verdict.right is False
        assert f"{len(question.points) - 1} of {len(question.points)}" in verdict.lines[0][1]


def test_options_come_in_an_order_of_the_learner():
    question = QUESTIONS["01.rows.first"]
    orders = {tuple(option.text for option in shuffled(question, seed)) for seed in SEEDS}
    assert len(orders) > 5
    assert all(set(order) == {option.text for option in question.options} for order in orders)


# --- what the texts claim, checked with torch and pandas

ORACLES = {
    "02.dataset-or-loader.length": lambda n, bs: len(
        torch.utils.data.DataLoader(range(n), batch_size=bs)
    ),
    "02.dataloaders.seen": lambda n, bs: sum(
        len(batch) for batch in torch.utils.data.DataLoader(range(n), bs, drop_last=True)
    ),
    "01.rows.slice": lambda a, b: pd.DataFrame({"f": range(500), "l": 0}).iloc[a:b, 1].size,
    "03.letters.count": lambda names: len(set().union(*names.split(", "))),
    "04.softmax.pair": lambda a, b: torch.tensor([a, a, b]).float().softmax(dim=0)[0].item(),
    "04.nll.one": lambda p: F.nll_loss(
        torch.tensor([[p, 1 - p]]).log(), torch.tensor([0])
    ).item(),
    "04.bce.cell": lambda a: torch.nn.BCEWithLogitsLoss()(
        torch.tensor([float(a)]), torch.tensor([1.0])
    ).item(),
    "07.range.number": lambda lo, hi, a: (torch.tensor(a).sigmoid() * (hi - lo) + lo).item(),
    "07.trap.number": lambda bs: (torch.zeros(bs, 2) - torch.zeros(bs, 1, 2)).numel(),
    "07.point.flip": lambda w, x: torch.arange(w).flip(0).tolist().index(x),
}  # fmt: skip


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("seed", range(5))
def test_formulas_agree_with_torch_and_pandas(name, seed):
    drawn = numbers(QUESTIONS[name], seed)
    assert evaluate(QUESTIONS[name].answer, drawn) == pytest.approx(ORACLES[name](**drawn), 1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_what_autograd_finds(seed):
    drawn = numbers(QUESTIONS["04.gradient.number"], seed)
    logit = torch.logit(torch.tensor([drawn["p"]])).requires_grad_()
    binary_cross_entropy(logit, torch.tensor([float(drawn["y"])])).backward()
    right = evaluate(QUESTIONS["04.gradient.number"].answer, drawn)
    assert logit.grad.item() == pytest.approx(right, abs=1e-5)


def test_what_is_said_of_softmax_sigmoid_and_large_activations_is_so():
    x = torch.tensor([17.0])
    assert torch.isinf(-torch.log(1 - torch.sigmoid(x)))
    assert binary_cross_entropy(x, torch.zeros(1)).item() == pytest.approx(17, abs=1e-5)
    assert torch.nn.BCELoss()(torch.ones(1), torch.zeros(1)) == 100
    with pytest.raises(RuntimeError):
        torch.nn.BCELoss()(torch.tensor([3.2]), torch.ones(1))
    y = torch.tensor(0.9)
    assert (1 - y**2).item() / 2 == pytest.approx(0.095, abs=1e-4)  # slope of 2 sigmoid(x) − 1


def test_what_is_said_of_the_swapped_cost_is_so():
    def swapped(logits, targets):
        p = logits.sigmoid()
        return -torch.where(targets == 1, 1 - p, p).log().mean()

    targets = torch.tensor([1.0, 0.0])
    zero = torch.zeros(2, requires_grad=True)
    assert torch.isclose(swapped(zero, targets), binary_cross_entropy(zero, targets))
    swapped(zero, targets).backward()
    assert zero.grad[0] > 0 > zero.grad[1]  # a step makes the right answer less likely
    away = torch.tensor([2.0, -0.5])
    assert torch.isclose(swapped(away, targets), binary_cross_entropy(away, 1 - targets))


def test_what_is_said_of_loaders_and_functions_is_so():
    items = [("x0", "y0"), ("x1", "y1"), ("x2", "y2")]
    names = {name: name for item in items for name in item}
    options = find("02.transpose.star").options
    right, *wrong = (eval(option.text.strip("`"), names) for option in options)
    assert right == list(zip(*items, strict=True)) not in wrong
    assert list(zip(items, strict=True)) in wrong  # without the star
    with pytest.raises(TypeError):
        DataLoader(items, batch_size=2)[0]
    loaders = DataLoaders.from_dsets(range(10), range(10), batch_size=4, seed=0)
    seen = [[item for batch in loader for item in batch.tolist()]
            for loader in (loaders.train, loaders.train, loaders.valid)]  # fmt: skip
    assert seen[0] != seen[1] and len(seen[0]) == 8 and seen[2] == list(range(10))
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(lambda row: row["labels"].split())


@pytest.mark.parametrize("seed", range(5))
def test_f1_and_the_cheapest_threshold_are_what_counting_gives(seed):
    drawn = numbers(find("06.f1.number"), seed)
    tp, fp, fn = drawn["tp"], drawn["fp"], drawn["fn"]
    there, said = [1] * (tp + fn) + [0] * fp, [1] * tp + [0] * fn + [1] * fp
    assert evaluate(find("06.f1.number").answer, drawn) == pytest.approx(f1_score(there, said))
    costs = numbers(find("06.cheapest.number"), seed)
    p = evaluate(find("06.cheapest.number").answer, costs)
    assert (1 - p) * costs["fp"] == pytest.approx(p * costs["fn"])


def test_what_is_said_of_pandas_is_so(tmp_path):
    df = pd.DataFrame({"fname": ["a", "b", "c"], "labels": ["x", "", "y z"]})
    mixed = df.iloc[[2, 0, 1]]
    assert mixed.iloc[0].equals(mixed.iloc[0, :]) and not mixed.loc[0].equals(mixed.iloc[0])
    with pytest.raises(KeyError):
        df[0]
    with pytest.raises(KeyError):
        df.loc["labels"]
    with pytest.raises((ValueError, IndexError, TypeError)):
        df.iloc[:, "labels"]
    df.to_csv(tmp_path / "t.csv", index=False)
    hole = pd.read_csv(tmp_path / "t.csv")["labels"].iloc[1]
    assert isinstance(hole, float) and math.isnan(hole) and not hasattr(hole, "split")
    kept = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)["labels"].iloc[1]
    assert kept.split() == [] and kept.split(" ") == [""]


# --- a text that is wrong


def test_the_texts_of_all_lessons_are_in_order():
    proofread()


EXERCISES = """
[[exercise]]
name = "e"
title = "E"
kind = "value"
revision = 1
hints = ["One.", "Two."]
[exercise.mistakes]
half = "Not half."
all = "Nearly."
[[exercise]]
name = "f"
title = "F"
kind = "function"
revision = 1
hints = ["One.", "Two, and three."]
[exercise.mistakes]
half = "Not half."
all = "Nearly."
"""
GOOD = """
[[topic]]
name = "t"
title = "T"
back = ["04", "Recap"]
[[topic.question]]
name = "q"
kind = "choice"
ask = "Which?"
options = [
    { text = "this", right = true, say = "Yes." },
    { text = "that", say = "No." },
]
"""
NUMBER = """
[[topic.question]]
name = "n"
kind = "number"
ask = "Twice {a}?"
draw = { a = [1, 2] }
answer = "2 * a"
why = "{a} + {a}."
tolerance = 0.1
slips = [ { value = "a", say = "Twice." } ]
"""
BROKEN = {
    "no option is right": ("right = true, ", ""),
    "no option is wrong": ('{ text = "that", say', '{ text = "that", right = true, say'),
    "is there twice": ('"that"', '"this"'),
    "a `say` of its own": ('"No."', '"Yes."'),
    "no lesson and section": ('"04"', '"44"'),
    "is none of choice, number": ('"choice"', '"chioce"'),
    "ask is missing": ("ask =", "text ="),
    "nobody reads hint": ('kind = "choice"', 'kind = "choice"\nhint = "x"'),
    "the formula 'b / 0' fails": ('"2 * a"', '"b / 0"'),
    "drawn are ['b']": ("{ a =", "{ b ="),
    "explained with ['a', 'c']": ("{a} + {a}", "{a} + {c}"),
    "add a slip": ('{ value = "a", say = "Twice." }', ""),
    "is not valid TOML": ("options = [", "options = "),
    "there are two questions 'q'": ('name = "n"', 'name = "q"'),
    "hints is missing": ('hints = ["One.", "Two."]', ""),
    "give two hints": (', "Two."]', "]"),
    "is none of value, function": ('"value"', '"number"'),
    "'a-b' is no id": ("half =", "a-b ="),
    "a text of its own": ('"Nearly."', '"Not half."'),
    "there are two exercises 'e'": ('name = "f"', 'name = "e"'),
    "unexpected keyword argument": ("value =", "number ="),
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(text, lesson="04_t"):
        (tmp_path / lesson).mkdir(exist_ok=True)
        (tmp_path / lesson / "questions.toml").write_text(text, encoding="utf-8")
        return tmp_path

    yield write
    for cached in (lesson_texts, topics, sections):
        cached.cache_clear()


@pytest.mark.parametrize("cause", BROKEN)
def test_a_broken_text_is_refused_with_its_place_and_the_cause(cause, write):
    old, new = BROKEN[cause]
    assert old in EXERCISES + GOOD + NUMBER
    with pytest.raises(TextError, match=re.escape(cause)) as raised:
        proofread(write((EXERCISES + GOOD + NUMBER).replace(old, new, 1)))
    said = str(raised.value)
    place = "exercise" if old in EXERCISES else "topic 't'"
    assert ("04_t/questions.toml" if "TOML" in cause else "lesson 04") in Path(said).as_posix()
    assert "TOML" in cause or place in said


def test_a_good_text_is_read(write):
    folder = write(EXERCISES + GOOD + NUMBER)
    write('[[section]]\nname = "s"\ntitle = "S"\ntopics = ["04.t"]\n', "09_u")
    proofread(folder)
    assert tasks(folder)["04.f"].mistakes == {"half": "Not half.", "all": "Nearly."}
    assert [task.number for task in tasks(folder).values()] == ["04.1", "04.2"]
    assert [question.id for question in select("09.s", folder).questions] == ["04.t.q", "04.t.n"]
    assert find("04.t.n", folder).draw == {"a": [1, 2]}
    assert find("04.t.gone", folder) is None and find("05.u.gone", folder) is None


def test_a_section_with_an_unknown_topic_is_refused(write):
    folder = write('[[section]]\nname = "s"\ntitle = "S"\ntopics = ["04.u"]\n', "09_u")
    with pytest.raises(TextError, match=r"lesson 09, section 's'.*04\.u"):
        proofread(folder)


def test_an_unknown_name_hears_which_exist():
    with pytest.raises(QuestionError, match=r"no questions '06\.hihg'.*06\.low"):
        select("06.hihg")
    with pytest.raises(QuestionError, match=r"no questions 'high'.*09\.losses"):
        select("high")
