# %% [markdown]
# # 04 · Activations and binary cross-entropy
#
# > **Time:** 60 minutes; what is marked *extra* and the stars ★★☆ take 30 more ·
# > **You need:** lessons 01 and 02, and what a logarithm and a slope are
# >
# > **By the end you can**
# > - turn raw activations into one probability per class, and say why softmax cannot,
# > - build binary cross-entropy by hand and make it safe for every number,
# > - derive its gradient and check a first loss against known landmarks,
# > - measure accuracy on yes/no decisions and compare it with predicting nothing,
# > - freeze an argument of a function with `partial`.

# %%
from lessonlib.course import start

start("04")

# %%
from functools import partial

import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn

from lessonlib import pascal, plot_curves, show_images
from lessonlib.course import check, guess, hint, quiz, reveal, solution

# %% [markdown]
# ## A question that softmax cannot answer
#
# Here are three pictures from the training table. One shows a single kind of object, one shows
# two, and one shows nothing that we have a name for. The code counts the labels of each row and
# takes the first row with each count. (If your table has no picture without labels, it shows two.)

# %%
from lessonlib import open_image

folder = pascal()
df = pd.read_csv(folder / "train.csv", keep_default_na=False)
how_many = df["labels"].str.split().str.len()
examples = [df[how_many == count].iloc[0] for count in (1, 2, 0) if (how_many == count).any()]
pictures = [open_image(folder / "train" / row["fname"]) for row in examples]
show_images(pictures, [row["labels"] or "(no label)" for row in examples])

# %% [markdown]
# Three pictures with their labels above them: one label, two labels, none.
#
# A network ends in one number per class, its **activations** or **logits**. They may be any
# numbers. Suppose there are four classes, and a network is sure of what it sees in three other
# pictures. It could answer with the logits in the next cell.

# %%
classes = ["person", "horse", "car", "sofa"]
logits = torch.tensor(
    [
        [-5.0, 5.0, -5.0, -5.0],  # a horse
        [5.0, 5.0, -5.0, -5.0],  # a person and a horse
        [-5.0, -5.0, -5.0, -5.0],  # none of the four
    ]
)
rows = ["horse", "person + horse", "nothing"]
pd.DataFrame(logits.softmax(dim=1).tolist(), rows, classes).round(2)

# %% [markdown]
# **Softmax** turns logits into shares of one whole: each row above sums to 1.
#
# - The first row is fine.
# - In the second row two sure answers get one half each. They had to share.
# - In the third row *nothing* became four times one quarter. Softmax has to hand out its
#   whole, whether there is something to name or not.

# %% [markdown]
# ## Sigmoid: every class gets its own yes or no
#
# The **sigmoid** squeezes one number into the range from 0 to 1, without looking at the
# others:
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}$$


# %%
def sigmoid(x):
    """A probability for each logit; same shape."""
    return 1 / (1 + torch.exp(-x))


print("scratch == torch:", torch.allclose(sigmoid(logits), torch.sigmoid(logits)))
pd.DataFrame(sigmoid(logits).tolist(), rows, classes).round(2)

# %% [markdown]
# Now every row says what the network means: one yes, two times yes, no yes at all. The rows
# no longer sum to 1, and they should not.

# %%
x = torch.linspace(-8, 8, 161)
plot_curves(
    x,
    {"sigmoid(x)": sigmoid(x), "1 − sigmoid(x)": 1 - sigmoid(x)},
    title="Sigmoid: from any number to a probability",
    xlabel="logit x",
    ylabel="probability",
    points=[(0, 0.5, "logit 0 is one half")],
)

# %% [markdown]
# The solid curve rises from 0 to 1; the dashed one is its mirror image. Two facts are worth
# keeping: $1 - \sigma(x) = \sigma(-x)$, and the sigmoid of $x$ is the softmax of the
# pair $(x, 0)$. So softmax is not another world: it is a sigmoid that was given rivals.

# %%
pair = torch.stack([x, torch.zeros_like(x)], dim=1)
print("1 − σ(x) == σ(−x):      ", torch.allclose(1 - sigmoid(x), sigmoid(-x), atol=1e-6))
print("softmax of (x, 0) == σ(x):", torch.allclose(pair.softmax(dim=1)[:, 0], sigmoid(x)))

# %% [markdown]
# ### Exercise 04.1 · From probability to logit · ★☆☆ · 5 min
#
# Write the function that undoes the sigmoid: `logit(sigmoid(x))` is `x`.
# Example: `logit(torch.tensor(0.5))` is 0, and 0.9 becomes about 2.197.


# %% tags=["exercise"]
def logit(p):
    raise NotImplementedError


# %%
check("04.logit", logit)
# hint("04.logit")       # remove the first # for a hint
# solution("04.logit")

# %% [markdown]
# ## Real activations, from a network that knows nothing yet
#
# First the targets. A row's labels become one number per class of the **vocabulary**: 1 for
# present, 0 for absent. People often call this one-hot. With several ones, or none,
# **multi-hot** is the exact word.

# %%
vocab = sorted(set(" ".join(df["labels"]).split()))


def multi_hot(labels):
    """The labels of one picture, as a tensor with one 0 or 1 per class of the vocabulary."""
    present = labels.split()
    return torch.tensor([float(name in present) for name in vocab])


print(vocab)
print(multi_hot("horse person"))

# %% [markdown]
# Then a batch, with the tools of lesson 02: a `Datasets` that gives `(picture, target)` pairs
# and a `DataLoader` that stacks 64 of them.

# %%
from torchvision.transforms.functional import to_tensor

from lessonlib import DataLoader, Datasets, Resize


def get_x(row):
    return open_image(folder / "train" / row["fname"], shorter=128)


def get_y(row):
    return multi_hot(row["labels"])


dsets = Datasets(df, [[get_x, Resize(128), to_tensor], [get_y]])
x_batch, y_batch = DataLoader(dsets, batch_size=64).one_batch()
print(x_batch.shape, y_batch.shape)

# %% [markdown]
# `resnet18` is a well-known network. Without pretrained weights it has seen no picture in its
# life. With 20 outputs it gives 20 activations for each of the 64 pictures. (`eval()` switches a
# network to answering instead of training; `no_grad()` says that we need no slopes now.)

# %%
from torchvision.models import resnet18

torch.manual_seed(0)
model = resnet18(num_classes=len(vocab)).eval()
with torch.no_grad():
    activs = model(x_batch)
print(activs.shape)
print("some are below 0 and some above:", bool(activs.min() < 0 < activs.max()))
print("as many as the targets:", activs.shape == y_batch.shape)

# %% [markdown]
# ## What a wrong answer should cost
#
# Look at one cell: one picture, one class. The network's probability for "it is there" is
# $p$. If the object **is** there, we want $p$ near 1, so the cost is $-\log p$. If it is
# **absent**, we want $1 - p$ near 1, so the cost is $-\log(1 - p)$.
#
# The logarithm does more than rescale. Near 0 it falls without bound, so being sure and
# wrong becomes as expensive as you like.

# %%
p = torch.linspace(0.01, 0.99, 99)
plot_curves(
    p,
    {"object is there: −log p": -p.log(), "object is absent: −log(1 − p)": -(1 - p).log()},
    title="The cost of one probability",
    xlabel="probability p that the network gives",
    ylabel="cost",
    points=[(0.5, 0.6931, "p = ½: ln 2 = 0.69")],
)

# %% [markdown]
# The solid curve falls to zero at $p = 1$, the dashed one starts at zero at $p = 0$. They meet
# at one half.
#
# Three cells by hand. A person is there and gets 0.9; a horse is there and gets 0.5; a car is
# absent and gets 0.2.

# %%
from math import log

costs = [-log(0.9), -log(0.5), -log(1 - 0.2)]
print([round(cost, 3) for cost in costs])
print("mean:", round(sum(costs) / 3, 3))

# %% [markdown]
# That mean is **binary cross-entropy**: *binary* since each cell is a yes/no question. Now for
# whole batches. The probability that was given to the truth is $p$ where the target is 1
# and $1 - p$ where it is 0. Arithmetic on tensors works cell by cell (*elementwise*), so one
# line serves a batch of any shape.


# %%
def naive_binary_cross_entropy(logits, targets):
    """Mean cost of all cells. Right on paper; we will break it below."""
    p = sigmoid(logits)
    given_to_the_truth = targets * p + (1 - targets) * (1 - p)
    return -given_to_the_truth.log().mean()


three = torch.tensor([0.9, 0.5, 0.2])
three_logits = torch.log(three / (1 - three))  # the logits whose sigmoid is 0.9, 0.5, 0.2
print(round(naive_binary_cross_entropy(three_logits, torch.tensor([1.0, 1, 0])).item(), 3))

# %% [markdown]
# The same number. And against torch, on the real batch? Torch's class is called
# `BCEWithLogitsLoss`.

# %%
ours = naive_binary_cross_entropy(activs, y_batch)
theirs = nn.BCEWithLogitsLoss()(activs, y_batch)
print("scratch == torch:", torch.allclose(ours, theirs, atol=1e-6))

# %% [markdown]
# ### Four names in torch, two jobs
#
# | | takes **probabilities** | takes **logits** |
# |---|---|---|
# | a class: `loss = …()`, then `loss(preds, targets)` | `nn.BCELoss` | `nn.BCEWithLogitsLoss` |
# | a function: `…(preds, targets)` | `F.binary_cross_entropy` | `F.binary_cross_entropy_with_logits` |
#
# Mind the clash: the `binary_cross_entropy` that we build below takes logits, like the chapter's.
# Torch's function of that name takes probabilities. What happens when you mix them up?
#
# The targets are 1, 0, 0, and the probabilities are exactly these: perfect, so they should cost 0.

# %%
guess(
    "04.twice", "What do they cost, taken for logits? (ln 2 is 0.69.)", low=0, high=1, within=0.05
)

# %%
some_logits = torch.tensor([3.0, -2.0, -4.0])
some_targets = torch.tensor([1.0, 0.0, 0.0])
try:
    F.binary_cross_entropy(some_logits, some_targets)
except RuntimeError:
    print("logits where probabilities belong: RuntimeError")

perfect = some_targets  # probabilities of exactly 1, 0, 0: nobody can do better
silent = F.binary_cross_entropy_with_logits(perfect, some_targets)
print("probabilities where logits belong:", round(silent.item(), 3), "for perfect answers")

# %%
reveal("04.twice", silent, within=0.05)

# %% [markdown]
# The first mistake is loud, at least when a logit lies outside 0 to 1. The second is silent. A
# sigmoid is applied twice, so even perfect probabilities cost 0.31 for each 1 and 0.69 for each
# 0. Most of our cells are 0, so perfect answers would cost hardly less than the 0.69 of knowing
# nothing. A loss that stays just below 0.69: look for a second sigmoid.

# %% [markdown]
# ### Exercise 04.2 · A cost in your head (almost) · ★☆☆ · 5 min
#
# A picture shows 1 of 20 classes. A careless model gives **every** class a probability of 0.9.
# What is its mean cost over the 20 cells? Use Python as a calculator (`log` is imported) and put
# the number into `answer`, to three digits. Before you compute: is it above or below ln 2?

# %% tags=["exercise"]
answer = None

# %%
check("04.careless", answer)
# hint("04.careless")       # remove the first # for a hint
# solution("04.careless")

# %% [markdown]
# ### Exercise 04.3 · Spot the bug · ★★☆ · 8 min
#
# `cost_of_probabilities(p, targets)` should be the mean binary cross-entropy of
# **probabilities**, like torch's `F.binary_cross_entropy`. This version trains badly: its value
# never gets near zero. Find the reason and write it without the bug.
#
# Example: `p` of 0.9 and 0.5 with targets 1 and 0 should cost
# $(-\log 0.9 - \log 0.5) / 2 \approx 0.399$. The version below gives about 0.658.


# %%
def cost_with_a_bug(p, targets):
    p = torch.sigmoid(p)
    cost = targets * p.log() + (1 - targets) * (1 - p).log()
    return -cost.mean()


print(round(cost_with_a_bug(torch.tensor([0.9, 0.5]), torch.tensor([1.0, 0.0])).item(), 3))


# %% tags=["exercise"]
def cost_of_probabilities(p, targets):
    raise NotImplementedError


# %%
check("04.cost_of_probabilities", cost_of_probabilities)
# hint("04.cost_of_probabilities")       # remove the first # for a hint
# solution("04.cost_of_probabilities")

# %% [markdown]
# ## Play: one cell of the loss
#
# Move the logit with the mouse or the arrow keys, and switch the target. Watch three things:
# how flat the curve gets when the answer is right, that it becomes a straight line when the
# answer is wrong, and what the slope has to do with the probability. Before you move anything:

# %%
guess(
    "04.times",
    "Said 88 %, and absent: how many times the cost of present?",
    low=0,
    high=50,
    within=3,
)

# %%
from lessonlib import bce_explorer

bce_explorer()

# %%
from lessonlib import bce_cell, binary_cross_entropy

line = torch.linspace(-8, 8, 161).tolist()
plot_curves(
    line,
    {f"target {t}": [bce_cell(x, t)["loss"] for x in line] for t in (1, 0)},
    title="Two positions of the slider",
    xlabel="logit",
    ylabel="loss",
    points=[(2, bce_cell(2.0, t)["loss"], f"logit 2, target {t}") for t in (1, 0)],
)
pd.DataFrame({f"logit 2, target {t}": bce_cell(2.0, t) for t in (1, 0)}).round(3)

# %%
reveal("04.times", bce_cell(2.0, 0)["loss"] / bce_cell(2.0, 1)["loss"], within=3)

# %% [markdown]
# Two curves that cross at logit 0. At logit 2 the network says "88 % sure that it is there".
# That is cheap when it is true and about 17 times as expensive when it is not.

# %% [markdown]
# ## Where the naive version breaks
#
# A float of 32 bits holds about seven digits. Near 1 its next smaller neighbour is
# 0.99999994. So for large logits the sigmoid is not *nearly* 1. It is 1. Then $1 - p$ is
# 0, and the logarithm of 0 is minus infinity.
#
# `requires_grad=True` asks torch to keep track of `x`. `loss.backward()` then puts the slope of the
# loss into `x.grad`. That slope is called the **gradient**; training follows it downhill.

# %%
absent = torch.zeros(1)
for number in (8.0, 16.0, 16.7, 17.0):
    x = torch.tensor([number], requires_grad=True)
    loss = naive_binary_cross_entropy(x, absent)
    loss.backward()
    print(
        f"logit {number:4}: loss finite: {bool(loss.isfinite())!s:5}  "
        f"gradient finite: {bool(x.grad.isfinite())}"
    )

# %% [markdown]
# One cell with an infinite loss makes the mean of the whole batch infinite. Its gradient is not a
# number, and after one step hardly a weight is one. Long before, digits are lost. (For an object
# that is there, the same happens far below zero.) Here is the distance to the true value, computed
# with 64-bit floats:

# %%
large = torch.linspace(4, 20, 161)
truth = F.softplus(large.double())  # log(1 + e^x): the exact cost of logit x, if absent
naive = torch.stack([naive_binary_cross_entropy(x, torch.tensor(0.0)) for x in large])
stable = torch.stack([binary_cross_entropy(x, torch.tensor(0.0)) for x in large])
tiny = 1e-9  # a zero has no place on a logarithmic axis
plot_curves(
    large,
    {"naive": (naive - truth).abs() + tiny, "stable, see below": (stable - truth).abs() + tiny},
    title="Error of one cell whose object is absent",
    xlabel="logit",
    ylabel="distance to the true loss",
    log=True,
)
print("first infinite at logit", round(large[naive.isinf()][0].item(), 1))

# %% [markdown]
# The solid curve climbs tenfold for every 2.3 of logit: one digit lost each time. It ends at
# 16.6; beyond, the error is infinite and cannot be drawn. The dashed curve stays at the last
# digit that a float has.
#
# Is 17 a rare logit? A confident network produces such numbers easily, and one is enough.
# `nn.BCELoss` has the same problem and cuts its logarithm off at −100. That avoids infinity,
# but the cost is wrong, and the worst answer of all gets no correction:

# %%
x = torch.tensor([20.0], requires_grad=True)
cut_off = nn.BCELoss()(x.sigmoid(), absent)
cut_off.backward()
print("BCELoss, logit 20 and absent:", round(cut_off.item(), 1), " gradient:", x.grad.item())
x = torch.tensor([20.0], requires_grad=True)
exact = nn.BCEWithLogitsLoss()(x, absent)
exact.backward()
print("with logits:                 ", round(exact.item(), 1), "  gradient:", x.grad.item())

# %% [markdown]
# ## The stable version
#
# Do not compute $p$ and then its logarithm. Simplify on paper first:
#
# $$-\log p = \log(1 + e^{-x}) \qquad\qquad -\log(1-p) = \log(1 + e^{x})$$
#
# Still, $e^{x}$ overflows for a large $x$. Now take the larger exponent out of the sum:
# $\log(e^a + e^b) = m + \log(e^{a-m} + e^{b-m})$ with $m = \max(a, b)$. One of the two new
# exponents is 0 and the other is not positive, so nothing can overflow. Torch calls this
# function `logaddexp`.


# %%
def log_add_exp(a, b):
    m = torch.maximum(a, b)
    return m + torch.log(torch.exp(a - m) + torch.exp(b - m))


a, b = torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.5, -20.0, 1000.0])
print("scratch == torch:", torch.allclose(log_add_exp(a, b), torch.logaddexp(a, b)))
print("without the trick:", [round(v, 3) for v in (a.exp() + b.exp()).log().tolist()])
print("with it:          ", [round(v, 3) for v in log_add_exp(a, b).tolist()])

# %% [markdown]
# With it, the loss is four lines. `lessonlib` has exactly this function; there it also checks
# the shapes and refuses values that are not numbers.


# %% tags=["export"]
def binary_cross_entropy(logits, targets):
    """Mean binary cross-entropy of raw activations, safe for activations of any size."""
    zero = torch.zeros_like(logits)
    cost_if_there = torch.logaddexp(zero, -logits)  # −log p
    cost_if_absent = torch.logaddexp(zero, logits)  # −log(1 − p)
    return (targets * cost_if_there + (1 - targets) * cost_if_absent).mean()


# %%
print("on the real batch:", torch.allclose(binary_cross_entropy(activs, y_batch), theirs))
for scale in (1, 100, 10_000):
    wild = torch.randn(y_batch.shape) * scale
    oracle = nn.BCEWithLogitsLoss()(wild, y_batch)
    agree = torch.allclose(binary_cross_entropy(wild, y_batch), oracle)
    print(f"logits around ±{scale}: scratch == torch: {agree}")

# %% [markdown]
# ## The gradient is the mistake itself
#
# Training needs the slope of the loss for each logit. For one cell with target $y$ it is
# as simple as it could be:
#
# $$\frac{\partial\,\text{loss}}{\partial x} = p - y$$
#
# An absent object costs $\log(1 + e^x)$, with the slope $e^x / (1 + e^x) = \sigma(x) = p$. One that
# is there costs $\log(1 + e^{-x})$, with the slope $-\sigma(-x) = p - 1$. Both are $p - y$. Said 0.9
# and it is there? The loss pulls the logit up with strength 0.1. Absent? Down, with strength 0.9.

# %%
x = torch.linspace(-30, 30, 61, requires_grad=True)
y = (torch.arange(61) % 2).float()
binary_cross_entropy(x, y).backward()
by_hand = (sigmoid(x) - y) / len(x)  # the loss is a mean, so each cell has a share of 1/61
print("p − y == autograd:", torch.allclose(x.grad, by_hand.detach(), atol=1e-7))

# %% [markdown]
# This also explains the shape of the curve in the slider. Right and sure: the slope goes to
# 0, there is nothing left to learn. Wrong and sure: the slope goes to ±1 and never beyond, so
# no single cell can pull harder than that.

# %% [markdown]
# ## Is my first loss any good? Three landmarks
#
# You start a training run and read a loss of 0.69. Is that good? Landmarks tell.
#
# **All logits zero.** Every probability is one half, and every cell costs $\ln 2$, whatever
# the targets are.

# %%
targets = torch.stack([multi_hot(labels) for labels in df["labels"]])
is_valid = torch.tensor(df["is_valid"].tolist())
train_targets, valid_targets = targets[~is_valid], targets[is_valid]

zeros = torch.zeros_like(valid_targets)
print("all logits zero:", round(binary_cross_entropy(zeros, valid_targets).item(), 4))
print("ln 2:           ", round(log(2), 4))

# %% [markdown]
# **The base rate.** Never look at a picture. For each class always answer with its share in
# the training set. Its logit is $\log\frac{r}{1-r}$ for a share $r$. No constant answer does
# better on the training set: probabilities that cost more are worth less than not looking.

# %%
base_rate = train_targets.mean(dim=0).clamp(0.001, 0.999)  # a share of 0 could cost infinity
base_logits = torch.log(base_rate / (1 - base_rate)).expand_as(valid_targets)
print("base rates only:", round(binary_cross_entropy(base_logits, valid_targets).item(), 3))

# %% [markdown]
# **A trained network** lies far below. On the real PASCAL 2007 pictures the base rates give
# about 0.231 and published runs of this chapter end at 0.102 to 0.104. So a first epoch at
# 0.69 means "no better than a coin", and 0.23 means "it has learned how frequent things are".
# You will see your own network pass these landmarks in lesson 05.

# %% [markdown]
# ## A bug that outlived its first report by 16 months
#
# The printed chapter has a binary cross-entropy in which the two cases are swapped: it takes
# $1 - p$ where the object is there and $p$ where it is absent. It was reported again and
# again, and once it was even put forward as a correction. Why is it so hard to see?


# %%
def swapped(logits, targets):
    """The bug: the cost of the opposite answer."""
    return naive_binary_cross_entropy(logits, 1 - targets)


for_zeros = binary_cross_entropy(zeros, valid_targets)
print("equal at logits of zero:", torch.allclose(swapped(zeros, valid_targets), for_zeros))
for name, loss in {"correct": binary_cross_entropy, "swapped": swapped}.items():
    near = abs(loss(activs, y_batch).item() - log(2)) < 0.1
    print(f"fresh network, {name} loss: within 0.1 of ln 2: {near}")
sure = torch.tensor([6.0, -6.0])
truth = torch.tensor([1.0, 0.0])
print("sure and right, correct loss:", round(binary_cross_entropy(sure, truth).item(), 3))
print("sure and right, swapped loss:", round(swapped(sure, truth).item(), 3))

# %% [markdown]
# A fresh network has logits near zero, where both are near ln 2. So the first printed loss looks
# fine. Train a tiny model with each: 200 points on a line, positive if $x > 0$, one weight, 100
# steps. With the correct loss it ends at 100 % right answers.

# %%
guess(
    "04.swapped",
    "And with the swapped loss: how many per cent are right?",
    low=0,
    high=100,
    within=10,
)


# %%
def train_tiny(loss_func):
    """Share of right answers after 100 steps of gradient descent on one weight."""
    points = torch.linspace(-1, 1, 200)
    truth = (points > 0).float()
    weight = torch.zeros(1, requires_grad=True)
    for _ in range(100):
        loss_func(weight * points, truth).backward()
        with torch.no_grad():
            weight -= weight.grad
        weight.grad = None
    return ((weight * points > 0) == truth.bool()).float().mean().item()


print("correct loss:", train_tiny(binary_cross_entropy))
print("swapped loss:", train_tiny(swapped))

# %%
reveal("04.swapped", 100 * train_tiny(swapped), within=10)

# %% [markdown]
# It learned perfectly, and exactly the wrong thing. The test that would have caught it takes
# one line: *being sure and right must be cheaper than being sure and wrong*. A comparison with
# torch takes another. The losses of this course have both.

# %% [markdown]
# ## Why not the loss for one class per picture? · extra
#
# Elsewhere you will meet **cross-entropy**, torch's loss for exactly one class per picture. It
# takes the softmax and reads $-\log$ of it at the right class: `log_softmax`, then `nll_loss`, which
# reads at exactly one integer per row. A multi-hot row has several ones, or none, so there is no
# such integer.

# %%
one_picture = torch.tensor([[2.0, 0.5, -1.0, 0.0]])
by_hand = -one_picture.softmax(dim=1)[0, 1].log()
theirs = F.cross_entropy(one_picture, torch.tensor([1]))
print("class 1, by hand == torch:", torch.allclose(by_hand, theirs))
try:
    F.nll_loss(one_picture.log_softmax(dim=1), torch.tensor([[1.0, 1.0, 0.0, 0.0]]))
except RuntimeError:
    print("nll_loss with a multi-hot row: RuntimeError")
shouts = F.cross_entropy(100 * one_picture, torch.zeros(1, 4))
print("cross_entropy when nothing is there:", abs(shouts.item()))

# %% [markdown]
# The last line is the dangerous one. Today's `F.cross_entropy` does accept a row of floats, as
# shares of one whole. For a picture without any object it then costs **nothing** to shout the
# wrong class. Nobody would notice: no error, no warning.

# %% [markdown]
# ## Accuracy, cell by cell
#
# With one class per picture you ask: is the largest activation at the right class? `argmax`
# finds the place of the largest number.


# %% tags=["export"]
def accuracy(preds, targets):
    """Share of items whose highest activation is the right class: one class per item."""
    best = preds.argmax(dim=-1)
    right = best == targets
    return right.float().mean()


# %%
two_pictures = torch.tensor([[2.0, 1.0], [3.0, 0.0]])
print("first right, second wrong:", accuracy(two_pictures, torch.tensor([0, 1])).item())
for row, i in zip(rows, logits.argmax(dim=1), strict=True):
    print(f"{row:15} argmax says: {classes[i]}")

# %% [markdown]
# `argmax` always names exactly one class. For *person + horse* it drops one of them, and for
# *nothing* it makes one up. So ask 20 questions per picture instead: is the probability above
# a **threshold**, and was that right?


# %% tags=["export"]
def accuracy_multi(preds, targets, thresh=0.5, sigmoid=True):
    """Share of single yes/no decisions that are right."""
    prob = preds.sigmoid() if sigmoid else preds
    says_yes = prob > thresh
    return (says_yes == targets.bool()).float().mean()


# %%
probabilities = torch.tensor([[0.9, 0.6, 0.1], [0.4, 0.2, 0.3]])
answers = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
print("cells that are right at 0.5:", ((probabilities > 0.5) == answers.bool()).int().tolist())
for thresh in (0.3, 0.5, 0.8):
    share = accuracy_multi(probabilities, answers, thresh, sigmoid=False).item()
    print(f"threshold {thresh}: {share:.3f}")

# %% [markdown]
# `sigmoid=False` because these are probabilities already. Forget it, and a second sigmoid
# pushes everything above 0.5: every class is flagged in every picture. A low threshold says
# yes too often (false alarms); a high one misses things that are there. Lesson 06 finds
# good thresholds.
#
# Is the one-liner right? A plain loop over all cells is slow and beyond doubt:

# %%
right = 0
for activ_row, target_row in zip(activs.tolist(), y_batch.tolist(), strict=True):
    for activ, target in zip(activ_row, target_row, strict=True):
        says_yes = 1 / (1 + 2.718281828459045**-activ) > 0.2
        right += says_yes == (target == 1)
looped = right / activs.numel()
in_one_line = accuracy_multi(activs, y_batch, thresh=0.2).item()
print("loop == one line:", abs(in_one_line - looped) < 1e-6)

# %% [markdown]
# ### Exercise 04.4 · Which class is hard? · ★★☆ · 8 min
#
# One number for 20 classes hides a lot. Write `accuracy_per_class(preds, targets, thresh)`: for
# **logits** `preds` [batch, classes] it gives one share per class, a tensor [classes].
#
# Example: logits `[[2., 2.], [-2., 2.]]`, targets `[[1., 0.], [0., 1.]]`, threshold 0.5: the
# first class is right in both pictures, the second in one, so the result is `[1.0, 0.5]`.


# %% tags=["exercise"]
def accuracy_per_class(preds, targets, thresh=0.5):
    raise NotImplementedError


# %%
check("04.accuracy_per_class", accuracy_per_class)
# hint("04.accuracy_per_class")       # remove the first # for a hint
# solution("04.accuracy_per_class")

# %% [markdown]
# ## The baseline first
#
# Say 95 % of all decisions are right. Impressive? Most classes are absent from most pictures,
# so "no, no, no, …" is nearly always right. Three predictions that never look at a picture:


# %% tags=["export"]
def baselines(targets):
    """accuracy_multi of three predictions that never look at a picture."""
    most_frequent = torch.zeros_like(targets)
    most_frequent[:, targets.sum(dim=0).argmax()] = 1
    predictions = {
        "nothing": torch.zeros_like(targets),
        "everything": torch.ones_like(targets),
        "most frequent": most_frequent,
    }
    return {
        name: accuracy_multi(prediction, targets, sigmoid=False).item()
        for name, prediction in predictions.items()
    }


# %%
for name, share in baselines(valid_targets).items():
    print(f"{name:14} {share:.4f}")

# %% [markdown]
# Predicting **nothing** is already right in more than nine of ten decisions. On the real
# PASCAL validation set it reaches about 0.928, and the chapter's network about 0.95 to 0.963.
# So judge the distance *between* the two. In mistakes per 1,000 decisions:

# %%
baseline, score = 0.928, 0.957
print("mistakes of predicting nothing:", round(1000 * (1 - baseline)))
print("mistakes of the network:       ", round(1000 * (1 - score)))

# %% [markdown]
# Forty per cent of the mistakes are gone. That sounds less grand than "95.7 % right", and says
# more. **Change this and run again:** set `score` to 0.938, 0.948 and 0.958. How many mistakes does
# each step of one percentage point save? And what do you get for 0.92?

# %% [markdown]
# ### Exercise 04.5 · Skill · ★★☆ · 8 min
#
# Write `skill(probabilities, targets, thresh)`: the share of the predict-nothing baseline's
# mistakes that a prediction avoids. 1 is perfect, 0 is as good as predicting nothing, below 0
# is worse. `accuracy_multi` and `baselines` from above may help.
#
# Example: four cells with targets `[[1., 1., 0., 0.]]`. Predicting nothing makes 2 mistakes. A
# prediction with 1 mistake has skill 0.5; one with 3 mistakes has −0.5.


# %% tags=["exercise"]
def skill(probabilities, targets, thresh=0.5):
    raise NotImplementedError


# %%
check("04.skill", skill)
# hint("04.skill")       # remove the first # for a hint
# solution("04.skill")

# %% [markdown]
# ## A side note: `partial`
#
# A training loop calls a metric with two arguments, `metric(preds, targets)`. How do you hand
# it a threshold of 0.2? `functools.partial` makes a new function with some arguments already
# filled in.

# %%
parse_binary = partial(int, base=2)
print(parse_binary("101"), parse_binary("11111"))

metric = partial(accuracy_multi, thresh=0.2)
print("same:", bool(metric(activs, y_batch) == accuracy_multi(activs, y_batch, thresh=0.2)))

# %% [markdown]
# ### Exercise 04.6 · Kill the mutant: present and absent swapped · ★☆☆ · 5 min · extra
#
# Here is the bug that outlived its first report by 16 months, as a mutant of `loss(logits, targets)`. You
# know how to see it by eye. Now write the test that would have stopped it on the first day: it passes on
# the right loss, and an `assert` fails on the mutant. Use no loss of torch's; you know what must come out.
#
# Example: `assert loss(torch.zeros(3), torch.ones(3)) < 0.7` holds for both, so the mutant survives.


# %% tags=["exercise"]
def test_bce(loss):
    raise NotImplementedError


# %%
check("04.kill_swapped_where", test_bce)
# hint("04.kill_swapped_where")       # remove the first # for a hint
# solution("04.kill_swapped_where")

# %% [markdown]
# ## Where people go wrong
#
# - **The swapped cases.** Cost $-\log p$ belongs to *present*. The first printed loss does not
#   show the bug; a comparison with torch does.
# - **Two sigmoids, or none.** Losses *with logits* take raw activations; `accuracy_multi` needs
#   `sigmoid=False` for probabilities.
# - **Reading 95 % as a success.** Look at the predict-nothing baseline first.
# - **"A low threshold misses objects."** It is the other way round: low means false alarms.
# - **One-hot for multi-hot.** Several ones and all zeros are both fine. No extra class for
#   "nothing" is needed.

# %% [markdown]
# ## Recap
#
# 1. Softmax shares out one whole; a sigmoid per class can say *several* and *none*.
# 2. Binary cross-entropy is the mean of $-\log$ of the probability given to the truth.
# 3. Compute it from logits with `logaddexp`; by way of probabilities it breaks at large logits.
# 4. Its gradient is $p - y$; a fresh network costs about $\ln 2$.
# 5. `accuracy_multi` counts yes/no decisions, and predicting nothing already scores high.

# %% [markdown]
# ## Questions
#
# Tick or type, then press **Check**. Every answer is told why it is right or not.

# %%
quiz("04")

# %% [markdown]
# One more, to say in your own words: your first training loss is 0.69. What does that tell you?
# <details><summary>Answer</summary>
# The probabilities are near one half: nothing has been learned yet. If it <em>stays</em> there, look
# for a second sigmoid.
# </details>
#
# **Read on:**
# [BCEWithLogitsLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html) ·
# [logaddexp](https://docs.pytorch.org/docs/stable/generated/torch.logaddexp.html) ·
# [one report of the swapped loss](https://github.com/fastai/fastbook/issues/403)
#
# **Next:** [05 · Fine-tuning: a real classifier in minutes](05_fine_tuning.ipynb)
