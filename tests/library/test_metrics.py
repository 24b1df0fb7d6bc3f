"""Metrics against scikit-learn and naive loops."""

import numpy as np
import pytest
import sklearn.calibration
import torch
from scipy.stats import binomtest
from sklearn import metrics as sk
from sklearn.metrics import accuracy_score, hamming_loss

from lessonlib.metrics import (
    accuracy,
    accuracy_multi,
    average_precision,
    baselines,
    calibration_curve,
    confusion_2x2,
    exact_match,
    f1_multi,
    jaccard_multi,
    mean_average_precision,
    precision_multi,
    recall_multi,
    wilson_interval,
)


@pytest.fixture
def multi():
    torch.manual_seed(1)
    return torch.randn(50, 20), (torch.rand(50, 20) < 0.1).float()


def test_accuracy_equals_scikit_learns():
    torch.manual_seed(0)
    preds, targets = torch.randn(200, 7), torch.randint(0, 7, (200,))
    assert accuracy(preds, targets).item() == pytest.approx(
        accuracy_score(targets, preds.argmax(1))
    )


def test_accuracy_refuses_multi_hot_targets(multi):
    with pytest.raises(ValueError, match=r"\[50\].*\[50, 20\]"):
        accuracy(*multi)


@pytest.mark.parametrize("thresh", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_accuracy_multi_is_one_minus_hamming_loss(multi, thresh):
    preds, targets = multi
    expected = 1 - hamming_loss(targets, preds.sigmoid() > thresh)
    assert accuracy_multi(preds, targets, thresh).item() == pytest.approx(expected, abs=1e-6)
    probabilities = accuracy_multi(preds.sigmoid(), targets, thresh, sigmoid=False)
    assert probabilities.item() == pytest.approx(expected, abs=1e-6)


def test_a_probability_equal_to_the_threshold_is_a_no():
    assert accuracy_multi(torch.tensor([0.5]), torch.tensor([0.0]), 0.5, sigmoid=False) == 1


def test_accuracy_multi_refuses_what_it_cannot_compare(multi):
    with pytest.raises(ValueError, match="exactly one target"):
        accuracy_multi(multi[0], multi[1][:, :1])
    with pytest.raises(ValueError, match="NaN"):
        accuracy_multi(multi[0] * float("nan"), multi[1])


def test_baselines_are_what_a_loop_over_the_cells_counts(multi):
    targets = multi[1]
    cells = [int(cell) for row in targets for cell in row]
    ones = sum(cells) / len(cells)
    top = int(targets.sum(0).argmax())
    hits = sum((column == top) == bool(cell) for row in targets for column, cell in enumerate(row))
    assert baselines(targets) == pytest.approx(
        {"nothing": 1 - ones, "everything": ones, "most frequent": hits / len(cells)}, abs=1e-6
    )


# --- metrics of a decision, against scikit-learn's

SHARES = {
    precision_multi: sk.precision_score,
    recall_multi: sk.recall_score,
    f1_multi: sk.f1_score,
    jaccard_multi: sk.jaccard_score,
}
AVERAGES = ("macro", "micro", None)


def some_case(seed):
    """Probabilities and targets of any size, with ties, empty classes and full classes."""
    random = torch.Generator().manual_seed(seed)
    items, classes, levels = (
        int(torch.randint(1, most, (1,), generator=random)) for most in (40, 8, 30)
    )
    prob = torch.randint(0, levels + 1, (items, classes), generator=random) / levels
    rates = torch.rand(classes, generator=random) * 3 - 1  # a third each: never, some, always
    return prob, (torch.rand(items, classes, generator=random) < rates).float(), seed % 11 / 10


@pytest.mark.parametrize("ours", SHARES, ids=lambda function: function.__name__)
def test_the_shares_equal_scikit_learns(ours):
    for seed in range(150):
        prob, targets, thresh = some_case(seed)
        for average in AVERAGES:
            found = ours(prob, targets, thresh, sigmoid=False, average=average)
            said, there = prob > thresh, targets.bool()
            if targets.shape[1] == 1 and average != "macro":  # one column is "binary" to sklearn
                continue
            if targets.shape[1] == 1:
                said, there, how = said[:, 0], there[:, 0], "binary"
            else:
                how = average
            expected = SHARES[ours](there, said, average=how, zero_division=0)
            np.testing.assert_allclose(found, expected, atol=1e-6, err_msg=f"{seed} {average}")


@pytest.mark.parametrize("ours", SHARES, ids=lambda function: function.__name__)
def test_logits_and_their_probabilities_score_alike(multi, ours):
    preds, targets = multi
    assert ours(preds, targets, 0.3) == ours(preds.sigmoid(), targets, 0.3, sigmoid=False)


@pytest.mark.parametrize("ours", SHARES, ids=lambda function: function.__name__)
def test_nothing_said_and_nothing_there_is_zero_not_nan(ours):
    nothing = torch.zeros(3, 2)
    for average in AVERAGES:
        scores = ours(nothing, nothing, sigmoid=False, average=average)
        assert scores.tolist() in (0.0, [0.0, 0.0])


def test_each_class_may_have_a_threshold_of_its_own(multi):
    preds, targets = multi
    thresh = torch.linspace(0.1, 0.9, 20)
    together = f1_multi(preds, targets, thresh, average=None)
    alone = [f1_multi(preds[:, [c]], targets[:, [c]], thresh[c]).item() for c in range(20)]
    assert together.tolist() == pytest.approx(alone)


def test_an_unknown_average_is_refused(multi):
    with pytest.raises(ValueError, match="average is 'weighted'.*'macro'.*'micro'.*None"):
        precision_multi(*multi, average="weighted")


def test_confusion_2x2_equals_scikit_learns():
    for seed in range(100):
        prob, targets, thresh = some_case(seed)
        if targets.shape[1] > 1:
            expected = sk.multilabel_confusion_matrix(targets.bool(), prob > thresh)
            found = confusion_2x2(prob, targets, thresh, sigmoid=False)
            np.testing.assert_array_equal(found, expected, err_msg=str(seed))


def test_confusion_2x2_has_a_table_even_for_a_class_that_is_never_there():
    prob, targets = torch.tensor([[0.9], [0.1]]), torch.zeros(2, 1)
    assert confusion_2x2(prob, targets, sigmoid=False).tolist() == [[[1, 1], [0, 0]]]


def test_exact_match_is_scikit_learns_accuracy_of_rows():
    for seed in range(100):
        prob, targets, thresh = some_case(seed)
        expected = accuracy_score(targets.bool(), prob > thresh)
        found = exact_match(prob, targets, thresh, sigmoid=False).item()
        assert found == pytest.approx(expected, abs=1e-6), seed


@pytest.mark.parametrize("metric", [confusion_2x2, exact_match, f1_multi])
def test_metrics_of_a_decision_refuse_other_shapes_and_nan(multi, metric):
    preds, targets = multi
    with pytest.raises(ValueError, match="exactly one target"):
        metric(preds, targets[:, 0])
    with pytest.raises(ValueError, match="NaN"):
        metric(preds * float("nan"), targets)


# --- metrics of a ranking


def test_average_precision_equals_scikit_learns_with_ties_too():
    compared = 0
    for seed in range(200):
        prob, targets, _ = some_case(seed)
        for p, t in zip(prob.T, targets.T, strict=True):
            if t.any():
                expected = sk.average_precision_score(t, p)
                assert average_precision(p, t).item() == pytest.approx(expected, abs=1e-6), seed
                compared += 1
    assert compared > 200


def test_average_precision_of_a_class_without_a_positive_is_zero():
    assert average_precision(torch.tensor([0.2, 0.9]), torch.zeros(2)) == 0


def test_average_precision_asks_for_the_order_only(multi):
    preds, targets = multi
    scaled = average_precision(preds[:, 0] * 3 - 7, targets[:, 0])
    assert scaled == average_precision(preds[:, 0], targets[:, 0])


def test_mean_average_precision_is_the_mean_over_the_classes_that_occur():
    for seed in range(50):
        prob, targets, _ = some_case(seed)
        occurs = targets.any(dim=0)
        expected = [
            sk.average_precision_score(targets[:, c], prob[:, c])
            for c in range(len(occurs))
            if occurs[c]
        ]
        found = mean_average_precision(prob, targets).item()
        assert found == pytest.approx(np.mean(expected) if expected else 0, abs=1e-6), seed


def test_metrics_of_a_ranking_refuse_other_shapes_and_nan(multi):
    preds, targets = multi
    for metric in (average_precision, mean_average_precision):
        with pytest.raises(ValueError, match="exactly one target"):
            metric(preds[:, 0], targets)
    with pytest.raises(ValueError, match="NaN"):
        mean_average_precision(preds * float("nan"), torch.ones_like(targets))


# --- calibration


@pytest.mark.parametrize("bins", [1, 3, 10])
def test_calibration_equals_scikit_learns(bins):
    for seed in range(60):
        prob, targets, _ = some_case(seed)
        if targets.unique().numel() < 2:  # scikit-learn wants both
            continue
        theirs = sklearn.calibration.calibration_curve(
            targets.flatten(), prob.double().flatten(), n_bins=bins
        )
        ours = calibration_curve(prob, targets, bins)
        for mine, other in zip(ours[:2], theirs, strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-6, err_msg=str(seed))
        assert ours[2].sum() == targets.numel()


def test_calibration_leaves_empty_bins_out():
    came_true, said, count = calibration_curve(
        torch.tensor([0.05, 0.95, 0.97]), torch.tensor([0, 1, 1])
    )
    assert said.tolist() == pytest.approx([0.05, 0.96])
    assert came_true.tolist() == [0, 1] and count.tolist() == [1, 2]


def test_calibration_refuses_logits(multi):
    with pytest.raises(ValueError, match="look like logits"):
        calibration_curve(*multi)


@pytest.mark.parametrize("total", [1, 7, 150, 202])
def test_wilson_interval_equals_scipys(total):
    for right in range(total + 1):
        theirs = binomtest(right, total).proportion_ci(0.95, method="wilson")
        assert wilson_interval(right, total) == pytest.approx((theirs.low, theirs.high), abs=1e-4)


def test_wilson_interval_stays_between_0_and_1_and_z_widens_it():
    assert wilson_interval(0, 5)[0] == pytest.approx(0) and wilson_interval(5, 5)[1] <= 1
    narrow, wide = wilson_interval(9, 10, z=1), wilson_interval(9, 10, z=3)
    assert wide[0] < narrow[0] < 0.9 < narrow[1] < wide[1]
