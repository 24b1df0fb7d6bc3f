"""Do the lessons run on data sets of the real ones' size and layout, without an edit?

Lays out, in a folder of its own, `pascal_2007` (5,011 rows and 4,952 for testing, labels in the
published proportions, 500 x 375 pixels) and `biwi_head_pose` (15,678 frames in 24 recordings, files
with Windows' line ends, .obj files beside). The pictures are a few hundred of the twins' under
published names, as hard links, so no score means anything here. Then it runs lessons on them.
It prints what failed, each claim that came out False, and the minutes. With --quick an epoch ends
after three batches and lr_find after six: what fails then does so sooner, but minutes and claims
mean nothing. Command:
python benchmarks/real_layout.py FOLDER [--quick] [LESSON ...]     (00 to 07 without LESSON)
"""

import argparse
import os
import random
import sys
import time
from itertools import cycle
from pathlib import Path

import nbformat
import pandas as pd
from nbclient import NotebookClient
from PIL import Image

from data_scripts import biwi, pascal
from data_scripts.storage import write_csv

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
SPLITS = {"train": (2501, 3688), "valid": (2510, 3618), "test": (4952, 7143)}  # pictures, labels
THREE = 0.05  # share of pictures with three labels; none is without, as in the official lists
FRAMES = 15_678
LESSONS = ["00", "01", "02", "03", "04", "05", "06", "07"]
CELL_TIMEOUT = 1800  # seconds
QUICK = """
from itertools import islice
import lessonlib.engine.learner
from lessonlib.engine.learner import Learner
def batches(self, loader, whole=Learner.batches):
    return islice(whole(self, loader), 3 if loader is self.dls.train else None)
def lr_find(self, steps=6, whole=lessonlib.engine.learner.lr_find):
    return whole(self, 1e-7, 10.0, steps)
Learner.batches, Learner.lr_find = batches, lr_find
"""


def lay_out_pascal(folder: Path, twin: Path, distinct: int = 400) -> None:
    """Write the published layout of PASCAL 2007 into `folder`, with pictures of the twin."""
    for name in ("train", "test", "segmentation"):
        (folder / name).mkdir(parents=True)
    Image.new("P", (50, 37)).save(folder / "segmentation" / "000032.png")
    for name in ("train.json", "valid.json", "test.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    pictures = _enlarged(twin, folder.parent / "pictures", distinct)
    numbers = list(range(1, sum(count for count, _ in SPLITS.values()) + 1))
    random.Random(0).shuffle(numbers)
    rows = {"train": [], "test": []}
    for split, (count, labels) in SPLITS.items():
        place = "test" if split == "test" else "train"
        for wanted in _label_counts(count, labels):
            source, text = next(pictures[wanted])
            fname = f"{numbers.pop():06}.jpg"
            os.link(source, folder / place / fname)
            rows[place].append((fname, text, split == "valid"))
    write_csv(folder / "train.csv", "fname,labels,is_valid", sorted(rows["train"]))
    write_csv(folder / "test.csv", "fname,labels", sorted(row[:2] for row in rows["test"]))


def _enlarged(twin: Path, folder: Path, distinct: int) -> dict[int, cycle]:
    """Endless (picture, labels) by number of labels: some of the twin's, of a photograph's size."""
    folder.mkdir()
    df = pd.read_csv(twin / "train.csv", keep_default_na=False)
    found = {1: [], 2: [], 3: []}
    for row in df.itertuples():
        count = len(row.labels.split())
        if count in found and len(found[count]) < distinct // 3:
            with Image.open(twin / "train" / row.fname) as picture:
                wide = picture.width >= picture.height
                picture.resize((500, 375) if wide else (375, 500)).save(folder / row.fname)
            found[count].append((folder / row.fname, row.labels))
    return {count: cycle(pictures) for count, pictures in found.items()}


def _label_counts(pictures: int, labels: int) -> list[int]:
    """How many labels each picture has, so that they sum to `labels`, in a random order."""
    three = round(THREE * pictures)
    two = labels - pictures - 2 * three
    counts = [3] * three + [2] * two + [1] * (pictures - two - three)
    random.Random(pictures).shuffle(counts)
    return counts


def lay_out_biwi(folder: Path, twin: Path, frames: int = FRAMES) -> None:
    """Write the published layout of BIWI into `folder`, with frames of the twin."""
    weights = {name: 400 + int(name) * 217 % 500 for name in biwi.PEOPLE}
    taken = given = 0
    for name, weight in weights.items():
        taken += weight
        count = round(frames * taken / sum(weights.values())) - given
        given += count
        (folder / name).mkdir(parents=True)
        (folder / f"{name}.obj").write_text("v 0 0 0\n", encoding="utf-8")
        for file in ("rgb.cal", "depth.cal"):
            _with_windows_ends(twin / name / file, folder / name / file)
        _record(twin / name, folder / name, count)
    for file in ("readme.txt", "depth.cpp"):
        (folder / file).write_text("BIWI\n", encoding="utf-8")


def _record(source: Path, folder: Path, count: int) -> None:
    """`count` frames, those of the twin's recording over and over, numbered with gaps."""
    pictures = sorted(source.glob("*_rgb.jpg"))
    for k in range(count):
        picture, stem = pictures[k % len(pictures)], f"frame_{3 + k + k // 7:05}"
        os.link(picture, folder / f"{stem}_rgb.jpg")
        pose = picture.name.replace("rgb.jpg", "pose.txt")
        _with_windows_ends(source / pose, folder / f"{stem}_pose.txt")


def _with_windows_ends(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))


def lay_out(home: Path) -> None:
    """Both real sets, and the twins as they are, in a data folder that is not there yet."""
    twins = pascal.twin(), biwi.twin()
    home.mkdir(parents=True)
    for source in twins:
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            target = home / file.relative_to(source.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)
    lay_out_pascal(home / "pascal_2007", twins[0])
    lay_out_biwi(home / "biwi_head_pose", twins[1])


def run(lesson: str, quick: bool) -> None:
    """Run a lesson to its end, whatever fails on the way, and print what came out."""
    sys.path.insert(0, str(NOTEBOOKS))
    from build import QUIET, find_sources, read_source

    (source,) = find_sources([lesson])
    notebook = read_source(source)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        allow_errors=True,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        extra_arguments=[QUIET],
        coalesce_streams=True,
    )
    if quick:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(QUICK, id="quick"))
    with client.setup_kernel():
        for position, cell in enumerate(notebook.cells):
            begin = time.perf_counter()
            client.execute_cell(cell, position)
            report(cell, time.perf_counter() - begin)


def report(cell: dict, seconds: float) -> None:
    """Print a cell's id when it took long, and its errors and the claims that do not hold."""
    if seconds > 10:
        print(f"  {cell.id}: {seconds:.0f} s", flush=True)
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            print(f"  {cell.id} FAILED: {output.ename}: {output.evalue}", flush=True)
        for line in output.get("text", "").splitlines():
            if line.endswith("False"):
                print(f"  {cell.id} says: {line}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to lay out; used as it is if it is there")
    parser.add_argument("lessons", nargs="*", default=LESSONS)
    parser.add_argument("--quick", action="store_true", help="three batches an epoch")
    options = parser.parse_intermixed_args()
    home = options.folder.resolve() / "data"
    if not home.exists():
        lay_out(home)
    os.environ["LESSONLIB_DATA"], os.environ["LESSONLIB_HOME"] = (
        str(home),
        str(home.parent / "home"),
    )
    for lesson in options.lessons:
        begin = time.perf_counter()
        print(f"lesson {lesson}", flush=True)
        run(lesson, options.quick)
        print(f"  {(time.perf_counter() - begin) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
