"""The Learner on tiny pictures: training, looking, keeping, and what it refuses."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.transforms.functional import pil_to_tensor

from lessonlib.block import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    MultiCategoryBlock,
    RegressionBlock,
)
from lessonlib.engine import results, training_time
from lessonlib.engine.learner import Learner, spread
from lessonlib.engine.lr_finder import endless, smooth, suggest
from lessonlib.engine.training_time import seconds_per_batch
from lessonlib.engine.transforms import Normalize, Resize, aug_transforms
from lessonlib.engine.vision import add_normalize, vision_learner
from lessonlib.getters import ColReader, ColSplitter
from lessonlib.guards.teaching import TeachingError
from lessonlib.losses import binary_cross_entropy
from lessonlib.metrics import accuracy, accuracy_multi
from lessonlib.models import VisionModel, create_head

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 30), "red green": (210, 200, 40)}


@pytest.fixture(scope="module")
def df(tmp_path_factory):
    """40 plain pictures whose colours are their labels; ten for validation."""
    folder = tmp_path_factory.mktemp("colours")
    rng, rows = np.random.default_rng(0), []
    for k in range(40):
        labels = list(COLOURS)[k % 3] if k % 8 else ""
        colour = np.array(COLOURS.get(labels, (40, 40, 200)))
        pixels = np.clip(colour + rng.normal(0, 12, (16, 16, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{k}.png")
        rows.append((str(folder / f"{k}.png"), labels, k % 4 == 3, float(k % 3)))
    return pd.DataFrame(rows, columns=["fname", "labels", "is_valid", "number"])


NORMALIZE = Normalize([0.4] * 3, [0.3] * 3)


def loaders(df, target=MultiCategoryBlock, get_y=None, batch_size=8, tfms=(NORMALIZE,)):
    block = DataBlock(
        (ImageBlock, target),
        get_x=ColReader("fname"),
        get_y=get_y or ColReader("labels", label_delim=" "),
        splitter=ColSplitter(),
        item_tfms=Resize(12),
        batch_tfms=list(tfms),
    )
    return block.dataloaders(df, batch_size=batch_size, seed=0)


def small_model(n_out):
    torch.manual_seed(0)
    body = nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()),
                         nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU()))  # fmt: skip
    return VisionModel(body, create_head(8, n_out))


@pytest.fixture
def learn(df):
    return Learner(loaders(df), small_model(2), metrics=partial(accuracy_multi, thresh=0.5))


# Training


def test_training_finds_the_colours_and_keeps_its_history(learn):
    torch.manual_seed(0)
    learn.fit_one_cycle(8, 2e-2)
    assert [list(epoch) for epoch in learn.history] == [
        ["train_loss", "valid_loss", "accuracy_multi"]
    ] * 8
    assert len(learn.losses) == len(learn.lrs) == 8 * len(learn.dls.train)
    assert learn.history[-1]["valid_loss"] < 0.5 * learn.history[0]["train_loss"]
    assert learn.history[-1]["accuracy_multi"] > 0.9
    assert not learn.model.training


def test_one_cycle_takes_the_learning_rates_of_torchs_schedule(learn):
    learn.fit_one_cycle(3, 1e-2)
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1e-2, total_steps=len(learn.lrs), pct_start=0.25
    )
    expected = []
    for _ in learn.lrs:
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert learn.lrs == pytest.approx(expected)


@pytest.mark.parametrize("batches", [1, 2, 3, 4])
def test_one_cycle_works_with_a_handful_of_steps(df, batches):
    dls = loaders(df, batch_size=30 // batches)
    learn = Learner(dls, small_model(2))
    learn.fit_one_cycle(1, 1e-3)
    assert len(learn.lrs) == len(dls.train) == batches
    assert max(learn.lrs) >= 0.7e-3, "it hardly moves"


def test_fine_tune_first_trains_the_head_alone_then_everything(learn):
    start = {name: value.clone() for name, value in learn.model.state_dict().items()}
    seen = []
    real = learn.train_epoch
    learn.train_epoch = lambda *args: seen.append(learn.model.frozen) or real(*args)
    learn.freeze()
    learn.fit_one_cycle(1, 1e-2)
    after = learn.model.state_dict()
    assert all(torch.equal(after[n], v) for n, v in start.items() if n.startswith("body"))
    assert not torch.equal(after["head.3.weight"], start["head.3.weight"])
    learn.fine_tune(2, 1e-2, freeze_epochs=1)
    assert seen == [True, True, False, False]
    assert not torch.equal(learn.model.state_dict()["body.0.0.weight"], start["body.0.0.weight"])


@pytest.mark.parametrize("frozen", [True, False])
def test_timing_a_batch_leaves_everything_as_it_was(df, frozen):
    seconds, answers = [], []
    for timed in (False, True):
        learn = Learner(loaders(df), small_model(2))
        torch.manual_seed(0)
        if timed:
            seconds.append(seconds_per_batch(learn, frozen))
        learn.fit(1)
        answers.append((learn.losses, learn.history))
    assert answers[0] == answers[1]
    assert 0 < seconds[0] < 60 and not learn.model.frozen


def test_a_learner_that_is_made_from_something_else_is_timed_too(df):
    class Small(Learner):
        def __init__(self, df):
            super().__init__(loaders(df), small_model(2))

    learn = Small(df)
    weights = {name: value.clone() for name, value in learn.model.state_dict().items()}
    assert seconds_per_batch(learn, frozen=False) > 0
    assert all(torch.equal(weights[name], now) for name, now in learn.model.state_dict().items())


def test_fine_tune_first_says_how_long_both_stages_take(learn, monkeypatch, capsys):
    monkeypatch.setattr(
        training_time, "seconds_per_batch", lambda learn, frozen: 1.0 if frozen else 4.0
    )
    learn.fine_tune(2, 1e-2)
    assert (len(learn.dls.train), len(learn.dls.valid)) == (3, 2)
    assert f"About {3 + 2 + 2 * (3 * 4 + 2)} s in all" in capsys.readouterr().out


def test_the_rates_of_the_three_groups_while_fine_tuning(df, monkeypatch):
    learn = Learner(loaders(df, batch_size=2), small_model(2))
    seen, real = [], learn.step

    def step(inputs, targets, optimizer, where):
        groups = optimizer.param_groups
        seen.append([(group["lr"], group["betas"][0]) for group in groups])
        return real(inputs, targets, optimizer, where)

    monkeypatch.setattr(learn, "step", step)
    monkeypatch.setattr("lessonlib.engine.learner.say_how_long", lambda *_: None)
    learn.fine_tune(2, 1e-2)
    steps = len(learn.dls.train)
    frozen, thawed = seen[:steps], seen[steps:]
    assert all(len(groups) == 1 for groups in frozen) and len(thawed) == 2 * steps
    assert max(rate for ((rate, _),) in frozen) == pytest.approx(1e-2, rel=0.02)
    early, late, head = zip(*thawed, strict=True)
    for (low, _), (middle, _), (high, _) in zip(early, late, head, strict=True):
        assert (middle / low, high / middle) == pytest.approx((10**0.5, 10**0.5))
    assert max(head)[0] == pytest.approx(1e-2, rel=0.2) and head[0][0] == pytest.approx(1e-2 / 5)
    momenta = [momentum for _, momentum in head]
    assert momenta[0] == 0.95 and min(momenta) == pytest.approx(0.85, abs=0.02)


def test_learning_rates_spread_from_the_early_layers_to_the_head():
    assert spread(0.1, 3) == [0.1] * 3
    assert spread(slice(0.1), 3) == pytest.approx([0.01, 0.01, 0.1])
    assert spread(slice(1e-4, 1e-2), 3) == pytest.approx([1e-4, 1e-3, 1e-2])


def test_epoch_numbers_come_from_all_items_at_once(learn):
    numbers = learn.validate()
    preds, targets = learn.raw_preds()
    assert len(preds) == 10  # 8 and 2: an average of batch averages would weigh them alike
    assert numbers["valid_loss"] == pytest.approx(learn.loss_func(preds, targets).item())
    assert numbers["accuracy_multi"] == pytest.approx(accuracy_multi(preds, targets).item())


def test_two_looks_are_the_mean_probability_of_a_picture_and_its_mirror_image(learn):
    preds, targets = learn.tta()
    inputs = torch.cat([inputs for (inputs,), _ in learn.batches(learn.dls.valid)])
    with torch.no_grad():
        looks = [learn.model(x).sigmoid() for x in (inputs, inputs[:, :, :, range(11, -1, -1)])]
    torch.testing.assert_close(preds, (looks[0] + looks[1]) / 2)
    assert torch.equal(targets, learn.get_preds()[1])


def test_an_interrupt_leaves_a_learner_that_can_go_on(learn, monkeypatch):
    learn.fit(1, 1e-3)
    real, calls = learn.step, []

    def stop_at_third(*args):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(learn, "step", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        learn.fit(2, 1e-3)
    monkeypatch.undo()
    assert not learn.model.training and len(learn.history) == 1
    learn.fit(1, 1e-3)
    assert len(learn.history) == 2 and len(learn.get_preds()[0]) == 10


def test_a_loss_that_is_no_number_stops_with_epoch_and_batch(learn):
    with torch.no_grad():
        learn.model.head[-1].weight.fill_(float("nan"))
    with pytest.raises(TeachingError, match=r"epoch 1, batch 1(.|\n)*learning rate"):
        learn.fit(1, 1e-3)


# Looking


def test_predictions_are_probabilities_in_the_order_of_validation(learn, df):
    probs, targets = learn.get_preds()
    preds, _ = learn.raw_preds()
    torch.testing.assert_close(probs, preds.sigmoid())
    expected = df["labels"][df["is_valid"]].str.get_dummies(" ")[learn.dls.vocab]
    assert targets.tolist() == expected.to_numpy().tolist()


def test_predict_gives_what_validation_gives_for_the_same_picture(learn, df):
    probs, _ = learn.get_preds()
    valid = df[df["is_valid"]]
    for position in range(3):
        prediction = learn.predict(valid["fname"].iloc[position])
        torch.testing.assert_close(prediction.probs, probs[position])
        named = dict(zip(learn.dls.vocab, prediction.probs > 0.5, strict=True))
        assert prediction.labels == [name for name, said in named.items() if said]


def test_category_and_regression_targets_train_and_predict(df):
    category = Learner(
        loaders(df, CategoryBlock, lambda row: row["labels"] or "blue"),
        small_model(4),
        None,
        accuracy,
    )
    category.fit_one_cycle(2, 1e-2)
    prediction = category.predict(df["fname"][0])
    assert prediction.labels in category.dls.vocab
    assert prediction.probs.sum().item() == pytest.approx(1, abs=1e-5)
    number = Learner(loaders(df, RegressionBlock, lambda row: [row["number"]]), small_model(1))
    number.fit(1, 1e-3)
    assert number.predict(df["fname"][0]).labels.shape == (1,)


def test_top_losses_are_the_largest_and_say_where(learn):
    values, positions = learn.top_losses(4)
    preds, targets = learn.raw_preds()
    each = nn.functional.binary_cross_entropy_with_logits(preds, targets, reduction="none").mean(1)
    torch.testing.assert_close(values, each.sort(descending=True).values[:4])
    torch.testing.assert_close(each[positions], values)


def test_results_show_target_and_prediction_with_a_mark(learn, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        results, "show_images", lambda images, titles, **_: drawn.append((images, titles))
    )
    learn.show_results(max_n=4)
    ((images, titles),) = drawn
    assert len(images) == len(titles) == 4
    for position, title in enumerate(titles):
        target, answer = title.split("\n")
        assert (answer[2:] == target) == (answer[0] == "✓")
        assert target == (" ".join(learn.dls.dsets.decode_part(
            learn.dls.dsets.valid[position][1], 1)) or "(no label)")  # fmt: skip
    learn.show_top_losses(2)
    assert len(drawn[1][0]) == 2


@pytest.mark.parametrize("train", [True, False])
def test_results_of_either_split_are_shown_as_in_validation(df, train, monkeypatch):
    drawn = []
    monkeypatch.setattr(results, "show_images", lambda images, titles, **_: drawn.extend(images))
    learn = Learner(loaders(df, tfms=aug_transforms(12)), small_model(2))
    learn.show_results(max_n=3, train=train)
    shown = df[df["is_valid"] != train]["fname"][:3]
    expected = [learn.dls.valid.item_tfms[0](Image.open(name)) for name in shown]
    assert [pil_to_tensor(image).tolist() for image in expected] == [x.tolist() for x in drawn]


@pytest.mark.parametrize("with_labels", [True, False])
def test_predictions_for_new_items_are_those_of_their_pictures(learn, df, with_labels):
    new = df[df["is_valid"]].iloc[[3, 0, 5]]
    dl = learn.dls.test_dl(new, with_labels)
    probs, targets = learn.get_preds(dl)
    torch.testing.assert_close(probs, learn.get_preds()[0][[3, 0, 5]])
    assert len(dl) == 1 and (targets is None) is not with_labels
    if with_labels:
        assert torch.equal(targets, learn.get_preds()[1][[3, 0, 5]])
    assert len(learn.dls.test_dl(pd.concat([df, df]))) == 10


def test_a_test_loader_keeps_the_normalisation_of_the_body(df):
    learn = vision_learner(loaders(df, tfms=()))
    (x,) = learn.dls.test_dl(df[:2]).one_batch()
    torch.testing.assert_close(x, learn.dls.valid.picture_batch(df["fname"][:2]))
    assert x.min() < -0.5


# Learning rate finder


def test_lr_find_leaves_no_trace(learn):
    import matplotlib.pyplot as plt

    before = {name: value.clone() for name, value in learn.model.state_dict().items()}
    state = torch.get_rng_state()
    order = learn.dls.train.batches.sampler.generator.get_state()
    found = learn.lr_find(steps=30)
    plt.close("all")
    assert all(torch.equal(value, before[n]) for n, value in learn.model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(learn.dls.train.batches.sampler.generator.get_state(), order)
    assert 1e-7 <= found.valley <= 10 and 1e-7 <= found.steep <= 10
    assert learn.losses == learn.history == []


def test_the_suggestions_are_half_way_down_and_the_steepest_step():
    lrs = [10.0**k for k in range(-6, 1)]
    curve = [1.0, 1.1, 1.0, 0.9, 0.6, 0.5, 3.0]
    found = suggest(lrs, curve)
    assert found.valley == lrs[3] and found.steep == lrs[3]


@pytest.mark.parametrize("flat", [1, 10, 100])
def test_a_long_noisy_start_leaves_the_valley_where_it_is_and_can_fool_steep(flat):
    fall = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.45, 2.0]
    curve = [1.0, 0.8] + [1.0] * flat + fall
    found = suggest(range(len(curve)), curve)
    assert found.valley == 2 + flat + fall.index(0.8)
    assert found.steep == 0


def test_a_curve_that_only_rises_gives_its_first_rate():
    assert suggest([1e-3, 1e-2], [0.5, 2.0]).valley == 1e-3


def test_smoothing_starts_without_a_bias():
    assert smooth([2.0, 2.0, 2.0]) == pytest.approx([2.0] * 3)
    assert smooth([1.0, 3.0], beta=0.5) == pytest.approx([1.0, (0.25 + 1.5) / 0.75])


# vision_learner


def test_vision_learner_fits_the_data_and_adds_normalize_once(df):
    block = DataBlock((ImageBlock, MultiCategoryBlock), get_x=ColReader("fname"),
                      get_y=ColReader("labels", label_delim=" "), splitter=ColSplitter(),
                      item_tfms=Resize(32))  # fmt: skip
    learn = vision_learner(block.dataloaders(df, batch_size=8))
    kinds = [type(tfm).__name__ for tfm in learn.dls.valid.batch_tfms[0]]
    assert kinds == ["function", "Normalize"]
    assert learn.model.frozen and learn.get_preds()[0].shape == (10, 2)
    base = learn.dls.train_targets().mean(0)
    torch.testing.assert_close(learn.model.head[-1].bias.cpu().sigmoid(), base, atol=0.03, rtol=0)
    already = vision_learner(loaders(df))
    assert sum(isinstance(t, Normalize) for t in already.dls.train.batch_tfms[0]) == 1


def test_each_body_has_its_own_normalize_and_the_loaders_stay_as_they_are(df):
    dls = loaders(df, tfms=())
    before = [list(tfms) for tfms in dls.train.batch_tfms]
    first, second = (add_normalize(dls, Normalize([mean] * 3, [0.5] * 3)) for mean in (0.5, 0.25))
    assert [list(tfms) for tfms in dls.train.batch_tfms] == before
    pictures = [one.valid.one_batch()[0] for one in (dls, first, second)]
    torch.testing.assert_close(pictures[1], (pictures[0] - 0.5) / 0.5)
    torch.testing.assert_close(pictures[2], (pictures[0] - 0.25) / 0.5)


# What activations mean


def two(preds, targets):
    """A loss of one's own."""
    return nn.functional.binary_cross_entropy_with_logits(preds, targets) / 2


def one_of(preds, targets):
    """The same for exactly one label."""
    return nn.functional.cross_entropy(preds, targets) / 2


SIGMOIDS = [
    nn.BCEWithLogitsLoss(),
    nn.MultiLabelSoftMarginLoss(),
    nn.functional.binary_cross_entropy_with_logits,
    partial(binary_cross_entropy),
    partial(nn.functional.binary_cross_entropy_with_logits, pos_weight=torch.tensor(2.0)),
    two,
]


@pytest.mark.parametrize("loss_func", SIGMOIDS, ids=lambda loss: type(loss).__name__)
def test_of_any_loss_for_several_labels_predictions_are_probabilities(df, loss_func):
    learn = Learner(loaders(df), small_model(2), loss_func)
    raw, _ = learn.raw_preds()
    assert torch.equal(learn.get_preds()[0], raw.sigmoid())
    said = learn.predict(df["fname"][0], thresh=0.0)
    assert set(said.labels) == {"green", "red"} and 0 < said.probs.min() < said.probs.max() < 1


@pytest.mark.parametrize("loss_func", [nn.CrossEntropyLoss(label_smoothing=0.1), None, one_of])
def test_of_any_loss_for_one_label_probabilities_add_up_to_one(df, loss_func):
    named = df[df["labels"] != ""]
    learn = Learner(loaders(named, CategoryBlock, ColReader("labels")), small_model(3), loss_func)
    probs, _ = learn.get_preds()
    torch.testing.assert_close(probs.sum(dim=1), torch.ones(len(probs)))
    assert isinstance(learn.predict(df["fname"][0]).labels, str)


@pytest.mark.parametrize("loss_func", [nn.MSELoss(), nn.functional.l1_loss, nn.HuberLoss()])
def test_a_loss_for_values_leaves_activations_as_they_are(df, loss_func):
    learn = Learner(loaders(df), small_model(2), loss_func)
    assert torch.equal(learn.get_preds()[0], learn.raw_preds()[0])


def test_several_targets_train_by_a_loss_of_ones_own(df):
    block = DataBlock(
        (ImageBlock, MultiCategoryBlock, RegressionBlock),
        get_x=ColReader("fname"),
        get_y=[ColReader("labels", label_delim=" "), ColReader("number")],
        splitter=ColSplitter(),
        item_tfms=Resize(12),
        n_inp=1,
    )

    def both(preds, labels, number):
        return binary_cross_entropy(preds[:, :2], labels) + (preds[:, 2] - number).pow(2).mean()

    learn = Learner(block.dataloaders(df, batch_size=8, seed=0), small_model(3), both)
    inputs, targets = next(endless(learn))
    before = learn.step(inputs, targets, learn.optimizer(1e-2), "a step")
    for _ in range(20):
        after = learn.step(inputs, targets, learn.optimizer(1e-2), "a step")
    assert after < before


# Keeping


def test_a_saved_model_predicts_the_same(learn, df, tmp_path):
    learn.fit(1, 1e-3)
    learn.save(tmp_path / "deep" / "colours")
    fresh = Learner(loaders(df), small_model(2))
    assert not torch.equal(fresh.get_preds()[0], learn.get_preds()[0])
    fresh.load(tmp_path / "deep" / "colours")
    torch.testing.assert_close(fresh.get_preds()[0], learn.get_preds()[0])
    facts = json.loads((tmp_path / "deep" / "colours.json").read_text(encoding="utf-8"))
    assert facts["vocab"] == ["green", "red"] and facts["body"] == "VisionModel"
    assert set(load_file(tmp_path / "deep" / "colours.safetensors")) == set(
        learn.model.state_dict()
    )


def change_json(**changes):
    def change(folder):
        path = folder / "m.json"
        facts = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(facts | changes), encoding="utf-8")

    return change


def truncate(folder):
    path = folder / "m.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def tamper(folder):
    tensors = load_file(folder / "m.safetensors")
    save_file({name: value + 1 for name, value in tensors.items()}, folder / "m.safetensors")


def break_json(folder):
    (folder / "m.json").write_text("{", encoding="utf-8")


def remove(folder):
    (folder / "m.safetensors").unlink()


@pytest.mark.parametrize(
    "damage, words",
    [
        (truncate, "truncated or was changed"),
        (tamper, "truncated or was changed"),
        (break_json, "m.json is damaged"),
        (remove, "There is no saved model"),
        (change_json(format=99), "has format 99"),
        (change_json(body="resnet18"), 'another body: "resnet18"'),
        (change_json(vocab=["cat"]), r'another vocab: \["cat"\] instead of \["green", "red"\]'),
    ],
)
def test_a_model_that_is_damaged_or_does_not_fit_is_refused(learn, tmp_path, damage, words):
    learn.save(tmp_path / "m")
    damage(tmp_path)
    before = learn.model.state_dict()["head.3.bias"].clone()
    with pytest.raises(TeachingError, match=words) as caught:
        learn.load(tmp_path / "m")
    assert "\nCure: " in str(caught.value)
    assert torch.equal(learn.model.state_dict()["head.3.bias"], before)


# Bad input


def test_a_corrupt_picture_in_the_middle_of_an_epoch_is_named(df, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    frame = df.copy()
    frame.loc[5, "fname"] = str(broken)
    learn = Learner(loaders(frame), small_model(2))
    with pytest.raises(ValueError, match="broken.png cannot be read"):
        learn.fit(1, 1e-3)
    assert not learn.model.training


def test_a_label_that_training_never_saw_is_named(df):
    frame = df.copy()
    frame.loc[3, "labels"] = "purple"
    with pytest.raises(TeachingError, match="'purple' is not in the vocabulary"):
        loaders(frame)


def test_a_batch_larger_than_the_data_and_an_empty_split_are_named(df):
    with pytest.raises(TeachingError, match="batch size is 64"):
        loaders(df, batch_size=64)
    with pytest.raises(TeachingError, match="validation split is empty"):
        loaders(df.assign(is_valid=False))
