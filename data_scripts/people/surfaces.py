"""Surfaces as clouds of coloured points, and the tools that bend and paint them."""

from dataclasses import dataclass
from math import pi

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Cloud:
    """n points on surfaces, float32."""

    points: np.ndarray  # [3, n] mm: x, y, z of the person at rest
    normals: np.ndarray  # [3, n] outwards, length 1; 0 where a grid shrinks to a point
    colour: np.ndarray  # [3, n] share of red, green and blue light that is reflected
    gloss: np.ndarray  # [n]
    follow: np.ndarray  # [n] 1 moves with the head, 0 stays with the shoulders


def linear(colour: str) -> np.ndarray:
    """Red, green and blue of an sRGB colour as shares of light."""
    return (np.array([int(colour[at : at + 2], 16) for at in (0, 2, 4)]) / 255) ** 2


def smooth(x, low: float, high: float):
    """0 below low, 1 above high, a smooth step between them."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bump(x, y, x0: float, y0: float, wide: float, high: float):
    return np.exp(-(((x - x0) / wide) ** 2) - ((y - y0) / high) ** 2)


def noise(rng, shape: tuple[int, int], rows: int, columns: int) -> np.ndarray:
    """Smooth noise in -1 to 1, with so many cells down and across."""
    coarse = Image.fromarray((2 * rng.random_sample((rows, columns)) - 1).astype(np.float32))
    return np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC))


def mix(one, two, share) -> np.ndarray:
    """From colour one to colour two [..., 3], by share [...]."""
    return one + (two - one) * np.clip(share, 0, 1)[..., None]


def part(x, y, z, colour, gloss=0.1, follow=1.0, inwards=False) -> tuple:
    """The arrays of a Cloud from a grid of points; the normals come from the grid's neighbours."""
    points = np.stack(np.broadcast_arrays(x, y, z), -1)
    normals = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-6)
    vectors = (points, -normals if inwards else normals, np.broadcast_to(colour, points.shape))
    numbers = (np.broadcast_to(value, points.shape[:2]) for value in (gloss, follow))
    return (
        *(vector.reshape(-1, 3).T.astype(np.float32) for vector in vectors),
        *(number.ravel().astype(np.float32) for number in numbers),
    )


def tube(points: np.ndarray, radius: float, colour: str) -> tuple:
    """A thin tube along points [k, 3]."""
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, (0.13, 0.91, 0.39))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side)
    a = np.linspace(0, 2 * pi, 14)[None, :, None]
    ring = points[:, None] + radius * (np.cos(a) * side[:, None] + np.sin(a) * other[:, None])
    return part(*np.moveaxis(ring, -1, 0), linear(colour), 0.6)
