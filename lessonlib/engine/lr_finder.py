"""Which learning rate? A short, ever wilder training run whose traces are wiped out again.

Built in notebook 05.
"""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import torch

from lessonlib.engine.bars import watched
from lessonlib.guards.teaching import TeachingError
from lessonlib.guards.training import rising_rates
from lessonlib.show.figures import plot_curves

if TYPE_CHECKING:
    from lessonlib.engine.learner import Learner


class SuggestedLRs(NamedTuple):
    """Learning rates read off the curve. valley: half-way down. steep: where it falls fastest."""

    valley: float
    steep: float


def lr_find(learn: "Learner", start: float, end: float, steps: int) -> SuggestedLRs:
    """Train with learning rates from start to end, each a constant factor above the last.

    Stops when the loss is four times its best or no number any more. Weights, random numbers
    and the loader's order are afterwards as before. TeachingError where the first loss is none.
    """
    rising_rates(start, end, steps)
    lrs, losses = sweep(learn, start, end, steps)
    curve = smooth(losses)
    found = suggest(lrs, curve)
    plot_curves(
        lrs,
        {"smoothed loss": curve},
        title="Loss while the learning rate grows",
        xlabel="learning rate",
        ylabel="loss",
        points=[
            (lr, curve[lrs.index(lr)], f"{rule} {lr:.1e}") for rule, lr in found._asdict().items()
        ],
        log_x=True,
    )
    return found


def endless(learn: "Learner") -> Iterator[tuple[list, list]]:
    """Training batches, epoch after epoch."""
    learn.model.train()
    while True:
        yield from learn.batches(learn.dls.train)


def sweep(
    learn: "Learner", start: float, end: float, steps: int
) -> tuple[list[float], list[float]]:
    """The learning rates that were tried, and the loss of the batch before each step.

    Raises TeachingError where even the first loss is NaN.
    """
    lrs, losses = [], []
    with restored(learn):
        optimizer = learn.optimizer(start)
        tries = zip(range(steps), endless(learn), strict=False)
        for step, (inputs, targets) in watched(tries, "trying rates, batch", of=steps):
            lr = start * (end / start) ** (step / (steps - 1))
            for group in optimizer.param_groups:
                group["lr"] = lr
            try:
                loss = learn.step(inputs, targets, optimizer, f"step {step}")
            except TeachingError:
                if not losses:  # at the lowest rate: no rate would help
                    raise
                break  # infinite: the rate is far too high by now
            lrs.append(lr)
            losses.append(loss)
            if loss > 4 * min(losses):
                break
    return lrs, losses


@contextmanager
def restored(learn: "Learner") -> Iterator[None]:
    """Whatever happens inside: weights, mode and random numbers are afterwards as before."""
    weights = copy.deepcopy(learn.model.state_dict())
    mode, numbers = learn.model.training, torch.get_rng_state()
    generator = learn.dls.train.batches.sampler.generator
    order = generator.get_state() if generator else None
    try:
        yield
    finally:
        learn.model.load_state_dict(weights)
        learn.model.train(mode)
        torch.set_rng_state(numbers)
        if generator:
            generator.set_state(order)


def smooth(losses: Sequence[float], beta: float = 0.9) -> list[float]:
    """Exponentially weighted means, corrected for their start at 0."""
    mean, smoothed = 0.0, []
    for step, loss in enumerate(losses, start=1):
        mean = beta * mean + (1 - beta) * loss
        smoothed.append(mean / (1 - beta**step))
    return smoothed


def suggest(lrs: Sequence[float], curve: Sequence[float]) -> SuggestedLRs:
    """valley: the last rate before the curve is half-way down to its lowest point, in loss.

    steep: where it falls fastest from one step to the next. Counting half-way in loss and not in
    steps keeps a long flat start, where only noise decides where the peak is, out of it.
    """
    lowest = min(range(len(curve)), key=curve.__getitem__)
    half = (max(curve[: lowest + 1]) + curve[lowest]) / 2
    valley = max(k for k in range(lowest + 1) if curve[k] >= half)
    falls = [after - before for before, after in pairwise(curve)] or [0.0]
    steep = min(range(len(falls)), key=falls.__getitem__)
    return SuggestedLRs(lrs[valley], lrs[steep])
