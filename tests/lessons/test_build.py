"""notebooks/build.py: the same bytes each time, and a sentence where a lesson cannot be built."""

import base64
import io
from math import sin

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image, ImageColor
from sources import build

from lessonlib.show.looks import COLOURS

TINY = """# %% [markdown]
# # Tiny

# %% tags=["some-tag"]
import ipywidgets
import matplotlib.pyplot as plt

print("one")
print("two", flush=True)
print("three")

# %%
plt.plot([1, 2])
plt.show()

# %%
ipywidgets.IntSlider(description="row")
"""


@pytest.fixture
def new_source(tmp_path):
    """A function that writes a source file into a folder of its own."""

    def write(text, name="01_tiny"):
        path = tmp_path / "src" / name / "lesson.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_two_builds_give_the_same_bytes(new_source):
    tiny = new_source(TINY)
    first = build.build(tiny).read_bytes()
    second = build.build(tiny).read_bytes()
    assert first == second
    notebook = nbformat.reads(first.decode("utf-8"), as_version=4)
    assert [cell.id for cell in notebook.cells] == ["01-000", "01-001", "01-002", "01-003"]
    assert notebook.cells[1].metadata.tags == ["some-tag"]
    assert [output.text for output in notebook.cells[1].outputs] == ["one\ntwo\nthree\n"]
    assert "image/png" in notebook.cells[2].outputs[0]["data"]
    assert list(notebook.cells[3].outputs[0]["data"]) == ["text/plain"]


def test_a_widget_without_a_text_leaves_nothing_in_the_notebook(new_source):
    live = "from ipywidgets import HTML\nfrom lessonlib.engine.bars import show_live\n\n"
    notebook = build.read_source(new_source(f"# %%\n{live}show_live(HTML())\nprint('done')\n"))
    build.run_cells(notebook, build.NOTEBOOKS)
    assert len(notebook.cells[0].outputs) == 2
    build.drop_what_differs(notebook)
    assert [output.text for output in notebook.cells[0].outputs] == ["done\n"]


def test_a_cell_that_fails_is_shown_with_its_source(new_source):
    broken = new_source("# %%\nnumber = 1\n\n# %%\nprint(number / 0)\n")
    with pytest.raises(build.BuildError, match=r"01_tiny: cell 01-001 failed") as raised:
        build.build(broken)
    assert "print(number / 0)" in str(raised.value)
    assert "ZeroDivisionError" in str(raised.value)
    assert not build.target_of(broken).exists()


def test_a_notebook_that_is_too_heavy_is_refused(new_source, monkeypatch):
    monkeypatch.setattr(build, "MAX_BYTES", 10_000)
    heavy = new_source("# %%\nprint('x' * 20_000)\n")
    with pytest.raises(build.BuildError, match="show fewer or smaller figures"):
        build.build(heavy)
    assert not build.target_of(heavy).exists()


def test_figures_get_lighter_and_look_the_same(new_source):
    wave = "import matplotlib.pyplot as plt\nfrom math import sin\n\n"
    wave += "plt.plot([sin(x / 9) for x in range(99)], '--')\nplt.show()\n"
    notebook = build.read_source(new_source(f"# %%\n{wave}"))
    build.run_cells(notebook, build.NOTEBOOKS)
    data = notebook.cells[0].outputs[0]["data"]
    before = data["image/png"]
    build.squeeze_figures(notebook)
    after = data["image/png"]
    assert len(after) < len(before) / 2
    old, new = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), dtype=int)
        for png in (before, after)
    )
    assert old.shape == new.shape and abs(old - new).max() < 24


def test_no_line_of_a_figure_changes_its_colour():
    figure, axis = plt.subplots(dpi=160)
    for k, colour in enumerate(COLOURS):
        axis.plot([k + sin(x / 9) for x in range(99)], color=colour, linestyle="--", label=colour)
    axis.legend()
    page = io.BytesIO()
    figure.savefig(page)
    plt.close(figure)
    before = Image.open(page).convert("RGB")
    after = np.asarray(build.with_few_colours(before).convert("RGB"), dtype=int)
    for colour in COLOURS:
        line = (np.asarray(before) == ImageColor.getrgb(colour)).all(axis=2)
        assert line.any() and abs(after[line] - ImageColor.getrgb(colour)).max() < 16, colour


def test_lessons_are_chosen_by_number_and_built_in_order(new_source, tmp_path):
    for name in ("04_b", "00_a", "02_c"):
        new_source("", name)
    found = [source.parent.name for source in build.find_sources(["04", "00"], tmp_path)]
    assert found == ["00_a", "04_b"]
    new_source("", "app")
    assert [source.parent.name for source in build.find_sources(["app"], tmp_path)] == ["app"]
    with pytest.raises(build.BuildError, match=r"No source for lesson 03 .* 00_a, 02_c, 04_b, app"):
        build.find_sources(["03"], tmp_path)
