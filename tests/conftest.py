"""Fixtures that several test files use."""

import pytest
from bad_server import pascal_files
from learners import forget
from real_sets import TWIN

from lessonlib.course.progress import history as progress


@pytest.fixture
def home(monkeypatch, tmp_path):
    """The folder of a learner who begins, in a process that begins."""
    monkeypatch.setenv("LESSONLIB_HOME", str(tmp_path))
    monkeypatch.setattr(progress, "unsaved", [])
    monkeypatch.setattr(progress, "warned", {})
    forget()
    return tmp_path


@pytest.fixture
def twin_in_use(monkeypatch, tmp_path):
    """A data folder with a small twin of PASCAL in it."""
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "home"))
    for name, content in pascal_files(2).items():
        file = tmp_path / "home" / name.replace("pascal_2007", TWIN)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path / "home"
