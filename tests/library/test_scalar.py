"""The scalar autograd equals torch's, and the microscope draws what it computes."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
import torch

from lessonlib.explorers.scalar import bce_microscope, draw_graph, draw_microscope, step_of
from lessonlib.losses import binary_cross_entropy
from lessonlib.scalar import (
    Scalar,
    backward,
    cell_cost,
    exp,
    in_order,
    inverse,
    log,
    stable_cell_cost,
)

FORMULAS = {
    "sum": (lambda x, y: x + y, lambda x, y: x + y),
    "product": (lambda x, y: x * y, lambda x, y: x * y),
    "used twice": (lambda x, y: x * x + x * y + x, lambda x, y: x * x + x * y + x),
    "functions": (
        lambda x, y: log(x) * exp(-y) + inverse(x * y),
        lambda x, y: x.log() * (-y).exp() + 1 / (x * y),
    ),
    "shared": (lambda x, y: (lambda z: z * z + -z)(x * y), lambda x, y: (x * y) ** 2 - x * y),
}


def ours_of(cost, logit, *arguments):
    """Value and gradient of a cost of one logit."""
    x = Scalar(logit)
    result = cost(x, *arguments)
    backward(result)
    return result.value, x.grad


def torchs(logit, there):
    x = torch.tensor([logit], dtype=torch.double, requires_grad=True)
    loss = torch.nn.BCEWithLogitsLoss()(x, torch.tensor([float(there)], dtype=torch.double))
    loss.backward()
    return loss.item(), x.grad.item()


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("a, b", [(0.5, 2.0), (3.0, 3.0), (1.5, -0.7)])
def test_values_and_gradients_are_torchs(name, a, b):
    ours, theirs = FORMULAS[name]
    x, y = Scalar(a), Scalar(b)
    result = ours(x, y)
    backward(result)
    p, q = (torch.tensor(v, dtype=torch.double, requires_grad=True) for v in (a, b))
    expected = theirs(p, q)
    expected.backward()
    assert result.value == pytest.approx(expected.item())
    assert (x.grad, y.grad) == pytest.approx((p.grad.item(), q.grad.item()))


def test_parents_come_before_what_is_computed_from_them_and_each_once():
    x = Scalar(2.0)
    order = in_order(x * x + exp(x))
    assert len(order) == len(set(order)) == 4 and order[0] is x
    assert all(order.index(p) < order.index(node) for node in order for p in node.parents)


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("logit", [-12.0, -1.0, 0.0, 0.3, 8.0])
def test_one_cell_is_the_librarys_loss_and_its_gradient_p_minus_y(logit, there):
    for cost in (cell_cost, stable_cell_cost):
        assert ours_of(cost, logit, there) == pytest.approx(torchs(logit, there), rel=1e-9)
    logit32, target = torch.tensor([logit]), torch.tensor([float(there)])
    loss = binary_cross_entropy(logit32, target).item()
    assert ours_of(cell_cost, logit, there)[0] == pytest.approx(loss, rel=1e-5)
    p = torch.tensor(logit, dtype=torch.double).sigmoid().item()
    assert ours_of(cell_cost, logit, there)[1] == pytest.approx(p - there)


@pytest.mark.parametrize("logit", [-3.0, 0.0, 2.5])
def test_the_swapped_cost_is_the_cost_of_the_opposite_answer(logit):
    for there in (True, False):
        swapped = ours_of(cell_cost, logit, there, True)
        assert swapped == pytest.approx(torchs(logit, not there))
        assert step_of(logit, there, False) * step_of(logit, there, True) < 0


def test_only_the_stable_form_survives_large_logits():
    with pytest.raises(ValueError):
        cell_cost(Scalar(37.0), there=False)
    assert math.isfinite(cell_cost(Scalar(36.0), there=False).value)
    with pytest.raises(OverflowError):
        cell_cost(Scalar(-800.0), there=True)
    for logit, there in ((37.0, False), (800.0, False), (-800.0, True), (800.0, True)):
        assert ours_of(stable_cell_cost, logit, there) == pytest.approx(torchs(logit, there))


def test_the_graph_shows_each_number_with_value_and_grad_and_is_valid():
    x = Scalar(1.0, "x")
    cost = cell_cost(x, there=False)
    backward(cost)
    drawing = ET.fromstring(draw_graph(cost))
    texts = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert len(texts) == 3 * len(in_order(cost))
    assert texts.count("log") == 1 and "0.731" in texts and "−1.313" in texts


def test_the_sliders_say_the_gradient_and_where_a_step_goes():
    microscope = bce_microscope()
    microscope.controls["logit"].value = 2.0
    said = re.sub(r"<[^>]+>", "", microscope.page.value)
    assert "At the logit x it is −0.119; by the formula p − y: 0.881 − 1 = −0.119" in said
    assert "right up by 0.119, swapped down by 0.881" in said
    microscope.controls["target"].value = 0
    assert "right down by 0.881, swapped up by 0.119" in microscope.page.value
    microscope.controls["loss"].value = "swapped"
    assert "At the logit x it is −0.119; by the formula p − y: 0.881 − 0" in re.sub(
        r"<[^>]+>", "", microscope.page.value
    )
    assert all(control.description for control in microscope.controls.values())


@pytest.mark.parametrize("logit", [-6.0, 0.0, 6.0])
def test_no_position_of_the_sliders_breaks_the_drawing(logit):
    for target in (0, 1):
        for loss in ("right", "swapped"):
            page = draw_microscope(logit, target, loss)
            assert "nan" not in page and "inf" not in page
