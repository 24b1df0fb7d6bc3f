"""Every lesson has the anatomy of a lesson, and every notebook is what its source gives."""

import ast
import re
from itertools import pairwise, product
from math import ceil
from pathlib import Path

import nbformat
import pytest
from solved import checked, names_of
from sources import NOTEBOOKS, REPO, build

from lessonlib.course.exercises.tasks import tasks

LINE = 110  # characters of prose in one line on the screen
NOT_COMPARED = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
EXERCISE = r"### Exercise {lesson}\.\d+ · .+ · [★☆]{{3}} · \d+ min"
MACHINE_PATH = re.compile(r"/(home|root|Users|tmp|work|mnt)/|[A-Z]:\\|\b0x[0-9a-fA-F]{6,}")
ALL = build.find_sources()
SOURCES = [source for source in ALL if source.parent.name[:2].isdigit()]  # the lessons
of_every_notebook = pytest.mark.parametrize(
    "source", ALL, ids=[source.parent.name for source in ALL]
)


@pytest.fixture(params=SOURCES, ids=[source.parent.name for source in SOURCES])
def source(request):
    return request.param


@pytest.fixture
def lesson(source):
    return build.name_of(source)


@pytest.fixture
def notebook(source):
    return nbformat.read(build.target_of(source), as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell):
    return set(cell.metadata.get("tags", []))


def texts(cell, images=True):
    """The texts in a cell's outputs: printed, plain and HTML; with images=False not a figure's."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text" in output:
            yield output["text"]
        elif images or not any(kind.startswith("image/") for kind in data):
            yield from (text for kind, text in data.items() if kind.startswith("text/"))


def lines_on_screen(markdown):
    """How many lines of text there are, headings and mark-up aside; a long one is several."""
    lines = [line for line in markdown.splitlines() if not re.match(r"#|```|\|[-:| ]+$", line)]
    return sum(ceil(len(line.strip()) / LINE) for line in lines)


def contents(cell):
    return cell.cell_type, cell.source, sorted(tags(cell)), cell.id


# --- source and notebook


def test_every_source_has_a_notebook_and_every_notebook_a_source():
    assert {build.target_of(source) for source in ALL} == set(NOTEBOOKS.glob("*.ipynb"))


@of_every_notebook
def test_the_notebook_has_the_cells_of_its_source(source, notebook):
    expected = [contents(cell) for cell in build.read_source(source).cells]
    rebuild = f"run: python notebooks/build.py {build.name_of(source)}"
    assert [contents(cell) for cell in notebook.cells] == expected, rebuild


@of_every_notebook
def test_the_notebook_was_run_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


@of_every_notebook
def test_the_notebook_is_light_and_asks_for_no_kernel(source, notebook):
    assert build.target_of(source).stat().st_size <= build.MAX_BYTES
    assert notebook.metadata == build.METADATA


# --- anatomy


def test_the_lesson_begins_with_a_title_and_a_box(notebook):
    opening = prose(nbformat.from_dict({"cells": notebook.cells[:2]}))
    assert opening.startswith("# ")
    for words in ("time", "you need", "by the end you can"):
        assert words in opening.lower()


def test_the_first_code_cell_starts_the_lesson(lesson, notebook):
    expected = f'from lessonlib.course import start\n\nstart("{lesson}")'
    assert code_cells(notebook)[0].source == expected


def test_prose_between_code_cells_is_short(notebook):
    lines, seen_code = 0, False
    for cell in notebook.cells:
        if "## Where people go wrong" in cell.source:
            return  # from here on there are lists, and the questions are a cell
        if cell.cell_type == "code" or cell.source.startswith("### Exercise"):
            assert lines <= 8 or not seen_code, f"{lines} lines of text before {cell.id}"
            lines, seen_code = 0, seen_code or cell.cell_type == "code"
        if cell.cell_type == "markdown":
            lines += lines_on_screen(cell.source)


@of_every_notebook
def test_code_cells_are_short_plain_python(notebook):
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 20, cell.id
        assert not cell.source.rstrip().endswith(";"), cell.id
        assert "sys.path" not in cell.source, cell.id
        ast.parse(cell.source)  # ! and % lines are no Python


def test_the_lesson_has_three_exercises_in_the_usual_order(lesson, notebook):
    cells = notebook.cells
    stubs = [position for position, cell in enumerate(cells) if "exercise" in tags(cell)]
    assert len(stubs) >= 3
    for position in stubs:
        # between the task and the stub there may be code to look at, such as a bug to spot
        heading = [c.source for c in cells[:position] if c.cell_type == "markdown"][-1]
        answer = cells[position + 1].source
        assert re.match(EXERCISE.format(lesson=lesson), heading), heading
        assert answer.startswith(f'check("{lesson}.'), answer
        task = tasks()[answer.split('"')[1]]
        assert heading.startswith(f"### Exercise {task.heading} · "), task.heading
        assert '# hint("' in answer and '# solution("' in answer, answer


def test_the_exercises_checked_are_those_of_the_lesson(lesson, notebook):
    code = "\n".join(cell.source for cell in code_cells(notebook))
    named = re.findall(r'(?:check|hint|solution)\("([^"]+)"', code)
    assert len(set(named)) * 3 == len(named)
    listed = [task.id for task in tasks().values() if task.number.startswith(f"{lesson}.")]
    assert list(dict.fromkeys(named)) == listed


def test_what_an_exercise_is_called_nothing_else_in_the_lesson_is(notebook):
    """Else a check that was right turns wrong when it is run again after a later cell."""
    cells = code_cells(notebook)
    made = [names_of(cell.source)[1] for cell in cells]
    for n, cell in enumerate(cells):
        if checked(cell):
            name = ast.unparse(ast.parse(cell.source).body[0].value.args[1])
            assert [m for m, names in enumerate(made) if name in names] == [n - 1], name


def test_the_lesson_has_a_slider_and_a_cell_to_change(notebook):
    cells = code_cells(notebook)
    assert any(text.startswith("[ interactive:") for cell in cells for text in texts(cell))
    assert any("change this" in cell.source.lower() for cell in notebook.cells)


def test_every_guess_meets_its_truth_further_down(lesson, notebook):
    code = "\n".join(cell.source for cell in code_cells(notebook))
    calls = re.findall(r'^(guess|reveal)\(\s*"([^"]+)"', code, re.MULTILINE)
    names = [name for function, name in calls if function == "guess"]
    assert all(name.startswith(f"{lesson}.") for name in names)
    assert sorted(calls) == sorted(product(("guess", "reveal"), names)), "each once"
    for name in names:
        assert calls.index(("guess", name)) < calls.index(("reveal", name))
    assert len(names) >= 2 or lesson not in {f"{number:02}" for number in range(1, 9)}


def test_the_lesson_ends_with_mistakes_recap_and_questions(lesson, notebook):
    if lesson == "00":
        return  # the tour of the course has nothing to recapitulate
    text = prose(notebook)
    _, mistakes, rest = text.partition("\n## Where people go wrong")
    recap, questions, end = rest.partition("\n## Questions")
    _, title, recap = recap.partition("\n## Recap")
    assert mistakes and title and questions, "sections are missing or in another order"
    if lesson < "09":
        assert f'quiz("{lesson}")' in [cell.source for cell in code_cells(notebook)]
    assert len(re.findall(r"^(?:[-*]|\d\.) ", recap, re.MULTILINE)) == 5
    assert len(re.findall(r"https?://", end)) <= 5


@pytest.mark.parametrize(
    ("source", "after"),
    list(pairwise(SOURCES)),
    ids=[source.parent.name for source in SOURCES[:-1]],
)
def test_the_lesson_ends_with_a_link_to_the_next(source, after):
    *_, last = nbformat.read(build.target_of(source), as_version=4).cells
    target = build.target_of(after)
    title = nbformat.read(target, as_version=4).cells[0].source.splitlines()[0].lstrip("# ")
    assert last.source.splitlines()[-1] == f"**Next:** [{title}]({target.name})"


@of_every_notebook
def test_every_picture_has_a_text_for_those_who_cannot_see_it(notebook):
    markup = [prose(notebook)] + [text for cell in code_cells(notebook) for text in texts(cell)]
    for text in markup:
        assert "![](" not in text
        for image in re.findall(r"<img\b[^>]*>", text):
            assert re.search(r"alt=(['\"])[^'\"]+\1", image), image[:80]


@of_every_notebook
def test_every_figure_has_a_text_for_those_who_cannot_see_it(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            for kind in [kind for kind in output.get("data", {}) if kind.startswith("image/")]:
                assert output.metadata.get(kind, {}).get("alt"), cell.id


@of_every_notebook
def test_every_heatmap_and_plot_names_its_axes(notebook):
    for cell in code_cells(notebook):
        for call in [node for node in ast.walk(ast.parse(cell.source)) if type(node) is ast.Call]:
            if re.match(r"(show_heatmap|plot_\w+)$", ast.unparse(call.func)):
                given = [*call.args, *(word.value for word in call.keywords)]
                assert "" not in [getattr(node, "value", None) for node in given], cell.id


# --- outputs


@of_every_notebook
def test_outputs_hold_no_errors_warnings_or_addresses(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id
        for text in texts(cell):
            assert not MACHINE_PATH.search(text), (cell.id, MACHINE_PATH.search(text))
            assert str(REPO) not in text and str(Path.home()) not in text, cell.id


@of_every_notebook
def test_no_cell_is_kept_from_being_compared(notebook):
    for cell in code_cells(notebook):
        assert not tags(cell) & NOT_COMPARED, cell.id
        assert "NBVAL" not in cell.source.upper(), cell.id
