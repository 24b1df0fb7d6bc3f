"""Saved models: the weights as safetensors, what they are as JSON. Nothing is ever unpickled."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save

from data_scripts.storage import write_whole
from lessonlib.teaching import teach

FORMAT = 1


def files_of(path: str | Path) -> tuple[Path, Path]:
    """The two files of a saved model: name.safetensors and name.json."""
    path = Path(path)
    return path.with_name(path.name + ".safetensors"), path.with_name(path.name + ".json")


def save_weights(path: str | Path, weights: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
    """Write weights and facts so that at every moment a whole model stands there, or none.

    facts: what the weights belong to, such as body and vocabulary; must fit into JSON.
    """
    tensors, description = files_of(path)
    tensors.parent.mkdir(parents=True, exist_ok=True)
    content = save({name: tensor.contiguous() for name, tensor in weights.items()})
    facts = {"format": FORMAT, **facts, "sha256": hashlib.sha256(content).hexdigest()}
    description.unlink(missing_ok=True)  # without it, the old weights are no model any more
    write_whole(tensors, content)
    write_whole(description, json.dumps(facts, indent=1).encode("utf-8"))


def load_weights(path: str | Path, facts: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Read the weights of a model that was saved with these facts.

    TeachingError when a file is missing, damaged or changed, or when a fact differs.
    """
    tensors, description = files_of(path)
    cure = f"train and save it again, or delete {tensors.name} and {description.name}."
    if not (tensors.is_file() and description.is_file()):
        raise refused(f"There is no saved model {tensors.with_suffix('')}.", "train and save it.")
    try:
        saved = json.loads(description.read_text(encoding="utf-8"))
        known = saved["format"], saved["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise refused(f"{description} is damaged ({type(error).__name__}).", cure) from error
    if known[0] != FORMAT:
        raise refused(
            f"{description} has format {known[0]!r}, this version of lessonlib reads {FORMAT}.",
            cure,
        )
    content = tensors.read_bytes()
    if hashlib.sha256(content).hexdigest() != known[1]:
        raise refused(f"{tensors} is truncated or was changed after it was saved.", cure)
    for name, value in json.loads(json.dumps(facts)).items():  # JSON has lists for tuples
        if saved.get(name) != value:
            raise refused(
                f"The saved model has another {name}: {brief(saved.get(name))} instead of "
                f"{brief(value)}.",
                f"use the data and the body that it was trained with; or {cure}",
            )
    return load(content)


def refused(cause: str, cure: str) -> Exception:
    return teach(cause, cure, "05, Saving")


def brief(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 80 else text[:80] + "…"
