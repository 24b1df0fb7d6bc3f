"""The geometry studio: move a control, read the page; a bright pixel shows where the point is."""

import re

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from lessonlib.explorers.geometry import MOVES, STAYS, geometry_studio, moved, studio_matrix

SIZE = WIDTH, HEIGHT = 160, 120
POINT = (100.0, 40.0)
CONTROLS = {"rotate": 0, "zoom": 1, "shift_x": 0, "shift_y": 0, "flip": False}


@pytest.fixture
def spot():
    """A black picture with a white disc around the point."""
    image = Image.new("RGB", SIZE)
    ImageDraw.Draw(image).ellipse([POINT[0] - 5, POINT[1] - 5, POINT[0] + 5, POINT[1] + 5], "white")
    return image


def read(studio, name):
    """The point in the page that has this class."""
    text = re.search(rf'class="geo-{name}">([^<]*)<', studio.page.value)[1]
    return [float(number) for number in text.split(",")]


def matrix_in(studio, name):
    cells = re.search(rf'class="geo-{name}".*?</table>', studio.page.value, re.DOTALL)[0]
    return np.array([float(cell) for cell in re.findall(r">(-?[\d.]+)</td>", cells)]).reshape(2, 3)


def pixels(place):
    return [(v + 1) * side / 2 - 0.5 for v, side in zip(place.tolist(), SIZE, strict=True)]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"flip": True},
        {"rotate": 90},
        {"rotate": -35, "zoom": 0.7},
        {"shift_x": 0.4, "shift_y": -0.3},
        {"rotate": 20, "zoom": 1.4, "shift_x": 0.2, "flip": True},
    ],
)
def test_the_disc_is_where_the_point_says(spot, change):
    result = moved(spot, POINT, MOVES, **CONTROLS | change)
    bright = np.asarray(result.image)[..., 0].astype(float)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    centre = [(bright * axis).sum() / bright.sum() for axis in (columns, rows)]
    assert pixels(result.point) == pytest.approx(centre, abs=0.2)


def test_a_plain_target_stays_while_its_pixels_go(spot):
    result = moved(spot, POINT, STAYS, **CONTROLS | {"flip": True})
    assert pixels(result.point) == pytest.approx(POINT, abs=1e-4)
    assert np.asarray(result.image)[40, 100, 0] == 0  # the disc is on the other side


def test_the_matrix_of_a_turn_is_a_rotation_in_pixels():
    matrix = studio_matrix(90, 1, 0, 0, False, WIDTH / HEIGHT).numpy()
    expected = [[0, -HEIGHT / WIDTH, 0], [WIDTH / HEIGHT, 0, 0]]
    assert matrix == pytest.approx(np.array(expected), abs=1e-6)


def test_each_control_changes_point_and_matrices(spot):
    studio = geometry_studio(spot, POINT)
    assert read(studio, "before") == read(studio, "after") == list(POINT)
    studio.controls["flip"].value = True
    assert read(studio, "after") == [WIDTH - 1 - POINT[0], POINT[1]]
    studio.controls["flip"].value = False
    studio.controls["zoom"].value = 2.0
    assert read(studio, "after") == pytest.approx([120.5, 20.5], abs=0.05)  # twice as far from 79.5
    studio.controls["zoom"].value = 1.0
    studio.controls["shift_x"].value = 0.5
    assert read(studio, "after") == [POINT[0] - WIDTH / 4, POINT[1]]
    studio.controls["shift_y"].value = -0.5
    assert read(studio, "after") == [POINT[0] - WIDTH / 4, POINT[1] + HEIGHT / 4]
    studio.controls["rotate"].value = 45
    forth, back = matrix_in(studio, "forth"), matrix_in(studio, "back")
    both = [np.vstack([matrix, [0, 0, 1]]) for matrix in (forth, back)]
    assert both[0] @ both[1] == pytest.approx(np.eye(3), abs=0.01)
    studio.controls["target"].value = STAYS
    assert read(studio, "after") == list(POINT)


def test_a_point_that_leaves_is_said_to_be_outside(spot):
    studio = geometry_studio(spot, POINT)
    assert ">in the result<" in studio.page.value
    studio.controls["shift_x"].value = -0.9
    assert read(studio, "after")[0] > WIDTH
    assert "outside the result" in studio.page.value


def test_pictures_have_texts_and_controls_have_labels(spot):
    studio = geometry_studio(spot, POINT)
    assert studio.page.value.count('role="img" aria-label="') == 2
    for control in studio.controls.values():
        assert control.description and control.description in repr(studio)


def test_what_comes_from_outside_the_picture_is_black():
    white = Image.new("RGB", SIZE, "white")
    result = moved(white, POINT, MOVES, **CONTROLS | {"zoom": 0.5})
    corners = np.asarray(result.image)[:: HEIGHT - 1, :: WIDTH - 1]
    assert not corners.any() and torch.is_tensor(result.point)
