"""What the learner is told about the progress: in the terminal, in a cell, in a file."""

import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from html.parser import HTMLParser

import pytest
from learners import forget
from lessons import EXERCISES

from lessonlib.__main__ import main, run
from lessonlib.course import guess, progress_page, quiz, reveal, review, score
from lessonlib.course.exercises.asking import check, hint, solution
from lessonlib.course.exercises.asking import find as exercise
from lessonlib.course.folders import CourseError
from lessonlib.course.progress import store
from lessonlib.course.progress.history import history, learner_seed, record
from lessonlib.course.quizzes import marking
from lessonlib.course.quizzes.questions import evaluate, numbers, wording
from lessonlib.course.reports import terminal as report
from lessonlib.course.reports.standing import AGAIN, DONE, OPEN, exercises, stand, standings
from lessonlib.show.markup import markup

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'\0\ud83d🐻</pre></table>"

pytestmark = pytest.mark.usefixtures("home")


def find(name):
    return next(one for one in stand() if one.id == name)


def wrong(p):
    import torch

    return torch.log((1 - p) / p)


@pytest.fixture
def some_progress():
    check("04.logit", wrong)
    hint("04.logit")
    check("04.careless", None)
    check("01.predict", ["e.jpg", "b.jpg", 1])
    record("question", "04.softmax.cannot", right=False, answer=["a"])
    record("question", "06.f1.batches", right=False, answer="1")
    record("question", "06.f1.batches", right=True, answer="2")


# --- where a learner stands


def test_every_exercise_of_the_lessons_is_known_with_its_title():
    assert {one.id for one in exercises()} >= {
        name
        for name in EXERCISES
        if name[:2] != "09"  # those are code questions
    }
    titles = {one.id: one.title for one in exercises()}
    assert titles["00.above"] == "00.1 · Above the line"
    assert all(re.match(r"\d\d\.\d+ · \S", title) for title in titles.values())


def test_the_newest_try_decides(some_progress):
    states = {name: find(name).state for name in ("04.logit", "04.careless", "01.predict")}
    assert states == {"04.logit": AGAIN, "04.careless": OPEN, "01.predict": DONE}
    assert find("04.softmax.cannot").state == AGAIN and find("06.f1.batches").state == DONE
    record("exercise", "04.logit", right=True, tried=True)
    assert find("04.logit").state == DONE and find("04.logit").tries == 2


def test_run_all_unsolved_does_not_undo_what_was_right():
    record("exercise", "01.predict", right=True, tried=True)
    check("01.predict", None)
    assert find("01.predict").state == DONE


def test_hints_the_solution_and_mistakes_are_counted(some_progress):
    check("04.logit", wrong)
    solution("04.logit")
    one = find("04.logit")
    assert (one.hints, one.solution, one.tries) == (1, True, 2)
    assert list(one.mistakes.values()) == [2] and "sign is flipped" in one.told
    assert "torch.log((1 - p) / p)" in one.answer


def test_what_was_answered_and_is_in_no_lesson_is_not_lost():
    (one,) = standings([{"kind": "exercise", "id": "99.gone", "right": True}])
    assert (one.lesson, one.state) == ("99", DONE)


def test_what_to_run_can_be_run(some_progress, capsys):
    for one in stand():
        for name in re.findall(r'run hint\("([^"]+)"\)', one.cure):
            hint(name)
        for topic in re.findall(r'run quiz\("([^"]+)"\)', one.cure):
            quiz(topic)
    assert capsys.readouterr().out.count("Hint ") >= len(exercises())


@pytest.mark.parametrize("kind", ["exercise", "question"])
def test_of_what_is_no_longer_asked_no_hint_is_promised(kind):
    (one,) = standings([{"kind": kind, "id": "04.gone", "right": False}])
    assert one.cure == "look into lesson 04"


# --- the commands


def test_review_lists_by_lesson_what_is_not_right_yet_and_what_to_run(some_progress, capsys):
    capsys.readouterr()
    assert run(["review"]) == 0
    said = capsys.readouterr().out
    assert "Lesson 04\n  ✗ exercise 04.1 · From probability" in said and "(1 try)" in said
    assert 'hint("04.logit")' in said and "The sign is flipped" in said
    assert "  ✗ question Why softmax does not fit (1 try)" in said
    assert "Read lesson 04, “A question that softmax" in said and 'quiz("04.softmax")' in said
    assert "lessonlib study" in said
    for done in ("04.careless", "01.predict", "06.f1"):
        assert done not in said


def test_review_names_a_question_by_its_text_with_the_learners_own_numbers(capsys):
    asked = set()
    for _ in range(2):
        (card,) = [one for one in quiz("04.bce").cards if one.question.kind == "number"]
        card.text.value = "7"
        card.submit()
        run(["review"])
        said = " ".join(capsys.readouterr().out.split())
        text = wording(card.question, learner_seed())
        assert text.replace("**", "") in said and "{" not in text
        assert card.ask.value.endswith(markup(text)) and markup(text) in progress_page().value
        asked |= {card.ask.value.partition("</b>")[2] for card in (card, *review().cards)}
        forget()
    assert len(asked) == 1


def test_review_counts_what_was_wrong_once_and_is_due_for_a_repeat(monkeypatch):
    record("question", "04.softmax.cannot", right=False, answer=["a"])
    record("question", "04.softmax.cannot", right=True, answer=["b"])
    assert report.to_repeat().startswith("Nothing is waiting")
    monkeypatch.setattr(marking, "WAITS", (0,))
    assert report.to_repeat().startswith("Right by now, and due for a repeat: 1.")


def test_the_review_in_a_cell_names_the_exercises_too(some_progress):
    texts = [getattr(part, "value", "") for part in review().children]
    assert any("Lesson 04 · Why softmax does not fit" in text for text in texts)
    assert "exercise 04.1 · From probability" in texts[-1] and "hint(&quot;04.logit" in texts[-1]
    check("04.logit", exercise("04.logit").solution)
    assert not any("exercise" in getattr(part, "value", "") for part in review().children)


def test_review_says_when_nothing_is_waiting(capsys):
    run(["review"])
    assert capsys.readouterr().out.startswith("You have not tried an exercise or a question yet.")
    check("04.logit", exercise("04.logit").solution)
    capsys.readouterr()
    run(["review"])
    assert capsys.readouterr().out.startswith("Nothing is waiting")


def test_progress_sums_up_each_lesson_and_writes_the_page(some_progress, capsys, home):
    capsys.readouterr()
    assert run(["progress"]) == 0
    said = capsys.readouterr().out
    assert "Lesson 01: 1 of 7 exercises done\n" in said
    assert "0 of 6 exercises done, 1 to come back to; 0 of 1 answered questions done" in said
    assert str(home / "progress.html") in said
    assert "04.logit" in (home / "progress.html").read_text(encoding="utf-8")


def test_export_makes_one_file_with_the_page_and_the_whole_history(some_progress, tmp_path, capsys):
    path = report.export(tmp_path, datetime(2030, 1, 2, 3, 4, 5))
    assert path.name == "my-progress-2030-01-02_03-04-05.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["progress.html", "progress.json"]
        assert json.loads(archive.read("progress.json"))["history"] == history()
        assert b"04.logit" in archive.read("progress.html")


def test_the_command_export_names_the_file_in_this_folder(some_progress, monkeypatch, capsys, home):
    monkeypatch.chdir(home)
    assert main_with("export", monkeypatch) == 0
    assert str(next(home.glob("my-progress-*.zip"))) in capsys.readouterr().out


def test_without_progress_there_is_nothing_to_hand_in(monkeypatch, capsys):
    assert main_with("export", monkeypatch) == 1
    assert "nothing to hand in yet" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_a_sentence(some_progress, home):
    (home / "progress.html").mkdir()
    with pytest.raises(CourseError, match="cannot be written"):
        report.write_page()
    with pytest.raises(CourseError, match="cannot be written"):
        report.export(home / "nowhere")


@pytest.mark.skipif(os.name == "nt", reason="permissions are others on Windows")
def test_the_page_and_the_zip_are_as_private_as_the_answers(some_progress, home, monkeypatch):
    modes, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: modes.append(os.fstat(file)) or real(file))
    report.write_page().chmod(0o644)  # from a time before the answers were private
    report.progress.progress_file().chmod(0o600)
    for file in (report.write_page(), report.export(home)):
        assert file.stat().st_mode & 0o777 == 0o600
    assert [facts.st_mode & 0o077 for facts in modes[1:]] == [0, 0]  # before anything is in them
    report.progress.progress_file().rename(home / "away.json")
    assert report.write_page().stat().st_mode & 0o777 == 0o600
    (home / "away.json").rename(report.progress.progress_file())
    report.write_page().chmod(0o400)
    report.progress.progress_file().chmod(0o644)
    assert report.write_page().stat().st_mode & 0o777 == 0o400  # made private by itself
    (home / "else").mkdir()
    assert report.export(home / "else").stat().st_mode & 0o777 == 0o644


def test_an_export_onto_a_full_disk_leaves_no_half_file(some_progress, home, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    before = sorted(home.iterdir())
    with pytest.raises(CourseError, match="No space left on device"):
        report.export(home)
    assert sorted(home.iterdir()) == before


def test_the_commands_run_in_a_process_of_their_own(some_progress):
    outcome = subprocess.run(
        [sys.executable, "-m", "lessonlib", "review"],
        capture_output=True,
        encoding="ascii",
        env=os.environ | {"PYTHONIOENCODING": "ascii"},  # like an old Windows console
    )
    assert outcome.returncode == 0 and "? exercise 04.1" in outcome.stdout, outcome.stderr


def main_with(command, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["lessonlib", command])
    return main()


# --- the page

ALLOWED = {
    *("html", "head", "body", "meta", "title", "style", "div", "p", "br", "h1", "h2", "ul", "li"),
    *("code", "em", "b", "span", "details", "summary", "table", "thead", "tr", "th", "td", "pre"),
}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and whether what opens is closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.names, self.text, self.open = set(), set(), "", []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_whatever_was_typed_is_text_on_the_page(home):
    record("exercise", NASTY, right=False, tried=True, mistake=NASTY, answer=NASTY)
    record("question", "04." + NASTY, right=False, answer=[NASTY, {NASTY: 1}])
    record("guess", NASTY, guess=NASTY, truth=NASTY, confidence=0.5, right=True)
    read = Reader(report.write_page().read_text(encoding="utf-8"))
    assert read.tags <= ALLOWED and not {name for name in read.names if name.startswith("on")}
    assert read.text.count("<script>alert(1)</script>") >= 7
    progress_page().value.encode("utf-8")  # what goes to the browser


def test_the_page_tells_what_is_done_which_mistakes_were_made_and_what_comes_again(some_progress):
    read = Reader(report.write_page().read_text(encoding="utf-8"))
    for words in (
        f"1 of {len(exercises())} exercises done, 1 to come back to",
        "1 of 2 answered questions done, 1 to come back to",
        'run hint("04.logit")',
        "The sign is flipped",
        "✓ done",
        "✗ come back to it",
        "○ not tried yet",
        "1 hint",
        "torch.log((1 - p) / p)",
    ):
        assert words in read.text, words
    assert "Brier" not in read.text


def test_only_mistakes_with_a_name_are_called_so_and_each_has_its_title():
    def mistakes():
        return progress_page().value.partition("Mistakes that had")[2].partition("<h2>")[0]

    (card,) = [one for one in quiz("04.bce").cards if one.question.kind == "number"]
    card.text.value = "7"
    card.submit()
    assert not mistakes() and "come back to it" in progress_page().value
    slip = card.question.slips[0]
    card.text.value = repr(evaluate(slip.value, numbers(card.question, card.seed)))
    card.submit()
    assert "question BCELoss and BCEWithLogitsLoss<br>" in mistakes()
    assert markup(slip.say) in mistakes()


def test_a_guess_is_shown_with_what_was_asked():
    guess("04.class", "How many <b>batches</b>?", low=0, high=9).keep()
    reveal("04.class", 16)
    page = progress_page().value
    assert "How many &lt;b&gt;batches&lt;/b&gt;?" in page and "50% sure of 4.5" in page
    assert "it is 16<" in page and "04.class" not in page


GONE = "gone"


@pytest.mark.parametrize(
    "odd",
    [
        {"id": ["04.logit"]},
        {"kind": {}},
        {"right": "yes"},
        {"right": None},
        {"tried": "no"},
        {"mistake": 3},
        {"number": "x"},
        {"guess": {}},
        {"confidence": 7},
        {"confidence": "much"},
        {"when": "yesterday"},
        {"when": 5},
        {"when": "2030-01-02T03:04:05"},
        *({name: GONE} for name in ("when", "right", "tried", "ask", "guess", "confidence")),
    ],
    ids=str,
)
def test_an_event_that_somebody_spoilt_stays_in_the_file_and_harms_nothing(odd, home, capsys):
    facts = {"when": "2030-01-02T03:04:05+00:00", "id": "04.logit", "right": False, "number": 1}
    facts |= {"tried": True, "ask": "?", "guess": 1.0, "truth": 1, "confidence": 0.5}
    kinds = ("exercise", "question", "guess", "hint", "solution")
    file = home / "progress.json"
    spoilt = [{"kind": kind, **facts, **odd} for kind in kinds]
    spoilt = [{name: one for name, one in event.items() if one != GONE} for event in spoilt]
    store.add(file, list(spoilt))
    forget()
    report.to_repeat(), report.summary(), report.document()
    progress_page(), review(), quiz("04.bce"), score()
    guess("04.logit", "?", low=0, high=2), reveal("04.logit", 1), hint("04.logit")
    check("04.careless", None)
    kept = json.loads(file.read_bytes())["history"]
    assert kept[:5] == spoilt and "damaged" not in capsys.readouterr().err


def test_the_page_asks_nothing_of_a_network(some_progress):
    page = report.write_page().read_text(encoding="utf-8")
    assert not re.search(r"https?:|//|@import|src=|href=", page)


def test_the_widget_shows_the_page_and_the_same_text_in_every_run(some_progress):
    page = progress_page()
    assert repr(page) == "[ your progress — run this cell to see it ]"
    assert "The sign is flipped" in page.value
