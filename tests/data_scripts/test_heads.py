"""The people of the BIWI twin, their rooms, and the camera that draws both."""

import numpy as np
import pytest

from data_scripts import biwi
from data_scripts.people import camera, heads
from data_scripts.people.looks import LOOKS
from data_scripts.people.rooms import HEIGHT, WIDTH, Room, room
from data_scripts.people.surfaces import Cloud

SEEING = np.array([0, 0, -1.0])  # where a head at rest looks


@pytest.fixture(scope="module")
def thirteen():
    return heads.person("M07", np.random.RandomState(1))


def random(seed=0):
    return np.random.RandomState(seed)


def black_room(key=(0.0, 0, -1)):
    """Nothing behind the person, light from one side and none from the dome."""
    light = [np.array(a, np.float32) for a in (key, (1, 1, 1), (0, 0, 0))]
    return Room(np.zeros((HEIGHT, WIDTH, 3), np.float32), *light)


def cloud_of(points, colour=1.0):
    """White points that follow the head and look at the camera."""
    n = len(points)
    arrays = (np.array(points), np.tile(SEEING, (n, 1)), np.full((n, 3), colour))
    follow = np.ones(n, np.float32)
    return Cloud(*(a.T.astype(np.float32) for a in arrays), 0 * follow, follow)


def plate(size, z=0.0, x=0.0):
    """A square of points, side `size` mm, a point every half millimetre."""
    steps = np.arange(-size / 2, size / 2 + 0.1, 0.5)
    return [(x + a, b, z) for a in steps for b in steps]


def photograph(cloud, centre, behind, rotation=None, seed=0):
    rotation = np.eye(3) if rotation is None else rotation
    picture = camera.photograph(cloud, rotation, np.array(centre), behind, random(seed))
    return np.asarray(picture, float)


# ------------------------------------------------------------------ the camera


@pytest.mark.parametrize(
    "centre", [(0.0, 0, 900), (-210.3, 77.1, 812), (190, -95.5, 1080), (33.3, 12.2, 1010.1)]
)
def test_a_thing_is_drawn_where_it_is_projected(centre):
    pixels = photograph(cloud_of(plate(30)), centre, black_room())[..., 0]
    pixels = np.where(pixels > 20, pixels, 0)  # without the grain
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    seen = [(pixels * place).sum() / pixels.sum() for place in (columns, rows)]
    x, y, _ = camera.project(np.array(centre))
    assert np.abs(np.subtract(seen, (x, y))).max() < 0.15


@pytest.mark.parametrize(("z", "shade"), [(-50, 0.25), (50, 1.0)])
def test_what_is_nearer_hides_what_is_behind_it(z, shade):
    parts = cloud_of(plate(40), 1.0), cloud_of(plate(40, z), 0.25)  # dark, before or behind
    names = vars(parts[0])
    both = Cloud(*(np.concatenate([getattr(p, name) for p in parts], -1) for name in names))
    x, y, _ = camera.project(np.array([0, 0, 900.0]))
    seen = photograph(both, (0, 0, 900), black_room())[round(float(y)), round(float(x))]
    assert abs(seen.mean() / 255 - np.sqrt(shade)) < 0.1


def test_what_looks_away_is_not_drawn():
    cloud = cloud_of(plate(30))
    away = Cloud(cloud.points, -cloud.normals, cloud.colour, cloud.gloss, cloud.follow)
    assert photograph(away, (0, 0, 900), black_room()).max() < 20


def test_a_shadow_falls_on_what_lies_behind():
    key = np.array([-0.6, 0, -0.8])
    wall = cloud_of([*plate(160), *plate(24, z=-80, x=-60)])
    pixels = photograph(wall, (0, 0, 900), black_room(key))
    places = [camera.project(np.array([x, 0, 900.0])) for x in (0, 50)]
    shadow, beside = (pixels[round(float(y)), round(float(x))].mean() for x, y, _ in places)
    assert shadow < 30 and beside > 150


@pytest.mark.parametrize("centre", [(3000.0, 0, 900), (0, -2000, 900)])
def test_a_person_outside_the_picture_leaves_the_room(thirteen, centre):
    pixels = photograph(thirteen, centre, black_room())
    assert pixels.max() < 20


def test_the_head_turns_and_the_shoulders_stay(thirteen):
    centre = np.array([0.0, 0, 900])
    rest, _ = camera.pose(thirteen, np.eye(3), centre)
    turned = biwi.turned(60, 20, 0)
    arm = centre + camera.PIVOT - turned @ camera.PIVOT  # the head moves about the neck
    points, normals = camera.pose(thirteen, turned, arm)
    head, body = thirteen.follow == 1, thirteen.follow == 0
    assert np.allclose(points[:, body], rest[:, body], atol=1e-3)
    expected = turned @ thirteen.points[:, head] + arm[:, None]
    assert np.allclose(points[:, head], expected, atol=1e-2)
    assert np.allclose(normals[:, head], turned @ thirteen.normals[:, head], atol=1e-4)


# ------------------------------------------------------------------ the people


def test_every_person_has_a_look():
    assert sorted(LOOKS) == biwi.NAMES


@pytest.fixture(scope="module", params=LOOKS)
def cloud(request):
    return heads.person(request.param, random())


def test_a_person_is_a_cloud_of_points_with_normals_and_colours(cloud):
    assert cloud.points.dtype == np.float32 and np.isfinite(cloud.points).all()
    lengths = np.linalg.norm(cloud.normals, axis=0)
    assert np.allclose(lengths[lengths > 0], 1, atol=1e-3) and (lengths == 0).mean() < 0.003
    assert cloud.colour.min() > 0 and cloud.colour.max() < 1.1
    assert set(cloud.follow[cloud.points[1] < 30]) == {1}  # above the neck: the head
    assert cloud.follow.min() == 0


def test_the_surface_of_a_face_looks_outwards(cloud):
    face = (np.abs(cloud.points[1]) < 20) & (cloud.points[2] < -60)
    assert ((cloud.points * cloud.normals).sum(0)[face] > 0).mean() > 0.75


def test_the_nose_is_the_foremost_point_of_the_face(cloud):
    face = cloud.points[:, np.abs(cloud.points[1] - 43) < 25]
    x, y, z = face[:, face[2].argmin()]
    assert abs(x) < 8 and 25 < y < 60 and -135 < z < -90


@pytest.mark.parametrize("yaw", [-75, -30, 0, 30, 75])
def test_the_centre_lies_within_the_head_however_it_turns(thirteen, yaw):
    centre, behind = np.array([40.0, -30, 900]), room(random(2), (320, 240))
    pixels = photograph(thirteen, centre, behind, biwi.turned(yaw, 0, 0))
    x, y, _ = camera.project(centre)
    change = np.abs(pixels - behind.background).max(2) > 40
    _, columns = np.nonzero(change[round(y) - 50 : round(y) + 20])
    assert abs(np.median(columns) - x) < 12


def test_people_differ_and_the_same_seed_gives_the_same_person(thirteen):
    again, other = (heads.person(name, random(1)) for name in ("M07", "M01"))
    assert np.array_equal(again.points, thirteen.points)
    assert np.array_equal(again.colour, thirteen.colour)
    assert not np.array_equal(other.colour, thirteen.colour)


# ------------------------------------------------------------------ the rooms


@pytest.mark.parametrize("seed", range(10))
def test_a_room_has_a_background_and_light_from_the_front_and_above(seed):
    behind = room(random(seed), (320, 240))
    assert behind.background.shape == (HEIGHT, WIDTH, 3)
    assert behind.background.dtype == np.float32
    assert 0 <= behind.background.min() and behind.background.max() <= 255
    assert np.isclose(np.linalg.norm(behind.key), 1, atol=1e-5)
    assert behind.key[1] < 0 and behind.key[2] < 0
    assert 40 < behind.background.mean() < 200


def test_every_room_is_another_one():
    pictures = [room(random(seed), (320, 240)).background for seed in range(8)]
    for number, one in enumerate(pictures):
        for other in pictures[:number]:
            assert np.abs(one - other).mean() > 15
