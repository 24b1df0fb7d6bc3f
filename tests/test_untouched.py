"""The guards of conftest.py."""

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
