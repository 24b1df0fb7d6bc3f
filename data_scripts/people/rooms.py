"""The rooms of the BIWI twin: what stands behind a person, and the light that falls on them."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data_scripts.drawings.scene import between, pick

WIDTH, HEIGHT = 640, 480  # of every picture
WALLS = ["c9c2b4", "b9c4c6", "d2cbb8", "a9b3a0", "c4b2a6", "9fb0bd", "b8b8b8", "cfc3c9", "8d979c"]
BOOKS = ["8a3b2e", "2f5d62", "c9a227", "40476d", "6b705c", "a5a58d", "b56576", "355070", "e9d8a6"]
WOODS = ["7a5836", "9c7a52", "5b432d", "b89468", "dcd6cc", "4b4f55"]


@dataclass(frozen=True)
class Room:
    """A background and the light. The direction points to the key light and has length 1."""

    background: np.ndarray  # float32 [HEIGHT, WIDTH, 3], 0 to 255
    key: np.ndarray  # float32 [3]: x to the right, y down, z away from the camera
    key_colour: np.ndarray  # float32 [3]: red, green, blue
    ambient: np.ndarray  # float32 [3]


def room(rng: np.random.RandomState, seat: tuple[float, float]) -> Room:
    """A room of its own. seat: pixel (x, y) of a head on its chair."""
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    _wall(rng, draw)
    left = between(rng, -60, 20)
    kinds = sorted(
        [_shelf, _window, _poster, _door, _plant, _poster], key=lambda _: rng.random_sample()
    )
    for kind in kinds:
        left = kind(rng, draw, left) + between(rng, 15, 70)
    _chair(rng, draw, *seat)
    picture = picture.filter(ImageFilter.GaussianBlur(between(rng, 1.2, 2.2)))
    from_left = rng.random_sample() < 0.5
    return Room(_lighted(rng, np.asarray(picture), from_left), *_light(rng, from_left))


def _light(rng, from_left: bool) -> tuple[np.ndarray, ...]:
    side = between(rng, 0.2, 0.75) * (-1 if from_left else 1)
    key = np.array([side, -between(rng, 0.35, 0.75), -between(rng, 0.5, 0.9)])
    warm = between(rng, -0.08, 0.08)
    strength = between(rng, 0.62, 0.85)
    key_colour = strength * np.array([1 + warm, 1, 1 - warm])
    ambient = between(rng, 0.34, 0.46) * np.array([1 - warm, 1, 1 + warm])
    return tuple(a.astype(np.float32) for a in (key / np.linalg.norm(key), key_colour, ambient))


def _lighted(rng, pixels: np.ndarray, from_left: bool) -> np.ndarray:
    """The room brighter on the side of its lamp, and darker than the person."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
    ramp = (x if not from_left else 1 - x) - 0.4 * y
    light = between(rng, 0.68, 0.9) + 0.28 * (ramp - ramp.mean())
    return (pixels * light[..., None]).clip(0, 255).astype(np.float32)


def _shade(rng, colour: str) -> tuple[int, ...]:
    factor = between(rng, 0.82, 1.12)
    return tuple(min(255, int(int(colour[at : at + 2], 16) * factor)) for at in (0, 2, 4))


def _wall(rng, draw) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), _shade(rng, pick(rng, WALLS)))
    if rng.random_sample() < 0.4:  # panels on the lower part
        edge = between(rng, 250, 360)
        draw.rectangle((0, edge, WIDTH, HEIGHT), _shade(rng, pick(rng, WALLS)))
        draw.rectangle((0, edge, WIDTH, edge + 8), _shade(rng, pick(rng, WOODS)))


def _shelf(rng, draw, left: float) -> float:
    right, top = left + between(rng, 110, 190), between(rng, 20, 130)
    wood = _shade(rng, pick(rng, WOODS))
    draw.rectangle((left, top, right, HEIGHT), tuple(int(c * 0.55) for c in wood))
    for board in np.arange(top, HEIGHT, between(rng, 68, 90)):
        at = left + 8
        while at < right - 18:
            wide, high = between(rng, 7, 17), between(rng, 38, 58)
            if rng.random_sample() < 0.85:
                draw.rectangle(
                    (at, board + 64 - high, at + wide, board + 66), _shade(rng, pick(rng, BOOKS))
                )
            at += wide + 1
        draw.rectangle((left, board, right, board + 6), wood)
    draw.rectangle((left, top, left + 6, HEIGHT), wood)
    draw.rectangle((right - 6, top, right, HEIGHT), wood)
    return right


def _window(rng, draw, left: float) -> float:
    right, top = left + between(rng, 110, 170), between(rng, -10, 40)
    bottom = top + between(rng, 180, 260)
    draw.rectangle((left - 8, top - 8, right + 8, bottom + 8), _shade(rng, "e6e2d8"))
    sky, green = _shade(rng, "bcd3e0"), _shade(rng, "7f9a76")
    draw.rectangle((left, top, right, bottom), sky)
    for _ in range(5):
        x, size = between(rng, left, right), between(rng, 20, 45)
        box = (max(left, x - size), bottom - size * 1.3, min(right, x + size), bottom)
        if box[2] > box[0]:
            draw.rectangle(box, green)
    middle = (left + right) / 2
    draw.rectangle((middle - 4, top, middle + 4, bottom), _shade(rng, "e6e2d8"))
    return right + 8


def _poster(rng, draw, left: float) -> float:
    right, top = left + between(rng, 70, 130), between(rng, 30, 150)
    bottom = top + between(rng, 80, 150)
    draw.rectangle((left, top, right, bottom), _shade(rng, pick(rng, WOODS)))
    draw.rectangle((left + 6, top + 6, right - 6, bottom - 6), _shade(rng, "e8e3d5"))
    for _ in range(4):
        x, y = between(rng, left + 14, right - 40), between(rng, top + 14, bottom - 40)
        box = (x, y, x + between(rng, 10, 26), y + between(rng, 10, 26))
        pick(rng, [draw.rectangle, draw.ellipse])(box, _shade(rng, pick(rng, BOOKS)))
    return right


def _door(rng, draw, left: float) -> float:
    right, top, wood = (
        left + between(rng, 120, 150),
        between(rng, 10, 50),
        _shade(rng, pick(rng, WOODS)),
    )
    draw.rectangle((left - 8, top - 8, right + 8, HEIGHT), tuple(int(c * 0.7) for c in wood))
    draw.rectangle((left, top, right, HEIGHT), wood)
    for low in (top + 18, top + 200):
        box = (left + 18, low, right - 18, low + 165)
        draw.rectangle(box, outline=tuple(int(c * 0.8) for c in wood), width=4)
    draw.ellipse((right - 16, 262, right - 6, 272), _shade(rng, "d9cfae"))
    return right + 8


def _plant(rng, draw, left: float) -> float:
    middle, top = left + 50, between(rng, 200, 270)
    for _ in range(16):
        x, y = middle + between(rng, -55, 55), top + between(rng, -50, 60)
        draw.line((middle, top + 90, x, y), _shade(rng, "45603a"), 3)
        size = between(rng, 9, 20)
        draw.ellipse((x - size, y - size * 0.6, x + size, y + size * 0.6), _shade(rng, "4f7a46"))
    draw.polygon(
        [
            (middle - 30, top + 85),
            (middle + 30, top + 85),
            (middle + 22, top + 150),
            (middle - 22, top + 150),
        ],
        _shade(rng, pick(rng, ["a65e3a", "d8d4ca", "5a6670"])),
    )
    return left + 100


def _chair(rng, draw, x: float, y: float) -> None:
    """The back of a chair, behind the shoulders."""
    wide, high, colour = (
        between(rng, 85, 120),
        between(rng, 55, 85),
        _shade(rng, pick(rng, [*BOOKS, *WOODS])),
    )
    dark = tuple(int(c * 0.6) for c in colour)
    draw.rounded_rectangle((x - wide, y + high, x + wide, HEIGHT + 60), 24, dark)
    draw.rounded_rectangle((x - wide + 7, y + high + 7, x + wide - 7, HEIGHT + 60), 20, colour)
