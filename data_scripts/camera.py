"""The colour camera of the BIWI twin: it projects clouds of points and draws what it sees.

Coordinates are millimetres, x to the right, y down, z away from the camera. Positions and
rotations are in the frame of the depth camera, as in BIWI's files; TURN and SHIFT lead from there
to the colour camera. Pixels: (0, 0) is the centre of the top left pixel.
"""

import numpy as np
from PIL import Image

from data_scripts.heads import Cloud
from data_scripts.rooms import HEIGHT, WIDTH, Room

FOCAL, MIDDLE = 517.679, (320.0, 240.5)
TURN = np.array(
    [
        [0.999947, 0.00432361, 0.00929419],
        [-0.00446314, 0.999877, 0.0150443],
        [-0.009228, -0.015085, 0.999844],
    ]
)
SHIFT = np.array([-24.0198, 5.8896, -13.2308])
PIVOT = np.array([0.0, 70.0, 12.0])  # where a head turns on its neck, seen from its centre
FINE = 2  # a pixel is drawn as FINE x FINE
CELL = 3.0  # mm, of the map of what the light reaches


def project(points: np.ndarray) -> np.ndarray:
    """Pixels (x, y) [n, 2] and depth of points [n, 3] of the depth camera's frame, as [n, 3]."""
    x, y, z = (points @ TURN.T.astype(points.dtype) + SHIFT.astype(points.dtype)).T
    return np.stack([FOCAL * x / z + MIDDLE[0], FOCAL * y / z + MIDDLE[1], z], 1)


def photograph(
    cloud: Cloud, rotation: np.ndarray, centre: np.ndarray, room: Room, rng: np.random.RandomState
) -> Image.Image:
    """A picture of a person whose head is at `centre` (mm), turned by `rotation` [3, 3]."""
    xyz, normal = pose(cloud, rotation, centre)
    front = np.einsum("ij,ij->i", xyz, normal) < 0  # the sides that look at the camera
    seen = np.flatnonzero(front)
    index = nearest(project(xyz[seen]))
    rows, columns = np.nonzero(index >= 0)
    which = seen[index[rows, columns]]
    light = lit(xyz, xyz[which], normal[which], room)
    shade = shaded(cloud, xyz, normal, which, light, room)
    return developed(rows, columns, shade, room, rng)


def pose(cloud: Cloud, rotation: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and normals of the person in the depth camera's frame, float32 [n, 3]."""
    turn = rotation.astype(np.float32)
    rest = (centre + rotation @ PIVOT - PIVOT).astype(np.float32)  # the head before it turned
    share = cloud.follow[:, None]
    moved = cloud.xyz @ turn.T + centre.astype(np.float32)
    still = cloud.xyz + rest
    return still + share * (moved - still), cloud.normal + share * (
        cloud.normal @ turn.T - cloud.normal
    )


def _ascending(values: np.ndarray) -> np.ndarray:
    """The order of values, to a 65,000th of their range: numpy sorts short integers fast."""
    low, high = values.min(), values.max()
    return np.argsort(
        ((values - low) * (65535 / max(high - low, 1e-6))).astype(np.uint16), kind="stable"
    )


def nearest(pixels: np.ndarray) -> np.ndarray:
    """Which point is seen where: index [HEIGHT * FINE, WIDTH * FINE], -1 for none.

    Each point covers 2 x 2 fine pixels, around its exact place.
    """
    wide, high = WIDTH * FINE, HEIGHT * FINE
    left = np.floor((pixels[:, 0] + 0.5) * FINE - 0.5).astype(np.int32)
    top = np.floor((pixels[:, 1] + 0.5) * FINE - 0.5).astype(np.int32)
    inside = np.flatnonzero((left >= 0) & (left < wide - 1) & (top >= 0) & (top < high - 1))
    order = inside[_ascending(-pixels[inside, 2])]
    cells = (top[order] * wide + left[order])[:, None] + np.array([0, 1, wide, wide + 1], np.int32)
    found = np.full(wide * high, -1, np.int32)
    found[cells.ravel()] = np.repeat(order, 4)  # the last one written is the nearest
    return found.reshape(high, wide)


def lit(xyz: np.ndarray, points: np.ndarray, normal: np.ndarray, room: Room) -> np.ndarray:
    """Share of the key light [n] that reaches points [n, 3] past all of xyz: soft shadows."""
    right = np.cross(room.key, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(room.key, right), room.key]).astype(np.float32)
    seen = xyz[::2] @ axes.T
    low = seen[:, :2].min(0) - 6 * CELL
    shape = ((seen[:, :2].max(0) - low) / CELL).astype(int) + 8
    cell = ((seen[:, :2] - low) / CELL).astype(np.int32)
    order = _ascending(seen[:, 2])
    height = np.full(shape[0] * shape[1], -1e6, np.float32)
    height[(cell[:, 0] * shape[1] + cell[:, 1])[order]] = seen[order, 2]
    height = height.reshape(shape)
    asked = points @ axes.T
    at = ((asked[:, :2] - low) / CELL).astype(np.int32)
    own = asked[:, 2] + 9
    light = np.zeros(len(points), np.float32)
    taps = [(0, 0), (2, 0), (-2, 0), (0, 2), (0, -2), (1, 1), (-1, -1), (1, -1), (-1, 1)]
    for down, across in taps:
        light += own > height[at[:, 0] + down, at[:, 1] + across]
    return light / len(taps)


def shaded(cloud: Cloud, xyz, normal, which, light, room: Room) -> np.ndarray:
    """Light [n, 3] that the points `which` send to the camera."""
    n = normal[which]
    n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-6)
    key = room.key.astype(np.float32)
    view = -xyz[which]
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    facing = np.clip((n @ key + 0.15) / 1.15, 0, None) * light
    half = view + key
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    shine = np.clip(np.einsum("ij,ij->i", n, half), 0, 1) ** 24 * cloud.gloss[which] * light
    dome = 0.65 - 0.35 * n[:, 1] + 0.15 * np.einsum("ij,ij->i", n, view)
    colour = cloud.colour[which]
    ambient, key_colour = room.ambient.astype(np.float32), room.key_colour.astype(np.float32)
    return colour * (dome[:, None] * ambient + facing[:, None] * key_colour) + (
        0.6 * shine[:, None] * key_colour
    )


def developed(rows, columns, shade, room: Room, rng) -> Image.Image:
    """The fine pixels in front of the background, as a camera of 2011 stores them: with grain."""
    picture = room.background.copy()
    if len(rows):
        fine = np.zeros((HEIGHT * FINE, WIDTH * FINE, 4), np.float32)
        fine[rows, columns, :3] = np.clip(shade, 0, 1) ** (1 / 2.2) * 255
        fine[rows, columns, 3] = 1
        top, bottom = rows.min() // FINE, rows.max() // FINE + 1
        left, right = columns.min() // FINE, columns.max() // FINE + 1
        part = fine[top * FINE : bottom * FINE, left * FINE : right * FINE]
        part = part.reshape(bottom - top, FINE, right - left, FINE, 4).mean((1, 3))
        behind = picture[top:bottom, left:right]
        picture[top:bottom, left:right] = part[..., :3] + behind * (1 - part[..., 3:])
    light = 1 + 0.04 * (rng.random_sample() - 0.5)
    grain = (rng.random_sample((HEIGHT, WIDTH, 1)) - 0.5).astype(np.float32) * 14
    return Image.fromarray((picture * light + grain).clip(0, 255).astype(np.uint8))
