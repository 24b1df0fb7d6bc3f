"""Features once: where the body stands still and so do the pictures, why compute it again?

A frozen body gives the same features in every epoch, as long as no transform is random. They are
computed in the first one and kept; then an epoch trains the head alone, in a fraction of a second.
"""

import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import nn

from lessonlib.engine.bars import watched
from lessonlib.engine.items import is_random
from lessonlib.engine.loaders import TfmdDL
from lessonlib.engine.xray import spelled
from lessonlib.models import ConcatPool, VisionModel

if TYPE_CHECKING:
    from lessonlib.engine.learner import Learner

ROOM = 2**28  # bytes that the features of one loader may take
AT_ONCE = 16  # pictures; 64 take half a gigabyte more at 224 pixels, and longer


class Computed(list):
    """The inputs of a batch that have gone through the body already, on the model's device."""


class Kept(NamedTuple):
    """What is kept of a loader's items: rows [items, …], their targets, and of what they are."""

    rows: torch.Tensor
    targets: list[torch.Tensor]
    state: str


class FeaturesOnce:
    """The features of a learner's loaders, each as long as nothing that they depend on changes."""

    def __init__(self):
        self.kept: WeakKeyDictionary[TfmdDL, Kept] = WeakKeyDictionary()

    def batches(self, learn: "Learner", loader: Any) -> Iterator[tuple[Computed, list]] | None:
        """The batches of an epoch as (features, targets); None where they cannot be kept.

        The order is that of the loader, and so is what it takes from its random numbers.
        """
        if not stands_still(learn.model, loader, learn.dls.n_inp):
            return None
        state = state_of(learn.model, loader)
        kept = self.kept.get(loader)
        if kept is None or kept.state != state:
            kept = computed(learn, loader, state) if state else None
        if kept is None:
            return None
        self.kept[loader] = kept
        return handed_out(kept, loader, learn.device)


def stands_still(model: nn.Module, loader: Any, n_inp: int) -> bool:
    """Whether every epoch would give the same features: nothing learns there or is random."""
    if not (isinstance(model, VisionModel) and isinstance(loader, TfmdDL)):
        return False
    body = model.body
    return (
        model.frozen
        and not any(param.requires_grad for param in body.parameters())
        and not any(module.training for module in body.modules())
        and not any(map(is_random, chain(loader.item_tfms, *loader.batch_tfms)))
        and (n_inp, loader.pictures, loader.points) == (1, [0], [])
    )


def state_of(model: VisionModel, loader: TfmdDL) -> str | None:
    """A hash of what features depend on: layers, transforms, items, and the times of their files.

    None where the pictures are no files, so that nobody could tell whether they changed.
    """
    still, _ = parted(model)
    found = hashlib.sha256(f"{len(still)} layers".encode())
    for name, tensor in model.body.state_dict().items():
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    tfms = [loader.item_tfms, *loader.batch_tfms, *loader.dsets.tfms]
    found.update(spelled([list(one) for one in tfms]).encode())
    split = loader.dataset.dataset
    rows = getattr(loader.dsets.items, "iloc", loader.dsets.items)
    for position in getattr(split, "indices", range(len(split))):
        item = rows[position]
        path = loader.dsets.tfms[0][0](item)
        if not isinstance(path, str | Path):
            return None
        try:
            facts = Path(path).stat()
        except OSError:
            return None  # who opens it says what is wrong
        shown = item.to_dict() if hasattr(item, "to_dict") else item
        found.update(f"{path} {facts.st_mtime_ns} {facts.st_size} {shown}\n".encode())
    return found.hexdigest()


def parted(model: VisionModel) -> tuple[nn.Module, nn.Module]:
    """The layers that stand still, and the rest: pooling has no weights, and makes rows short."""
    layers = list(model.head) if isinstance(model.head, nn.Sequential) else [model.head]
    still = 1 if isinstance(layers[0], ConcatPool) else 0
    return nn.Sequential(model.body, *layers[:still]), nn.Sequential(*layers[still:])


def model_for(inputs: list, model: nn.Module) -> nn.Module:
    """What turns inputs into activations: the model, or of computed features the rest of it."""
    return parted(model)[1] if isinstance(inputs, Computed) else model


@torch.no_grad()
def computed(learn: "Learner", loader: TfmdDL, state: str) -> Kept | None:
    """One pass over a loader's items, in order; None when there is no room to keep them."""
    still, _ = parted(learn.model)
    ordered = loader.over(loader.dataset.dataset, cache_bytes=0)
    ordered.batches.batch_size = AT_ONCE
    rows, targets = [], []
    for pictures, *target in watched(ordered, "looking at the pictures once, batch"):
        rows.append(still(pictures.to(learn.device)).cpu())
        targets.append(target)
        if rows[0].nbytes / len(rows[0]) * len(loader.dataset) > ROOM:
            return None
    return Kept(torch.cat(rows), [torch.cat(parts) for parts in zip(*targets, strict=True)], state)


def handed_out(
    kept: Kept, loader: TfmdDL, device: torch.device
) -> Iterator[tuple[Computed, list[torch.Tensor]]]:
    """The rows [batch, …] of each batch that the loader would have made, and their targets."""
    for positions in loader.batches:
        inputs = Computed([kept.rows[positions].to(device)])
        yield inputs, [target[positions].to(device) for target in kept.targets]
