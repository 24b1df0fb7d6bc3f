"""Which files of a folder are the learner's pictures: linked ones too, hidden ones never."""

import os
import warnings

import pytest

from data_scripts.layouts import check_biwi
from lessonlib.engine.catalog import bears
from lessonlib.engine.folder_walk import visible_files
from lessonlib.engine.photos import verify_images
from lessonlib.getters import get_image_files, parent_label


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def found(folder):
    return [path.relative_to(folder).as_posix() for path in get_image_files(folder)]


HIDDEN = (
    ".ipynb_checkpoints/1-checkpoint.jpg",
    ".thumbnails/1.png",
    "grizzly/._1.jpg",
    "__MACOSX/grizzly/1.jpg",
    "grizzly/@eaDir/1.jpg/SYNO_M.jpg",
    "$RECYCLE.BIN/R1.jpg",
)


def test_what_programs_hide_is_neither_a_picture_nor_a_class(tmp_path):
    fill(tmp_path, "black/1.jpg", "grizzly/1.jpg", *HIDDEN)
    assert found(tmp_path) == ["black/1.jpg", "grizzly/1.jpg"]
    assert bears(tmp_path) == tmp_path


def test_a_folder_below_a_hidden_one_is_searched_when_it_is_named(tmp_path):
    assert found(fill(tmp_path / ".cache" / "photos", "black/1.jpg")) == ["black/1.jpg"]


def test_frames_in_hidden_folders_need_no_calibration(tmp_path):
    fill(tmp_path, "01/rgb.cal", "01/frame_00003_rgb.jpg", "01/frame_00003_pose.txt")
    fill(tmp_path, ".ipynb_checkpoints/frame_00003_rgb.jpg", "01/._frame_00003_rgb.jpg")
    check_biwi(tmp_path, "")


@pytest.mark.parametrize("suffix", ["jpe", "jfif", "JFIF", "apng", "avif", "mpo", "dib", "jp2"])
def test_every_usual_suffix_of_a_readable_format_is_found(tmp_path, suffix):
    assert found(fill(tmp_path, f"teddy/1.{suffix}")) == [f"teddy/1.{suffix}"]


@pytest.mark.parametrize("way_in", [get_image_files, bears, verify_images])
def test_photographs_that_pillow_cannot_read_are_counted_and_named(tmp_path, way_in):
    fill(tmp_path, "teddy/1.jpg", "teddy/2.HEIC", "teddy/3.heic", "teddy/notes.txt")
    with pytest.warns(UserWarning, match=r"does not read \.heic: 2 files, .*2\.HEIC"):
        way_in(tmp_path)


def test_a_kind_without_pictures_hears_what_is_there_instead(tmp_path):
    fill(tmp_path, "black/1.jpg", "teddy/1.mp4", "teddy/2.mp4")
    with pytest.raises(ValueError, match=r"teddy has no pictures, only 2 × .* such as 1\.mp4"):
        bears(tmp_path)


def test_a_linked_folder_counts_like_any_other(tmp_path):
    home, disk = tmp_path / "photos", fill(tmp_path / "disk", "teddies/1.jpg", "teddies/old/2.jpg")
    fill(home, "black/1.jpg")
    (home / "teddy").symlink_to(disk / "teddies", target_is_directory=True)
    assert found(home) == ["black/1.jpg", "teddy/1.jpg", "teddy/old/2.jpg"]
    assert parent_label(get_image_files(home / "teddy")[0]) == "teddy"


def test_links_that_lead_back_or_to_one_another_end(tmp_path):
    fill(tmp_path, "a/1.jpg", "b/2.jpg")
    for link, target in (("a/up", "."), ("a/itself", "a/itself"), ("a/b", "b"), ("b/a", "a")):
        (tmp_path / link).symlink_to(tmp_path / target, target_is_directory=True)
    assert found(tmp_path) == ["a/1.jpg", "a/b/2.jpg", "b/2.jpg", "b/a/1.jpg"]
    assert found(tmp_path / "a") == ["1.jpg", "b/2.jpg"]


def test_a_folder_that_is_called_like_a_picture_is_none(tmp_path):
    assert found(fill(tmp_path, "album.jpg/1.jpg")) == ["album.jpg/1.jpg"]


def test_a_folder_that_may_not_be_read_is_named_and_the_others_are_searched(tmp_path, monkeypatch):
    fill(tmp_path, "black/1.jpg", "lost+found/2.jpg")
    scandir = os.scandir

    def refuse(folder):
        if os.path.basename(folder) == "lost+found":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.warns(UserWarning, match=r"lost\+found is left out: .*Permission denied"):
        assert found(tmp_path) == ["black/1.jpg"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere is not a folder"):
        visible_files(tmp_path / "nowhere")


def test_nothing_is_said_of_a_folder_of_pictures_and_notes(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(fill(tmp_path, "teddy/1.jpg", "notes.txt")) == ["teddy/1.jpg"]
