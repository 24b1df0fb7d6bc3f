"""Fixtures that several test files use."""

import pytest
from learners import forget

from lessonlib.course import progress


@pytest.fixture
def home(monkeypatch, tmp_path):
    """The folder of a learner who begins, in a process that begins."""
    monkeypatch.setenv("LESSONLIB_HOME", str(tmp_path))
    monkeypatch.setattr(progress, "unsaved", [])
    monkeypatch.setattr(progress, "warned", set())
    forget()
    return tmp_path
