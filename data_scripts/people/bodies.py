"""What belongs to a person of the BIWI twin besides the head: neck, clothes, glasses, long hair."""

from math import pi

import numpy as np

from data_scripts.people.looks import Look, Shape
from data_scripts.people.surfaces import bump, linear, mix, noise, part, smooth, tube


def neck(look: Look, size: Shape) -> tuple:
    """A tube whose upper end follows the head and whose lower end the shoulders."""
    u, y = np.meshgrid(np.linspace(-2.3, 2.3, 220), np.linspace(40, 200, 160))
    flare = smooth(y, 115, 190)
    x = (57 * size.neck + 28 * flare) * np.sin(u)
    z = -(57 * size.neck + 10 * flare) * np.cos(u) + 22 + 8 * flare
    throat = 5 * (size.strong - 0.4) * bump(x, y, 0, 130, 10, 12)
    shade = 0.9 - 0.25 * smooth(-y, -120, -80)
    return part(x, y, z - throat, linear(look.skin) * shade[..., None], 0.1, 1 - smooth(y, 80, 170))


def torso(look: Look, size: Shape, rng) -> tuple:
    """Chest and shoulders, from the collar down: what can be seen from the front."""
    u, v = np.meshgrid(np.linspace(-2.2, 2.2, 480), np.linspace(0, 1, 300))
    y, reach = 128 + 560 * v**1.55, 190 * size.shoulders
    down = [128, 138, 155, 180, 215, 270, 700]
    wide = np.interp(y, down, [50, 68, 115, reach - 25, reach, reach - 8, reach - 20])
    deep = np.interp(y, [128, 150, 200, 280, 700], [48, 66, 95, 105, 110])
    s, c = np.sin(u), np.cos(u)
    square = (np.abs(s) ** 2.6 + np.abs(c) ** 2.6) ** (-1 / 2.6)
    folds = 3 * noise(rng, u.shape, 9, 14) * smooth(y, 160, 240)
    x, z = (wide + folds) * s * square, -(deep + folds) * c * square + 32
    y = y + 34 * smooth(c, 0.1, 1) * smooth(-y, -180, -130)  # the collar is lower in front
    return part(x, y, z, _cloth(look, x, y, c, rng), 0.04, 0.0)


def arms(look: Look, size: Shape, rng) -> list[tuple]:
    """The sleeves, hanging down."""
    u, v = np.meshgrid(np.linspace(-2.2, 2.2, 120), np.linspace(0, 1, 280) ** 1.25)
    thick = 50 * size.neck**0.7 * np.sqrt(1 - (1 - np.clip(v * 8, 0, 1)) ** 2)
    y, z = 182 + 500 * v, 30 - 1.15 * thick * np.cos(u)
    colour = _cloth(look, np.full_like(u, 99), y, np.cos(u), rng)
    x = 190 * size.shoulders - 16 + 50 * v + thick * np.sin(u)
    return [part(x, y, z, colour, 0.04, 0.0), part(-x, y, z, colour, 0.04, 0.0, inwards=True)]


def _cloth(look: Look, x, y, c, rng):
    """The colours of the shirt, with what shows of the skin at the collar."""
    one, two = linear(look.shirt), linear(look.second)
    weave = 1 + 0.04 * noise(rng, x.shape, 100, 140) + 0.08 * noise(rng, x.shape, 8, 12)
    across, down = np.sin(x / 7.5) > 0.4, np.sin(y / 7.5) > 0.4
    share = {
        "stripes": np.sin(y / 6.5) > 0.2,
        "checks": 0.5 * across + 0.5 * down,
        "shirt": (np.abs(x) < 1.2) | (y < 158),
    }.get(look.pattern, np.zeros(x.shape))
    colour = mix(one, two, np.asarray(share, float))
    if look.pattern == "shirt":
        collar = (c > 0.3) & (np.abs(x) < 46) & (y < 216 - 0.9 * np.abs(x)) & (y > 180 - np.abs(x))
        colour = mix(colour, two, collar * 1.0)
        button = np.hypot(x, (y - 230) % 70 - 35) < 4
        colour = mix(colour, linear("f4f1ea"), button * (c > 0) * 1.0)
    if look.pattern == "hood":
        string = (np.abs(np.abs(x) - 22) < 2.2) & (c > 0) & (y < 270)
        colour = mix(colour, linear("efe9df"), string * 1.0)
        colour = mix(colour, two, smooth(-y, -185, -175))
    return colour * weave[..., None]


def glasses(look: Look, size: Shape) -> list[tuple]:
    if not look.glasses:
        return []
    eye, front = 31 * size.eyes, -98 * size.depth
    a, way = np.linspace(0, 2 * pi, 200), np.linspace(0, 1, 220)
    parts = []
    for side in (-1, 1):
        wide = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.7 * 22
        ring = np.stack([side * eye + wide, 9 + 17 * np.sin(a), front + 0.01 * wide**2], 1)
        across = eye + 21 + (83 * size.width - eye - 21) * way**0.45  # round the temple
        arm = np.stack([side * across, 3 - way, front + 5 + (4 - front) * way], 1)
        parts += [tube(ring, 2.0, look.glasses), tube(arm, 1.8, look.glasses)]
    bridge = np.linspace(-1, 1, 60)[:, None] * (eye - 22, 0, 0) + (0, 3, front - 2)
    return [*parts, tube(bridge, 1.8, look.glasses)]


def more_hair(look: Look, size: Shape, rng) -> list[tuple]:
    """Hair that is not on the skull: falling to the shoulders, tied, or in a bun."""
    hair = linear(look.hair)
    if look.style in ("long", "bob"):
        length = 105 if look.style == "bob" else 190
        return _curtain(hair, size, length, rng)
    if look.style in ("bun", "ponytail"):
        u, v = np.meshgrid(np.linspace(-pi, pi, 200), np.linspace(0.01, pi - 0.01, 120))
        tone = hair * (1 + 0.4 * noise(rng, u.shape, 12, 60)[..., None])
        wide, high, y0, z0 = (40, 36, -78, 92) if look.style == "bun" else (30, 92, 30, 128)
        x, y, z = np.sin(v) * np.sin(u), -np.cos(v), -np.sin(v) * np.cos(u)
        return [part(wide * x, y0 + high * y, z0 + wide * z, tone, 0.2)]
    return []


def _curtain(hair, size, length, rng) -> list[tuple]:
    """A sheet round the back and the sides, seen from outside and from inside."""
    u, v = np.meshgrid(np.linspace(-1, 1, 440), np.linspace(0, 1, 210))
    angle = pi + u * np.radians(118 - 14 * v)
    y = -75 + (length + 75) * v + 7 * noise(rng, u.shape, 2, 60) * v
    bulge = 4 + 16 * smooth(v, 0, 0.35) + 5 * np.sin(pi * v)
    strands = noise(rng, u.shape, 3, 120) * 0.6 + noise(rng, u.shape, 8, 260) * 0.4
    bulge = bulge + 2.5 * strands
    head = np.sqrt(np.clip(1 - (np.clip(-y, 0, None) / 118) ** 2, 0.05, 1))
    x = (74 * size.width * head + bulge) * np.sin(angle)
    z = -(92 * size.depth * head * (1 - 0.25 * v) + bulge) * np.cos(angle)
    tone = hair * (1 + 0.45 * strands[..., None])
    return [
        part(x, y, z, tone, 0.22),
        part(x * 0.97, y, z * 0.97, tone * 0.45, 0.05, inwards=True),
    ]
