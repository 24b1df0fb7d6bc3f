# %% [markdown]
# # 09 · Questionnaire
#
# > **Time:** two sittings of 60 minutes.
# >
# > **You need:** lessons 01 to 08.
# >
# > **By the end you can**
# > - **say** what you know.

# %%
from lessonlib.course import start

start("09")

# %%
from lessonlib.course import quiz, score

score("09")

# %%
quiz("09.losses")
