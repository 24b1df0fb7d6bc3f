# %% [markdown]
# # 09 · Questionnaire: what stayed
#
# > **Time:** two sittings. The chapter's seventeen topics take 60 minutes, everything after them another 60.
# >
# > **You need:** lessons 01 to 08, and a sheet of paper. No trained model, no network.
# >
# > **By the end you can**
# > - **answer** the chapter's seventeen topics in your own words;
# > - **work out** its numbers by hand;
# > - **name** twenty traps that the chapter does not mention;
# > - **say** which lessons you should see again, and when.

# %%
from lessonlib.course import start

start("09")

# %% [markdown]
# ## How it works
#
# Every question is a card. Tick (one box or several can be right), type or write, then press **Check**. You
# hear what is right, and why what you chose is not. Where a number is asked for, the figures were drawn for
# you; another learner has others. Free texts you compare yourself: write first, then look, and be strict.
#
# Everything works from the keyboard: **Tab** goes on to the next box or button, **Space** ticks and presses.
# Answers are kept, so close the browser whenever you like. Wrong ones come back later, on purpose.
#
# This is your score. It moves with each answer.

# %%
import torch

from lessonlib.course import check, hint, quiz, review, score, solution

score("09")

# %% [markdown]
# ## First sitting: the chapter's seventeen topics
#
# Guessing is cheap here: with four boxes that you may tick or not, chance is right in one case of
# fifteen. So decide first, then tick.
#
# ### Tables, datasets, loaders
#
# Topics 3 to 7 of the chapter's list; lessons 01 and 02. One question asks for a function: write it into the
# box, and begin each line below the first with four blanks.

# %%
quiz("09.tables")

# %% [markdown]
# ### Targets and recipes
#
# Topics 1, 2, 8 and 9; lessons 03 and 08. Two questions ask for a function.

# %%
quiz("09.targets")

# %% [markdown]
# ### Losses
#
# Topics 10 to 12; lesson 04. You need e and its logarithm: a pocket calculator, or a cell of your own
# below this one (press **B**).

# %%
quiz("09.losses")

# %% [markdown]
# ### Decisions
#
# Topics 13 and 14; lessons 04 and 06.

# %%
quiz("09.decisions")

# %% [markdown]
# ### Numbers and points
#
# Topics 15 to 17; lesson 07.

# %%
quiz("09.points")

# %% [markdown]
# That is the chapter. Take a break, better still a night: what you recall tomorrow is what you have.
#
# ## Second sitting: beyond the chapter
#
# Twenty questions about what the chapter leaves out, has wrong, or does not warn of.
#
# ### Traps in the data

# %%
quiz("09.data")

# %% [markdown]
# ### By hand

# %%
quiz("09.numbers")

# %% [markdown]
# ### What the chapter does not tell

# %%
quiz("09.beyond")

# %% [markdown]
# **Change this and run again:** any topic can be asked alone: its lesson and its name, such as
# `"06.low"` or `"07.person"`. A lesson's number, such as `"06"`, gives its short list.

# %%
quiz("03.unseen")  # change this

# %% [markdown]
# ## Three tasks in cells
#
# These put several lessons together, in cells of your own.

# %% [markdown]
# ### Exercise 09.1 · From activations to names · ★★☆ · 6 min
#
# Write `decide(activations, vocab, thresh=0.5)`: for each picture the list of the names whose probability
# is above the threshold. `activations` come straight from the network, `[pictures, classes]`.
#
# Example: `decide(torch.tensor([[2., -2., 2.]]), ["cat", "dog", "sofa"])` is `[["cat", "sofa"]]`.


# %% tags=["exercise"]
def decide(activations, vocab, thresh=0.5):
    raise NotImplementedError


# %%
check("09.decide", decide)
# hint("09.decide")       # remove the first # for a hint
# solution("09.decide")

# %% [markdown]
# ### Exercise 09.2 · Two bugs in three lines · ★★☆ · 8 min
#
# A loss for pictures with several labels. It has **two** bugs. Write `cost(logits, targets)` without them;
# keep the three lines.
#
# Example: for activations (3, −3) and targets (1, 0), both right, a mended loss is below 0.1.


# %%
def cost_with_bugs(logits, targets):
    p = logits.softmax(dim=1)
    cells = torch.where(targets == 1, 1 - p, p)
    return -cells.log().mean()


print(f"{cost_with_bugs(torch.tensor([[3.0, -3.0]]), torch.tensor([[1.0, 0.0]])):.3f}")


# %% tags=["exercise"]
def cost(logits, targets):
    raise NotImplementedError


# %%
check("09.cost", cost)
# hint("09.cost")       # remove the first # for a hint
# solution("09.cost")

# %% [markdown]
# ### Exercise 09.3 · Predict: one model, two units · ★☆☆ · 5 min
#
# Four pictures, three labels, threshold 0.5. Which share of the **cells** is right, and which share of the
# **pictures** (exact match)? Work it out without running anything: `answer = (0.5, 0.5)`.
#
# | probabilities | targets |
# |---|---|
# | 0.9 · 0.2 · 0.6 | 1 · 0 · 0 |
# | 0.4 · 0.1 · 0.2 | 1 · 0 · 0 |
# | 0.7 · 0.8 · 0.3 | 1 · 1 · 1 |
# | 0.1 · 0.3 · 0.4 | 0 · 0 · 0 |

# %% tags=["exercise"]
answer = None  # replace None by a pair, such as (0.5, 0.5)

# %%
check("09.two_units", answer)
# hint("09.two_units")       # remove the first # for a hint
# solution("09.two_units")

# %% [markdown]
# ## What comes back
#
# What was wrong is asked again: today, and after each right answer in a row later, in 1, 3, 9 and 27
# days. Then it rests. Run this cell whenever you open the course; it asks ten questions at most, without
# your earlier answers. On the first day it repeats what you got wrong above.

# %%
review()

# %% [markdown]
# ## Where people go wrong
#
# - **Reading the answer and nodding.** Recognising is easier than recalling. Write first, then compare.
# - **Correcting until the edge is blue.** The review asks again in a day, when the colours are forgotten.
# - **A number without its baseline.** Ask of each figure what saying nothing would give.
# - **Learning sentences by heart.** The figures in the number questions change from learner to learner.
# - **Believing what is published.** Answers to the chapter's list on the web have mistakes; one reads position 2
#   as the second row. Check by running.

# %% [markdown]
# ## Recap
#
# 1. Several labels: a sigmoid for each class, a multi-hot target, binary cross-entropy, a threshold.
# 2. A recipe needs items, getters, blocks and a splitter; whatever is learned is learned from training.
# 3. Nothing first: every score beside what saying nothing reaches, in cells or in pictures.
# 4. What chooses does not report: thresholds, rates and recipes flatter on the data that chose them.
# 5. A point is a point by its type, and its error has a unit.

# %% [markdown]
# ## Questions
#
# 1. What is the *nothing first* of this questionnaire: how many of 28 choice cards does chance get right?
# <details><summary>Answer</summary>
# With four boxes there are 15 ways to tick at least one, so about one card of 15: two of 28. Cards with
# five boxes have 31 ways.
# </details>
#
# 2. Your score is 50 of 56. Why is it flattering, as a measure of what you will know next month?
# <details><summary>Answer</summary>
# You were told what was wrong and could answer again, minutes later. It is a score on the data that
# trained you. The review, days later, is the validation.
# </details>
#
# 3. Which of the seventeen could you explain to somebody at a blackboard, now, without this page?
# <details><summary>Answer</summary>
# Only you know. Take the one that you like least and explain it aloud.
# </details>
#
# **Next:** [10 · Further research: now you ask](10_further_research.ipynb)
