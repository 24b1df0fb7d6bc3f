"""Somebody clones the course and types what the README says. Nothing else has to happen."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
from serving import served

from lessonlib.course.folders import ROOT

SYSTEM = "Windows" if os.name == "nt" else "Linux and macOS"


def commands_of(readme: str, system: str) -> list[str]:
    """The lines of the README's block of commands for this system."""
    block = re.search(rf"^\*\*{system}\*\*[^\n]*\n\n```\w+\n(.*?)```", readme, re.M | re.S)
    return block[1].splitlines()


def borrowed_environment() -> dict[str, str]:
    """Offline: pip, Python and JupyterLab find the packages of the environment we run in."""
    packages = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    shared = Path(sys.prefix, "share", "jupyter")
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PY_PYTHON": "{}.{}".format(*sys.version_info),  # what `py` starts on Windows
        "PYTHONPATH": os.pathsep.join(packages),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as build_isolation=0: no download to build
        "JUPYTER_PATH": str(shared),
        "JUPYTERLAB_DIR": str(shared / "lab"),
    }


def test_the_readmes_commands_open_the_course_in_a_fresh_clone(tmp_path):
    clone = tmp_path / "fresh clone ä"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    *set_up, study = commands_of((clone / "README.md").read_text(encoding="utf-8"), SYSTEM)
    environment = borrowed_environment()
    for command in set_up:
        done = subprocess.run(
            command, shell=True, cwd=clone, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    with served(study, tmp_path / "study.log", cwd=clone, env=environment):  # answers with 200
        copies = sorted((clone / "my_course").glob("*.ipynb"))
    lessons = sorted((clone / "notebooks").glob("*.ipynb"))
    assert [copy.name for copy in copies] == [lesson.name for lesson in lessons]
    cells = [cell for copy in copies for cell in nbformat.read(copy, as_version=4).cells]
    assert cells and not any(cell.get("outputs") for cell in cells)
    status = ["git", "status", "--porcelain"]
    left = subprocess.run(status, cwd=clone, capture_output=True, text=True, check=True).stdout
    assert left == "", "the set-up leaves files that git does not ignore"


def test_make_runs_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (installs,) = re.findall(r"^INSTALL := .*$", makefile, re.MULTILINE)
    for system in ("Linux and macOS", "Windows"):
        commands = commands_of(readme, system)
        assert len(commands) == 2
        set_up, study = (command.partition(" ")[2] for command in commands)
        assert f"$(PYTHON)) {set_up}" in installs
        assert f"\nstudy:\n\t$(INSTALL)\n\t$(RUN) {study}\n" in makefile


def test_by_hand_the_readme_installs_what_install_py_does():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    program = (ROOT / "install.py").read_text(encoding="utf-8")
    block = re.search(r"^\*\*By hand\*\*[^`]*```\n(.*?)```", readme, re.M | re.S)[1]
    make, small, rest = (line.partition(" -m ")[2] for line in block.splitlines())
    assert make == "venv .venv" and '"-m", "venv"' in program
    index = re.search('CPU_INDEX = "(.+)"', program)[1]
    assert small == f"pip install torch torchvision --index-url {index}"
    assert rest == "pip install -r requirements.txt -e ."
    assert '"-r", "requirements.txt", "-e"' in program
