"""The table of a training run: in a notebook a widget, elsewhere lines."""

import pytest
from ipywidgets import HTML

from lessonlib.engine import bars
from lessonlib.engine.bars import VIEW, Progress, bar, watched


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as if this were a notebook."""
    calls = []
    monkeypatch.setattr(bars, "in_notebook", lambda: True)

    class Handle:
        def update(self, data, raw):
            calls.append(data)

    def display(data, raw, display_id):
        calls.append(data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
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
    assert 'value="0.125"' in table.page.value
    assert "epoch 1 of 2: batch 1 of 4, loss 0.5000" in table.page.value
    table.epoch([0.25])
    assert "<td>1</td><td>0.2500</td>" in table.page.value and "<progress" not in table.page.value
    assert "&lt;loss&gt;" in table.page.value
    table.step(2, 4, 0.1)
    assert 'value="0.750"' in table.page.value and "epoch 2 of 2" in table.page.value


def test_the_bar_says_how_long_it_will_take_on_this_computer(shown, monkeypatch):
    now = 100.0
    monkeypatch.setattr(bars.time, "monotonic", lambda: now)
    table = Progress(["loss"], epochs=2)
    table.step(1, 50, 0.5)  # a hundredth: the first batches are slower
    assert "batch 1 of 50" in table.page.value and "left" not in table.page.value
    now = 110.0
    table.step(1, 4, 0.5)  # an eighth
    assert "about 70 s left" in table.page.value
    now = 300.0
    table.step(2, 4, 0.5)  # a quarter, in 200 seconds
    assert "about 10 min left" in table.page.value


def test_outside_a_notebook_every_epoch_is_a_line(capsys):
    table = Progress(["loss"], epochs=1)
    table.epoch([0.25])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["epoch", "loss", "time"],
        ["1", "0.2500", "0:00"],
    ]


def test_the_table_tells_what_each_epoch_took(shown, capsys, monkeypatch):
    now = 100.0
    monkeypatch.setattr(bars.time, "monotonic", lambda: now)
    table = Progress(["loss"], epochs=2)
    now = 142.4
    table.epoch([0.5])
    now = 142.4 + 61
    table.epoch([0.25])
    assert "<th>loss</th><th>time</th>" in table.page.value
    assert "<td>0.5000</td><td>0:42</td>" in table.page.value
    assert "<td>0.2500</td><td>1:01</td>" in table.page.value


def test_the_text_beside_the_bar_is_escaped():
    assert "&lt;b&gt;" in bar(0.5, "<b>")


def test_counts_are_whole(capsys):
    Progress(["loss", "points_left"], epochs=1).epoch([0.25, 3])
    assert capsys.readouterr().out.splitlines()[1].split() == ["1", "0.2500", "3", "0:00"]


# --- what takes long


@pytest.fixture
def pages(monkeypatch):
    """The pages of the bars."""
    made = []
    monkeypatch.setattr(bars, "html", lambda: made.append(HTML()) or made[-1])
    return made


def test_what_is_quick_shows_no_bar(shown):
    assert list(watched([1, 2], "trying")) == [1, 2] and shown == []


def test_what_takes_long_shows_how_far_it_is_and_leaves_nothing(shown, pages, monkeypatch):
    monkeypatch.setattr(bars, "PATIENCE", 0)
    told = [pages[0].value for _ in watched(iter("abc"), "trying", of=4) if pages]
    assert len(shown) == 2 and VIEW in shown[0] and shown[1] == {} and pages[0].comm is None
    assert 'value="0.250"' in told[0] and "trying 1 of 4" in told[0]
    assert 'value="0.500"' in told[1] and len(told) == 2


def test_of_an_unknown_number_only_the_parts_are_counted(shown, pages, monkeypatch):
    monkeypatch.setattr(bars, "PATIENCE", 0)
    told = [pages[0].value for _ in watched(map(str, range(2)), "trying") if pages]
    assert told == [bar(None, "trying 1", "trying")] and "value" not in told[0]
