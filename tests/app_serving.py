"""The app's own server with another page in it, and with less patience for pages that are left."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from serving import Server, quiet_app, served

SERVE = """
import sys
from pathlib import Path
from lessonlib.course.commands import app

app.APP, app.GONE, app.LOOK = Path(sys.argv[1]), 3, 1
sys.exit(app.serve_app(sys.argv[2:]))
"""


@contextmanager
def app_with(folder: Path, cells: Sequence[str], *options: str) -> Iterator[Server]:
    """Serve a notebook of these cells as `python -m lessonlib app` serves the app."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "page.ipynb")
    command = [sys.executable, "-c", SERVE, str(folder / "page.ipynb"), *options]
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    quick = "voila/static/voila.js"  # the page itself would start a kernel
    environment = os.environ | {"PYTHONPATH": path, "JUPYTER_PATH": ""}  # kernels as a visitor's
    with served(command, folder / "app.log", quiet_app, quick, env=environment) as server:
        yield server


def kernels(server: Server) -> list[psutil.Process]:
    """The kernels that the server has started and not yet ended."""
    return list(filter(is_kernel, psutil.Process(server.process.pid).children(recursive=True)))


def is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it has just ended
        return False
