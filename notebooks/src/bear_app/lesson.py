# %% [markdown]
# # Which bears are in your picture?
#
# Choose a picture with a black bear, a grizzly, a teddy, several of them, or none. The model of
# lesson 08 says how probable each kind is, and your threshold decides. The picture stays in the
# memory of this computer and is stored nowhere.
#
# **What the model has seen:** drawings, and never a photograph. They show one kind of these bears, two
# kinds, or none: landscapes, things, drawn people and other animals. Of every picture it says
# something, whatever that shows; what it says of a photograph means nothing yet.

# %%
from data_scripts.bears import twin_folder

from lessonlib import (
    BearApp, answers_alone, bear_learner, bears, load_learner, page_script, sample_pictures, trained,
)  # fmt: skip
from lessonlib.course.folders import model_path

page_script()


# %%
def prepare(page):
    folder = bears()
    path = model_path("lesson08", folder.parent)
    if answers_alone(path):
        return load_learner(path)
    learn = bear_learner(folder)
    learn.progress_page = page
    return trained(learn, path, epochs=5, base_lr=2e-3)


BearApp(prepare, sample_pictures(twin_folder()))
