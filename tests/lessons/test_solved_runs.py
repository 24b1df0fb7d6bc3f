"""Run All works in every lesson, solved and half-solved; the committed form is the unsolved one."""

import pytest
from solved import checked, short_run
from sources import NOTEBOOKS, build

from lessonlib.course.exercises.tasks import tasks
from lessonlib.course.reports.standing import DONE, OPEN, stand

LESSONS = [source for source in build.find_sources() if source.parent.name[:2].isdigit()]
SHARES = {"solved": slice(None), "half-solved": slice(None, None, 2)}


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("source", LESSONS, ids=[source.parent.name for source in LESSONS])
def test_run_all_says_what_is_solved_and_gives_hints_and_solutions(
    source, share, home, monkeypatch
):
    notebook = build.read_source(source)
    ids = [name for cell in notebook.cells if (name := checked(cell))]
    solved = ids[SHARES[share]]
    run = short_run(notebook, solved)
    monkeypatch.setenv("LESSONLIB_HOME", str(home / "of the run"))
    build.run_cells(run, NOTEBOOKS)  # raises where a cell does
    for cell in run.cells:
        kinds = {output.get("name", output.output_type) for output in cell.outputs}
        assert "stderr" not in kinds, cell.outputs
        if name := checked(cell):
            due = f"✓ {name}: right" if name in solved else f"○ {name}: not tried yet"
            said, shown = cell.outputs
            assert said.text.startswith(f"{due}\nHint 1 of "), said.text
            assert tasks()[name].hints[0] in said.text
            assert shown.output_type == "execute_result" and "highlight" in shown.data["text/html"]
    states = {one.id: one.state for one in stand() if one.id in ids}
    assert states == {name: DONE if name in solved else OPEN for name in ids}
