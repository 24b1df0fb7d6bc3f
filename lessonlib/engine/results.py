"""What a trained model says, as pictures: beside the targets, and where it is most wrong."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from lessonlib.engine.loaders import TfmdDL, as_title, has_points
from lessonlib.points import off_by
from lessonlib.show.figures import plot_curves, show_images

if TYPE_CHECKING:
    from lessonlib.engine.learner import Learner


def top_losses(learn: "Learner", k: int) -> tuple[torch.Tensor, list[int]]:
    """The k largest losses of validation items, float [k], and their positions."""
    preds, targets = learn.raw_preds()
    losses = torch.stack(
        [learn.loss_func(p[None], t[None]) for p, t in zip(preds, targets, strict=True)]
    )
    values, positions = losses.topk(min(k, len(losses)))
    return values, positions.tolist()


def show_items(
    learn: "Learner", loader: TfmdDL, positions: Sequence[int], thresh: float | None
) -> None:
    """Draw items of a loader, each under its target and, marked ✓ or ✗, its prediction.

    Points are drawn on the picture, under how far the prediction is off.
    """
    probs, targets = learn.get_preds([loader.batch_of(positions)])
    images = [loader.dataset[i][loader.pictures[0]] for i in positions]
    if has_points(learn.dls):
        titles = [off_by(prob, target) for prob, target in zip(probs, targets, strict=True)]
        both = {"target": targets, "prediction": probs}
        return show_images(images, titles, columns=3, points=both)
    titles = []
    for prob, target in zip(probs, targets, strict=True):
        target = as_title(learn.dls.dsets.decode_part(target, learn.dls.n_inp))
        said = as_title(learn.predictor.decide(prob, thresh))
        titles.append(f"{target}\n{'✓' if said == target else '✗'} {said}")
    show_images(images, titles, columns=3)


def plot_losses(learn: "Learner") -> None:
    """Draw the loss of every training batch, and of validation at the end of each epoch."""
    steps = len(learn.dls.train)
    points = [
        ((number + 1) * steps, epoch["valid_loss"], f"{epoch['valid_loss']:.3f}")
        for number, epoch in enumerate(learn.history)
    ]
    plot_curves(
        range(1, len(learn.losses) + 1),
        {"training batches": learn.losses},
        title="Loss while training (dots: validation after each epoch)",
        xlabel="batch",
        ylabel="loss",
        points=points,
    )
