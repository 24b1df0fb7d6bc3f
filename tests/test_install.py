"""install.py: which torch it takes, what it leaves out, and how it goes on after anything."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sources import REPO

not_on_windows = pytest.mark.skipif(os.name == "nt", reason="Windows starts no shell scripts")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has two builds")
BACKEND = '''"""Builds lessonlib as pip asks for it, with nothing but Python."""
import pathlib, zipfile

FACTS = "Metadata-Version: 2.1\\nName: lessonlib\\nVersion: 1\\n"
FACTS += "Provides-Extra: test\\nRequires-Dist: tester; extra == 'test'\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "lessonlib-1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("lessonlib.pth", str(pathlib.Path.cwd()))
        wheel.writestr("lessonlib-1.dist-info/METADATA", FACTS)
        wheel.writestr("lessonlib-1.dist-info/WHEEL", WHEEL)
        wheel.writestr("lessonlib-1.dist-info/RECORD", "")
    return name

build_editable = build_wheel
'''
WHEEL = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def install(monkeypatch, tmp_path):
    """install.py as a module, on a course in a folder of its own; nothing is run or fetched."""
    spec = importlib.util.spec_from_file_location("install", REPO / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shutil.copy(REPO / "requirements.txt", tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "version_of", lambda package: "")
    module.fetched = []
    monkeypatch.setattr(module, "pip", lambda *arguments: module.fetched.append(arguments))
    return module


# --- which torch


def put_nvidia_smi(folder, script, monkeypatch):
    """A program of that name, the only one on the path; None: there is none."""
    monkeypatch.setenv("PATH", str(folder))
    if script is not None:
        program = folder / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)


@not_on_windows
@pytest.mark.parametrize(
    ("script", "card"),
    [
        (None, False),
        ("exit 9", False),
        ("echo 'GPU 0: half a driver'; exit 9", False),
        ("echo No devices were found", False),
        ("exec /bin/sleep 60", False),
        ("echo 'GPU 0: NVIDIA GeForce RTX 9 (UUID: GPU-1)'", True),
    ],
    ids=["absent", "failing", "failing late", "without a card", "hanging", "a card"],
)
def test_a_card_is_what_nvidias_driver_lists(script, card, install, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "PATIENCE", 1)
    put_nvidia_smi(tmp_path, script, monkeypatch)
    assert install.has_nvidia_card() is card


@pytest.mark.parametrize(("card", "cuda"), [(True, False), (False, True), (True, True)])
def test_a_card_or_a_wish_gets_the_torch_for_cards(card, cuda, install, monkeypatch, capsys):
    monkeypatch.setattr(install, "has_nvidia_card", lambda: card)
    monkeypatch.setattr(install, "answers", lambda address: pytest.fail("the small one is asked"))
    install.take_torch(cuda)
    assert install.fetched == []  # requirements.txt brings it
    assert capsys.readouterr().out == "torch: the build for NVIDIA cards (5 GB)\n"


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_where_the_ordinary_torch_is_small_it_is_taken(system, install, monkeypatch, capsys):
    monkeypatch.setattr(install, "has_nvidia_card", lambda: False)
    monkeypatch.setattr(install.platform, "system", lambda: system)
    install.take_torch(cuda=False)
    assert install.fetched == [] and "small on this system" in capsys.readouterr().out


def test_a_torch_that_is_there_stays(install, monkeypatch, capsys):
    monkeypatch.setattr(install, "version_of", lambda package: "2.9.0+cpu")
    monkeypatch.setattr(install, "has_nvidia_card", lambda: pytest.fail("nobody has to know"))
    install.take_torch(cuda=False)
    assert install.fetched == [] and capsys.readouterr().out == ""


@contextmanager
def index(handler):
    """A server on this computer; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Refuses(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(403)

    def log_message(self, *args):
        pass


class Hangs(Refuses):
    def do_GET(self):
        time.sleep(60)


class Dribbles(Refuses):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"<a href=torch.whl>")
            time.sleep(0.5)


class LogIn(Refuses):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>Welcome to the hotel</h1>")


@on_linux
@pytest.mark.parametrize("handler", [Refuses, Hangs, Dribbles, LogIn, None])
def test_where_the_small_index_does_not_answer_the_ordinary_one_is_taken_soon(
    handler, install, monkeypatch, capsys
):
    monkeypatch.setattr(install, "PATIENCE", 1)
    monkeypatch.setattr(install, "has_nvidia_card", lambda: False)
    begin = time.monotonic()
    with index(handler or Refuses) as address:
        monkeypatch.setattr(install, "CPU_INDEX", address if handler else "http://127.0.0.1:9")
        install.take_torch(cuda=False)
    assert time.monotonic() - begin < 3
    assert install.fetched == []
    said = capsys.readouterr().out
    assert "ordinary build" in said and install.CPU_INDEX in said and "does not answer" in said


def test_the_patience_of_the_whole_question_is_less_than_15_seconds(install):
    assert install.PATIENCE < 15


@on_linux
def test_where_the_small_index_breaks_later_the_ordinary_one_is_taken(install, monkeypatch, capsys):
    def break_off(*arguments):
        raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setattr(install, "has_nvidia_card", lambda: False)
    monkeypatch.setattr(install, "answers", lambda address: True)
    monkeypatch.setattr(install, "pip", break_off)
    install.take_torch(cuda=False)
    assert capsys.readouterr().out.splitlines()[-1].endswith("torch: the ordinary build (5 GB)")


@on_linux
def test_the_small_torch_comes_in_the_versions_that_the_course_needs(install, monkeypatch):
    monkeypatch.setattr(install, "has_nvidia_card", lambda: False)
    monkeypatch.setattr(install, "answers", lambda address: True)
    install.take_torch(cuda=False)
    needed = (REPO / "requirements.txt").read_text(encoding="utf-8")
    (arguments,) = install.fetched
    torch, torchvision, option, address = arguments
    assert torch.startswith("torch>=") and torchvision.startswith("torchvision>=")
    assert f"\n{torch} " in needed and f"\n{torchvision} " in needed
    assert (option, address) == ("--index-url", "https://download.pytorch.org/whl/cpu")


def test_a_python_that_is_too_old_is_told_the_cure(install, monkeypatch):
    monkeypatch.setattr(install.sys, "version_info", (3, 10, 14))
    monkeypatch.setattr(install.platform, "python_version", lambda: "3.10.14")
    with pytest.raises(SystemExit) as stop:
        install.main([])
    assert "This is Python 3.10.14. Install Python 3.11 or newer" in str(stop.value)


def test_an_unknown_extra_is_refused(install, capsys):
    with pytest.raises(SystemExit):
        install.main(["tests"])
    assert "unknown: tests; there are test, bench" in capsys.readouterr().err


# --- the whole of it, with a pip that really installs


def put_wheel(folder, name, version):
    """A wheel of a package that holds nothing, where a package index has it."""
    place = folder / name / f"{name}-{version}-py3-none-any.whl"
    place.parent.mkdir(parents=True)
    facts = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(place, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{name}_unused.py", "")
        wheel.writestr(
            f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(f"{facts}/WHEEL", WHEEL)
        wheel.writestr(f"{facts}/RECORD", "")


class Served(SimpleHTTPRequestHandler):
    """A folder of wheels; asked: what was asked of all servers."""

    asked: list = []  # noqa: RUF012

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args):
        pass


class Course:
    """A small course to install, beside two package indexes on this computer."""

    def __init__(self, folder, small, ordinary):
        self.folder, self.small = folder, small
        self.python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        mine = ("PIP_", "PYTHON")
        borrowed = {key: value for key, value in os.environ.items() if not key.startswith(mine)}
        self.environment = borrowed | {
            "PIP_INDEX_URL": ordinary,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",  # what comes twice is asked for twice
            "PATH": str(folder),  # no nvidia-smi
        }

    def install(self, *arguments):
        """Run install.py with the small index; returns what it printed and what was fetched."""
        Served.asked.clear()
        code = f"import install; install.CPU_INDEX = {self.small!r}; install.main({arguments!r})"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, [Path(path).name for path in Served.asked if path.endswith(".whl")]

    def packages(self):
        """Names and versions of what is installed, pip and setuptools aside."""
        listed = [self.python, "-m", "pip", "list", "--format=json"]
        found = json.loads(subprocess.run(listed, capture_output=True, check=True).stdout)
        pairs = {one["name"]: one["version"] for one in found}
        return {name: pairs[name] for name in sorted(pairs.keys() - {"pip", "setuptools"})}


@pytest.fixture
def course(tmp_path):
    small, ordinary, folder = (tmp_path / name for name in ("small", "ordinary", "mein Kurs ä"))
    for name, version in (("torch", "2.9.0"), ("torchvision", "0.24.0")):
        put_wheel(small, name, f"{version}+cpu")
        put_wheel(ordinary, name, version)
    put_wheel(ordinary, "tester", "1.0")
    (folder / "lessonlib").mkdir(parents=True)
    (folder / "lessonlib" / "__main__.py").write_text("print('Ready.')", encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    shutil.copy(REPO / "install.py", folder)
    (folder / "requirements.txt").write_text("torch>=2.8  # t\ntorchvision>=0.23  # v\n", "utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', "utf-8"
    )
    with index(partial(Served, directory=small)) as one:
        with index(partial(Served, directory=ordinary)) as other:
            yield Course(folder, one, other)


SMALL = {"torch": "2.9.0+cpu", "torchvision": "0.24.0+cpu"}
SMALL_WHEELS = ["torch-2.9.0%2Bcpu-py3-none-any.whl", "torchvision-0.24.0%2Bcpu-py3-none-any.whl"]


@on_linux
def test_to_study_brings_requirements_alone_and_nothing_is_fetched_twice(course):
    said, fetched = course.install()
    assert "torch: the small build, without CUDA" in said and "Ready." in said
    assert sorted(fetched) == SMALL_WHEELS
    assert course.packages() == {"lessonlib": "1", **SMALL}

    said, fetched = course.install("test")
    assert fetched == ["tester-1.0-py3-none-any.whl"]
    assert course.packages() == {"lessonlib": "1", "tester": "1.0", **SMALL}

    for arguments in ([], ["test"]):
        assert course.install(*arguments) == ("", []) and Served.asked == []


@on_linux
@pytest.mark.parametrize("kept", [{}, {"PYTHONDONTWRITEBYTECODE": "1"}])
def test_what_lessons_import_is_compiled_and_nothing_else(kept, course):
    course.environment |= kept
    course.install()
    for name, compiled in (("torch", 1), ("torch_unused", 0), ("torchvision_unused", 0)):
        assert len(list(course.folder.rglob(f"{name}.cpython*.pyc"))) == compiled


@on_linux
def test_with_cuda_the_ordinary_torch_comes_once(course):
    said, fetched = course.install("--cuda")
    assert "for NVIDIA cards" in said
    names = ["torch-2.9.0-py3-none-any.whl", "torchvision-0.24.0-py3-none-any.whl"]
    assert sorted(fetched) == names
    assert course.packages() == {"lessonlib": "1", "torch": "2.9.0", "torchvision": "0.24.0"}


@on_linux
def test_with_cuda_the_ordinary_torch_takes_the_place_of_the_small_one(course):
    course.install()
    said, _ = course.install("--cuda")
    assert "for NVIDIA cards" in said
    assert course.packages() == {"lessonlib": "1", "torch": "2.9.0", "torchvision": "0.24.0"}
    assert course.install("--cuda") == ("", [])


@on_linux
def test_a_half_made_environment_is_mended(course):
    (course.folder / ".venv").mkdir()  # Ctrl-C while Python made it
    (course.folder / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n", encoding="utf-8")
    course.install()
    assert course.packages() == {"lessonlib": "1", **SMALL}

    (course.folder / ".venv" / "installed").unlink()  # Ctrl-C while pip unpacked torchvision
    (note,) = (course.folder / ".venv").glob("**/torchvision-*.dist-info/INSTALLER")
    note.unlink()
    (module,) = (course.folder / ".venv").glob("**/torchvision.py")
    module.unlink()
    _, fetched = course.install()
    assert module.is_file() and [name.partition("-")[0] for name in fetched] == ["torchvision"]


@on_linux
def test_new_requirements_are_installed_and_extras_stay(course):
    course.install("test")
    put = course.folder / "requirements.txt"
    put.write_text(put.read_text(encoding="utf-8") + "tester>=1  # more\n", encoding="utf-8")
    said, fetched = course.install()
    assert "Ready." in said and fetched == []
    assert course.install("test") == ("", [])


# --- make


def test_make_study_installs_no_extra_and_make_test_installs_the_test_tools():
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^([\w-]+):\n(?:.*\$\(error.*\n)?(.*)$", makefile, re.MULTILINE))
    assert lines["study"] == lines["app"] == "\t$(INSTALL)"
    assert lines["test"] == lines["test-quick"] == "\t$(INSTALL) test"
