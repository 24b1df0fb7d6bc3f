"""conftest.py: its guards, and which tests it takes, and where."""

import os
import socket
import subprocess
import sys

import pytest
from sources import REPO


@pytest.fixture
def conftest(pytestconfig):
    """The conftest.py of all tests, as the module that pytest has loaded."""
    return pytestconfig.pluginmanager.get_plugin(str(REPO / "conftest.py"))


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com"])
def test_a_connection_to_the_network_is_refused(host):
    with pytest.raises(OSError, match="no network"):
        socket.create_connection((host, 80), timeout=1)


def test_a_connection_to_this_computer_is_allowed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_a_download_in_another_process_is_refused():
    download = "import urllib.request; urllib.request.urlopen('http://192.0.2.1', timeout=5)"
    outcome = subprocess.run([sys.executable, "-c", download], capture_output=True, text=True)
    assert "refused" in outcome.stderr


def test_data_and_progress_of_tests_have_folders_of_their_own():
    for variable in ("LESSONLIB_DATA", "LESSONLIB_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        assert f"tests{os.sep}.data" in os.environ[variable]


def test_a_file_of_the_learner_that_changes_is_noticed(conftest, tmp_path):
    """At the end of a run conftest.py asks this of the learner's own folders."""
    for name in ("kept", "edited", "deleted"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    before = conftest.snapshot([tmp_path, tmp_path / "nowhere"])
    assert conftest.changed(before, conftest.snapshot([tmp_path])) == []
    (tmp_path / "edited").write_text("by a test", encoding="utf-8")
    (tmp_path / "deleted").unlink()
    (tmp_path / "new").write_text("", encoding="utf-8")
    after = conftest.snapshot([tmp_path])
    names = [str(tmp_path / name) for name in ("deleted", "edited", "new")]
    assert conftest.changed(before, after) == names


# --- which tests, and where


def test_of_a_lesson_everything_is_run_that_checks_it_and_nothing_else():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--lesson", "06"]
    other = {name: os.environ[name] for name in os.environ if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(command, env=other, capture_output=True, text=True, cwd=REPO)
    assert done.returncode == 0, done.stderr
    listed = done.stdout
    chosen = [line for line in listed.splitlines() if "::" in line]
    files = {line.partition("::")[0] for line in chosen}
    assert {name for name in files if name.endswith(".ipynb")} == {"notebooks/06_thresholds.ipynb"}
    exercises, questions, form = (
        [line for line in chosen if line.startswith(f"tests/{name}.py")]
        for name in ("lessons/test_lessons", "course/test_questions", "lessons/test_notebooks")
    )
    for lines in (exercises, questions, form):
        assert lines and all("[06" in line or "[lesson06" in line for line in lines)
    sliders, contract = "explorers/test_cockpit", "lessons/test_export"
    wanted = (sliders, contract, "lessons/test_lesson06")
    assert {f"tests/{name}.py" for name in wanted} <= files
    unwanted = ("lessons/test_lesson05", "explorers/test_geometry_explorer", "engine/test_learner")
    assert not {f"tests/{name}.py" for name in unwanted} & files


def test_a_lesson_that_is_not_there_is_refused(conftest):
    for lesson in ("6", "99", "_"):
        with pytest.raises(pytest.UsageError, match="two digits of a lesson"):
            conftest.slider_tests(lesson)


def test_cells_of_a_notebook_and_all_trainings_share_a_process(conftest, monkeypatch):
    scalar = "tests/library/test_scalar.py"

    def groups():
        conftest.training_group.cache_clear()
        return [
            conftest.group_of(name)
            for name in (
                *("notebooks/03_datablock.ipynb::Cell 0", "notebooks/03_datablock.ipynb::Cell 9"),
                *(
                    "notebooks/05_fine_tuning.ipynb::Cell 0",
                    "notebooks/06_thresholds.ipynb::Cell 0",
                ),
                *("notebooks/07_head_pose.ipynb::Cell 0", "notebooks/08_bears.ipynb::Cell 0"),
                "tests/lessons/test_solved_runs.py::test_run_all[06_thresholds-half-solved]",
                "tests/browser/test_threshold_slider.py::test_slider",
                f"{scalar}::test_it[06]",
            )
        ]

    monkeypatch.setattr(conftest, "ONE_THREAD", False)
    light, slow = "notebooks/03_datablock.ipynb", "trainings"
    assert groups() == [light, light, *[slow] * 6, scalar]
    monkeypatch.setattr(conftest, "ONE_THREAD", True)
    saved = "lesson05"
    alone = ["07_head_pose", "lesson08"]
    assert groups() == [light, light, saved, saved, *alone, saved, saved, scalar]
    conftest.training_group.cache_clear()
