"""What test_cures.py tries out, in a folder: messages about data sets of one's own, and originals.

A case gets a folder that is new, and in use as LESSONLIB_DATA is home/ in it.
"""

import shutil
from argparse import Namespace

from bad_server import pascal_files
from cures import Case
from PIL import Image

from data_scripts.pascal import VOCAB
from data_scripts.published import from_original, from_voc
from lessonlib.engine import catalog

OWN = "mine"


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


# --- folders of one's own


def pascal_in(folder):
    """A whole one, in the layout that the messages describe."""
    for name, content in pascal_files(3).items():
        write(folder / name.replace("pascal_2007", OWN), content)
    return folder / OWN


def pascal_table(text):
    def look(folder):
        write(pascal_in(folder) / "train.csv", text)
        catalog.pascal(folder / OWN)

    return look


def without(name, whole, look):
    """Of a whole folder, one thing is deleted."""

    def deleted(folder):
        gone = whole(folder) / name
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        look(folder / OWN)

    return deleted


def biwi_in(folder):
    for name in ("rgb.cal", "frame_00003_rgb.jpg", "frame_00003_pose.txt"):
        write(folder / OWN / "01" / name, "")
    return folder / OWN


def bears_in(folder, *further):
    for name in ("grizzly/1.jpg", "black/2.png", *further):
        write(folder / OWN / name, "")
    return folder / OWN


def bears_with(*further):
    return lambda folder: catalog.bears(bears_in(folder, *further))


def no_kind(folder):
    (folder / OWN).mkdir()
    catalog.bears(folder / OWN)


def emptied(folder):
    bears_in(folder, "koala/notes.txt")
    catalog.bears(folder / OWN)


def own_pascal(folder):
    catalog.pascal(pascal_in(folder))


def own_biwi(folder):
    catalog.biwi(biwi_in(folder))


HEAD, NAMES = "fname,labels,is_valid\n", [f"00000{n}.jpg" for n in range(3)]
ROWS = "".join(f"{name},cat,False\n" for name in NAMES)
NEEDS = r"needs train\.csv with the columns fname, labels and is_valid"
COMMAS = HEAD + ROWS.replace("False\n", "False,\n")
LISTS = HEAD + "".join(f"{name},cat,dog,False\n" for name in NAMES)
CSV, CELLS = "data_scripts.layouts._check_csv", "data_scripts.layouts._check_kinds"
DATA_SETS = [
    Case(
        "guards.teaching.one_of",
        lambda folder: catalog.source("coco"),
        "'pascal', 'biwi', 'bears'",
        lambda folder: [catalog.source(name) for name in ("pascal", "biwi", "bears")],
    ),
    Case("engine.catalog._find", lambda folder: catalog.pascal(folder / OWN), NEEDS, own_pascal),
    Case(
        "engine.catalog._checked_kinds",
        lambda folder: catalog.bears(folder / OWN),
        "needs a folder for each kind",
        bears_with(),
    ),
    Case("engine.catalog._checked_kinds", no_kind, "a folder for each kind", bears_with()),
    Case(
        "engine.catalog._checked_kinds",
        bears_with("black/more/1.jpg"),
        "directly in its folder",
        lambda folder: [shutil.rmtree(folder / OWN), bears_with("black/1.jpg")(folder)],
    ),
    Case("engine.catalog._checked_kinds", emptied, "such as notes.txt", bears_with("koala/1.avif")),
    Case(
        "engine.catalog._checked_kinds",
        emptied,
        "Or remove koala",
        lambda folder: [shutil.rmtree(folder / OWN / "koala"), bears_with()(folder)],
    ),
    Case(CSV, without("train.csv", pascal_in, catalog.pascal), NEEDS, own_pascal),
    Case(
        CSV,
        pascal_table((HEAD + ROWS.replace("cat", "Kätzchen")).encode("cp1252")),
        "a csv file in UTF-8",
        pascal_table(HEAD + ROWS.replace("cat", "Kätzchen")),
    ),
    Case(CSV, pascal_table(COMMAS), "Cut commas off", pascal_table(HEAD + ROWS)),
    Case(
        CSV,
        pascal_table(LISTS),
        "put quotes around texts with commas",
        pascal_table(LISTS.replace("cat,dog", '"cat,dog"')),
    ),
    Case(CSV, pascal_table("fname;labels\n1.jpg;cat\n"), NEEDS, own_pascal),
    Case(CSV, pascal_table(HEAD), "no rows", pascal_table(HEAD + ROWS)),
    Case(
        CELLS,
        pascal_table(HEAD + "1,cat,False\n"),
        "write the whole name, such as 000005.jpg",
        pascal_table(HEAD + ROWS),
    ),
    Case(
        CELLS,
        pascal_table(HEAD + ROWS.replace("cat", "3")),
        "name the classes by words",
        pascal_table(HEAD + ROWS),
    ),
    Case(
        CELLS,
        pascal_table(HEAD + ROWS.replace("False", "no", 1)),
        "True or False in every row",
        pascal_table(HEAD + ROWS.replace("False", "True", 1)),
    ),
    Case(
        "data_scripts.layouts._check_pictures",
        without("train", pascal_in, catalog.pascal),
        "and the pictures that it names in train/",
        own_pascal,
    ),
    Case(
        "data_scripts.layouts._check_pictures",
        without("train/000001.jpg", pascal_in, catalog.pascal),
        "'000001.jpg'.*and the pictures that it names in train/",
        own_pascal,
    ),
    *(
        Case(
            "data_scripts.layouts.check_biwi",
            without(name, biwi_in, catalog.biwi),
            words,
            own_biwi,
        )
        for name, words in {
            "01": "needs a folder for each recording, such as 01",
            "01/rgb.cal": "with rgb.cal",
            "01/frame_00003_pose.txt": "beside each its frame_00003_pose.txt",
        }.items()
    ),
]


# --- originals


def unpack_voc(folder):
    """The original as it unpacks, of two pictures."""
    voc = folder / "VOC2007"
    for name, split in {"000005": "train", "000007": "val"}.items():
        write(voc / "ImageSets" / "Main" / f"{split}.txt", f"{name}\n")
        thing = "<object><name>dog</name><difficult>0</difficult></object>"
        text = f"<annotation><filename>{name}.jpg</filename>{thing}</annotation>"
        write(voc / "Annotations" / f"{name}.xml", text)
        write(voc / "JPEGImages" / f"{name}.jpg", b"")
    return voc


def convert_voc(folder, difficult=False):
    unpack_voc(folder)
    from_voc.converted(Namespace(from_voc=folder, difficult=difficult), VOCAB)


def spoilt(unpacked, convert, name, content):
    def spoil(folder):
        place = unpacked(folder) / name
        if content is None:
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        else:
            write(place, content)
        convert(folder)

    return spoil


def voc(where, name, content=None):
    def convert(folder):
        from_voc.converted(Namespace(from_voc=folder, difficult=False), VOCAB)

    fault = spoilt(unpack_voc, convert, name, content)
    words = r"Unpack VOCtrainval\S+ and VOCtest\S+ completely into one folder"
    return Case(f"data_scripts.published.from_voc.{where}", fault, words, convert_voc)


def unpack_original(folder):
    for name in ("01", "02"):
        place = folder / "hpdb" / name
        for file in ("rgb.cal", "depth.cal", "frame_00003_pose.txt"):
            write(place / file, "")
        Image.new("RGB", (8, 8)).save(place / "frame_00003_rgb.png")
    return folder / "hpdb"


def original(where, name, content=None):
    def convert(folder):
        from_original.converted(Namespace(from_original=folder), ["01", "02"])

    def cured(folder):
        unpack_original(folder)
        convert(folder)

    fault = spoilt(unpack_original, convert, name, content)
    words = "Unpack kinect_head_pose_db.tgz completely"
    return Case(f"data_scripts.published.from_original.{where}", fault, words, cured)


LIST, XML = "ImageSets/Main/val.txt", "Annotations/000007.xml"
ORIGINALS = [
    Case(
        "data_scripts.published.from_voc.converted",
        lambda folder: from_voc.converted(Namespace(from_voc=None, difficult=True), VOCAB),
        "--difficult goes together with --from-voc FOLDER: add that",
        lambda folder: convert_voc(folder, difficult=True),
    ),
    voc("voc_folder", "ImageSets"),
    voc("convert", LIST, "000005\n"),
    voc("names_in", LIST),
    voc("names_in", LIST, "\n"),
    voc("names_in", LIST, "../000007\n"),
    voc("labels_of", XML),
    voc("labels_of", XML, "<annotation>"),
    voc("labels_of", XML, "<annotation><object><name>dgo</name></object></annotation>"),
    voc("objects_of", XML, "<html><body>Please log in.</body></html>"),
    voc("objects_of", XML, "<annotation></annotation>"),
    voc("doctype", XML, "<!DOCTYPE a []><annotation></annotation>"),
    voc("bring", "JPEGImages/000007.jpg"),
    original("recordings_in", "02"),
    original("pictures_in", "02/frame_00003_rgb.png"),
    original("copy", "02/depth.cal"),
    original("copy", "02/frame_00003_pose.txt"),
    original("_convert_frame", "02/frame_00003_rgb.png", b"cut"),
]
FOLDERS = [*DATA_SETS, *ORIGINALS]
