# %% [markdown]
# # 05 · Fine-tuning: a real classifier in minutes
#
# > **Time:** 60 minutes, of which your computer trains for two or three; the *extra* exercise
# > takes 4 more.
# >
# > **You need:** lessons 03 (`DataBlock`) and 04 (the loss and its landmarks).
# >
# > **By the end you can**
# > - **take** a pretrained body, give it a new head, and count what there is to learn;
# > - **freeze** layers, and say exactly what learns and what does not;
# > - **write** a training loop, a one-cycle schedule, and one learning rate per group of layers;
# > - **read** every number that training shows, and tell a good one from a flattering one;
# > - **save** a model so that it can be loaded without risk.

# %%
from lessonlib.course import start

start("05")

# %%
import copy
import json
import pickle
import tempfile
import time
from itertools import islice, pairwise
from math import cos, log, log10, pi
from pathlib import Path
from textwrap import shorten

import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn

from lessonlib import binary_cross_entropy, pascal, plot_bars, plot_curves, show_images
from lessonlib.course import check, guess, hint, quiz, reveal, solution

# %% [markdown]
# ## A network that guesses
#
# We begin at the end: one function from a folder to a **learner**, which holds all that training
# needs. The recipe for the pictures is lesson 03. The last line is what this lesson takes apart.

# %%
from lessonlib import (
    ColReader, ColSplitter, DataBlock, ImageBlock, Learner, MultiCategoryBlock, Resize,
    accuracy_multi, aug_transforms, baselines, in_proportion, mean_average_precision,
    tell_part, vision_learner,
)  # fmt: skip


# %% tags=["export"]
def pascal_learner(folder, most=2000):
    df = pd.read_csv(folder / "train.csv", keep_default_na=False)
    df = df.iloc[in_proportion(df["is_valid"], most)]
    dblock = DataBlock(
        blocks=(ImageBlock, MultiCategoryBlock),
        get_x=ColReader("fname", pref=folder / "train"),
        get_y=ColReader("labels", label_delim=" "),
        splitter=ColSplitter(),
        item_tfms=Resize(144, "squish"),
        batch_tfms=aug_transforms(128, min_scale=0.6, max_lighting=0.1),
    )
    dls = dblock.dataloaders(df, batch_size=min(64, max(2, len(df) // 10 + 1)), seed=0)
    return vision_learner(dls, metrics=[accuracy_multi, mean_average_precision])


# %% [markdown]
# Batches have 64 pictures; a small folder of your own gets smaller ones, so that an epoch still has
# several steps. The twin is used whole; of a larger set `in_proportion` takes 2,000 pictures, and then
# the next cell says how long all of them would take. The numbers are gentler than in lesson 03: *squish*
# keeps what lies at a picture's edges, and a crop of at least 0.6 loses fewer objects.

# %%
folder = pascal()
learn = pascal_learner(folder)
dls = learn.dls
print("to train:", len(dls.train.dataset), " to validate:", len(dls.valid.dataset))
print("classes:", len(dls.vocab), " batches in one epoch:", len(dls.train))
tell_part(learn, total=len(pd.read_csv(folder / "train.csv")), epochs=4, recipe="pascal_learner")
learn.show_results(6)

# %% [markdown]
# Six validation pictures. The first line above each is the truth; the second, with ✓ or ✗, is what
# the learner says. It has not been trained yet, and it shows: it says nothing, or *person*, the most
# frequent class, whatever is in the picture.
#
# **Mean average precision** (mAP) asks a question that silence cannot answer: when all pictures are
# sorted by the probability of *horse*, do those with a horse come first? 1 is perfect. Whoever
# guesses gets about the share of horses. The mean is over the classes; lesson 06 builds it.

# %%
untrained = learn.validate()
weights = sum(weight.numel() for weight in learn.model.parameters())
pictures = len(dls.train.dataset)
print("mean average precision below 0.15:", untrained["mean_average_precision"] < 0.15)
print(f"{weights:,} weights to learn, from {pictures:,} pictures: ", end="")
print(f"{weights // pictures:,} weights per picture")

# %% [markdown]
# More than two thousand numbers for every picture. To start from random weights usually takes far more
# pictures and time. But somebody has done that already, with the part of **ImageNet** that is meant here:
# 1.28 million photographs of 1,000 kinds of things. What a network learns there (edges, textures, wheels,
# eyes) is useful for many other pictures. So we borrow it.

# %% [markdown]
# ## A borrowed body
#
# Take a network that was trained on ImageNet, and cut off its last layer, which names 1,000 kinds.
# What is left is the **body**. (People say "a pretrained data set"; it is the *model* that is pretrained.)
# Ours is `lite0`, which came with the installation; `resnet18` and `resnet50` need an internet connection,
# once. Each body expects colours shifted as in its training: `vision_learner` added the shift of `lite0`.

# %%
from lessonlib import SigmoidRange, param_groups, pretrained

body = pretrained("lite0").eval()
x, y = dls.one_batch()
with torch.no_grad():
    features = body(x)
print("pictures:", list(x.shape))
print("features:", list(features.shape))

# %% [markdown]
# Each picture became 1,280 **channels** on a grid of 4 × 4 places. A channel is a detector for
# something; nobody told it for what. We look for channels whose brightest place stands out from the
# next one, and take the clearest channel for each of three places:

# %%
grids = features[0].flatten(start_dim=1)  # [1280, 16]
brightest, next_one = grids.topk(2).values.T
clear = brightest - next_one
clearest_at = {}  # from the brightest place to a channel
for channel in clear.argsort(descending=True).tolist():
    clearest_at.setdefault(grids[channel].argmax().item(), channel)
chosen = list(clearest_at.values())[:3]
picture = dls.train.decode(x[:1], 0)[0].clamp(0, 1)
show_images(
    [picture, *(features[0, channel].numpy() for channel in chosen)],
    ["one picture", *(f"channel {channel}" for channel in chosen)],
)

# %% [markdown]
# Left the picture, then three grids of 4 × 4: three channels that are bright at different places.
# Bright means "here is what I look for".
#
# To say *yes* or *no* we need one number per channel, not sixteen. Which one, the largest or the mean?

# %%
one_spot = torch.tensor([[[[0.0, 0.0], [0.0, 4.0]]]])
all_over = torch.tensor([[[[1.0, 1.0], [1.0, 1.0]]]])
for name, grid in {"one spot": one_spot, "all over": all_over}.items():
    print(f"{name}: largest {grid.amax().item()}, mean {grid.mean().item()}")

# %% [markdown]
# The mean cannot tell a small clear thing from a faint one everywhere; the largest can. But the
# largest cannot tell one sheep from a herd. So take both. That is **pooling** (here max and average, side by side).


# %% tags=["export"]
class ConcatPool(nn.Module):
    def forward(self, features):
        return torch.cat([features.amax(dim=(2, 3)), features.mean(dim=(2, 3))], dim=1)


# %%
pooled = ConcatPool()(features)
largest, mean = F.adaptive_max_pool2d(features, 1), F.adaptive_avg_pool2d(features, 1)
by_torch = torch.cat([largest, mean], dim=1).flatten(start_dim=1)
print("pooled:", list(pooled.shape))
print("scratch == torch:", torch.allclose(pooled, by_torch, atol=1e-5))

# %% [markdown]
# ## A new head
#
# The **head** turns 2,560 pooled numbers into 20 activations. It has a batch norm (each input is
# brought to mean 0 and spread 1), a **dropout** (in training a random quarter of the inputs is set to 0, so
# that none becomes indispensable), and one linear layer. In training a batch norm takes mean and spread
# from the batch, and remembers running ones; in eval mode it uses the remembered ones. (fastai's head has
# two linear layers; one is enough here.) `y_range` is for lesson 07.


# %% tags=["export"]
def create_head(channels, n_out, bias=None, y_range=None):
    linear = nn.Linear(2 * channels, n_out)
    nn.init.zeros_(linear.bias)
    if bias is not None:
        linear.bias.data = torch.as_tensor(bias, dtype=torch.float32).clone()
    layers = [ConcatPool(), nn.BatchNorm1d(2 * channels), nn.Dropout(0.25), linear]
    return nn.Sequential(*layers, *([SigmoidRange(*y_range)] if y_range else []))


# %%
guess(
    "05.borrowed",
    "Of 100 weights in body and head, how many are borrowed?",
    low=0,
    high=100,
    within=3,
)


# %%
def count(parts):
    return sum(weight.numel() for part in parts for weight in part.parameters())


head = create_head(1280, 20)
print(f"body, early layers: {count([body[0]]):>9,}")
print(f"body, late layers:  {count([body[1]]):>9,}")
print(f"head:               {count([head]):>9,}")
print("head by hand:", f"{2 * 2560 + 2560 * 20 + 20:,} =", "batch norm + linear + its bias")

# %%
reveal("05.borrowed", 100 * count([body]) / count([body, head]), within=3)

# %% [markdown]
# In this network 98 of 100 weights are borrowed. Only the head knows nothing.
#
# Why the argument `bias`? Remember the landmarks of lesson 04. A network whose logits are near 0 pays
# $\ln 2 = 0.69$ for each cell, and spends its first steps on learning that most classes are rare. We
# can tell it. The logits of the **base rates** are known before the first picture is opened:


# %% tags=["export"]
def base_rate_bias(targets):
    rate = (targets.sum(dim=0) + 0.5) / (len(targets) + 1)
    return torch.log(rate / (1 - rate))


# %%
three_pictures = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
bias = base_rate_bias(three_pictures)
print("logits:     ", [round(number, 3) for number in bias.tolist()])
print("as shares:  ", [round(number, 3) for number in bias.sigmoid().tolist()])

# %% [markdown]
# Two of three are there, and the share is 0.625 (2.5 of 4). None of three gives 0.125 (0.5 of 4)
# and not 0, whose logit would be minus infinity. The half keeps the numbers finite.
#
# Now the first loss of two heads, on the same batch:

# %%
bias = base_rate_bias(dls.train_targets())
landmark = binary_cross_entropy(bias.expand_as(y), y).item()
torch.manual_seed(0)
plain, knowing = create_head(1280, 20), create_head(1280, 20, bias)
with torch.no_grad():
    first = {"plain": plain(features), "base rates": knowing(features)}
losses = {name: binary_cross_entropy(logits, y).item() for name, logits in first.items()}
print("plain head, no better than ln 2 − 0.03: ", losses["plain"] > log(2) - 0.03)
print("base rates, within 0.05 of the landmark:", abs(losses["base rates"] - landmark) < 0.05)
plot_bars(
    losses,
    title="The first loss of two untrained heads",
    ylabel="loss",
    lines={"ln 2": log(2), "base rates, without a network": landmark},
)

# %% [markdown]
# The left bar stands at $\ln 2$ (a little above: its weights are random, not 0). The right bar starts
# at the lower line. Both heads know nothing about pictures.

# %% [markdown]
# ### Exercise 05.1 · Predict: how many weights? · ★☆☆ · 5 min
#
# The body of `resnet18` gives 512 channels. You want a head for 4 kinds of bears. How many parameters
# does `create_head(512, 4)` have? A batch norm has two parameters for each of its inputs.
#
# Example: `create_head(1280, 20)` has 56,340.

# %% tags=["exercise"]
answer = None  # replace None by your number

# %%
check("05.parameters", answer)
# hint("05.parameters")       # remove the first # for a hint
# solution("05.parameters")

# %% [markdown]
# ## Frozen: what learns, and what does not
#
# At first the head's weights are random, and so are the corrections that it sends back. They would
# damage the body. So the body is **frozen** until the head is of some use. Frozen means three things here:
#
# 1. no weight of the body changes;
# 2. torch keeps no **graph** of the body, the notes from which it would compute gradients;
# 3. the body's batch norms stay in eval mode, with the means and spreads of ImageNet.
#
# In the code, 1 and 2 are `set_grad_enabled(… and not self.frozen)` in `forward`; 3 is `train`, which
# every training loop calls before it begins: it leaves the body in eval mode.


# %% tags=["export"]
class VisionModel(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body, self.head, self.frozen = body, head, False

    def forward(self, x):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        super().train(mode)
        self.body.train(mode and not self.frozen)
        return self


# %%
model = VisionModel(body, create_head(1280, 20, bias))
model.frozen = True
model.train()
mean_before = body[0][1].running_mean.clone()  # the first batch norm
binary_cross_entropy(model(x), y).backward()

print("head got gradients:  ", all(w.grad is not None for w in model.head.parameters()))
print("body got gradients:  ", any(w.grad is not None for w in model.body.parameters()))
print("its batch norm moved:", not torch.equal(mean_before, body[0][1].running_mean))

# %% [markdown]
# **fastai does it differently:** there the batch norms of a frozen body keep training. The weights
# stand still, but each batch moves the statistics (and the two parameters of each norm):

# %%
other = copy.deepcopy(model.body).train()
with torch.no_grad():
    other(x)
print("in training mode it moves:", not torch.equal(mean_before, other[0][1].running_mean))

# %% [markdown]
# Neither is wrong. Ours is cheaper: no graph, no way back through the body. How much cheaper, on your computer?


# %%
def seconds(frozen):
    """The time of one training step, without the optimizer."""
    trial = copy.deepcopy(model)
    trial.frozen = frozen
    trial.train()
    for _ in range(2):  # only the second run counts: the first one still sets things up
        begin = time.perf_counter()
        binary_cross_entropy(trial(x), y).backward()
    return time.perf_counter() - begin


plot_bars(
    {"frozen body": seconds(True), "all layers": seconds(False)},
    title="One batch of 64 pictures: predict and compute gradients",
    ylabel="seconds",
)

# %% [markdown]
# Two bars: the frozen step takes a fraction of the other. On two cores without a graphics card
# that decides what you can study in an evening. So do the small body and the small pictures, 128 × 128.

# %% [markdown]
# ## A training loop by hand
#
# Four lines, over and over. The loss is what they lower. Accuracy cannot be used for that: change a
# weight a little, and no decision flips, so its slope is 0 nearly everywhere.

# %%
batches = list(islice(learn.batches(dls.train), 6))
by_hand = copy.deepcopy(model).to(learn.device).train()
optimizer = torch.optim.AdamW(by_hand.head.parameters(), lr=3e-3, weight_decay=0.01)

torch.manual_seed(0)  # for the dropout
losses = []
for [inputs], [targets] in batches:
    loss = binary_cross_entropy(by_hand(inputs), targets)  # how wrong?
    loss.backward()  # for each weight: which way is worse?
    optimizer.step()  # one small step the other way
    optimizer.zero_grad()  # forget the directions, else the next are added to them
    losses.append(loss.item())

# %% [markdown]
# `AdamW` is a step downhill with two refinements: each weight has its own stride, and all weights
# shrink a little (*weight decay*). A `Learner` does the same four lines, with a check for NaN between them:

# %%
same = Learner(dls, copy.deepcopy(model))
same.freeze()
same.model.train()
optimizer = same.optimizer(3e-3)

torch.manual_seed(0)
theirs = [same.step(*batch, optimizer, "this batch") for batch in batches]
agree = torch.allclose(torch.tensor(losses), torch.tensor(theirs), atol=1e-3)
print("by hand == Learner:", agree)
print("lower at the end than at the start:", losses[-1] < losses[0])

# %% [markdown]
# ## The learning rate
#
# How long is a "small step"? That is the **learning rate**, the number that matters most. Too
# small: nothing happens. Too large: the loss explodes. Leslie Smith's idea: try them all in one short run. Start at a ten-millionth,
# multiply after each batch, and watch the loss. Afterwards put everything back.

# %%
before = copy.deepcopy(learn.model.state_dict())
found = learn.lr_find()
after = learn.model.state_dict()
print("every weight is as before:", all(torch.equal(before[name], after[name]) for name in before))
print("valley between 0.0001 and 0.1:", 1e-4 < found.valley < 1e-1)

# %% [markdown]
# The curve is flat while the steps are too small, falls, and explodes on the right. Two dots on it:
# **valley** is the last rate before the loss is half-way down, **steep** is where it falls fastest from one
# batch to the next. Both are read off a **smoothed** curve, since each batch is easier or harder than the last:


# %% tags=["export"]
def smooth(losses, beta=0.9):
    mean, smoothed = 0.0, []
    for step, loss in enumerate(losses, start=1):
        mean = beta * mean + (1 - beta) * loss
        smoothed.append(mean / (1 - beta**step))
    return smoothed


# %%
from lessonlib import SuggestedLRs


# %% tags=["export"]
def suggest(lrs, curve):
    lowest = min(range(len(curve)), key=curve.__getitem__)
    half = (max(curve[: lowest + 1]) + curve[lowest]) / 2
    valley = max(k for k in range(lowest + 1) if curve[k] >= half)
    falls = [after - before for before, after in pairwise(curve)] or [0.0]
    steep = min(range(len(falls)), key=falls.__getitem__)
    return SuggestedLRs(lrs[valley], lrs[steep])


# %% [markdown]
# Can they be trusted? Here is a curve with fixed numbers. It is fine, but for one lucky batch at a tiny rate:

# %%
lrs = [10**power for power in range(-8, 1)]
clean = [0.70, 0.70, 0.70, 0.69, 0.66, 0.58, 0.50, 0.45, 1.20]
lucky = [0.70, 0.60, 0.70, 0.69, 0.66, 0.58, 0.50, 0.45, 1.20]
for name, curve in {"clean": clean, "lucky": lucky}.items():
    rates = suggest(lrs, curve)
    print(f"{name}: valley {rates.valley:.0e}  steep {rates.steep:.0e}")

# %% [markdown]
# One lucky batch sends *steep* to a hundred-millionth. It is no invention: a published run of this chapter
# shows a "steep" rate of 0.0000016, and trains with 0.01 without a word. Where is the steep dot in your own
# figure? So never take a rate from a rule alone. **Look at the curve**, and take a rate where it
# falls clearly, well before it turns. We take 0.003. (fastai's valley is half-way in steps along the longest
# fall. Old texts unpack two values from its `lr_find`; since 2021 it gives only the valley.)

# %% [markdown]
# ## One cycle
#
# A constant rate is not best. At the start the head is clumsy, so begin gently. In the middle take large
# steps. At the end take tiny ones, to settle. **One cycle** does this with two half waves of a cosine: up
# from `lr_max / div` during the first quarter (`pct_start`), then down to almost 0.


# %%
def half_wave(begin, end, share):
    """From begin (share 0) to end (share 1), flat at both ends."""
    return end + (begin - end) * (1 + cos(pi * share)) / 2


def one_cycle(step, steps, lr_max, pct_start=0.25, div=25.0):
    first, last = lr_max / div, lr_max / div / 10_000
    peak, end = pct_start * steps - 1, steps - 1
    if step <= peak:
        return half_wave(first, lr_max, step / peak)
    return half_wave(lr_max, last, (step - peak) / (end - peak))


# %%
steps, lr_max = 100, 3e-3
ours = [one_cycle(step, steps, lr_max) for step in range(steps)]

optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)])
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, lr_max, total_steps=steps, pct_start=0.25, cycle_momentum=False
)
theirs = []
for _ in range(steps):
    theirs.append(schedule.get_last_lr()[0])
    optimizer.step()
    schedule.step()
print("scratch == torch at each step:", torch.allclose(torch.tensor(ours), torch.tensor(theirs)))

# %% [markdown]
# `fit_one_cycle` uses torch's. fastai's curve has the same two half waves, but counts differently:
# its peak comes one step later, and it heads for `lr_max / 100000` without quite arriving.


# %%
def fastai_one_cycle(step, steps, lr_max, pct_start=0.25):
    share = step / steps
    if share <= pct_start:
        return half_wave(lr_max / 25, lr_max, share / pct_start)
    return half_wave(lr_max, lr_max / 1e5, (share - pct_start) / (1 - pct_start))


fastai = [fastai_one_cycle(step, steps, lr_max) for step in range(steps)]
apart = max(abs(a - b) for a, b in zip(ours, fastai, strict=True)) / lr_max
print(f"at most {apart:.3f} of the maximum apart")
plot_curves(
    range(1, steps + 1),
    {"torch, and ours": ours, "fastai": fastai},
    title="One cycle of 100 steps",
    xlabel="step",
    ylabel="learning rate",
)

# %% [markdown]
# Two curves that nearly coincide: up in 25 steps, down in 75. The dashed one falls behind, by one step
# from the peak on.
#
# Something else goes round with the rate. AdamW steps along a running average of gradients, and its
# **momentum** β₁ is the share of the old average that each step keeps. torch lowers it from 0.95 to 0.85
# while the rate rises, and raises it again while the rate falls:


# %%
def one_cycle_momentum(step, steps, high=0.95, low=0.85, pct_start=0.25):
    peak, end = pct_start * steps - 1, steps - 1
    if step <= peak:
        return half_wave(high, low, step / peak)
    return half_wave(low, high, (step - peak) / (end - peak))


# %%
momenta = [one_cycle_momentum(step, steps) for step in range(steps)]
optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr_max, total_steps=steps, pct_start=0.25)
theirs = []
for _ in range(steps):
    theirs.append(optimizer.param_groups[0]["betas"][0])
    optimizer.step()
    schedule.step()
print("scratch == torch at each step:", torch.allclose(torch.tensor(momenta), torch.tensor(theirs)))
plot_curves(
    range(1, steps + 1),
    {"learning rate, as a share of its largest": [rate / lr_max for rate in ours], "β₁": momenta},
    title="One cycle: the rate goes up, the momentum goes down",
    xlabel="step",
    ylabel="share",
)

# %% [markdown]
# Where steps are large, old gradients count less. `fit_one_cycle` does both.

# %% [markdown]
# ## A rate for each group of layers
#
# When the body is thawed, it should learn more gently than the head: its weights are good already. The
# earliest layers, which see edges and colours, need the least change. So the layers are in three groups,
# and `lr` may be a `slice(first, last)`. `spread` puts the rates between them evenly *by factor*.


# %% tags=["export"]
def spread(lr, n):
    if not isinstance(lr, slice):
        return [lr] * n
    if lr.start is None:
        return [lr.stop / 10] * (n - 1) + [lr.stop]
    return torch.logspace(log10(lr.start), log10(lr.stop), n).tolist()


# %%
for lr in (3e-3, slice(3e-3), slice(3e-5, 3e-3)):
    print(f"{lr!s:26}", [f"{rate:.5f}" for rate in spread(lr, 3)])
sizes = [sum(w.numel() for w in group) for group in param_groups(learn.model)]
print("weights in the groups:", sizes)

# %% [markdown]
# `slice(3e-3)` gives the head its rate, and a tenth of it to the whole body. Only a slice with two ends
# treats the earliest layers more gently than the late ones.
#
# `fine_tune(3, 3e-3)` puts it all together. One epoch with a frozen body, where only the head learns;
# then three epochs with all layers, from `slice(3e-4, 3e-3)`. Here are the rates of the three groups at
# each of its steps, from our own two functions:

# %%
epoch = len(dls.train)
rates = {}
for name, peak in zip(("early", "late", "head"), spread(slice(3e-4, 3e-3), 3), strict=True):
    frozen = [float("nan")] * epoch  # not drawn: no rate at all
    if name == "head":
        frozen = [one_cycle(step, epoch, 3e-3, pct_start=0.99) for step in range(epoch)]
    thawed = [one_cycle(step, 3 * epoch, peak, 0.3, 5.0) for step in range(3 * epoch)]
    rates[name] = frozen + thawed
plot_curves(
    range(1, 4 * epoch + 1),
    rates,
    title="fine_tune(3, 3e-3): the rates of the three groups",
    xlabel="step",
    ylabel="learning rate (logarithmic axis)",
    log=True,
)

# %% [markdown]
# In the first epoch there is one curve, the head's, and it rises; its fall is a single step, which only
# the logarithmic axis makes a spike. From then on there are three, which rise and fall together. So
# "fine-tuning changes only the head" is wrong: that is the first epoch only. (fastai halves the rate
# after the frozen epoch and spreads by 100, not 10. With 3e-3: 0.000015, 0.00015 and 0.0015.)
#
# Now play. What does `pct_start` move, and what does `div`? When do the dashed curves disappear?
# <details><summary>Answer</summary>
# The step of the peak, and the height of the start. With head : early = 1 all curves coincide.</details>

# %%
from lessonlib import one_cycle_explorer, one_cycle_rates

one_cycle_explorer()

# %%
default, late = one_cycle_rates(0.25, 25.0), one_cycle_rates(0.75, 2.0)
plot_curves(
    range(1, 61),
    {"pct_start 0.25, div 25": default["head"], "pct_start 0.75, div 2": late["head"]},
    title="The head's rate at two positions of the sliders",
    xlabel="step",
    ylabel="learning rate (its largest is 1)",
)

# %% [markdown]
# The solid curve starts near 0 and has its peak at step 15. The dashed one starts at one half, and its
# peak is at step 45, which leaves little time to settle.
#
# **Change this and run again:** in the cell above, what does `one_cycle_rates(0.25, 1.0)` look like?
# Which part of the cycle is gone?
# <details><summary>Answer</summary>
# The rise: it starts at its largest rate, and stays there for the first quarter of the steps.</details>

# %% [markdown]
# ## The real run
#
# The next cell first says how long it trains **on your computer**: about two minutes on two idle cores.
# Then a table grows. You may interrupt it (the ■ above): the learner stays usable.

# %%
learn.fine_tune(3, 3e-3)

# %% [markdown]
# Two tables: the frozen epoch, then three with all layers. The four numbers of a row are
#
# | number | what it is |
# |---|---|
# | `train_loss` | mean loss of the epoch's training batches: augmented, with dropout, *while* learning |
# | `valid_loss` | loss of the validation pictures at the end of the epoch, plain, without dropout |
# | `accuracy_multi` | share of right yes/no decisions: judge it against predicting nothing |
# | `mean_average_precision` | are the pictures that have the class sorted to the top? |

# %%
valid_targets = torch.stack([y for (_, y) in dls.dsets.valid])
of_rates = binary_cross_entropy(bias.expand_as(valid_targets), valid_targets).item()
steps = len(learn.losses)
plot_curves(
    range(1, steps + 1),
    {
        "training batches": learn.losses,
        "ln 2: a coin": [log(2)] * steps,
        "base rates: a coin that knows the classes": [of_rates] * steps,
    },
    points=[
        ((k + 1) * epoch, row["valid_loss"], f"{row['valid_loss']:.3f}")
        for k, row in enumerate(learn.history)
    ],
    title="Loss while training (dots: validation)",
    xlabel="batch",
    ylabel="loss",
)

# %% [markdown]
# The solid curve starts near the base-rate line, far below $\ln 2$, and leaves it behind after a few batches.
# Each dot is the validation loss after an epoch. Some lie **below** the curve, although the network has
# never trained on those pictures: training pictures are cropped and turned, and dropout is on. A training loss
# above the validation loss is no fault. (`learn.plot_losses()` draws this without the two lines.)
#
# Next the accuracy, beside that of a model that says nothing, ever. What is your guess for that one?

# %%
guess(
    "05.nothing", "Saying nothing: how many of 100 decisions are right?", low=0, high=100, within=3
)

# %%
nothing = baselines(valid_targets)["nothing"]
plot_curves(
    range(1, len(learn.history) + 1),
    {
        "mean average precision": [row["mean_average_precision"] for row in learn.history],
        "accuracy_multi": [row["accuracy_multi"] for row in learn.history],
        "accuracy of predicting nothing": [nothing] * len(learn.history),
    },
    points=[
        (k + 1, row["mean_average_precision"], f"{row['mean_average_precision']:.2f}")
        for k, row in enumerate(learn.history)
    ],
    title="Validation after each epoch",
    xlabel="epoch",
    ylabel="score",
)

# %%
reveal("05.nothing", 100 * nothing, within=3)

# %% [markdown]
# The lower curve, mean average precision, climbs from epoch to epoch. The two upper lines show how flattering accuracy
# is: predicting nothing is already above 0.9, and all that was learned is the small gap above it.
#
# The last digits differ from computer to computer, since sums are taken in another order. So the next
# cell prints claims, not digits. With the twin all three hold; photographs may be harder:

# %%
result = learn.validate()
mistakes, of_nothing = 1 - result["accuracy_multi"], 1 - nothing
print("mean average precision at least 0.80:", result["mean_average_precision"] >= 0.80)
print("less than half the mistakes of predicting nothing:", mistakes < of_nothing / 2)
print("loss less than half of what base rates cost:", result["valid_loss"] < of_rates / 2)

# %% [markdown]
# ### Add up counts, do not average averages
#
# Where do an epoch's numbers come from? Tempting: take the accuracy of each batch, then their mean. But
# the last batch is smaller. Of three batches 60 of 64 pictures are right, then 62 of 64, then 0 of 2: 94 %
# in all.

# %%
guess(
    "05.averages", "And the mean of the three accuracies, in per cent?", low=0, high=100, within=5
)

# %%
right, size = [60, 62, 0], [64, 64, 2]  # three batches; the last has two pictures, both wrong
shares = [r / n for r, n in zip(right, size, strict=True)]
print("accuracy of each batch: ", [round(share, 3) for share in shares])
print("average of the averages:", round(sum(shares) / 3, 3))
print("122 right of 130:       ", round(sum(right) / sum(size), 3))

# %%
reveal("05.averages", 100 * sum(shares) / 3, within=5)

# %% [markdown]
# Two pictures pulled the average from 94 % down to 64 %. For precision or mean average precision it is
# worse: there even batches of equal size do not average to the right number. (fastai weights the batches
# of its averaged metrics by their size; many home-made loops do not.) Our `validate` keeps all predictions, and computes each number once.

# %% [markdown]
# ## Look at the pictures
#
# Numbers say how often. Pictures say why. The same six as at the beginning:

# %%
learn.show_results(6)

# %% [markdown]
# The truth above, the answer below with ✓ or ✗. A picture counts as right here only if *all* its labels are.
#
# Next, the pictures with the largest losses. This is a quick way to find wrong labels, cropped
# objects, and pairs of classes that look alike.

# %%
learn.show_top_losses(6)

# %% [markdown]
# The six worst of the validation pictures. In most such pictures there is a label that the network missed or an
# object that is hard to see. Look for what they share: objects that are small, hidden or cut off.
#
# ### A picture that was never seen
#
# `predict` takes a path. The picture goes through the same transforms as in validation: no
# random crop, no flip.

# %%
new = pd.read_csv(folder / "test.csv", keep_default_na=False).head(3)
paths = [folder / "test" / name for name in new["fname"]]
predictions = [learn.predict(path) for path in paths]
answers = [" ".join(labels) or "(nothing)" for labels, _ in predictions]
pictures = dls.valid.decode(dls.valid.picture_batch(paths), 0).clamp(0, 1)
titles = [f"truth: {truth}\nanswer: {said}" for truth, said in zip(new["labels"], answers)]
show_images(pictures, titles)

# %%
labels, probs = predictions[0]
best = probs.topk(5).indices.tolist()
plot_bars(
    {dls.vocab[k]: probs[k].item() for k in best},
    title="The first picture: its five largest probabilities",
    ylabel="probability",
    lines={"threshold": 0.5},
)
said = [name for name, p in zip(dls.vocab, probs) if p > 0.5]
print("one probability for each class:", len(probs) == len(dls.vocab))
print("labels are the classes above the threshold:", labels == said)

# %% [markdown]
# Three new pictures with truth and answer, and five bars. Only bars above the line became labels; if none is, the
# answer is *nothing*, however near the first may be. The probabilities need not sum to 1 (lesson 04). We looked
# at three test pictures; the score on the whole test set is asked for once, in lesson 06.

# %% [markdown]
# ## Where is everything?
#
# A tensor lives on a **device**: the processor, or a graphics card (`cuda`, or `mps` on a Mac). A network and its batch must be on the same one;
# the learner picks the fastest, moves the model when it is made, and moves each batch as it comes, so
# you never write `.to(device)`.

# %%
[inputs], [targets] = next(learn.batches(dls.valid))
places = {w.device.type for w in learn.model.parameters()}
print("loaders make batches on:", dls.one_batch()[0].device)
print("model, batch and learner in one place:", places == {inputs.device.type, learn.device.type})

# %% [markdown]
# ## Saving
#
# Many model files are **pickles**. A pickle is not data, it is a list of instructions, and loading it
# follows them, whatever they are:


# %%
class Surprise:
    def __reduce__(self):
        return print, ("Loading this file has just run code that its author chose.",)


looks_harmless = pickle.dumps(Surprise())
pickle.loads(looks_harmless)

# %% [markdown]
# Here it only printed. It could have deleted your files. So `save` writes two files that hold no
# instructions: the weights as **safetensors** (names, shapes, numbers), and a small JSON text that says what they are.

# %%
from lessonlib.course.folders import model_path
from lessonlib import files_of

path = model_path("lesson05", folder)
learn.save(path)
weights_file, description_file = files_of(path)
print(weights_file.suffix, round(weights_file.stat().st_size / 1e6), "MB")
for name, value in json.loads(description_file.read_text(encoding="utf-8")).items():
    value = f"{len(value)} letters and digits" if name == "sha256" else str(value)
    print(f"{name}: {shorten(value, 88, placeholder=' …')}")

# %% [markdown]
# The `sha256` is a fingerprint of the weights' file: change one bit, and it is another. `load` compares
# format, fingerprint, body, size and vocabulary, and refuses what does not fit. Let us flip one bit of a copy:

# %%
with tempfile.TemporaryDirectory() as elsewhere:
    copied = Path(elsewhere) / "model"
    learn.save(copied)
    content = bytearray(files_of(copied)[0].read_bytes())
    content[-1] ^= 1
    files_of(copied)[0].write_bytes(content)
    try:
        learn.load(copied)
    except ValueError as error:
        print(str(error).replace(str(copied), "model"))

# %% [markdown]
# Cause, your line, cure, lesson. Nothing was loaded. (The fingerprint finds accidents. Whoever changes the JSON as
# well can pass off other weights as yours, but still cannot make you run code.)
#
# Lessons 06, 09 and 10 want this model. They should not train again if it is there:


# %% tags=["export"]
def trained(learn, path, epochs=3, base_lr=3e-3):
    if all(file.is_file() for file in files_of(path)):
        learn.load(path)
    else:
        learn.fine_tune(epochs, base_lr)
        learn.save(path)
    return learn


# %%
again = trained(pascal_learner(folder), path)
same_answer = torch.allclose(again.predict(paths[0]).probs, probs, atol=1e-5)
print("a new learner gives the same answer:", same_answer)

# %% [markdown]
# A new learner needs the recipe and its table. Somebody who only wants answers has neither. From the JSON
# text `load_learner` builds the network and the transforms of validation; what it gives can `predict`.

# %%
from lessonlib import load_learner

same_answer = torch.allclose(load_learner(path).predict(paths[0]).probs, probs, atol=1e-5)
print("the two files alone give the same answer:", same_answer)

# %% [markdown]
# ## Exercises
#
# The first was 05.1, above. Each of the four here is a bug or a variant that people really meet.

# %% [markdown]
# ### Exercise 05.2 · Spot the bug: an epoch's loss · ★☆☆ · 5 min
#
# `losses` are the mean losses of the batches, `sizes` how many items each batch had. The function should
# give the mean loss **of all items**. It does not. Write it without the bug.
#
# Example: losses `[0.2, 0.5]` of batches with 3 and 1 items: the mean of four items is 0.275.


# %%
def epoch_loss_with_a_bug(losses, sizes):
    return sum(losses) / len(losses)


print(round(epoch_loss_with_a_bug([0.2, 0.5], [3, 1]), 3))


# %% tags=["exercise"]
def epoch_loss(losses, sizes):
    raise NotImplementedError


# %%
check("05.epoch_loss", epoch_loss)
# hint("05.epoch_loss")       # remove the first # for a hint
# solution("05.epoch_loss")

# %% [markdown]
# ### Exercise 05.3 · Spot the bug: it never settles · ★★☆ · 8 min
#
# One weight, which should become 3, since `y` is always three times `x`. The loop below swings around 3
# and does not come to rest. Find the line that is missing. Give the weight back as a float.
#
# Example: after 20 batches with a rate of 0.1, the right loop is at 3.0 (rounded).


# %%
def train_with_a_bug(start, batches, lr):
    weight = torch.tensor(start, requires_grad=True)
    for x, y in batches:
        loss = ((weight * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
    return weight.item()


triples = [(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 6.0]))] * 20
print([round(train_with_a_bug(0.0, triples[:n], 0.1), 2) for n in (1, 2, 3, 4, 19, 20)])


# %% tags=["exercise"]
def train(start, batches, lr):
    raise NotImplementedError


# %%
check("05.train", train)
# hint("05.train")       # remove the first # for a hint
# solution("05.train")

# %% [markdown]
# ### Exercise 05.4 · A cycle of straight lines · ★★☆ · 10 min
#
# Write `triangle(step, steps, lr_max, pct_start)`, a schedule without cosines. Steps count from 0 to
# `steps - 1`. From 0 at step 0 it rises in a straight line to `lr_max` at step `pct_start * (steps - 1)`,
# and from there it falls in a straight line to 0 at the last step.
#
# Example: 5 steps, `lr_max` 1, `pct_start` 0.5 gives 0, 0.5, 1, 0.5, 0.


# %% tags=["exercise"]
def triangle(step, steps, lr_max, pct_start):
    raise NotImplementedError


# %%
check("05.triangle", triangle)
# hint("05.triangle")       # remove the first # for a hint
# solution("05.triangle")

# %% [markdown]
# ### Exercise 05.5 · Spot the bug: one picture, two answers · ★★☆ · 8 min
#
# Somebody asks a model about two pictures, one by one and then both together, and gets different
# probabilities for the same picture. Write `probabilities(model, x)` so that the answer about a
# picture depends on that picture only. Leave the model in the mode in which it came.
#
# Example: `model` ends in activations (logits) `[batch, classes]`; the result has the same shape.


# %%
def probabilities_with_a_bug(model, x):
    with torch.no_grad():
        return model(x).sigmoid()


norm = nn.BatchNorm1d(1)  # a model is made in training mode
print("3 with 1:", round(probabilities_with_a_bug(norm, torch.tensor([[3.0], [1.0]]))[0].item(), 2))
print("3 with 5:", round(probabilities_with_a_bug(norm, torch.tensor([[3.0], [5.0]]))[0].item(), 2))


# %% tags=["exercise"]
def probabilities(model, x):
    raise NotImplementedError


# %%
check("05.probabilities", probabilities)
# hint("05.probabilities")       # remove the first # for a hint
# solution("05.probabilities")

# %% [markdown]
# ### Exercise 05.6 · Kill the mutant: an average of averages · ★☆☆ · 4 min · extra
#
# `mean_loss(batches)` gets the losses of single items, a tensor for each batch, and gives the mean over all
# items of the epoch. The mutant averages the means of the batches. Write the test that kills it: it
# passes on the right version, and an `assert` fails on the mutant.
#
# Example: for `[torch.tensor([1.0, 3.0]), torch.tensor([5.0, 7.0])]` both give 4: the mutant survives.


# %% tags=["exercise"]
def test_mean_loss(mean_loss):
    raise NotImplementedError


# %%
check("05.kill_mean_of_means", test_mean_loss)
# hint("05.kill_mean_of_means")       # remove the first # for a hint
# solution("05.kill_mean_of_means")

# %% [markdown]
# ## Where people go wrong
#
# - **No `zero_grad`.** Gradients add up; training swings or explodes.
# - **Asking in training mode.** Dropout and batch norm then make the answer depend on chance and company.
# - **"Fine-tuning trains only the head."** Only while the body is frozen.
# - **A rate from a rule.** Look at the curve; noise can fool every rule.
# - **Averages of batch averages.** Add up counts instead.
# - **Loading a stranger's pickle.** It is a program. Take safetensors.

# %% [markdown]
# ## Recap
#
# 1. Borrow a body that has seen a million photographs, and put a small new head on it.
# 2. Freeze first: only the head learns, without a graph, and quickly; then let all layers learn.
# 3. Rates rise and fall in one cycle, and early layers get smaller ones than the head.
# 4. Judge a loss by its landmarks, and an accuracy by predicting nothing.
# 5. Save weights as data, with a fingerprint and a description.

# %% [markdown]
# ## Questions
#
# Tick or type, then press **Check**. Every answer is told why it is right or not.

# %%
quiz("05")

# %% [markdown]
# Three more, to say in your own words:
#
# 1. Your first training loss is 0.24, and the base rates cost 0.23. Has the network learned something?
# 2. The training loss is above the validation loss. Name two harmless reasons.
# 3. What does `load` compare before it accepts a file, and why can that file not run code?
#
# <details><summary>Answers</summary>
#
# 1. Not yet. Its bias alone gives about 0.23. What the pixels add is still noise, which costs 0.01.
# 2. Dropout is on in training, and its pictures are augmented. (A third: it is measured while learning.)
# 3. Format, fingerprint, body and vocabulary. It holds only names, shapes and numbers.
# </details>
#
# **Read on:**
# [OneCycleLR](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html) ·
# [safetensors](https://huggingface.co/docs/safetensors) ·
# [EfficientNet](https://arxiv.org/abs/1905.11946) ·
# [cyclical rates](https://arxiv.org/abs/1506.01186)
#
# **Next:** [06 · Thresholds: from probabilities to decisions](06_thresholds.ipynb)
