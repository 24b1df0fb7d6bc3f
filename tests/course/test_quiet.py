"""What the terminal says: lines that concern no learner are left out, and no other line."""

import logging
import subprocess
import sys

import pytest

from lessonlib.course.commands.quiet import is_ours

LINES = {
    "The websocket_ping_timeout (90000) cannot be longer than the … (30000).": False,
    "The websocket_ping_timeout (7) cannot be longer than the … (5).": True,
    "Notebook bear_app.ipynb is not trusted": False,
    "Notebook stranger.ipynb is not trusted": True,
    "Permission to listen on port 80 denied": True,
}
SCRIPT = """
import warnings
from lessonlib.course.commands.quiet import leave_out_what_is_not_ours
leave_out_what_is_not_ours()
for kind, words in ((DeprecationWarning, "of a programmer"), (UserWarning, "of a user")):
    warnings.warn_explicit(words, kind, "traitlets.py", 1, "traitlets.traitlets")
"""


@pytest.mark.parametrize("words", LINES)
def test_a_line_is_left_out_by_its_exact_words_only(words):
    line = logging.LogRecord("Voila", logging.WARNING, "", 0, "%s", (words,), None)
    assert is_ours(line) == LINES[words]


def test_of_warnings_only_those_for_programmers_are_left_out():
    command = [sys.executable, "-c", SCRIPT]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "of a user" in said and "of a programmer" not in said
