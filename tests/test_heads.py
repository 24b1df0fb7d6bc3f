"""The people of the BIWI twin, and the camera that draws them."""

import numpy as np
import pytest

from data_scripts import biwi, camera, heads
from data_scripts.rooms import room


def test_every_person_has_a_look():
    assert sorted(heads.LOOKS) == sorted(set(biwi.PEOPLE.values()))


@pytest.mark.parametrize("yaw", [-75, 0, 75])
def test_the_head_centre_lies_in_the_middle_of_the_head(yaw):
    place, rotation = np.array([40.0, -30, 900]), biwi.turned(yaw, 0, 0)
    cloud = heads.person("M07", np.random.RandomState(1))
    behind = room(np.random.RandomState(2), (320, 240))
    picture = camera.photograph(cloud, rotation, place, behind, np.random.RandomState(3))
    x, y, _ = camera.project(place[None])[0]
    change = np.abs(np.asarray(picture, float) - behind.background).max(2) > 40
    _, columns = np.nonzero(change[round(y) - 50 : round(y) + 20])
    assert abs(np.median(columns) - x) < 12
