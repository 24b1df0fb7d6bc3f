"""Saved models: the weights as safetensors, what they are as JSON. Nothing is ever unpickled."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from data_scripts.storage import behind_link, rename, write_whole
from lessonlib.guards.teaching import teach

FORMAT = 2
READABLE = (1, 2)  # 1 held the weights' body and vocabulary only
PATIENCE = 10  # seconds to wait for another program that saves or loads


def files_of(path: str | Path) -> tuple[Path, Path]:
    """The two files of a saved model: name.safetensors and name.json."""
    path = Path(path)
    return path.with_name(path.name + ".safetensors"), path.with_name(path.name + ".json")


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait for others that save or load this model. A disk that knows no locks goes without."""
    lock = FileLock(path.with_name(path.name + ".lock"), timeout=PATIENCE, poll_interval=0.01)
    try:
        lock.acquire()
    except (OSError, NotImplementedError):  # also a folder that may only be read
        pass
    try:
        yield
    finally:
        lock.release()


def save_weights(path: str | Path, weights: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
    """Write weights and facts so that at every moment the older model stands there or the new one.

    facts: what the weights belong to, such as body and vocabulary; must fit into JSON. Layers may
    share a weight: each gets a copy. Of several processes one saves after the other. weights: of
    any shapes, on any device.
    """
    tensors, description = files_of(path)
    tensors.parent.mkdir(parents=True, exist_ok=True)
    copies = {k: v.clone(memory_format=torch.contiguous_format) for k, v in weights.items()}
    content = save(copies)
    facts = {"format": FORMAT, **facts, "sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(facts, indent=1).encode("utf-8")
    with one_at_a_time(Path(path)):
        settle(path)
        try:
            write_whole(staged(tensors), content, like=tensors)
            write_whole(description, text)  # from here on, it speaks of the new weights
        finally:
            settle(path)


def staged(tensors: Path) -> Path:
    """Where new weights wait until the description speaks of them."""
    tensors = behind_link(tensors)  # on its disk, so that a rename will do
    return tensors.with_name(tensors.name + ".new")


def settle(path: str | Path) -> None:
    """End a saving, also one that was killed: of what waits, only what is described counts."""
    tensors, description = files_of(path)
    waiting = staged(tensors)
    if not waiting.is_file():
        return
    digest = hashlib.sha256(waiting.read_bytes()).hexdigest()
    if description.is_file() and digest.encode() in description.read_bytes():
        rename(waiting, behind_link(tensors))
    else:
        waiting.unlink()


def read_saved(path: str | Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The facts and the weights that were saved.

    TeachingError when a file is missing, damaged or changed. The weights have the shapes that were
    saved, and lie on the CPU.
    """
    tensors, description = files_of(path)
    cure = cure_of(path)
    if not description.is_file():
        raise missing(tensors)
    with one_at_a_time(Path(path)):
        files = [file for file in (tensors, staged(tensors)) if file.is_file()]
        if not files or not description.is_file():
            raise missing(tensors)
        text = description.read_bytes()
        contents = {hashlib.sha256(each).hexdigest(): each for each in map(Path.read_bytes, files)}
    try:
        saved = json.loads(text)
        known = saved["format"], saved["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise refused(f"{description} is damaged ({type(error).__name__}).", cure) from error
    if known[0] not in READABLE:
        raise refused(
            f"{description} has format {known[0]!r}, this version of lessonlib reads up to "
            f"{FORMAT}.",
            cure,
        )
    content = contents.get(str(known[1]))
    if content is None:
        raise refused(f"{tensors} is truncated or was changed after it was saved.", cure)
    try:
        return saved, load(content)
    except SafetensorError as error:
        raise refused(f"{tensors} holds no weights ({error}).", cure) from error


def answers_alone(path: str | Path) -> bool:
    """Whether a model is saved there that `load_learner` reads: no recipe, no table is needed.

    Not if an older version of the course saved it, or if its network is the learner's own.
    """
    try:
        description = json.loads(files_of(path)[1].read_bytes())
        return files_of(path)[0].is_file() and description["network"] is not None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def agree(saved: dict[str, Any], facts: dict[str, Any], path: str | Path) -> None:
    """TeachingError names the first of these facts that what was saved has otherwise.

    What an older version did not save is not compared.
    """
    for name, value in json.loads(json.dumps(facts)).items():  # JSON has lists for tuples
        if name in saved and saved[name] != value:
            raise refused(
                f"The saved model has another {name}: {brief(saved[name])} instead of "
                f"{brief(value)}.",
                f"use the data, the size and the body that it was trained with; or {cure_of(path)}",
            )


def cure_of(path: str | Path) -> str:
    """What to do with a saved model that is of no use."""
    names = " and ".join(file.name for file in files_of(path))
    return f"train and save it again, or delete {names}."


def put_into(model: nn.Module, weights: dict[str, torch.Tensor], path: str | Path) -> None:
    """Give a model the weights that were read from path.

    TeachingError, and the model stays as it is, when it has other layers or other sizes. weights:
    of the shapes that the model's own have.
    """
    saved = {name: list(value.shape) for name, value in weights.items()}
    own = {name: list(value.shape) for name, value in model.state_dict().items()}
    for name in [*own, *sorted(saved)]:  # safetensors gives them in any order
        if saved.get(name) != own.get(name):
            raise refused(
                f"The saved model {path} is another network: its {name} is "
                f"{size_in_words(saved, name)}, here it is {size_in_words(own, name)}.",
                "build the network as it was when it was saved, or train this one and save it "
                "under another name.",
            )
    model.load_state_dict(weights)


def size_in_words(shapes: dict[str, list[int]], name: str) -> str:
    """A tensor's shape, or that there is none."""
    return str(shapes[name]) if name in shapes else "missing"


def missing(tensors: Path) -> Exception:
    """The error where nothing is saved."""
    return refused(f"There is no saved model {tensors.with_suffix('')}.", "train and save it.")


def refused(cause: str, cure: str) -> Exception:
    """The TeachingError about a saved model."""
    return teach(cause, cure, "05, Saving")


def brief(value: Any) -> str:
    """A fact in at most 80 letters."""
    text = json.dumps(value)
    return text if len(text) < 80 else text[:80] + "…"
