"""The commands: what study, reset and doctor do with what is typed."""

import os
import signal
import subprocess
import sys

import pytest
from serving import served

from data_scripts.storage import ROOT
from lessonlib import __main__ as commands
from lessonlib.course.commands import study as study_module
from lessonlib.course.commands.copies import Update
from lessonlib.course.commands.doctor import Finding
from lessonlib.course.folders import CourseError, python_command


def test_the_report_names_the_command_that_brings_the_new_lesson(capsys, tmp_path):
    study_module.report(Update(left_alone=["06_metrics.ipynb"]), tmp_path)
    said = capsys.readouterr().out
    assert "06_metrics.ipynb is newer" in said
    assert python_command("-m", "lessonlib", "reset", "06", "--folder", tmp_path) in said
    study_module.report(Update(left_alone=["06_metrics.ipynb"]), study_module.MY_COURSE)
    said = capsys.readouterr().out
    assert python_command("-m", "lessonlib", "reset", "06") in said and "--folder" not in said


@pytest.mark.parametrize(("chosen", "kept"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_of_kernels_sleep_while_they_wait_unless_the_learner_chose(
    monkeypatch, chosen, kept
):
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.delenv("OMP_WAIT_POLICY")  # conftest.py set it
    if chosen:
        monkeypatch.setenv("OMP_WAIT_POLICY", chosen)
    study_module.prepare_kernels()
    assert os.environ["OMP_WAIT_POLICY"] == kept
    assert os.environ["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_options_that_study_does_not_know_go_to_jupyterlab(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(commands, "study", lambda *given: calls.append(given) or 0)
    folder = tmp_path / "lessons"
    assert commands.run(["study", "--port=9000", "--folder", str(folder), "--no-browser"]) == 0
    assert calls == [(folder, ["--port=9000", "--no-browser"])]


def test_options_of_the_app_go_to_voila(monkeypatch):
    calls = []
    monkeypatch.setattr(commands, "serve_app", lambda *given: calls.append(given) or 0)
    assert commands.run(["app", "--port=9000", "--no-browser"]) == 0
    assert calls == [(["--port=9000", "--no-browser"],)]


def test_a_relative_folder_is_taken_from_where_the_learner_is(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(commands, "study", lambda *given: calls.append(given) or 0)
    monkeypatch.chdir(tmp_path)
    commands.run(["study", "--folder", "lessons"])
    assert calls == [(tmp_path / "lessons", [])]


def test_a_mistake_ends_in_one_sentence(monkeypatch, capsys, tmp_path):
    arguments = ["lessonlib", "reset", "77", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert commands.main() == 1
    assert capsys.readouterr().err.startswith("There is no lesson 77. The lessons are: 00_")


@pytest.mark.parametrize("error", [PermissionError, ValueError])
def test_pictures_that_cannot_be_built_end_study_in_their_own_sentence(monkeypatch, error):
    def refuse():
        raise error("The folder may not be written to. Choose another.")

    monkeypatch.setattr(study_module.catalog, "pascal", refuse)
    with pytest.raises(CourseError, match="Choose another"):
        study_module.build_pictures()


def test_root_hears_before_anything_is_built_what_jupyterlab_would_say(monkeypatch, tmp_path):
    built = []
    monkeypatch.setattr(study_module.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(study_module, "build_pictures", lambda: built.append("pictures"))
    monkeypatch.setattr(study_module, "open_jupyterlab", lambda *given: built.append(given))
    folder = tmp_path / "mine"
    with pytest.raises(CourseError, match="You are root") as error:
        study_module.study(folder, ["--port=9000"])
    words = ("-m", "lessonlib", "study", "--folder", folder, "--port=9000", "--allow-root")
    assert built == [] and str(error.value).endswith(python_command(*words))
    study_module.study(folder, ["--port=9000", "--allow-root"])
    assert built == ["pictures", (folder, ["--port=9000", "--allow-root"])]


def test_study_does_not_start_where_the_course_cannot_run(monkeypatch, capsys):
    stopped = [Finding("torch", "ok", "2.14"), Finding("pandas", "stop", "is old. Run: pip …")]
    monkeypatch.setattr(study_module, "essentials", lambda: iter(stopped))
    monkeypatch.setattr(study_module, "build_pictures", lambda: pytest.fail("it went on"))
    assert study_module.study() == 1
    said = capsys.readouterr().out
    assert "pandas" in said and "torch" not in said


def doctor_without(module, folder, error="ModuleNotFoundError('No module named {}')"):
    """What doctor says where a module cannot be imported."""
    text = f"raise {error.format(module)}"
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    broken = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT)))}
    command = [sys.executable, "-m", "lessonlib", "doctor"]
    done = subprocess.run(command, env=broken, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    return done


def test_where_torch_does_not_start_doctor_says_so_in_its_line(tmp_path):
    said = doctor_without("torch", tmp_path).stdout
    (line,) = (line for line in said.splitlines() if line.startswith("stop"))
    assert "No module named torch" in line and "-m pip install" in line


@pytest.mark.parametrize("module", ["numpy", "pandas", "PIL"])
@pytest.mark.parametrize("kind", ["ImportError", "OSError"])
def test_where_a_library_does_not_start_doctor_says_so_and_how_to_mend_it(tmp_path, module, kind):
    said = doctor_without(module, tmp_path, f"{kind}('a part is missing')").stdout
    lines = [line for line in said.splitlines() if line.startswith("stop")]
    assert "does not start (a part is missing)" in lines[0]
    assert f"{python_command('-m', 'pip')} install" in lines[0]


def test_where_what_the_commands_need_is_missing_they_name_it_and_the_cure(tmp_path):
    module = "packaging"
    done = doctor_without(module, tmp_path)
    assert f"No module named {module}. In the folder" in done.stderr
    pip = python_command("-m", "pip")
    assert f"run: {pip} install -r requirements.txt -e ." in done.stderr


def test_a_library_that_the_system_cannot_load_is_named_with_the_cure_too(tmp_path):
    said = doctor_without("packaging", tmp_path, "OSError('c10.dll is missing')").stderr
    assert "The course cannot run: c10.dll is missing. In the folder" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that a test can send to a group")
def test_ctrl_c_ends_study_without_a_question_or_a_traceback(tmp_path):
    command = [sys.executable, "-m", "lessonlib", "study", "--folder", str(tmp_path / "mine")]
    with served(command, tmp_path / "log", cwd=tmp_path) as server:
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(timeout=30) == 0
        said = server.log.read_text(encoding="utf-8")
    assert "Traceback" not in said and "[y]" not in said
