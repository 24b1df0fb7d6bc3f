"""A threshold for each class and a band in which a person decides."""

import re

import pytest
import torch
from PIL import Image

from lessonlib.explorers.band_cockpit import BandExplorer

PROBS = torch.tensor([[0.9, 0.1], [0.6, 0.1], [0.7, 0.95], [0.05, 0.55], [0.02, 0.97]])
TARGETS = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
VOCAB = ["black", "<b>teddy"]


@pytest.fixture
def explorer():
    return BandExplorer(PROBS, TARGETS, VOCAB, [Image.new("RGB", (40, 30))] * len(PROBS))


def text(explorer):
    """The page without its tags."""
    page = re.sub(r"<style>.*?</style>", "", explorer.page.value, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_without_a_band_every_picture_is_answered(explorer):
    page = text(explorer)
    assert "5 of 5 pictures answered : ✓ 2 rightly, ✗ 3 wrongly (40% exact match)" in page
    assert "? 0 for a person" in page and "ask a person" not in page


def test_a_band_sends_the_doubtful_to_a_person_and_the_sure_mistake_stays(explorer):
    explorer.controls["band"].value = 0.15
    page = text(explorer)
    assert "3 of 5 pictures answered : ✓ 2 rightly, ✗ 1 wrongly (67% exact match)" in page
    assert "? 2 for a person, of which 2 would have been wrong" in page
    assert page.count("? ask a person") == 2 and page.count("✗ &lt;b&gt;teddy") == 1


def test_the_widest_band_answers_nothing(explorer):
    explorer.controls["band"].value = 0.5
    assert "0 of 5 pictures answered : ✓ 0 rightly, ✗ 0 wrongly (nothing is answered)" in text(
        explorer
    )


def test_each_class_has_a_slider_of_its_own(explorer):
    descriptions = [control.description for control in explorer.controls.values()]
    assert descriptions == [*VOCAB, "band: ask within"]
    explorer.controls["line0"].value = 0.65  # the second picture's false alarm disappears
    assert "✓ 3 rightly, ✗ 2 wrongly" in text(explorer)
    explorer.controls["line1"].value = 0.6  # and the fourth's
    assert "✓ 4 rightly, ✗ 1 wrongly" in text(explorer)
    assert "black 0.65 2 1 0" in text(explorer)


def test_a_picture_says_what_it_shows_and_names_are_escaped(explorer):
    page = explorer.page.value
    assert "<b>teddy" not in page
    assert 'alt="It shows: black + &lt;b&gt;teddy"' in page
    assert 'alt="It shows: no label"' in page


def test_as_many_images_as_pictures_are_needed():
    with pytest.raises(ValueError, match="images has 1 entries"):
        BandExplorer(PROBS, TARGETS, VOCAB, [Image.new("RGB", (4, 3))])
