"""A saved model answers alone: without the table, and without the code that trained it."""

import json
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from fuzzing import cases, fuzz
from PIL import Image
from torch import nn

from lessonlib.block import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    MultiCategoryBlock,
    PointBlock,
    RegressionBlock,
)
from lessonlib.engine import bodies
from lessonlib.engine.learner import Learner
from lessonlib.engine.predicting import load_learner
from lessonlib.engine.saving import answers_alone, files_of
from lessonlib.engine.transforms import RandomResizedCrop, Resize, aug_transforms
from lessonlib.engine.vision import vision_learner
from lessonlib.getters import FuncSplitter
from lessonlib.guards.teaching import TeachingError

ALONE = """
import sys
from lessonlib import load_learner
answer = load_learner(sys.argv[1]).predict(sys.argv[2])
print(answer[0])
print(answer[1].flatten().tolist())
"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Six pictures of three sizes."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for k in range(6):
        pixels = rng.integers(0, 255, (40 + 8 * (k % 3), 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{k}.png")
    return sorted(folder.glob("*.png"))


def names(path):
    return ["a", "b"][: 1 + int(path.stem) % 2]


TARGETS = {
    "labels": (MultiCategoryBlock, names),
    "label": (CategoryBlock, lambda path: "ab"[int(path.stem) % 2]),
    "number": (RegressionBlock, lambda path: [float(path.stem)]),
    "points": (PointBlock, lambda path: torch.tensor([[30.0, 20.0]])),
}


def recipe(paths, kind="labels", item_tfms=None, size=32):
    block, get_y = TARGETS[kind]
    dblock = DataBlock(
        (ImageBlock, block),
        get_y=get_y,
        splitter=FuncSplitter(lambda path: int(path.stem) > 3),
        item_tfms=item_tfms or Resize(48, "squish"),
        batch_tfms=aug_transforms(size),
    )
    return dblock.dataloaders(paths, batch_size=2, seed=0)


def make(paths, kind="labels", **options):
    torch.manual_seed(0)
    y_range = {"number": (0, 6), "points": (-1, 1)}.get(kind)
    return vision_learner(recipe(paths, kind, **options), y_range=y_range)


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("method", ["squish", "pad", "random"])
def test_a_saved_model_answers_as_the_learner_did(paths, tmp_path, kind, method):
    item_tfms = RandomResizedCrop(48) if method == "random" else Resize(48, method)
    learn = make(paths, kind, item_tfms=item_tfms)
    learn.save(tmp_path / "m")
    assert answers_alone(tmp_path / "m")
    alone = load_learner(tmp_path / "m")
    assert alone.vocab == learn.vocab
    for path in paths:
        for mine, theirs in zip(alone.predict(path), learn.predict(path), strict=True):
            if isinstance(mine, torch.Tensor):
                torch.testing.assert_close(mine, theirs)
            else:
                assert mine == theirs


def test_it_answers_in_a_program_that_knows_nothing_else(paths, tmp_path):
    learn = make(paths)
    learn.thresh = [0.9, 0.1]
    learn.save(tmp_path / "m")
    command = [sys.executable, "-c", ALONE, str(tmp_path / "m"), str(paths[0])]
    labels, probs = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout.splitlines()
    expected = learn.predict(paths[0])
    assert labels == str(expected.labels)
    assert json.loads(probs) == pytest.approx(expected.probs.tolist(), abs=1e-5)


@pytest.mark.parametrize("thresh", [0.0, 1.0, [1.0, 0.0], torch.tensor([0.0, 1.0])])
def test_the_chosen_threshold_is_saved_and_used_wherever_one_decides(paths, tmp_path, thresh):
    learn, again = make(paths), make(paths)
    learn.thresh = thresh
    learn.save(tmp_path / "m")
    again.load(tmp_path / "m")
    expected = learn.predict(paths[0], thresh=torch.as_tensor(thresh).tolist()).labels
    said = [one.predict(paths[0]).labels for one in (learn, again, load_learner(tmp_path / "m"))]
    assert said == [expected] * 3
    assert load_learner(tmp_path / "m").predict(paths[0], thresh=0.0).labels == ["a", "b"]


def test_a_model_for_pictures_of_another_size_is_refused_by_name(paths, tmp_path):
    make(paths).save(tmp_path / "m")
    with pytest.raises(TeachingError, match=r"another size: \[32, 32\] instead of \[24, 24\]"):
        make(paths, size=24).load(tmp_path / "m")


def test_a_body_of_torchvision_is_built_without_a_network(paths, tmp_path, monkeypatch):
    monkeypatch.setattr(
        torch.hub, "download_url_to_file", lambda *_, **__: pytest.fail("fetches its weights")
    )
    learn = Learner(recipe(paths), bodies.network("resnet18", 2, weights=False))
    learn.body_name, learn.network = "resnet18", {"body": "resnet18", "n_out": 2, "points": False}
    learn.save(tmp_path / "m")
    torch.testing.assert_close(
        load_learner(tmp_path / "m").predict(paths[1]).probs, learn.predict(paths[1]).probs
    )


def test_a_network_of_ones_own_is_refused_with_the_cure(paths, tmp_path):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 2))
    Learner(recipe(paths), model).save(tmp_path / "m")
    assert not answers_alone(tmp_path / "m")
    with pytest.raises(TeachingError, match=r"your own \(Sequential\)"):
        load_learner(tmp_path / "m")
    Learner(recipe(paths), model).load(tmp_path / "m")


def darker(image):
    return image.point(lambda value: value // 2)


def test_a_transform_of_ones_own_is_refused_by_name(paths, tmp_path):
    make(paths, item_tfms=[Resize(48), darker]).save(tmp_path / "m")
    with pytest.raises(TeachingError, match="a transform of your own, darker"):
        load_learner(tmp_path / "m")


def as_an_older_version_wrote_it(path):
    description = files_of(path)[1]
    facts = json.loads(description.read_text(encoding="utf-8"))
    kept = {name: facts[name] for name in ("body", "vocab", "sha256")}
    description.write_text(json.dumps({"format": 1, **kept}), encoding="utf-8")


def test_a_model_that_an_older_version_saved_is_still_loaded_into_its_recipe(paths, tmp_path):
    learn, again = make(paths), make(paths)
    learn.save(tmp_path / "m")
    as_an_older_version_wrote_it(tmp_path / "m")
    again.load(tmp_path / "m")
    torch.testing.assert_close(again.predict(paths[0]).probs, learn.predict(paths[0]).probs)
    assert not answers_alone(tmp_path / "m")
    with pytest.raises(TeachingError, match="an older version"):
        load_learner(tmp_path / "m")


@pytest.mark.parametrize("missing", [0, 1])
def test_without_one_of_its_files_no_model_answers(paths, tmp_path, missing):
    make(paths).save(tmp_path / "m")
    files_of(tmp_path / "m")[missing].unlink()
    assert not answers_alone(tmp_path / "m")
    with pytest.raises(TeachingError, match="no saved model"):
        load_learner(tmp_path / "m")


@fuzz
def test_a_mutated_description_is_refused_in_words_or_answers(paths, tmp_path):
    numbers = random.Random(0)
    make(paths).save(tmp_path / "m")
    description = files_of(tmp_path / "m")[1]
    whole = json.loads(description.read_text(encoding="utf-8"))
    strange = [None, "", "x", -1, 10**9, [], {}, [[]], {"name": "print"}, True, 0.5, ["a", "b"]]
    refused = 0
    for _ in cases(60):
        facts = json.loads(json.dumps(whole))
        place = facts
        while True:
            key = numbers.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if isinstance(place[key], dict | list) and place[key] and numbers.random() < 0.6:
                place = place[key]
                continue
            place[key] = numbers.choice(strange)
            break
        description.write_text(json.dumps(facts), encoding="utf-8")
        try:
            load_learner(tmp_path / "m").predict(paths[0])
        except TeachingError:
            refused += 1
    assert refused > 20
