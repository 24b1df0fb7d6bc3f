"""Which line is called "your line": the learner's own, whatever stands between."""

import ast
import importlib
import linecache
import operator
import os
import re
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sources import LIBRARY, build

from data_scripts import storage
from lessonlib import losses
from lessonlib.course.exercises import trial
from lessonlib.course.exercises.tasks import code_of
from lessonlib.engine.loaders import Getter
from lessonlib.guards import teaching
from lessonlib.guards.teaching import TeachingError, callers_line, failing_line, is_learners


@pytest.mark.parametrize(
    "module",
    [losses, trial, code_of("05"), storage, os, importlib, np, pd.core.frame, torch.nn.functional],
)
def test_no_line_of_a_library_is_the_learners(module):
    assert not is_learners(module.__file__)


def test_the_lines_of_files_and_cells_are_the_learners(monkeypatch):
    for name in ("<ipython-input-1>", "<string>"):  # the second has lines since Python 3.13
        monkeypatch.setitem(linecache.cache, name, (9, None, ["x = 1\n"], name))
    of_a_kernel = str(Path(tempfile.gettempdir(), "ipykernel_12", "34.py"))
    for name in (__file__, of_a_kernel, "your answer", "<ipython-input-1>"):
        assert is_learners(name)
    for name in ("<string>", "<frozen importlib._bootstrap>", "<__array_function__ internals>"):
        assert not is_learners(name)
    assert not is_learners("/usr/lib/python3/dist-packages/numpy/__init__.py")


def test_code_that_is_made_while_the_program_runs_is_passed_over():
    made: dict = {}
    exec("def call(function):\n    return function()", made)  # as a dataclass makes its methods
    line = made["call"](lambda: callers_line(sys._getframe(1)))
    assert line.startswith('line = made["call"](lambda')


def cell(path: Path, code: str, names: dict) -> dict:
    """Run a file as a cell of a notebook is run."""
    path.write_text(code, encoding="utf-8")
    exec(compile(code, str(path), "exec"), names)
    return names


def test_the_line_is_that_of_the_answer_not_of_the_lesson_that_it_calls(tmp_path):
    names = cell(tmp_path / "lesson.py", "def ratio(a, b):\n    return a / b\n", {})
    code = "def helper(p):\n    return ratio(p, 0)\n\ndef answer(p):\n    return helper(p)\n"
    cell(tmp_path / "mine.py", code, names)
    error = trial.attempt(names["answer"], (1,), trial.Printed())
    assert isinstance(error, ZeroDivisionError)
    assert failing_line(error) == "return ratio(p, 0) (line 2)"


def test_where_only_library_code_failed_the_line_is_the_one_that_led_there():
    getter = Getter(operator.itemgetter("labels"))  # it has no line of its own
    with pytest.raises(TeachingError) as caught:
        getter({"fname": "a.jpg"})
    assert '\nYour line: getter({"fname": "a.jpg"}) (line ' in str(caught.value)
    assert str(Path(teaching.__file__).parent) not in str(caught.value)


# --- the section that an error sends people to


def sections_named():
    """(function, "NN, section") of every text in the library that names a section so."""
    return sorted(
        (f"{path.stem}.{function.name}", node.value)
        for path in LIBRARY.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and re.match(r"\d\d, [A-Z]", str(node.value))
    )


@cache
def headings(lesson):
    """The titles of a lesson's sections, without their numbers."""
    (source,) = build.find_sources([lesson])
    text = source.read_text(encoding="utf-8")
    return re.findall(r"^# ##+ (?:\d+ · )?(.+?)(?: · extra)?$", text, re.MULTILINE)


@pytest.mark.parametrize("function, named", sections_named())
def test_an_error_sends_people_to_the_section_that_teaches_it(function, named):
    lesson, _, section = named.partition(", ")
    assert section in headings(lesson)
    assert section not in ("Where people go wrong", "Recap", "Questions"), "that is of no one thing"


def test_all_errors_name_a_section():
    assert len({named for _, named in sections_named()}) > 25
