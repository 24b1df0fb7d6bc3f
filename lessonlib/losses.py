"""Loss functions. Built in notebooks 03 and 04."""

import torch

from lessonlib.checks import no_nan, same_shape, zero_or_one


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
    no_nan(logits, "the logits")
    no_nan(targets, "the targets")
    zero_or_one(targets)
    zero = torch.zeros_like(logits)
    cost_if_there = torch.logaddexp(zero, -logits)  # −log p
    cost_if_absent = torch.logaddexp(zero, logits)  # −log(1 − p)
    return (targets * cost_if_there + (1 - targets) * cost_if_absent).mean()


def mse_loss(inp, targ):
    """Mean squared error: the mean of the squared differences.

    inp, targ: floats of one shape, such as [batch, points, 2]. Returns a 0-d float tensor.
    Raises ValueError when the shapes differ, where torch would stretch [64, 2] against
    [64, 1, 2] and give a wrong number. Built in notebook 03.
    """
    same_shape(inp, targ)
    return ((inp - targ) ** 2).mean()
