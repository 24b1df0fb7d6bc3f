"""Train once: what is saved is loaded, what is missing is trained and saved."""

import errno
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from lessonlib.course.folders import model_path
from lessonlib.engine.catalog import pascal
from lessonlib.engine.learner import Learner
from lessonlib.engine.saving import files_of
from lessonlib.guards.tables import read_table
from lessonlib.guards.teaching import TeachingError
from lessonlib.recipes import pascal_learner, trained


class Trainee:
    """A learner of one weight that counts how often it trains."""

    def __init__(self):
        self.model, self.runs = nn.Linear(1, 1), []

    def fine_tune(self, *arguments):
        self.runs.append(arguments)

    thresh = 0.5
    save, load = Learner.save, Learner.load

    def facts(self):
        return {"body": "tiny", "vocab": ("cat", "dog"), "size": None}  # JSON has lists for tuples


def test_a_missing_model_is_trained_and_saved_and_the_next_one_loads_it(tmp_path):
    first, second = Trainee(), Trainee()
    path = tmp_path / "models" / "lesson05"
    assert trained(first, path) is first and len(first.runs) == 1
    assert trained(second, path) is second and second.runs == []
    assert torch.equal(first.model.weight, second.model.weight)


@pytest.mark.parametrize("missing", [0, 1])
def test_half_a_saved_model_is_trained_anew(tmp_path, missing):
    trained(Trainee(), tmp_path / "m")
    files_of(tmp_path / "m")[missing].unlink()
    learn = trained(Trainee(), tmp_path / "m")
    assert len(learn.runs) == 1 and all(file.is_file() for file in files_of(tmp_path / "m"))


def test_a_damaged_model_is_refused_and_not_overwritten(tmp_path):
    trained(Trainee(), tmp_path / "m")
    weights = files_of(tmp_path / "m")[0]
    weights.write_bytes(b"something else")
    with pytest.raises(TeachingError, match="changed after it was saved"):
        trained(Trainee(), tmp_path / "m")
    assert weights.read_bytes() == b"something else"


def test_what_was_trained_is_kept_and_said_when_the_disk_refuses_it(monkeypatch, tmp_path):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    learn, path = Trainee(), tmp_path / "models" / "m"
    with monkeypatch.context() as broken:
        broken.setattr("lessonlib.engine.saving.write_whole", full)
        with pytest.warns(UserWarning, match=r"m \(No space left on device\).*learn\.save\(path\)"):
            assert trained(learn, path) is learn
    learn.save(path)
    assert trained(Trainee(), path).runs == [] and len(learn.runs) == 1


def test_a_folder_that_cannot_be_made_costs_no_training(tmp_path):
    (tmp_path / "models").write_text("a file where the folder should be", encoding="utf-8")
    learn = Trainee()
    with pytest.warns(UserWarning, match="could not be saved"):
        assert trained(learn, tmp_path / "models" / "m") is learn


def test_an_error_of_the_training_itself_is_not_taken_for_one_of_saving(tmp_path):
    learn = Trainee()
    learn.fine_tune = lambda *_: open(tmp_path / "missing.jpg")
    with pytest.raises(FileNotFoundError):
        trained(learn, tmp_path / "m")


def test_models_of_different_pictures_have_different_files(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_HOME", str(tmp_path))
    paths = {model_path("lesson05", Path("data") / name) for name in ("pascal_2007", "twin")}
    assert len(paths) == 2
    assert all(path.parent == tmp_path / "models" for path in paths)


HEAD = "fname,labels,is_valid\n"
OWN = {
    "as it should be": (HEAD + "1.png,cat,False\n2.png,dog,False\n3.png,cat dog,True\n", ""),
    "a mark of Windows": (
        "\ufeff" + HEAD + "1.png,cat,False\n2.png,cat,False\n3.png,cat,True\n",
        "",
    ),
    "no label": (HEAD + "1.png,cat,False\n2.png,,False\n3.png,NA cat,False\n1.png,NA,True\n", ""),
    "commas at the end": (HEAD + "1.png,cat,False,\n2.png,cat,False,\n3.png,cat,True,\n", "commas"),
    "number classes": (
        HEAD + "1.png,007,False\n2.png,010,False\n3.png,007,True\n",
        "by words",
    ),
    "numbers for names": (HEAD + "01,cat,False\n02,cat,False\n03,cat,True\n", "lose their zeros"),
    "words for yes and no": (HEAD + "1.png,cat,no\n2.png,cat,no\n3.png,cat,yes\n", "True or False"),
}


@pytest.mark.parametrize("kind", OWN)
def test_a_table_of_ones_own_is_read_as_read_table_reads_it_or_refused(tmp_path, kind):
    text, words = OWN[kind]
    (tmp_path / "train").mkdir()
    for name in ("1.png", "2.png", "3.png", "01", "02", "03"):
        Image.new("RGB", (8, 8)).save(tmp_path / "train" / name, "PNG")
    path = tmp_path / "train.csv"
    path.write_text(text, encoding="utf-8")
    if words:
        with pytest.raises(ValueError, match=rf"train.csv.*{words}.*read_table"):
            pascal_learner(tmp_path)
    else:
        assert pascal_learner(tmp_path).dls.dsets.items.equals(read_table(path))


def test_the_pascal_learner_is_the_recipe_of_lesson_05():
    learn = pascal_learner(pascal())
    assert len(learn.dls.vocab) == 20 and learn.body_name == "lite0" and learn.model.frozen
    assert learn.dls.train.batches.batch_size == 64
    targets = learn.dls.train_targets()
    assert torch.allclose(learn.model.head[3].bias.sigmoid().cpu(), targets.mean(dim=0), atol=1e-3)


def test_a_small_folder_of_ones_own_gets_several_batches_an_epoch(tmp_path):
    df = pd.read_csv(pascal() / "train.csv", keep_default_na=False).head(40)
    (tmp_path / "train").mkdir()
    for fname in df["fname"]:
        shutil.copy(pascal() / "train" / fname, tmp_path / "train")
    df["labels"] = "person"
    df.to_csv(tmp_path / "train.csv", index=False)
    assert len(pascal_learner(tmp_path).dls.train) >= 5
