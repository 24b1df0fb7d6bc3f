"""The course as a wheel, without its clone: exercises and questions are in it."""

import os
import shutil
import subprocess
import sys

import pytest
from sources import REPO

from lessonlib.course.exercises.tasks import tasks

PARTS = ("lessonlib", "data_scripts", "notebooks/src")
FILES = ("pyproject.toml", "setup.py", "requirements.txt")
ANSWERS = """
from pathlib import Path
import lessonlib
from lessonlib.course import check, hint, quiz
from lessonlib.course.exercises.tasks import tasks

print(Path(lessonlib.__file__).parents[1])
print(len(tasks()))
check("04.logit", lambda p: (p / (1 - p)).log())
check("04.logit", lambda p: p.log())
hint("04.logit")
card = quiz("01.rows").cards[0]
for box in card.boxes.values():
    box.value = any(o.right and o.text.strip("`") in box.description for o in card.question.options)
card.submit()
print(card.right)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the installed wheel, and nothing else of the course."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPO / name, folder / "clone" / name, ignore=ignored)
    for name in FILES:
        shutil.copy(REPO / name, folder / "clone" / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    where = ["--target", str(folder / "site")]
    subprocess.run([*pip, "install", *offline, *where, str(folder / "clone")], check=True)
    shutil.rmtree(folder / "clone")
    return folder / "site"


def test_an_exercise_and_a_question_are_answered_without_the_clone(installed, tmp_path):
    environment = os.environ | {
        "PYTHONPATH": str(installed),
        "LESSONLIB_HOME": str(tmp_path / "home"),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", ANSWERS],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    place, count, right, wrong, *rest = done.stdout.splitlines()
    assert place == str(installed) and int(count) == len(tasks())
    assert right == "✓ 04.logit: right" and wrong == "✗ 04.logit: not yet"
    assert "Hint 1 of" in done.stdout and rest[-1] == "True"


def test_nothing_of_the_lessons_folders_is_missing(installed):
    def files(folder):
        found = (path.relative_to(folder) for path in folder.rglob("*.*"))
        return {path for path in found if "__pycache__" not in path.parts}

    assert files(installed / "lessonlib" / "lessons") == files(REPO / "notebooks" / "src")
