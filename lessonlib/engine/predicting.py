"""Predictor: a trained model with all it needs to answer for a picture, and no table.

`Learner.save` writes it down, `load_learner` reads it back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from PIL import Image

from lessonlib.block import Categorize, MultiCategorize
from lessonlib.engine.activations import sigmoid, softmax, unchanged
from lessonlib.engine.bodies import network
from lessonlib.engine.items import PictureTransforms
from lessonlib.engine.saving import cure_of, put_into, read_saved, refused
from lessonlib.engine.transforms import (
    Normalize,
    RandomGeometry,
    RandomLighting,
    Resize,
    int_to_float,
)
from lessonlib.guards.teaching import TeachingError
from lessonlib.guards.training import takes

TRANSFORMS = {tfm.__name__: tfm for tfm in (Resize, RandomGeometry, RandomLighting, Normalize)}
ANSWERS = {function.__name__: function for function in (sigmoid, softmax, unchanged)}


class Prediction(NamedTuple):
    """labels: the decoded answer. probs: one number per class, float [classes]."""

    labels: Any
    probs: torch.Tensor


class PointPrediction(NamedTuple):
    """points: (x, y) in pixels of the picture as it is in its file, float [n, 2].

    scaled: the model's own answer, −1…1 in what the transforms made of the picture, float [n, 2].
    """

    points: torch.Tensor
    scaled: torch.Tensor


@dataclass
class Predictor:
    """What answers for a picture.

    model: gives activations for a batch [1, 3, height, width] on its own device. picture_tfms: from
    the picture to that batch. meaning: from activations to probabilities. decode: from what was
    decided to what a person reads. vocab: the classes, None for regression. points: whether the
    answer is points. thresh: where a probability becomes a yes; one number, or one per class.
    """

    model: Callable[[torch.Tensor], torch.Tensor]
    picture_tfms: PictureTransforms
    meaning: Callable[[torch.Tensor], torch.Tensor]
    decode: Callable[[torch.Tensor], Any]
    vocab: Sequence[str] | None = None
    points: bool = False
    thresh: float | Sequence[float] = 0.5

    @torch.no_grad()
    def predict(
        self, picture: str | Path | Image.Image, thresh: float | Sequence[float] | None = None
    ) -> Prediction | PointPrediction:
        """Answer for one picture (or its path), whatever its size.

        thresh: by default the one that was chosen. Points come back in the pixels of the picture
        itself.
        """
        preds = self.model(self.picture_tfms.batch([picture]))
        probs = self.meaning(preds.float().cpu())[0]
        if self.points:
            return PointPrediction(self.picture_tfms.in_pixels_of(picture, probs), probs)
        return Prediction(self.decide(probs, thresh), probs)

    def decide(self, probs: torch.Tensor, thresh: float | Sequence[float] | None = None) -> Any:
        """The decoded answer that one row of probabilities (or values) gives.

        probs: float [classes]. thresh: one number, or one per class.
        """
        if self.meaning is softmax:
            probs = probs.argmax()
        elif self.meaning is sigmoid:
            probs = probs > torch.as_tensor(self.thresh if thresh is None else thresh)
        return self.decode(probs)

    def facts(self) -> dict[str, Any]:
        """What `load_learner` needs beside weights and network; fits into JSON."""
        return {
            "vocab": self.vocab,
            "size": self.picture_tfms.size,
            "meaning": self.meaning.__name__,
            "thresh": torch.as_tensor(self.thresh).tolist(),
            "item_tfms": [stored(tfm) for tfm in self.picture_tfms.item_tfms],
            "batch_tfms": [stored(tfm) for tfm in self.picture_tfms.batch_tfms],
        }


def load_learner(path: str | Path) -> Predictor:
    """The model that `Learner.save` wrote to path, ready to `predict`: no table is needed.

    It answers on the CPU. Raises TeachingError when a file is missing or damaged, and for a network
    or a transform of your own: these are code, which no file holds.
    """
    saved, weights = read_saved(path)
    if saved.get("network") is None:
        raise refused(
            f"The saved model {path} says only what its weights are: its network is your own "
            f"({saved.get('body')}), or an older version of the course saved it.",
            "build a learner with the same network and data, then `learn.load(path)`.",
        )
    try:
        predictor = restored_predictor(saved, weights, path)
        predictor.predict(Image.new("RGB", (64, 64)))  # so that what does not fit is found now
    except TeachingError:
        raise
    except Exception as error:  # whatever somebody wrote into the file
        raise refused(
            f"The description of the saved model {path} is damaged ({type(error).__name__}).",
            cure_of(path),
        ) from error
    return predictor


def restored_predictor(
    saved: dict[str, Any], weights: dict[str, torch.Tensor], path: str | Path
) -> Predictor:
    """What answers, from what was saved; any error where a fact is not what it should be.

    weights: of the network's shapes. Raises TeachingError for another network or an own transform.
    """
    model = network(**saved["network"], weights=False).eval()
    put_into(model, weights, path)

    def answer(batch: torch.Tensor) -> torch.Tensor:
        with takes([batch]):
            return model(batch)

    tfms = ([restored(one) for one in saved[kind]] for kind in ("item_tfms", "batch_tfms"))
    meaning, vocab = ANSWERS[saved["meaning"]], saved["vocab"]
    block = MultiCategorize(vocab) if meaning is sigmoid else Categorize(vocab)
    decode = (lambda values: values) if meaning is unchanged else block.decode
    points = saved["network"]["points"]
    return Predictor(
        answer, PictureTransforms(*tfms), meaning, decode, vocab, points, saved["thresh"]
    )


def stored(tfm: Callable) -> dict[str, Any]:
    """A transform as JSON: its name and what it was made with; of one's own, only the name."""
    name = getattr(tfm, "__name__", type(tfm).__name__)
    if tfm is int_to_float:
        return {"name": name}
    if TRANSFORMS.get(name) is not type(tfm):
        return {"name": name, "own": True}
    return {
        "name": name,
        **{
            option: value.flatten().tolist() if isinstance(value, torch.Tensor) else value
            for option, value in vars(tfm).items()
        },
    }


def restored(facts: dict[str, Any]) -> Callable:
    """The transform that `stored` wrote down. TeachingError for one of the learner's own."""
    options = dict(facts)
    name = options.pop("name")
    if options.pop("own", False):
        raise refused(
            f"The saved model was trained with a transform of your own, {name}, which is code.",
            "build a learner with the same DataBlock, then `learn.load(path)`.",
        )
    if name == int_to_float.__name__:
        return int_to_float
    if "size" in options:
        options["size"] = tuple(options["size"])
    return TRANSFORMS[name](**options)
