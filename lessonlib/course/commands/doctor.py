"""`python -m lessonlib doctor`: one line for each thing the course needs, with the cure."""

import importlib
import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement
from packaging.version import Version

from data_scripts.layouts import REAL
from data_scripts.storage import data_home
from lessonlib.course.folders import (
    ROOT,
    CourseError,
    course_home,
    install_command,
    python_command,
    setting_command,
)
from lessonlib.engine import catalog

OK, WARN, STOP = "ok", "warn", "stop"  # WARN: the course runs; STOP: it does not
PYTHON = (3, 11)
GIGABYTE = 1e9
UNKNOWN = "unknown"
QUICK = {"numpy": "numpy", "pandas": "pandas", "pillow": "PIL"}  # imported within half a second
WIDGETS = "@jupyter-widgets/jupyterlab-manager"  # what draws sliders inside JupyterLab


class Finding(NamedTuple):
    """One line of the report. state: OK, WARN or STOP."""

    name: str
    state: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:<5} {self.name:<32} {self.text}"


def doctor() -> int:
    """Print every finding. Returns 1 when the course cannot run, else 0."""
    findings = []
    for finding in [*essentials(), *further()]:
        print(finding)
        findings.append(finding)
    stopped = sum(finding.state == STOP for finding in findings)
    print(f"The course cannot run: mend the {stopped} marked stop." if stopped else "Ready.")
    return int(stopped > 0)


def essentials() -> Iterator[Finding]:
    """The quick findings, without which nothing runs."""
    yield python(sys.version_info[:3])
    for requirement in read_requirements(requirements_text()):
        finding = package(requirement, installed(requirement.name))
        quick = QUICK.get(requirement.name) if finding.state == OK else None
        yield (quick and cannot_start(requirement.name, quick)) or finding
    yield sliders(jupyter_path("labextensions"))
    yield folder_of("LESSONLIB_DATA", data_home(), source_of("pascal") != "not built yet")
    yield folder_of("LESSONLIB_HOME", course_home())
    yield disk(shutil.disk_usage(existing(data_home())).free)


def further() -> Iterator[Finding]:
    """What is good to know, and slower to find out."""
    memory_now = psutil.virtual_memory()
    yield memory(memory_now.available, memory_now.total)
    yield Finding("cores", OK, f"{os.cpu_count() or 1}")
    yield accelerator()
    yield data_set("pascal", source_of("pascal"), catalog.pascal)
    yield data_set("biwi", source_of("biwi"), catalog.biwi)
    yield data_set("bears", source_of("bears"), catalog.bears)


def requirements_text() -> str:
    """The text of requirements.txt. CourseError when lessonlib runs outside its repository."""
    try:
        return (ROOT / "requirements.txt").read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(
            f"{ROOT / 'requirements.txt'} is missing: the course runs from its repository. "
            f"In the folder with requirements.txt, run: {python_command('-m', 'pip')} install -e ."
        ) from error


def read_requirements(text: str) -> list[Requirement]:
    """The requirement on each line that has one."""
    specifications = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(specification) for specification in specifications if specification]


def installed(name: str) -> str | None:
    """The version of an installed package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def python(version: tuple[int, int, int]) -> Finding:
    """Is this Python new enough?"""
    text = ".".join(map(str, version))
    if version >= PYTHON:
        return Finding("Python", OK, text)
    return Finding(
        "Python",
        STOP,
        f"{text} is too old. Install Python {'.'.join(map(str, PYTHON))} or newer from "
        "https://www.python.org, delete the folder .venv and follow the README again.",
    )


def package(requirement: Requirement, version: str | None) -> Finding:
    """Is a package there, and new enough?"""
    if version and requirement.specifier.contains(Version(version), prereleases=True):
        return Finding(requirement.name, OK, version)
    problem = f"is {version}" if version else "is not installed"
    text = f"{problem}; the course needs {requirement.specifier}. Run: {install_command()}"
    return Finding(requirement.name, STOP, text)


def cannot_start(name: str, module: str) -> Finding | None:
    """A finding where an installed package cannot be imported, else None."""
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:  # OSError: a library that Windows cannot load
        return does_not_start(name, error)
    return None


def does_not_start(name: str, error: Exception) -> Finding:
    text = f"{name} does not start ({error}). Run: {install_command()} --force-reinstall"
    return Finding(name, STOP, text)


def sliders(folders: list[str]) -> Finding:
    """Will JupyterLab draw sliders? folders: where it looks for extensions."""
    for folder in folders:
        if (Path(folder) / WIDGETS / "package.json").is_file():
            return Finding("jupyterlab-widgets", OK, "JupyterLab draws the sliders")
    repair = python_command("-m", "pip", "install", "--force-reinstall", "--no-deps")
    text = f"JupyterLab will not draw the sliders. Run: {repair} jupyterlab_widgets"
    return Finding("jupyterlab-widgets", STOP, text)


def memory(available: int, total: int) -> Finding:
    """Is there room for a lesson with its pictures? Both in bytes."""
    text = f"{available / GIGABYTE:.1f} GB free of {total / GIGABYTE:.1f} GB"
    if available >= 4 * GIGABYTE:
        return Finding("memory", OK, text)
    text += "; 4 GB is comfortable. Close programs and other lessons."
    return Finding("memory", WARN, text)


def disk(free: int) -> Finding:
    """Is there room for the pictures and the models? In bytes."""
    text = f"{free / GIGABYTE:.1f} GB free"
    if free >= 1 * GIGABYTE:
        return Finding("disk", OK, text)
    state = WARN if free >= 0.2 * GIGABYTE else STOP
    return Finding("disk", state, f"{text}; the course needs 1 GB. Delete files you do not need.")


def accelerator(torch: Any = None) -> Finding:
    """What torch computes on. torch: the module, to try this function on others."""
    try:
        torch = torch or importlib.import_module("torch")
        if torch.cuda.is_available():
            return Finding("accelerator", OK, f"CUDA: {torch.cuda.get_device_name(0)}")
        if torch.backends.mps.is_available():
            return Finding("accelerator", OK, "MPS: the graphics processor of this Mac")
    except (ImportError, OSError) as error:
        return does_not_start("torch", error)._replace(name="accelerator")
    return Finding("accelerator", OK, "CPU: the lessons are made for it")


def source_of(name: str) -> str:
    """What catalog.source says, or UNKNOWN where what draws the pictures does not start."""
    try:
        return catalog.source(name)
    except (ImportError, OSError):
        return UNKNOWN


def data_set(name: str, source: str, find: Callable[[], Path]) -> Finding:
    """Which data a lesson gets, and whether it is whole. find raises where it is not."""
    if source == "not built yet":
        build_it = python_command("-m", f"data_scripts.{name}")
        return Finding(name, OK, f"built when it is first needed, or now: {build_it}")
    if source == UNKNOWN:
        return Finding(name, OK, "not known before the rest is mended")
    try:
        kind = {"real": "the real photographs", "twin": "the offline twin"}[source]
        folder = find()
        pictures = sum(1 for _ in folder.rglob("*.jpg"))
        text = f"{kind}: {pictures:,} pictures in {folder}{other_set(name, source)}"
        return Finding(name, OK, text)
    except ImportError:  # of torch or pandas, which have a line of their own
        return Finding(name, OK, f"{kind}, to be looked through when the rest is mended")
    except (OSError, ValueError) as error:
        return Finding(name, STOP, str(error))


def other_set(name: str, source: str) -> str:
    """How to switch, as the end of a sentence; "" for a data set that has nothing to switch to."""
    if name not in REAL:
        return ""
    if source == "real":
        return f". The twin instead: {python_command('-m', f'data_scripts.{name}', '--twin')}"
    return f". The real set instead: {python_command('-m', f'data_scripts.{name}', '--real')}"


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    return folder if folder.exists() else existing(folder.parent)


def refusal(folder: Path) -> str | None:
    """Why nothing can be written in a folder (or where it would be made), or None."""
    try:
        with tempfile.TemporaryFile(dir=existing(folder)):
            return None
    except OSError as error:
        return error.strerror or str(error)


def folder_of(variable: str, folder: Path, whole: bool = False) -> Finding:
    """The folder of LESSONLIB_HOME or LESSONLIB_DATA has to be writable.

    whole: what it is for is there already, so that reading is enough (a folder that is shared).
    """
    reason = refusal(folder)
    if reason is None:
        return Finding(variable, OK, f"{folder}")
    if whole:
        return Finding(variable, OK, f"{folder} (read-only, with the pictures in it)")
    cure = setting_command(variable, Path.home() / "lessonlib" / variable[-4:].lower())
    text = f"{folder} cannot be written ({reason}). Choose another folder: {cure}"
    return Finding(variable, STOP, text)
