"""What test_cures.py tries out, in a folder: messages about trainings and saved models."""

import hashlib
import io
import json
from functools import partial

import pandas as pd
import torch
from cures import Case
from PIL import Image
from torch import nn

from lessonlib import models
from lessonlib.block import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    MultiCategoryBlock,
    RegressionBlock,
    TransformBlock,
)
from lessonlib.engine import bodies
from lessonlib.engine.learner import Learner, spread
from lessonlib.engine.predicting import load_learner
from lessonlib.engine.saving import agree, files_of, put_into, read_saved, save_weights
from lessonlib.engine.transforms import Resize
from lessonlib.engine.vision import vision_learner
from lessonlib.explorers.widgets import row_explorer
from lessonlib.getters import FuncSplitter
from lessonlib.losses import mse_loss
from lessonlib.metrics import (
    accuracy_multi,
    f1_multi,
)

NAN = float("nan")


def pictures(folder):
    paths = [folder / f"{number}.png" for number in range(6)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (40 * number, 90, 0)).save(path)
    return paths


def loaders(
    folder,
    block=RegressionBlock,
    get_y=lambda path: [float(path.stem)],
    batch_size=2,
    size=8,
    tfms=(),
):
    block = DataBlock(
        (ImageBlock, block), get_y=get_y, item_tfms=[Resize(size), *tfms],
        splitter=FuncSplitter(lambda path: int(path.stem) > 3),
    )  # fmt: skip
    return block.dataloaders(pictures(folder), batch_size=batch_size, seed=0)


def network(n_out=1, n_in=192):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out))


def trained(folder, lr=1e-3, loss_func=None, metrics=(), n_out=1, **options):
    learn = Learner(loaders(folder, **options), network(n_out), loss_func, metrics)
    learn.fit(1, lr)


def labels(path):
    return ["ab"[int(path.stem) % 2]]


MULTI = {"block": MultiCategoryBlock, "get_y": labels, "n_out": 2}
ONE_OF_TWO = {"block": CategoryBlock, "get_y": lambda path: labels(path)[0]}
RAW = TransformBlock([lambda value: torch.tensor([value])], loss_func=nn.MSELoss())
HOLE_AT_2 = {"block": RAW, "get_y": lambda path: NAN if path.stem == "2" else 1.0}


def without_the_hole(folder):
    block = DataBlock((ImageBlock, RAW), get_y=HOLE_AT_2["get_y"], item_tfms=Resize(8),
                      splitter=FuncSplitter(lambda path: int(path.stem) > 3))  # fmt: skip
    paths = [path for path in pictures(folder) if path.stem != "2"]
    Learner(block.dataloaders(paths, batch_size=3), network()).fit(1, 1e-3)


def steep(folder, rate):
    learn = Learner(loaders(folder), nn.Sequential(nn.Flatten(), nn.Linear(192, 1)))
    learn.optimizer = lambda lr: torch.optim.SGD(learn.model.parameters(), lr=lr)
    learn.fit(20, rate)


def saved(folder, width=4, body="tiny"):
    save_weights(folder / "m", network(width).state_dict(), {"body": body})


def loaded(folder, width=4, body="tiny", name="m"):
    model = network(width)
    saved, weights = read_saved(folder / name)
    agree(saved, {"body": body}, folder / name)
    put_into(model, weights, folder / name)


def with_a_body(folder, *tfms):
    return vision_learner(loaders(folder, MultiCategoryBlock, labels, size=40, tfms=tfms))


def whole_model(folder, *tfms):
    with_a_body(folder, *tfms).save(folder / "m")
    load_learner(folder / "m")


def half_described(folder):
    whole_model(folder)
    description = files_of(folder / "m")[1]
    facts = json.loads(description.read_text(encoding="utf-8"))
    del facts["item_tfms"]
    description.write_text(json.dumps(facts), encoding="utf-8")
    load_learner(folder / "m")


def damaged(which, content):
    def damage(folder):
        saved(folder)
        files_of(folder / "m")[which].write_bytes(content)
        loaded(folder)

    return damage


def saved_again(folder):
    saved(folder)
    loaded(folder)


def other_network(folder):
    saved(folder, width=5)
    loaded(folder)


def no_weights(folder):
    saved(folder)
    facts = {"format": 1, "body": "tiny", "sha256": EMPTY}
    files_of(folder / "m")[0].write_bytes(b"")
    files_of(folder / "m")[1].write_text(json.dumps(facts), encoding="utf-8")
    loaded(folder)


def half_a_model(folder):
    saved(folder)
    files_of(folder / "m")[1].unlink()
    loaded(folder)


def other_body(folder):
    saved(folder, body="lite0")
    loaded(folder)


def labelled(folder, **options):
    rows = [f"{path.name},,False" for path in pictures(folder)]
    text = "\n".join(["fname,labels,is_valid", *rows])
    return pd.read_csv(io.StringIO(text), **options)


EMPTY = hashlib.sha256(b"").hexdigest()
TRAININGS = [
    Case(
        "guards.training.known_range",
        lambda folder: vision_learner(loaders(folder), y_range=(1, -1)),
        r"y_range=\(-1, 1\)",
        lambda folder: vision_learner(loaders(folder), y_range=(-1, 1)),
    ),
    Case(
        "guards.training.are_rates",
        lambda folder: spread("1e-3", 3),
        r"lr=1e-3, slice\(1e-3\), or slice\(1e-5, 1e-3\)",
        lambda folder: [spread(lr, 3) for lr in (1e-3, slice(1e-3), slice(1e-5, 1e-3))],
    ),
    Case(
        "guards.training.has_a_cycle",
        lambda folder: Learner(loaders(folder), network()).fit_one_cycle(1, pct_start=25),
        "give pct_start=0.25",
        lambda folder: Learner(loaders(folder), network()).fit_one_cycle(1, pct_start=0.25),
    ),
    Case(
        "guards.training.has_a_cycle",
        lambda folder: Learner(loaders(folder), network()).fit_one_cycle(1, div=0),
        "give div=25.0, or div=1.0",
        lambda folder: [
            Learner(loaders(folder), network()).fit_one_cycle(1, div=div) for div in (25.0, 1.0)
        ],
    ),
    Case(
        "guards.training.rising_rates",
        lambda folder: Learner(loaders(folder), network()).lr_find(steps=1),
        "end be above start, and take two steps at least",
        lambda folder: Learner(loaders(folder), network()).lr_find(steps=2),
    ),
    Case(
        "guards.training.has_a_loss",
        lambda folder: Learner(loaders(folder, TransformBlock, lambda path: 1.0), network()),
        r"Learner\(dls, model, loss_func\)",
        lambda folder: Learner(
            loaders(folder, TransformBlock, lambda path: 1.0), network(), mse_loss
        ),
    ),
    Case(
        "guards.training.are_functions",
        lambda folder: trained(folder, metrics=["accuracy_multi"], **MULTI),
        "from lessonlib.metrics import accuracy_multi",
        lambda folder: trained(folder, metrics=[accuracy_multi], **MULTI),
    ),
    Case(
        "guards.training.something_learns",
        lambda folder: Learner(loaders(folder), network().requires_grad_(False)).fit(1),
        r"model\.requires_grad_\(True\)",
        lambda folder: Learner(
            loaders(folder), network().requires_grad_(False).requires_grad_(True)
        ).fit(1),
    ),
    Case(
        "guards.training.one_number",
        lambda folder: trained(folder, metrics=partial(f1_multi, average=None), **MULTI),
        "average='macro'",
        lambda folder: trained(folder, metrics=partial(f1_multi, average="macro"), **MULTI),
    ),
    Case(
        "guards.training.one_number",
        lambda folder: trained(folder, loss_func=nn.BCEWithLogitsLoss(reduction="none"), **MULTI),
        "reduction='mean'",
        lambda folder: trained(folder, loss_func=nn.BCEWithLogitsLoss(reduction="mean"), **MULTI),
    ),
    Case(
        "guards.training.finite",
        lambda folder: trained(folder, batch_size=4, **HOLE_AT_2),
        "leave the items out whose target",
        without_the_hole,
    ),
    Case(
        "guards.training.finite",
        lambda folder: steep(folder, 1e3),
        "make the model anew and take a tenth of the learning rate",
        lambda folder: steep(folder, 1e-4),
    ),
    Case(
        "guards.training.batch_norm_has_enough",
        lambda folder: trained(folder, batch_size=1),
        "batch_size=2",
        lambda folder: trained(folder, batch_size=2),
    ),
    Case(
        "guards.training.takes",
        lambda folder: Learner(loaders(folder), network(n_in=300)).fit(1, 1e-3),
        r"item_tfms=Resize\(…\), or build the layer anew",
        lambda folder: [
            Learner(loaders(folder), network(n_in=192)).fit(1, 1e-3),
            Learner(loaders(folder, size=10), network(n_in=300)).fit(1, 1e-3),
        ],
    ),
    Case(
        "guards.training.one_for_each_class",
        lambda folder: Learner(loaders(folder, **ONE_OF_TWO), network(1)).fit(1, 1e-3),
        "give 2 numbers",
        lambda folder: Learner(loaders(folder, **ONE_OF_TWO), network(2)).fit(1, 1e-3),
    ),
    Case(
        "guards.teaching.one_of",
        lambda folder: bodies.pretrained("lite0", stride=8),
        "must be one of 16, 32",
        lambda folder: [bodies.pretrained("lite0", stride=stride) for stride in (16, 32)],
    ),
    Case(
        "guards.teaching.one_of",
        lambda folder: bodies.pretrained("vgg"),
        "must be one of 'lite0'",
        lambda folder: bodies.pretrained("lite0"),
    ),
    Case(
        "models.n_out",
        lambda folder: models.n_out(loaders(folder, TransformBlock, lambda path: path.stem)),
        "MultiCategoryBlock or RegressionBlock",
        lambda folder: [
            models.n_out(loaders(folder, MultiCategoryBlock, labels)),
            models.n_out(loaders(folder, RegressionBlock)),
        ],
    ),
    Case("engine.saving.read_saved", half_a_model, "train and save it", saved_again),
    Case(
        "engine.saving.read_saved",
        lambda folder: loaded(folder, name="other"),
        "train and save it",
        saved_again,
    ),
    Case("engine.saving.read_saved", damaged(1, b"{"), "train and save it again", saved_again),
    Case(
        "engine.saving.read_saved",
        damaged(1, b'{"format": 9, "sha256": ""}'),
        "train and save it again",
        saved_again,
    ),
    Case("engine.saving.read_saved", damaged(0, b"cut"), "train and save it again", saved_again),
    Case("engine.saving.read_saved", no_weights, "train and save it again", saved_again),
    Case(
        "engine.saving.agree",
        other_body,
        "use the data, the size and the body that it was trained with",
        lambda folder: loaded(folder, body="lite0"),
    ),
    Case(
        "engine.predicting.load_learner",
        lambda folder: (saved(folder), load_learner(folder / "m")),
        r"build a learner with the same network .*learn\.load\(path\)",
        saved_again,
    ),
    Case(
        "engine.predicting.load_learner",
        half_described,
        "train and save it again, or delete",
        whole_model,
    ),
    Case(
        "engine.predicting.restored",
        lambda folder: whole_model(folder, lambda image: image),
        r"build a learner with the same DataBlock, then `learn\.load\(path\)`",
        lambda folder: with_a_body(folder, lambda image: image).load(folder / "m"),
    ),
    Case(
        "engine.saving.put_into",
        other_network,
        "build the network as it was",
        lambda folder: loaded(folder, width=5),
    ),
    Case("engine.saving.put_into", other_network, "save it under another name", saved_again),
    Case(
        "guards.tensors.no_missing_labels",
        lambda folder: row_explorer(labelled(folder), folder),
        r"pd\.read_csv\(path, keep_default_na=False\)",
        lambda folder: row_explorer(labelled(folder, keep_default_na=False), folder),
    ),
]
