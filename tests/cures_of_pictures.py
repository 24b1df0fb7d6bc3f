"""What test_cures.py tries out, in a folder: messages about pictures, of files and of uploads."""

import io
import os

import pandas as pd
from cures import Case
from PIL import Image, PngImagePlugin

from lessonlib.block import DataBlock
from lessonlib.engine.images import as_image, open_image
from lessonlib.engine.leaks import leaks
from lessonlib.engine.photos import near_duplicates, verify_images
from lessonlib.engine.transforms import RandomResizedCrop, Resize
from lessonlib.explorers.bear_app import MAX_BYTES, read_upload
from lessonlib.getters import get_image_files


def encoded(form="PNG", size=(48, 48), **options):
    file = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(file, form, **options)
    return file.getvalue()


def with_much_text():
    info = PngImagePlugin.PngInfo()
    info.add_text("note", "x" * (2 * PngImagePlugin.MAX_TEXT_CHUNK), zip=True)
    return encoded(pnginfo=info)


def progressive():
    """It says that it is large, and has scans almost without end."""
    content = bytearray(encoded("JPEG", progressive=True))
    frame = content.index(b"\xff\xc2")
    content[frame + 5 : frame + 9] = b"\x1f\xff\x1f\xff"
    return bytes(content[:-2]) + b"\xff\xda\x00\x02" * 100 + b"\xff\xd9"


def huge():
    """A BMP that says that it has 10,000 by 10,000 pixels."""
    content = encoded("BMP", (1, 1))
    return content[:18] + (10_000).to_bytes(4, "little") * 2 + content[26:]


def upload(*contents, size=0):
    return lambda folder: [
        read_upload("bear.jpg", content, size or len(content)) for content in contents
    ]


ANEW = upload(encoded("JPEG"))
SAVED_ANEW = upload(*[encoded(form) for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")])
UPLOADS = [
    Case(
        "explorers.bear_app.read_upload",
        upload(encoded(), size=MAX_BYTES + 1),
        "Save it smaller",
        ANEW,
    ),
    Case("explorers.bear_app.read_upload", upload(b""), "Copy it anew", ANEW),
    Case(
        "explorers.bear_app.read_upload",
        upload(progressive()),
        "as an ordinary JPEG or as PNG",
        upload(encoded("JPEG"), encoded("PNG")),
    ),
    Case("explorers.bear_app.read_upload", upload(huge()), "Save it smaller", ANEW),
    Case("explorers.bear_app.read_upload", upload(encoded("JPEG")[:20]), "copy it anew", ANEW),
    Case(
        "explorers.bear_app.read_upload",
        upload(encoded("PPM")),
        "Save it as one of those",
        SAVED_ANEW,
    ),
    Case("explorers.bear_app.read_upload", upload(encoded("JPEG")[:-99]), "Copy it anew", ANEW),
    Case(
        "explorers.bear_app.read_upload",
        upload(with_much_text()),
        "save it as PNG",
        upload(encoded()),
    ),
]


def put(folder, content=None, name="1.png"):
    (folder / name).write_bytes(encoded() if content is None else content)
    return folder / name


def opened(folder, content=None):
    open_image(put(folder, content))


def broken(content):
    return lambda folder: opened(folder, content)


def without_it(folder):
    """Its file is removed, or its row."""
    put(folder, b"").unlink()
    put(folder, name="2.png")
    rows = pd.DataFrame({"fname": ["1.png", "2.png"]})
    kept = [folder / name for name in rows["fname"] if name != "1.png"]
    for picture in [*get_image_files(folder), *kept]:
        open_image(picture)


def link(folder):
    (folder / "1.png").symlink_to("2.png")
    open_image(folder / "1.png")


def mended_link(folder):
    put(folder, name="2.png")
    open_image(folder / "1.png")


def removed_link(folder):
    (folder / "1.png").unlink()
    opened(folder)


def from_table(folder, **options):
    (folder / "my.csv").write_text("file\n007\n000\n", encoding="utf-8")
    for name in pd.read_csv(folder / "my.csv", **options)["file"]:
        put(folder, name="007.png"), put(folder, name="000.png")
        open_image(folder / f"{name}.png")


def zero(folder):
    put(folder, name="000.png")
    open_image(folder / "0.png")


def closed(folder):
    with Image.open(put(folder)) as image:
        pass
    as_image(image)


def within_its_block(folder):
    with Image.open(put(folder)) as image:
        as_image(image)
    as_image(folder / "1.png")


def in_home(folder):
    """The folder as it is written from the user's home."""
    variable = "USERPROFILE" if os.name == "nt" else "HOME"
    before = os.environ[variable]
    os.environ[variable] = str(folder.parent)
    try:
        put(folder)
        assert len(get_image_files(f"~/{folder.name}")) == 1
    finally:
        os.environ[variable] = before


def leaking(folder, **options):
    items = [str(put(folder, name=f"{number}.png")) for number in range(8)]
    block = DataBlock(get_x=lambda path: path.encode())
    return leaks(block.datasets(items), **options)


EMPTY, CUT = broken(b""), broken(encoded()[:-40])
FILES = [
    Case("guards.pictures.is_there", EMPTY, "Copy it anew", opened),
    Case("guards.pictures.is_there", EMPTY, "remove its row or the file", without_it),
    Case(
        "guards.pictures.is_there",
        lambda folder: open_image(folder / "train" / "1.png"),
        "so is the folder .*train. Is its name right",
        opened,
    ),
    Case(
        "guards.pictures.is_there",
        lambda folder: open_image(folder / ""),
        "Is a cell blank",
        opened,
    ),
    Case(
        "guards.pictures.is_there",
        lambda folder: open_image(put(folder).with_suffix(".jpg")),
        "Does the file name in the csv match the folder",
        opened,
    ),
    Case(
        "guards.pictures.is_there",
        from_table,
        r'dtype={"fname": str}\), with the column\'s own name for fname',
        lambda folder: from_table(folder, dtype={"file": str}),
    ),
    Case(
        "guards.pictures.is_there",
        zero,
        "but 000.png is there",
        lambda folder: open_image(folder / "000.png"),
    ),
    Case("guards.pictures.is_open", closed, "use it inside the block", within_its_block),
    Case("guards.pictures.is_open", closed, "Give its path", within_its_block),
    Case("guards.pictures.explained", broken(huge()), "Make it smaller", opened),
    Case("guards.pictures.explained", broken(huge()), "remove its row or the file", without_it),
    Case("guards.pictures.explained", CUT, "copy it anew", opened),
    Case("guards.pictures.explained", CUT, "remove its row or the file", without_it),
    Case("guards.pictures.explained", broken(with_much_text()), "save it as a PNG", opened),
    Case(
        "guards.teaching.one_of",
        lambda folder: Resize(8, "stretch"),
        "'crop', 'pad', 'squish'",
        lambda folder: [Resize(8, method) for method in ("crop", "pad", "squish")],
    ),
    Case(
        "engine.transforms.__init__",
        lambda folder: RandomResizedCrop(8, 0),
        "above 0 and at most 1",
        lambda folder: [RandomResizedCrop(8, share) for share in (0.01, 1)],
    ),
    Case(
        "engine.folder_walk.visible_files",
        lambda folder: get_image_files(put(folder)),
        "Which one holds your pictures",
        in_home,
    ),
    Case(
        "engine.photos.verify_images",
        lambda folder: verify_images(put(folder)),
        "Which one holds your pictures",
        lambda folder: verify_images(folder),
    ),
    Case(
        "engine.photos.near_duplicates",
        lambda folder: near_duplicates([put(folder)] * 2, ["train"]),
        "has 1 entries, but there are 2 paths",
        lambda folder: near_duplicates([put(folder)] * 2, ["train"] * 2),
    ),
    Case(
        "engine.leaks.content_hash",
        leaking,
        r"leaks\(dsets, key=lambda item: …\)",
        lambda folder: leaking(folder, key=lambda item: item[-5]),
    ),
]
if os.name != "nt":  # where making a link is a right of its own
    FILES += [
        Case("guards.pictures.is_there", link, "Mend .* the link", mended_link),
        Case("guards.pictures.is_there", link, "remove the link", removed_link),
    ]
PICTURES = [*UPLOADS, *FILES]
