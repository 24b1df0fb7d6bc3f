"""What the app's model has seen, and drawings to try it on. Used by bear_app."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd
from ipywidgets import HTML, Button, HBox, VBox
from PIL import Image

from lessonlib.engine.images import open_image
from lessonlib.explorers.widgets import as_data_uri

# next to each answer: a model says something of every picture, whatever that shows
SEEN = (
    "The model has seen drawings only, never a photograph. If yours is a photograph, of a bear or "
    "of a person, what it says here means nothing yet."
)
OFFER = "Or try a drawing that the model has not seen. Below each stands what it shows."


def sample_pictures(folder: Path) -> list[tuple[str, Image.Image]]:
    """What it shows and a drawing, for each set of labels in the twin's test split.

    folder: of the twin. Without a table, or where its pictures cannot be read, there are none:
    bear_learner, which reads the same files, says what is wrong with them.
    """
    samples = []
    with suppress(OSError, ValueError, KeyError):
        df = pd.read_csv(folder / "bears.csv", keep_default_na=False)
        groups = df["fname"].str.split("/").str[0]
        df = df[groups.isin(["bears", "pairs", "empty"]) & (df["split"] == "test")]
        for row in df.drop_duplicates("labels").itertuples():
            shown = " and ".join(row.labels.split()) or "no bear"
            samples.append((shown, open_image(folder / row.fname)))
    return samples


class Samples(VBox):
    """A button with its picture for each sample, off until there is a model; nothing for none.

    choose: what happens with a sample's name and picture.
    """

    def __init__(
        self,
        samples: Sequence[tuple[str, Image.Image]],
        choose: Callable[[str, Image.Image], None],
    ):
        self.buttons, grounds = [], ""
        for number, (name, image) in enumerate(samples):
            button = Button(description=name, tooltip=f"Try: {name}", disabled=True)
            button.on_click(lambda _button, sample=(name, image): choose(*sample))
            button.add_class("bear-sample")
            button.add_class(f"bear-sample-{number}")
            self.buttons.append(button)
            ground = f"background-image: url({as_data_uri(image)})"
            grounds += f".bear-app .bear-sample-{number} {{{ground}}}"
        row = HBox(self.buttons, layout={"flex_flow": "row wrap"})
        row.add_class("bear-samples")
        offer = HTML(f"<style>{grounds}</style><p>{OFFER}</p>")
        super().__init__([offer, row] if samples else [])
