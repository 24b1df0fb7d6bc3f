"""Lesson 05: tempting wrong answers, written another way than in the exercise, are named."""

import numpy as np
import pytest
import torch
from lessons import hears
from torch import nn

from lessonlib.course.exercises.asking import grade
from lessonlib.models import create_head


def train(start, batches, lr, *, zero=True, sign=-1, reduction="mean"):
    """The exercise with torch's own optimizer."""
    weight = nn.Parameter(torch.tensor(start))
    optimizer = torch.optim.SGD([weight], lr=lr, maximize=sign > 0)
    for x, y in batches:
        nn.functional.mse_loss(weight * x, y, reduction=reduction).backward()
        optimizer.step()
        if zero:
            optimizer.zero_grad()
    return weight.item()


def train_zero_first(start, batches, lr):
    weight = nn.Parameter(torch.tensor(start))
    optimizer = torch.optim.SGD([weight], lr=lr)
    for x, y in batches:
        nn.functional.mse_loss(weight * x, y).backward()
        optimizer.zero_grad()
        optimizer.step()
    return weight.item()


def triangle(step, steps, lr_max, pct_start, last=None):
    last = steps - 1 if last is None else last
    return float(np.interp(step, [0, pct_start * last, last], [0, lr_max, 0]))


def answers(model, x, finish=torch.sigmoid, mode=False, leave=None):
    """In this mode; then the model goes back to its own, or to `leave`."""
    before = model.training if leave is None else leave
    with torch.inference_mode():
        result = finish(model.train(mode)(x)).clone()
    model.train(before)
    return result


def train_by_name(start, batches, lr):
    """The exercise with a line that its text does not know."""
    weight = torch.tensor(start, requires_grad=True)
    for x, y in batches:
        ((weight * x - y) ** 2).mean().backward()
        with torch.no_grad():
            weight -= lr * weight.grad
        eval("optimizer.zero_grad()", {})
    return weight.item()


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("parameters", 2 * 512 + 512 * 4 + 4, "two numbers per channel"),
        ("parameters", 1024 * 4 + 4, "batch norm has parameters too"),
        ("parameters", 2 * 1024 + 1024 * 4, "has a bias"),
        ("parameters", 1024 + 1024 * 4 + 4, "a factor and a shift"),
        ("epoch_loss", lambda losses, sizes: np.mean(losses).item(), "average of the averages"),
        ("epoch_loss", lambda losses, sizes: float(np.dot(losses, sizes)), "That is the sum"),
        (
            "epoch_loss",
            lambda losses, sizes: np.dot(losses, sizes).item() / len(losses),
            "number of batches",
        ),
        ("epoch_loss", lambda losses, sizes: sum(losses) / sum(sizes), "a mean already"),
        ("train", lambda s, b, lr: train(s, b, lr, zero=False), "still add up"),
        ("train", train_by_name, "There is no optimizer here"),
        ("train", lambda s, b, lr: train(s, b, lr, sign=1), "uphill"),
        ("train", lambda s, b, lr: train(s, b, lr, reduction="sum"), "Keep its mean"),
        ("train", train_zero_first, "never moves"),
        ("train", lambda s, b, lr: train(s, b[:1], lr), "return inside the loop"),
        ("triangle", lambda i, n, m, p: triangle(i, n, m, p, last=n), "steps − 1, not steps"),
        ("triangle", lambda i, n, m, p: triangle(i, n, m, 0.5), "pct_start is not used"),
        ("triangle", lambda i, n, m, p: m * i / p / (n - 1), "never falls"),
        (
            "triangle",
            lambda i, n, m, p: m * np.sin(np.pi / 2 * triangle(i, n, 1, p)).item() ** 2,
            "Straight lines",
        ),
        ("probabilities", lambda m, x: answers(m, x, mode=m.training), "still in training mode"),
        (
            "triangle",
            lambda i, n, m, p: triangle(i, n, m, round(p * (n - 1)) / (n - 1)),
            "rounding",
        ),
        ("probabilities", lambda m, x: answers(m, x, mode=True, leave=True), "wrong way round"),
        ("probabilities", lambda m, x: answers(m, x, leave=False), "back in another mode"),
        ("probabilities", lambda m, x: answers(m, x, leave=True), "back in another mode"),
        ("probabilities", lambda m, x: answers(m, x, nn.Identity(), leave=False), "activations"),
        ("probabilities", lambda m, x: answers(m, x, lambda z: z), "These are activations"),
        ("probabilities", lambda m, x: answers(m, x, nn.Softmax(dim=1)), "compete"),
        ("probabilities", lambda m, x: answers(m, x, lambda z: z > 0), "That is the decision"),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"05.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("parameters", sum(weight.numel() for weight in create_head(512, 4).parameters())),
        ("epoch_loss", lambda losses, sizes: np.average(losses, weights=sizes).item()),
        ("train", train),
        ("triangle", triangle),
        ("probabilities", answers),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"05.{name}", answer) == f"✓ 05.{name}: right"
