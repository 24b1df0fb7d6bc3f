"""Metrics against scikit-learn and naive loops."""

import pytest
import torch
from sklearn.metrics import accuracy_score, hamming_loss

from lessonlib.metrics import accuracy, accuracy_multi, baselines


@pytest.fixture
def multi():
    torch.manual_seed(1)
    return torch.randn(50, 20), (torch.rand(50, 20) < 0.1).float()


def test_accuracy_equals_scikit_learns():
    torch.manual_seed(0)
    inp, targ = torch.randn(200, 7), torch.randint(0, 7, (200,))
    assert accuracy(inp, targ).item() == pytest.approx(accuracy_score(targ, inp.argmax(1)))


def test_accuracy_refuses_multi_hot_targets(multi):
    with pytest.raises(ValueError, match=r"\[50\].*\[50, 20\]"):
        accuracy(*multi)


@pytest.mark.parametrize("thresh", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_accuracy_multi_is_one_minus_hamming_loss(multi, thresh):
    inp, targ = multi
    expected = 1 - hamming_loss(targ, inp.sigmoid() > thresh)
    assert accuracy_multi(inp, targ, thresh).item() == pytest.approx(expected, abs=1e-6)
    probabilities = accuracy_multi(inp.sigmoid(), targ, thresh, sigmoid=False)
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
