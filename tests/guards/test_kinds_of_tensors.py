"""The same predictions as another kind of tensor: the same number, or a sentence with a cure."""

import pytest
import torch

from lessonlib.guards.teaching import TeachingError
from lessonlib.losses import binary_cross_entropy, huber_loss, l1_loss, mse_loss, point_loss
from lessonlib.metrics import (
    accuracy,
    accuracy_multi,
    average_precision,
    baselines,
    calibration_curve,
    exact_match,
    f1_multi,
    mean_average_precision,
    wilson_interval,
)
from lessonlib.points import compare_with_mean, pixel_errors, to_points
from lessonlib.thresholds import (
    answered,
    best_threshold,
    bootstrap_band,
    per_class_thresholds,
    threshold_curve,
    unsure,
)

RANDOM = torch.Generator().manual_seed(0)
PROBS = torch.rand(40, 3, generator=RANDOM)
TARGETS = (torch.rand(40, 3, generator=RANDOM) < PROBS).float()
FUNCTIONS = {
    "accuracy_multi": lambda p, t: accuracy_multi(p, t, sigmoid=False),
    "f1_multi": lambda p, t: f1_multi(p, t, sigmoid=False),
    "exact_match": lambda p, t: exact_match(p, t, sigmoid=False),
    "mean_average_precision": mean_average_precision,
    "average_precision": lambda p, t: average_precision(p[:, 0], t[:, 0]),
    "baselines": lambda p, t: baselines(t)["nothing"],
    "calibration_curve": lambda p, t: calibration_curve(p, t)[1].sum(),
    "threshold_curve": lambda p, t: best_threshold(threshold_curve(p, t)),
    "per_class_thresholds": lambda p, t: per_class_thresholds(p, t).float().sum(),
    "bootstrap_band": lambda p, t: sum(bootstrap_band(p, t, n=5)),
    "unsure": lambda p, t: unsure(p, 0.5, 0.1).float().mean(),
    "answered": lambda p, t: answered(p, t, 0.5, 0.1)[1],
    "binary_cross_entropy": binary_cross_entropy,
    "mse_loss": mse_loss,
    "l1_loss": l1_loss,
    "huber_loss": huber_loss,
}
KINDS = {
    "with a graph": lambda p, t: (p.clone().requires_grad_(), t),
    "bfloat16": lambda p, t: (p.bfloat16(), t),
    "float16": lambda p, t: (p.half(), t),
    "double": lambda p, t: (p.double(), t),
    "not contiguous": lambda p, t: (p.T.contiguous().T, t.T.contiguous().T),
    "bool targets": lambda p, t: (p, t.bool()),
    "int targets": lambda p, t: (p, t.long()),
    "uint8 targets": lambda p, t: (p, t.byte()),
    "bool probabilities": lambda p, t: (p > 0.5, t),
    "int probabilities": lambda p, t: (p.round().int(), t),
}


ONE_SIDED = ("unsure", "baselines")  # what they do not look at may be anything


def outcome(function, *arguments):
    """The number that a function gives, or None when it refuses in words."""
    try:
        return float(torch.as_tensor(function(*arguments)).detach())
    except TeachingError as error:
        assert "\nCure: " in str(error)
        return None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_another_kind_of_tensor_gives_the_same_number_or_a_sentence(name, kind):
    found = outcome(FUNCTIONS[name], *KINDS[kind](PROBS, TARGETS))
    if kind in ("bool probabilities", "int probabilities"):
        expected = outcome(FUNCTIONS[name], PROBS.round(), TARGETS)
    else:
        expected = outcome(FUNCTIONS[name], PROBS, TARGETS)
    near = 0.1 if kind in ("bfloat16", "float16") else 1e-4  # rounded, some fall into other bins
    assert found is None or found == pytest.approx(expected, abs=near)


def test_the_kinds_that_networks_give_are_mostly_taken():
    for kind in ("double", "not contiguous", "int targets"):
        for name, function in FUNCTIONS.items():
            assert outcome(function, *KINDS[kind](PROBS, TARGETS)) is not None, (kind, name)


@pytest.mark.parametrize("function", [threshold_curve, calibration_curve, pixel_errors])
def test_tensors_of_another_device_are_told_the_way_to_this_one(function):
    with pytest.raises(TeachingError, match=r"device meta(.|\n)*\.cpu\(\)"):
        function(*[torch.rand(6, 2, device="meta")] * 2)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "loss" not in name])
@pytest.mark.parametrize(
    "probs, targets",
    [
        (PROBS, torch.where(TARGETS > 0, float("nan"), 0.0)),
        (torch.where(PROBS > 0.9, float("nan"), PROBS), TARGETS),
        (PROBS[:0], TARGETS[:0]),
        (PROBS, TARGETS[:, :2]),
    ],
    ids=["NaN targets", "NaN probabilities", "empty", "shapes"],
)
def test_what_holds_nan_or_nothing_is_refused_or_counted_never_a_raw_error(name, probs, targets):
    if name == "average_precision":  # it looks at the first class, which both have
        targets = targets[:39] if targets.shape[1] == 2 else targets
    found = outcome(FUNCTIONS[name], probs, targets)
    assert found is None or ((name in ONE_SIDED and found == found) or found == 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: f1_multi(PROBS[0], TARGETS[0]),
        lambda: exact_match(PROBS[0], TARGETS[0]),
        lambda: mean_average_precision(PROBS[:, 0], TARGETS[:, 0]),
        lambda: average_precision(PROBS, TARGETS),
        lambda: bootstrap_band(PROBS[0], TARGETS[0]),
        lambda: per_class_thresholds(PROBS[:, 0], TARGETS[:, 0]),
        lambda: unsure(PROBS[0], 0.5, 0.1),
        lambda: accuracy(torch.tensor([[float("nan"), 1.0]]), torch.tensor([0])),
        lambda: accuracy(PROBS[:0], TARGETS[:0, 0]),
        lambda: f1_multi(PROBS, TARGETS, torch.tensor([0.5, 0.4])),
        lambda: unsure(PROBS, float("nan"), 0.1),
        lambda: calibration_curve(PROBS, TARGETS, bins=0),
        lambda: wilson_interval(0, 0),
        lambda: wilson_interval(5, 3),
        lambda: bootstrap_band(PROBS, TARGETS, n=0),
        lambda: point_loss(torch.zeros(2, 1, 2, dtype=torch.long), torch.zeros(2, 1, 2).long()),
        lambda: compare_with_mean(*[torch.full((3, 1, 2), 2.0)] * 3),
        lambda: to_points(["12", ""]),
        lambda: to_points(None),
    ],
)
def test_what_has_another_shape_or_is_no_number_is_refused_in_words(call):
    with pytest.raises(ValueError) as caught:
        call()
    assert "Cure: " in str(caught.value)
