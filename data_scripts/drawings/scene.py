"""Compose one picture of the PASCAL twin: drawings of the wanted labels on a generated background.

Everything random comes from the generator that the caller hands in, as `random_sample`, whose
stream is frozen in NumPy. Where the objects lie is decided before any drawing is opened.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, cos, floor, radians, sin

import numpy as np
from PIL import Image, ImageFilter

from data_scripts.drawings.classes import ART, DISTRACTORS, DRAWINGS, artwork

SHAPES = [(320, 240)] * 6 + [(240, 320)] * 2 + [(320, 213)] * 2  # PASCAL's, times 0.64
SIZES = {1: (0.5, 0.85), 2: (0.48, 0.72), 3: (0.44, 0.6)}  # of the shorter side, by objects
SIZES_OF_MANY = (0.38, 0.5)
MOST_OBJECTS = 5
MOST_HIDDEN = 0.18  # of an object's square, by all that is in front of it
MOST_HIDDEN_BY_DISTRACTOR = 0.1
LEAST_INSIDE = 0.78  # of an object's square, the rest lies outside the picture
PASCAL = {**DRAWINGS, "": DISTRACTORS}


@dataclass(frozen=True)
class Item:
    """A drawing and where it goes: its square, scaled to `size`, centred on (x, y)."""

    label: str  # "" for a distractor
    drawing: str  # its name, for `artwork` or whatever else makes it
    size: float
    x: float
    y: float
    angle: float  # degrees, clockwise
    flip: bool

    def square(self) -> tuple[float, float, float, float]:
        half = self.size / 2
        return self.x - half, self.y - half, self.x + half, self.y + half


def compose(rng: np.random.RandomState, labels: Sequence[str]) -> tuple[Image.Image, list[tuple]]:
    """A picture of these labels, and (label, left, top, right, bottom) of every labelled object."""
    width, height = pick(rng, SHAPES)
    items = arrange(rng, labels, width, height)
    picture = background(rng, width, height)
    for item in items:
        paste(picture, item, colours(rng))
    boxes = [(item.label, *box(item, width, height)) for item in items if item.label]
    return photographed(rng, picture), boxes


def jpeg(picture: Image.Image) -> bytes:
    """The bytes of its .jpg file. Pillow hides a full disk when it writes to a file itself."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def pick(rng: np.random.RandomState, items: Sequence):
    return items[int(rng.random_sample() * len(items))]


def between(rng: np.random.RandomState, low: float, high: float) -> float:
    return low + (high - low) * rng.random_sample()


# ---------------------------------------------------------------- which objects, and where


def arrange(
    rng: np.random.RandomState,
    labels: Sequence[str],
    width: int,
    height: int,
    drawings: Mapping[str, Sequence[str]] = PASCAL,
) -> list[Item]:
    """The objects of a picture, the furthest first.

    drawings: the names of the drawings of each label; of distractors under "".
    """
    wanted = list(labels)
    for label in labels:
        while len(wanted) < MOST_OBJECTS and rng.random_sample() < (label == "person") * 0.2 + 0.08:
            wanted.append(label)
    low, high = SIZES.get(len(wanted), SIZES_OF_MANY)
    smaller = [("", 0.2, 0.36)] * int(between(rng, 0 if wanted else 1, 3 if len(wanted) < 4 else 2))
    todo = [*smaller, *((label, low, high) for label in wanted)]
    todo.sort(key=lambda _: rng.random_sample())
    items: list[Item] = []
    for label, low, high in todo:
        size = between(rng, low, high) * min(width, height)
        drawing = pick(rng, drawings[label])
        items.append(_place(rng, label, drawing, size, items, width, height))
    return items


def _place(rng, label, drawing, size: float, behind: list[Item], width: int, height: int) -> Item:
    """An item where it hides little of those behind it; smaller, should there be no room."""
    angle, flip = between(rng, -20, 20), rng.random_sample() < 0.5
    while True:
        for _ in range(20):
            x = between(rng, 0.3 * size, width - 0.3 * size)
            y = between(rng, 0.3 * size, height - 0.3 * size)
            item = Item(label, drawing, size, x, y, angle, flip)
            if _fits(item, behind, width, height):
                return item
        size *= 0.93


def _fits(item: Item, behind: list[Item], width: int, height: int) -> bool:
    if _overlap(item.square(), (0, 0, width, height)) < LEAST_INSIDE * item.size**2:
        return False
    for number, old in enumerate(behind):
        hidden = {True: 0.0, False: 0.0}  # by labelled objects, by distractors
        for other in [*behind[number + 1 :], item]:
            share = _overlap(old.square(), other.square()) / old.size**2
            hidden[bool(other.label)] += share
        if sum(hidden.values()) > MOST_HIDDEN or hidden[False] > MOST_HIDDEN_BY_DISTRACTOR:
            return False
    return True


def _overlap(one: tuple, other: tuple) -> float:
    """Common area of two boxes (left, top, right, bottom)."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(high, 0)


# ---------------------------------------------------------------- drawing them


def colours(rng: np.random.RandomState) -> np.ndarray:
    """Factors for red, green and blue: another light, yet a cow stays a cow."""
    return between(rng, 0.8, 1.15) * (0.94 + 0.12 * rng.random_sample(3))


def paste(
    picture: Image.Image,
    item: Item,
    factors: np.ndarray,
    artwork: Callable[[str], Image.Image] = artwork,
) -> None:
    """Draw the item on the picture, in its place. artwork(name) is its drawing, RGBA, square."""
    art = np.asarray(artwork(item.drawing)).astype(float)
    side = len(art)
    art[..., :3] = (art[..., :3] * factors).clip(0, 255)
    half = ceil(item.size * 0.72)  # reaches the corners of a turned square
    left, top = floor(item.x) - half, floor(item.y) - half
    c, s = (f(radians(item.angle)) * side / item.size for f in (cos, sin))
    mirror = -1 if item.flip else 1
    x, y = item.x - left, item.y - top
    inverse = (
        *(mirror * c, mirror * s, side / 2 - mirror * (c * x + s * y)),
        *(-s, c, side / 2 + s * x - c * y),
    )
    turned = Image.fromarray(art.astype(np.uint8)).transform(
        (2 * half + 1, 2 * half + 1), Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC
    )
    picture.paste(turned, (left, top), turned)


def box(item: Item, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the drawing's opaque pixels, clipped to the picture.

    Reckoned from the drawing, not from the picture: the same with every version of Pillow.
    """
    v, u = np.nonzero(np.asarray(artwork(item.drawing))[..., 3] > 127)
    u, v = (u + 0.5 - ART / 2) * (-1 if item.flip else 1), v + 0.5 - ART / 2
    c, s = (f(radians(item.angle)) * item.size / ART for f in (cos, sin))
    x, y, edge = item.x + c * u - s * v, item.y + s * u + c * v, (abs(c) + abs(s)) / 2
    return (
        max(0, round(float(x.min() - edge))),
        max(0, round(float(y.min() - edge))),
        min(width, round(float(x.max() + edge))),
        min(height, round(float(y.max() + edge))),
    )


# ---------------------------------------------------------------- background and camera


def background(
    rng: np.random.RandomState, width: int, height: int, shades: Sequence | None = None
) -> Image.Image:
    """Sky and ground, a room, a gradient, a texture, stripes or blobs, in two to three colours.

    shades: the two colours (red, green, blue) between which it lies; by default any two.
    """
    y, x = _grid(width, height)
    kind = pick(rng, [_horizon, _horizon, _gradient, _texture, _stripes, _blobs])
    mix = np.clip(kind(rng, x, y), 0, 1) * 0.85 + _texture(rng, x, y) * 0.15
    one, two = (_colour(rng), _colour(rng)) if shades is None else map(np.asarray, shades)
    values = (two - one) * mix[..., None]
    values += one  # in place, here and below: half the time of drawing goes into large arrays
    return Image.fromarray(values.clip(0, 255, out=values).astype(np.uint8))


@cache
def _grid(width: int, height: int) -> np.ndarray:
    """y and x of every pixel, as shares of the longer side."""
    return np.mgrid[0:height, 0:width] / max(width, height)


def _colour(rng: np.random.RandomState) -> np.ndarray:
    colour = between(rng, 60, 190) + 90 * (rng.random_sample(3) - 0.5)
    return colour.clip(20, 235)


def _gradient(rng, x, y):
    across, down = rng.random_sample(2) * 2 - 1
    ramp = across * x + down * y
    return (ramp - ramp.min()) / max(np.ptp(ramp), 1e-6)


def _horizon(rng, x, y):
    """Sky above ground, or wall above floor: two shades each, with an edge between them."""
    line = between(rng, 0.3, 0.75) * y.max() + between(rng, -0.1, 0.1) * (x - 0.5)
    return np.where(y < line, 0.25 * y / y.max(), 1 - 0.3 * (1 - y / y.max()))


def _texture(rng, x, y):
    cells = int(between(rng, 3, 40))
    coarse = Image.fromarray((255 * rng.random_sample((cells, cells))).astype(np.uint8))
    return np.asarray(coarse.resize(x.shape[::-1], Image.Resampling.BICUBIC)) / 255


def _stripes(rng, x, y):
    slope = between(rng, -1, 1)
    return abs((between(rng, 2, 7) * (x * slope + y * (1 - abs(slope)))) % 1 - 0.5) * 2


def _blobs(rng, x, y):
    mix = np.zeros(x.shape)
    for across, down, size in rng.random_sample((12, 3)):
        mix += np.clip(1 - ((x - across) ** 2 + (y - down) ** 2) / (0.02 + 0.05 * size), 0, 1)
    return mix


def photographed(rng: np.random.RandomState, picture: Image.Image) -> Image.Image:
    """What a camera adds: light and contrast, a little blur, a little grain."""
    blurred = picture.filter(ImageFilter.GaussianBlur(between(rng, 0, 0.6)))
    grain = (rng.random_sample((*picture.size[::-1], 1)) - 0.5) * between(rng, 2, 16)
    contrast, light = between(rng, 0.85, 1.1), between(rng, 112, 142)
    lit = (np.arange(256) - 127.5) * contrast + light  # what becomes of each of the 256 values
    values = lit[np.asarray(blurred)]
    values += grain
    return Image.fromarray(values.clip(0, 255, out=values).astype(np.uint8))
