"""The colour camera of the BIWI twin: it projects clouds of points and draws what it sees.

Coordinates are millimetres, x to the right, y down, z away from the camera. Positions and
rotations are in the frame of the depth camera, as in BIWI's files; TURN and SHIFT lead from there
to the colour camera. Pixels: (0, 0) is the centre of the top left pixel.

Points are float32 [3, n]. They are turned without matrix products: those would start threads of
their own, while build already draws several pictures at once.
"""

import numpy as np
from PIL import Image

from data_scripts.drawings.scene import between
from data_scripts.people.rooms import HEIGHT, WIDTH, Room
from data_scripts.people.surfaces import Cloud

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
SOFT = [(0, 0), (2, 1), (-1, 2), (-2, -1), (1, -2)]  # cells: the width of a shadow's edge


def project(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixel x, pixel y and depth of points [3, n] of the depth camera's frame."""
    x, y, z = _turn(TURN, points)
    z = z + float(SHIFT[2])
    across, down = (x + float(SHIFT[0])) / z, (y + float(SHIFT[1])) / z
    return FOCAL * across + MIDDLE[0], FOCAL * down + MIDDLE[1], z


def photograph(
    cloud: Cloud, rotation: np.ndarray, centre: np.ndarray, room: Room, rng: np.random.RandomState
) -> Image.Image:
    """A picture of a person whose head is at `centre` (mm), turned by `rotation` [3, 3]."""
    points, normals = pose(cloud, rotation, centre)
    front = np.flatnonzero(_dot(points, normals) < 0)  # the sides that look at the camera
    cells, seen = nearest(*project(_of(points, front)))
    which = front[seen]
    light = reached(points, _of(points, which), room.key)
    shade = shaded(cloud, _of(points, which), _of(normals, which), which, light, room)
    return developed(cells, shade, room, rng)


def pose(cloud: Cloud, rotation: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and normals of the person in the depth camera's frame, float32 [3, n].

    Between head and shoulders, the neck follows both: linear blend skinning.
    """
    rest = centre + rotation @ PIVOT - PIVOT  # the head before it turned
    turn, away = rotation - np.eye(3), (centre - rest).astype(np.float32)[:, None]
    points = cloud.points + cloud.follow * (_turn(turn, cloud.points) + away)
    points += rest.astype(np.float32)[:, None]
    return points, cloud.normals + cloud.follow * _turn(turn, cloud.normals)


def _turn(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    x, y, z = points
    return np.stack([a * x + b * y + c * z for a, b, c in matrix.tolist()])


def _of(arrays: np.ndarray, which: np.ndarray) -> np.ndarray:
    return np.stack([array.take(which) for array in arrays])  # far faster than arrays[:, which]


def _dot(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return one[0] * two[0] + one[1] * two[1] + one[2] * two[2]


def _ascending(values: np.ndarray) -> np.ndarray:
    """The order of values, to a 65,000th of their range: NumPy sorts short integers fast."""
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    steps = (values - low) * np.float32(65535 / max(high - low, 1e-6))
    return np.argsort(steps.astype(np.uint16), kind="stable")


def nearest(x: np.ndarray, y: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The fine pixels that points cover, and the point that is seen in each: both [m].

    x, y: pixels [n]. Each point covers 2 x 2 fine pixels around its exact place. Fine pixels are
    counted row by row, HEIGHT * FINE rows of WIDTH * FINE.
    """
    wide, high = WIDTH * FINE, HEIGHT * FINE
    left = np.floor((x + 0.5) * FINE - 0.5).astype(np.int32)
    top = np.floor((y + 0.5) * FINE - 0.5).astype(np.int32)
    inside = np.flatnonzero((left >= 0) & (left < wide - 1) & (top >= 0) & (top < high - 1))
    order = inside[_ascending(-depth[inside])].astype(np.int32)
    first = top[order] * wide + left[order]
    seen = np.full(wide * high, -1, np.int32)
    # of all that is written to a pixel the last stays, and that is the nearest
    seen[(first[:, None] + np.array([0, 1, wide, wide + 1], np.int32)).ravel()] = order.repeat(4)
    rows = slice(top[inside].min(initial=high), top[inside].max(initial=0) + 2)
    _close(seen.reshape(high, wide)[rows], depth)
    cells = np.flatnonzero(seen >= 0).astype(np.int32)
    return cells, seen[cells]


def _close(seen: np.ndarray, depth: np.ndarray) -> None:
    """Fill the gaps of one pixel that a stretched grid leaves: its neighbours are far nearer."""
    far = np.append(depth, np.float32(1e6))[seen]
    for index, away in ((seen, far), (seen.T, far.T)):  # below and above, then left and right
        gap = np.maximum(away[:-2], away[2:]) < away[1:-1] - 12
        index[1:-1][gap] = index[:-2][gap]


def reached(points: np.ndarray, asked: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Share of the light from direction key [3] that passes `points` and reaches `asked` [3, n].

    A map of the surface that the light sees first, in cells; what lies deeper is in shadow.
    """
    across = np.cross(key, (0.0, 1.0, 0.0))
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(key, across), key])
    u, v, height = _turn(axes, points[:, ::2])
    low_u, low_v = u.min() - 4 * CELL, v.min() - 4 * CELL
    columns = int((v.max() - low_v) / CELL) + 5
    order = _ascending(height)
    cells = ((u - low_u) / CELL).astype(np.int32) * columns + ((v - low_v) / CELL).astype(np.int32)
    surface = np.full((int((u.max() - low_u) / CELL) + 5) * columns, -1e6, np.float32)
    surface[cells[order]] = height[order]  # the last stays: the nearest to the light
    u, v, height = _turn(axes, asked)
    own = ((u - low_u) / CELL).astype(np.int32) * columns + ((v - low_v) / CELL).astype(np.int32)
    height += 4 * CELL  # a surface does not shade itself
    passed = sum((height > surface.take(own + (a * columns + b))).view(np.int8) for a, b in SOFT)
    return passed * np.float32(1 / len(SOFT))


def shaded(cloud: Cloud, points, normals, which, light, room: Room) -> np.ndarray:
    """Red, green and blue light [3, n] that goes from points [3, n] of the cloud to the camera.

    A lamp (`light` of it is not in shadow), a dome that is brighter above, and a little shine.
    """
    normals = normals / np.sqrt(_dot(normals, normals))
    view = points / -np.sqrt(_dot(points, points))
    half = view + room.key[:, None]
    half /= np.sqrt(_dot(half, half))
    lamp = np.clip(_dot(normals, room.key) * 0.87 + 0.13, 0, None) * light
    dome = 0.65 - 0.35 * normals[1] + 0.15 * _dot(normals, view)
    shine = np.clip(_dot(normals, half), 0, None)
    for _ in range(4):  # to the 16th power
        shine *= shine
    shine *= 0.5 * cloud.gloss.take(which) * light
    lamps = room.key_colour[:, None]
    return _of(cloud.colour, which) * (dome * room.ambient[:, None] + lamp * lamps) + shine * lamps


def developed(cells, shade, room: Room, rng: np.random.RandomState) -> Image.Image:
    """The fine pixels in front of the background, as a camera of 2011 stores them: with grain."""
    rows = cells // (WIDTH * FINE)
    pixels = rows // FINE * WIDTH + (cells - rows * (WIDTH * FINE)) // FINE
    count, whole = WIDTH * HEIGHT, np.float32(1 / FINE**2)
    bright = np.sqrt(np.clip(shade, 0, 1)) * (255 * whole)
    person = [np.bincount(pixels, a, count).astype(np.float32) for a in bright]
    cover = np.bincount(pixels, minlength=count).astype(np.float32) * whole
    behind = room.background * (1 - cover).reshape(HEIGHT, WIDTH, 1)
    picture = behind + np.stack(person, -1).reshape(HEIGHT, WIDTH, 3)
    picture *= between(rng, 0.98, 1.02)
    picture += (14 * (rng.random_sample((HEIGHT, WIDTH, 1)) - 0.5)).astype(np.float32)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))
