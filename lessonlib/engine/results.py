"""What a learner shows: predictions beside the targets, where it is most wrong, how it trained."""

from collections.abc import Callable, Sequence

import torch

from lessonlib.engine.loaders import TfmdDataLoaders, TfmdDL, as_title, has_points
from lessonlib.engine.predicting import Predictor
from lessonlib.points import off_by
from lessonlib.show.figures import plot_curves, show_images


class Pictures:
    """A part of Learner, which has the model and the loaders."""

    dls: TfmdDataLoaders
    loss_func: Callable
    losses: list[float]
    history: list[dict[str, float]]
    predictor: Predictor
    raw_preds: Callable
    get_preds: Callable

    def top_losses(self, k: int = 9) -> tuple[torch.Tensor, list[int]]:
        """The k largest losses of validation items, float [k], and their positions there."""
        preds, targets = self.raw_preds()
        losses = torch.stack(
            [self.loss_func(p[None], t[None]) for p, t in zip(preds, targets, strict=True)]
        )
        values, positions = losses.topk(min(k, len(losses)))
        return values, positions.tolist()

    def show_results(
        self, max_n: int = 9, thresh: float | None = None, train: bool = False
    ) -> None:
        """Draw the first validation pictures with target and prediction.

        train: pictures of the training set instead, as validation would show them.
        """
        loader = self.dls.valid.over(self.dls.dsets.train) if train else self.dls.valid
        self.show_items(loader, range(min(max_n, len(loader.dataset))), thresh)

    def show_top_losses(self, k: int = 9, thresh: float | None = None) -> None:
        """Draw the validation pictures that the model is most wrong about."""
        self.show_items(self.dls.valid, self.top_losses(k)[1], thresh)

    def show_items(self, loader: TfmdDL, positions: Sequence[int], thresh: float | None) -> None:
        """Draw items of a loader, each under its target and, marked ✓ or ✗, its prediction.

        Points are drawn on the picture, under how far the prediction is off.
        """
        probs, targets = self.get_preds([loader.batch_of(positions)])
        images = [loader.dataset[i][loader.pictures[0]] for i in positions]
        if has_points(self.dls):
            titles = [off_by(prob, target) for prob, target in zip(probs, targets, strict=True)]
            both = {"target": targets, "prediction": probs}
            return show_images(images, titles, columns=3, points=both)
        titles = []
        for prob, target in zip(probs, targets, strict=True):
            there = as_title(self.dls.dsets.decode_part(target, self.dls.n_inp))
            said = as_title(self.predictor.decide(prob, thresh))
            titles.append(f"{there}\n{'✓' if said == there else '✗'} {said}")
        show_images(images, titles, columns=3)

    def plot_losses(self) -> None:
        """Draw the loss of every training batch, and of validation at the end of each epoch."""
        steps = len(self.dls.train)
        points = [
            ((number + 1) * steps, epoch["valid_loss"], f"{epoch['valid_loss']:.3f}")
            for number, epoch in enumerate(self.history)
        ]
        plot_curves(
            range(1, len(self.losses) + 1),
            {"training batches": self.losses},
            title="Loss while training (dots: validation after each epoch)",
            xlabel="batch",
            ylabel="loss",
            points=points,
        )
