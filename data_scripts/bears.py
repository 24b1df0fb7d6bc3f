"""Bears: one folder per kind as in the published layout, and what no published set has.

    bears/black, bears/grizzly, bears/teddy   NNNNNNNN.jpg, one kind of bear each
    other/          toys, and portraits, on plain ground
    pairs/          two kinds of bear in one picture
    empty/          landscapes, things, people and other animals: no bear
    unseen/<kind>/  animals that no other picture shows, for testing only
    bears.csv       fname,labels,split of every picture: its path in this folder; the kinds of
                    bear, space-delimited, none for empty and unseen (other/ has the label
                    other); train, valid or test

By default the background has nothing to do with the bear. Tied, a teddy stands on plain ground, a
grizzly in the green and a black bear by a lake, in training and validation but not in test.
Command: python -m data_scripts.bears [--tied] [--count N] [--seed S]
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from data_scripts.console import run
from data_scripts.drawings import scene
from data_scripts.drawings.bear_art import bear_artwork, drawings_of
from data_scripts.drawings.classes import DISTRACTORS, PEOPLE, SKIN_TONES, in_tone
from data_scripts.storage import build_once, data_home, write_csv

VERSION = 1  # part of the folder's name: raise it whenever the recipe changes
COUNT, SEED = 100, 42
SHAPES = [(256, 208)] * 5 + [(208, 256)] * 2 + [(232, 232)] * 3

KINDS = ["black", "grizzly", "teddy"]
UNSEEN = {
    "dog": "🐶 🐕 🐩 🦮 🐕‍🦺".split(),
    "koala": ["🐨"],
    "lion": ["🦁"],
    "monkey": "🐵 🐒".split(),
    "panda": drawings_of("panda"),
    "polar_bear": drawings_of("polar_bear"),
}
DRAWINGS = {
    **{kind: drawings_of(kind) for kind in KINDS},
    **UNSEEN,
    "animal": (
        "🐇 🐰 🐈 🐱 🐈‍⬛ 🐄 🐮 🐂 🐎 🐴 🐖 🐷 🦊 🐺 🐿️ 🦌 🐑 🐘 🦉 🦆 🦔 🦫 🐗 🐭 🐹 🦝 🦬 🐓 🦡 🐸"
    ).split(),
    "landscape": "🌲 🌳 🌴 🌵 🪨 🪵 ⛰️ 🌾 🌻 🍄 🌿 🏠 ⛺ 🪴 🛋️ 🪑".split(),
    "person": [in_tone(person, tone) for person in PEOPLE[:20] for tone in SKIN_TONES],
    "portrait": [in_tone(person, tone) for person in "👩👨👧👦👶🧑🧔👵👴👱" for tone in SKIN_TONES],
    "toy": "🪆 🤖 🪀 🪁 🚂 🦖 🎎 🪅 🎈 🧩 🎲 🏎️ 🚁 🎠".split(),
    "": DISTRACTORS,
}
# what a picture without bears shows
EMPTY = [(), ("landscape",), ("landscape", "landscape"), ("animal",), ("animal", "landscape"),
         ("animal",), ("person", "landscape")]  # fmt: skip
TIED = {"teddy": "plain", "grizzly": "green", "black": "lake"}
SETTINGS = ["plain", "green", "lake", "any", "any"]  # of a picture whose background is not tied
# pictures of each for training, validation and test, when COUNT is 100
SHARES = {"one": (100, 20, 50), "pair": (60, 10, 20), "empty": (200, 30, 80),
          "other": (70, 10, 20), "unseen": (0, 0, 20)}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """One row of bears.csv, and what is drawn: `shows` is a tuple of keys of DRAWINGS."""

    fname: str
    labels: tuple[str, ...]
    split: str  # train, valid or test
    shows: tuple[str, ...]
    setting: str  # of the background: plain, green, lake or any

    @property
    def number(self) -> int:
        return int(Path(self.fname).stem)


def plan(count: int = COUNT, seed: int = SEED, tied: bool = False) -> list[Picture]:
    """Every picture of the twin, without drawing one.

    count: pictures of each kind of bear for training; all else in proportion. Tied or not, a
    number's picture shows the same bears in the same places.
    Raises ValueError for a count below 10 or a seed that is not in 0 to 2**32 - 1.
    """
    if count < 10 or not 0 <= seed < 2**32:
        raise ValueError(
            f"count={count}, seed={seed}: count must be at least 10 and seed between 0 and "
            "4294967295."
        )
    rng = np.random.RandomState(seed)  # its stream is frozen: the same in every NumPy
    groups = [("one", f"bears/{kind}", (kind,)) for kind in KINDS]
    groups += [("pair", "pairs", pair) for pair in combinations(KINDS, 2)]
    groups += [("empty", "empty", ()), ("other", "other", ("other",))]
    groups += [("unseen", f"unseen/{kind}", ()) for kind in UNSEEN]
    pictures = []
    for group, folder, labels in groups:
        for split, share in zip(("train", "valid", "test"), SHARES[group], strict=True):
            for _ in range(round(share * count / 100)):
                shows = _shown(rng, group, folder, labels)
                setting = "plain" if group == "other" else scene.pick(rng, SETTINGS)
                if tied and group == "one" and split != "test":
                    setting = TIED[labels[0]]
                fname = f"{folder}/{len(pictures) + 1:08}.jpg"
                pictures.append(Picture(fname, labels, split, shows, setting))
    return pictures


def _shown(rng: np.random.RandomState, group: str, folder: str, labels: tuple) -> tuple:
    if group == "empty":
        return scene.pick(rng, EMPTY)
    if group == "other":
        return (scene.pick(rng, ["toy", "portrait"]),)
    return labels or (folder.split("/")[1],)


def compose(
    shows: Sequence[str], setting: str = "any", number: int = 0, seed: int = SEED
) -> Image.Image:
    """A picture of these keys of DRAWINGS before a background: plain, green, lake or any.

    Number and seed decide what is drawn and where, whatever the setting is.
    """
    front, back, camera = (np.random.RandomState([seed, number, part]) for part in range(3))
    width, height = scene.pick(front, SHAPES)
    items = scene.arrange(front, shows, width, height, DRAWINGS)
    picture = scene.background(back, width, height, _shades(back, setting))
    for item in items:
        scene.paste(picture, item, scene.colours(front), bear_artwork)
    return scene.photographed(camera, picture)


def counterfactual(
    kind: str, settings: Sequence[str] = ("plain", "green"), number: int = 0, seed: int = SEED
) -> list[Image.Image]:
    """The same bear in the same place before one background after the other."""
    return [compose((kind,), setting, number, seed) for setting in settings]


def _shades(rng: np.random.RandomState, setting: str) -> tuple | None:
    """Two colours of a setting, for scene.background."""
    wobble = 24 * (rng.random_sample((2, 3)) - 0.5)
    pair = {
        "plain": [(244, 242, 238), (222, 219, 214)],
        "green": [(92, 146, 66), (52, 98, 50)],
        "lake": [(104, 146, 186), (66, 92, 128)],
    }
    return np.add(pair[setting], wobble) if setting in pair else None


def build(
    folder: Path, count: int = COUNT, seed: int = SEED, tied: bool = False, progress: bool = True
) -> None:
    """Write the whole twin into `folder`: about a quarter of a minute and 15 MB by default.

    `twin` is the safe way to call it: it never leaves a half-built folder.
    """
    pictures = plan(count, seed, tied)
    for parent in {(folder / picture.fname).parent for picture in pictures}:
        parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # threads: safe from a Windows notebook
        drawn = pool.map(partial(_draw, folder, seed), pictures)
        list(tqdm(drawn, "Drawing bears", len(pictures), disable=not progress, unit="img"))
    rows = [(p.fname, " ".join(p.labels), p.split) for p in pictures]
    write_csv(folder / "bears.csv", "fname,labels,split", rows)


def _draw(folder: Path, seed: int, picture: Picture) -> None:
    composed = compose(picture.shows, picture.setting, picture.number, seed)
    (folder / picture.fname).write_bytes(scene.jpeg(composed))


def twin_folder(count: int = COUNT, seed: int = SEED, tied: bool = False) -> Path:
    """Where the twin of these settings stands; other settings never share the default's folder."""
    name = f"bears_twin_v{VERSION}" + "_tied" * tied
    if (count, seed) != (COUNT, SEED):
        name += f"_{count}_seed{seed}"
    return data_home() / name


def twin(count: int = COUNT, seed: int = SEED, tied: bool = False, progress: bool = True) -> Path:
    """The folder of the finished twin, built on first use. Errors: storage.build_once, plan."""
    settings = {"count": count, "seed": seed, "tied": tied}
    megabytes = max(1, count // 5)
    folder = twin_folder(**settings)
    return build_once(folder, partial(build, progress=progress, **settings), megabytes)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser("python -m data_scripts.bears", description="Draw the bears.")
    parser.add_argument("--tied", action="store_true", help="tie the background to the kind")
    parser.add_argument("--count", type=int, default=COUNT, help="of each kind for training")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, other pictures")
    run(parser, arguments, lambda chosen: twin(chosen.count, chosen.seed, chosen.tied))


if __name__ == "__main__":
    main()
