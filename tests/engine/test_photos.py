"""Looking through folders of pictures: what is set aside, what is left alone, what looks alike."""

import csv
import errno
import io
import os
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance

from lessonlib.engine import photos
from lessonlib.engine.catalog import bears
from lessonlib.engine.images import open_image
from lessonlib.engine.photos import fingerprint, near_duplicates, verify_images
from lessonlib.getters import get_image_files


def scene(seed, size=(96, 72)):
    """A picture like a photograph: soft shapes, different for each seed."""
    coarse = np.random.RandomState(seed).randint(0, 256, (6, 6, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def encoded(image, kind):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


JPEG, PNG = encoded(scene(0), "JPEG"), encoded(scene(1), "PNG")
BROKEN = {
    "zero bytes.jpg": b"",
    "cut.jpg": JPEG[: len(JPEG) // 2],
    "cut.png": PNG[: len(PNG) // 2],
    "cut.webp": encoded(scene(2), "WEBP")[:200],
    "a text.jpg": b"I am not a picture.",
    "page.jpeg": b"<!DOCTYPE html><html>404</html>",
    "zeros.gif": bytes(500),
    "hüllen/Bär ☂.JPG": b"\xff\xd8\xff\xe0 hardly",
}
FINE = {
    "a png.jpg": PNG,  # decodes, so it is a picture
    "a.jpeg": JPEG,
    "b.webp": encoded(scene(3), "WEBP"),
    "c.gif": encoded(scene(4), "GIF"),
    "größe/Bär 1.PNG": PNG,
    "notes.txt": b"not called a picture: nobody will open it",
    "bears.csv": b"",
}


def fill(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rejected_csv(folder):
    with (folder / "rejected" / "rejected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ------------------------------------------------------------------ what is set aside


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_moved_with_its_reason_and_its_bytes(tmp_path, name):
    table = verify_images(fill(tmp_path, {name: BROKEN[name]}))
    moved_to = f"rejected/{name}.rejected"
    assert table[["fname", "moved_to"]].to_numpy().tolist() == [[name, moved_to]]
    reason = "cannot be read as a picture" if BROKEN[name] else "is empty (0 bytes)"
    assert reason in table.reason[0] and str(tmp_path) not in table.reason[0]
    assert (tmp_path / moved_to).read_bytes() == BROKEN[name] and not (tmp_path / name).exists()


def test_fine_pictures_and_files_that_are_no_pictures_are_never_touched(tmp_path):
    fill(tmp_path, FINE)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert verify_images(tmp_path).empty
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_nothing_is_lost_among_good_and_bad(tmp_path):
    verify_images(fill(tmp_path, FINE | BROKEN), workers=3)
    after = contents(tmp_path)
    assert rejected_csv(tmp_path) and after.pop("rejected/rejected.csv")
    aside = {f"rejected/{name}.rejected": content for name, content in BROKEN.items()}
    assert after == FINE | aside


def test_the_table_and_rejected_csv_say_the_same_in_the_order_of_the_paths(tmp_path):
    table = verify_images(fill(tmp_path, FINE | BROKEN))
    assert rejected_csv(tmp_path) == table.to_dict("records")
    assert [tmp_path / fname for fname in table.fname] == sorted(
        tmp_path / fname for fname in table.fname
    )


def test_what_is_left_can_be_opened_and_is_all_that_is_found(tmp_path):
    verify_images(fill(tmp_path, FINE | BROKEN))
    found = get_image_files(tmp_path)
    assert len(found) == 5 and all(open_image(path).mode == "RGB" for path in found)
    assert verify_images(tmp_path).empty and len(rejected_csv(tmp_path)) == len(BROKEN)


def test_a_name_clash_overwrites_nothing_and_all_runs_stay_in_rejected_csv(tmp_path):
    for content in (b"one", b"two", b"three"):
        verify_images(fill(tmp_path, {"kind/a.jpg": content}))
    names = ["a.jpg.rejected", "a-2.jpg.rejected", "a-3.jpg.rejected"]
    kept = [(tmp_path / "rejected" / "kind" / name).read_bytes() for name in names]
    assert kept == [b"one", b"two", b"three"]
    assert [row["moved_to"] for row in rejected_csv(tmp_path)] == [
        f"rejected/kind/{name}" for name in names
    ]


def test_bears_accepts_a_folder_with_rejected_pictures(tmp_path):
    fill(tmp_path, {"black/1.jpg": JPEG, "black/2.jpg": b"", "teddy/1.png": PNG})
    verify_images(tmp_path)
    assert bears(tmp_path) == tmp_path and (tmp_path / "rejected" / "black").is_dir()


def test_names_of_old_archives_are_moved_and_recorded_like_any_other(tmp_path):
    (tmp_path / "bear").mkdir()
    names = [os.fsdecode(b"caf\xe9.jpg"), "z.jpg"]
    try:
        for name in names:
            (tmp_path / "bear" / name).write_bytes(b"not a picture")
    except OSError:
        pytest.skip("this disk takes no such names")
    table = verify_images(tmp_path)
    assert table.fname.tolist() == [r"bear/caf\udce9.jpg", "bear/z.jpg"]
    assert rejected_csv(tmp_path) == table.to_dict("records")
    moved = {path.name for path in (tmp_path / "rejected" / "bear").iterdir()}
    assert moved == {f"{name}.rejected" for name in names}


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_a_name_that_is_as_long_as_may_be_is_cut_and_two_such_do_not_meet(tmp_path, letter):
    stem = letter * (245 // len(letter.encode()))
    names = [f"{stem}1.jpg", f"{stem}2.jpg"]
    table = verify_images(fill(tmp_path, dict.fromkeys(names, b"not a picture")))
    kept = [tmp_path / name for name in table.moved_to]
    assert len(set(kept)) == 2 and all(path.read_bytes() == b"not a picture" for path in kept)
    assert table.fname.tolist() == names and rejected_csv(tmp_path) == table.to_dict("records")


def test_a_file_is_recorded_before_it_is_moved(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(photos, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        verify_images(fill(tmp_path, {"a.jpg": b"not a picture"}))
    assert [row["fname"] for row in rejected_csv(tmp_path)] == ["a.jpg"]
    assert (tmp_path / "a.jpg").read_bytes() == b"not a picture"


def test_a_file_that_cannot_be_moved_stays_and_the_others_go_on(tmp_path, monkeypatch):
    rename = type(tmp_path).rename

    def refuse(path, place):
        if path.name == "a.jpg":
            raise PermissionError(13, "Permission denied")
        return rename(path, place)

    monkeypatch.setattr(type(tmp_path), "rename", refuse)
    table = verify_images(fill(tmp_path, {"a.jpg": b"one", "b.jpg": b"two"}))
    assert table.moved_to.tolist() == ["", "rejected/b.jpg.rejected"]
    assert "it cannot be moved: Permission denied" in table.reason[0]
    assert (tmp_path / "a.jpg").read_bytes() == b"one"


def test_a_file_called_rejected_is_in_nobodys_way(tmp_path):
    files = {"rejected": b"mine", "a.jpg": b"not a picture"}
    assert verify_images(fill(tmp_path, files)).moved_to.tolist() == [""]
    assert contents(tmp_path) == files


def test_a_file_in_a_folder_on_another_disk_is_copied_and_then_removed(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(type(tmp_path), "rename", refuse)
    table = verify_images(fill(tmp_path, {"teddy/a.jpg": b"not a picture"}))
    assert (tmp_path / table.moved_to[0]).read_bytes() == b"not a picture"
    assert not (tmp_path / "teddy" / "a.jpg").exists()


def test_a_link_among_the_rejected_is_not_overwritten(tmp_path):
    fill(tmp_path, {"a.jpg": b"not a picture", "rejected/b.txt": b""})
    link = tmp_path / "rejected" / "a.jpg.rejected"
    link.symlink_to(tmp_path / "nowhere.jpg")
    assert verify_images(tmp_path).moved_to.tolist() == ["rejected/a-2.jpg.rejected"]
    assert link.is_symlink()


def test_what_pillow_shows_is_never_moved(tmp_path, monkeypatch):
    def refuse(image):
        raise ValueError("a mode that nobody thought of")

    monkeypatch.setattr("lessonlib.engine.images.to_rgb", refuse)
    table = verify_images(fill(tmp_path, {"a.jpg": JPEG}))
    assert table.moved_to.tolist() == [""] and contents(tmp_path) == {"a.jpg": JPEG}


# ------------------------------------------------------------------ bombs, threads, this computer


def test_a_decompression_bomb_is_moved_whichever_thread_meets_it(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 96 * 72)
    big = {f"bomb {k}.png": encoded(scene(k, (192, 145)), "PNG") for k in range(20)}
    filters = list(warnings.filters)
    table = verify_images(fill(tmp_path, {f"{k}.png": PNG for k in range(20)} | big), workers=8)
    assert set(table.fname) == set(big) and all("bomb" in reason for reason in table.reason)
    assert warnings.filters == filters  # threads that restore them crosswise leave nothing behind


def test_a_photograph_that_is_only_large_is_reported_and_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 96 * 72)
    large = {"a.png": encoded(scene(0, (96, 73)), "PNG")}  # Pillow warns, and would show it
    table = verify_images(fill(tmp_path, large))
    assert "more than 6,912 pixels" in table.reason[0] and table.moved_to.tolist() == [""]
    assert contents(tmp_path) == large


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), MemoryError("full")])
def test_what_this_computer_cannot_open_is_reported_and_stays(tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    fill(tmp_path, {"a.jpg": JPEG})
    monkeypatch.setattr(Image, "open", refuse)
    table = verify_images(tmp_path)
    assert table.to_numpy().tolist() == [["a.jpg", f"cannot be read as a picture: {error}", ""]]
    assert contents(tmp_path) == {"a.jpg": JPEG}


def test_a_folder_that_is_called_like_a_picture_stays(tmp_path):
    fill(tmp_path, {"album.jpg/1.jpg": JPEG})
    assert verify_images(tmp_path).empty and (tmp_path / "album.jpg" / "1.jpg").is_file()


def test_a_link_to_nowhere_is_moved_as_a_link(tmp_path):
    link = tmp_path / "a.jpg"
    link.symlink_to(tmp_path / "nowhere.jpg")
    assert verify_images(tmp_path).moved_to.tolist() == ["rejected/a.jpg.rejected"]


def test_odd_exif_in_a_good_picture_neither_rejects_it_nor_warns(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "x" * 100
    cut = exif.tobytes()[:60]
    scene(0).save(tmp_path / "a.jpg", exif=cut)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert verify_images(tmp_path).empty


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere is not a folder"):
        verify_images(tmp_path / "nowhere")


def test_an_empty_folder_gives_an_empty_table_with_its_columns(tmp_path):
    table = verify_images(tmp_path)
    assert table.columns.tolist() == ["fname", "reason", "moved_to"] and table.empty
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ what looks alike


@pytest.fixture
def album(tmp_path):
    """Ten different pictures, then five other versions of picture 3."""
    paths = []
    for seed in range(10):
        scene(seed, (320, 240)).save(tmp_path / f"{seed}.png")
        paths.append(tmp_path / f"{seed}.png")
    third = scene(3, (320, 240))
    versions = {
        "smaller.jpg": third.resize((200, 150)),
        "squashed.png": third.resize((240, 240)),
        "brighter.webp": ImageEnhance.Brightness(third).enhance(1.2),
        "duller.png": ImageEnhance.Contrast(third).enhance(0.7),
        "poor.jpg": third,
    }
    for name, version in versions.items():
        version.save(tmp_path / name, quality=30)
        paths.append(tmp_path / name)
    return paths


def test_other_versions_of_a_picture_are_found_and_different_pictures_are_not(album):
    table = near_duplicates(album)
    group = [3, 10, 11, 12, 13, 14]
    expected = {(one, other) for one in group for other in group if one < other}
    assert set(zip(table.one, table.other, strict=True)) == expected
    assert table.distance.is_monotonic_increasing and "across" not in table


def test_distance_is_the_number_of_different_bits(album):
    bits = [fingerprint(path) for path in album]
    for row in near_duplicates(album, most=256).itertuples():
        different = [a != b for a, b in zip(bits[row.one], bits[row.other], strict=True)]
        assert row.distance == sum(different)


def test_every_pair_is_there_once_when_all_bits_may_differ(album):
    assert len(near_duplicates(album, most=256)) == 15 * 14 // 2


def test_across_says_which_pairs_lie_in_two_splits(album):
    splits = ["train"] * 12 + ["valid"] * 3
    table = near_duplicates(album, splits)
    assert [
        (one < 12) != (other < 12) for one, other in zip(table.one, table.other, strict=True)
    ] == table.across.tolist()
    assert set(table.across) == {True, False}


def test_a_fingerprint_says_where_it_gets_brighter(tmp_path):
    ramp = np.tile(np.linspace(0, 255, 170).astype(np.uint8), (160, 1))
    Image.fromarray(ramp).save(tmp_path / "up.png")
    Image.fromarray(ramp[:, ::-1].copy()).save(tmp_path / "down.png")
    assert fingerprint(tmp_path / "up.png").all() and len(fingerprint(tmp_path / "up.png")) == 256
    assert not fingerprint(tmp_path / "down.png").any()


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_pictures_have_no_pairs(album, count):
    table = near_duplicates(album[:count], splits=["train"] * count)
    assert isinstance(table, pd.DataFrame) and table.empty
    assert table.columns.tolist() == ["one", "other", "distance", "across"]


def test_splits_of_another_length_are_refused(album):
    with pytest.raises(ValueError, match="2 entries, but there are 15 paths"):
        near_duplicates(album, ["train", "valid"])


def test_a_broken_picture_is_named(tmp_path):
    fill(tmp_path, {"a.jpg": b"no"})
    with pytest.raises(ValueError, match=r"a\.jpg cannot be read"):
        near_duplicates([tmp_path / "a.jpg"])


# ------------------------------------------------------------------ the bar


@pytest.mark.parametrize(("progress", "shown"), [(True, True), (False, False)])
def test_long_work_shows_a_bar_that_can_be_switched_off(
    tmp_path, monkeypatch, capsys, progress, shown
):
    real = photos.tqdm
    monkeypatch.setattr(photos, "tqdm", lambda *args, **kw: real(*args, **kw | {"delay": 0}))
    verify_images(fill(tmp_path, {"a.jpg": JPEG}), progress=progress)
    assert ("Opening pictures" in capsys.readouterr().err) == shown


def test_short_work_shows_no_bar(tmp_path, capsys):
    verify_images(fill(tmp_path, {"a.jpg": JPEG}))
    assert capsys.readouterr().err == ""
