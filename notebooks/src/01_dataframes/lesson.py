# %% [markdown]
# # 01 · DataFrames: the table behind the pictures
#
# > **Time:** 60 minutes; what is marked *extra* takes 10 more.
# >
# > **You need:** a little Python (lists, loops, functions). Nothing about pandas.
# >
# > **By the end you can**
# > - **read** a csv file without losing the pictures that have no label;
# > - **pick** any row, column or cell of a table;
# > - **split** a text of labels, and count them;
# > - **filter** rows with True and False without mixing up row labels and positions;
# > - **tell** which objects are common, and which appear together.

# %%
from lessonlib.course import start

start("01")

# %%
from collections import Counter
from io import StringIO
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from lessonlib import (
    COLOURS, open_image, pascal, row_explorer, show_figure, show_heatmap, show_images,
)  # fmt: skip
from lessonlib.course import check, guess, hint, quiz, reveal, solution

# %% [markdown]
# ## 1 · Pictures first
#
# A picture can show several kinds of things, or none that we have a name for.
# Those names are its **labels**. They stand in a table, one row for each picture.
# `pascal()` gives the folder with the pictures and the table, `train.csv`.
#
# Below are the first eight pictures, each under its labels. Do you agree with them?

# %%
folder = pascal()
df = pd.read_csv(folder / "train.csv", keep_default_na=False)
names, labels = df["fname"].head(8), df["labels"].head(8)

images = [open_image(folder / "train" / name) for name in names]
show_images(images, [text or "(no label)" for text in labels])

# %% [markdown]
# `read_csv` read a text file and gave a **DataFrame**: a table with named columns.
# Everybody calls it `df`. (Section 6 is about `keep_default_na=False`.)
# `head()` shows the first five rows.

# %%
df.head()

# %% [markdown]
# - `fname` is the name of the picture's file.
# - `labels` is *one text*. The names in it have a space between them.
# - `is_valid` says what the picture is for: False to train a model, True to check it later. The
#   pictures kept for checking are called the **validation set**.
#
# The numbers at the left are no column. They are the **index**: a *row label* for each row. (Two
# kinds of labels, then: this text says *row label* whenever it means the index.)

# %%
rows, columns = df.shape
print(f"{rows} rows, {columns} columns")

# %% [markdown]
# The real PASCAL VOC 2007 has 5,011 rows in its table. Yours may have another number: the course
# draws its own pictures in the same format, unless you fetched the real ones.
#
# **Try it.** Run the cell and move the slider, with the mouse or the arrow keys. Find a picture
# with three labels, and one without any (among photographs there may be none).

# %%
row_explorer(df, folder / "train")

# %% [markdown]
# If you only read this page, here are two positions of that slider: the row with the longest text
# of labels (`argmax`) and the row with the shortest (`argmin`). Look at the pictures only: sections
# 2 and 4 explain the code.

# %%
lengths = df["labels"].str.len()
chosen = [lengths.argmax(), lengths.argmin()]

show_images(
    [open_image(folder / "train" / df.iloc[row, 0]) for row in chosen],
    [f"row {row}\n{df.iloc[row, 1] or '(no label)'}" for row in chosen],
)

# %% [markdown]
# ## 2 · Rows, columns, cells
#
# `iloc` takes **positions**, counted from 0: first the row, then the column. A colon means *all*.
#
# | you write | you get |
# |---|---|
# | `df.iloc[:, 0]` | column 0, all rows |
# | `df.iloc[0, :]`, or shorter `df.iloc[0]` | row 0, all columns |
# | `df.iloc[0, 1]` | one cell: row 0, column 1 |
# | `df.iloc[2:5]` | rows 2, 3 and 4 (the end is left out, as in lists) |
#
# Here is one row. Try others: the last one is -1. What happens with a number that is too large?

# %%
row = 2  # change this and run the cell again

df.iloc[row]

# %% [markdown]
# One row, or one column, is a **Series**: values, each with a label of its own. In a row these are
# the names of the columns. Now a column: the first three of its values, as a list.

# %%
df.iloc[:, 0].tolist()[:3]

# %% [markdown]
# Columns have names, and code with names is easier to read. Both ways give the same column.
# And both ways to write a row give the same row.

# %%
print('df["fname"] equals df.iloc[:, 0]:', df["fname"].equals(df.iloc[:, 0]))
print("df.iloc[0]  equals df.iloc[0, :]:", df.iloc[0].equals(df.iloc[0, :]))

# %% [markdown]
# For one cell, give both positions at once. Some published answers write `df.iloc[0][1]`.
# That takes row 0, and then asks it for the value named 1. But the values of a row are named
# `fname`, `labels` and `is_valid`. None is named 1.

# %%
try:
    df.iloc[0][1]
except KeyError as error:
    print("df.iloc[0][1] fails. KeyError:", error)

print("df.iloc[0, 1] is the first of the labels:", df.iloc[0, 1] == df["labels"].tolist()[0])

# %% [markdown]
# ### Exercise 01.1 · the last two · ★☆☆ · 4 min
#
# Write `last_two(df)`: a **list** of what stands in the first column of the last two rows.
# Use `iloc`. It has to work for a table of any length. (As in lists, position -1 is the last one.)
#
# Example: for a table with the files `a.jpg`, `b.jpg`, `c.jpg` it gives `["b.jpg", "c.jpg"]`.


# %% tags=["exercise"]
def last_two(df):
    raise NotImplementedError


# %%
check("01.last_two", last_two)
# hint("01.last_two")       # remove the first # for a hint
# solution("01.last_two")

# %% [markdown]
# ## 3 · A table of your own
#
# A dict makes a table: each key is a column, each list its values. Columns calculate row by row,
# without a loop. A new name on the left makes a new column.

# %%
shapes = pd.DataFrame({"width": [500, 375, 500], "height": [375, 500, 333]})
shapes["pixels"] = shapes["width"] * shapes["height"]
shapes["wide"] = shapes["width"] > shapes["height"]
shapes

# %% [markdown]
# These are three usual shapes of a PASCAL picture. The last column holds the answers to a question,
# row by row. Columns like that are the key to section 5.

# %% [markdown]
# ## 4 · Labels are a text
#
# `"horse person"` is one text of 12 characters. `split` makes a list of names from it.
# Two ways to call it seem to do the same:

# %%
print("horse person".split(" "))
print("horse person".split())

# %% [markdown]
# Now a picture without labels. Its text is empty. **Guess before you run it**: choose, say how sure you
# are, and press the button. Then run the next cell and the one after it, which compares. (Your guesses are
# kept. Lesson 10 tells you how well you know what you know.)

# %%
guess("01.pieces", 'How many pieces does "".split(" ") give?', ["0", "1", "2"])

# %%
print('"".split(" ") gives', "".split(" "))
print('"".split()    gives', "".split())

# %%
reveal("01.pieces", str(len("".split(" "))))

# %% [markdown]
# `split(" ")` cuts at each single space. No space, no cut: one piece is left, the empty text.
# A model that learns from this gets a class without a name, and *no object* would be an object.
# `split()` cuts at any run of blanks and drops what is empty. **Use `split()`.**
#
# `df["labels"].str.split()` does it for every row at once. It gives a column of lists.

# %%
lists = df["labels"].str.split()
by_hand = [text.split() for text in df["labels"]]

print("a loop and .str.split() agree:", lists.tolist() == by_hand)

# %% [markdown]
# How many labels does a picture have? `.str.len()` gives the length of each list, `value_counts()`
# counts how often each length occurs, and `sort_index()` puts the lengths in order. Guess first:

# %%
guess(
    "01.several", "Of 100 pictures, how many have more than one label?", low=0, high=100, within=5
)

# %%
per_picture = lists.str.len()
print("pictures by number of labels:", per_picture.value_counts().sort_index().to_dict())
print(f"{per_picture.mean():.2f} labels a picture")

# %%
reveal("01.several", 100 * (per_picture > 1).mean(), within=5)

# %% [markdown]
# The real PASCAL has 1.46 labels a picture, out of 20 **classes** (kinds of things). So most
# answers to "is there a …?" are no.

# %% [markdown]
# ### Exercise 01.2 · spot the bug · ★☆☆ · 5 min
#
# This should list every class once, in alphabetical order. For one table with 20 classes it lists
# 21. Write it without the bug. Example: `classes_in(["dog", "cat dog"])` is `["cat", "dog"]`.
#
# ```python
# def classes_in(texts):
#     found = set()
#     for text in texts:
#         found.update(text.split(" "))
#     return sorted(found)
# ```


# %% tags=["exercise"]
def classes_in(texts):
    raise NotImplementedError


# %%
check("01.classes_in", classes_in)
# hint("01.classes_in")       # remove the first # for a hint
# solution("01.classes_in")

# %% [markdown]
# ## 5 · True and False pick rows
#
# `is_valid` is a column of True and False: a **mask**. In square brackets it keeps the rows with
# True. `~` turns each value round, so `~mask` keeps the others.

# %%
mask = df["is_valid"]
train, valid = df[~mask], df[mask]

print(f"{len(train)} to train, {len(valid)} to validate, {len(train) + len(valid)} in all")

# %% [markdown]
# In the real PASCAL it is nearly half and half: 2,501 and 2,510. That is the official split, and
# `is_valid` holds it.
#
# A question about a text gives a mask too, and `&` joins two masks: both have to be True.
# (`contains` also finds a part of a word. No PASCAL class is part of another, so here it may.)

# %%
people = df["labels"].str.contains("person")
alone = df["labels"] == "person"

print(f"{people.sum()} pictures show a person, {alone.sum()} of them show nothing else")
print(f"{(people & ~mask).sum()} of them are for training")

# %% [markdown]
# A True counts as 1, so `sum()` counts. Now look at the index at the left of the validation rows.

# %%
valid.head(3)

# %% [markdown]
# The rows **kept their row labels**: the numbers are those of the whole table, with gaps. So a row
# has two addresses: its **position** (counted from the top) and its **row label** (in the index).
# `iloc` takes positions, `loc` takes row labels. Mixing them up is the most expensive mistake of
# this lesson, so here it is on six rows.

# %%
small = pd.DataFrame(
    {
        "fname": ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg"],
        "is_valid": [True, False, False, True, False, True],
    }
)
small.index[small["is_valid"]].tolist()

# %% [markdown]
# `df.index[mask]` gives the **row labels** of the True rows. Here they are equal to the positions,
# so nobody notices. Now somebody drops the first two rows, and then uses such numbers as
# positions:

# %%
kept = small.iloc[2:]
numbers = kept.index[kept["is_valid"]].tolist()
print("row labels:", numbers, "- but the positions end at", len(kept) - 1)

try:
    kept.iloc[numbers]
except IndexError:
    print("iloc stops with an IndexError")

# %% [markdown]
# That was the lucky case: it stopped. Now somebody shuffles the rows. No error this time.

# %%
shuffled = small.iloc[[3, 5, 0, 2, 4, 1]]
numbers = shuffled.index[shuffled["is_valid"]].tolist()
print("row labels:", numbers)

shuffled.iloc[numbers]

# %% [markdown]
# These should be three validation rows. Only one is: look at `is_valid`. Two rows meant for training
# would be in the validation set, and two validation rows would be trained with.
#
# The cure: ask for **positions**. `np.flatnonzero(mask)` gives the positions of the True values.

# %%
positions = np.flatnonzero(shuffled["is_valid"]).tolist()
print("positions:", positions)

shuffled.iloc[positions]

# %% [markdown]
# By hand, it is a loop that counts. Both agree, for this table and for the large one.

# %%
for name, table in {"kept": kept, "shuffled": shuffled, "df": df}.items():
    counted = [position for position, value in enumerate(table["is_valid"]) if value]
    print(f"{name}: the same positions:", counted == np.flatnonzero(table["is_valid"]).tolist())

# %% [markdown]
# ### Exercise 01.3 · predict · ★★☆ · 3 min
#
# `small` is the table with six rows from above. Somebody takes three of them, in this order:
#
# ```python
# picked = small.iloc[[4, 3, 1]]
# ```
#
# What are `picked.iloc[0, 0]`, `picked.loc[1, "fname"]` and `picked.index[2]`? Use your head, not
# the computer. Give a list of three values, such as `["a.jpg", "c.jpg", 0]`.

# %% tags=["exercise"]
predicted = None  # replace None by your list

# %%
check("01.predict", predicted)
# hint("01.predict")       # remove the first # for a hint
# solution("01.predict")

# %% [markdown]
# ### Exercise 01.4 · positions of a label · ★★☆ · 6 min
#
# Write `positions_of(df, label)`: a list with the positions of all rows that have this label, alone
# or among others. It has to work for a filtered or shuffled table. Look for whole words:
# a picture labelled `"cart"` does not show a `"car"`.
#
# Example: for three rows labelled `"car person"`, `"cart"` and `"car"`, `positions_of(df, "car")`
# is `[0, 2]`.


# %% tags=["exercise"]
def positions_of(df, label):
    raise NotImplementedError


# %%
check("01.positions_of", positions_of)
# hint("01.positions_of")       # remove the first # for a hint
# solution("01.positions_of")

# %% [markdown]
# ## 6 · Holes in the table
#
# A picture without labels has an empty cell in the csv. Left alone, `read_csv` does not give an
# empty text for it. It gives **NaN**, "not a number", its mark for a missing value. And NaN is a
# float. (`StringIO` makes a file of a text, so that you can see what is in it.)

# %%
text = "fname,labels\na.jpg,dog\nb.jpg,\nc.jpg,cat dog\n"
holes = pd.read_csv(StringIO(text))
holes

# %%
try:
    [cell.split() for cell in holes["labels"]]
except AttributeError as error:
    print("AttributeError:", error)

# %% [markdown]
# A tempting cure is `dropna()`: it throws the rows with holes away. But *nothing to see here* is an
# answer, and a model has to learn it. `keep_default_na=False` keeps the text as it is in the file.
# (Without it a class called `NA` or `None` would become NaN as well.)

# %%
repaired = pd.read_csv(StringIO(text), keep_default_na=False)

print("dropna keeps", holes.dropna()["fname"].tolist())
print("keep_default_na=False gives", [cell.split() for cell in repaired["labels"]])

# %% [markdown]
# And in our own table? This is how many pictures `dropna()` would have cost us.

# %%
careless = pd.read_csv(folder / "train.csv")
print(f"{careless['labels'].isna().sum()} of {len(df)} pictures have no label")

# %% [markdown]
# A hole in `is_valid` does other harm. The column should be of type **bool**, which holds nothing
# but True and False. With a hole it becomes a column of single Python objects, and `~` asks each
# of them in turn. NaN has no answer.

# %%
text = "fname,is_valid\na.jpg,\nb.jpg,True\nc.jpg,False\n"
holes = pd.read_csv(StringIO(text))

try:
    ~holes["is_valid"]
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# Again, stopping is the lucky case. `astype(bool)` turns everything into True or False and looks
# like a cure. But NaN is not zero, so it becomes **True**: `a.jpg` lands in the validation set.
# Count the holes first, and decide what they mean. `eq(True)` says that a hole is no True.

# %%
print("holes:       ", holes["is_valid"].isna().sum())
print("astype(bool):", holes["is_valid"].astype(bool).tolist())
print("eq(True):    ", holes["is_valid"].eq(True).tolist())

# %% [markdown]
# Dropping the row with the hole is not enough: what is left are still Python objects. To Python,
# True is the number 1, and `~` on a number turns its *bits* round: `~1` is -2 and `~0` is -1. (From
# Python 3.12 on, a warning says so.) `df[…]` then looks for columns named -2 and -1: a KeyError, the
# lucky case. But `np.flatnonzero` and `astype(bool)` take every number except 0 for True, and pick
# every row. With `astype(bool)` *before* the `~`, all is well.

# %%
objects = pd.Series([1, 0], dtype=object)  # True and False, as ~ sees them
print("~ on objects:", (~objects).tolist(), "picks", np.flatnonzero(~objects).tolist())

clean = objects.astype(bool)
print("~ on bools:  ", (~clean).tolist(), "picks", np.flatnonzero(~clean).tolist())

# %% [markdown]
# ## 7 · What is in the pictures?
#
# How often does each class occur? By hand, a `Counter` counts the names of all lists. In pandas,
# `explode()` gives each name a row of its own, and `value_counts()` counts them.

# %%
by_hand = Counter(name for names in lists for name in names)
frequency = lists.explode().value_counts()

print("both agree:", frequency.to_dict() == dict(by_hand))
print("labels in all:", frequency.sum())

# %%
bars = frequency.sort_values()
plt.figure(figsize=(6, 4.5))
plt.barh(bars.index, bars, color=COLOURS[0])
plt.title("How many pictures show each class")
plt.xlabel("pictures")
plt.ylabel("class")
plt.grid(axis="y", visible=False)
show_figure("Bars, from the most frequent class to the rarest: pictures per class")

# %% [markdown]
# One bar for each class, the most frequent on top. The longest is more than ten times the shortest,
# so a model meets some classes far more often than others.
#
# Which classes appear **together**? Make a column for each class, with 1 where the picture shows
# it and 0 where not. Such a row is called **multi-hot**. It is what a model will learn to predict.

# %%
hot = df["labels"].str.get_dummies(sep=" ")
hot.iloc[:4, -8:]

# %% [markdown]
# By hand: take each list apart into pairs, and count them. With `hot` it is one product of tables:
# `.T` swaps rows and columns, and `@` is the matrix product. `hot.T @ hot` adds up, for two classes,
# the rows in which both are 1. (A `Counter` gives 0 for a pair that never occurs.)

# %%
pairs = Counter(pair for names in lists for pair in combinations(sorted(names), 2))
together = hot.T @ hot

print("the pairs agree:", all(together.loc[a, b] == pairs[a, b] for a, b in combinations(hot, 2)))
print("a class with itself:", all(together.loc[name, name] == frequency[name] for name in hot))

# %%
common = frequency.index[:8]
part = together.loc[common, common]
part = part.where(~np.eye(len(common), dtype=bool))  # nothing on the diagonal

show_heatmap(part, "Pictures that show both classes", "class", "other class")

# %% [markdown]
# The eight most frequent classes against each other. The brighter a cell, the more pictures show
# both. (Grey is the diagonal: a class with itself is left out, or its large numbers would drown the
# others.) Some classes keep company and others hardly meet. A model learns that too: it may see a
# motorbike and guess a person.
#
# A last look at `hot`: how many of its cells are 1?

# %%
print(f"{hot.to_numpy().mean():.1%} of the cells are 1")
print(f"always answering 0 is right in {1 - hot.to_numpy().mean():.1%} of the cells")

# %% [markdown]
# Somebody who looks at no picture is right that often. Lesson 04 comes back to it.

# %% [markdown]
# ### Exercise 01.5 · alone · ★★☆ · 7 min
#
# Write `alone_share(df, label)`: of the pictures that show `label`, the share that show nothing
# else. Give 0.0 if no picture shows it. Look for whole words again.
#
# Example: three rows are labelled `"car person"`, `"cart"` and `"car"`. Two of them show a car, and
# in one of the two it is alone. So `alone_share(df, "car")` is `0.5`.


# %% tags=["exercise"]
def alone_share(df, label):
    raise NotImplementedError


# %%
check("01.alone_share", alone_share)
# hint("01.alone_share")       # remove the first # for a hint
# solution("01.alone_share")

# %% [markdown]
# ### Exercise 01.6 · kill the mutant: it cuts at each blank · ★☆☆ · 5 min · extra
#
# A **mutant** is a wrong version of a function. A test **kills** it by passing on the right version and
# failing on the mutant. `names_in(text)` makes a list of the names in one cell of `labels`; the mutant is
# `text.split(" ")`. Write the test `test_names(names_in)`: it gets either of the two, calls it, and says with
# `assert` what must come out. (An error inside the mutant kills as well.)
#
# Example: `assert names_in("car person") == ["car", "person"]` holds for both: this mutant survives.


# %% tags=["exercise"]
def test_names(names_in):
    raise NotImplementedError


# %%
check("01.kill_blank", test_names)
# hint("01.kill_blank")       # remove the first # for a hint
# solution("01.kill_blank")

# %% [markdown]
# ### Exercise 01.7 · kill the mutant: row labels for positions · ★★☆ · 5 min · extra
#
# `valid_positions(df)` lists the positions of the rows with True in the column `is_valid`. The mutant lists
# their row labels. Write the test that kills it, with a small table of your own.
#
# Example: `assert valid_positions(small) == [0, 3, 5]` holds for both. (There are ten mutants in lessons 01
# to 08. The last exercise of lesson 08 has a board that shows which are still alive.)


# %% tags=["exercise"]
def test_positions(valid_positions):
    raise NotImplementedError


# %%
check("01.kill_row_labels", test_positions)
# hint("01.kill_row_labels")       # remove the first # for a hint
# solution("01.kill_row_labels")

# %% [markdown]
# ## Where people go wrong
#
# - **`df.iloc[0][1]`** is a published answer to "how do you get a cell?". Today's pandas says
#   `KeyError: 1`. Write `df.iloc[0, 1]`.
# - **`iloc[2, 1]` is in the second row**, says another. Positions begin at 0: it is the third row.
# - **`split(" ")`** is common advice. For a picture without labels it makes a class without a name.
# - **Splitting by `df.index[mask]`** goes well until the table is filtered or shuffled. Then
#   pictures for training end up in the validation set, and no error says so.
# - **"`~` means not"** is true for a column of type bool. For a number, or for a column that has or
#   had holes, it is not.

# %% [markdown]
# ## Recap
#
# - `pd.read_csv(path, keep_default_na=False)` keeps an empty cell as an empty text.
# - `df.iloc[row, column]` takes positions, `df.loc[…]` takes row labels, `df["name"]` is a column.
# - `text.split()` gives `[]` for a picture without labels; `text.split(" ")` gives `[""]`.
# - `df[mask]` keeps rows, `~mask` the others, `np.flatnonzero(mask)` gives positions.
# - `explode().value_counts()` counts classes; `hot.T @ hot` counts pairs.

# %% [markdown]
# ## Questions
#
# Tick or type, then press **Check**. Every answer is told why it is right or not.

# %%
quiz("01")

# %% [markdown]
# One more, to say in your own words: a column of True, False and holes is turned into bool. What
# happens to the holes?
# <details><summary>Answer</summary>
# They become True, because NaN is not zero. If True means validation, those pictures land there.
# </details>

# %% [markdown]
# ## If you want to read more
#
# - [pandas: selecting data, positions and
#   labels](https://pandas.pydata.org/docs/user_guide/indexing.html)
# - [pandas: missing values](https://pandas.pydata.org/docs/user_guide/missing_data.html)
# - [pandas: working with text](https://pandas.pydata.org/docs/user_guide/text.html)
# - [PASCAL VOC 2007](http://host.robots.ox.ac.uk/pascal/VOC/voc2007/)
#
# **Next:** [02 · Dataset and DataLoader: from single pictures to batches](02_dataset_dataloader.ipynb)
