"""An original VOCdevkit becomes the csv layout, or a sentence says which file is in the way."""

import os
import random

import pandas as pd
import pytest
from fuzzing import cases, fuzz
from PIL import Image

from data_scripts import pascal
from data_scripts.pascal import main
from data_scripts.published import from_voc
from lessonlib.engine import catalog

# the files as VOC 2007 has them: tabs, a person's parts inside the object, one name a line
OBJECT = """\t<object>
\t\t<name>{name}</name>
\t\t<pose>Left</pose>
\t\t<truncated>1</truncated>
\t\t<difficult>{difficult}</difficult>
\t\t<bndbox>
\t\t\t<xmin>48</xmin>
\t\t\t<ymin>240</ymin>
\t\t\t<xmax>195</xmax>
\t\t\t<ymax>371</ymax>
\t\t</bndbox>
{part}\t</object>
"""
PART = """\t\t<part>
\t\t\t<name>head</name>
\t\t\t<bndbox>
\t\t\t\t<xmin>52</xmin>
\t\t\t\t<ymin>241</ymin>
\t\t\t\t<xmax>99</xmax>
\t\t\t\t<ymax>290</ymax>
\t\t\t</bndbox>
\t\t</part>
"""
ANNOTATION = """<annotation>
\t<folder>VOC2007</folder>
\t<filename>{fname}</filename>
\t<source>
\t\t<database>The VOC2007 Database</database>
\t\t<annotation>PASCAL VOC2007</annotation>
\t\t<image>flickr</image>
\t\t<flickrid>341012865</flickrid>
\t</source>
\t<owner>
\t\t<flickrid>Somebody</flickrid>
\t\t<name>?</name>
\t</owner>
\t<size>
\t\t<width>50</width>
\t\t<height>37</height>
\t\t<depth>3</depth>
\t</size>
\t<segmented>0</segmented>
{objects}</annotation>
"""
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<annotation>&b;</annotation>\n'
PAGE = "<html><head><title>Log in</title></head><body><p>Please log in.</p></body></html>"
DOG = "<object><name>dog</name><difficult>0</difficult></object>"
# in the order of the disk; a picture has (class, difficult) for each object
TRAIN = {"000012": [("car", 0)], "000017": [("person", 0), ("horse", 0), ("person", 0)]}
VAL = {"000005": [("chair", 0), ("tvmonitor", 1)], "000007": [("sheep", 1)]}
TEST = {"000001": [("person", 0), ("dog", 0)]}
LISTS = {"train": TRAIN, "val": VAL, "trainval": {**TRAIN, **VAL}, "test": TEST}


def annotation(name, objects):
    texts = [
        OBJECT.format(name=label, difficult=mark, part=PART if label == "person" else "")
        for label, mark in objects
    ]
    return ANNOTATION.format(fname=f"{name}.jpg", objects="".join(texts))


@pytest.fixture
def voc(tmp_path):
    home = tmp_path / "VOCdevkit" / "VOC2007"
    for folder in ("Annotations", "ImageSets/Main", "JPEGImages"):
        (home / folder).mkdir(parents=True)
    for split, pictures in LISTS.items():
        write(home / "ImageSets" / "Main" / f"{split}.txt", "".join(f"{n}\n" for n in pictures))
        for number, (name, objects) in enumerate(pictures.items()):
            write(home / "Annotations" / f"{name}.xml", annotation(name, objects))
            colour = (40 * number, len(split), 90)
            Image.new("RGB", (50, 37), colour).save(home / "JPEGImages" / f"{name}.jpg")
    return home


@pytest.fixture(autouse=True)
def data(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def write(path, text):
    path.write_bytes(text.encode())


def convert(voc, *options):
    main(["--from-voc", str(voc.parent), *options])


def refused(capsys, *arguments):
    """What the command says before it ends with an error."""
    with pytest.raises(SystemExit) as caught:
        main(list(map(str, arguments)))
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said.splitlines()[-1]


def table(path):
    return pd.read_csv(path, keep_default_na=False).values.tolist()


def test_the_csv_files_are_those_of_fastai_without_difficult_objects(voc, data, capsys):
    convert(voc)
    home = data / "pascal_2007"
    assert capsys.readouterr().out == f"{home}\n"
    assert table(home / "train.csv") == [
        ["000005.jpg", "chair", True],
        ["000007.jpg", "", True],
        ["000012.jpg", "car", False],
        ["000017.jpg", "horse person", False],
    ]
    assert (home / "train.csv").read_bytes().startswith(b"fname,labels,is_valid\n")
    assert table(home / "test.csv") == [["000001.jpg", "dog person"]]


def test_with_an_option_difficult_objects_count(voc, data):
    convert(voc, "--difficult")
    labels = [row[1] for row in table(data / "pascal_2007" / "train.csv")]
    assert labels == ["chair tvmonitor", "sheep", "car", "horse person"]


def test_pictures_are_the_originals_without_a_second_copy_on_the_disk(voc, data):
    convert(voc)
    for folder, names in (("train", [*TRAIN, *VAL]), ("test", TEST)):
        pictures = data / "pascal_2007" / folder
        assert sorted(os.listdir(pictures)) == sorted(f"{name}.jpg" for name in names)
        assert all((pictures / p.name).samefile(p) for p in map(voc_picture(voc), names))


def voc_picture(voc):
    return lambda name: voc / "JPEGImages" / f"{name}.jpg"


def test_where_a_disk_has_no_links_pictures_are_copied(voc, data, monkeypatch):
    def refuse(source, target):
        raise OSError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    convert(voc)
    copied, original = data / "pascal_2007" / "train" / "000012.jpg", voc_picture(voc)("000012")
    assert copied.read_bytes() == original.read_bytes() and not copied.samefile(original)


def test_the_catalog_then_uses_it(voc, data):
    convert(voc)
    assert catalog.pascal() == data / "pascal_2007" and catalog.source("pascal") == "real"


@pytest.mark.parametrize("given", [".", "VOCdevkit", "VOCdevkit/VOC2007"])
def test_the_folder_may_be_the_one_above_or_below(voc, data, tmp_path, given):
    main(["--from-voc", str(tmp_path / given)])
    assert len(table(data / "pascal_2007" / "train.csv")) == 4


def test_without_the_test_set_there_is_no_test_csv(voc, data):
    (voc / "ImageSets" / "Main" / "test.txt").unlink()
    convert(voc)
    assert sorted(os.listdir(data / "pascal_2007")) == ["train", "train.csv"]
    assert catalog.pascal() == data / "pascal_2007"


def test_a_real_set_that_is_there_is_never_overwritten(voc, data, capsys):
    convert(voc)
    (data / "pascal_2007" / "train" / "mine.txt").write_text("mine", encoding="utf-8")
    said = refused(capsys, "--from-voc", voc.parent)
    assert f"{data / 'pascal_2007'} is there already. Move it away" in said
    assert (data / "pascal_2007" / "train" / "mine.txt").is_file()


def test_a_twin_that_is_there_stays(voc, data):
    (data / "pascal_twin_v1").mkdir(parents=True)
    convert(voc)
    assert (data / "pascal_twin_v1").is_dir()


SPOILED = {  # the file, what stands in it (None: it is gone), and what the message says of it
    "annotation gone": ("Annotations/000017.xml", None, "is missing"),
    "picture gone": ("JPEGImages/000017.jpg", None, "is missing"),
    "list gone": ("ImageSets/Main/val.txt", None, "is missing"),
    "list empty": ("ImageSets/Main/train.txt", " \n\n", "is empty"),
    "way out": ("ImageSets/Main/train.txt", "../../secret\n", "'../../secret'"),
    "absolute": ("ImageSets/Main/test.txt", "/etc/passwd\n", "'/etc/passwd'"),
    "leak": ("ImageSets/Main/val.txt", "000005\n000012\n", "names 000012, as train.txt does"),
    "bomb": ("Annotations/000017.xml", BOMB, "DOCTYPE"),
    "cut off": ("Annotations/000017.xml", "<annotation>\n\t<obj", "no annotation of VOC"),
    "a page": ("Annotations/000017.xml", "404 not found", "no annotation of VOC"),
    "portal": ("Annotations/000017.xml", PAGE, "it is <html>"),
    "nothing": ("Annotations/000017.xml", "<annotation/>", "neither a picture nor an object"),
    "namespace": (
        "Annotations/000017.xml",
        f'<annotation xmlns="http://example.org/voc">{DOG}</annotation>',
        "it is <{http://example.org/voc}annotation>",
    ),
    "objects of a namespace": (
        "Annotations/000017.xml",
        f'<annotation xmlns:v="http://example.org/voc">{DOG}{DOG.replace("object", "v:object")}'
        "</annotation>",
        "<object> directly in it",
    ),
    "another level": (
        "Annotations/000017.xml",
        f"<annotations><annotation>{DOG}</annotation></annotations>",
        "it is <annotations>",
    ),
    "a level between": (
        "Annotations/000017.xml",
        f"<annotation><filename>x</filename><objects>{DOG}</objects></annotation>",
        "<object> directly in it",
    ),
    "class": ("Annotations/000017.xml", annotation("x", [("unicorn", 0)]), "'unicorn'"),
    "mark": ("Annotations/000017.xml", annotation("x", [("dog", "yes")]), "'yes'"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_what_is_wrong_in_a_devkit_is_one_sentence_with_file_and_cure(voc, data, capsys, what):
    file, text, cause = SPOILED[what]
    path = voc / file
    path.unlink()
    if text is not None:
        write(path, text)
    said = refused(capsys, "--from-voc", voc.parent)
    assert str(path) in said and cause in said and "Unpack VOCtrainval_06-Nov-2007.tar" in said
    assert [p.name for p in data.glob("pascal_2007*") if p.suffix != ".lock"] == []


def encoded(encoding: str, codec: str | None = None) -> bytes:
    """An annotation that names its encoding, in this codec."""
    text = annotation("000017", [("dog", 0)])
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(codec or encoding)


@pytest.mark.parametrize(
    "content",
    [encoded("utf-8", "utf-8-sig"), encoded("utf-16"), encoded("utf8"), encoded("iso-8859-1")],
)
def test_an_annotation_in_another_encoding_is_read(tmp_path, content):
    note = tmp_path / "000017.xml"
    note.write_bytes(content)
    assert from_voc.labels_of(note, pascal.VOCAB, False) == ["dog"]


UNKNOWN = [encoded("klingon", "ascii"), encoded("base64", "ascii"), encoded("gb2312")]
WRONG = [annotation("caf\xe9", [("dog", 0)]).encode("latin-1"), b"<annotation>" * 50_000]


@pytest.mark.parametrize("content", [*UNKNOWN, *WRONG])
def test_an_encoding_that_nobody_knows_is_one_sentence_with_the_file(tmp_path, content):
    note = tmp_path / "000017.xml"
    note.write_bytes(content)
    with pytest.raises(ValueError, match="is no annotation of VOC") as caught:
        from_voc.labels_of(note, pascal.VOCAB, False)
    assert str(note) in str(caught.value)


@fuzz
def test_whatever_the_bytes_are_an_annotation_gives_labels_or_one_sentence(tmp_path):
    note, whole = tmp_path / "000017.xml", encoded("utf-8")
    for seed in cases(400):
        rng, content = random.Random(seed), bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(content))
            content[place : place + rng.randrange(3)] = rng.choice(
                (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b"&", b'"', b"]]>", b"utf-16", b"8")
            )
        note.write_bytes(content)
        try:
            assert set(from_voc.labels_of(note, pascal.VOCAB, False)) <= {"dog"}
        except ValueError as error:
            assert str(note) in str(error)


def test_a_list_with_a_mark_of_windows_at_its_beginning_is_read(voc, data):
    path = voc / "ImageSets" / "Main" / "train.txt"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes("\ufeff".encode() + content.replace(b"\n", b"\r\n"))
    convert(voc)
    assert len(table(data / "pascal_2007" / "train.csv")) == 4


def test_the_file_name_inside_an_annotation_leads_nowhere(voc, data):
    objects = annotation("../../evil", [("dog", 0)])
    write(voc / "Annotations" / "000012.xml", objects)
    convert(voc)
    assert table(data / "pascal_2007" / "train.csv")[2] == ["000012.jpg", "dog", False]


def test_a_folder_without_a_devkit_is_named(data, tmp_path, capsys):
    said = refused(capsys, "--from-voc", tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in said and "Unpack VOCtrainval_06-Nov-2007.tar" in said


def test_difficult_alone_says_what_it_belongs_to(capsys):
    assert "--from-voc FOLDER" in refused(capsys, "--difficult")


def test_a_picture_of_nothing_has_no_labels(tmp_path):
    write(tmp_path / "a.xml", annotation("a", []))
    assert from_voc.labels_of(tmp_path / "a.xml", pascal.VOCAB, False) == []


@fuzz
def test_damaged_annotations_keep_their_labels_or_are_refused(tmp_path):
    chance, note = random.Random(0), tmp_path / "000012.xml"
    whole = annotation("000012", [("car", 0), ("person", 0)]).encode()
    said = set()
    for _ in cases(300):
        content = bytearray(whole)
        content[chance.randrange(len(content))] = chance.choice(b"<>/&;a\0\xff ")
        note.write_bytes(content)
        try:
            said.add(tuple(from_voc.labels_of(note, pascal.VOCAB, False)))
        except ValueError as error:
            assert str(note) in str(error) and "Unpack VOCtrainval" in str(error)
    assert said == {("car", "person")}


def test_the_labels_of_the_official_tables_come_from_the_objects_that_are_not_difficult(tmp_path):
    note = tmp_path / "000007.xml"
    write(note, annotation("000007", [("dog", 0), ("dog", 1), ("cat", 1)]))
    found = [from_voc.labels_of(note, pascal.VOCAB, difficult) for difficult in (False, True)]
    assert found == [["dog"], ["cat", "dog"]]
