# %% [markdown]
# # 03 · DataBlock: one recipe from a table to batches
#
# > **Time:** 60 minutes; what is marked *extra* takes 35 more. Skip sections 10 and 11 for now:
# > lesson 07 is the first that needs them.
# >
# > **You need:** lesson 01 (positions and masks) and lesson 02 (`Datasets`, `DataLoader`, `collate`).
# >
# > **By the end you can**
# > - **write** a recipe that turns any table or folder into training and validation batches;
# > - **turn** labels into tensors, and tensors back into labels;
# > - **split** by chance, by a column or by groups, and find leaks;
# > - **look** into every step between a row and a batch;
# > - **read** the errors that this machinery gives, and cure them.

# %%
from lessonlib.course import start

start("03")

# %%
import copy
import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torchvision import transforms
from torchvision.transforms.functional import pil_to_tensor

from lessonlib import (
    Datasets, Resize, collate, open_image, pascal, plot_curves, show_figure,
    show_images,
)  # fmt: skip
from lessonlib.course import check, guess, hint, quiz, reveal, solution

# %% [markdown]
# ## 1 · Where lesson 02 stopped
#
# In lesson 02, `Datasets` took functions that we wrote for one table. But every project asks the same
# five questions. A **DataBlock** is a recipe with an answer to each, and this lesson builds one.
#
# | question | answered by |
# |---|---|
# | what are the items? | `get_items` |
# | where in an item are the input and the target? | `get_x`, `get_y` (**getters**) |
# | what kind of thing is each of them? | `blocks` |
# | which items are for validation? | `splitter` |
# | what happens to the pictures? | `item_tfms`, `batch_tfms` |

# %%
folder = pascal()
df = pd.read_csv(folder / "train.csv", keep_default_na=False)

dsets = Datasets(df, [[lambda row: row["fname"]], [lambda row: row["labels"]]])
names, labels = zip(*[dsets[i] for i in range(3)])  # rows become columns

print("one item:", dsets[0])
print("names:   ", names)
print("labels:  ", labels)

# %% [markdown]
# Texts, though: a model needs one tensor of pictures and one of targets. We get there step by step,
# and each step cures what went wrong in the one before.
#
# ## 2 · An empty DataBlock
#
# We begin with the split, since validation should be there from the first minute. The plainest way is
# to draw lots. A splitter is a function that takes the items, and gives two lists of positions.
# `RandomSplitter(0.2)` *makes* such a function: the one inside remembers the 0.2.


# %% tags=["export"]
def RandomSplitter(valid_pct=0.2, seed=None):
    def split(items):
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        order = torch.randperm(len(items), generator=generator).tolist()
        cut = int(valid_pct * len(items))
        return order[cut:], order[:cut]

    return split


# %%
print("ten items:    ", RandomSplitter(0.2, seed=42)(range(10)))
print("same seed:    ", RandomSplitter(0.2, seed=42)(range(10)))
print("another seed: ", RandomSplitter(0.2, seed=7)(range(10)))

# %% [markdown]
# Two of ten are for validation. Without a seed, each call draws anew.
#
# Now the smallest recipe. Whoever says nothing gets the item itself for both parts, and a random split.


# %%
def itself(item):
    return item


class DataBlock:
    def __init__(self, get_items=None, get_x=None, get_y=None, splitter=None):
        self.getters = [get_x or itself, get_y or itself]
        self.get_items, self.splitter = get_items, splitter or RandomSplitter()

    def datasets(self, source):
        items = self.get_items(source) if self.get_items else source
        splits = self.splitter(items)
        return Datasets(items, [[getter] for getter in self.getters], splits)


# %%
dsets = DataBlock().datasets(df)
x, y = dsets.train[0]

print(len(df), "rows:", len(dsets.train), "to train,", len(dsets.valid), "to validate")
print("x is a", type(x).__name__, "with", list(x.index))
print("y is the same row:", x.equals(y))

# %% [markdown]
# One item is the **row, twice**: once as the input, once as the target. That is all that an empty
# recipe can know. (The real PASCAL has 5,011 rows, so 4,009 and 1,002.)

# %% [markdown]
# ### Exercise 03.1 · predict · ★☆☆ · 3 min
#
# A table has 1,004 rows. A DataBlock splits it with `RandomSplitter(0.2)`, and its loaders have batch
# size 64. As in lesson 02, training drops a last short batch and validation keeps it. How many
# training items are there? How many training batches? How many validation batches?
# Give a list of three numbers, such as `[900, 14, 2]`.

# %% tags=["exercise"]
predicted = None  # replace None by your list

# %%
check("03.predict", predicted)
# hint("03.predict")       # remove the first # for a hint
# solution("03.predict")

# %% [markdown]
# ## 3 · Getters
#
# A getter takes one item, and finds a part in it. The quickest way to write one is a **lambda**: a
# function of one expression, without a name.

# %%
dblock = DataBlock(get_x=lambda row: row["fname"], get_y=lambda row: row["labels"])
dsets = dblock.datasets(df.head(10))

print(dsets[0])

# %% [markdown]
# That works, until the recipe has to travel: into a file, or to a worker process of lesson 02. Then
# Python's `pickle` writes functions down *by name*. A lambda has none.


# %%
def get_x(row):
    return row["fname"]


def can_be_pickled(thing):
    try:
        pickle.dumps(thing)
    except (pickle.PicklingError, AttributeError):
        return False
    return True


print("lambda:", can_be_pickled(lambda row: row["fname"]))
print("def:   ", can_be_pickled(get_x))

# %% [markdown]
# `def` is the first half. For a worker on Windows or macOS the function must also stand in a `.py`
# file (lesson 02). The library's `ColReader`, below, does. (fastai saves with another pickler,
# cloudpickle, which stores even a lambda.)
#
# Next problem: a name is not a file. And the labels are one text.

# %%
x, y = Datasets(df, [[get_x], [lambda row: row["labels"]]])[1]
try:
    open_image(x)
except FileNotFoundError as error:
    print(error)
print(repr(y))

# %% [markdown]
# Put the folder in front of the name, and split the text. Not with `split(" ")`, which makes a class
# without a name out of an empty text (lesson 01).


# %%
def get_x(row):
    return folder / "train" / row["fname"]


def get_y(row):
    return row["labels"].split()


# %%
x, y = DataBlock(get_x=get_x, get_y=get_y).datasets(df)[1]

print("the file is there:", x.is_file())
print("labels:", y)

# %% [markdown]
# Nearly every table needs these two: something before or after a cell, or a cell cut into a list. A
# class whose objects can be called like functions (`__call__`) does both, and can be pickled.


# %% tags=["export"]
class ColReader:
    def __init__(self, cols, pref="", suff="", label_delim=None):
        self.cols, self.pref, self.suff, self.label_delim = cols, pref, suff, label_delim

    def __call__(self, row):
        if isinstance(self.cols, list):
            return [self.read(row[col]) for col in self.cols]
        return self.read(row[self.cols])

    def read(self, value):
        if self.label_delim is not None:
            return value.split(self.label_delim) if value else []
        if isinstance(self.pref, Path):
            return self.pref / f"{value}{self.suff}"
        return f"{self.pref}{value}{self.suff}" if self.pref or self.suff else value


# %%
same_x, same_y = ColReader("fname", pref=folder / "train"), ColReader("labels", label_delim=" ")
rows = [df.iloc[i] for i in range(len(df))]

print("the same files: ", all(same_x(row) == get_x(row) for row in rows))
print("the same labels:", all(same_y(row) == get_y(row) for row in rows))
print("with a suffix:  ", ColReader("name", suff=".jpg")({"name": "000012"}))

# %% [markdown]
# ### Exercise 03.2 · another table · ★☆☆ · 4 min
#
# A friend's table has a column `tags`, written by hand: `"cat; dog"`, `"dog ;cat;"`, or nothing at
# all. Write the getter `get_tags(row)`: a list of the tags in the order of the text, without blanks
# around them, and without empty ones.
#
# Example: for a row with the tags `"polar bear; fish"` it gives `["polar bear", "fish"]`.


# %% tags=["exercise"]
def get_tags(row):
    raise NotImplementedError


# %%
check("03.get_tags", get_tags)
# hint("03.get_tags")       # remove the first # for a hint
# solution("03.get_tags")

# %% [markdown]
# ## 4 · ImageBlock
#
# A getter finds the file. Opening it is the same in every project with pictures, and so is much that
# comes later. So we describe each *kind of part* once. A `@dataclass` writes `__init__` for us.


# %% tags=["export"]
@dataclass
class TransformBlock:
    type_tfms: list = ()  # functions that make a part what it is, such as: open the file
    batch_tfms: list = ()  # functions for whole batches of this part
    loss_func: object = None  # the loss, if this part is the target
    pictures: bool = False  # are the recipe's transforms of pictures for this part?


# %% [markdown]
# Pictures are stored as bytes: whole numbers from 0 to 255. A model calculates with floats. They take
# four times the memory, so we change that last, when the batch is ready.


# %% tags=["export"]
def int_to_float(x):
    return x.to(torch.float32, copy=True).div_(255)  # in place: no second copy of the floats


def ImageBlock():
    return TransformBlock([open_image], [int_to_float], pictures=True)


# %% [markdown]
# The recipe gets a list of blocks, one for each part. Then each part has a chain of functions: first
# its getter, then the type transforms of its block. (If a block is given as a function, such as
# `ImageBlock`, the recipe calls it.)


# %%
def __init__(self, blocks, get_items=None, get_x=None, get_y=None, splitter=None):
    self.blocks = [block() if callable(block) else block for block in blocks]
    self.getters = [get_x or itself, get_y or itself]
    self.get_items, self.splitter = get_items, splitter or RandomSplitter()


def datasets(self, source):
    items = self.get_items(source) if self.get_items else source
    splits = self.splitter(items)
    chains = zip(self.getters, self.blocks, strict=True)
    return Datasets(items, [[getter, *block.type_tfms] for getter, block in chains], splits)


DataBlock.__init__, DataBlock.datasets = __init__, datasets

# %%
dblock = DataBlock([ImageBlock, TransformBlock], get_x=get_x, get_y=get_y)
dsets = dblock.datasets(df)
x, y = dsets[1]

show_images([x], [f"{x.width} × {x.height}: {', '.join(y)}"])

# %% [markdown]
# A picture of the table, under its labels. The input is a picture now. And the target?

# %% [markdown]
# ## 5 · Labels are lists
#
# The target is a list of texts, and a batch cannot be made of that:

# %%
try:
    collate([y for _, y in (dsets[0], dsets[1])])
except TypeError as error:
    print(str(error).split(". ")[0])

# %% [markdown]
# A model gives numbers, so the target has to be numbers as well. For *one* label that is a number of
# its own. Which number? The position in a list that is always the same: the **vocabulary**, all
# labels once, sorted. `setup` makes it out of examples, and `decode` goes back from number to label.


# %% tags=["export"]
class Categorize:
    def __init__(self, vocab=None):
        self.vocab = vocab

    def setup(self, labels):
        if self.vocab is None:
            self.vocab = sorted(set(labels))

    def __call__(self, label):
        return torch.tensor(self.vocab.index(label))

    def decode(self, number):
        return self.vocab[int(number)]


# %%
one = Categorize()
one.setup(["dog", "cat", "dog", "horse"])

print("vocabulary:", one.vocab)
print("dog →", one("dog"), "→", one.decode(one("dog")))

# %% [markdown]
# Our pictures may have several labels, or none. So the target is a row of zeros and ones, one for
# each class: 1 for *is in the picture*. That is **multi-hot**. (People often say one-hot, but that
# means exactly one 1.) Everything else is inherited: `super().setup` is the `setup` above.


# %% tags=["export"]
class MultiCategorize(Categorize):
    def setup(self, lists):
        super().setup([label for labels in lists for label in labels])

    def __call__(self, labels):
        return torch.tensor([float(name in labels) for name in self.vocab])

    def decode(self, target):
        return [name for name, present in zip(self.vocab, target, strict=True) if present]


# %%
several = MultiCategorize()
several.setup([["dog"], ["horse", "cat"], []])

print("vocabulary:  ", several.vocab)
for labels in (["horse", "cat"], ["dog"], []):
    target = several(labels)
    print(f"{labels!s:16} → {target.tolist()} → {several.decode(target)}")

# %% [markdown]
# No label is lost on the way. Only the order may change: it becomes the vocabulary's.
#
# Decoding is worth doing by hand, in two ways. A mask of True and False picks from an array. And
# `torch.where` with *one* argument gives the positions of what is true (with three arguments it is
# another thing: it chooses between two values).

# %%
target = several(["horse", "cat"])
mask = target == 1
(positions,) = torch.where(mask)

print("mask:       ", mask.tolist(), "→", np.array(several.vocab)[mask.numpy()].tolist())
print("torch.where:", positions.tolist(), "→", [several.vocab[i] for i in positions])

# %% [markdown]
# Now the trap of this section. What if somebody forgets the list? A text is a sequence too: of
# letters. Nothing fails.

# %%
trap = MultiCategorize()
trap.setup(["dog", "cat"])  # texts instead of lists: ["dog"], ["cat"]

print("vocabulary:", trap.vocab)
print('"dog" →', trap("dog").tolist())

# %% [markdown]
# The classes are letters, and a model would learn to find a **c**. Section 14 shows what the library
# says to this. Now the block. It also brings the loss that fits: binary cross-entropy, the subject of
# lesson 04.

# %% tags=["export"]
from lessonlib import binary_cross_entropy


def MultiCategoryBlock(vocab=None):
    return TransformBlock([MultiCategorize(vocab)], loss_func=binary_cross_entropy)


# %% [markdown]
# ### Exercise 03.3 · decode with a threshold · ★★☆ · 5 min
#
# A model's answer is not zeros and ones but a probability for each class. Write
# `decode(probabilities, vocab, thresh)`: the list of the names whose probability is **above** the
# threshold. `probabilities` is a tensor [classes].
#
# Example: `decode(torch.tensor([0.9, 0.2, 0.6]), ["cat", "dog", "horse"], 0.5)` is `["cat", "horse"]`.


# %% tags=["exercise"]
def decode(probabilities, vocab, thresh):
    raise NotImplementedError


# %%
check("03.decode", decode)
# hint("03.decode")       # remove the first # for a hint
# solution("03.decode")

# %% [markdown]
# ## 6 · The vocabulary
#
# Who calls `setup`, and with which labels? The recipe does, with the labels of the **training items
# only**. Validation plays the future: what stands there must not shape anything, not even the list
# of classes. And a class that training never shows cannot be learnt.
#
# In the new `datasets`, `chain[:k]` is the chain before step k: for the labels the getter, so no
# picture is opened. `deepcopy` gives each call a vocabulary of its own. `Getter` wraps a getter, and
# names the item when it fails.

# %%
from lessonlib import Getter


# %% tags=["export:DataBlock"]
def datasets(self, source):
    items = self.get_items(source) if self.get_items else source
    splits = self.splitter(items)
    tfms = [
        [Getter(getter), *copy.deepcopy(block.type_tfms)]
        for getter, block in zip(self.getters, self.blocks, strict=True)
    ]
    for chain in tfms:
        for k, tfm in enumerate(chain):
            if hasattr(tfm, "setup"):  # such as a vocabulary, from the training items only
                before = Datasets(items, [chain[:k]], splits)
                tfm.setup([value for (value,) in before.train])
                for (value,) in before.valid:
                    tfm(value)  # here the library's MultiCategorize finds an unknown label
    return Datasets(items, tfms, splits)


DataBlock.datasets = datasets

# %%
dblock = DataBlock(
    [ImageBlock, MultiCategoryBlock], get_x=get_x, get_y=get_y, splitter=RandomSplitter(seed=42)
)
dsets = dblock.datasets(df)
x, y = dsets[1]

print(len(dsets.vocab), "classes, sorted:", dsets.vocab == sorted(dsets.vocab))
print("from", dsets.vocab[0], "to", dsets.vocab[-1])
print("target:", list(y.shape), "with", int(y.sum()), "ones")

# %% [markdown]
# `dsets.vocab` looks for a step that has a vocabulary. Its partner `decode_part` walks a chain
# backwards and undoes what can be undone. Both are methods of `Datasets`, and here is their code.


# %% tags=["export:Datasets"]
def decode_part(self, value, k):
    for function in reversed(self.tfms[k]):
        value = function.decode(value) if hasattr(function, "decode") else value
    return value


@property
def vocab(self):
    functions = [function for chain in self.tfms for function in chain]
    found = [function.vocab for function in functions if hasattr(function, "vocab")]
    return found[-1] if found else None


# %%
encode = dsets.tfms[1][-1]  # the MultiCategorize of the target
there_and_back = [decode_part(dsets, encode(get_y(row)), 1) for row in rows]

print("decoded:", decode_part(dsets, y, 1))
print("there and back, every row:", there_and_back == [sorted(get_y(row)) for row in rows])

# %% [markdown]
# And a label that occurs in validation only? Our `MultiCategorize` makes zeros of it, silently. The
# library's says which label it is (section 14).

# %% [markdown]
# ## 7 · Splitters
#
# PASCAL has an official split: the column `is_valid`. The chapter reads it with a splitter of its own,
# which asks the index. It looks right, and with this table it is.


# %%
def splitter_by_label(df):
    mask = df["is_valid"]
    return df.index[~mask].tolist(), df.index[mask].tolist()


# %%
train, valid = splitter_by_label(df)

print(len(train), "and", len(valid))
print("all of valid is for validation:", df.iloc[valid]["is_valid"].all())

# %% [markdown]
# Lesson 01 had this trap: `df.index[mask]` gives **row labels**, and datasets count **positions**.
# They differ as soon as somebody filters or shuffles the table. First filter: only pictures with a
# person.

# %%
people = df[df["labels"].str.contains("person")]
train, valid = splitter_by_label(people)
try:
    people.iloc[valid]
except IndexError:
    print(f"IndexError: {len(people)} rows, and somebody asks for position {max(valid)}")

# %% [markdown]
# That was the lucky case. Now shuffle. Guess first:

# %%
guess(
    "03.shuffled", "Of 100 rows called validation, how many really are?", low=0, high=100, within=10
)

# %%
shuffled = df.sample(frac=1, random_state=0)
train, valid = splitter_by_label(shuffled)
right = shuffled.iloc[valid]["is_valid"]

print(f"shuffled: {right.sum()} of {len(right)} are for validation ({right.mean():.0%}), no error")

# %%
reveal("03.shuffled", 100 * right.mean(), within=10)

# %% [markdown]
# About as many as chance gives: rows that were to be kept away from training are trained on. The cure
# is to return positions. `np.flatnonzero` gives the positions of what is True. All our splitters end
# in this function:


# %% tags=["export"]
def split_by(is_valid):
    is_valid = np.asarray(is_valid, dtype=bool)
    return np.flatnonzero(~is_valid).tolist(), np.flatnonzero(is_valid).tolist()


def ColSplitter(col="is_valid"):
    def split(df):
        return split_by(df[col].tolist())

    return split


# %%
for name, table in {"whole": df, "filtered": people, "shuffled": shuffled}.items():
    train, valid = ColSplitter()(table)
    right = table.iloc[valid]["is_valid"].all() and not table.iloc[train]["is_valid"].any()
    print(f"{name:9} right: {right}")

# %% [markdown]
# Not every set has such a column. Then a function of one item can say True for validation. A folder
# of recordings has the number of the person in its path, for example.
# (`Datasets(items)` walks over a table and a list alike; each item is a tuple of one part.)


# %% tags=["export"]
def FuncSplitter(func):
    def split(items):
        return split_by([func(item) for (item,) in Datasets(items)])

    return split


# %%
numbers = [f"{person:02}" for person in range(1, 11)]
frames = [Path(number, f"frame_{k:05}.jpg") for number in numbers for k in range(10, 16)]
train, valid = FuncSplitter(lambda path: path.parent.name == "10")(frames)

print(len(frames), "frames:", len(train), "to train,", len(valid), "to validate")
print("validation:", sorted({frames[i].parent.name for i in valid}))

# %% [markdown]
# ### Exercise 03.4 · spot the bug · ★☆☆ · 4 min
#
# Person 13 was to be held out for validation. A published notebook shows `FuncSplitter(lambda o: "13")`,
# and fastai takes it without a word. Write `is_13(path)`, the function that belongs there: True for
# pictures in the folder of person 13.
#
# Example: `is_13(Path("biwi/13/frame_00003_rgb.jpg"))` is True.


# %% tags=["exercise"]
def is_13(path):
    raise NotImplementedError


# %%
check("03.is_13", is_13)
# hint("03.is_13")       # remove the first # for a hint
# solution("03.is_13")

# %% [markdown]
# ### Exercise 03.5 · every third · ★★☆ · 5 min
#
# Write a splitter `every_third(items)`: the third item is for validation, the sixth, the ninth, and so
# on. All others are for training. It gives two lists of positions, training first, and works for
# lists and for DataFrames with any index.
#
# Example: for five items it gives `([0, 1, 3, 4], [2])`.


# %% tags=["exercise"]
def every_third(items):
    raise NotImplementedError


# %%
check("03.every_third", every_third)
# hint("03.every_third")       # remove the first # for a hint
# solution("03.every_third")

# %% [markdown]
# ### Leaks
#
# Six frames of one person look nearly alike. After a random split, validation asks for what training
# has seen: a **leak**. The result looks good, and says nothing about new people. So a group must stay
# on one side. `valid` names the groups.


# %% tags=["export"]
def GroupSplitter(key, valid):
    def split(items):
        get_key = key if callable(key) else ColReader(key)
        groups = [get_key(item) for (item,) in Datasets(items)]
        return split_by([group in valid for group in groups])

    return split


# %% [markdown]
# `leaks` counts the groups that stand on both sides. `key` says what makes a group.

# %%
from lessonlib import leaks


def person_of(path):
    return path.parent.name


for name, splitter in {
    "random": RandomSplitter(seed=42),
    "groups": GroupSplitter(person_of, valid={"04", "10"}),
}.items():
    dsets = Datasets(frames, splits=splitter(frames))
    print(f"{name}: {len(dsets.valid)} frames to validate,", end=" ")
    print(len(leaks(dsets, person_of)), "of 10 people on both sides")

# %% [markdown]
# With the random split, nearly everybody is on both sides. With groups, nobody.
#
# Without a key, `leaks` compares the content of the files, so it finds copies under other names.
# Here is our own table.

# %%
dblock.splitter = ColSplitter()
dsets = dblock.datasets(df)

print("identical pictures on both sides:", len(leaks(dsets)))

# %% [markdown]
# ### Exercise 03.6 · a split by scene · ★★★ · 6 min · extra
#
# Pictures are named after the scene they show: `kitchen_01.jpg`, `kitchen_02.jpg`, `back_yard_01.jpg`.
# Write `split_scenes(names, scenes)` without GroupSplitter: two lists of positions, training first.
# Every picture of a scene in `scenes` is for validation. The scene is all before the *last* `_`.
#
# Example: `split_scenes(["hall_1.jpg", "yard_1.jpg", "hall_2.jpg"], {"hall"})` is `([1], [0, 2])`.


# %% tags=["exercise"]
def split_scenes(names, scenes):
    raise NotImplementedError


# %%
check("03.split_scenes", split_scenes)
# hint("03.split_scenes")       # remove the first # for a hint
# solution("03.split_scenes")

# %% [markdown]
# ## 8 · Item transforms
#
# Items are done: a picture and a multi-hot row. But a batch needs pictures of one size (lesson 02):

# %%
pictures = [pil_to_tensor(dsets[i][0]) for i in range(32)]
try:
    collate(pictures)
except ValueError as error:
    print(error)

# %% [markdown]
# All errors of the DataBlock have these four lines: what is wrong, the line of yours that led there,
# the cure, and the lesson that explains it.
#
# The cure is an **item transform**. It runs on each picture by itself. We give the recipe its last
# arguments now. `as_list` lets people write one thing where a list is expected. Where nothing is
# given, `length` fills up with None, and `Getter` takes None as "the item itself", our old `itself`.
# (Section 11 explains `n_inp`.)


# %% tags=["export"]
def as_list(value, length=0):
    if value is None:
        return [None] * length
    return list(value) if isinstance(value, list | tuple) else [value]


# %% tags=["export:DataBlock"]
def __init__(self, blocks=(TransformBlock, TransformBlock), get_items=None, get_x=None,
             get_y=None, getters=None, splitter=None, item_tfms=(), batch_tfms=(),
             n_inp=None):  # fmt: skip
    self.blocks = [block() if callable(block) else block for block in blocks]
    self.n_inp = n_inp or max(1, len(self.blocks) - 1)
    n_targets = len(self.blocks) - self.n_inp
    self.getters = getters or as_list(get_x, self.n_inp) + as_list(get_y, n_targets)
    self.get_items, self.splitter = get_items, splitter or RandomSplitter()
    self.item_tfms, self.batch_tfms = as_list(item_tfms), as_list(batch_tfms)


DataBlock.__init__ = __init__

# %% [markdown]
# Who applies the transforms? A loader of the library, built on lesson 02's `DataLoader`:
# dataset → item transforms → collate → batch transforms. A recipe only has to say which batch
# transforms a part has: the block's, and for pictures its own as well. Its `steps` are all that the
# loader gets.

# %% tags=["export:DataBlock"]
from lessonlib import TfmdDataLoaders


def batch_tfms_of(self, k):
    block = self.blocks[k]
    return [*block.batch_tfms, *(self.batch_tfms if block.pictures else [])]


def steps(self, source):
    batch_tfms = [self.batch_tfms_of(k) for k in range(len(self.blocks))]
    return self.datasets(source), self.blocks, self.item_tfms, batch_tfms


def dataloaders(self, source, batch_size=64, **options):
    return TfmdDataLoaders(*self.steps(source), self.n_inp, batch_size, **options)


DataBlock.batch_tfms_of, DataBlock.steps, DataBlock.dataloaders = batch_tfms_of, steps, dataloaders

# %%
parts = {
    "blocks": [ImageBlock, MultiCategoryBlock],
    "get_x": get_x,
    "get_y": get_y,
    "splitter": ColSplitter(),
}
dls = DataBlock(**parts, item_tfms=Resize(128)).dataloaders(df)
xs, ys = dls.one_batch()

print("pictures:", list(xs.shape), xs.dtype)
print("targets: ", list(ys.shape), ys.dtype)

# %% [markdown]
# **[64, 3, 128, 128] and [64, 20].** From a table to what a model eats, in one call.
#
# `Resize` shows a picture in the same way in each epoch. A model that sees a bus always at the same
# place may learn the place. `RandomResizedCrop` cuts out another random part each time: it draws an
# area and a shape, then a place; if the part does not fit, it draws again.

# %% tags=["export"]
from math import exp, log, sqrt


def random_crop_box(width, height, min_scale=0.08, ratio=(3 / 4, 4 / 3)):
    low, high = ratio
    for _ in range(10):
        area = width * height * torch.empty(1).uniform_(min_scale, 1).item()
        aspect = exp(torch.empty(1).uniform_(log(low), log(high)).item())
        w, h = round(sqrt(area * aspect)), round(sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            top = torch.randint(0, height - h + 1, (1,)).item()
            left = torch.randint(0, width - w + 1, (1,)).item()
            return left, top, left + w, top + h
    w, h = min(width, round(height * high)), min(height, round(width / low))
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h


# %% [markdown]
# The area is drawn from `min_scale` to 1. If ten draws do not fit (very long pictures, or a
# `min_scale` near 1), the last three lines take the largest middle part of an allowed shape, however
# small it is. Torchvision has the same thing. Same seed, same box?


# %%
def torchvisions_box(seed, width, height, min_scale):
    torch.manual_seed(seed)
    picture = torch.empty(3, height, width)
    crop = transforms.RandomResizedCrop.get_params
    top, left, h, w = crop(picture, scale=(min_scale, 1), ratio=(3 / 4, 4 / 3))
    return left, top, left + w, top + h


def our_box(seed, *arguments):
    torch.manual_seed(seed)
    return random_crop_box(*arguments)


equal = []
for seed in range(50):
    for arguments in [(500, 375, 0.08), (500, 375, 0.35), (90, 900, 0.35)]:
        equal.append(our_box(seed, *arguments) == torchvisions_box(seed, *arguments))
print(f"{sum(equal)} of {len(equal)} boxes equal torchvision's")

# %% [markdown]
# Training gets random parts. Validation must not: its pictures have to be the same each time. So a
# random transform has a counterpart, `valid`, here the centre. First a training batch, then a
# validation batch.

# %%
from lessonlib import RandomResizedCrop

per_item = DataBlock(**parts, item_tfms=RandomResizedCrop(128, min_scale=0.35))
dls = per_item.dataloaders(df, batch_size=16, seed=42)

torch.manual_seed(42)
dls.train.show_batch(max_n=3)

# %%
dls.valid.show_batch(max_n=3)

# %% [markdown]
# Above, three training pictures, cut by chance; below, three validation pictures, always the centre.
# To be sure, ask each loader twice for the same picture.


# %%
def same_twice(loader):
    first, again = loader.dataset[0], loader.dataset[0]
    return torch.equal(first[0], again[0])


print("training picture, asked twice, is the same:  ", same_twice(dls.train))
print("validation picture, asked twice, is the same:", same_twice(dls.valid))

# %% [markdown]
# ## 9 · Batch transforms
#
# Some changes can be made to a whole batch at once. `Normalize` is the usual one: it shifts and
# stretches the colours. Each pretrained model (lesson 05) expects the shift it was trained with. The
# numbers below are those of the resnets; `lite0` uses 0.5, and `vision_learner` adds the right one if
# the recipe has none.


# %% tags=["export"]
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = (torch.tensor(three).view(1, 3, 1, 1) for three in (mean, std))

    def __call__(self, x):
        return (x - self.mean.to(x.device)) / self.std.to(x.device)

    def decode(self, x):
        return x * self.std.to(x.device) + self.mean.to(x.device)


# %% [markdown]
# `view(1, 3, 1, 1)` makes three numbers fit a batch [64, 3, 128, 128]: one for each colour.
# `show_batch` uses `decode`, or you would see strange colours.

# %%
mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of the resnets, for each colour
normalize = Normalize(mean, std)
xs, _ = dls.one_batch()
z = normalize(xs)

print("ours == torchvision:", torch.allclose(z, transforms.Normalize(mean, std)(xs)))
print("there and back:     ", torch.allclose(normalize.decode(z), xs, atol=1e-6))

# %% [markdown]
# The other batch transforms are `aug_transforms`: for each picture of the batch its own random crop,
# mirror image, small turn and light. (Lesson 07 opens that box, because points have to move with the
# picture.) A random crop on the batch leads to a **quicker recipe**; later lessons use the same idea,
# with other numbers:
#
# - `Resize(160)` once for each picture. That never changes, so the loader keeps the result in memory.
# - The random crop to 128 for all 64 pictures in one calculation, in each epoch anew.

# %%
from lessonlib import aug_transforms

quick = DataBlock(
    **parts,
    item_tfms=Resize(160),
    batch_tfms=[*aug_transforms(size=128, min_scale=0.35), Normalize(mean, std)],
)
dls = quick.dataloaders(df, batch_size=16, seed=42)

torch.manual_seed(42)
dls.train.show_batch(max_n=3)

# %% [markdown]
# Three training pictures, each cut, turned and lit in its own way. A pixel takes three bytes of memory.

# %%
ready = dls.train.dataset  # the training pictures, as they are before the batch
image, _ = ready[0]

print("one picture:", list(image.shape), image.dtype, "→", image.numel(), "bytes")
print("the whole table:", round(image.numel() * len(df) / 1e6), "MB")
print("in memory now:", len(ready.cache), "of", len(ready))

# %% [markdown]
# Pictures are prepared when they are first asked for, so only the first epoch opens files.
# (Above 1 GiB the loader stops keeping, and reads the rest anew. What a `RandomResizedCrop` gives is
# never kept, or it would no longer be random: only a smaller copy of the picture before it.)

# %% [markdown]
# ## 10 · Other targets · extra
#
# Sets without a table have their label in the path: `bears/grizzly/7.jpg`. Then the items are files.
# `visible_files` lists a folder and those in it, linked ones too. What programs hide there, such as
# `.ipynb_checkpoints`, is left out: it would become a class.

# %%
from lessonlib import visible_files

# %% tags=["export"]
IMAGE_SUFFIXES = set(
    ".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .gif .bmp .dib .tif .tiff .avif .jp2".split()
)


def get_image_files(folder):
    files = visible_files(folder)
    return sorted(file for file in files if file.suffix.lower() in IMAGE_SUFFIXES)


def parent_label(path):
    return Path(path).parent.name


def parent_labels(path):
    return [parent_label(path)]


# %%
files = get_image_files(folder / "train")

print("every file of the table found:", {file.name for file in files} >= set(df["fname"]))
print("one label:       ", parent_label("bears/grizzly/7.jpg"))
print("a list of labels:", parent_labels("bears/grizzly/7.jpg"))

# %% [markdown]
# `get_items` takes such a function. The source is then a folder, and the recipe has no table at all.
# Here the folder's own folders play the labels.

# %%
by_folder = DataBlock(
    [ImageBlock, MultiCategoryBlock], get_items=get_image_files, get_y=parent_labels
)
dsets = by_folder.datasets(folder)

print("more pictures than rows in the table:", len(dsets) > len(df))
print("vocabulary:", dsets.vocab)

# %% [markdown]
# `parent_label` belongs to a block for exactly one label, `parent_labels` to `MultiCategoryBlock`.
# Mixing them up gives the letters of section 5 as classes.
#
# And if the target is no label but a number, such as an age or a position? That is **regression**.


# %% tags=["export"]
def to_float(value):
    return torch.as_tensor(value, dtype=torch.float32)


def mse_loss(preds, targets):
    return ((preds - targets) ** 2).mean()


# %% [markdown]
# The loss is the mean of the squared differences. It has a trap. Here are four perfect predictions of
# a point (x, y). The targets have the shape [4, 1, 2], as for "one point in each picture".

# %%
points = torch.tensor([[1.0, 2], [3, 4], [5, 6], [7, 8]])

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch warns here, and calculates all the same
    loss = F.mse_loss(points, points.view(4, 1, 2))
print("torch, perfect predictions:", loss.item())
print("ours:                      ", mse_loss(points, points.view(4, 1, 2)).item())
print("in one shape:              ", mse_loss(points, points).item())

# %% [markdown]
# Nothing is wrong, and the loss is 10. To subtract, both are stretched to [4, 4, 2]: every prediction
# against every target. The library's `mse_loss` has one more line, which checks the shapes:

# %%
import lessonlib

try:
    lessonlib.mse_loss(points, points.view(4, 1, 2))
except ValueError as error:
    print(error)

# %% [markdown]
# Two more blocks, then. `cross_entropy` is the loss for exactly one label out of several.

# %% tags=["export"]
from torch.nn.functional import cross_entropy


def CategoryBlock(vocab=None):
    return TransformBlock([Categorize(vocab)], loss_func=cross_entropy)


def RegressionBlock():
    return TransformBlock([to_float], loss_func=mse_loss)


# %% [markdown]
# The **block** of the target decides what it becomes, and which loss fits. You never have to choose
# it: `dls.loss_func` is there. Four little rows are enough to see it.

# %%
little = pd.DataFrame({"name": list("abcd"), "kind": ["cat", "dog"] * 2, "age": [1.0, 2, 3, 4]})
kinds = {
    "CategoryBlock": (CategoryBlock, ColReader("kind")),
    "MultiCategoryBlock": (MultiCategoryBlock, ColReader("kind", label_delim=" ")),
    "RegressionBlock": (RegressionBlock, ColReader("age")),
}
found = {}
half = FuncSplitter(lambda row: row["age"] > 2)
for name, (block, get_target) in kinds.items():
    blocks = [TransformBlock, block]
    recipe = DataBlock(blocks, get_x=ColReader("name"), get_y=get_target, splitter=half)
    small_dls = recipe.dataloaders(little, batch_size=2)
    target = small_dls.one_batch()[1]
    found[name] = str(target.dtype), str(list(target.shape)), small_dls.loss_func.__name__
pd.DataFrame(found, ["type", "batch of 2", "dls.loss_func"]).T

# %% [markdown]
# ## 11 · Several targets · extra
#
# One input and two targets: what is it, and how old? Three blocks, one getter for `get_x`, and two for
# `get_y`. The first `n_inp` blocks are inputs; if you do not say how many, all but the last. So with
# two targets, say `n_inp=1`. There are two losses then.

# %%
two = DataBlock(
    [TransformBlock, CategoryBlock, RegressionBlock],
    get_x=ColReader("name"),
    get_y=[ColReader("kind"), ColReader("age")],
    splitter=half,
    n_inp=1,
)
two_dls = two.dataloaders(little, batch_size=2)
names, kind, age = two_dls.one_batch()

print("kinds:", list(kind.shape), " ages:", list(age.shape))
print("losses:", [loss.__name__ for loss in two_dls.loss_func])

# %% [markdown]
# ## 12 · What you wrote is what you import
#
# `block.py` and `getters.py` in `lessonlib` hold the code of the cells above, plus the checks. One seed,
# two recipes: ours, and one made of the library's parts only. Do they give the same?

# %%
import lessonlib as library

theirs = library.DataBlock(
    [library.ImageBlock, library.MultiCategoryBlock],
    get_x=library.ColReader("fname", pref=folder / "train"),
    get_y=library.ColReader("labels", label_delim=" "),
    splitter=library.ColSplitter(),
    item_tfms=Resize(160),
    batch_tfms=[*aug_transforms(128, 0.35), library.Normalize(mean, std)],
)

# %%
ours_dsets, theirs_dsets = quick.datasets(df), theirs.datasets(df)
batches = []
for recipe in (quick, theirs):
    torch.manual_seed(42)
    batches.append(recipe.dataloaders(df, batch_size=16, seed=42).one_batch())

print("same split:     ", ours_dsets.splits == theirs_dsets.splits)
print("same vocabulary:", ours_dsets.vocab == theirs_dsets.vocab)
print("same pictures:  ", torch.equal(batches[0][0], batches[1][0]))
print("same targets:   ", torch.equal(batches[0][1], batches[1][1]))

# %% [markdown]
# Bit for bit. From here on we use the library's. It has two methods more, which look *into* a recipe.

# %%
from lessonlib import (
    CategoryBlock, ColReader, ColSplitter, DataBlock, FuncSplitter, ImageBlock,
    MultiCategoryBlock, Normalize,
)  # fmt: skip

# %% [markdown]
# ## 13 · The X-ray
#
# `explain` sends one item through the recipe, and stops after each step. First you see the picture at
# each step of training, with its smallest and largest number, then at each step of validation. Last
# comes a table of what each step gave.

# %%
parts["blocks"], parts["splitter"] = [ImageBlock, MultiCategoryBlock], ColSplitter()
quick = DataBlock(
    **parts,
    item_tfms=Resize(160),
    batch_tfms=[*aug_transforms(size=128, min_scale=0.35), Normalize(mean, std)],
)
item = 1  # change this and run the cell again

torch.manual_seed(42)
quick.explain(df, item)

# %% [markdown]
# Read the table from the top. Part 0 is the picture, part 1 the target. You see where the size
# changes, where bytes become floats, and that both splits have the same shape in the end. After
# `Resize`, only training is cut further, mirrored, turned and lit. (After `Normalize` the numbers leave
# 0 to 1. To be shown they are spread over that range again, so the colours are only roughly right.)
#
# When two recipes give different results, ask for the difference:

# %%
pd.set_option("display.max_colwidth", None)  # show long cells whole

per_item = DataBlock(**parts, item_tfms=RandomResizedCrop(128, min_scale=0.35))
per_item.diff(quick)

# %% [markdown]
# ## 14 · Errors that teach
#
# Six mistakes that people really make. Try to find the *cure* before you read it. First, a text where
# a list was meant: the letters of section 5.

# %%
text = DataBlock(
    [ImageBlock, MultiCategoryBlock],
    get_x=get_x,
    get_y=ColReader("labels"),
    splitter=ColSplitter(),
)
try:
    text.datasets(df)
except ValueError as error:
    print(error)

# %% [markdown]
# Next, an empty text and `split(" ")`, which the chapter advises. (Your table may have no picture without
# labels, so we add one at its end.)

# %%
bare = df[~df["is_valid"]].head(1).assign(labels="")
with_a_bare_one = pd.concat([df, bare])
text.getters[1] = lambda row: row["labels"].split(" ")
try:
    text.datasets(with_a_bare_one)
except ValueError as error:
    print(error)

# %% [markdown]
# Next, the splitter of exercise 03.4:

# %%
thirteen = DataBlock(splitter=FuncSplitter(lambda o: "13"))
try:
    thirteen.datasets(frames)
except ValueError as error:
    print(error)

# %% [markdown]
# Next, the splitter of section 7. The library notices row labels even where nothing would fail.

# %%
labelled = DataBlock(splitter=splitter_by_label)
try:
    labelled.datasets(shuffled)
except ValueError as error:
    print(error)

# %% [markdown]
# Next, a label that only validation has. People meet this with rare classes and a random split.

# %%
zoo = pd.DataFrame({"kind": ["cat", "dog", "okapi"], "is_valid": [False, False, True]})
kind = ColReader("kind")
rare = DataBlock([CategoryBlock, CategoryBlock], get_x=kind, get_y=kind, splitter=ColSplitter())
try:
    rare.datasets(zoo)
except ValueError as error:
    print(error)

# %% [markdown]
# Last, a getter that fails for *one* of many items. Which one, and at which line?


# %%
def first_label(row):
    return row["labels"].split()[0]


single = DataBlock(
    [ImageBlock, CategoryBlock], get_x=get_x, get_y=first_label, splitter=ColSplitter()
)
try:
    single.datasets(with_a_bare_one)
except ValueError as error:
    print(error)

# %% [markdown]
# ## 15 · The crop laboratory · extra
#
# A random crop can lose an object, but the label stays: the model is told "there is a dog" over a
# picture without one. That is **label noise**. How often does it happen? The offline twin of PASCAL
# knows the box of each object, so we can count.

# %%
from data_scripts.pascal import twin

home = twin()
table = pd.read_csv(home / "train.csv", keep_default_na=False).head(400)
objects = pd.read_csv(home / "objects.csv").merge(table[["fname"]])
sizes = {name: open_image(home / "train" / name).size for name in objects["fname"].unique()}
boxes = objects[["left", "top", "right", "bottom"]].to_numpy()

print("a row for each object:", list(objects.columns))

# %% [markdown]
# How much of a box does a crop keep? The part that they share is a box too. Its left edge is the
# larger of the two left edges, and so on. If there is none, its width or height is negative: zero.


# %%
def area(box):
    left, top, right, bottom = box
    return max(0, right - left) * max(0, bottom - top)


def shared(one, other):
    edges = [max(one[k], other[k]) for k in (0, 1)] + [min(one[k], other[k]) for k in (2, 3)]
    return area(edges)


print("all of it:", shared((0, 0, 10, 10), (0, 0, 20, 20)) / area((0, 0, 10, 10)))
print("a quarter:", shared((0, 0, 10, 10), (5, 5, 20, 20)) / area((0, 0, 10, 10)))
print("nothing:  ", shared((0, 0, 10, 10), (12, 0, 20, 20)) / area((0, 0, 10, 10)))

# %% [markdown]
# Six values of `min_scale`, and five crops for each object. An object is *lost* when less than a tenth
# of it is left. We draw a curve for objects of each size. Guess before you look; 0.35 is the chapter's
# value, and a small object covers less than a tenth of the picture.

# %%
guess("03.crops", "Of 100 crops at 0.35, how many lose a small object?", low=0, high=100, within=5)


# %%
def lost(box, size, min_scale, crops=5):
    kept = [shared(box, random_crop_box(*size, min_scale)) for _ in range(crops)]
    return sum(part < 0.1 * area(box) for part in kept) / crops


scales = [0.08, 0.2, 0.35, 0.6, 0.8, 1.0]
picture_sizes = [sizes[name] for name in objects["fname"]]
shares = [area(box) / (w * h) for box, (w, h) in zip(boxes, picture_sizes)]
size_names = ["small: under 10 %", "medium: 10 to 20 %", "large: over 20 %"]
kind = pd.cut(shares, [0, 0.1, 0.2, 1], labels=size_names)

torch.manual_seed(0)
noise = pd.DataFrame(index=objects.index)
for scale in scales:
    noise[scale] = [lost(box, size, scale) for box, size in zip(boxes, picture_sizes)]
noise = noise.groupby(kind, observed=True).mean()

# %% [markdown]
# But crops show an object at other places and sizes, which is why we crop at all. So let us measure
# the **variety** too: how much of a crop is not in another crop of the same picture?


# %%
def variety(size, min_scale):
    one, other = random_crop_box(*size, min_scale), random_crop_box(*size, min_scale)
    return 1 - shared(one, other) / area(one)


new = [np.mean([variety(size, scale) for size in sizes.values()]) for scale in scales]

# %%
plot_curves(
    scales,
    {f"lost, {name}": noise.loc[name] for name in size_names} | {"variety of the crops": new},
    title="What a random crop costs, and what it brings",
    xlabel="min_scale",
    ylabel="share",
)
small = (kind == size_names[0]).sum()

for change, axis in {"min_scale": "columns", "object": "index"}.items():
    falls = (noise.diff(axis=axis).fillna(0) <= 0).all(axis=None)
    print(f"the larger the {change}, the less is lost: {falls}")
print(f"lost of the {small} small objects, at 0.35: {noise.loc[size_names[0], 0.35]:.0%}")

# %%
reveal("03.crops", 100 * noise.loc[size_names[0], 0.35], within=5)

# %% [markdown]
# The upper curve is the variety. Below it, the lost objects: small ones most often, large ones least
# often. All fall: it is a trade. At 1 the crop is nearly the whole picture (cut to a shape between 3:4
# and 4:3): nothing is lost, and every crop looks the same.
#
# The objects of the twin are rather large. Real photographs have many small ones. So here are
# imagined squares anywhere in a picture of 500 × 375, and how often they are *wholly* gone.


# %%
def wholly_gone(share, min_scale, draws=1000, width=500, height=375):
    side, gone = sqrt(share * width * height), 0
    for _ in range(draws):
        left, top = torch.rand(2) * torch.tensor([width - side, height - side])
        box = (left.item(), top.item(), left.item() + side, top.item() + side)
        gone += shared(box, random_crop_box(width, height, min_scale)) == 0
    return f"{gone / draws:.0%}"


torch.manual_seed(0)
table = pd.DataFrame(index=["1 % of the picture", "3 %", "10 %"])
for scale in (0.08, 0.35, 0.8):
    table[f"min_scale {scale}"] = [wholly_gone(share, scale) for share in (0.01, 0.03, 0.1)]
table

# %% [markdown]
# At the chapter's 0.35, nearly a quarter of the crops hold nothing of a 1 % object.
#
# Whoever looks for small things needs a larger `min_scale`, or larger pictures.
#
# **Try it** on a picture with several labels: up to which `min_scale` can you find a crop that has
# lost one of them although its label stays?

# %%
from lessonlib import crop_explorer

row = df["labels"].str.split().str.len().argmax()
picture = open_image(get_x(df.iloc[row]))
print("labels:", df.iloc[row]["labels"])

crop_explorer(picture)

# %% [markdown]
# If you only read this page, here are two positions of that slider, with six crop boxes on the same
# picture, each with a colour and a dash of its own.

# %%
import matplotlib.pyplot as plt

_, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for axis, scale in zip(axes, (0.1, 0.7)):
    torch.manual_seed(1)
    axis.imshow(picture)
    for _ in range(6):
        left, top, right, bottom = random_crop_box(*picture.size, scale)
        edges = [left, right, right, left, left], [top, top, bottom, bottom, top]
        axis.plot(*edges, color="white", linestyle="-", linewidth=5)
        axis.plot(*edges, linewidth=3)
    axis.set_axis_off()
    axis.set_title(f"six crops, min_scale {scale}")
show_figure("One picture twice, each time with six crop boxes: min_scale 0.1 and 0.7")

# %% [markdown]
# At 0.1 the boxes lie anywhere. At 0.7 each of them holds the middle, and they look much alike.

# %% [markdown]
# ### Exercise 03.7 · kill the mutant: the text "13" for an answer · ★★☆ · 5 min · extra
#
# `split(paths)` holds out the folder of person 13 and gives two lists of positions, training first. The
# mutant is what fastai makes of `lambda o: "13"`: the position 13, as often as there are paths. Write the
# test that kills it. Paths need no files behind them.
#
# Example: after `train, valid = split([Path("13/a.jpg"), Path("02/a.jpg")])`, `assert len(valid) > 0` holds
# for both, so the mutant survives.


# %% tags=["exercise"]
def test_split(split):
    raise NotImplementedError


# %%
check("03.kill_thirteen", test_split)
# hint("03.kill_thirteen")       # remove the first # for a hint
# solution("03.kill_thirteen")

# %% [markdown]
# ## Where people go wrong
#
# - **A text where a list of labels is meant.** The classes become letters. Use `parent_labels`, or
#   `split()`.
# - **`df.index[mask]` as a split.** Row labels are not positions. `ColSplitter` does it right.
# - **A random split of near-copies.** Frames of one recording, or of one person, belong on one side.
# - **A label in validation only.** It is no fault of the code: move an item, or name all classes.
# - **A small `min_scale` with small objects.** The label says what the crop no longer shows.
#
# ## Recap
#
# 1. A DataBlock answers five questions: items, getters, blocks, splitter, transforms.
# 2. The vocabulary comes from training only, sorted; several labels are a multi-hot row.
# 3. Splitters return positions; groups stay on one side.
# 4. Item transforms give one size; batch transforms work on all pictures at once.
# 5. The target's block brings the loss; `explain` shows every step.
#
# ## Questions
#
# Tick or type, then press **Check**. Every answer is told why it is right or not.

# %%
quiz("03")

# %% [markdown]
# One more, to say in your own words: what does `RandomResizedCrop` do in validation, and why?
# <details><summary>Answer</summary>
# It takes the centre. Validation has to measure the same pictures each time, or results cannot be
# compared.
# </details>
#
# ## If you want to read more
#
# - [fastai: DataBlock](https://docs.fast.ai/data.block.html)
# - [fastai: a DataBlock step by step](https://docs.fast.ai/tutorial.datablock.html)
# - [torchvision: RandomResizedCrop](https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomResizedCrop.html)
# - [scikit-learn: splitting by groups](https://scikit-learn.org/stable/modules/cross_validation.html#cross-validation-iterators-for-grouped-data)
# - [Python: what can be pickled](https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled)
#
# **Next:** [04 · Activations and binary cross-entropy](04_binary_cross_entropy.ipynb)
