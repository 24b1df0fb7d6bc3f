"""Choosing a threshold: exact curves, the best threshold, and how far to trust it.

Everything decides by probability > threshold. Built in notebook 06.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lessonlib.engine.bars import watched
from lessonlib.guards.scores import (
    are_probabilities,
    are_rows,
    can_be_sorted,
    is_threshold,
)
from lessonlib.guards.teaching import one_of
from lessonlib.guards.tensors import no_bools, positive_integer, same_shape, zero_or_one
from lessonlib.metrics import accuracy_multi


@dataclass(frozen=True)
class ThresholdCurve:
    """Metrics over all cells (micro) at every threshold that makes a difference.

    Five float tensors of one length, by ascending threshold. Row i holds from thresholds[i] up
    to, but not including, thresholds[i + 1]; the last row holds up to 1. Built in notebook 06.
    """

    thresholds: Tensor
    accuracy: Tensor
    precision: Tensor
    recall: Tensor
    f1: Tensor


def threshold_curve(probs, targets):
    """Accuracy, precision, recall and F1 at every distinct threshold, by one sort.

    probs: probabilities, any shape, on the CPU; targets: multi-hot, same shape.
    The first row, just below the lowest probability or at 0, flags everything; each other row's
    threshold is a probability that occurs, and the last flags nothing: precision 0 there.
    Raises ValueError when the shapes differ or the values are no probabilities.
    Built in notebook 06.
    """
    same_shape(probs, targets)
    can_be_sorted(probs, targets)
    are_probabilities(probs)
    zero_or_one(targets)
    order = torch.from_numpy(probs.flatten().numpy().argsort())  # quicker than torch's own sort
    prob, there = probs.flatten()[order], targets.flatten()[order].bool()
    last = torch.cat([prob[1:] > prob[:-1], torch.tensor([True])])  # the last of equal ones
    zero = torch.zeros(1, dtype=torch.long)
    unsaid = torch.cat([zero, last.nonzero().flatten() + 1])  # how many are not above
    fn = torch.cat([zero, there.cumsum(dim=0)])[unsaid]
    tn = unsaid - fn
    tp, fp = fn[-1] - fn, tn[-1] - tn
    lowest = (prob[:1] - 1e-6).clamp(max=0)
    return ThresholdCurve(
        thresholds=torch.cat([lowest, prob[last]]),
        accuracy=(tp + tn) / len(prob),
        precision=tp / (tp + fp).clamp(min=1),
        recall=tp / (tp + fn).clamp(min=1),
        f1=2 * tp / (2 * tp + fp + fn).clamp(min=1),
    )


def best_threshold(curve, metric="accuracy"):
    """The middle of the flat top: of all thresholds that are best, far from those that are not.

    curve: a ThresholdCurve; metric: the name of one of its columns. Of several flat tops the widest
    counts. Returns a float. Its tensors are [thresholds]. Raises ValueError for another metric.
    Built in notebook 06.
    """
    one_of(metric, ("accuracy", "precision", "recall", "f1"), "metric")
    score = getattr(curve, metric)
    beside = torch.zeros(1, dtype=torch.long)
    steps = torch.cat([beside, (score == score.max()).long(), beside]).diff()
    edges = torch.cat([curve.thresholds, torch.ones_like(curve.thresholds[:1])])
    begin, end = edges[steps == 1], edges[steps == -1]
    widest = (end - begin).argmax()
    middle = (begin + end)[widest] / 2
    return (middle if middle < end[widest] else begin[widest]).item()


def bootstrap_band(probs, targets, n=200, seed=0, metric="accuracy"):
    """Where the best threshold would lie for other pictures: the middle 90 % of n tries.

    probs, targets: [pictures, classes]. Each try draws as many pictures as there are, with
    replacement, so that a picture's cells stay together. Returns two floats (low, high). Raises
    TeachingError for what are no probabilities. Built in notebook 06.
    """
    same_shape(probs, targets)
    are_rows(probs)
    are_probabilities(probs)
    positive_integer(n, "n", "06, How far can you trust it?")
    generator = torch.Generator().manual_seed(seed)
    best = []
    for _ in watched(range(n), "drawing other pictures"):
        rows = torch.randint(len(probs), (len(probs),), generator=generator)
        best.append(best_threshold(threshold_curve(probs[rows], targets[rows]), metric))
    low, high = torch.tensor(best).quantile(torch.tensor([0.05, 0.95]))
    return low.item(), high.item()


def per_class_thresholds(probs, targets, metric="accuracy"):
    """The best threshold of each class by itself.

    probs, targets: [pictures, classes]. Returns a tensor [classes] of probs' type, ready to be the
    thresh of a metric. Raises TeachingError for what are no probabilities. Built in notebook 06.
    """
    same_shape(probs, targets)
    are_rows(probs)
    are_probabilities(probs)
    columns = zip(probs.T, targets.T, strict=True)
    best = [best_threshold(threshold_curve(prob, target), metric) for prob, target in columns]
    return torch.tensor(best, dtype=probs.dtype)


def gain(probs, targets, thresh):
    """How much accuracy_multi grows when thresh takes the place of 0.5; a float.

    probs, targets: [pictures, classes]; thresh: a float or a tensor [classes].
    Built in notebook 06.
    """
    tuned = accuracy_multi(probs, targets, thresh, sigmoid=False)
    return (tuned - accuracy_multi(probs, targets, 0.5, sigmoid=False)).item()


def optimism(probs, targets, hidden_probs, hidden_targets, per_class=False):
    """How much of a tuned threshold's gain is only seen on the split that chose it.

    Chooses one threshold (or one for each class) on probs and targets, and returns its gain
    there minus its gain on the hidden split, a float. 0 would be an honest choice; it is
    positive on average, and grows with few pictures and many thresholds. Built in notebook 06.
    """
    if per_class:
        thresh = per_class_thresholds(probs, targets)
    else:
        thresh = best_threshold(threshold_curve(probs, targets))
    return gain(probs, targets, thresh) - gain(hidden_probs, hidden_targets, thresh)


def unsure(probs, thresh, band):
    """The pictures that a person should decide: a probability is nearer than band to its line.

    probs: [pictures, classes]; thresh: a float or a tensor [classes]; band: 0 leaves nobody out.
    Returns bool [pictures]. Raises TeachingError for what are no probabilities. Built in notebook
    08.
    """
    are_rows(probs)
    no_bools(probs, "the probabilities")
    are_probabilities(probs)
    is_threshold(thresh, probs)
    return ((probs - thresh).abs() < band).any(dim=1)


def answered(probs, targets, thresh, band):
    """How many pictures a model that abstains answers, and how well; two floats.

    The share of pictures that are not `unsure`, and the exact match among these (0 when there are
    none). targets: multi-hot, probs' shape. Raises TeachingError for two shapes and for what are no
    probabilities. Built in notebook 08.
    """
    same_shape(probs, targets)
    zero_or_one(targets)
    sure = ~unsure(probs, thresh, band)
    right = ((probs > thresh) == targets.bool()).all(dim=1)
    return sure.float().mean().item(), ((right & sure).sum() / sure.sum().clamp(min=1)).item()
