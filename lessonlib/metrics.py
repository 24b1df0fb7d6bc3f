"""Metrics, and what they are worth: the same number for a model that has learned nothing.

Built in notebook 04.
"""

import torch

from lessonlib.checks import no_nan, same_shape


def accuracy(inp, targ):
    """Share of items whose highest activation is the right class: one class per item.

    inp: activations, float [batch, classes]. targ: class numbers, int [batch].
    Returns a 0-d float tensor in [0, 1]. Raises ValueError when the shapes do not belong
    together: multi-hot targets need accuracy_multi. Built in notebook 04.
    """
    best = inp.argmax(dim=-1)
    same_shape(best, targ)
    right = best == targ
    return right.float().mean()


def accuracy_multi(inp, targ, thresh=0.5, sigmoid=True):
    """Share of single yes/no decisions that are right.

    inp: logits, float [batch, classes]; probabilities with sigmoid=False.
    targ: multi-hot targets, same shape. Returns a 0-d float tensor in [0, 1].
    Raises ValueError when the shapes differ or inp holds NaN. Built in notebook 04.
    """
    same_shape(inp, targ)
    no_nan(inp, "the predictions")
    prob = inp.sigmoid() if sigmoid else inp
    says_yes = prob > thresh
    return (says_yes == targ.bool()).float().mean()


def baselines(targets):
    """accuracy_multi of three predictions that never look at a picture.

    targets: multi-hot, [items, classes]. Returns a dict of floats in [0, 1]: "nothing" says no
    to every class, "everything" yes to every class, "most frequent" yes to the one class that
    occurs most often. Built in notebook 04.
    """
    most_frequent = torch.zeros_like(targets)
    most_frequent[:, targets.sum(dim=0).argmax()] = 1
    predictions = {
        "nothing": torch.zeros_like(targets),
        "everything": torch.ones_like(targets),
        "most frequent": most_frequent,
    }
    return {
        name: accuracy_multi(prediction, targets, sigmoid=False).item()
        for name, prediction in predictions.items()
    }
