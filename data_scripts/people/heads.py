"""People of the BIWI twin: head, neck and shoulders of each as a cloud of coloured points.

The frame of a head: its origin is the head's centre, x points to the right of a picture that is
taken from the front, y down, z away from the camera; the face looks along -z. Millimetres.
Every surface is a dense grid of points, bent into shape with smooth bumps. camera.py turns the
points with the head and draws them.
"""

from math import pi

import numpy as np

from data_scripts.people import bodies
from data_scripts.people.looks import LOOKS, Look, Shape, shape
from data_scripts.people.surfaces import Cloud, bump, linear, mix, noise, part, smooth


def person(name: str, rng: np.random.RandomState) -> Cloud:
    """The cloud of a person of LOOKS. rng: draws the proportions and every hair."""
    look, size = LOOKS[name], shape(name, rng)
    parts = [_head(look, size, rng), *_ears(look, size), bodies.neck(look, size)]
    parts += [bodies.torso(look, size, rng), *bodies.arms(look, size, rng)]
    parts += [*bodies.glasses(look, size), *bodies.more_hair(look, size, rng)]
    return Cloud(*(np.concatenate(arrays, -1) for arrays in zip(*parts, strict=True)))


def _head(look: Look, size: Shape, rng) -> tuple:
    """Skull and face, with hair, beard, eyes and mouth: rows from the crown to under the chin."""
    t, v = np.meshgrid(np.linspace(-pi, pi, 540), np.linspace(0.003, pi - 0.003, 450))
    u = t - 0.4 * np.sin(t)  # more points on the face
    x, y, z = _skull(u, v, size)
    face = smooth(np.cos(u) * np.sin(v), 0.15, 0.5)
    z = z - face * _features(x, y, size)
    skin, hair = linear(look.skin), linear(look.hair)
    colour = _complexion(x, y, face, skin, size, rng)
    colour, push = _beard(look, colour, u, x, y, hair, rng)
    colour, gloss = _eyes(look, colour, x, y, face, hair, size)
    x, y, z = x * (1 + push / 80), y * (1 + push / 110), z * (1 + push / 90)
    mask, thick = _hair(look, u, v, y, rng)
    strands = noise(rng, u.shape, 14, 170) * 0.6 + noise(rng, u.shape, 40, 330) * 0.4
    if look.style == "beanie":
        hair, strands = linear(look.second), np.sin(u * 75) * 0.9
    grow = 1 + mask * thick * (1 + 0.12 * strands) / 95
    x, y, z = x * grow, y * grow, z * grow
    tone = hair * (1 + 0.45 * strands[..., None])
    cover = mask * (0.75 if look.style == "buzz" else 1)
    gloss = gloss * (1 - cover) + cover * (0.05 if look.style == "beanie" else 0.22)
    return part(x, y, z, mix(colour, tone, cover), gloss)


def _skull(u, v, size):
    """A rounded box of a head: flat cheeks, a narrow jaw, a tucked nape."""
    wide, high, deep = 75 * size.width, 113 * size.height, 95 * size.depth
    y = -high * np.cos(v)
    q = np.abs(np.cos(v))
    below = y > 0
    round_x = np.where(below, (1 - q**2.5) ** (1 / 2.5), (1 - q**2.2) ** (1 / 2.2))
    round_front = np.where(below, (1 - q**3.4) ** (1 / 3.4), (1 - q**2.3) ** (1 / 2.3))
    s, c = np.sin(u), np.cos(u)
    square = (np.abs(s) ** 2.3 + np.abs(c) ** 2.3) ** (-1 / 2.3)
    jaw = 0.3 * size.jaw
    x = wide * round_x * s * square * (1 - jaw * smooth(y, 15, high))
    back = np.clip(-c, 0, None)
    tuck = 1 - 0.45 * smooth(y, 25, 95)
    z_front = -0.93 * deep * round_front * c * square
    z_back = 1.06 * deep * np.sqrt(1 - q * q) * back * square * tuck
    z = np.where(c > 0, z_front, z_back)
    return x, y, z + 6 * smooth(y, 20, 100) * (c > 0)


def _features(x, y, size):
    """How far the face stands out, in mm: nose, sockets, brow, cheeks, lips, chin."""
    eye, mouth = 31 * size.eyes, 24 * size.mouth
    tip, nose = 43 * size.tip, 23 * size.nose
    ridge = np.interp(y, [-14, -2, tip - 4, tip + 1, tip + 6, tip + 11], [0, 4, nose, nose, 9, 0])
    out = ridge * np.exp(-((x / np.interp(y, [-5, tip], [8.5, 12])) ** 2))
    a = np.abs(x)
    out += 7 * bump(a, y, 11, tip + 1, 5.5, 6)
    out -= 8 * bump(a, y, eye, 5, 17, 11) - 5 * bump(a, y, eye, 7, 11, 8)
    out += 5 * size.strong * bump(a, y, 24, -12, 24, 7)
    out += 4 * bump(a, y, 45, 33, 17, 15) - 3 * bump(a, y, 42, 62, 14, 18)
    out += 6 * bump(x, y, 0, 72, mouth * 1.3, 18)
    lip = np.exp(-((x / mouth) ** 4)) * 1.2
    out += lip * (3 * bump(x, y, 0, 68, 99, 4) + 4 * bump(x, y, 0, 78, 99, 4.5))
    out -= 2.5 * np.exp(-((x / mouth) ** 4)) * bump(x, y, 0, 73, 99, 1.8)
    out += 7 * bump(x, y, 0, 99, 17, 10) - 3 * bump(x, y, 0, 87, 18, 5)
    return out


def _complexion(x, y, face, skin, size, rng):
    """Skin with its shades: warm cheeks, nose and lips, dark nostrils, shadow in the sockets."""
    a, tip, mouth = np.abs(x), 43 * size.tip, 24 * size.mouth
    tone = 1 + 0.05 * noise(rng, x.shape, 12, 16) + 0.03 * noise(rng, x.shape, 90, 120)
    tone = tone - 0.22 * face * bump(a, y, 30 * size.eyes, 3, 16, 9)
    colour = skin * tone[..., None]
    warm = 0.5 * bump(a, y, 42, 38, 17, 15) + 0.5 * bump(x, y, 0, tip, 11, 8)
    colour = mix(colour, skin * (1.08, 0.78, 0.74), face * warm)
    high = np.where(y < 73, 6.5 * (1 - 0.25 * np.exp(-((x / 5) ** 2))), 8.5)
    lips = 1 - (x / mouth) ** 2 - ((y - 73) / high) ** 2
    red = skin * ((0.95, 0.45, 0.45) if size.strong < 0.7 else (0.94, 0.62, 0.58))
    colour = mix(colour, red, face * smooth(lips, 0, 0.3))
    line = np.exp(-((x / (mouth * 0.97)) ** 6)) * bump(x, y, 0, 73, 99, 1.0) * 0.8
    dark = np.maximum(line, bump(a, y, 6.5, tip + 8, 3.5, 2.6))
    return mix(colour, skin * 0.12, face * dark)


def _beard(look: Look, colour, u, x, y, hair, rng):
    """Beard and how far it stands out, in mm."""
    if not look.beard:
        return colour, np.zeros(x.shape)
    angle = np.abs(np.degrees(u)) + 2 * noise(rng, x.shape, 40, 60)
    edge = np.interp(angle, [0, 9, 20, 34, 60, 82, 96], [85, 84, 66, 62, 48, 14, 8])
    mask = smooth(y - edge, -3, 6) * smooth(-angle, -104, -92) * smooth(-y, -112, -96)
    moustache = bump(x, y, 0, 61, 26, 5) * 1.2
    mask = np.clip(np.maximum(mask, moustache), 0, 1)
    grain = 1 + 0.35 * noise(rng, x.shape, 150, 250)
    share = mask * {0.3: 0.38, 0.6: 0.75}.get(look.beard, 0.95)
    return mix(colour, hair * grain[..., None], share), mask * 5 * smooth(look.beard, 0.3, 1)


def _eyes(look: Look, colour, x, y, face, hair, size):
    """Eyes with lids and brows, and the gloss of the skin."""
    a, eye = np.abs(x), 31 * size.eyes
    dx, dy = a - eye, y - 7
    lens = 5.0 * size.lids * np.clip(1 - (dx / 15) ** 2, 0, 1) - np.abs(dy + 0.4)
    gaze = np.hypot(dx, dy)
    ball = np.where((gaze < 6.2)[..., None], linear(look.eyes), linear("efe6e0") * 0.75)
    ball = ball * np.where(gaze < 2.8, 0.05, 1)[..., None]
    glint = np.hypot(dx - np.where(x > 0, -2, 2), dy + 2) < 1.2
    ball = np.where(glint[..., None], 1.0, ball)
    colour = mix(colour, ball, face * smooth(lens, 0, 0.8))
    lash = np.abs(lens + 0.6) < (1.5 if size.strong < 0.7 else 1.0)
    colour = mix(
        colour, linear("1a120d"), face * lash * np.where(dy < 1.5, 0.9, 0.3) * (np.abs(dx) < 17)
    )
    arch = -11 + 0.012 * (dx - 3) ** 2
    thick = 3 * size.strong**0.5 * np.clip(1 - ((dx - 1) / 20) ** 4, 0, 1)
    brow = smooth(thick - np.abs(y - arch), -0.6, 1)
    colour = mix(colour, hair * 0.8, face * brow * (np.abs(dx) < 21) * 0.9)
    return colour, 0.16 + 0.15 * face * smooth(lens, 0, 1)


def _hair(look: Look, u, v, y, rng):
    """Where hair covers the skull, 0 to 1, and how thick it is there, in mm."""
    angle = np.abs(np.degrees(u))
    line = np.interp(angle, [0, 25, 45, 62, 80, 95, 120, 180], [-70, -66, -58, -22, 8, -8, 45, 72])
    if look.style == "beanie":
        line = np.interp(angle, [0, 60, 90, 180], [-48, -40, -14, 30])
    else:
        line = line + 4 * noise(rng, u.shape, 6, 40) + 3 * noise(rng, u.shape, 60, 160)
    mask = smooth(line - y, 0, 9)
    if look.style == "bald":
        mask = mask * 0
    if look.style == "fringe":
        mask = mask * smooth(y, -62, -40) * smooth(angle, 45, 70)
    lumps = noise(rng, u.shape, 22, 44)
    top = smooth(-y, 10, 90)
    thick = {
        "buzz": 2 + 0 * y,
        "fringe": 6 + 0 * y,
        "beanie": 9 + 5 * top,
        "short": 6 + 10 * top + 2 * lumps,
        "parted": 7 + 11 * top * (0.75 + 0.5 * np.sin(u + 0.9)) + 2 * lumps,
        "curly": 20 + 10 * top + 7 * lumps + 4 * noise(rng, u.shape, 40, 90),
    }.get(look.style, 8 + 7 * top + 1.5 * lumps)
    return mask, thick * smooth(line - y, 0, 10 + thick.max() / 2)


def _ears(look: Look, size) -> list[tuple]:
    """Two flat bowls beside the head; long hair and beanies may hide them."""
    around, out = np.meshgrid(np.linspace(0, 2 * pi, 110), np.linspace(0, 1, 32))
    rim = np.exp(-(((out - 0.8) / 0.16) ** 2))
    high, wide = np.where(np.sin(around) < 0, 33, 28), 19 - 3 * np.sin(around)
    ear_z, ear_y = wide * out * np.cos(around), high * out * np.sin(around)
    lift = 5 * rim + 3 * (1 - out**4) - 6 * np.exp(-((out / 0.4) ** 2))
    skin = linear(look.skin) * (1.0, 0.86, 0.82)
    shade = 1 - 0.5 * np.exp(-((out / 0.45) ** 2)) - 0.2 * np.exp(-(((out - 0.6) / 0.1) ** 2))
    parts = []
    for side in (-1, 1):
        x = side * (76 * size.width + lift + 0.4 * np.clip(ear_z + 6, 0, None))
        for inner in (False, True):  # the back of the ear is a surface of its own
            depth = x - side * (5 * (1 - out**6) if inner else 0)
            grid = (depth, ear_y + 10, ear_z + 14, skin * shade[..., None] * (0.7 if inner else 1))
            parts.append(part(*grid, gloss=0.1, inwards=(side > 0) == inner))
    return parts
