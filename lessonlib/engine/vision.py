"""vision_learner: a pretrained body, a new head that fits the loaders, and the usual metrics."""

from collections.abc import Callable, Sequence
from copy import copy

from torch.nn.functional import cross_entropy

from lessonlib.engine.bodies import network
from lessonlib.engine.learner import Learner
from lessonlib.engine.loaders import TfmdDataLoaders, has_points
from lessonlib.engine.transforms import Normalize
from lessonlib.guards.training import has_a_loss, known_range
from lessonlib.losses import binary_cross_entropy, point_loss
from lessonlib.metrics import accuracy, accuracy_multi
from lessonlib.models import base_rate_bias, n_out
from lessonlib.points import median_px

METRICS = {
    binary_cross_entropy: [accuracy_multi],
    cross_entropy: [accuracy],
    point_loss: [median_px],
}


def vision_learner(
    dls: TfmdDataLoaders,
    body: str = "lite0",
    y_range: tuple[float, float] | None = None,
    metrics: Sequence[Callable] | None = None,
) -> Learner:
    """A Learner with a pretrained body and a new head that fits the loaders; body frozen.

    body: "lite0", "resnet18" or "resnet50"; learn.dls has its own Normalize behind the batch
    transforms where there is none, and dls stays as it is. For points the head is a soft-argmax on
    features at stride 16. y_range: (low, high) for regression, (−1, 1) for points. metrics: None
    for the usual ones. Raises TeachingError for a block without a loss or a y_range that is none,
    and what `pretrained` raises.
    """
    has_a_loss(dls.loss_func)
    known_range(y_range)
    points = has_points(dls)
    bias = None
    if dls.loss_func is binary_cross_entropy:
        bias = base_rate_bias(dls.train_targets())
    made_with = {"body": body, "n_out": n_out(dls), "points": points, "y_range": y_range}
    model = network(**made_with, bias=bias)
    dls = add_normalize(dls, Normalize(model.body.mean, model.body.std))
    metrics = METRICS.get(dls.loss_func, []) if metrics is None else metrics
    learn = Learner(dls, model, metrics=metrics)
    learn.body_name, learn.network = f"{body}, points" if points else body, made_with
    learn.freeze()
    return learn


def add_normalize(dls: TfmdDataLoaders, normalize: Normalize) -> TfmdDataLoaders:
    """The same loaders with a Normalize behind the transforms of pictures that have none.

    They share datasets, random numbers and memory with dls, which stays as it is.
    """
    added = copy(dls)
    added.train, added.valid = copy(dls.train), copy(dls.valid)
    for loader in (added.train, added.valid):
        loader.batch_tfms = list(map(list, loader.batch_tfms))
        for k in loader.pictures:
            if not any(isinstance(tfm, Normalize) for tfm in loader.batch_tfms[k]):
                loader.batch_tfms[k].append(normalize)
    return added
