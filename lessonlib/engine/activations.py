"""What a loss takes a model's activations for, and so what makes probabilities of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from lessonlib import losses

sigmoid = torch.sigmoid


def softmax(activations: torch.Tensor) -> torch.Tensor:
    """Probabilities of classes of which exactly one is there, [items, classes]."""
    return activations.softmax(dim=1)


def unchanged(activations: torch.Tensor) -> torch.Tensor:
    """The activations themselves, any shape, for regression."""
    return activations


MEANINGS = {
    losses.binary_cross_entropy: sigmoid,
    functional.binary_cross_entropy_with_logits: sigmoid,
    functional.multilabel_soft_margin_loss: sigmoid,
    nn.BCEWithLogitsLoss: sigmoid,
    nn.MultiLabelSoftMarginLoss: sigmoid,
    functional.cross_entropy: softmax,
    nn.CrossEntropyLoss: softmax,
}
WHOSE = ("torch.nn.functional", "torch.nn.modules.loss", losses.__name__)


def meaning_of(loss_func: Any, of_the_block: Any) -> Callable:
    """Sigmoid, softmax or unchanged: what a loss takes activations for.

    loss_func: a function or a module; of a partial its function counts. Torch's own and the
    course's are known. of_the_block: the loss that the target's block brings. A loss that nobody
    knows, such as a function around another one, is taken to be one for the block's target.
    """
    known = known_meaning(loss_func)
    return known or known_meaning(of_the_block) or unchanged


def known_meaning(loss_func: Any) -> Callable | None:
    """The meaning for a loss of torch's or the course's, else None."""
    while isinstance(loss_func, partial):
        loss_func = loss_func.func
    kind = type(loss_func) if isinstance(loss_func, nn.Module) else loss_func
    if getattr(kind, "__module__", None) in WHOSE:  # a list: one loss for each of several targets
        return MEANINGS.get(kind, unchanged)
    return None
