"""Lesson 07: tempting wrong answers, written another way than in the exercise, are named."""

import numpy as np
import pytest
import torch
from lessons import hears

from lessonlib.course.exercises.asking import grade
from lessonlib.course.exercises.tasks import code_of
from lessonlib.points import scale_points, unscale_points

LESSON = code_of("07")


def by_inverse(point, z, intrinsics):
    seen = torch.tensor([*point, 1.0]) * z
    return torch.linalg.solve(intrinsics, seen)


def mirrored_as_a_picture(points, size, shape=lambda size: size, axis=0):
    """By drawing: a column (or row) of numbers, turned round; between pixels by interpolation."""
    side = shape(size)[1 - axis]
    there = np.interp(points[:, axis], np.arange(side), np.arange(side)[::-1])
    moved = points.clone()
    moved[:, axis] = torch.tensor(there)
    return moved


def homogeneous(points, matrix):
    square = np.vstack([matrix.numpy(), [0, 0, 1]])
    places = np.hstack([points.numpy(), np.ones((len(points), 1))])
    return torch.tensor(places @ np.linalg.inv(square).T)[:, :2].float()


def compares(move, points, *matrices):
    found = ((move(points, m), homogeneous(points, m)) for m in map(torch.tensor, matrices))
    return all(bool((a - b).abs().max() < 1e-4) for a, b in found)


FAR = torch.tensor([[0.95, -0.9], [0.1, 0.2]])
NEAR = torch.tensor([[0.1, 0.2]])
MIXED = [[0.7, 0.2, -0.3], [-0.4, 0.6, 0.1]]
HALF_TURN = [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]


ASIDE = [[1.0, 0.0, 0.4], [0.0, 1.0, -0.2]]
MIRRORED = [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
LARGER = [[0.7, 0.0, 0.0], [0.0, 0.7, 0.0]]
UPRIGHT = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]


def expects_forwards(move):
    turn = np.array(MIXED)
    forwards = FAR.numpy() @ turn[:, :2].T + turn[:, 2]
    return bool(np.allclose(move(FAR, torch.tensor(MIXED)), forwards, atol=1e-4))


def through_scaled(points, size):
    scaled = scale_points(points, size) * torch.tensor([-1.0, 1.0])
    return unscale_points(scaled, size)


def sides(folders, is_held_out):
    held = np.array([is_held_out(folder) for folder in folders])
    return np.flatnonzero(~held).tolist(), np.flatnonzero(held).tolist()


def distances(preds, targets, size, finish=np.median, pairs=False, unit=2):
    height, width = size
    shape = (len(preds), 1, 2) if pairs else (1, len(preds), 2)
    apart = preds.numpy().reshape(shape) - targets.numpy().reshape(1, -1, 2)
    lengths = np.hypot(apart[..., 0] * width / unit, apart[..., 1] * height / unit)
    return float(finish(lengths))


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("further", 820 / 3, "take 320 off"),
        ("further", 455.0, "The other way round"),
        ("further", 60.0, "In which column"),
        ("unproject", lambda p, z, k: by_inverse(p + k[:2, 2], z, k), "take the middle off"),
        (
            "unproject",
            lambda p, z, k: by_inverse(p, 1, k) + torch.tensor([0, 0, z - 1]),
            "depend on z",
        ),
        (
            "unproject",
            lambda p, z, k: by_inverse(p, z, k) * torch.tensor([k[0, 0], k[1, 1], 1]),
            "pixels are no millimetres",
        ),
        (
            "unproject",
            lambda p, z, k: torch.tensor([*((p - k[:2, 2]) * z / k[0, 0]).tolist(), z]),
            "second focal length",
        ),
        ("mirror", lambda p, s: torch.stack([s[1] - p[:, 0], p[:, 1]], 1), "One pixel too far"),
        (
            "mirror",
            lambda p, s: torch.stack([s[0] - 1 - p[:, 0], p[:, 1]], 1),
            "That is the height",
        ),
        ("mirror", lambda p, s: mirrored_as_a_picture(p, s, axis=1), "top to bottom"),
        ("mirror", lambda p, s: p * torch.tensor([-1, 1]), "scaled coordinates"),
        ("is_right", lambda m: compares(m, FAR, [[-1.0, 0, 0], [0, 1, 0]]), "flip only"),
        ("is_right", lambda m: compares(m, FAR, ASIDE), "turns and shifts at once"),
        ("is_right", lambda m: compares(m, FAR, MIRRORED, ASIDE), "turns and shifts at once"),
        ("is_right", lambda m: compares(m, FAR, LARGER), "zoom only"),
        ("is_right", lambda m: compares(m, FAR, MIRRORED, ASIDE, LARGER), "does one thing"),
        ("is_right", lambda m: compares(m, FAR, ASIDE, LARGER, UPRIGHT), "does one thing"),
        ("is_right", lambda m: compares(m, FAR, [[0.6, 0, 0.1], [0, 0.6, 0.3]]), "does not turn"),
        ("is_right", expects_forwards, "the matrix itself"),
        ("is_right", lambda m: m is None, "False to every version"),
        ("is_right", lambda m: compares(m, NEAR, [[1.0, 0, 0.1], [0, 1, 0]]), "not yet"),
        ("is_right", lambda m: compares(m, NEAR, MIXED), "one that clamps goes unnoticed"),
        ("is_right", lambda m: not compares(m, FAR, MIXED), "swapped"),
        ("is_right", lambda m: m is not None, "True to every version"),
        ("split_off", lambda f, p, n: sides(f, lambda x: x == n), "Only the folder"),
        ("split_off", lambda f, p, n: sides(f, lambda x: p[x] != p[n]), "swapped"),
        (
            "split_off",
            lambda f, p, n: tuple(
                np.array(f)[k].tolist() for k in sides(f, lambda x: p[x] == p[n])
            ),
            "gives positions",
        ),
        ("split_off", lambda f, p, n: sides(f, lambda x: p[x] == n), "Who is in it"),
        ("split_off", lambda f, p, n: list(sides(f, lambda x: p[x] == p[n])), "Give a tuple"),
        (
            "split_off",
            lambda f, p, n: ([p[x] != p[n] for x in f], [p[x] == p[n] for x in f]),
            "Asked are positions",
        ),
        (
            "median_error",
            lambda p, t, s: distances(p, t, s[::-1], pairs=True),
            "Both bugs are still there",
        ),
        ("median_error", lambda p, t, s: distances(p, t, s, pairs=True), "[n, n, 2]"),
        ("median_error", lambda p, t, s: distances(p, t, s[::-1]), "multiplied by the height"),
        ("median_error", lambda p, t, s: distances(p, t, s, unit=1), "Twice too large"),
        ("median_error", lambda p, t, s: distances(p, t, s, np.mean), "mean distance"),
        ("rms", 0.03 * 160, "That is x"),
        ("rms", 0.0009**0.5, "scaled units"),
        ("rms", 0.03 * 240, "Twice too large"),
        ("rms", 0.03 * 320, "two units"),
        ("rms", 0.0009 * 240, "root first"),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"07.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("further", 320 + 90 * 2 / 3),
        ("unproject", by_inverse),
        ("unproject", lambda p, z, k: torch.linalg.inv(k) @ torch.cat([p, torch.ones(1)]) * z),
        ("mirror", mirrored_as_a_picture),
        ("mirror", through_scaled),
        ("is_right", lambda move: compares(move, FAR, MIXED)),
        ("split_off", lambda f, p, n: sides(f, lambda x: p[x] == p[n])),
        ("median_error", distances),
        ("rms", 240 / 2 * 0.0009**0.5),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"07.{name}", answer) == f"✓ 07.{name}: right"


@pytest.mark.parametrize("mutant", LESSON.MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_is_wrong_somewhere(mutant):
    assert compares(LESSON.RIGHT, FAR, MIXED)
    assert not compares(mutant, FAR, MIXED)


def test_a_mutant_that_survived_is_named():
    said = hears("07.is_right", lambda move: compares(move, FAR, HALF_TURN))
    assert "a move that uses the matrix, not its inverse" in said or "forgets" in said
