"""For every test: folders of its own, no network, and proof that the learner's stay untouched."""

import os
import shutil
import socket
from pathlib import Path

import pytest
from platformdirs import user_data_path

ROOT = Path(__file__).resolve().parent
DATA = ROOT / "tests" / ".data"  # the twin stays here, so that only the first run builds it
NOWHERE = "http://127.0.0.1:9"  # a port that nobody listens on

collect_ignore = ["my_course", "notebooks/src"]

# Set before anything imports lessonlib; the notebooks' kernels and the commands inherit it.
os.environ |= {
    "LESSONLIB_DATA": str(DATA),
    "LESSONLIB_HOME": str(DATA / "home"),
    "JUPYTER_CONFIG_DIR": str(DATA / "jupyter" / "config"),
    "JUPYTER_DATA_DIR": str(DATA / "jupyter" / "data"),
    "JUPYTER_RUNTIME_DIR": str(DATA / "jupyter" / "runtime"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "IPYTHONDIR": str(DATA / "ipython"),
    # Other processes cannot be patched: a proxy that is not there keeps them off the network.
    "HTTP_PROXY": NOWHERE,
    "HTTPS_PROXY": NOWHERE,
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
    "NO_PROXY": "localhost,127.0.0.1",
    "no_proxy": "localhost,127.0.0.1",
}

LEARNERS = [user_data_path("lessonlib"), ROOT / "my_course"]
at_start = pytest.StashKey[dict]()


def snapshot(folders: list[Path]) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file below these folders."""
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def pytest_sessionstart(session):
    shutil.rmtree(DATA / "home", ignore_errors=True)  # progress of an earlier run
    session.config.stash[at_start] = snapshot(LEARNERS)


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.name == "test_the_learners_folders_are_untouched")
    if not config.option.collectonly and any(item.path.suffix == ".ipynb" for item in items):
        from data_scripts import bears
        from lessonlib import catalog

        catalog.pascal()  # built within a lesson, its progress bar would be compared
        catalog.biwi()
        catalog.bears()
        bears.twin(tied=True)


@pytest.fixture
def learners_folders(pytestconfig):
    """What the learner's folders held when the tests began, and what they hold now."""
    return pytestconfig.stash[at_start], snapshot(LEARNERS)


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
