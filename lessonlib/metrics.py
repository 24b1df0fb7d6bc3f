"""Metrics, and what they are worth: the same number for a model that has learned nothing.

Each decides by probability > threshold. Where nothing is divided by nothing the answer is 0.
The Hamming loss needs no function: it is 1 − accuracy_multi. Built in notebooks 04 and 06.
"""

import torch

from lessonlib.guards.scores import (
    are_predictions,
    are_probabilities,
    are_rows,
    can_be_sorted,
    is_one_class,
    is_threshold,
    known_average,
    some_of,
)
from lessonlib.guards.tensors import no_nan, not_empty, positive_integer, same_shape, zero_or_one


def accuracy(preds, targets):
    """Share of items whose highest activation is the right class: one class per item.

    preds: activations, float [batch, classes]. targets: class numbers, int [batch].
    Returns a 0-d float tensor in [0, 1]. Raises ValueError when the shapes do not belong
    together: multi-hot targets need accuracy_multi. Built in notebook 04.
    """
    not_empty(preds)
    no_nan(preds, "the predictions")
    best = preds.argmax(dim=-1)
    same_shape(best, targets)
    right = best == targets
    return right.float().mean()


def accuracy_multi(preds, targets, thresh=0.5, sigmoid=True):
    """Share of single yes/no decisions that are right.

    preds: logits, float [batch, classes]; probabilities with sigmoid=False.
    targets: multi-hot targets, same shape. Returns a 0-d float tensor in [0, 1].
    Raises ValueError when the shapes differ or preds holds NaN. Built in notebook 04.
    """
    are_predictions(preds, targets)
    not_empty(preds)
    is_threshold(thresh, preds)
    prob = preds.sigmoid() if sigmoid else preds
    says_yes = prob > thresh
    return (says_yes == targets.bool()).float().mean()


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


def confusion_2x2(preds, targets, thresh=0.5, sigmoid=True):
    """For each class how many items were rightly and wrongly said to have it, or not to.

    Arguments as for accuracy_multi; thresh may also be a tensor [classes]. Returns int [classes, 2,
    2]: [[tn, fp], [fn, tp]], as sklearn.metrics' multilabel_confusion_matrix; its columns are "said
    no" and "said yes". Raises TeachingError as accuracy_multi does, and for what is no rows. Built
    in notebook 06.
    """
    are_predictions(preds, targets)
    are_rows(preds)
    is_threshold(thresh, preds)
    said = (preds.sigmoid() if sigmoid else preds) > thresh
    there = targets.bool()
    cells = [~there & ~said, ~there & said, there & ~said, there & said]
    return torch.stack([cell.sum(dim=0) for cell in cells], dim=1).view(-1, 2, 2)


def ratio(part, whole, average):
    """part / whole, with 0 for nothing of nothing.

    part, whole: counts [classes]. average: "macro" is the mean over the classes, "micro" adds the
    counts of all classes first, None gives one ratio for each class. Raises ValueError for another
    average. Built in notebook 06.
    """
    known_average(average)
    if average == "micro":
        part, whole = part.sum(), whole.sum()
    share = part / whole.clamp(min=1)
    return share if average is None else share.mean()


def precision_multi(preds, targets, thresh=0.5, sigmoid=True, average="macro"):
    """Of what was said to be there, the share that is; 0 where nothing was said.

    Arguments as for confusion_2x2; average as for ratio: a class that is never said counts as 0
    in "macro". Returns a 0-d float tensor in [0, 1] (or [classes]). Built in notebook 06.
    """
    (_, fp), (_, tp) = confusion_2x2(preds, targets, thresh, sigmoid).permute(1, 2, 0)
    return ratio(tp, tp + fp, average)


def recall_multi(preds, targets, thresh=0.5, sigmoid=True, average="macro"):
    """Of what is there, the share that was said; 0 where nothing is there.

    Arguments and result as for precision_multi. Built in notebook 06.
    """
    _, (fn, tp) = confusion_2x2(preds, targets, thresh, sigmoid).permute(1, 2, 0)
    return ratio(tp, tp + fn, average)


def f1_multi(preds, targets, thresh=0.5, sigmoid=True, average="macro"):
    """The harmonic mean of precision and recall: high only where both are.

    Arguments and result as for precision_multi; 0 for a class that is neither there nor said.
    Built in notebook 06.
    """
    (_, fp), (fn, tp) = confusion_2x2(preds, targets, thresh, sigmoid).permute(1, 2, 0)
    return ratio(2 * tp, 2 * tp + fp + fn, average)


def jaccard_multi(preds, targets, thresh=0.5, sigmoid=True, average="macro"):
    """Of what is there or was said, the share that is both: intersection over union.

    Arguments and result as for precision_multi. Built in notebook 06.
    """
    (_, fp), (fn, tp) = confusion_2x2(preds, targets, thresh, sigmoid).permute(1, 2, 0)
    return ratio(tp, tp + fp + fn, average)


def exact_match(preds, targets, thresh=0.5, sigmoid=True):
    """Share of items with every class right: scikit-learn's accuracy_score for multi-hot rows.

    Arguments as for confusion_2x2. Returns a 0-d float tensor in [0, 1]. Raises TeachingError as
    confusion_2x2 does, and for no rows at all. Built in notebook 06.
    """
    are_predictions(preds, targets)
    are_rows(preds)
    not_empty(preds)
    is_threshold(thresh, preds)
    prob = preds.sigmoid() if sigmoid else preds
    return ((prob > thresh) == targets.bool()).all(dim=1).float().mean()


def wilson_interval(right, total, z=1.96):
    """Between which shares the true one lies, when `right` of `total` items were right.

    right, total: counts, 0 ≤ right ≤ total and total > 0; z=1.96 makes the interval one of 95 %.
    Returns two floats (low, high) in [0, 1]. Raises TeachingError for other counts. Source: Wilson,
    Journal of the American Statistical Association 22 (1927). Built in notebook 08.
    """
    some_of(right, total)
    share, room = right / total, z**2 / total
    middle = (share + room / 2) / (1 + room)
    half = z * (share * (1 - share) / total + room / total / 4) ** 0.5 / (1 + room)
    return middle - half, middle + half


def average_precision(preds, targets):
    """Precision at every distinct threshold of one class, weighted by the recall it adds.

    preds: one class's scores, [items]; only their order counts, so logits and probabilities do
    (a sigmoid may round large logits to one value, a tie). targets: 0 or 1, [items].
    Returns a 0-d float tensor in [0, 1], scikit-learn's average_precision_score: 0 for a class
    without a positive. Raises ValueError when the shapes differ or preds holds NaN.
    Built in notebook 06.
    """
    are_predictions(preds, targets)
    is_one_class(preds)
    not_empty(preds)
    score, order = preds.sort(descending=True)
    hits = targets[order].bool().cumsum(dim=0)
    said = torch.arange(1, len(hits) + 1, device=hits.device)
    last = score != score.roll(-1)  # of equal scores the last: no threshold parts them
    last[-1:] = True
    hits, said = hits[last], said[last]
    new_hits = hits.diff(prepend=hits.new_zeros(1))
    return (new_hits * hits / said).sum() / hits[-1].clamp(min=1)


def mean_average_precision(preds, targets):
    """Mean of average_precision over the classes that occur.

    preds: scores [items, classes]; targets: multi-hot, same shape. A class without a positive has
    no ranking to judge and is left out (scikit-learn's average="macro" counts it as 0). Returns a
    0-d float tensor; 0 when no class occurs. Raises TeachingError as average_precision does. Built
    in notebook 06.
    """
    are_predictions(preds, targets)
    are_rows(preds)
    each = [average_precision(p, t) for p, t in zip(preds.T, targets.T, strict=True) if t.any()]
    return torch.stack(each).mean() if each else torch.tensor(0.0)


def calibration_curve(probs, targets, bins=10):
    """Do the probabilities come true? Compares them with what happened, in bins of equal width.

    probs: probabilities, any shape; targets: multi-hot, same shape. A bin leaves out its lower
    edge and holds its upper one, as in scikit-learn's calibration_curve.
    Returns three tensors, for the bins that are not empty: share of positives (double), mean
    probability (double), as there, and number of cells (int). Raises ValueError for what is no
    probability. Built in notebook 06.
    """
    same_shape(probs, targets)
    positive_integer(bins, "bins", "06, Do the probabilities come true?")
    can_be_sorted(probs, targets)
    are_probabilities(probs)
    zero_or_one(targets)
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.double)[1:-1]
    place = torch.bucketize(probs.flatten().double(), edges)
    count = torch.bincount(place, minlength=bins)
    said = torch.bincount(place, probs.flatten().double(), bins) / count
    came_true = torch.bincount(place, targets.flatten().double(), bins) / count
    return came_true[count > 0], said[count > 0], count[count > 0]
