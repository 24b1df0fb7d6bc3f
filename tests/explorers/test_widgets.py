"""Sliders: move the value, read the page."""

import math
import re

import pandas as pd
import pytest
import torch
from PIL import Image

from lessonlib.explorers import widgets


@pytest.fixture
def picture():
    return Image.new("RGB", (60, 40), "teal")


@pytest.mark.parametrize("logit", [-8.0, -1.5, 0.0, 3.0, 8.0])
@pytest.mark.parametrize("target", [0, 1])
def test_bce_cell_is_the_formula(logit, target):
    p = 1 / (1 + math.exp(-logit))
    expected = {
        "probability": p,
        "loss": -math.log(p if target else 1 - p),
        "gradient": p - target,
    }
    assert widgets.bce_cell(logit, target) == pytest.approx(expected, abs=1e-5)


def test_moving_the_logit_and_the_target_changes_the_numbers():
    explorer = widgets.bce_explorer()
    assert all(number in explorer.page.value for number in ("0.500", "0.693", "-0.500"))
    explorer.controls["logit"].value = 2.0
    assert all(number in explorer.page.value for number in ("0.881", "0.127", "-0.119"))
    explorer.controls["target"].value = 0
    assert all(number in explorer.page.value for number in ("2.127", "not there"))


def test_a_smaller_min_scale_cuts_smaller_parts(picture):
    explorer = widgets.crop_explorer(picture)
    explorer.controls["min_scale"].value = 1.0
    whole = explorer.page.value
    explorer.controls["min_scale"].value = 0.05
    smallest = [
        int(re.search(r"keep from (\d+)%", page)[1]) for page in (explorer.page.value, whole)
    ]
    assert smallest[0] < 30 < 85 < smallest[1]
    assert whole.count("<img") == 9


def test_crops_are_drawn_again_and_have_their_boxes_colours(picture):
    explorer = widgets.crop_explorer(picture)
    before = explorer.page.value
    (again,) = [part for part in explorer.children if isinstance(part, widgets.Button)]
    again.click()
    assert explorer.page.value != before
    assert re.findall(r"solid (#\w+)", before) == list(widgets.CROP_COLOURS)


def test_drawing_crops_leaves_the_random_numbers_alone(picture):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    widgets.draw_crops(picture, 0.3, seed=1)
    assert torch.rand(1) == expected


def test_batch_explorer_counts_what_drop_last_leaves_out():
    explorer = widgets.batch_explorer("abcdefghij")
    explorer.controls["batch_size"].value = 4
    assert "3 batches, 10 of 10 items; left out: 0" in explorer.page.value
    explorer.controls["drop_last"].value = True
    assert "2 batches, 8 of 10 items; left out: 2" in explorer.page.value


def test_label_explorer_names_what_passes_the_threshold(picture):
    explorer = widgets.label_explorer(picture, {"cow": 0.9, "person": 0.4})
    assert "<b>cow</b>" in explorer.page.value
    explorer.controls["threshold"].value = 0.3
    assert "<b>cow, person</b>" in explorer.page.value
    explorer.controls["threshold"].value = 0.95
    assert "nothing that I know" in explorer.page.value
    assert explorer.page.value.count("left:95%") == 2  # the line across each bar
    assert "color:white" not in explorer.page.value  # which nobody reads beside a short bar


@pytest.mark.parametrize("mode", ["RGBA", "P", "I;16", "LA"])
def test_a_picture_of_any_mode_can_be_put_on_a_page(mode):
    assert widgets.as_data_uri(Image.new(mode, (8, 8))).startswith("data:image/jpeg;base64,")


def test_row_explorer_shows_the_row_and_escapes_what_it_holds(picture, tmp_path):
    picture.save(tmp_path / "a.jpg")
    df = pd.DataFrame(
        {"fname": ["a.jpg"] * 2, "labels": ["", "<script> cow"], "is_valid": [True, False]}
    )
    explorer = widgets.row_explorer(df, tmp_path)
    assert "no label at all" in explorer.page.value and "validation" in explorer.page.value
    explorer.controls["row"].value = 1
    assert "&lt;script&gt;, cow" in explorer.page.value and "<script>" not in explorer.page.value


def test_row_explorer_refuses_nan_labels_by_position(tmp_path):
    df = pd.DataFrame({"fname": ["a"] * 3, "labels": ["x", None, "y"], "is_valid": [True] * 3})
    with pytest.raises(ValueError, match=r"1 rows of .*'labels'.*position 1.*keep_default"):
        widgets.row_explorer(df, tmp_path)


@pytest.mark.parametrize("said", ["False", 0, None])
def test_row_explorer_takes_no_word_for_true(tmp_path, said):
    df = pd.DataFrame({"fname": ["a"], "labels": ["x"], "is_valid": [said]})
    with pytest.raises(ValueError, match="not True or False"):
        widgets.row_explorer(df, tmp_path)


def test_every_control_has_a_label_and_the_fallback_names_it(picture):
    for explorer in (widgets.bce_explorer(), widgets.batch_explorer("abc"),
                     widgets.crop_explorer(picture)):  # fmt: skip
        for control in explorer.controls.values():
            assert control.description and control.description in repr(explorer)
