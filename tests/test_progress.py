"""The table of a training run: in a notebook a widget, elsewhere lines."""

import pytest
from ipywidgets import HTML

from lessonlib import progress
from lessonlib.progress import VIEW, Progress, bar


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as if this were a notebook."""
    calls = []
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr(progress, "display", lambda data, raw: calls.append(data))
    return calls


def test_a_notebook_keeps_no_text_of_a_training_run(shown):
    table = Progress(["loss"], epochs=2)
    assert [list(data) for data in shown] == [[VIEW]]
    assert shown[0][VIEW]["model_id"] == table.page.model_id


def test_a_page_that_is_shown_already_takes_the_table(shown):
    page = HTML()
    Progress(["loss"], epochs=1, page=page).step(1, 2, 0.5)
    assert shown == [] and 'value="0.500"' in page.value


def test_the_table_grows_and_the_bar_moves(shown):
    table = Progress(["<loss>"], epochs=2)
    table.step(1, 4, 0.5)
    assert 'value="0.125"' in table.page.value and "batch 1 of 4, loss 0.5000" in table.page.value
    table.epoch([0.25])
    assert "<td>1</td><td>0.2500</td>" in table.page.value and "<progress" not in table.page.value
    assert "&lt;loss&gt;" in table.page.value
    table.step(2, 4, 0.1)
    assert 'value="0.750"' in table.page.value


def test_outside_a_notebook_every_epoch_is_a_line(capsys):
    table = Progress(["loss"], epochs=1)
    table.epoch([0.25])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["epoch", "loss"], ["1", "0.2500"]]


def test_the_text_beside_the_bar_is_escaped():
    assert "&lt;b&gt;" in bar(0.5, "<b>")


def test_counts_are_whole(capsys):
    Progress(["loss", "points_left"], epochs=1).epoch([0.25, 3])
    assert capsys.readouterr().out.splitlines()[1].split() == ["1", "0.2500", "3"]
