"""What a learner does without training: answers for one picture, is saved, is loaded."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from lessonlib.engine.loaders import TfmdDataLoaders, has_points
from lessonlib.engine.predicting import PointPrediction, Prediction, Predictor
from lessonlib.engine.saving import agree, put_into, read_saved, save_weights


class Answers:
    """A part of Learner, which has the model, the loaders and the threshold."""

    dls: TfmdDataLoaders
    model: torch.nn.Module
    device: torch.device
    body_name: str
    network: dict[str, Any] | None
    thresh: float | Sequence[float]
    meaning: Callable[[torch.Tensor], torch.Tensor]
    answers: Callable[[list[torch.Tensor]], torch.Tensor]

    @property
    def vocab(self) -> Sequence[str] | None:
        """The classes, in the order of the predictions; None for regression."""
        return self.dls.vocab

    @property
    def predictor(self) -> Predictor:
        """What answers for single pictures, which go through the transforms of validation."""
        return Predictor(
            lambda batch: self.answers([batch.to(self.device)]),
            self.dls.valid.picture_tfms,
            self.meaning,
            lambda decided: self.dls.dsets.decode_part(decided, self.dls.n_inp),
            self.dls.vocab,
            has_points(self.dls),
            self.thresh,
        )

    def predict(
        self, picture: str | Path | Image.Image, thresh: float | Sequence[float] | None = None
    ) -> Prediction | PointPrediction:
        """Answer for one picture (or its path). thresh: by default `self.thresh`.

        Points, float [n, 2], come back in the pixels of the picture itself, whatever its size.
        """
        self.model.eval()
        return self.predictor.predict(picture, thresh)

    def facts(self) -> dict[str, Any]:
        """What is saved beside the weights: the network, the transforms, classes and threshold."""
        return {"body": self.body_name, "network": self.network, **self.predictor.facts()}

    def save(self, path: str | Path) -> None:
        """Write path.safetensors (the weights) and path.json (what they are, and a hash).

        `load_learner(path)` needs nothing else to predict. Raises OSError where the disk refuses.
        """
        save_weights(path, self.model.state_dict(), self.facts())

    def load(self, path: str | Path) -> None:
        """Read weights and threshold that `save` wrote.

        Raises TeachingError when they are damaged, or of another body, size or vocabulary.
        """
        saved, weights = read_saved(path)
        own = self.facts()
        agree(saved, {name: own[name] for name in ("body", "size", "vocab")}, path)
        put_into(self.model, weights, path)
        self.thresh = saved.get("thresh", self.thresh)
        self.model.eval()
