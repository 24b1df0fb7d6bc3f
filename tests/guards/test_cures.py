"""For every message with a cure: who does what the cure says sees the fault gone.

A Case provokes a message, finds the cure's words in it, does what they say and meets no error. What
cannot be done here stands in ELSEWHERE, with the reason. To add a message: put it into a file
cures_of_….py or into ELSEWHERE; the last test counts those of all modules.
"""

import sys
from types import ModuleType

import pytest
import torch
from cures import Case, messages, unaccounted
from cures_of_course import COURSE
from cures_of_downloads import DOWNLOADS
from cures_of_folders import FOLDERS
from cures_of_pictures import PICTURES
from cures_of_points import POINTS
from cures_of_recipes import RECIPES
from cures_of_tables import TABLES
from cures_of_trainings import TRAININGS
from cures_of_values import VALUES

from lessonlib.data import DataLoader
from lessonlib.engine import bodies
from lessonlib.guards import workers

FETCHING = 1, "becomes a reason within the message of fetch, which is tried out"
HANDED_ON = 1, "hands on what a data set says, which is tried out"
PRINTED = "prints a command, which test_printed_commands.py runs"
SET_ASIDE = "the file is set aside, and goes on from its copy: test_progress_file.py"
STRANGE = "a reason within the messages of fetch and real, which are tried out"
ELSEWHERE = {
    "guards.tensors.on_the_cpu": (1, "needs another device with numbers on it"),
    "engine.bodies.lite0": (2, "installs a package: needs a network"),
    "engine.bodies.read_weights": (1, "installs a package or fetches weights: needs a network"),
    "engine.bodies.resnet": (2, "fetches weights: needs a network; the other cure is tried below"),
    "guards.workers.can_be_sent": (2, "needs another main module: tried in a test of its own"),
    "explorers.bear_app.read_upload": (1, "of eight cases one would have to use up the memory"),
    "course.commands.study.refuse_root": (1, "its cure starts JupyterLab as root: test_study.py"),
    "__init__.__getattr__": (1, "has no cure: it is Python's own error for a wrong name"),
    "course.__init__.__getattr__": (1, "has no cure: it is Python's own error for a wrong name"),
    "course.commands.app.serve_app": HANDED_ON,
    "course.commands.copies.lessons": (1, PRINTED),
    "course.commands.copies.of_the_course": (1, PRINTED),
    "course.commands.doctor.requirements_text": (1, "installs the course: needs a network"),
    "course.progress.store.parse": (3, SET_ASIDE),
    "course.commands.study.build_pictures": HANDED_ON,
    "course.folders.lesson_texts": (1, "only who writes questions meets it: test_questions.py"),
    "course.folders.lesson_folder": (1, "is asked only for lessons that are there"),
    "data_scripts.published.archive.check": (1, "a reason within the messages of fetch and real"),
    "data_scripts.published.archive.check_md5": (
        1,
        "a reason within the messages of fetch and real",
    ),
    "data_scripts.published.fetch._continue": FETCHING,
    "data_scripts.published.fetch._check_range": FETCHING,
    "data_scripts.published.fetch._check_length": FETCHING,
    "data_scripts.published.fetch._receive": (3, FETCHING[1]),
    "data_scripts.published.from_original._convert_frame": (1, "a reason within its other message"),
    "data_scripts.published.real._rename_locked": (1, "needs a disk without locks: test_real.py"),
    "data_scripts.storage.locked": (1, "a reason within the messages of its callers"),
    "data_scripts.storage.need_room": (1, "needs a disk that is full"),
    "data_scripts.published.unpack._opened": (2, STRANGE),
    "data_scripts.published.unpack._allowed": (2, STRANGE),
    "data_scripts.published.unpack._parts": (3, STRANGE),
    "data_scripts.published.unpack._claim": (1, STRANGE),
    "data_scripts.published.unpack.read": (1, STRANGE),
    "guards.points.intrinsics_fit": (1, "its cure asks for the camera's calibration"),
    "guards.points.no_distortion": (1, "its cure asks for undistorted pictures"),
    "guards.points.seen_by_colour": (1, "its cure asks for another file, as that of read_pose"),
}

IN_A_FOLDER = [*TRAININGS, *POINTS, *PICTURES, *TABLES]
WITH_DATA = [*FOLDERS, *DOWNLOADS]


@pytest.mark.parametrize("case", [*VALUES, *RECIPES], ids=lambda case: case.where)
def test_the_cure_cures(case):
    case.try_out()


@pytest.mark.parametrize("case", IN_A_FOLDER, ids=lambda case: case.where)
def test_the_cure_cures_in_a_folder(case, tmp_path):
    case.try_out(tmp_path)


@pytest.mark.parametrize("case", COURSE, ids=lambda case: case.where)
def test_the_cure_cures_for_a_learner(case, home):
    case.try_out(home)


def test_a_resnet_that_cannot_be_fetched_is_replaced_by_the_body_that_is_installed(
    monkeypatch, tmp_path
):
    def fail(*_, **__):
        raise OSError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    Case(
        "engine.bodies.resnet",
        lambda: bodies.pretrained("resnet18"),
        "body='lite0'",
        lambda: bodies.pretrained("lite0"),
    ).try_out()


@pytest.mark.parametrize("case", WITH_DATA, ids=lambda case: case.where)
def test_the_cure_cures_with_a_data_folder(case, twin_in_use, tmp_path):
    case.try_out(tmp_path)


@pytest.mark.parametrize("num_workers", [0, 1])
def test_what_cannot_be_sent_to_a_worker_is_loaded_without_or_from_a_file(monkeypatch, num_workers):
    """With num_workers=0 anything goes; with workers a function from a file that is imported."""
    monkeypatch.setattr(workers, "get_start_method", lambda: "spawn")
    monkeypatch.setitem(sys.modules, "__main__", notebook := ModuleType("__main__"))
    exec("def label(path): return path", vars(notebook))
    for mine in (lambda path: path, notebook.label):
        kept = [len if num_workers else mine]
        Case(
            "guards.workers.can_be_sent",
            lambda mine=mine: DataLoader([mine], num_workers=1),
            r"with def in a \.py file that you import, or use num_workers=0",
            lambda kept=kept: DataLoader(kept, num_workers=num_workers),
        ).try_out()


def test_every_message_is_tried_out_or_stands_in_the_table():
    cases = [*VALUES, *RECIPES, *IN_A_FOLDER, *WITH_DATA, *COURSE]
    assert unaccounted(cases, ELSEWHERE) == []
    assert not [where for where in ELSEWHERE if where not in messages()]
