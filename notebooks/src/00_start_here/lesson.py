# %% [markdown]
# # 00 · Start here
#
# > **Time:** 25 minutes · **You need:** a little Python: functions, lists, dictionaries. From lesson
# > 02 on also classes; for lesson 04, what a logarithm and a slope are
# >
# > **By the end you can**
# > - run a lesson, move a slider and check an exercise,
# > - say what multi-label classification is,
# > - name the files of the data set and what it cannot show you.

# %% [markdown]
# Welcome. This course teaches two questions that you can ask of a picture: *which objects are in
# it?* (multi-label classification) and *where is something?* (image regression). You build
# every piece by hand, see that it equals the well-known library's piece, play with it, and
# are asked about it.
#
# Click the cell below and press **Shift+Enter**. That runs a cell and moves on. Every lesson
# starts with this cell: it fixes the random numbers, so that you see what the text describes.

# %%
from lessonlib.course import start

start("00")

# %% [markdown]
# ## The pictures
#
# The course re-teaches a famous chapter: number 6 of *Deep Learning for Coders with fastai and
# PyTorch*. The lessons call it "the chapter"; you do not need the book. It uses photographs, **PASCAL
# VOC 2007**: 5,011 of them to learn from, with 20 kinds of objects; the archive has 1.6 GB. So that you can begin offline and at once, the
# course draws its own pictures in the same format: a **twin** of the data set. If this is your
# first time, the next cell shows a progress bar for up to a minute.

# %%
from lessonlib import pascal

folder = pascal()
for entry in sorted(folder.iterdir()):
    print(entry.name)

# %% [markdown]
# `train.csv` and `test.csv` are tables with one row for each picture in the folders `train`
# and `test`. Lesson 01 is about such tables. (`objects.csv` is the twin's own: it knows where
# each labelled object was drawn, and lesson 03 will need it.) Here are the first rows.

# %%
import pandas as pd

df = pd.read_csv(folder / "train.csv", keep_default_na=False)
print(len(df), "rows")
df.head()

# %% [markdown]
# And here are the first eight pictures with their labels.

# %%
from lessonlib import open_image, show_images

first = df.head(8)
pictures = [open_image(folder / "train" / name) for name in first["fname"]]
show_images(pictures, [labels or "(no label)" for labels in first["labels"]])

# %% [markdown]
# Eight pictures, each with its labels above it. A picture can have one label, several, or none.
# That is **multi-label classification**. A classifier that must pick exactly one class cannot
# answer correctly here; yours will. Some objects have no label at all, in the twin fruit or a hat.
# They are not among the 20 classes, and a good classifier stays silent about them.

# %% [markdown]
# ## What a classifier says, and where you draw the line
#
# Your classifier will give each class a **probability**, a number from 0 to 1. You choose a
# **threshold**: what lies above it becomes a label. The four probabilities below are made up,
# since you have no classifier yet. Move the slider with the mouse, or click it and use the
# arrow keys.

# %%
from lessonlib import label_explorer

pair = df[df["labels"] == "horse person"].iloc[0]
picture = open_image(folder / "train" / pair["fname"])
probabilities = {"horse": 0.93, "person": 0.62, "dog": 0.34, "sofa": 0.04}
label_explorer(picture, probabilities)

# %%
from lessonlib import plot_bars

plot_bars(
    probabilities,
    title="Two positions of the slider",
    ylabel="probability",
    lines={"threshold 0.5": 0.5, "threshold 0.8": 0.8},
)

# %% [markdown]
# Four bars and two lines. *Horse* and *person* pass the solid line at 0.5, only *horse* passes
# the dashed one at 0.8. Lesson 06 is about where to draw the line.
#
# **Change this and run again:** give *dog* a probability of 0.7 in the cell with the slider, and
# run it and the cell with the figure. At which thresholds is the picture wrongly said to show a dog?

# %% [markdown]
# ## How the exercises work
#
# An exercise has a task, a cell for your answer, and a cell that checks it. A wrong answer
# shows what went in, what came out and what was expected; common mistakes are named. Remove a
# `#` to get a hint or to see a solution. Nothing is sent anywhere.

# %%
from lessonlib.course import check, hint, solution

# %% [markdown]
# ### Exercise 00.1 · Above the line · ★☆☆ · 3 min
#
# With the four probabilities above, how many labels does the picture get at a threshold of
# 0.3? Replace `None` by the number.

# %% tags=["exercise"]
answer = None

# %%
check("00.above", answer)
# hint("00.above")       # remove the first # for a hint
# solution("00.above")

# %% [markdown]
# ### Exercise 00.2 · Your first classifier decision · ★☆☆ · 5 min
#
# Write `labels_above(probabilities, threshold)`: the list of the names whose probability is
# **above** the threshold, in the order of the dictionary. Replace the line that says `raise`.
#
# Example: `labels_above({"cow": 0.7, "cat": 0.2}, 0.5)` is `["cow"]`.


# %% tags=["exercise"]
def labels_above(probabilities, threshold):
    raise NotImplementedError


# %%
check("00.labels_above", labels_above)
# hint("00.labels_above")       # remove the first # for a hint
# solution("00.labels_above")

# %% [markdown]
# ### Exercise 00.3 · How many objects have a name here? · ★☆☆ · 5 min
#
# In the table, the labels of a picture are one text with spaces between them. Write
# `count_labels(texts)`: how many labels a list of such texts has in total.
#
# Example: `count_labels(["horse person", "", "car"])` is 3.


# %% tags=["exercise"]
def count_labels(texts):
    raise NotImplementedError


# %%
check("00.count_labels", count_labels)
# hint("00.count_labels")       # remove the first # for a hint
# solution("00.count_labels")

# %% [markdown]
# ## What these pictures cannot show you
#
# The twin's pictures are composed from drawings on generated backgrounds. That is enough to
# learn every step. But:
#
# - A drawing is easier to recognise than a photograph. A high score here says little about
#   photographs.
# - A *dining table* is a plate with knife and fork. Like it, *bicycle*, *pottedplant* and *sofa*
#   are one drawing each.
# - Light, shadow, blur and the untidiness of real rooms are missing.

# %% [markdown]
# Where the text quotes a figure of the real photographs, it says so. With a network you can have them:
# `.venv/bin/python -m data_scripts.pascal --real` fetches 1.6 GB, and then every lesson uses them
# (Windows: `.venv\Scripts\python -m data_scripts.pascal --real`). `--twin` instead of `--real` goes
# back. For photographs of your own in the same format, write `pascal("path/to/folder")`.
#
# **The artwork** is Twemoji, © Twitter, Inc and other contributors, licensed under
# [CC-BY 4.0](https://creativecommons.org/licenses/by/4.0/). The pictures here are changed
# versions: scaled, turned, recoloured and combined.

# %% [markdown]
# ## When something does not work
#
# - **A cell shows an error.** Read its last line first: it names the cause and the cure.
# - **`NameError: name 'check' is not defined`**, or **`Error displaying widget: model not found`** where
#   a slider or a question was, or red broken links beside them. The **kernel** is the program that runs
#   your cells. A new one begins when you open a lesson again or restart it, and knows nothing yet.
#   Select the cell, then *Run → Run All Above Selected Cell*, then run the cell itself. (The model is
#   the slider's; no trained one is lost.)
# - **Nothing works any more.** *Kernel → Restart Kernel and Run All Cells* starts afresh.
# - **The computer gets slow.** Close the tabs of lessons that you do not need: that ends their kernels,
#   which hold 1 to 2 GB each. What you wrote and answered stays.
# - **You want the original lesson back.** In a terminal, in the course's folder:
#   `.venv/bin/python -m lessonlib reset 00` (Windows: `.venv\Scripts\python -m lessonlib reset 00`).
#   Your version is kept beside it.
# - **Is my computer set up?** The same with `doctor` for `reset 00` answers line by line.
#
# **Next:** [01 · DataFrames: the table behind the pictures](01_dataframes.ipynb)
