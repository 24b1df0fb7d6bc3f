"""An original VOCdevkit becomes the csv layout of `data_scripts.pascal`: --from-voc FOLDER.

FOLDER holds VOC2007 as the archives VOCtrainval_06-Nov-2007.tar and VOCtest_06-Nov-2007.tar unpack
it: Annotations/*.xml, ImageSets/Main/train.txt and val.txt (with the test set, test.txt too) and
JPEGImages. `is_valid` is the official val split. The pictures are hard links to the originals
where the disk allows it, else copies.

Labels are the distinct classes of a picture's objects in alphabetical order: those of the first
rows that fastai's csv shows ("horse person") are in that order, and so are the twin's. Objects
marked difficult do not count unless --difficult says so: the official counts (3,688 labels in the
2,501 training pictures) and the official scores leave them out.
"""

import argparse
import os
import re
import shutil
from collections.abc import Collection
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from tqdm.auto import tqdm

from data_scripts.layouts import REAL
from data_scripts.storage import install, write_csv

MEGABYTES = 900  # where the pictures have to be copied
UNPACK = "Unpack VOCtrainval_06-Nov-2007.tar and VOCtest_06-Nov-2007.tar completely into one folder"


def add_options(parser: argparse.ArgumentParser, which: argparse._MutuallyExclusiveGroup) -> None:
    which.add_argument(
        "--from-voc", type=Path, metavar="FOLDER", help="convert an original VOCdevkit instead"
    )
    parser.add_argument(
        "--difficult", action="store_true", help="with --from-voc: count difficult objects too"
    )


def converted(chosen: argparse.Namespace, vocab: Collection[str]) -> Path | None:
    """The real set, converted as the options say and then in use; None without --from-voc.

    Raises OSError or ValueError naming the file, the cause and the cure; nothing half-done stays.
    """
    if chosen.from_voc is None:
        if chosen.difficult:
            raise ValueError("--difficult goes together with --from-voc FOLDER: add that.")
        return None
    build = partial(convert, voc_folder(chosen.from_voc.expanduser()), vocab, chosen.difficult)
    return install(REAL["pascal"], build, MEGABYTES)


def voc_folder(folder: Path) -> Path:
    """The folder VOC2007: in the one that is given, in its VOCdevkit, or that one itself."""
    for voc in (folder / "VOC2007", folder / "VOCdevkit" / "VOC2007", folder):
        if (voc / "ImageSets" / "Main").is_dir():
            return voc
    raise FileNotFoundError(
        f"{folder / 'VOC2007' / 'ImageSets' / 'Main'} is no folder. {UNPACK}, and name that one."
    )


def convert(voc: Path, vocab: Collection[str], difficult: bool, folder: Path) -> None:
    """Write train.csv, train/ and, if the test set is there, test.csv and test/ into `folder`."""
    train, valid = names_in(voc, "train"), names_in(voc, "val")
    if both := sorted(set(train) & set(valid)):
        raise ValueError(f"{_list_of(voc, 'val')} names {both[0]}, as train.txt does. {UNPACK}.")
    labels = _pictures(voc, sorted(train + valid), vocab, difficult, folder / "train")
    held_out = set(valid)
    rows = [(f"{name}.jpg", found, name in held_out) for name, found in labels.items()]
    write_csv(folder / "train.csv", "fname,labels,is_valid", rows)
    if _list_of(voc, "test").exists():
        test = _pictures(voc, sorted(names_in(voc, "test")), vocab, difficult, folder / "test")
        rows = [(f"{name}.jpg", found) for name, found in test.items()]
        write_csv(folder / "test.csv", "fname,labels", rows)


def _list_of(voc: Path, split: str) -> Path:
    return voc / "ImageSets" / "Main" / f"{split}.txt"


def names_in(voc: Path, split: str) -> list[str]:
    """The names, such as 000005, in a list of ImageSets/Main."""
    path = _list_of(voc, split)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {UNPACK}.")
    lines = path.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise ValueError(f"{path} is empty. {UNPACK}.")
    for name in names:
        if not re.fullmatch(r"\w+", name):  # no dots and slashes: it becomes a part of a path
            raise ValueError(f"{path} names {name!r}, but a name is like 000005. {UNPACK}.")
    return list(dict.fromkeys(names))


def _pictures(
    voc: Path, names: list[str], vocab: Collection[str], difficult: bool, folder: Path
) -> dict[str, str]:
    """Bring the named pictures into a new folder. Returns the labels of each, with spaces."""
    folder.mkdir()
    labels = {}
    for name in tqdm(names, f"Converting {folder.name}", unit="img"):
        found = labels_of(voc / "Annotations" / f"{name}.xml", vocab, difficult)
        labels[name] = " ".join(found)
        bring(voc / "JPEGImages" / f"{name}.jpg", folder)
    return labels


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses a DOCTYPE: VOC's files have none, and its entities may grow to fill the memory."""

    def doctype(self, name, pubid, system):
        raise ValueError("it has a DOCTYPE")


def labels_of(path: Path, vocab: Collection[str], difficult: bool) -> list[str]:
    """The distinct classes of the objects in an annotation, in alphabetical order."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {UNPACK}.")
    try:
        parser = ElementTree.XMLParser(target=_NoDoctype())
        objects = objects_of(ElementTree.parse(path, parser).getroot())
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # its encoding is unknown
        raise ValueError(f"{path} is no annotation of VOC ({error}). {UNPACK}.") from error
    labels = set()
    for thing in objects:
        name, mark = thing.findtext("name", "").strip(), thing.findtext("difficult", "0").strip()
        if name not in vocab or mark not in ("0", "1"):
            raise ValueError(
                f"{path} has an object of class {name!r} with difficult {mark!r}, but VOC 2007 has "
                f"the classes {', '.join(sorted(vocab))} and 0 or 1. {UNPACK}."
            )
        if difficult or mark == "0":
            labels.add(name)
    return sorted(labels)


def objects_of(root: ElementTree.Element) -> list[ElementTree.Element]:
    """The objects of an annotation. ValueError when some are elsewhere, or it is something else.

    What is merely overlooked would become a picture without labels.
    """
    objects = root.findall("object")
    named = [part for part in root.iter() if part.tag.rpartition("}")[2].lower() == "object"]
    if root.tag != "annotation" or len(objects) < len(named):
        raise ValueError(f"it is <{root.tag}>, and not <annotation> with <object> directly in it")
    if not objects and root.find("filename") is None:
        raise ValueError("it names neither a picture nor an object")
    return objects


def bring(picture: Path, folder: Path) -> None:
    """Hard-link a picture into a folder, or copy it where that is not possible."""
    if not picture.is_file():
        raise FileNotFoundError(f"{picture} is missing. {UNPACK}.")
    try:
        os.link(picture.resolve(), folder / picture.name)
    except OSError:  # another disk, or one without links; an error of the disk comes back here
        shutil.copyfile(picture, folder / picture.name)
