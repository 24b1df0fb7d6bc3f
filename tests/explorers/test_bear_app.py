"""The app's decisions, drawings and refusals; tests/browser has it as a visitor meets it."""

import io
import random
import re
import struct
import tempfile
import time
from datetime import UTC, datetime
from threading import Event
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from fuzzing import cases, fuzz
from PIL import Image

from lessonlib.course.commands.app import MAX_MESSAGE
from lessonlib.engine.catalog import bears
from lessonlib.engine.images import open_image
from lessonlib.explorers import bear_app
from lessonlib.explorers.bear_app import (
    SHOWN,
    BearApp,
    Refused,
    decide,
    draw,
    draw_picture,
    draw_problem,
    read_upload,
    sentence,
)
from lessonlib.explorers.bear_page import MAX_BYTES, SCRIPT, STYLE, page_script
from lessonlib.explorers.bear_samples import SEEN, sample_pictures
from lessonlib.guards.picture_work import MAX_WORK, jpeg_work, work
from lessonlib.recipes import bear_learner

PROBS = {"black": 0.9, "grizzly": 0.2, "teddy": 0.6}
JUPYTERLABS_LIMIT = 10 * 2**20  # bytes of a message from the page
NASTY = "<img src=x onerror=alert(1)>.jpg"


def at(threshold, probs=PROBS):
    return dict.fromkeys(probs, threshold)


def encoded(image=None, kind="JPEG", **options):
    """A picture as the bytes of a file: by default 64 wide, 48 high, red left, blue right."""
    if image is None:
        image = Image.new("RGB", (64, 48), "red")
        image.paste("blue", (32, 0, 64, 48))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def read(content, name="a.jpg"):
    return read_upload(name, content, len(content))


# --- deciding


def test_a_label_needs_more_than_its_own_threshold():
    assert decide(PROBS, {"black": 0.95, "grizzly": 0.1, "teddy": 0.6}) == ["grizzly"]
    assert decide(PROBS, at(0.5)) == ["black", "teddy"]
    assert decide(PROBS, at(1.0)) == []


@pytest.mark.parametrize(
    "labels, words",
    [
        ([], "No bear here"),
        (["teddy"], "One kind of bear: teddy"),
        (["black", "teddy"], "Two kinds of bear at once: black and teddy"),
        (list("abc"), "Three kinds of bear at once: a, b and c"),
        (list("abcd"), "4 kinds of bear at once: a, b, c and d"),
        (["<b>"], "One kind of bear: &lt;b&gt;"),
    ],
)
def test_the_answer_is_a_sentence(labels, words):
    assert sentence(labels) == words


# --- drawing


def test_every_bar_says_in_words_what_its_colour_and_its_mark_say():
    page = draw(PROBS, {"black": 0.5, "grizzly": 0.3, "teddy": 0.75})
    assert "One kind of bear: black" in page
    rows = page.split('<div class="bear-row')[1:]
    assert [re.search(r"[✓–] \w+", row)[0] for row in rows] == ["✓ yes", "– no", "– no"]
    assert [row.startswith(" bear-yes") for row in rows] == [True, False, False]
    assert 'style="width:60.0%"' in rows[2] and 'style="left:75.0%"' in rows[2]
    assert 'aria-valuenow="0.60"' in rows[2] and 'role="meter"' in rows[2]
    assert 'aria-valuetext="0.60, not above the threshold of 0.75"' in rows[2]


def test_no_answer_stands_without_what_the_model_has_seen(app):
    assert "drawings only, never a photograph" in SEEN and "of a person" in SEEN
    for probs in (PROBS, {"black": 0.1}):
        assert SEEN in draw(probs, at(0.5, probs))
    choose(app, encoded())
    assert SEEN in app.answer.value


def test_labels_and_file_names_cannot_bring_markup():
    label = '<script>"&'
    for page in (
        draw({label: 0.9}, {label: 0.5}),
        draw_picture(Image.new("RGB", (8, 8)), NASTY),
        draw_problem(NASTY),
    ):
        assert "<script>" not in page and "<img src=x" not in page
        assert "&lt;" in page
    assert 'alt="your picture &lt;img src=x onerror=alert(1)&gt;.jpg"' in draw_picture(
        Image.new("RGB", (8, 8)), NASTY
    )


# --- reading an upload


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_usual_format_is_read(kind):
    image = read(encoded(kind=kind))
    assert (image.mode, image.size) == ("RGB", (64, 48))
    red, _, blue = image.getpixel((5, 24))
    assert red > 200 > 50 > blue


def test_a_picture_lying_on_its_side_stands_up():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to view
    image = read(encoded(exif=exif))
    assert image.size == (48, 64)
    assert image.getpixel((24, 5))[0] > 200


def test_an_animation_is_its_first_frame():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read(content).getpixel((4, 4)) == (255, 0, 0)


def test_a_large_photograph_becomes_a_small_picture():
    assert read(encoded(Image.new("RGB", (4000, 3000)))).size == (SHOWN, 3 * SHOWN // 4)


def noise(width, height):
    pixels = np.random.RandomState(0).randint(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


REFUSED = {
    "a text": (b"dear bear", "is not a picture .* It reads JPEG"),
    "an empty file": (b"", "is empty"),
    "half a jpeg": (encoded(noise(64, 48))[:2000], "is a damaged picture"),
    "half a png": (encoded(noise(64, 48), "PNG")[:2000], "is a damaged picture"),
    "PostScript, which would start another program": (encoded(kind="EPS"), "is not a picture"),
}


@pytest.mark.parametrize("content, words", REFUSED.values(), ids=REFUSED)
def test_what_is_no_whole_picture_gets_a_sentence(content, words):
    with pytest.raises(Refused, match=f"^holiday.jpg {words}"):
        read(content, "holiday.jpg")


@pytest.mark.parametrize("factor", [1.5, 3])  # Pillow warns up to twice its limit, then refuses
def test_a_decompression_bomb_gets_a_sentence(monkeypatch, factor):
    content = encoded(kind="PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(64 * 48 / factor))
    with pytest.raises(Refused, match=r"bomb.png has more than .* pixels .* Save it smaller"):
        read(content, "bomb.png")


def test_a_picture_is_not_called_damaged_when_the_memory_is_full(monkeypatch):
    def refuse(*_, **__):
        raise MemoryError

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(Refused, match=r"a\.jpg needs more memory than is free"):
        read(encoded())


def test_the_largest_upload_is_read_and_one_byte_more_gets_a_sentence():
    content = encoded()
    padded = content + bytes(MAX_BYTES - len(content))
    assert read(padded).size == (64, 48)
    with pytest.raises(Refused, match=r"a.jpg has 8.0 MB, .* up to 8 MB"):
        read(padded + b"0")


def test_of_a_file_that_the_page_cuts_off_the_true_size_counts():
    with pytest.raises(Refused, match=r"film.jpg has 700.0 MB"):
        read_upload("film.jpg", b"x", 700_000_000)


def test_whatever_the_page_sends_passes_the_server():
    assert f"file.size > {MAX_BYTES} ?" in SCRIPT and page_script().data == SCRIPT
    assert MAX_BYTES < JUPYTERLABS_LIMIT - 100_000 < MAX_MESSAGE


# --- how much work a picture is


def with_scans(scans: int, width: int = 64, height: int = 48) -> bytes:
    """A progressive JPEG whose last scan, a dozen bytes, is there that many times more."""
    content = encoded(Image.new("L", (width, height)), progressive=True)
    start = content.rindex(b"\xff\xda")
    return content[:start] + content[start:-2] * scans + content[-2:]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_the_work_of_a_jpeg_is_its_pixels_times_its_scans(mode, progressive):
    content = encoded(Image.new(mode, (64, 48)), progressive=progressive, comment=b"\xff\xda")
    assert jpeg_work(content) == 64 * 48 * len(re.findall(rb"\xff\xda\x00[^\x02]", content))
    assert (jpeg_work(content) > 64 * 48) == progressive
    assert jpeg_work(with_scans(1000)) == 64 * 48 * (1000 + 5)


def test_what_lies_behind_a_jpeg_and_before_its_picture_is_no_work():
    exif = Image.Exif()
    exif[0x010E] = "\xff\xda".encode("latin-1") * 50
    content = encoded(exif=exif)
    assert jpeg_work(content + with_scans(100)) == 64 * 48  # a film behind a photograph


def test_a_jpeg_of_countless_scans_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr("lessonlib.explorers.bear_app.decode_image", None)
    bomb = with_scans(40_000, 1000, 1000)
    assert len(bomb) < 500_000
    begin = time.process_time()
    with pytest.raises(Refused, match=r"^a.jpg is packed so that .* progressive JPEG .* PNG"):
        read(bomb)
    assert time.process_time() - begin < 2


def test_a_jpeg_of_countless_scans_can_be_chosen_once_it_is_saved_as_the_refusal_says(monkeypatch):
    monkeypatch.setattr("lessonlib.explorers.bear_app.MAX_WORK", 64 * 48 * 12)
    with pytest.raises(Refused, match="Save it as an ordinary JPEG or as PNG"):
        read(with_scans(12))
    for kind in ("JPEG", "PNG"):
        with Image.open(io.BytesIO(with_scans(12))) as image:
            assert read(encoded(image, kind)).size == (64, 48)


def test_the_largest_progressive_photographs_of_editors_are_read():
    assert Image.MAX_IMAGE_PIXELS * 12 < MAX_WORK


def tiff(data, places, **tags):
    """A grey TIFF of 64 x 48 whose strips or tiles are this data, so many times."""
    tags = {"compression": 7, "rows": 48} | tags
    kinds = {"compression": 259, "rows": 278, "tile_width": 322, "tile_height": 323}
    first = (324, 325) if "tile_width" in tags else (273, 279)
    entries = {256: [64], 257: [48], 258: [8], 262: [1], 277: [1]}
    entries |= {kinds[name]: [value] for name, value in tags.items()}
    entries |= {first[0]: [0] * places, first[1]: [len(data)] * places}
    start = 8 + 2 + 12 * len(entries) + 4
    entries[first[0]] = [start + 8 * places] * places
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    for tag, values in sorted(entries.items()):
        lists = tag in first and places > 1
        value = values[0] if not lists else start + 4 * places * (tag == first[1])
        head += struct.pack("<HHII", tag, 4, len(values), value)
    lists = struct.pack(f"<{2 * places}I", *entries[first[0]], *entries[first[1]])
    return head + bytes(4) + lists + data


def a_run(width, height):
    """A BMP of one run of one pixel, and then the ends of rows and of the picture."""
    body, start = b"\1\0\0\0\0\1", 14 + 40 + 1024
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + sizes + bytes(1024) + body


def wide_webp(width, height):
    """A lossless WebP of one pixel whose header says that they are more."""
    content = bytearray(encoded(Image.new("RGB", (1, 1)), "WEBP", lossless=True))
    bits = content.index(b"VP8L") + 9
    content[bits : bits + 4] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(content)


SCANS = with_scans(90)
TOO_MUCH = {  # each is small, and within the pixels that Pillow takes
    "a progressive JPEG as a TIFF": tiff(with_scans(90, 6000, 4000), 1),
    "one progressive JPEG as all strips": tiff(SCANS, 600_000, rows=8),  # each is looked through
    "one strip without end": tiff(bytes(2_000_000), 800, compression=8),
    "a tile that is larger than its TIFF": tiff(
        b"", 1, compression=8, tile_width=20_000, tile_height=20_000
    ),
    "a WebP of one colour": wide_webp(16_383, 5_400),
    "a BMP of runs": a_run(80_000_000, 1),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_no_small_file_holds_the_app_up(monkeypatch, kind):
    monkeypatch.setattr("lessonlib.explorers.bear_app.decode_image", None)
    begin = time.process_time()
    with pytest.raises(Refused, match=r"^a.jpg is packed so that reading it takes too long"):
        read(TOO_MUCH[kind])
    assert time.process_time() - begin < 2


def test_the_work_of_a_tiff_of_jpegs_is_that_of_all_its_strips():
    for places in (1, 2, 7):
        with Image.open(io.BytesIO(tiff(SCANS, places, rows=48))) as image:
            assert work(image, tiff(SCANS, places)) == places * (
                jpeg_work(SCANS) + 5 * 64 * 48 + len(SCANS)
            )


def test_ordinary_tiffs_bitmaps_and_webps_are_read():
    assert read(tiff(encoded(Image.new("L", (64, 48))), 1)).size == (64, 48)
    assert read(tiff(with_scans(12), 1)).size == (64, 48)
    assert read(a_run(64, 1)).size == (64, 1)
    photograph = Image.new("RGB", (6000, 4000))
    for kind, options in (("TIFF", {"compression": "jpeg"}), ("WEBP", {"method": 0})):
        assert read(encoded(photograph, kind, **options)).size == (960, 640)


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000"])
def test_a_format_whose_work_nobody_bounds_is_refused_by_name_of_those_that_are_read(kind):
    try:
        content = encoded(kind=kind)
    except (OSError, KeyError):
        pytest.skip(f"this Pillow writes no {kind}")
    with pytest.raises(Refused, match="is not a picture that this app can read. It reads JPEG"):
        read(content)


@fuzz
@pytest.mark.parametrize("seed", cases(200))
def test_no_bytes_at_all_end_in_another_error_than_a_refusal(seed):
    rng = random.Random(seed)
    content = bytearray(encoded(progressive=seed % 2 == 0))
    for _ in range(rng.randrange(1, 6)):
        content[rng.randrange(2, len(content))] = rng.choice((0, 2, 0xDA, 0xC2, 0xFF))
    try:
        assert read(bytes(content)).mode == "RGB"
    except Refused as refused:
        assert str(refused).startswith("a.jpg ")


# --- the page


def test_no_text_of_the_page_has_a_colour_that_assumes_its_ground():
    for body in re.findall(r"\{([^{}]*)\}", STYLE):
        if re.search(r"(^|[;\s])color:", body):
            assert "background:" in body
    assert "rem" not in re.findall(r"[\d.]+([a-z]+)", STYLE)  # 10 or 16 pixels, by the template


# --- the widget


class FakeLearner:
    """Says the same of every picture, and counts how often it is asked."""

    vocab = tuple(PROBS)

    def __init__(self):
        self.asked = 0

    def predict(self, image):
        assert image.mode == "RGB"
        self.asked += 1
        return SimpleNamespace(probs=torch.tensor(list(PROBS.values())))


@pytest.fixture
def app():
    app = BearApp(lambda page: FakeLearner())
    app.loading.join(timeout=20)
    return app


def test_a_file_can_be_chosen_once_more_after_something_else(app):
    choose(app, encoded())
    shown = app.picture.value
    app.try_sample("no bear", Image.new("RGB", (8, 8)))
    assert app.picture.value != shown
    choose(app, encoded())
    assert app.picture.value == shown and app.upload.value == ()


# --- samples


def test_the_samples_are_drawings_of_the_test_split_with_every_set_of_labels():
    twin = bears().parent
    df = pd.read_csv(twin / "bears.csv", keep_default_na=False)
    samples = sample_pictures(twin)
    named = {
        "black", "grizzly", "teddy", "no bear",
        "black and grizzly", "black and teddy", "grizzly and teddy",
    }  # fmt: skip
    assert {name for name, _ in samples} == named and len(samples) == len(named)
    for name, image in samples:
        labels = "" if name == "no bear" else name.replace(" and ", " ")
        rows = df[(df["labels"] == labels) & (df["split"] == "test")]
        assert any(open_image(twin / fname) == image for fname in rows["fname"]), name
        assert not any("unseen" in fname for fname in rows["fname"][:1])


@pytest.mark.parametrize("table", [None, "", "fname,labels\n", "fname,labels,split\na.jpg,,test\n"])
def test_where_the_twin_has_no_pictures_there_are_no_samples(tmp_path, table):
    if table is not None:
        (tmp_path / "bears.csv").write_text(table, encoding="utf-8")
    assert sample_pictures(tmp_path) == []
    app = BearApp(lambda page: FakeLearner(), sample_pictures(tmp_path))
    app.loading.join(timeout=20)
    assert app.samples.children == () and app.upload.disabled is False


def test_a_sample_waits_for_the_model_and_is_answered_at_one_click():
    ready = Event()
    samples = [(name, Image.new("RGB", (16, 9), name)) for name in ("red", "blue")]
    app = BearApp(lambda page: ready.wait(20) and FakeLearner(), samples)
    assert [button.disabled for button in app.samples.buttons] == [True, True]
    ready.set()
    app.loading.join(timeout=20)
    assert [button.disabled for button in app.samples.buttons] == [False, False]
    app.samples.buttons[1].click()
    assert 'alt="drawing of blue"' in app.picture.value and app.learn.asked == 2
    assert "Two kinds of bear at once: black and teddy" in app.answer.value
    choose(app, b"no picture")
    app.samples.buttons[0].click()
    assert 'alt="drawing of red"' in app.picture.value and app.status.value == ""


def test_a_page_that_was_still_opening_hears_again_that_the_model_is_there(monkeypatch):
    """Once as it happens, and once more later."""
    sent = []
    for kind in (bear_app.HTML, bear_app.FileUpload):
        monkeypatch.setattr(kind, "send_state", lambda part, key=None: sent.append((part, key)))
    monkeypatch.setattr(bear_app, "AGAIN", (0.01,))
    app = BearApp(lambda page: FakeLearner())
    said = [(app.status, "value"), (app.progress, "value"), (app.upload, "disabled")]
    end = time.monotonic() + 20
    while sent[-3:] != said and time.monotonic() < end:
        time.sleep(0.01)
    assert sent[-3:] == said and sent.count((app.upload, "disabled")) == 2
    assert app.upload.disabled is False


def choose(app, content, name="a.jpg"):
    """What the page does when a file is chosen."""
    app.upload.value = (
        {
            "name": name,
            "type": "image/jpeg",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )


def test_a_picture_can_be_chosen_once_the_model_is_there(app):
    assert app.upload.disabled is False
    assert "The model is ready" in app.status.value and app.answer.value == ""


def test_a_chosen_picture_is_shown_with_its_answer(app):
    choose(app, encoded(), NASTY)
    assert "Two kinds of bear at once: black and teddy" in app.answer.value
    assert app.picture.value.count("<img ") == 1 and app.status.value == ""


def test_a_picture_too_long_for_a_jpeg_is_shown_all_the_same(app):
    choose(app, encoded(Image.new("RGB", (70_000, 3)), "PNG"))
    assert "<img " in app.picture.value and "Two kinds of bear" in app.answer.value


def test_the_slider_decides_anew_and_predicts_nothing(app):
    choose(app, encoded())
    asked = app.learn.asked
    app.threshold.value = 0.7
    assert "One kind of bear: black" in app.answer.value
    app.threshold.value = 0.95
    assert "No bear here" in app.answer.value
    app.threshold.value = 0.1
    assert "Three kinds of bear at once" in app.answer.value
    assert app.learn.asked == asked


@pytest.mark.parametrize("content, words", REFUSED.values(), ids=REFUSED)
def test_a_refusal_takes_the_place_of_the_last_answer_until_the_next(app, content, words):
    choose(app, encoded())
    choose(app, content, NASTY)
    assert 'role="alert"' in app.status.value and "&lt;img src=x" in app.status.value
    assert app.picture.value == app.answer.value == ""
    app.threshold.value = 0.7
    assert app.answer.value == ""
    choose(app, encoded())
    assert "One kind of bear: black" in app.answer.value and app.status.value == ""


def test_a_model_that_cannot_be_had_is_a_sentence_and_the_button_stays_off():
    def fail(page):
        raise ValueError("The saved model has another vocab <tag>: delete it.")

    app = BearApp(fail)
    app.loading.join(timeout=20)
    assert app.upload.disabled
    assert "has another vocab &lt;tag&gt;: delete it." in app.status.value
    assert 'role="alert"' in app.status.value


def test_training_shows_its_progress_in_the_app():
    app = BearApp(lambda page: setattr(page, "value", "half way") or 1 / 0)
    app.loading.join(timeout=20)
    assert app.progress.value == "half way"


def test_every_control_has_a_label(app):
    assert app.upload.description and app.threshold.description


def test_nothing_that_is_chosen_is_written_to_disk(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "EPS"):
        choose(app, encoded(kind=kind), f"a.{kind}")
    for content, _ in REFUSED.values():
        choose(app, content)
    assert list(tmp_path.rglob("*")) == []


# --- the model


def test_a_picture_in_memory_gets_the_answer_of_its_file():
    learn = bear_learner(bears())
    path = next(bears().rglob("*.jpg"))
    expected, image = learn.predict(path), open_image(path)
    found = learn.predict(image)
    assert found.labels == expected.labels and torch.equal(found.probs, expected.probs)
    clear = image.convert("RGBA")
    assert torch.equal(learn.predict(clear).probs, expected.probs)
