"""Start a command that serves JupyterLab or the app, wait for it, end it like Ctrl-C does."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOKEN = "of-the-tests"
PATIENCE = 120  # seconds until the server answers; two busy cores need them


@dataclass
class Server:
    """A running server: its address, its process and the file with what it prints."""

    port: int
    process: subprocess.Popen
    log: Path

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={TOKEN}"

    def interrupt(self) -> int:
        """Press Ctrl-C (Windows: end the processes) and return the exit code."""
        if os.name == "nt":
            end = ["taskkill", "/T", "/F", "/PID", str(self.process.pid)]
            subprocess.run(end, capture_output=True, check=False)
        elif self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def listen_to_ctrl_c() -> None:
    """Tests that run in the background ignore Ctrl-C, and what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quiet_options(port: int) -> list[str]:
    """For JupyterLab without a window, at a known address; CI runs as root."""
    return [
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
        "--allow-root",
    ]


def quiet_app(port: int) -> list[str]:
    """The same for the app, which Voilà serves."""
    return ["--no-browser", f"--port={port}", "--Voila.port_retries=0"]


@contextmanager
def served(
    command: list[str] | str,
    log: Path,
    quiet: Callable[[int], list[str]] = quiet_options,
    page: str = "lab",
    **popen,
) -> Iterator[Server]:
    """Run a command (a string goes through the shell) with quiet options until the block ends.

    page: what the server has to answer before the block begins.
    """
    port = free_port()
    options = quiet(port)
    command = " ".join([command, *options]) if isinstance(command, str) else [*command, *options]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            shell=isinstance(command, str),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=None if os.name == "nt" else listen_to_ctrl_c,
            **popen,
        )
        server = Server(port, process, log)
        try:
            wait_for(server, page)
            yield server
        finally:
            server.interrupt()


def wait_for(server: Server, page: str) -> None:
    """Return when the server answers with 200; AssertionError with its output when it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urllib.request.urlopen(server.address(page), timeout=10) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"no answer from the server:\n{server.log.read_text(encoding='utf-8')}")
