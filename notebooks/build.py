"""Build the lessons: src/NN_topic/lesson.py becomes NN_topic.ipynb, run, with its outputs.

    python notebooks/build.py          every lesson and the web app
    python notebooks/build.py 01 04    these two
    python notebooks/build.py bear_app the web app

The sources (jupytext "py:percent") are the only form to edit. Two builds on one machine give
the same bytes: cell ids count the cells, and whatever differs from run to run is left out.
"""

import argparse
import base64
import io
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image, ImageChops

from data_scripts.bears import twin as bears_twin
from lessonlib.engine.catalog import bears, biwi, pascal

NOTEBOOKS = Path(__file__).resolve().parent
MAX_BYTES = 400_000
CELL_TIMEOUT = 600  # seconds
QUIET = "--IPKernelApp.log_level=40"  # its advice about connections is not about the lesson
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},  # the kernel would add the Python version here
}


class BuildError(Exception):
    """A lesson that cannot be built: the message names the lesson, the cell and the cause."""


def name_of(source):
    """What a source is called for short: a lesson's two digits, else its folder's whole name."""
    folder = source.parent.name
    return folder[:2] if folder[:2].isdigit() else folder


def find_sources(lessons=(), folder=NOTEBOOKS):
    """The source files of these lessons ("01", …), in lesson order; all of them by default."""
    sources = sorted((folder / "src").glob("*/lesson.py"))
    unknown = set(lessons) - {name_of(source) for source in sources}
    if unknown:
        known = ", ".join(source.parent.name for source in sources)
        raise BuildError(
            f"No source for lesson {', '.join(sorted(unknown))} in {folder / 'src'}; "
            f"give the digits, or the name, of one of these: {known}."
        )
    return [source for source in sources if not lessons or name_of(source) in lessons]


def target_of(source):
    """Where the notebook of a source goes: src/01_x/lesson.py -> 01_x.ipynb."""
    return source.parents[2] / f"{source.parent.name}.ipynb"


def read_source(source):
    """The notebook of a source file: cells without outputs, with the ids that stay."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    for position, cell in enumerate(notebook.cells):
        cell.id = f"{name_of(source)}-{position:03}"
    return notebook


def run_cells(notebook, folder):
    """Run every cell in place, in a fresh kernel that starts in folder."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=[QUIET],
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # how printing splits into messages differs from run to run
    )
    with client.setup_kernel():
        for position, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, position)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                raise BuildError(f"cell {cell.id} failed. {error}") from error


def drop_what_differs(notebook):
    """Take out of an executed notebook whatever the next run would give differently.

    The view of a widget is only an id of a model in a kernel that is gone. Without it GitHub,
    nbconvert and JupyterLab show the widget's text instead of an error.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("data") != {}]


def with_few_colours(figure):
    """A figure with a palette of 16 colours, or of 32 where 16 could be told from all of them."""
    few = figure.quantize(16, Image.Quantize.MAXCOVERAGE, kmeans=3)
    off = ImageChops.difference(figure, few.convert("RGB")).getextrema()
    if max(most for _, most in off) <= 32:
        return few
    return figure.quantize(32, Image.Quantize.MAXCOVERAGE, kmeans=3)


def squeeze_figures(notebook):
    """Give each PNG few colours: it looks the same and has a quarter of the bytes."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                figure = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
                small = io.BytesIO()
                with_few_colours(figure.convert("RGB")).save(small, "PNG", optimize=True)
                data["image/png"] = base64.b64encode(small.getvalue()).decode()


def build(source):
    """Build one lesson. Returns the path of the notebook; raises BuildError."""
    target = target_of(source)
    notebook = read_source(source)
    try:
        run_cells(notebook, target.parent)
    except BuildError as error:
        raise BuildError(f"{source.parent.name}: {error}") from error
    drop_what_differs(notebook)
    squeeze_figures(notebook)
    nbformat.validate(notebook)
    content = (nbformat.writes(notebook) + "\n").encode("utf-8")
    if len(content) > MAX_BYTES:
        raise BuildError(
            f"{source.parent.name}: the notebook would have {len(content) // 1000} KB, more than "
            f"{MAX_BYTES // 1000}: show fewer or smaller figures."
        )
    target.write_bytes(content)
    return target


def main():
    parser = argparse.ArgumentParser(description="Build the lessons from notebooks/src.")
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lesson numbers, such as 01 04")
    arguments = parser.parse_args()
    pascal()  # built within a lesson, its progress bar would stay there
    biwi()
    bears()
    bears_twin(tied=True)
    try:
        for source in find_sources(arguments.lessons):
            begin = time.perf_counter()
            target = build(source)
            seconds = time.perf_counter() - begin
            print(f"{target.name}  {seconds:5.1f} s  {target.stat().st_size / 1000:4.0f} KB")
    except BuildError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
