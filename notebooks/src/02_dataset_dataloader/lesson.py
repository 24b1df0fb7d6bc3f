# %% [markdown]
# # 02 · Dataset and DataLoader: from single pictures to batches
#
# > **Time:** 60 minutes; what is marked *extra* takes 30 more.
# >
# > **You need:** lesson 01 (positions and masks), Python's classes, and what a tensor is: a box of
# > numbers with a shape, such as [3, 128, 128].
# >
# > **By the end you can**
# > - **write** a dataset for any pictures of yours;
# > - **shuffle** it so that the order is new in each epoch and still repeatable;
# > - **turn** a list of items into one batch, and say why that sometimes fails;
# > - **build** a DataLoader and check it against torch's;
# > - **split** a table into training and validation batches.

# %%
from lessonlib.course import start

start("02")

# %%
import pickle
import subprocess
import sys
from itertools import islice
from string import ascii_lowercase

import numpy as np
import pandas as pd
import torch
import torch.utils.data
from torchvision.transforms.functional import to_tensor

from lessonlib import (
    RandomResizedCrop, Resize, batch_explorer, crop_explorer, open_image, pascal,
    show_images,
)  # fmt: skip
from lessonlib.course import check, guess, hint, quiz, reveal, solution

# %% [markdown]
# ## 1 · What does a training loop eat?
#
# We have a table and a folder with pictures. Here are four of them, each with its width and height.

# %%
folder = pascal()
df = pd.read_csv(folder / "train.csv", keep_default_na=False)

images = [open_image(folder / "train" / name) for name in df["fname"].head(4)]
show_images(images, [f"{image.width} × {image.height}" for image in images])

# %% [markdown]
# A training loop does not take files, and not one picture at a time. In each step it takes a
# **batch**: many pictures in *one* tensor, and their labels. Let us try that with the first 32.
# `to_tensor` turns a picture into numbers from 0 to 1, and `torch.stack` puts tensors on a pile.

# %%
tensors = [to_tensor(open_image(folder / "train" / name)) for name in df["fname"].head(32)]

try:
    torch.stack(tensors)
except RuntimeError as error:
    print("RuntimeError:", str(error).split(",")[0])

# %% [markdown]
# Between the folder and the batch, something is missing. This lesson builds it, piece by piece:
#
# | piece | question that it answers |
# |---|---|
# | dataset | what is item number 5? |
# | sampler | in which order do we visit the items? |
# | batch sampler | which of them go together? |
# | collate | how does a list of items become one batch? |
# | DataLoader | all of it, one batch after the other |

# %% [markdown]
# ## 2 · A dataset: `[i]` and `len()`
#
# A **dataset** has an item for `dataset[i]` and a `len()`. A list will do: 26 letters, each with a number.

# %%
# ord gives the number by which the computer stores a letter
letters = [(ord(letter), letter) for letter in ascii_lowercase]

print("item 2:", letters[2])
print("length:", len(letters))

# %% [markdown]
# A class of your own needs two methods for it. `dataset[i]` calls `__getitem__`, and `len(dataset)`
# calls `__len__`. This one opens a picture only when somebody asks for it, so thousands of pictures
# take no memory. `tfm` is a function for the picture; without it, the picture stays as it is.


# %%
class Pictures:
    def __init__(self, df, folder, tfm=None):
        self.df, self.folder, self.tfm = df, folder, tfm

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        row = self.df.iloc[i]
        image = open_image(self.folder / row["fname"])
        if self.tfm:
            image = self.tfm(image)
        return to_tensor(image), row["labels"]


# %%
pictures = Pictures(df, folder / "train", Resize(128))
x, y = pictures[0]

print("length:", len(pictures) == len(df))
print("shape: ", list(x.shape))
print("labels:", y)

# %% [markdown]
# An item is a pair: what the model sees, and what it should answer. Everybody calls them **x** and
# **y**. The shape of x means 3 colours, 128 rows, 128 columns. `to_tensor` does no magic: it puts
# the colours first, and divides the bytes (0 to 255) by 255. `permute(2, 0, 1)` reorders the
# dimensions: old number 2, the colours, comes first.

# %%
image = Resize(128)(images[0])
by_hand = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255

print("by hand == torchvision:", torch.equal(by_hand, to_tensor(image)))

# %% [markdown]
# ## 3 · A sampler: in which order?
#
# A **sampler** gives positions of a dataset, one after the other. The plainest one goes from front to
# back. A `for` loop calls its method `__iter__`.


# %% tags=["export"]
class SequentialSampler:
    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        return iter(range(len(self.dataset)))


# %%
ours = list(SequentialSampler(letters))
theirs = list(torch.utils.data.SequentialSampler(letters))

print("ours == torch:", ours == theirs)

# %% [markdown]
# To train, we want a random order, and a new one for each **epoch** (one walk through the whole
# dataset). `torch.randperm(n)` gives the numbers 0 to n − 1, shuffled. A **generator** is a source of
# random numbers. Start two of them from one **seed**, and they give the same numbers.
#
# This is the obvious way to write it:


# %%
class RandomSampler:
    def __init__(self, dataset, generator=None):
        self.dataset, self.generator = dataset, generator

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        return iter(torch.randperm(len(self), generator=self.generator).tolist())


# %% [markdown]
# ### Is it torch's RandomSampler? · extra
#
# The sampler above shuffles well. Does it shuffle as torch's does? Both get a generator with the same
# seed, and walk for three epochs. Guess first:

# %%
guess("02.epochs", "In how many of three epochs do both orders agree?", ["0", "1", "2", "3"])


# %%
def three_epochs(sampler_class):
    generator = torch.Generator().manual_seed(42)
    sampler = sampler_class(letters, generator=generator)
    return [list(sampler) for epoch in range(3)]


ours = three_epochs(RandomSampler)
theirs = three_epochs(torch.utils.data.RandomSampler)

for epoch in range(3):
    print(f"epoch {epoch}: ours == torch: {ours[epoch] == theirs[epoch]}")

# %%
reveal("02.epochs", str(sum(a == b for a, b in zip(ours, theirs))))

# %% [markdown]
# The first epoch agrees, so the seed is right. Then torch goes its own way. But where?
# Draw five orders from a fresh generator, and look for torch's epochs among them.

# %%
generator = torch.Generator().manual_seed(42)
drawn = [torch.randperm(26, generator=generator).tolist() for draw in range(5)]

for epoch in range(3):
    print(f"torch's epoch {epoch} is draw number {drawn.index(theirs[epoch])}")

# %% [markdown]
# Torch uses every second draw. Its source explains it: the sampler can also give more numbers than
# there are items. For that it draws one more order at the end, and takes the part that is still
# wanted. For us that part has length 0, but it was drawn. So we draw one that we never use.
#
# There is a second detail. Without a generator, torch draws *one* number from its global source, and
# starts a generator of its own from it. Then other random numbers cannot disturb the order.


# %% tags=["export"]
class RandomSampler:
    def __init__(self, dataset, generator=None):
        self.dataset, self.generator = dataset, generator

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        generator = self.generator
        if generator is None:
            seed = int(torch.empty((), dtype=torch.int64).random_())
            generator = torch.Generator().manual_seed(seed)
        yield from torch.randperm(len(self), generator=generator).tolist()
        torch.randperm(len(self), generator=generator)  # torch draws one more, too


# %% [markdown]
# `yield from` hands the numbers over one by one, and goes on to the last line when they are used up.

# %%
ours = three_epochs(RandomSampler)
print("every epoch equal:", ours == theirs)
print("each epoch visits every item once:", all(sorted(epoch) == list(range(26)) for epoch in ours))
print("each epoch has a new order:", len(set(map(tuple, ours))) == 3)

# %% [markdown]
# Repeatable *and* new in each epoch: the seed fixes the whole series of orders, not one order.
# And without a generator?


# %%
def without_generator(sampler_class):
    torch.manual_seed(1)
    return list(sampler_class(letters))


theirs = without_generator(torch.utils.data.RandomSampler)
print("ours == torch:", without_generator(RandomSampler) == theirs)

# %% [markdown]
# ## 4 · A batch sampler: which ones together?
#
# `iter` gives something that remembers how far it has got, so each `islice` goes on where the last one
# stopped: it takes the next `batch_size` positions, or what is left. `:=` gives them a name while
# `while` looks at them: an empty list ends the loop. The last batch may be shorter; `drop_last=True`
# leaves it out. `yield` hands a batch over, and waits at that line until the next one is wanted.


# %% tags=["export"]
class BatchSampler:
    def __init__(self, sampler, batch_size, drop_last=False):
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self):
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full if self.drop_last or rest == 0 else full + 1

    def __iter__(self):
        positions = iter(self.sampler)
        while batch := list(islice(positions, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch


# %%
for batch in BatchSampler(SequentialSampler(letters), batch_size=7):
    print(batch)

# %% [markdown]
# The last batch has five items. Is it right for *any* size? Here it meets torch's, with every length up
# to 40, every batch size up to 9, with and without `drop_last`.

# %%
equal = []
for length in range(1, 41):
    for size in range(1, 10):
        for drop_last in (False, True):
            sampler = SequentialSampler(range(length))
            ours = BatchSampler(sampler, size, drop_last)
            theirs = torch.utils.data.BatchSampler(sampler, size, drop_last)
            equal.append(list(ours) == list(theirs) and len(ours) == len(theirs))

print(f"{sum(equal)} of {len(equal)} cases equal")

# %% [markdown]
# **Try it.** Move the batch size with the mouse or the arrow keys. For which sizes does `drop last`
# change nothing? At which size does it leave out the most letters?

# %%
batch_explorer(ascii_lowercase)

# %% [markdown]
# If you only read this page, here are two positions of that slider, both with `drop last`.

# %%
for size in (13, 14):
    batches = list(BatchSampler(ascii_lowercase, size, drop_last=True))
    print(f"batch size {size}, drop last. Number of batches: {len(batches)}")
    for batch in batches:
        print("   ", " ".join(batch))

# %% [markdown]
# Size 13 loses nothing, size 14 loses twelve of 26. For training that is no harm: the order is new in
# each epoch, so others are left out each time. A short batch gives a shaky step, and a batch of one
# can break layers that average over the batch. For validation, every item counts: never drop there.
#
# (We gave it a text instead of a sampler, and it worked. All it needs is a length and a `for` loop.)

# %% [markdown]
# ### Exercise 02.1 · predict · ★☆☆ · 3 min
#
# 1,000 training pictures, batch size 48. How many batches has an epoch? How many with `drop_last`? And
# how many pictures does `drop_last` leave out? Give a list of three numbers, such as `[30, 29, 7]`.

# %% tags=["exercise"]
predicted = None  # replace None by your list

# %%
check("02.predict", predicted)
# hint("02.predict")       # remove the first # for a hint
# solution("02.predict")

# %% [markdown]
# ### Exercise 02.2 · spot the bug · ★★☆ · 4 min
#
# This should cut a list into batches. Something is lost, and not only when the last batch is short.
# Write it without the bug: `cut([3, 0, 2], 2)` is `[[3, 0], [2]]`.
# ```python
# batches = []
# for start in range(0, len(positions) - batch_size, batch_size):
#     batches.append(positions[start : start + batch_size])
# return batches
# ```


# %% tags=["exercise"]
def cut(positions, batch_size):
    raise NotImplementedError


# %%
check("02.cut", cut)
# hint("02.cut")       # remove the first # for a hint
# solution("02.cut")

# %% [markdown]
# ## 5 · Collate: a list of items becomes one batch
#
# A batch sampler gives positions. With the dataset, they become a list of items:

# %%
items = [letters[i] for i in [3, 0, 24]]
items

# %% [markdown]
# A model wants it the other way round: all x together, and all y together. So rows become columns.
# That is called **transposing**, and Python has a famous short form for it: `zip(*items)`.

# %%
list(zip(*items))

# %% [markdown]
# Read it from the inside. The star unpacks the list: each item becomes an argument of its own. `zip`
# then takes the first part of every argument, then the second part of every argument.
# Twice transposed is where we began.

# %%
print("the star unpacks:", list(zip(*items)) == list(zip(items[0], items[1], items[2])))
print("twice is nothing:", list(zip(*zip(*items))) == items)

# %% [markdown]
# The rest depends on what the parts are. Tensors are stacked, numbers become a tensor. There is no
# tensor of strings, so strings stay a tuple. And if the items are tuples, `collate` transposes them
# and calls *itself* for each part. That way a tuple may hold tuples, as deep as you like.


# %% tags=["export"]
def collate(items):
    first = items[0]
    if isinstance(first, tuple):
        return tuple(collate(part) for part in zip(*items, strict=True))
    if isinstance(first, torch.Tensor):
        return torch.stack(items)
    if isinstance(first, str):
        return tuple(items)
    return torch.as_tensor(np.asarray(items))


# %%
numbers, names = collate(items)
print(numbers)
print(names)

# %% [markdown]
# Two details. `strict=True` makes `zip` complain when one item has more parts than another; without
# it, `zip` would silently stop at the shortest. And Python's floats have 64 bits, so collate gives
# float64, as torch does. Models calculate in float32: call `.float()` on such a batch.

# %%
print("without strict, the 'a' is lost:", list(zip((1, "a"), (2,))))
print(collate([1, 2]).dtype)
print(collate([0.5, 1.5]).dtype)
print(collate([0.5, 1.5]).float().dtype)

# %% [markdown]
# Does it equal torch's `default_collate`? Values, types and nesting should. One thing may differ:
# where we give a tuple, torch gives a list.


# %%
def same(ours, theirs):
    if isinstance(theirs, torch.Tensor):
        return ours.dtype == theirs.dtype and torch.equal(ours, theirs)
    if isinstance(theirs, (list, tuple)):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


lists = {
    "numbers": [1, 2, 3],
    "floats": [0.5, 1.5],
    "strings": ["cat", "dog"],
    "pairs": letters[:5],
    "nested": [((1, "a"), (0.5, torch.ones(2))), ((2, "b"), (1.5, torch.zeros(2)))],
}
for name, values in lists.items():
    theirs = torch.utils.data.default_collate(values)
    print(f"{name:8} ours == torch:", same(collate(values), theirs))

# %% [markdown]
# ### Exercise 02.3 · columns · ★★☆ · 4 min
#
# Write `columns(rows)`: what `list(zip(*rows))` gives, but without `zip` (that is for checking
# yourself). `rows` is a list of at least one tuple, and all tuples are equally long. The result is a
# list of tuples.
#
# Example: `columns([(1, 2, 3), (4, 5, 6)])` is `[(1, 4), (2, 5), (3, 6)]`.


# %% tags=["exercise"]
def columns(rows):
    raise NotImplementedError


# %%
check("02.columns", columns)
# hint("02.columns")       # remove the first # for a hint
# solution("02.columns")

# %% [markdown]
# ## 6 · Pictures of different sizes
#
# Back to the failure of section 1. `lessonlib` has the same `collate`, plus checks that say what is
# wrong before torch does. Read the message: which item, what it is, what to do.

# %%
import lessonlib

as_they_are = Pictures(df, folder / "train")

try:
    lessonlib.collate([as_they_are[i] for i in range(32)])
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# This is an error that many people meet. The cure is to give all pictures one size *before* they
# are collated: in the dataset. `Resize(128)` cuts out the largest centred square and shrinks it.

# %%
xs, ys = collate([pictures[i] for i in range(32)])

print("xs:", list(xs.shape))
print("ys:", type(ys).__name__, "of", len(ys))

# %% [markdown]
# 32 pictures, 3 colours, 128 rows, 128 columns: that is what a training loop eats.
#
# `RandomResizedCrop` gives one size too, but cuts out a *random* part, a new one each time.
# `min_scale` is the smallest share of the picture that it draws. **Try it** on the picture with the
# most labels. From which value on do you see at least a piece of each in every crop?

# %%
row = df["labels"].str.split().str.len().argmax()
picture = open_image(folder / "train" / df.iloc[row, 0])
print("labels:", df.iloc[row, 1])

crop_explorer(picture)

# %% [markdown]
# Two positions of that slider: four crops with `min_scale` 0.1, then four with 0.8. A crop that lost
# an object still carries its label. Lesson 03 measures how often that happens.

# %%
torch.manual_seed(3)
crops = [RandomResizedCrop(128, scale)(picture) for scale in (0.1,) * 4 + (0.8,) * 4]

show_images(crops, ["min_scale 0.1"] * 4 + ["min_scale 0.8"] * 4)

# %% [markdown]
# ### Exercise 02.4 · fill up with zeros · ★★★ · 8 min
#
# Another way to make a batch: cut nothing, fill up. Write `padded(pictures)` for a list of tensors
# [channels, height, width] of different sizes. It gives one tensor [batch, channels, height, width]
# that is just large enough for all of them. Each picture is at the top left, with zeros below and to
# its right.
#
# Example: two pictures [1, 1, 3] and [1, 2, 1] give a batch [2, 1, 2, 3].


# %% tags=["exercise"]
def padded(pictures):
    raise NotImplementedError


# %%
check("02.padded", padded)
# hint("02.padded")       # remove the first # for a hint
# solution("02.padded")

# %% [markdown]
# ## 7 · The DataLoader
#
# All pieces are there. A **DataLoader** walks over a dataset and gives one batch after the other.


# %%
class DataLoader:
    def __init__(self, dataset, batch_size=64, shuffle=False, drop_last=False, seed=None):
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        sampler = RandomSampler(dataset, generator) if shuffle else SequentialSampler(dataset)
        self.batches = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset

    def __iter__(self):
        for positions in self.batches:
            yield collate([self.dataset[i] for i in positions])


# %%
for numbers, names in DataLoader(letters, batch_size=7):
    print(numbers.tolist(), names)

# %% [markdown]
# A class can get more methods later: write a function, and store it in the class. These two give the
# number of batches, and the first batch. `iter(loader)` starts a new epoch, `next` takes one batch.


# %% tags=["export:DataLoader"]
def __len__(self):
    return len(self.batches)


def one_batch(self):
    return next(iter(self))


DataLoader.__len__ = __len__
DataLoader.one_batch = one_batch

# %% [markdown]
# Here is a trap: each `next(iter(loader))` starts *again*. It does not give the second batch.

# %%
loader = DataLoader(letters, batch_size=7)
first, again = loader.one_batch(), loader.one_batch()
print("asked twice:", first[1], again[1])

epoch = iter(loader)
first, second = next(epoch), next(epoch)
print("one epoch:  ", first[1], second[1])

# %% [markdown]
# ### Shuffle, or learn the order
#
# Without `shuffle`, each epoch is the same: the same neighbours in the same batches. Each step of
# training follows the average of one batch, and the last batches have the last word.
# One published notebook switches shuffling off "for now", and then trains like that.
#
# It is worst for tables that are sorted. Take our labels, sorted:

# %%
in_order = sorted(df["labels"])
plain = DataLoader(in_order, batch_size=32)
mixed = DataLoader(in_order, batch_size=32, shuffle=True, seed=42)

print("plain: each epoch the same:", list(plain) == list(plain))
print("mixed: each epoch the same:", list(mixed) == list(mixed))
print("plain: labels in the first batch:", set(plain.one_batch()))
print("mixed: at least 8 different ones:", len(set(mixed.one_batch())) >= 8)

# %% [markdown]
# One kind of label only (`''` is the empty text: no label at all). Such a batch pulls the model towards
# that one answer, and the next batch pulls it elsewhere. So: shuffle the training set, in each epoch.
# The validation set needs no shuffling, because nothing is learnt from it.
#
# To repeat a training run exactly, fix the seed. Three loaders with one seed, and one of them is asked for
# a batch before it walks. Is that harmless?

# %%
guess("02.peeked", "Does a look at one batch change the epochs that follow?", ["yes", "no"])


# %%
def three_walks(loader):
    return [tuple(names for _, names in loader) for epoch in range(3)]


one, two, peeked = (DataLoader(letters, 7, shuffle=True, seed=7) for _ in range(3))
peeked.one_batch()
expected, after_a_look = three_walks(one), three_walks(peeked)

print("same seed, same three epochs:  ", three_walks(two) == expected)
print("each epoch is new:             ", len(set(expected)) == 3)
print("the same after one look inside:", after_a_look == expected)

# %%
reveal("02.peeked", "no" if after_a_look == expected else "yes")

# %% [markdown]
# `one_batch()` begins an epoch, and that uses up an order. After a look at a batch, make a new loader
# if the run has to be repeatable.

# %% [markdown]
# ### Helpers: `num_workers` · extra
#
# Opening pictures takes time, and the model waits. **Workers** are more Python processes that prepare
# the next batches meanwhile. Starting processes and passing tensors between them is hard to get
# right, so here we use torch's machinery underneath, with *our* batch sampler and *our* collate.
# Two methods change.


# %% tags=["export:DataLoader"]
def __init__(
    self, dataset, batch_size=64, shuffle=False, drop_last=False, num_workers=0, seed=None
):
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    sampler = RandomSampler(dataset, generator) if shuffle else SequentialSampler(dataset)
    self.batches = BatchSampler(sampler, batch_size, drop_last)
    self.dataset, self.num_workers = dataset, num_workers


DataLoader.__init__ = __init__


# %% tags=["export:DataLoader"]
def __iter__(self):
    if self.num_workers > 0:
        yield from torch.utils.data.DataLoader(
            self.dataset,
            batch_sampler=self.batches,
            collate_fn=collate,
            num_workers=self.num_workers,
        )
    else:
        for positions in self.batches:
            yield collate([self.dataset[i] for i in positions])


DataLoader.__iter__ = __iter__

# %% [markdown]
# The default is 0: no helpers. That always works. Why would helpers not? On Windows and macOS (and
# on Linux from Python 3.14 on), a worker is a fresh Python. It gets the dataset by **pickle**: as bytes
# that describe it. A function or a class is described by its *name* only. Which things arrive? Let us
# send some to a fresh Python.


# %%
def arrives(thing):
    read = "import pickle, sys; pickle.load(sys.stdin.buffer)"
    try:
        sent = pickle.dumps(thing)
    except Exception:
        return False
    fresh = subprocess.run([sys.executable, "-c", read], input=sent, capture_output=True)
    return fresh.returncode == 0


print("a list arrives:                   ", arrives(letters))
print("a lambda arrives:                 ", arrives(lambda row: row))
print("collate of this notebook arrives: ", arrives(collate))
print("collate of lessonlib arrives:     ", arrives(lessonlib.collate))

# %% [markdown]
# A lambda has no name to look up. Our own `collate` has one, but a fresh Python does not know the cells
# of this notebook. What stands in a file can be imported, so it arrives. That is why classes for
# workers belong in a `.py` file. And a *script* that uses workers has to begin its work below
# `if __name__ == "__main__":`. Else each worker, on reading the file, would start workers.
#
# From here on we use `lessonlib`'s loader. It is the same code, but it stands in a file.

# %%
from lessonlib import DataLoader, collate

alone = DataLoader(letters, 7, shuffle=True, seed=7)
helped = DataLoader(letters, 7, shuffle=True, seed=7, num_workers=1)

print("the same order and items with a worker:", same(list(alone), list(helped)))

# %% [markdown]
# Only random transforms come out differently: each worker has random numbers of its own.
#
# ### Does it equal torch's?
#
# Last, the oracle: torch's DataLoader gets our batch sampler, and does the rest by itself. (Its own
# `shuffle=True` would give another order, because it first draws a number for its workers' seeds.)

# %%
equal = []
for size in (1, 5, 7, 26):
    for drop_last in (False, True):
        options = {"shuffle": True, "drop_last": drop_last, "seed": 3}
        ours = DataLoader(letters, size, **options)
        order = DataLoader(letters, size, **options).batches  # the same seed: the same order
        theirs = torch.utils.data.DataLoader(letters, batch_sampler=order)
        equal.append(len(ours) == len(theirs) and same(list(ours), list(theirs)))

print(f"{sum(equal)} of {len(equal)} cases equal")

# %% [markdown]
# ## 8 · Datasets: functions instead of a class
#
# Writing a class for each new table gets tiresome. `Datasets` (with an *s*) takes **items** and
# functions. A list of functions is a chain: each gets what the one before it gave.


# %% tags=["export"]
def apply(functions, item):
    for function in functions:
        item = function(item)
    return item


# %% [markdown]
# There is one chain for *each part* of the tuple that an item becomes. We start with an empty class
# and add the methods.


# %%
class Datasets:
    """Items, and one chain of functions for each part of the tuple that they become."""


# %% tags=["export:Datasets"]
def __init__(self, items, tfms=None, splits=None):
    self.items, self.tfms = items, tfms or [[]]
    self.splits = [range(len(items))] if splits is None else splits


def __len__(self):
    return len(self.items)


def __getitem__(self, i):
    rows = getattr(self.items, "iloc", self.items)  # a DataFrame counts rows with iloc
    item = rows[i]
    return tuple(apply(functions, item) for functions in self.tfms)


Datasets.__init__, Datasets.__len__, Datasets.__getitem__ = __init__, __len__, __getitem__

# %% [markdown]
# Count the brackets, and guess before you run it:

# %%
guess("02.parts", "How many parts has an item with [[double, shout]]?", ["1", "2", "3"])


# %%
def double(text):
    return text * 2


def shout(text):
    return text.upper() + "!"


print("no functions:        ", Datasets(ascii_lowercase)[0])
print("[[double]]:          ", Datasets(ascii_lowercase, [[double]])[0])
print("[[double, shout]]:   ", Datasets(ascii_lowercase, [[double, shout]])[0])
print("[[double], [shout]]: ", Datasets(ascii_lowercase, [[double], [shout]])[0])

# %%
reveal("02.parts", str(len(Datasets(ascii_lowercase, [[double, shout]])[0])))

# %% [markdown]
# Always a tuple, even of one part. `[[double, shout]]` is *one* chain: one part, shouted after it was
# doubled. `[[double], [shout]]` is *two* chains: a pair, and both start from the item.
#
# **Splits** are two lists of positions: for training, and for validation. `torch.utils.data.Subset` is
# a dataset that shows only some positions of another one.


# %% tags=["export:Datasets"]
def subset(self, k):
    if k >= len(self.splits):
        raise IndexError(
            "These Datasets have no validation split. Give two lists of positions: "
            "Datasets(items, tfms, splits=(train_positions, valid_positions))."
        )
    return torch.utils.data.Subset(self, self.splits[k])


Datasets.subset = subset

# %% [markdown]
# `@property` lets you write `dsets.train` without brackets behind it.


# %% tags=["export:Datasets"]
@property
def train(self):
    return self.subset(0)


@property
def valid(self):
    return self.subset(1)


Datasets.train, Datasets.valid = train, valid

# %% [markdown]
# Now the real table. An item is a row, and two chains make x and y of it. The splits are *positions*,
# not row labels (lesson 01, section 5). To prove it, we shuffle the table first: `sample(frac=1)`
# gives all rows in random order. `shorter=128` lets a JPEG be read at a smaller size, which is quicker.


# %%
def open_row(row):
    return open_image(folder / "train" / row["fname"], shorter=128)


def labels_of(row):
    return row["labels"]


table = df.sample(frac=1, random_state=0)
splits = np.flatnonzero(~table["is_valid"]), np.flatnonzero(table["is_valid"])
dsets = Datasets(table, [[open_row, Resize(128), to_tensor], [labels_of]], splits)

print(f"{len(dsets.train)} to train, {len(dsets.valid)} to validate")
print("all of them for validation:", table.iloc[dsets.valid.indices]["is_valid"].all())

# %% [markdown]
# `open_row` and `labels_of` are functions with a name, not lambdas: a worker could not find a lambda.

# %% [markdown]
# ### Exercise 02.5 · name and count · ★★☆ · 5 min
#
# Write `name_and_count(df)`: it makes `Datasets` whose items are the file name and the *number* of
# labels, and gives them back as a list: `list(Datasets(…))`.
#
# Example: for two rows, `a.jpg` with `"dog"` and `b.jpg` with `"cat dog"`, it gives
# `[("a.jpg", 1), ("b.jpg", 2)]`. A picture without labels has 0.


# %% tags=["exercise"]
def name_and_count(df):
    raise NotImplementedError


# %%
check("02.name_and_count", name_and_count)
# hint("02.name_and_count")       # remove the first # for a hint
# solution("02.name_and_count")

# %% [markdown]
# ## 9 · DataLoaders: training and validation together
#
# The last piece holds two loaders, each with the settings that fit it. Training: shuffled, and without
# the short batch. Validation: in order, and every item. (A `@classmethod` is called on the class
# itself; `**options` passes `seed` and `num_workers` on.)


# %% tags=["export"]
class DataLoaders:
    def __init__(self, train, valid):
        self.train, self.valid = train, valid

    @classmethod
    def from_dsets(cls, train, valid, batch_size=64, **options):
        return cls(
            DataLoader(train, batch_size, shuffle=True, drop_last=True, **options),
            DataLoader(valid, batch_size, **options),
        )

    def one_batch(self):
        return self.train.one_batch()


# %% [markdown]
# It needs *both*. A published notebook calls fastai's `from_dsets` with one dataset only. That gives
# a training loader, and no error until somebody asks for `.valid`. Ours stops where the split is
# missing, and says so:

# %%
no_splits = Datasets(letters)

try:
    DataLoaders.from_dsets(no_splits.train, no_splits.valid)
except IndexError as error:
    print("IndexError:", error)

# %% [markdown]
# With both, all of this lesson is one line:

# %%
dls = DataLoaders.from_dsets(dsets.train, dsets.valid, batch_size=32, seed=42)
xs, ys = dls.one_batch()

print("xs:", list(xs.shape))
print("ys:", type(ys).__name__, "of", len(ys))

# %%
show_images(list(xs[:8]), [text.replace(" ", ", ") or "(no label)" for text in ys[:8]])

# %% [markdown]
# Eight of the 32 pictures of a real batch, each under its labels: shuffled, all of one size, in one
# tensor. Where an edge was cut off, a labelled object may be gone.
#
# The labels are still texts. Lesson 03 turns them into the multi-hot rows of lesson 01, and builds
# the whole chain with a `DataBlock`.

# %%
batch_size = 48  # change this and run the cell again

dls = DataLoaders.from_dsets(dsets.train, dsets.valid, batch_size, seed=42)
seen = len(dls.train) * batch_size

print(f"batches for training: {len(dls.train)} (pictures left out: {len(dsets.train) - seen})")
print(f"batches for validation: {len(dls.valid)} (pictures left out: 0)")

# %% [markdown]
# ### Exercise 02.6 · kill the mutant: it loses a batch · ★☆☆ · 4 min · extra
#
# `batches(positions, batch_size)` cuts positions into lists for validation, where every item counts. The
# mutant drops a last short batch, as training does. Write the test that kills it: right for the one, an
# `assert` that fails for the other.
#
# Example: `assert batches([4, 7], 1) == [[4], [7]]` holds for both, so the mutant survives.


# %% tags=["exercise"]
def test_batches(batches):
    raise NotImplementedError


# %%
check("02.kill_lost_batch", test_batches)
# hint("02.kill_lost_batch")       # remove the first # for a hint
# solution("02.kill_lost_batch")

# %% [markdown]
# ## Where people go wrong
#
# - **Pictures of different sizes** in one batch. The error comes from `collate`, but the cure belongs
#   in the dataset: resize there.
# - **`from_dsets` with one dataset.** It gives no validation loader. You notice when `.valid` fails,
#   or never.
# - **`shuffle=False` "for now".** Nothing fails, so nobody comes back to it. In fastai it also
#   switches `drop_last` off.
# - **`next(iter(loader))` twice** for "the first two batches". It is the first batch of two epochs.
# - **Workers in a notebook on Windows or macOS.** Classes and functions from cells do not arrive; the
#   notebook stops with an error, or hangs. Put them in a `.py` file, or keep `num_workers=0`.
#
# ## Recap
#
# - A dataset has `[i]` and `len()`; it opens and resizes *one* item.
# - A sampler gives positions, and a batch sampler cuts them into lists.
# - `collate` transposes with `zip(*items)`, then stacks each part.
# - A DataLoader does it batch by batch; a seed makes its orders repeatable.
# - `Datasets` holds training and validation data, `DataLoaders` a loader for each.
#
# ## Questions
#
# Tick or type, then press **Check**. Every answer is told why it is right or not.

# %%
quiz("02")

# %% [markdown]
# One more, to say in your own words: what is the difference between `[[f1, f2]]` and `[[f1], [f2]]`?
# <details><summary>Answer</summary>
# The first is one chain: f2 gets what f1 gave, and items have one part. The second is two chains: f1
# and f2 both get the item, and items have two parts.
# </details>
#
# ## If you want to read more
#
# - [PyTorch: torch.utils.data](https://docs.pytorch.org/docs/stable/data.html)
# - [PyTorch: repeatable results](https://docs.pytorch.org/docs/stable/notes/randomness.html)
# - [Python: zip](https://docs.python.org/3/library/functions.html#zip)
# - [Python: what can be pickled](https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled)
# - [fastai: Datasets and DataLoaders](https://docs.fast.ai/data.core.html)
#
# **Next:** [03 · DataBlock: one recipe from a table to batches](03_datablock.ipynb)
