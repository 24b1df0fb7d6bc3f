"""People of the BIWI twin: head, neck and shoulders of each as a cloud of coloured points.

The frame of a head: its origin is the head's centre, x points to the right of a picture that is
taken from the front, y down, z away from the camera; the face looks along -z. Millimetres.
Every surface is a dense grid of points, bent into shape with smooth bumps. `data_scripts.camera`
turns the points with the head and draws them.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Look:
    """What one notices about a person. Colours are sRGB in hexadecimal."""

    skin: str
    hair: str
    style: str  # bald, fringe, buzz, short, parted, curly, bob, long, ponytail, bun, beanie
    shirt: str
    pattern: str = "plain"  # plain, stripes, checks, shirt, hood
    second: str = "e8e4da"  # the other colour of the pattern, or of a beanie
    glasses: str = ""
    beard: float = 0.0  # 0.3 is stubble, 1 is full
    eyes: str = "5b3a21"


LOOKS = {
    "F01": Look("d9a582", "3a2415", "long", "8c2f39", "plain"),
    "F02": Look("eec1a2", "b98a4a", "ponytail", "2f6f73", "stripes", "e9ecec", eyes="4d7391"),
    "F03": Look("8a5a3c", "17110d", "curly", "d9a441", "plain"),
    "F04": Look("e8b998", "7b3b1c", "bob", "4a5a8a", "hood", "343f63", eyes="5f7f4a"),
    "F05": Look("c98f68", "1c1410", "bun", "e7ddd0", "checks", "7a3550", glasses="1c1c22"),
    "F06": Look("f0c8ad", "c9a266", "long", "3f6b3a", "plain", eyes="557da0"),
    "M01": Look("e2b08d", "4a2f1a", "short", "35518f", "checks", "d7dce6"),
    "M02": Look("6b432c", "0f0c0a", "buzz", "c65d2e", "plain", beard=0.3),
    "M03": Look("edbd9d", "a8a29a", "fringe", "5d6470", "shirt", "c3cad3", glasses="3a3a40"),
    "M04": Look("d6a27c", "24180f", "parted", "7a3e74", "plain", beard=1.0),
    "M05": Look("b57b55", "14100d", "short", "e0e0dc", "stripes", "2f3a55", beard=0.3),
    "M06": Look("ecc0a4", "8a4a22", "curly", "2d6a86", "hood", "1f4a60", beard=0.6),
    "M07": Look("e0ad8a", "3d2817", "short", "4f7a5a", "plain", eyes="4f6f52"),
    "M08": Look("f0c6aa", "c08a45", "parted", "9b2d2d", "shirt", "e6e3dc", eyes="4f7ea8"),
    "M09": Look("55341f", "0d0b0a", "bald", "b9a13a", "stripes", "45402a", beard=0.3),
    "M10": Look("dca683", "2b1c12", "beanie", "707a7a", "hood", "a8442e", beard=0.6),
    "M11": Look("e6b593", "d8d4cc", "short", "2e3440", "shirt", "8fa7c2", glasses="6a4a2a"),
    "M12": Look("c48a62", "1a130e", "buzz", "3c7fb0", "plain", beard=1.0),
    "M13": Look("efc3a6", "6b4a2c", "bald", "6e4b8e", "checks", "cfc4dd", glasses="202024"),
    "M14": Look("a36c47", "120e0b", "parted", "c9cfd6", "shirt", "49566b"),
}


@dataclass(frozen=True)
class Cloud:
    """n points on surfaces, float32. follow: 1 moves with the head, 0 stays with the shoulders."""

    xyz: np.ndarray  # [n, 3] mm, the head at rest
    normal: np.ndarray  # [n, 3] outwards, length 1
    colour: np.ndarray  # [n, 3] share of red, green, blue light that is reflected, linear
    gloss: np.ndarray  # [n]
    follow: np.ndarray  # [n]


def person(name: str, rng: np.random.RandomState) -> Cloud:
    """The cloud of a person of LOOKS. rng: draws the proportions."""
    look = LOOKS[name]
    size = 1 + 0.07 * (rng.random_sample(12) - 0.5) * 2  # by at most 7 %: proportions
    woman = name.startswith("F")
    size[:3] *= (0.96, 0.97, 0.97) if woman else (1, 1, 1)
    parts = [_head(look, size, woman, rng), *_ears(look, size), _neck(look, size, woman)]
    parts += [_torso(look, woman, rng), *_arms(look, woman, rng), *_glasses(look, size)]
    parts += _more_hair(look, size, rng)
    return Cloud(
        *(np.concatenate(arrays).astype(np.float32) for arrays in zip(*parts, strict=True))
    )


# ---------------------------------------------------------------- tools


def linear(colour: str) -> np.ndarray:
    """Red, green and blue of an sRGB colour as shares of light."""
    return (np.array([int(colour[at : at + 2], 16) for at in (0, 2, 4)]) / 255) ** 2.2


def _smooth(x, low: float, high: float):
    """0 below low, 1 above high, a smooth step between them."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _bump(x, y, x0: float, y0: float, wide: float, high: float):
    return np.exp(-(((x - x0) / wide) ** 2) - ((y - y0) / high) ** 2)


def _noise(rng, shape: tuple[int, int], rows: int, columns: int) -> np.ndarray:
    """Smooth noise in -1 to 1, with so many cells down and across."""
    coarse = Image.fromarray((2 * rng.random_sample((rows, columns)) - 1).astype(np.float32))
    return np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC))


def _mix(one, two, share) -> np.ndarray:
    """From colour one to colour two [..., 3], by share [...]."""
    return one + (two - one) * np.clip(share, 0, 1)[..., None]


def _part(x, y, z, colour, gloss=0.1, follow=1.0, inwards=False) -> tuple:
    """The arrays of a Cloud from a grid of points; the normals come from the grid's neighbours."""
    xyz = np.stack(np.broadcast_arrays(x, y, z), -1)
    normal = np.cross(np.gradient(xyz, axis=0), np.gradient(xyz, axis=1))
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    n = xyz.shape[0] * xyz.shape[1]
    return (
        xyz.reshape(n, 3),
        (-normal if inwards else normal).reshape(n, 3),
        np.broadcast_to(colour, xyz.shape).reshape(n, 3),
        np.broadcast_to(gloss, xyz.shape[:2]).reshape(n),
        np.broadcast_to(follow, xyz.shape[:2]).reshape(n),
    )


# ---------------------------------------------------------------- the head


def _head(look: Look, size, woman: bool, rng) -> tuple:
    """Skull and face, with hair, beard, eyes and mouth: rows from the crown to under the chin."""
    t, v = np.meshgrid(np.linspace(-pi, pi, 760), np.linspace(0.003, pi - 0.003, 470))
    u = t - 0.4 * np.sin(t)  # more points on the face
    x, y, z = _skull(u, v, size, woman)
    face = _smooth(np.cos(u) * np.sin(v), 0.15, 0.5)
    z = z - face * _features(x, y, size, woman)
    skin, hair = linear(look.skin), linear(look.hair)
    colour = _complexion(x, y, face, skin, size, woman, rng)
    colour, push = _beard(look, colour, u, x, y, hair, rng)
    colour, gloss = _eyes(look, colour, x, y, face, hair, size, woman)
    x, y, z = x * (1 + push / 80), y * (1 + push / 110), z * (1 + push / 90)
    mask, thick = _hair(look, u, v, y, rng)
    strands = _noise(rng, u.shape, 14, 170) * 0.6 + _noise(rng, u.shape, 40, 330) * 0.4
    if look.style == "beanie":
        hair, strands = linear(look.second), np.sin(u * 75) * 0.9
    grow = 1 + mask * thick * (1 + 0.12 * strands) / 95
    x, y, z = x * grow, y * grow, z * grow
    tone = hair * (1 + 0.45 * strands[..., None])
    cover = mask * (0.75 if look.style == "buzz" else 1)
    gloss = gloss * (1 - cover) + cover * (0.05 if look.style == "beanie" else 0.22)
    return _part(x, y, z, _mix(colour, tone, cover), gloss)


def _skull(u, v, size, woman):
    """A rounded box of a head: flat cheeks, a narrow jaw, a tucked nape."""
    wide, high, deep = 75 * size[0], 113 * size[1], 95 * size[2]
    y = -high * np.cos(v)
    q = np.abs(np.cos(v))
    below = y > 0
    round_x = np.where(below, (1 - q**2.5) ** (1 / 2.5), (1 - q**2.2) ** (1 / 2.2))
    round_front = np.where(below, (1 - q**3.4) ** (1 / 3.4), (1 - q**2.3) ** (1 / 2.3))
    s, c = np.sin(u), np.cos(u)
    square = (np.abs(s) ** 2.3 + np.abs(c) ** 2.3) ** (-1 / 2.3)
    jaw = (0.36 if woman else 0.30) * size[3] ** 3
    x = wide * round_x * s * square * (1 - jaw * _smooth(y, 15, high))
    back = np.clip(-c, 0, None)
    tuck = 1 - 0.45 * _smooth(y, 25, 95)
    z_front = -0.93 * deep * round_front * c * square
    z_back = 1.06 * deep * np.sqrt(1 - q * q) * back * square * tuck
    z = np.where(c > 0, z_front, z_back)
    return x, y, z + 6 * _smooth(y, 20, 100) * (c > 0)


def _features(x, y, size, woman):
    """How far the face stands out, in mm: nose, sockets, brow, cheeks, lips, chin."""
    eye, mouth = 31 * size[4], 24 * size[5]
    tip, nose = 43 * size[6], 23 * size[7] * (0.9 if woman else 1)
    ridge = np.interp(y, [-14, -2, tip - 4, tip + 1, tip + 6, tip + 11], [0, 4, nose, nose, 9, 0])
    out = ridge * np.exp(-((x / np.interp(y, [-5, tip], [7.5, 10.5])) ** 2))
    a = np.abs(x)
    out += 7 * _bump(a, y, 11, tip + 1, 5.5, 6)
    out -= 8 * _bump(a, y, eye, 5, 17, 11) - 5 * _bump(a, y, eye, 7, 11, 8)
    out += (3 if woman else 5) * _bump(a, y, 24, -12, 24, 7)
    out += 4 * _bump(a, y, 45, 33, 17, 15) - 3 * _bump(a, y, 42, 62, 14, 18)
    out += 6 * _bump(x, y, 0, 72, mouth * 1.3, 18)
    lip = np.exp(-((x / mouth) ** 4)) * (1.3 if woman else 1)
    out += lip * (3 * _bump(x, y, 0, 68, 99, 4) + 4 * _bump(x, y, 0, 78, 99, 4.5))
    out -= 3.5 * np.exp(-((x / (mouth * 1.1)) ** 4)) * _bump(x, y, 0, 73, 99, 1.8)
    out += 7 * _bump(x, y, 0, 99, 17, 10) - 3 * _bump(x, y, 0, 87, 18, 5)
    return out


def _complexion(x, y, face, skin, size, woman, rng):
    """Skin with its shades: warm cheeks, nose and lips, dark nostrils, shadow in the sockets."""
    a, tip, mouth = np.abs(x), 43 * size[6], 24 * size[5]
    tone = 1 + 0.05 * _noise(rng, x.shape, 12, 16) + 0.03 * _noise(rng, x.shape, 90, 120)
    tone = tone - 0.22 * face * _bump(a, y, 30 * size[4], 3, 16, 9)
    colour = skin * tone[..., None]
    warm = 0.5 * _bump(a, y, 42, 38, 17, 15) + 0.5 * _bump(x, y, 0, tip, 11, 8)
    colour = _mix(colour, skin * (1.08, 0.78, 0.74), face * warm)
    high = np.where(y < 73, 5.5 * (1 - 0.25 * np.exp(-((x / 5) ** 2))), 7.5)
    lips = 1 - (x / mouth) ** 2 - ((y - 73) / high) ** 2
    red = skin * ((0.95, 0.42, 0.42) if woman else (0.92, 0.62, 0.58))
    colour = _mix(colour, red, face * _smooth(lips, 0, 0.3))
    line = np.exp(-((x / (mouth * 0.97)) ** 6)) * _bump(x, y, 0, 73.3, 99, 1.2)
    dark = np.maximum(line, _bump(a, y, 6.5, tip + 8, 3.5, 2.6))
    return _mix(colour, skin * 0.12, face * dark)


def _beard(look: Look, colour, u, x, y, hair, rng):
    """Beard and how far it stands out, in mm."""
    if not look.beard:
        return colour, np.zeros(x.shape)
    angle = np.abs(np.degrees(u)) + 2 * _noise(rng, x.shape, 40, 60)
    edge = np.interp(angle, [0, 9, 20, 34, 60, 82, 96], [85, 84, 66, 62, 48, 14, 8])
    mask = _smooth(y - edge, -3, 6) * _smooth(-angle, -104, -92) * _smooth(-y, -112, -96)
    moustache = _bump(x, y, 0, 61, 26, 5) * 1.2
    mask = np.clip(np.maximum(mask, moustache), 0, 1)
    grain = 1 + 0.35 * _noise(rng, x.shape, 150, 250)
    share = mask * {0.3: 0.38, 0.6: 0.75}.get(look.beard, 0.95)
    return _mix(colour, hair * grain[..., None], share), mask * 5 * _smooth(look.beard, 0.3, 1)


def _eyes(look: Look, colour, x, y, face, hair, size, woman):
    """Eyes with lids and brows, and the gloss of the skin."""
    a, eye = np.abs(x), 31 * size[4]
    dx, dy = a - eye, y - 7
    lens = 5.4 * size[8] * np.clip(1 - (dx / 15) ** 2, 0, 1) - np.abs(dy + 0.4)
    gaze = np.hypot(dx, dy)
    ball = np.where((gaze < 6.2)[..., None], linear(look.eyes), linear("efe9e4") * 0.85)
    ball = ball * np.where(gaze < 2.8, 0.05, 1)[..., None]
    glint = np.hypot(dx - np.where(x > 0, -2, 2), dy + 2) < 1.5
    ball = np.where(glint[..., None], 1.0, ball)
    colour = _mix(colour, ball, face * _smooth(lens, 0, 0.8))
    lash = np.abs(lens + 0.6) < (1.5 if woman else 1.0)
    colour = _mix(
        colour, linear("1a120d"), face * lash * np.where(dy < 1.5, 0.9, 0.3) * (np.abs(dx) < 17)
    )
    arch = -11 + 0.012 * (dx - 3) ** 2
    thick = (2.1 if woman else 3.0) * np.clip(1 - ((dx - 1) / 20) ** 4, 0, 1)
    brow = _smooth(thick - np.abs(y - arch), -0.6, 1)
    colour = _mix(colour, hair * 0.8, face * brow * (np.abs(dx) < 21) * 0.9)
    return colour, 0.16 + 0.5 * face * _smooth(lens, 0, 1)


def _hair(look: Look, u, v, y, rng):
    """Where hair covers the skull, 0 to 1, and how thick it is there, in mm."""
    angle = np.abs(np.degrees(u))
    line = np.interp(angle, [0, 25, 45, 62, 80, 95, 120, 180], [-70, -66, -58, -22, 8, -8, 45, 72])
    if look.style == "beanie":
        line = np.interp(angle, [0, 60, 90, 180], [-48, -40, -14, 30])
    ragged = 4 * _noise(rng, u.shape, 6, 40) + 3 * _noise(rng, u.shape, 60, 160)
    mask = _smooth(line + (0 if look.style == "beanie" else ragged) - y, 0, 9)
    if look.style == "bald":
        mask = mask * 0
    if look.style == "fringe":
        mask = mask * _smooth(y, -62, -40) * _smooth(angle, 45, 70)
    lumps = _noise(rng, u.shape, 22, 44)
    top = _smooth(-y, 10, 90)
    thick = {
        "buzz": 2 + 0 * y,
        "fringe": 6 + 0 * y,
        "beanie": 9 + 5 * top,
        "short": 6 + 10 * top + 2 * lumps,
        "parted": 7 + 11 * top * (0.75 + 0.5 * np.sin(u + 0.9)) + 2 * lumps,
        "curly": 20 + 10 * top + 7 * lumps + 4 * _noise(rng, u.shape, 40, 90),
    }.get(look.style, 8 + 7 * top + 1.5 * lumps)
    return mask, thick


def _ears(look: Look, size) -> list[tuple]:
    """Two flat bowls beside the head; long hair and beanies may hide them."""
    around, out = np.meshgrid(np.linspace(0, 2 * pi, 130), np.linspace(0, 1, 40))
    rim = np.exp(-(((out - 0.8) / 0.16) ** 2))
    high, wide = np.where(np.sin(around) < 0, 33, 28), 19 - 3 * np.sin(around)
    ear_z, ear_y = wide * out * np.cos(around), high * out * np.sin(around)
    lift = 5 * rim + 3 * (1 - out**4) - 6 * np.exp(-((out / 0.4) ** 2))
    skin = linear(look.skin) * (1.0, 0.86, 0.82)
    shade = 1 - 0.5 * np.exp(-((out / 0.45) ** 2)) - 0.2 * np.exp(-(((out - 0.6) / 0.1) ** 2))
    parts = []
    for side in (-1, 1):
        x = side * (76 * size[0] + lift + 0.4 * np.clip(ear_z + 6, 0, None))
        for inner in (False, True):  # the back of the ear is a surface of its own
            depth = x - side * (5 * (1 - out**6) if inner else 0)
            grid = (depth, ear_y + 10, ear_z + 14, skin * shade[..., None] * (0.7 if inner else 1))
            parts.append(_part(*grid, gloss=0.1, inwards=(side > 0) == inner))
    return parts


def _neck(look: Look, size, woman: bool) -> tuple:
    """A tube whose upper end follows the head and whose lower end the shoulders."""
    u, y = np.meshgrid(np.linspace(-pi, pi, 420), np.linspace(40, 215, 190))
    flare = _smooth(y, 130, 210)
    wide = (52 if woman else 60) * size[9] + 26 * flare
    deep = (52 if woman else 58) + 10 * flare
    x, z = wide * np.sin(u), -deep * np.cos(u) + 22 + 8 * flare
    apple = (1 if woman else 4) * _bump(x, y, 0, 140, 10, 12)
    shade = 0.9 - 0.25 * _smooth(-y, -125, -80)
    return _part(
        x, y, z - apple, linear(look.skin) * shade[..., None], 0.1, 1 - _smooth(y, 85, 185)
    )


# ---------------------------------------------------------------- what a person wears


def _torso(look: Look, woman: bool, rng) -> tuple:
    """Chest and shoulders, from the collar down."""
    v, u = np.linspace(0, 1, 330), np.linspace(-pi, pi, 900)
    u, v = np.meshgrid(u, v)
    y = 148 + 560 * v**1.6
    reach = 168 if woman else 190
    wide = np.interp(
        y,
        [148, 158, 175, 200, 235, 290, 720],
        [50, 68, 115, reach - 25, reach, reach - 8, reach - 20],
    )
    deep = np.interp(y, [148, 170, 220, 300, 720], [48, 66, 95, 112 if woman else 105, 110])
    s, c = np.sin(u), np.cos(u)
    square = (np.abs(s) ** 2.6 + np.abs(c) ** 2.6) ** (-1 / 2.6)
    folds = 3 * _noise(rng, u.shape, 9, 22) * _smooth(y, 180, 260)
    x, z = (wide + folds) * s * square, -(deep + folds) * c * square + 32
    y = y + 34 * _smooth(c, 0.1, 1) * _smooth(-y, -200, -150)  # the collar is lower in front
    return _part(x, y, z, _cloth(look, x, y, u, c, rng), 0.04, 0.0)


def _cloth(look: Look, x, y, u, c, rng):
    """The colours of the shirt, with what shows of the skin at the collar."""
    one, two = linear(look.shirt), linear(look.second)
    weave = 1 + 0.06 * _noise(rng, x.shape, 160, 300) + 0.08 * _noise(rng, x.shape, 8, 12)
    across, down = np.sin(x / 7.5) > 0.4, np.sin(y / 7.5) > 0.4
    share = {
        "stripes": np.sin(y / 6.5) > 0.2,
        "checks": 0.5 * across + 0.5 * down,
        "shirt": (np.abs(x) < 1.2) | (y < 178),
    }.get(look.pattern, np.zeros(x.shape))
    colour = _mix(one, two, np.asarray(share, float))
    if look.pattern == "shirt":
        collar = (c > 0.3) & (np.abs(x) < 46) & (y < 236 - 0.9 * np.abs(x)) & (y > 200 - np.abs(x))
        colour = _mix(colour, two, collar * 1.0)
        button = np.hypot(x, (y - 250) % 70 - 35) < 4
        colour = _mix(colour, linear("f4f1ea"), button * (c > 0) * 1.0)
    if look.pattern == "hood":
        string = (np.abs(np.abs(x) - 22) < 2.2) & (c > 0) & (y < 290)
        colour = _mix(colour, linear("efe9df"), string * 1.0)
        colour = _mix(colour, two, _smooth(-y, -205, -195))
    return colour * weave[..., None]


def _arms(look: Look, woman: bool, rng) -> list[tuple]:
    u, v = np.meshgrid(np.linspace(-pi, pi, 330), np.linspace(0, 1, 240))
    y, reach = 205 + 500 * v, 168 if woman else 188
    thick = 50 * np.sqrt(1 - (1 - np.clip(v * 8, 0, 1)) ** 2) * (0.9 if woman else 1)
    colour = _cloth(look, np.full_like(u, 99), y, u, np.cos(u), rng)
    return [
        _part(
            side * (reach - 14 + 50 * v + thick * np.sin(u) * side),
            y,
            30 - 1.15 * thick * np.cos(u),
            colour,
            0.04,
            0.0,
        )
        for side in (-1, 1)
    ]


def _tube(points: np.ndarray, radius: float, colour: str) -> tuple:
    """A thin tube along points [k, 3]."""
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, (0.13, 0.91, 0.39))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side)
    a = np.linspace(0, 2 * pi, 14)[None, :, None]
    ring = points[:, None] + radius * (np.cos(a) * side[:, None] + np.sin(a) * other[:, None])
    return _part(*np.moveaxis(ring, -1, 0), linear(colour), 0.6)


def _glasses(look: Look, size) -> list[tuple]:
    if not look.glasses:
        return []
    eye, front = 31 * size[4], -98 * size[2]
    a = np.linspace(0, 2 * pi, 260)
    parts = []
    for side in (-1, 1):
        wide = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.7 * 22
        ring = np.stack([side * eye + wide, 9 + 17 * np.sin(a), front + 0.01 * wide**2], 1)
        arm = np.linspace([side * (eye + 21), 3, front + 5], [side * 80 * size[0], 2, 12], 220)
        parts += [_tube(ring, 2.0, look.glasses), _tube(arm, 1.8, look.glasses)]
    bridge = np.linspace(-1, 1, 60)[:, None] * (eye - 22, 0, 0) + (0, 3, front - 2)
    return [*parts, _tube(bridge, 1.8, look.glasses)]


def _more_hair(look: Look, size, rng) -> list[tuple]:
    """Hair that is not on the skull: falling to the shoulders, tied, or in a bun."""
    hair = linear(look.hair)
    if look.style in ("long", "bob"):
        length = 105 if look.style == "bob" else 190
        return _curtain(hair, size, length, rng)
    if look.style in ("bun", "ponytail"):
        u, v = np.meshgrid(np.linspace(-pi, pi, 200), np.linspace(0.01, pi - 0.01, 120))
        tone = hair * (1 + 0.4 * _noise(rng, u.shape, 12, 60)[..., None])
        wide, high, y0, z0 = (40, 36, -78, 92) if look.style == "bun" else (30, 92, 30, 128)
        x, y, z = np.sin(v) * np.sin(u), -np.cos(v), -np.sin(v) * np.cos(u)
        return [_part(wide * x, y0 + high * y, z0 + wide * z, tone, 0.2)]
    return []


def _curtain(hair, size, length, rng) -> list[tuple]:
    """A sheet round the back and the sides, seen from outside and from inside."""
    u, v = np.meshgrid(np.linspace(-1, 1, 640), np.linspace(0, 1, 260))
    angle = pi + u * np.radians(118 - 14 * v)
    y = -75 + (length + 75) * v + 7 * _noise(rng, u.shape, 2, 60) * v
    bulge = 4 + 16 * _smooth(v, 0, 0.35) + 5 * np.sin(pi * v)
    strands = _noise(rng, u.shape, 3, 120) * 0.6 + _noise(rng, u.shape, 8, 260) * 0.4
    bulge = bulge + 2.5 * strands
    head = np.sqrt(np.clip(1 - (np.clip(-y, 0, None) / 118) ** 2, 0.05, 1))
    x = (74 * size[0] * head + bulge) * np.sin(angle)
    z = -(92 * size[2] * head * (1 - 0.25 * v) + bulge) * np.cos(angle)
    tone = hair * (1 + 0.45 * strands[..., None])
    return [
        _part(x, y, z, tone, 0.22),
        _part(x * 0.97, y, z * 0.97, tone * 0.45, 0.05, inwards=True),
    ]
