"""What lets the tests train once: it finds what was learnt only where everything is the same."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
import trainings
from cores import WAITING, all_cores, busy
from sources import REPO
from torch import nn

from lessonlib.data import BatchSampler, RandomSampler
from lessonlib.engine.saving import files_of


class Quiet:
    """Shows the epochs of a training in a list."""

    shown: list = []  # noqa: RUF012

    def __init__(self, names, epochs, page):
        self.shown.clear()

    def epoch(self, numbers):
        self.shown.append(numbers)


def new_learner(seed=0):
    """A learner class of one weight and one batch an epoch, and an instance."""

    class Learner:
        trained = predicted = 0

        def __init__(self):
            torch.manual_seed(seed)
            self.model, self.history, self.losses, self.lrs = nn.Linear(1, 1), [], [], []
            self.progress_page = None
            sampler = RandomSampler(range(4), torch.Generator().manual_seed(seed))
            train = type("Loader", (), {"batches": BatchSampler(sampler, 2), "points_left": 0})()
            self.dls = type("Loaders", (), {"train": train})()

        def raw_preds(self, loader=None):
            Learner.predicted += 1
            self.model.eval()
            x = torch.tensor([[1.0], [2.0]]) if loader is None else loader
            return self.model(x).detach() + torch.rand(()), x

        def run(self, epochs, optimizer, schedule=None):
            Learner.trained += 1
            for _ in range(epochs):
                order = list(self.dls.train.batches.sampler)
                loss = self.model(torch.tensor([[float(order[0])]])).sum() + torch.rand(())
                loss.backward()
                optimizer.step()
                self.losses.append(loss.item())
                self.lrs.append(optimizer.param_groups[0]["lr"])
                self.history.append({"train_loss": loss.item(), "count": 3})
            self.dls.train.points_left = 7

        def fit(self, epochs=2, lr=0.1):
            self.run(epochs, torch.optim.AdamW(self.model.parameters(), lr=lr))

    return Learner


@pytest.fixture
def learner(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    trainings.state.cache_clear()
    learner = new_learner()
    trainings.share(learner, Quiet)
    yield learner
    trainings.state.cache_clear()


def all_of(learn):
    """Everything that a training leaves behind."""
    numbers = {name: value.tolist() for name, value in trainings.random_numbers(learn).items()}
    weights = {name: value.tolist() for name, value in learn.model.state_dict().items()}
    return weights, learn.history, learn.losses, learn.lrs, learn.dls.train.points_left, numbers


def test_the_second_time_everything_is_as_after_the_training(learner):
    first = learner()
    first.fit()
    after = all_of(first)
    second = learner()
    second.fit()
    assert learner.trained == 1 and all_of(second) == after
    assert Quiet.shown == [list(row.values()) for row in second.history] and len(Quiet.shown) == 2
    for one in (first, second):  # and from there on, too
        torch.manual_seed(9)  # the two share torch's own random numbers
        one.fit()
    assert learner.trained == 2 and all_of(first) == all_of(second)


@pytest.mark.parametrize("other", [{"lr": 0.2}, {"epochs": 3}])
def test_another_rate_or_number_of_epochs_trains_anew(learner, other):
    learner().fit()
    learner().fit(**other)
    assert learner.trained == 2


def test_other_weights_random_numbers_or_an_other_order_train_anew(learner):
    for change in (
        lambda one: None,
        lambda one: one.model.weight.data.add_(1),
        lambda one: torch.manual_seed(5),
        lambda one: one.dls.train.batches.sampler.generator.manual_seed(5),
    ):
        one = learner()
        change(one)
        one.fit()
    assert learner.trained == 4


def test_other_code_before_it_trains_anew(learner, monkeypatch):
    for code in ("", "x = 1", "x = 2", "x = 1"):
        monkeypatch.setattr(trainings, "code_of_kernel", lambda code=code: code)
        learner().fit()
    assert learner.trained == 3


def test_an_interrupted_training_is_not_kept(learner):
    train = learner.run
    learner.run = lambda self, *arguments: (_ for _ in ()).throw(KeyboardInterrupt)
    trainings.share(learner, Quiet)
    with pytest.raises(KeyboardInterrupt):
        learner().fit()
    learner.run = train
    learner().fit()
    assert learner.trained == 1


def test_the_second_time_predictions_of_validation_are_read(learner):
    first = learner()
    preds, targets = first.raw_preds()
    after = torch.rand(())
    again = learner()
    again.model.train()
    read = again.raw_preds()
    assert torch.equal(read[0], preds) and torch.equal(read[1], targets)
    assert torch.equal(torch.rand(()), after) and not again.model.training
    assert type(first).predicted == 1

    other = learner()
    other.model.weight.data += 1
    assert not torch.equal(other.raw_preds()[0], preds)
    given = torch.tensor([[5.0]])
    assert all(torch.equal(one.raw_preds(given)[1], given) for one in (other, other))
    assert type(first).predicted == 4


def test_what_a_search_for_the_learning_rate_found_is_read_the_second_time(learner):
    calls = []

    def sweep(learn, start, end, steps):
        calls.append((start, end, steps))
        return [start, end], [1.0, 0.1 + 0.2]

    once = trainings.share_found(sweep)
    for _ in range(2):
        assert once(learner(), 1e-7, 10.0, 2) == [[1e-7, 10.0], [1.0, 0.1 + 0.2]]
    assert calls == [(1e-7, 10.0, 2)]
    once(learner(), 1e-6, 10.0, 2)
    changed = learner()
    changed.model.weight.data.add_(1)
    once(changed, 1e-7, 10.0, 2)
    still = learner()
    still.model.requires_grad_(False)
    once(still, 1e-7, 10.0, 2)
    assert len(calls) == 4


# --- the state of the code


def state_of(repo):
    return trainings.state.__wrapped__(repo)


@pytest.fixture
def repo(monkeypatch, tmp_path):
    """A repository with a little code, and data."""
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "data"))
    for name in ("lessonlib/a.py", "lessonlib/course/b.toml", "data_scripts/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1", encoding="utf-8")
    for folder in trainings.twins():
        folder.mkdir(parents=True)
        (folder / "1.jpg").write_bytes(b"a picture")
    return tmp_path


def test_any_file_of_code_or_data_that_changes_makes_another_state(repo):
    states = [state_of(repo)]
    files = [file for file in sorted(repo.rglob("*")) if file.is_file()]
    assert len(files) == 3 + 4
    for file in files:
        file.write_bytes(file.read_bytes() + b" ")
        states.append(state_of(repo))
    (repo / "lessonlib" / "new.py").write_text("", encoding="utf-8")
    states.append(state_of(repo))
    assert len(set(states)) == len(states)


@pytest.mark.parametrize(
    "name", ["lessonlib/__pycache__/a.pyc", "notebooks/src/06_thresholds/exercises.py"]
)
def test_compiled_code_and_what_lessons_ask_make_no_other_state(repo, name):
    before = state_of(repo)
    (repo / name).parent.mkdir(parents=True)
    (repo / name).write_bytes(b"compiled, or the code of an exercise")
    assert state_of(repo) == before


def test_another_torch_and_another_way_to_compute_make_another_state(repo, monkeypatch):
    before = state_of(repo)
    with monkeypatch.context() as patch:
        patch.setattr(trainings, "version", lambda name: "9.9")
        assert state_of(repo) != before
    for name in trainings.SETTINGS:
        with monkeypatch.context() as patch:
            patch.setenv(name, "another")
            assert state_of(repo) != before
    assert state_of(repo) == before


# --- models


def test_the_model_of_the_first_learner_serves_all(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "data"))
    trainings.state.cache_clear()
    calls = []

    def trained(learn, path, epochs=3):
        if not all(file.is_file() for file in files_of(path)):
            calls.append(epochs)
            for file in files_of(path):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(learn, encoding="utf-8")
        return files_of(path)[0].read_text(encoding="utf-8")

    once = trainings.share_models(trained)
    assert once("first", tmp_path / "a" / "lesson05", epochs=4) == "first"
    assert once("second", tmp_path / "b" / "lesson05") == "first" and calls == [4]
    assert once("third", tmp_path / "b" / "lesson08") == "third"
    trainings.state.cache_clear()


# --- in a kernel


def test_a_kernel_shares_trainings_and_gets_no_name_for_it():
    code = (
        "import sys; names = {}; exec(sys.argv[1], names); names.pop('__builtins__');"
        "assert not names, names; assert 'torch' not in sys.modules;"
        "from lessonlib import recipes;"
        "from lessonlib.engine import learner, lr_finder, training_time;"
        "shared = learner.Learner.run, recipes.trained, lr_finder.sweep,"
        "training_time.seconds_per_batch; print(*(function.__module__ for function in shared))"
    )
    start = Path(os.environ["IPYTHONDIR"], "profile_default", "startup", "trainings.py")
    command = [sys.executable, "-c", code, start.read_text(encoding="utf-8")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPO).stdout
    assert said.split() == ["trainings"] * 4


# --- the cores


def test_a_training_waits_for_the_others_and_holds_them_up(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    monkeypatch.setenv(WAITING, "gw1 gw2")
    said, in_test, trained = [], threading.Event(), threading.Event()

    def worker():
        with busy("gw1"):
            in_test.set()
            time.sleep(0.3)
            said.append("test ends")
        with busy("gw1"):
            assert trained.is_set()
            said.append("next test")

    thread = threading.Thread(target=worker)
    thread.start()
    assert in_test.wait(10)
    with all_cores():
        said.append("training begins")
        time.sleep(0.3)
        said.append("training ends")
        trained.set()
    thread.join(10)
    assert said == ["test ends", "training begins", "training ends", "next test"]


def test_without_other_workers_a_training_waits_for_nobody(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    monkeypatch.delenv(WAITING, raising=False)
    with busy("gw1"), all_cores():
        pass
