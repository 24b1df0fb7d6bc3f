"""For every test: folders of its own, no network, its turn at the cores, and proof that the
learner's folders stay untouched."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
from cores import WAITING, busy
from platformdirs import user_data_path
from warm_kernels import start_server

ROOT = Path(__file__).resolve().parent
DATA = ROOT / "tests" / ".data"  # the twin stays here, so that only the first run builds it
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
OWN = DATA / "workers" / WORKER
KERNELS = DATA / "workers" / "kernels"  # where Jupyter looks first for how a kernel is started
NOWHERE = "http://127.0.0.1:9"  # a port that nobody listens on

collect_ignore = ["my_course", "notebooks/src"]

# Set before anything imports lessonlib; the notebooks' kernels and the commands inherit it.
os.environ |= {
    "LESSONLIB_DATA": str(DATA),
    "LESSONLIB_HOME": str(OWN / "home"),
    "JUPYTER_CONFIG_DIR": str(OWN / "jupyter" / "config"),
    "JUPYTER_DATA_DIR": str(OWN / "jupyter" / "data"),
    "JUPYTER_RUNTIME_DIR": str(OWN / "jupyter" / "runtime"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "JUPYTER_PATH": str(KERNELS),
    "IPYTHONDIR": str(OWN / "ipython"),
    # Else two processes that compute wait for each other's threads, and take three times as long.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Other processes cannot be patched: a proxy that is not there keeps them off the network.
    "HTTP_PROXY": NOWHERE,
    "HTTPS_PROXY": NOWHERE,
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
    "NO_PROXY": "localhost,127.0.0.1",
    "no_proxy": "localhost,127.0.0.1",
}

LEARNERS = [user_data_path("lessonlib"), ROOT / "my_course"]
TRAINS = re.compile(r"\b(trained|fine_tune|fit_one_cycle)\(")  # also: wants what another trained
ABOUT_LESSONS = ("lessons", "explorers", "course")  # the folders of tests that --lesson looks into
SOLVED_RUNS = "tests/lessons/test_solved_runs.py"
NOTEBOOK = re.compile(r"\[(\d\d_\w+)-")  # in the name of a solved run
MODEL = re.compile(r"model_path\(\\?\"(lesson\d\d)")
ONE_THREAD = os.environ.get("OMP_NUM_THREADS") == "1"
START = """import sys
sys.path.append({tests!r})
import kernel_start
del sys, kernel_start
"""
STATES_KEPT = 3  # of the code, with what they have trained: some 100 MB each
at_start = pytest.StashKey[tuple]()
kernels = pytest.StashKey[subprocess.Popen]()


def pytest_addoption(parser):
    parser.addoption("--lesson", metavar="NN", help="only what checks this lesson, such as 06")
    parser.addoption("--cold-kernels", action="store_true", help="start kernels as learners do")


# --- folders


def snapshot(folders: list[Path]) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file below these folders."""
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def changed(before: dict, after: dict) -> list[str]:
    """The files that are new, gone or different."""
    return sorted({name for name, _ in before.items() ^ after.items()})


def pytest_sessionstart(session):
    options = session.config.option
    if not options.collectonly:
        shutil.rmtree(OWN, ignore_errors=True)  # progress of an earlier run
        startup = OWN / "ipython" / "profile_default" / "startup" / "trainings.py"
        startup.parent.mkdir(parents=True)
        startup.write_text(START.format(tests=str(ROOT / "tests")), encoding="utf-8")
    if WORKER == "alone":  # not a worker: the process that speaks to whoever runs the tests
        states = sorted((DATA / "trained").glob("*/"), key=lambda folder: folder.stat().st_mtime)
        for state in states[:-STATES_KEPT]:
            shutil.rmtree(state)
        session.config.stash[at_start] = snapshot(LEARNERS), time.monotonic()
        if not options.collectonly:
            shutil.rmtree(KERNELS, ignore_errors=True)
            if sys.platform == "linux" and not options.cold_kernels:
                session.config.stash[kernels] = start_server(KERNELS)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if WORKER == "alone":
        if server := session.config.stash.get(kernels, None):
            server.communicate()
        if changed(session.config.stash[at_start][0], snapshot(LEARNERS)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    before, begin = config.stash[at_start]
    seconds, spent = time.monotonic() - begin, os.times()
    processor = spent.user + spent.system + spent.children_user + spent.children_system
    terminalreporter.write_line(
        f"{in_minutes(seconds)} of wall time, {in_minutes(processor)} of processor time"
    )
    for name in changed(before, snapshot(LEARNERS)):
        terminalreporter.write_line(f"CHANGED while the tests ran (is a lesson open?): {name}")


def in_minutes(seconds: float) -> str:
    return "{} min {:02} s".format(*divmod(round(seconds), 60))


# --- which tests, in which order and where


def pytest_ignore_collect(collection_path, config):
    """With --lesson: leave out what cannot be about a lesson, without importing it."""
    lesson, path = config.option.lesson, collection_path
    if lesson and path.suffix == ".ipynb" and not path.name.startswith(lesson):
        return True
    if lesson and path.name.startswith("test_") and path.parent.name not in ABOUT_LESSONS:
        return True
    return None


def pytest_collection_modifyitems(config, items):
    if config.option.lesson:
        slider_tests(config.option.lesson)  # refuses an unknown lesson
        chosen = [item for item in items if checks_lesson(item, config.option.lesson)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen
    items.sort(key=turn)

    if not config.option.collectonly and any(item.path.suffix == ".ipynb" for item in items):
        from data_scripts import bears
        from lessonlib.engine import catalog

        catalog.pascal()  # built within a lesson, its progress bar would be compared
        catalog.biwi()
        catalog.bears()
        bears.twin(tied=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of one group run one after the other in one process, the groups in the order of items.

    Not by xdist's own mark for groups: pytest-xdist 3.8 writes it where pytest 9.2 does not look.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group_of(nodeid)

    config.option.loadscopereorder = False  # not the largest first
    return Groups(config, log)


def group_of(nodeid: str) -> str:
    """A file is a group; so are a lesson's solved runs, and all that trains or wants a model.

    Who wants a model from another group would wait for its training, and this one for the cores.
    """
    name = nodeid.partition("::")[0]
    if name == SOLVED_RUNS:
        (lesson,) = NOTEBOOK.findall(nodeid)
        return training_group(ROOT / "notebooks" / f"{lesson}.ipynb") or f"solved {lesson}"
    return training_group(ROOT / name) or name


@cache
def training_group(path: Path) -> str:
    """The group of a lesson or test that trains, or wants what was trained; else "".

    With one thread a training leaves the other cores free: then only those lessons stay together of
    which one loads the model that another has saved.
    """
    text = path.read_text(encoding="utf-8")
    if not (TRAINS.search(text) if path.suffix == ".ipynb" else "share_models(" in text):
        return ""
    if ONE_THREAD:
        model = MODEL.search(text)
        return model[1] if model else path.stem
    return "trainings"


def turn(item) -> int:
    """The lessons that train first, and beside them what is short: they wait until it has ended."""
    if item.nodeid.startswith(SOLVED_RUNS):
        return 3
    if item.path.suffix == ".ipynb" and training_group(item.path):
        return 0
    return 2 if "browser" in item.path.parts else 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    os.environ.pop(WAITING, None)
    if WORKER == "alone":
        return (yield)
    if group_of(item.nodeid) == "trainings":
        workers = range(int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
        os.environ[WAITING] = " ".join({f"gw{n}" for n in workers} - {WORKER})
        return (yield)
    with busy(WORKER):
        return (yield)


def checks_lesson(item, lesson: str) -> bool:
    """Whether a test is about a lesson: its notebook, its exercises and questions, its sliders, its
    form, and that its exports are the library's."""
    stem, about = item.path.stem, item.nodeid.partition("[")[2]
    if item.path.suffix == ".ipynb":
        return stem.startswith(lesson)
    if stem in (f"test_lesson{lesson}", "test_export", *slider_tests(lesson)):
        return True
    return bool(re.search(rf"(^|-)(lesson)?{lesson}(\b|_)", about))


@cache
def slider_tests(lesson: str) -> set[str]:
    """The test files of the modules that a lesson takes its sliders from."""
    sources = list((ROOT / "notebooks" / "src").glob(f"{lesson}_*/lesson.py"))
    if len(sources) != 1:
        raise pytest.UsageError(f"--lesson {lesson}: give the two digits of a lesson, such as 06")
    from lessonlib import PLACES

    text = sources[0].read_text(encoding="utf-8")
    imported = re.findall(r"^from lessonlib import (?:\(([^)]*)|(.*))", text, re.MULTILINE)
    words = set(re.findall(r"\w+", str(imported)))
    files = [place for name, place in PLACES.items() if name in words]
    explorers = {file.partition(".")[2] for file in files if file.startswith("explorers.")}
    return {f"test_{name}{kind}" for name in explorers for kind in ("", "_explorer")}


# --- no network


def is_loopback(host: object) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    return host in (None, "", "localhost", "::1") or str(host).startswith("127.")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Every connection that leaves this computer raises; loopback is allowed."""

    def guard(name, host_of):
        real = getattr(socket, name) if name == "getaddrinfo" else getattr(socket.socket, name)

        def guarded(*args, **kwargs):
            host = host_of(*args, **kwargs)
            if not is_loopback(host):
                raise OSError(f"Tests have no network, and {name} wanted {host!r}.")
            return real(*args, **kwargs)

        return guarded

    def target(connection, address):
        return address[0] if isinstance(address, tuple) else None  # else a path: a local socket

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guard(name, target))
    monkeypatch.setattr(
        socket, "getaddrinfo", guard("getaddrinfo", lambda host, *args, **kwargs: host)
    )
