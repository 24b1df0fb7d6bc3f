"""Saved models: whole or refused, whoever saves them, whatever became of their files."""

import errno
import hashlib
import json
import os
import random
import threading
from functools import partial
from itertools import pairwise, starmap

import filelock
import pytest
import torch
from fuzzing import cases, fuzz
from safetensors.torch import load_file
from torch import nn

from lessonlib.engine import saving
from lessonlib.engine.saving import agree, files_of, put_into, read_saved, save_weights
from lessonlib.guards.teaching import TeachingError

FACTS = {"body": "tiny", "vocab": ["cat", "dog"]}


def network(width=16, layers=3):
    sizes = [4, 8, width, 2]
    return nn.Sequential(*starmap(nn.Linear, list(pairwise(sizes))[:layers]))


def saved(folder, model):
    save_weights(folder / "m", model.state_dict(), FACTS)
    return folder / "m"


def load_weights(path, facts):
    """The weights that were saved with these facts."""
    saved, weights = read_saved(path)
    agree(saved, facts, path)
    return weights


def bring(path, model):
    """What Learner.load does."""
    put_into(model, load_weights(path, FACTS), path)


def same(weights, others):
    return all(torch.equal(value, others[name]) for name, value in weights.items())


def copy_of(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("other", [network(32), network(layers=2)], ids=["wider", "shorter"])
def test_weights_of_another_network_leave_the_model_as_it_was(tmp_path, other):
    for old, new in ((network(), other), (other, network())):
        path, before = saved(tmp_path, old), copy_of(new)
        with pytest.raises(TeachingError, match="another network: its [12].(weight|bias) is"):
            bring(path, new)
        assert same(new.state_dict(), before)


def test_the_same_network_takes_all_weights(tmp_path):
    old, new = network(), network()
    bring(saved(tmp_path, old), new)
    assert same(new.state_dict(), old.state_dict())


def test_layers_that_share_a_weight_are_saved_and_share_it_again(tmp_path):
    def tied():
        model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        model[1].weight = model[0].weight
        return model

    old, new = tied(), tied()
    bring(saved(tmp_path, old), new)
    assert same(new.state_dict(), old.state_dict()) and new[1].weight is new[0].weight


def test_weights_of_any_memory_order_are_saved(tmp_path):
    weights = {"w": torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)}
    save_weights(tmp_path / "m", weights, FACTS)
    assert same(load_weights(tmp_path / "m", FACTS), weights)


def with_right_hash(path, content):
    """Put other bytes in the place of the weights, as if they had been saved so."""
    tensors, description = files_of(path)
    tensors.write_bytes(content)
    facts = json.loads(description.read_text(encoding="utf-8"))
    facts["sha256"] = hashlib.sha256(content).hexdigest()
    description.write_text(json.dumps(facts), encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"<html>"])
def test_what_holds_no_weights_is_refused_though_its_hash_is_right(tmp_path, content):
    path = saved(tmp_path, network())
    with_right_hash(path, content)
    with pytest.raises(TeachingError, match="m.safetensors holds no weights"):
        bring(path, network())


def mutated(content, numbers):
    """Some bytes changed, cut out or put in."""
    changed = bytearray(content)
    for _ in range(numbers.randint(1, 4)):
        at = numbers.randrange(len(changed) + 1)
        new = bytes(numbers.choices(b'{}[]",:0179aZ\x00\xff\\', k=numbers.randint(0, 3)))
        changed[at : at + numbers.randint(0, 3)] = new
    return bytes(changed)


@fuzz
@pytest.mark.parametrize("which", [0, 1], ids=["weights", "description"])
def test_a_mutated_file_is_refused_in_words_or_gives_the_whole_model(tmp_path, which):
    old, numbers = network(), random.Random(which)
    path = saved(tmp_path, old)
    kept = [file.read_bytes() for file in files_of(path)]
    for _ in cases(100):
        for file, content in zip(files_of(path), kept, strict=True):
            file.write_bytes(content)
        new = network()
        before = copy_of(new)
        changed = mutated(kept[which], numbers)
        if which == 0 and numbers.random() < 0.7:
            with_right_hash(path, changed)
        else:
            files_of(path)[which].write_bytes(changed)
        try:
            bring(path, new)
        except TeachingError:
            assert same(new.state_dict(), before)


def test_a_description_nested_without_end_is_refused(tmp_path):
    path = saved(tmp_path, network())
    files_of(path)[1].write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(TeachingError, match="m.json is damaged"):
        bring(path, network())


class Killed(BaseException):
    """Nothing is done any more, whatever stands in an except or a finally."""


def ends_at(step, how, monkeypatch):
    """Let the saving end as it is about to touch the disk the step-th time."""
    touched = []

    def touch(real, *given, **like):
        touched.append(given)
        if len(touched) == step or (isinstance(how, Killed) and len(touched) > step):
            raise how
        return real(*given, **like)

    for name in ("write_whole", "rename", "settle"):
        monkeypatch.setattr(saving, name, partial(touch, getattr(saving, name)))


@pytest.mark.parametrize("how", [OSError(errno.ENOSPC, "No space left on device"), Killed()])
@pytest.mark.parametrize("step, left", [(1, "old"), (2, "old"), (3, "old"), (4, "new"), (5, "new")])
def test_a_saving_that_ends_early_leaves_the_old_model_or_the_new_one(
    tmp_path, monkeypatch, step, left, how
):
    models = {"old": network(), "new": network(), "newest": network()}
    path = saved(tmp_path, models["old"])
    with monkeypatch.context() as patch:
        ends_at(step, how, patch)
        with pytest.raises(type(how)):
            saved(tmp_path, models["new"])
    for name in (left, "newest"):
        found = network()
        bring(path, found)
        assert same(found.state_dict(), models[name].state_dict())
        saved(tmp_path, models["newest"])
    assert {file.name for file in tmp_path.iterdir()} - {"m.lock"} == {"m.json", "m.safetensors"}


@pytest.mark.parametrize("step", [2, 3, 4, 5])
def test_a_first_saving_that_is_killed_leaves_no_model_or_a_whole_one(tmp_path, monkeypatch, step):
    new, found = network(), network()
    with monkeypatch.context() as patch:
        ends_at(step, Killed(), patch)
        with pytest.raises(Killed):
            saved(tmp_path, new)
    if step < 4:
        with pytest.raises(TeachingError, match="no saved model"):
            bring(tmp_path / "m", found)
        saved(tmp_path, new)
    bring(tmp_path / "m", found)
    assert same(found.state_dict(), new.state_dict())


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights, and links need one")
def test_a_linked_and_private_model_stays_both(tmp_path):
    path = saved(tmp_path, network())
    (tmp_path / "away").mkdir()
    for file in files_of(path):
        file.chmod(0o600)
        file.rename(tmp_path / "away" / file.name)
        file.symlink_to(tmp_path / "away" / file.name)
    new, found = network(), network()
    bring(saved(tmp_path, new), found)
    assert same(found.state_dict(), new.state_dict())
    assert all(file.is_symlink() and file.stat().st_mode & 0o77 == 0 for file in files_of(path))


# Several at once


def test_of_two_that_save_at_once_one_whole_model_is_left(tmp_path, monkeypatch):
    real, at_half, go_on = saving.write_whole, threading.Event(), threading.Event()

    def write(file, content, **like):
        if threading.current_thread().name == "slow" and file.suffix == ".json":
            at_half.set()
            go_on.wait(5)
        real(file, content, **like)

    def save(value):
        save_weights(tmp_path / "m", {"w": torch.full((100,), value)}, FACTS)

    monkeypatch.setattr(saving, "write_whole", write)
    slow = threading.Thread(target=save, args=(1.0,), name="slow")
    quick = threading.Thread(target=save, args=(2.0,))
    slow.start()
    assert at_half.wait(5)
    quick.start()
    quick.join(0.3)
    assert quick.is_alive()  # it waits until the other has written both files
    go_on.set()
    slow.join()
    quick.join()
    assert load_weights(tmp_path / "m", FACTS)["w"].unique().tolist() == [2.0]


def test_who_loads_while_another_saves_waits_for_the_whole_model(tmp_path, monkeypatch):
    path, new = saved(tmp_path, network()), network()
    real = saving.write_whole

    def write(file, content, **like):
        if file.suffix == ".json":
            loads.start()
            loads.join(0.3)
        real(file, content, **like)

    found = []
    loads = threading.Thread(target=lambda: found.append(load_weights(path, FACTS)))
    monkeypatch.setattr(saving, "write_whole", write)
    saved(tmp_path, new)
    loads.join()
    assert same(new.state_dict(), found[0])


@pytest.mark.parametrize("refusal", [PermissionError(13, "read-only"), NotImplementedError()])
def test_a_disk_without_locks_is_saved_on_and_loaded_from(tmp_path, monkeypatch, refusal):
    def refuse(*_, **__):
        raise refusal

    monkeypatch.setattr(filelock.FileLock, "_acquire", refuse)
    old, new = network(), network()
    bring(saved(tmp_path, old), new)
    assert same(new.state_dict(), old.state_dict())


def test_asking_for_a_model_that_is_not_there_leaves_nothing_behind(tmp_path):
    with pytest.raises(TeachingError, match="no saved model"):
        load_weights(tmp_path / "deep" / "m", FACTS)
    assert list(tmp_path.iterdir()) == []


def test_both_files_of_a_model_lie_side_by_side(tmp_path):
    path = saved(tmp_path, network())
    assert set(load_file(tmp_path / "m.safetensors")) == set(network().state_dict())
    assert json.loads(files_of(path)[1].read_text(encoding="utf-8"))["vocab"] == ["cat", "dog"]
