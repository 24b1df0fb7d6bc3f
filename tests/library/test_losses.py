"""Every loss against torch's, and what it refuses."""

import pytest
import torch
from torch.nn import BCEWithLogitsLoss
from torch.nn import functional as F

from lessonlib.guards.teaching import TeachingError
from lessonlib.losses import binary_cross_entropy, huber_loss, l1_loss, mse_loss, point_loss


@pytest.mark.parametrize("scale", [0.1, 1, 10, 100, 1e4])
@pytest.mark.parametrize("shape", [(1,), (7, 20), (3, 4, 5)])
def test_equals_torchs_loss_with_logits(scale, shape):
    torch.manual_seed(0)
    logits = (torch.randn(shape) * scale).requires_grad_()
    for targets in (torch.randint(0, 2, shape).float(), torch.rand(shape)):
        ours, theirs = binary_cross_entropy(logits, targets), BCEWithLogitsLoss()(logits, targets)
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
        (our_gradient,) = torch.autograd.grad(ours, logits)
        (their_gradient,) = torch.autograd.grad(theirs, logits)
        torch.testing.assert_close(our_gradient, their_gradient, rtol=1e-6, atol=1e-6)


def test_gradient_is_probability_minus_target_over_the_number_of_cells():
    logits = torch.linspace(-30, 30, 61).requires_grad_()
    targets = (torch.arange(61) % 2).float()
    binary_cross_entropy(logits, targets).backward()
    torch.testing.assert_close(logits.grad, (logits.sigmoid() - targets).detach() / 61)


def test_loss_and_gradient_stay_finite_for_any_logit():
    logits = torch.tensor([-1e30, -100.0, 0.0, 100.0, 1e30]).requires_grad_()
    loss = binary_cross_entropy(logits, torch.ones(5))
    loss.backward()
    assert loss.isfinite() and logits.grad.isfinite().all()


def test_being_sure_and_right_is_cheaper_than_being_sure_and_wrong():
    right = binary_cross_entropy(torch.tensor([5.0, -5.0]), torch.tensor([1.0, 0.0]))
    wrong = binary_cross_entropy(torch.tensor([-5.0, 5.0]), torch.tensor([1.0, 0.0]))
    assert right < 0.01 < 5 < wrong


def test_integer_targets_are_taken_as_numbers():
    logits = torch.tensor([[2.0, -1.0]])
    as_int = binary_cross_entropy(logits, torch.tensor([[1, 0]]))
    assert as_int == binary_cross_entropy(logits, torch.tensor([[1.0, 0.0]]))


def test_shapes_that_differ_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\[4, 2\].*\[4, 1, 2\]"):
        binary_cross_entropy(torch.zeros(4, 2), torch.zeros(4, 1, 2))


def test_nan_is_refused_by_name():
    nan = torch.tensor([0.0, float("nan")])
    with pytest.raises(ValueError, match="1 of 2 values in the logits are NaN"):
        binary_cross_entropy(nan, torch.zeros(2))
    with pytest.raises(ValueError, match="1 of 2 values in the targets are NaN"):
        binary_cross_entropy(torch.zeros(2), nan)


def test_class_numbers_as_targets_are_refused():
    with pytest.raises(ValueError, match="from 3 to 19.*multi-hot"):
        binary_cross_entropy(torch.zeros(2), torch.tensor([3, 19]))


# Regression

PAIRS = [(mse_loss, F.mse_loss), (l1_loss, F.l1_loss), (huber_loss, F.huber_loss)]


@pytest.mark.parametrize("ours, theirs", PAIRS)
@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_regression_losses_equal_torchs_and_so_do_their_slopes(ours, theirs, scale):
    torch.manual_seed(0)
    preds, targets = (torch.randn(6, 2, 2) * scale).requires_grad_(), torch.randn(6, 2, 2) * scale
    torch.testing.assert_close(ours(preds, targets), theirs(preds, targets))
    (mine,), (its,) = (torch.autograd.grad(loss(preds, targets), preds) for loss in (ours, theirs))
    torch.testing.assert_close(mine, its)


@pytest.mark.parametrize("delta", [0.05, 0.5, 3.0])
def test_hubers_delta_is_torchs(delta):
    torch.manual_seed(0)
    preds, targets = torch.randn(50, 1, 2), torch.randn(50, 1, 2)
    expected = F.huber_loss(preds, targets, delta=delta)
    torch.testing.assert_close(huber_loss(preds, targets, delta), expected)


@pytest.mark.parametrize("loss", [mse_loss, l1_loss, huber_loss, point_loss])
def test_a_missing_dimension_of_points_is_refused(loss):
    with pytest.raises(TeachingError, match=r"\[4, 2\].*\[4, 1, 2\]") as error:
        loss(torch.zeros(4, 2), torch.zeros(4, 1, 2))
    assert "Lesson: 03, Other targets" in str(error.value)


@pytest.mark.parametrize("loss", [mse_loss, l1_loss, huber_loss])
def test_targets_outside_the_picture_are_left_out_of_the_loss(loss):
    torch.manual_seed(0)
    preds, targets = torch.randn(40, 2, 2).requires_grad_(), torch.rand(40, 2, 2) * 3 - 1.5
    outside = (targets.abs() > 1).any(dim=2)
    assert 0 < outside.sum() < outside.numel()
    expected = loss(preds[~outside], targets[~outside])
    torch.testing.assert_close(point_loss(preds, targets, loss), expected)
    (slope,) = torch.autograd.grad(point_loss(preds, targets, loss), preds)
    assert (slope[outside] == 0).all() and (slope[~outside] != 0).any()


def test_a_batch_without_a_point_in_the_picture_costs_nothing_and_teaches_nothing():
    preds = torch.randn(3, 1, 2).requires_grad_()
    loss = point_loss(preds, torch.full((3, 1, 2), 1.5))
    loss.backward()
    assert loss == 0 and (preds.grad == 0).all()
