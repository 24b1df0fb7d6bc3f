"""Loss functions. Built in notebooks 03, 04 and 07."""

import torch

from lessonlib.geometry import in_picture
from lessonlib.guards.tensors import (
    are_floats,
    no_bools,
    no_nan,
    not_empty,
    same_numbers,
    same_shape,
    zero_or_one,
)


def binary_cross_entropy(logits, targets):
    """Mean binary cross-entropy of raw activations, safe for activations of any size.

    logits: activations before the sigmoid, float [batch, classes] or any other shape.
    targets: 0 for absent, 1 for present (or a number between), same shape.
    Returns a 0-d float tensor, equal to torch.nn.BCEWithLogitsLoss()(logits, targets).
    Raises ValueError when the shapes differ, a logit is NaN or a target lies outside 0 to 1.

    With p = sigmoid(x), −log p is log(1 + e^−x) and −log(1 − p) is log(1 + e^x). logaddexp takes
    the larger exponent out of the sum first, so nothing overflows and no logarithm sees a zero.
    Not torch.nn.functional.binary_cross_entropy, which takes probabilities.
    Built in notebook 04.
    """
    same_shape(logits, targets)
    not_empty(logits)
    are_floats(logits, "the logits")
    no_bools(targets, "the targets")
    no_nan(logits, "the logits")
    no_nan(targets, "the targets")
    zero_or_one(targets)
    zero = torch.zeros_like(logits)
    cost_if_there = torch.logaddexp(zero, -logits)  # −log p
    cost_if_absent = torch.logaddexp(zero, logits)  # −log(1 − p)
    return (targets * cost_if_there + (1 - targets) * cost_if_absent).mean()


def mse_loss(preds, targets):
    """Mean squared error: the mean of the squared differences.

    preds, targets: floats of one shape, such as [batch, points, 2]. Returns a 0-d float tensor.
    Raises ValueError when the shapes differ, where torch would stretch [64, 2] against
    [64, 1, 2] and give a wrong number. Built in notebook 03.
    """
    same_numbers(preds, targets)
    return ((preds - targets) ** 2).mean()


def l1_loss(preds, targets):
    """Mean distance |preds − targets|: a far outlier counts no more than it is far.

    preds, targets: float of one shape, any; returns a 0-d float tensor, equal to
    torch.nn.functional.l1_loss. Raises TeachingError as mse_loss does. Built in notebook 07.
    """
    same_numbers(preds, targets)
    return (preds - targets).abs().mean()


def huber_loss(preds, targets, delta=1.0):
    """Half the squared error up to delta, and from there on a straight line like l1_loss.

    preds, targets: float of one shape, any; delta: a number above 0. Returns a 0-d float tensor,
    equal to torch.nn.functional.huber_loss. Raises TeachingError as mse_loss does. Source: Huber,
    Annals of Mathematical Statistics 35 (1964). Built in notebook 07.
    """
    same_numbers(preds, targets)
    apart = (preds - targets).abs()
    near = apart.clamp(max=delta)
    return (near * (apart - near / 2)).mean()


def point_loss(preds, targets, loss=mse_loss):
    """The loss of those points whose targets are in the picture; the others are masked.

    preds, targets: scaled points, float [batch, points, 2]. loss: mse_loss, l1_loss or huber_loss.
    Without a point in the picture the loss is 0. Raises as mse_loss. Built in notebook 07.
    """
    same_numbers(preds, targets)
    seen = in_picture(targets)
    if not seen.any():
        return preds.sum() * 0
    return loss(preds[seen], targets[seen])
