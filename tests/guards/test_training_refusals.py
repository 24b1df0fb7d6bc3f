"""What a training is given that cannot be trained with: each is said before or instead of torch."""

import sys
from functools import partial
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from lessonlib.block import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    MultiCategoryBlock,
    RegressionBlock,
    TransformBlock,
)
from lessonlib.data import DataLoader
from lessonlib.engine.learner import Learner, spread
from lessonlib.engine.transforms import Resize
from lessonlib.engine.vision import vision_learner
from lessonlib.getters import FuncSplitter
from lessonlib.guards.teaching import TeachingError
from lessonlib.guards.workers import can_be_sent
from lessonlib.metrics import accuracy_multi, f1_multi
from lessonlib.recipes import pascal_learner


def pictures(folder, count=8):
    paths = [folder / f"{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (30 * number % 256, 90, 0)).save(path)
    return paths


def late(path):
    return int(path.stem) % 2 == 1


def loaders(
    folder, block=RegressionBlock, get_y=lambda path: [float(path.stem)], batch_size=2, count=8
):
    recipe = DataBlock(
        (ImageBlock, block), get_y=get_y, splitter=FuncSplitter(late), item_tfms=Resize(8)
    )
    return recipe.dataloaders(pictures(folder, count), batch_size=batch_size, seed=0)


def of_labels(folder, **options):
    return loaders(folder, MultiCategoryBlock, lambda p: ["ab"[int(p.stem) // 2 % 2]], **options)


def network(n_out=1, **options):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, n_out), nn.BatchNorm1d(n_out, **options))


ACTIONS = {
    "fit": lambda learn: learn.fit(1, 1e-3),
    "fit_one_cycle": lambda learn: learn.fit_one_cycle(1, 1e-3),
    "lr_find": lambda learn: learn.lr_find(steps=5),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_targets_that_are_no_numbers_are_named_whatever_trains(tmp_path, action):
    block = TransformBlock([lambda value: torch.tensor(value)], loss_func=nn.MSELoss())
    learn = Learner(loaders(tmp_path, block, lambda path: [float("nan")]), network())
    with pytest.raises(TeachingError, match="targets of the batch are(.|\n)*No learning rate"):
        ACTIONS[action](learn)


def test_a_regression_target_that_is_nan_is_refused_where_it_is_read(tmp_path):
    with pytest.raises(TeachingError, match="A target is .* NaN(.|\n)*dropna"):
        loaders(tmp_path, get_y=lambda path: [float("nan")]).one_batch()


def test_lr_find_says_so_when_the_very_first_loss_is_no_number(tmp_path):
    learn = Learner(loaders(tmp_path), network())
    learn.model[1].weight.data.fill_(float("nan"))
    before = torch.get_rng_state()
    with pytest.raises(TeachingError, match="A prediction in step 0 is NaN"):
        learn.lr_find(steps=5)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    "options", [{"steps": 1}, {"steps": 9.5}, {"start": 1, "end": 1}, {"start": 0}]
)
def test_lr_find_refuses_rates_that_cannot_rise(tmp_path, options):
    with pytest.raises(ValueError, match="two steps at least|a number above 0|steps is 9.5"):
        Learner(loaders(tmp_path), network()).lr_find(**options)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_batch_of_one_meets_a_batch_norm(tmp_path, action):
    with pytest.raises(TeachingError, match="batch size is 1(.|\n)*batch_size=2"):
        ACTIONS[action](Learner(loaders(tmp_path, batch_size=1), network()))


def test_a_batch_of_one_is_enough_without_a_batch_norm(tmp_path):
    learn = Learner(loaders(tmp_path, batch_size=1), nn.Sequential(nn.Flatten(), nn.Linear(192, 1)))
    learn.fit(1, 1e-5)
    assert len(learn.losses) == 4


def test_another_error_of_a_network_in_a_batch_of_one_stays_what_it_is(tmp_path):
    class Odd(nn.Linear):
        def forward(self, x):
            raise ValueError("something else")

    with pytest.raises(ValueError, match="^something else$"):
        Learner(loaders(tmp_path, batch_size=1), Odd(1, 1)).fit(1, 1e-3)


def test_a_handful_of_pictures_of_ones_own_trains(tmp_path):
    count = 4
    (tmp_path / "train").mkdir()
    pictures(tmp_path / "train", count)
    rows = [f"{n}.png,{'cat' if n // 2 % 2 else 'dog'},{n % 2 == 1}" for n in range(count)]
    (tmp_path / "train.csv").write_text("\n".join(["fname,labels,is_valid", *rows]))
    learn = pascal_learner(tmp_path)
    learn.fit_one_cycle(1, 1e-3)
    assert len(learn.history) == 1


def test_a_single_training_picture_asks_for_more_of_them(tmp_path):
    with pytest.raises(TeachingError, match="put more items into training"):
        loaders(tmp_path, count=2)


# Networks that are built for other pictures or for other classes


LAYERS = {
    "wider": nn.Sequential(nn.Flatten(), nn.Linear(300, 1)),
    "one channel": nn.Sequential(nn.Conv2d(1, 1, 8), nn.Flatten()),
    "larger": nn.Sequential(nn.Conv2d(3, 1, 9), nn.Flatten()),
    "pooled away": nn.Sequential(nn.MaxPool2d(9), nn.Flatten()),
    "of another body": nn.Sequential(nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(192, 1)),
    "normalized": nn.Sequential(nn.LayerNorm(5), nn.Flatten(), nn.Linear(192, 1)),
    "without pictures": nn.Sequential(nn.BatchNorm1d(3), nn.Flatten(), nn.Linear(192, 1)),
}


@pytest.mark.parametrize("layers", LAYERS)
def test_a_network_that_is_built_for_other_pictures_is_named_whatever_asks_it(tmp_path, layers):
    learn = Learner(loaders(tmp_path), LAYERS[layers])
    asks = [learn.get_preds, learn.tta, lambda: learn.predict(tmp_path / "0.png")]
    learn.optimizer = lambda lr: torch.optim.SGD([torch.zeros(1)], lr=lr)
    for ask in [*asks, *(partial(action, learn) for action in ACTIONS.values())]:
        with pytest.raises(TeachingError, match=r"cannot take inputs of shape \[\d, 3, 8, 8\]"):
            ask()


def test_a_picture_of_another_size_than_those_of_the_training_is_named(tmp_path):
    paths = pictures(tmp_path)
    recipe = DataBlock(
        (ImageBlock, RegressionBlock), get_y=lambda path: [1.0], splitter=FuncSplitter(late)
    )
    learn = Learner(recipe.dataloaders(paths, batch_size=2), network())
    learn.fit(1, 1e-3)
    with pytest.raises(TeachingError, match=r"shape \[1, 3, 9, 8\](.|\n)*item_tfms=Resize"):
        learn.predict(Image.new("RGB", (8, 9)))


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_head_of_another_width_than_the_classes_is_refused(tmp_path, width):
    dls = loaders(tmp_path, CategoryBlock, lambda path: "abc"[int(path.stem) // 2 % 3])
    for ask in (lambda learn: learn.fit(1, 1e-3), Learner.get_preds):
        with pytest.raises(TeachingError, match=r"one activation for each class(.|\n)*give 3 num"):
            ask(Learner(dls, network(width)))
    Learner(dls, network(3)).fit(1, 1e-3)


def test_an_error_of_a_networks_own_stays_what_it_is(tmp_path):
    class Odd(nn.Linear):
        def forward(self, x):
            raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="^something else$"):
        Learner(loaders(tmp_path), Odd(1, 1)).fit(1, 1e-3)


# What an interrupted step leaves behind


@pytest.mark.parametrize("action", ACTIONS)
def test_the_next_training_does_not_begin_with_the_slopes_of_an_interrupted_step(
    tmp_path, monkeypatch, action
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    weights = []
    for disturbed in (False, True):
        learn = Learner(loaders(tmp_path), network())
        if disturbed:
            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr(torch.optim.AdamW, "step", interrupted)
                learn.fit(1, 1e-3)
            assert learn.model[1].weight.grad.any()
            learn.model.load_state_dict(network().state_dict())
            learn.dls = loaders(tmp_path)
        learn.fit(1, 1e-2)
        ACTIONS[action](learn)
        weights.append([*learn.model.parameters()])
    assert all(map(torch.equal, *weights))


# Names and numbers of an epoch


def test_two_metrics_of_one_name_are_two_columns(tmp_path):
    metrics = [partial(accuracy_multi, thresh=0.1), partial(accuracy_multi, thresh=0.9)]
    learn = Learner(of_labels(tmp_path), network(2), metrics=metrics)
    learn.fit(1, 1e-3)
    assert list(learn.history[0])[2:] == ["accuracy_multi", "accuracy_multi 2"]
    preds, targets = learn.raw_preds()
    assert learn.history[0]["accuracy_multi 2"] == metrics[1](preds, targets)


def test_an_object_may_be_a_metric(tmp_path):
    learn = Learner(of_labels(tmp_path), network(2), metrics=nn.BCEWithLogitsLoss())
    assert list(learn.validate()) == ["valid_loss", "BCEWithLogitsLoss"]


@pytest.mark.parametrize(
    "options, words",
    [
        ({"metrics": partial(f1_multi, average=None)}, "f1_multi gives 2 numbers"),
        ({"loss_func": nn.BCEWithLogitsLoss(reduction="none")}, "The loss gives 4 numbers"),
    ],
)
def test_a_loss_or_a_metric_of_many_numbers_is_named(tmp_path, options, words):
    with pytest.raises(TeachingError, match=words):
        Learner(of_labels(tmp_path), network(2), **options).fit(1, 1e-3)


def test_loaders_without_one_loss_are_refused_at_once(tmp_path):
    none = loaders(tmp_path, TransformBlock, lambda path: 1.0)
    two = DataBlock(
        (ImageBlock, RegressionBlock, MultiCategoryBlock), n_inp=1, item_tfms=Resize(8),
        get_y=[lambda p: 1.0, lambda p: ["a"]], splitter=FuncSplitter(late),
    ).dataloaders(pictures(tmp_path), batch_size=2)  # fmt: skip
    for dls, words in ((none, "bring no loss"), (two, "bring 2 targets with a loss each")):
        for make in (vision_learner, partial(Learner, model=network())):
            with pytest.raises(TeachingError, match=words):
                make(dls)


@pytest.mark.parametrize(
    "lr", [0, -1e-3, float("nan"), float("inf"), "1e-3", slice(None), slice(0, 1e-3)]
)
def test_a_learning_rate_that_is_none_is_refused(lr):
    with pytest.raises(TeachingError, match="a rate is a number above 0"):
        spread(lr, 3)


def test_no_epochs_and_no_range_are_refused(tmp_path):
    learn = Learner(loaders(tmp_path), network())
    for fit in (learn.fit, learn.fit_one_cycle):
        for epochs in (0, -1, 1.5, True, "2", float("nan")):
            with pytest.raises(TeachingError, match="epochs is(.|\n)*Cure: give one without"):
                fit(epochs)
    for y_range in (5, (1, 1), (1, -1), (0, 1, 2)):
        with pytest.raises(TeachingError, match="the lower one first"):
            vision_learner(loaders(tmp_path), y_range=y_range)


@pytest.mark.parametrize("pct_start", [-0.1, 1, 25, float("nan"), "0.25", None])
def test_a_rate_that_cannot_rise_and_fall_is_refused(tmp_path, pct_start):
    with pytest.raises(TeachingError, match="pct_start is(.|\n)*quarter of the steps"):
        Learner(loaders(tmp_path), network()).fit_one_cycle(1, pct_start=pct_start)


@pytest.mark.parametrize("div", [0, -25, 0.5, float("nan"), float("inf"), "25"])
def test_a_rate_that_cannot_begin_is_refused(tmp_path, div):
    with pytest.raises(TeachingError, match="div is(.|\n)*begin at the highest"):
        Learner(loaders(tmp_path), network()).fit_one_cycle(1, div=div)


@pytest.mark.parametrize("options", [{"pct_start": 0}, {"div": 1}, {"pct_start": 0.99}])
def test_cycles_at_the_edges_of_what_is_allowed_train(tmp_path, options):
    learn = Learner(loaders(tmp_path), network())
    learn.fit_one_cycle(np.int64(2), **options)
    assert len(learn.history) == 2


@pytest.mark.parametrize("epochs", [{"epochs": 0}, {"epochs": 1, "freeze_epochs": 0}])
def test_fine_tune_refuses_before_it_has_trained_for_nothing(tmp_path, epochs):
    learn = Learner(loaders(tmp_path), network())
    with pytest.raises(TeachingError, match=f"{list(epochs)[-1]} is 0"):
        learn.fine_tune(**epochs)
    assert not learn.history


def test_an_empty_loader_is_not_taken_for_the_validation_set(tmp_path):
    learn = Learner(loaders(tmp_path), network())
    for empty in ([], DataLoader([])):
        with pytest.raises(TeachingError, match="0 items"):
            learn.get_preds(empty)
    with pytest.raises(TeachingError, match="0 items"):
        learn.show_results(max_n=0)
    with pytest.raises(TeachingError, match="0 items"):
        DataLoader([]).one_batch()


# Worker processes that begin from nothing, as on Windows, macOS and from Python 3.14 on


@pytest.mark.parametrize("wrapped", [lambda thing: thing, lambda thing: [partial(thing)]])
def test_what_a_notebook_defines_cannot_go_to_a_spawned_worker(monkeypatch, wrapped):
    """A kernel's main module has no file; a script's has one, and its names are found again."""
    monkeypatch.setattr("lessonlib.guards.workers.get_start_method", lambda: "spawn")
    notebook = ModuleType("__main__")
    exec("def label(path):\n    return path", vars(notebook))
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    with pytest.raises(TeachingError, match="label is defined in the notebook.*\n.*\n.*num_work"):
        can_be_sent(wrapped(notebook.label), 1)
    can_be_sent(wrapped(notebook.label), 0)
    notebook.__file__ = "script.py"
    can_be_sent(wrapped(notebook.label), 1)


def test_whatever_cannot_be_pickled_is_said(monkeypatch):
    class Stubborn(list):
        def __reduce__(self):
            raise RuntimeError("not me")

    monkeypatch.setattr("lessonlib.guards.workers.get_start_method", lambda: "spawn")
    with pytest.raises(TeachingError, match="not me(.|\n)*num_workers=0"):
        DataLoader(Stubborn([1, 2]), num_workers=1)
    DataLoader(np.arange(4), num_workers=1)
