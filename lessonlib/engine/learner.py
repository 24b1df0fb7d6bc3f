"""Learner: loaders, a model, a loss and metrics, and everything one does with them.

Built in notebook 05. Epoch numbers come from all predictions at once, never from averages of
averages.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from math import log10
from operator import length_hint
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lessonlib.engine.activations import meaning_of, softmax
from lessonlib.engine.answers import Answers
from lessonlib.engine.bars import Progress, metric_names, watched
from lessonlib.engine.features import FeaturesOnce, model_for
from lessonlib.engine.loaders import TfmdDataLoaders, has_points
from lessonlib.engine.lr_finder import SuggestedLRs, lr_find
from lessonlib.engine.results import Pictures
from lessonlib.engine.training_time import say_how_long
from lessonlib.guards.tensors import not_empty
from lessonlib.guards.training import (
    are_epochs,
    are_rates,
    batch_norm_has_enough,
    finite,
    has_a_cycle,
    has_a_loss,
    one_for_each_class,
    one_number,
    something_learns,
    takes,
)
from lessonlib.models import (
    VisionModel,
    param_groups,
)

if TYPE_CHECKING:
    from ipywidgets import HTML


def best_device() -> torch.device:
    """CUDA or Apple's MPS where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


class Learner(Answers, Pictures):
    """Everything that training needs.

    dls: loaders of a DataBlock. model: any network whose output fits loss_func.
    loss_func: by default the one that the target's block brings. metrics: functions of
    (raw predictions, targets). history: one dict of numbers per epoch. losses, lrs: per batch.
    thresh: where a probability becomes a yes; one number, or one per class.
    progress_page: the widget that shows how training goes on, by default a new one each time.
    """

    def __init__(
        self,
        dls: TfmdDataLoaders,
        model: nn.Module,
        loss_func: Callable | None = None,
        metrics: Sequence[Callable] = (),
    ):
        self.dls, self.device = dls, best_device()
        self.model = model.to(self.device, memory_format=torch.channels_last)
        self.loss_func = loss_func or dls.loss_func
        has_a_loss(self.loss_func)
        self.metrics = [metrics] if callable(metrics) else list(metrics)
        self.body_name, self.network = type(model).__name__, None
        self.history, self.losses, self.lrs, self.thresh = [], [], [], 0.5
        self.progress_page: HTML | None = None
        self.features = FeaturesOnce()

    # Training

    def freeze(self) -> None:
        """Train only the head: the body neither learns nor keeps a graph."""
        self.set_frozen(True)

    def unfreeze(self) -> None:
        """Train every layer."""
        self.set_frozen(False)

    def set_frozen(self, frozen: bool) -> None:
        """Freeze the body, or thaw it; a network without one stays as it is."""
        if isinstance(self.model, VisionModel):
            self.model.frozen = frozen
            self.model.body.requires_grad_(not frozen)

    def optimizer(self, lr: float | slice) -> Optimizer:
        """AdamW with one learning rate per parameter group.

        lr: one number for all; slice(high) for the head, a tenth for the body; slice(low, high)
        evenly spread on a logarithmic scale from the first group to the head. Raises TeachingError
        for a rate that is no positive number, and where no weight learns.
        """
        something_learns(self.model)
        groups = param_groups(self.model)
        return torch.optim.AdamW(
            [
                {"params": params, "lr": rate}
                for params, rate in zip(groups, spread(lr, len(groups)), strict=True)
                if any(param.requires_grad for param in params)
            ],
            weight_decay=0.01,
        )

    def fit(self, epochs: int, lr: float | slice = 1e-3) -> None:
        """Train with a constant learning rate.

        epochs: a whole number from 1 on. lr: as in `optimizer`. Raises TeachingError for other
        epochs or rates, and where a prediction or the loss is NaN.
        """
        are_epochs(epochs)
        self.run(epochs, self.optimizer(lr))

    def fit_one_cycle(
        self, epochs: int, lr_max: float | slice = 1e-3, pct_start: float = 0.25, div: float = 25.0
    ) -> None:
        """Train with a learning rate that rises from lr_max / div and then falls to nearly 0.

        AdamW's momentum β₁ goes the other way, from 0.95 to 0.85 at the largest rate and back. A
        single step has no room for that, and is taken at lr_max. lr_max: as lr in `optimizer`.
        pct_start: the share of the steps that rise. Raises what `fit` raises. Source: Smith and
        Topin, arXiv 1708.07120 (2017).
        """
        are_epochs(epochs)
        has_a_cycle(pct_start, div)
        optimizer, steps = self.optimizer(lr_max), int(epochs) * len(self.dls.train)
        if steps == 1:  # torch would take it at nearly 0
            self.run(epochs, optimizer)
            return
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            [group["lr"] for group in optimizer.param_groups],
            total_steps=steps,
            # a rise of exactly one step would make torch divide by zero
            pct_start=float(pct_start) if pct_start * steps != 1 else 0.9 * pct_start,
            div_factor=div,
        )
        self.run(epochs, optimizer, schedule)

    def fine_tune(self, epochs: int, base_lr: float = 2e-3, freeze_epochs: int = 1) -> None:
        """Train the head with a frozen body, then everything, the early layers most gently.

        freeze_epochs with slice(base_lr); then epochs with slice(base_lr / 10, base_lr). Raises
        what `fit` raises, before it trains.
        """
        are_epochs(epochs)  # now, and not when the first epoch is over
        are_epochs(freeze_epochs, "freeze_epochs")
        say_how_long(self, epochs, freeze_epochs)
        self.freeze()
        self.fit_one_cycle(freeze_epochs, slice(base_lr), pct_start=0.99)
        self.unfreeze()
        self.fit_one_cycle(epochs, slice(base_lr / 10, base_lr), pct_start=0.3, div=5.0)

    def run(self, epochs: int, optimizer: Optimizer, schedule: LRScheduler | None = None) -> None:
        """Train for some epochs. An interrupt leaves a model that can be used and trained on."""
        names = ["train_loss", "valid_loss", *metric_names(self.metrics)]
        names += ["points_left"] if has_points(self.dls) else []
        progress = Progress(names, epochs, self.progress_page)
        try:
            for epoch in range(1, epochs + 1):
                train_loss = self.train_epoch(epoch, optimizer, schedule, progress)
                left = [self.dls.train.points_left] if has_points(self.dls) else []
                numbers = [train_loss, *self.validate().values(), *left]
                self.history.append(dict(zip(names, numbers, strict=True)))
                progress.epoch(numbers)
        finally:
            self.model.eval()

    def train_epoch(
        self, epoch: int, optimizer: Optimizer, schedule: LRScheduler | None, progress: Progress
    ) -> float:
        """One pass over the training items. Returns their mean loss."""
        self.model.train()
        total = count = 0
        for batch, (inputs, targets) in enumerate(self.feed(self.dls.train), start=1):
            loss = self.step(inputs, targets, optimizer, f"epoch {epoch}, batch {batch}")
            self.lrs.append(optimizer.param_groups[-1]["lr"])
            self.losses.append(loss)
            if schedule:
                schedule.step()
            total, count = total + loss * len(targets[0]), count + len(targets[0])
            progress.step(batch, len(self.dls.train), loss)
        return total / count

    def step(self, inputs: list, targets: list, optimizer: Optimizer, where: str) -> float:
        """Predict, compare, step downhill. Returns the loss; TeachingError when it is NaN."""
        preds = self.answers(inputs)
        finite(preds, f"A prediction in {where}", [*inputs, *targets])
        loss = self.loss_func(preds, *targets)
        one_number(loss, "The loss")
        finite(loss, f"The loss in {where}", [*inputs, *targets])
        optimizer.zero_grad()  # first: an interrupted step, or a loop by hand, may have left some
        loss.backward()
        optimizer.step()
        return loss.item()

    def batches(self, loader: Iterable[tuple]) -> Iterator[tuple[list, list]]:
        """(inputs, targets) of each batch, on the model's device."""
        n = self.dls.n_inp
        for batch in loader:
            parts = [part.to(self.device, non_blocking=True) for part in batch]
            yield parts[:n], parts[n:]

    def feed(self, loader: Iterable[tuple]) -> Iterator[tuple[list, list]]:
        """As `batches`; where the body and the pictures stand still, its features, made once."""
        return self.features.batches(self, loader) or self.batches(loader)

    def answers(self, inputs: list[torch.Tensor]) -> torch.Tensor:
        """The model's activations for a batch: one row, or value, for each item.

        inputs: such as [pictures], float [n, 3, height, width] on the model's device. Raises
        TeachingError where they do not fit the model.
        """
        with takes(inputs), batch_norm_has_enough(len(inputs[0])):
            preds = model_for(inputs, self.model)(*inputs)
        if self.meaning is softmax and self.dls.vocab:
            one_for_each_class(preds, len(self.dls.vocab))
        return preds

    # Looking at it

    @torch.no_grad()
    def raw_preds(
        self, loader: Iterable[tuple] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The model's activations and the targets, in order; default: of validation.

        Float [items, …] and [items, …] on the CPU; None for targets that the loader has not. Raises
        TeachingError for a loader without items, or inputs that do not fit the model.
        """
        self.model.eval()
        loader = self.dls.valid if loader is None else loader
        pairs = [
            (self.answers(inputs).float().cpu(), [target.cpu() for target in targets[:1]])
            for inputs, targets in watched(
                self.feed(loader), "predicting, batch", of=length_hint(loader)
            )
        ]
        not_empty(pairs)
        preds, targets = zip(*pairs, strict=True)
        return torch.cat(preds), torch.cat([*chain(*targets)]) if targets[0] else None

    def validate(self) -> dict[str, float]:
        """Loss and metrics of the validation items, by name, from all predictions at once.

        Raises TeachingError where one of them is not one number.
        """
        preds, targets = self.raw_preds()
        names = ["valid_loss", *metric_names(self.metrics)]
        values = [func(preds, targets) for func in (self.loss_func, *self.metrics)]
        for name, value in zip(names, values, strict=True):
            one_number(value, name)
        return dict(zip(names, map(float, values), strict=True))

    def get_preds(
        self, loader: Iterable[tuple] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Probabilities (for regression: values) and targets, in order; default: of validation.

        loader: such as `dls.test_dl(items)`, whose items have no targets: then they are None. Both
        are [items, …] on the CPU. Raises what `raw_preds` raises.
        """
        preds, targets = self.raw_preds(loader)
        return self.activation(preds), targets

    @torch.no_grad()
    def tta(self) -> tuple[torch.Tensor, torch.Tensor]:
        """As `get_preds` of validation, but the mean over each picture and its mirror image.

        Points found in a mirror image are mirrored back. TTA is test-time augmentation. Both are
        [items, …] on the CPU. Built in notebook 07.
        """
        preds, targets = self.get_preds()
        mirrored = [
            self.model(*(x.flip(-1) for x in inputs)).float().cpu()
            for inputs, _ in self.batches(self.dls.valid)
        ]
        again = self.activation(torch.cat(mirrored))
        if has_points(self.dls):
            again = again * torch.tensor([-1.0, 1.0])
        return (preds + again) / 2, targets

    def activation(self, preds: torch.Tensor) -> torch.Tensor:
        """From activations to probabilities, by the loss; for regression they stay as they are.

        preds: any shape that the loss takes.
        """
        return self.meaning(preds)

    @property
    def meaning(self) -> Callable:
        """What the loss takes activations for: sigmoid, softmax or unchanged."""
        return meaning_of(self.loss_func, self.dls.loss_func)

    def lr_find(self, start: float = 1e-7, end: float = 10.0, steps: int = 100) -> SuggestedLRs:
        """Try ever larger learning rates, draw the losses, and restore everything."""
        return lr_find(self, start, end, steps)


def spread(lr: float | slice, n: int) -> list[float]:
    """A learning rate for each of n groups; see Learner.optimizer.

    Raises TeachingError for a rate that is no positive number.
    """
    are_rates(lr)
    if not isinstance(lr, slice):
        return [lr] * n
    if lr.start is None:
        return [lr.stop / 10] * (n - 1) + [lr.stop]
    return torch.logspace(log10(lr.start), log10(lr.stop), n).tolist()
