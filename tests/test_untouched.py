"""The guards of conftest.py."""

import os
import socket
import subprocess
import sys

import pytest


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


def test_the_learners_folders_are_untouched(learners_folders):  # conftest.py runs it last
    before, after = learners_folders
    changed = sorted(set(before.items()) ^ set(after.items()))
    assert not changed, f"changed while the tests ran (is a lesson open in JupyterLab?): {changed}"
