"""The web app: choose a picture, see which bears are in it. `python -m lessonlib app` serves it.

As in widgets.py, pure functions decide and draw, and one thin class puts controls above them. A
picture goes from the browser into memory and nowhere else. Built for notebook bear_app.
"""

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from html import escape
from threading import Thread, Timer

from ipywidgets import HTML, FileUpload, FloatSlider, HBox, VBox
from PIL import Image, UnidentifiedImageError

from lessonlib.engine.images import decode_image
from lessonlib.engine.learner import Learner
from lessonlib.engine.predicting import Predictor
from lessonlib.explorers.bear_page import MAX_BYTES, STYLE
from lessonlib.explorers.bear_samples import SEEN, Samples
from lessonlib.explorers.widgets import as_data_uri
from lessonlib.guards.picture_work import MAX_WORK, work
from lessonlib.guards.pictures import BOMBS

AGAIN = (1, 3, 9)  # seconds after which a page hears once more that the model is there
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
TAKEN = "JPEG, PNG, WebP, GIF, BMP and TIFF"
SHOWN = 960  # pixels of the longer side, at most, that are kept of a picture
COUNTS = {1: "One kind of bear", 2: "Two kinds of bear at once", 3: "Three kinds of bear at once"}
LOADING = (
    "Loading the model. Where lesson 08 has saved none yet, one is trained now, once; that takes "
    "about two minutes."
)
READY = "The model is ready. Choose a picture."


class Refused(ValueError):
    """An upload that gets no answer: the message is a sentence with the cause and the cure."""


def decide(probs: Mapping[str, float], thresholds: Mapping[str, float]) -> list[str]:
    """The labels whose probability, 0…1, is above their own threshold, in the order of probs."""
    return [label for label, prob in probs.items() if prob > thresholds[label]]


def sentence(labels: Sequence[str]) -> str:
    """The answer in words, as HTML."""
    if not labels:
        return "No bear here"
    *first, last = map(escape, labels)
    names = f"{', '.join(first)} and {last}" if first else last
    return f"{COUNTS.get(len(labels), f'{len(labels)} kinds of bear at once')}: {names}"


def draw(probs: Mapping[str, float], thresholds: Mapping[str, float]) -> str:
    """The answer with what the model has seen, and for each label its probability as a bar with a
    mark at its threshold.
    """
    rows = "".join(bar(label, prob, thresholds[label]) for label, prob in probs.items())
    return (
        f'<div role="status"><p class="bear-said">{sentence(decide(probs, thresholds))}</p>'
        f'<p class="bear-seen">{SEEN}</p></div>{rows}'
        '<p class="bear-key">Black line: the threshold. A bear is named when its bar reaches '
        "beyond it.</p>"
    )


def bar(label: str, prob: float, threshold: float) -> str:
    """One label's probability against its threshold: a colour, and the same in words."""
    passes = prob > threshold
    name, verdict = escape(label), "✓ yes" if passes else "– no"
    spoken = f"{prob:.2f}, {'above' if passes else 'not above'} the threshold of {threshold:.2f}"
    return (
        f'<div class="bear-row{" bear-yes" if passes else ""}" data-label="{name}">'
        f'<div class="bear-line"><b>{name}</b><span>{prob:.2f} {verdict}</span></div>'
        f'<div class="bear-track" role="meter" aria-label="probability of {name}" '
        f'aria-valuemin="0" aria-valuemax="1" aria-valuenow="{prob:.2f}" '
        f'aria-valuetext="{spoken}"><div class="bear-fill" style="width:{prob:.1%}"></div>'
        f'<div class="bear-mark" style="left:{threshold:.1%}"></div></div></div>'
    )


def draw_picture(image: Image.Image, name: str, whose: str = "your picture") -> str:
    """The picture under which its name stands."""
    name = escape(name)
    return (
        f'<figure><img src="{as_data_uri(image)}" alt="{whose} {name}">'
        f"<figcaption>{name}</figcaption></figure>"
    )


def draw_problem(text: str) -> str:
    """A sentence about what is wrong; screen readers say it at once."""
    return f'<p class="bear-problem" role="alert">{escape(text)}</p>'


def read_upload(name: str, content: bytes | memoryview, size: int) -> Image.Image:
    """The picture in the content of a file: upright, RGB, and not much larger than it is shown.

    size: of the file in bytes, as the browser says it. Raises Refused for a file that is empty,
    too large, damaged, something else than a picture, too much work, or a decompression bomb.
    """
    if size > MAX_BYTES:
        raise Refused(
            f"{name} has {size / 1e6:.1f} MB, and this app takes pictures of up to "
            f"{MAX_BYTES / 1e6:.0f} MB. Save it smaller, then choose it again."
        )
    if not content:
        raise Refused(f"{name} is empty (0 bytes). Copy it anew, then choose it again.")
    try:
        if too_much(content):
            raise Refused(
                f"{name} is packed so that reading it takes too long, such as a progressive JPEG "
                "with countless scans. Save it as an ordinary JPEG or as PNG, then choose it again."
            )
        image = decode_image(io.BytesIO(content), SHOWN, FORMATS)
        image.thumbnail((SHOWN, SHOWN))
        return image
    except Refused:
        raise
    except BOMBS:
        raise Refused(
            f"{name} has more than {Image.MAX_IMAGE_PIXELS:,} pixels and could fill the memory "
            "(a decompression bomb). Save it smaller, then choose it again."
        ) from None
    except UnidentifiedImageError:
        raise Refused(
            f"{name} is not a picture that this app can read. It reads {TAKEN}. Save it as one of "
            "those or, if it should be one, copy it anew; then choose it again."
        ) from None
    except MemoryError:
        raise Refused(
            f"{name} needs more memory than is free. Save it smaller, then choose it again."
        ) from None
    except Exception as error:  # Pillow's decoders raise half a dozen kinds
        raise Refused(
            f"{name} is a damaged picture, or an odd one: it cannot be read to its end. Copy it "
            "anew, or save it as PNG, then choose it again."
        ) from error


def too_much(content: bytes | memoryview) -> bool:
    """Whether reading a picture would hold the app up. Pillow's errors come through."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return work(image, content) > MAX_WORK


class BearApp(VBox):
    """Buttons for pictures and a slider above what the model says.

    prepare: takes the widget that shows how training goes on and returns what predicts bears, a
    Learner or a loaded model. It runs in a thread, so that the page is there before the model is.
    samples: pictures that are one click away, with what they show.
    """

    def __init__(
        self,
        prepare: Callable[[HTML], Learner | Predictor],
        samples: Sequence[tuple[str, Image.Image]] = (),
    ):
        self.learn: Learner | Predictor | None = None
        self.probs: dict[str, float] = {}
        self.upload = FileUpload(
            accept="image/*", description="Choose a picture", icon="", disabled=True
        )
        self.samples = Samples(samples, self.try_sample)
        self.buttons = [self.upload, *self.samples.buttons]  # off until the model is there
        self.threshold = FloatSlider(
            description="threshold",
            value=0.5,
            max=1,
            step=0.05,
            style={"description_width": "initial"},
            layout={"width": "auto", "max_width": "384px"},
        )
        self.status, self.progress, self.picture, self.answer = (HTML() for _ in range(4))
        self.status.value = f'<p role="status">{LOADING}</p>'
        self.upload.observe(self.look, names="value")
        self.threshold.observe(self.refresh, names="value")
        self.picture.add_class("bear-picture")
        self.answer.add_class("bear-answer")
        result = HBox([self.picture, self.answer], layout={"flex_flow": "row wrap"})
        result.add_class("bear-result")
        given = [HTML(STYLE), self.upload, self.samples, self.threshold]
        super().__init__([*given, self.status, self.progress, result])
        self.add_class("bear-app")
        self.loading = Thread(target=self.load, args=(prepare,), daemon=True)
        self.loading.start()

    def load(self, prepare: Callable[[HTML], Learner | Predictor]) -> None:
        """Get the model ready, then let pictures be chosen."""
        try:
            self.learn = prepare(self.progress)
            self.predict(Image.new("RGB", (64, 64)))  # the first prediction takes longest
        except Exception as error:  # nobody reads what a thread raises
            self.status.value = draw_problem(str(error))
        else:
            self.status.value, self.progress.value = f'<p role="status">{READY}</p>', ""
            for button in self.buttons:
                button.disabled = False
        for seconds in AGAIN:
            timer = Timer(seconds, self.tell_again)
            timer.daemon = True
            timer.start()

    def tell_again(self) -> None:
        """A page that is still opening loses what it is told, and a model may be there sooner."""
        self.status.send_state("value")
        self.progress.send_state("value")
        for button in self.buttons:
            button.send_state("disabled")

    def predict(self, image: Image.Image) -> dict[str, float]:
        """Each label's probability."""
        return dict(zip(self.learn.vocab, self.learn.predict(image).probs.tolist(), strict=True))

    def look(self, change: dict) -> None:
        """Answer for the file that was chosen."""
        for file in change["new"]:
            self.upload.value = ()  # nothing of it is kept, and it can be chosen once more
            self.probs = {}
            try:
                image = read_upload(file["name"], file["content"], file["size"])
                self.show(image, draw_picture(image, file["name"]))
            except Refused as problem:
                self.picture.value, self.status.value = "", draw_problem(str(problem))
                self.refresh()

    def try_sample(self, name: str, image: Image.Image) -> None:
        """Answer for a picture that the app offers."""
        self.show(image, draw_picture(image, name, "drawing of"))

    def show(self, image: Image.Image, page: str) -> None:
        """Show a picture's page and what the model says of it."""
        self.probs = self.predict(image)
        self.picture.value, self.status.value = page, ""
        self.refresh()

    def refresh(self, _change=None) -> None:
        """Decide anew by the slider; nothing is predicted again."""
        thresholds = dict.fromkeys(self.probs, self.threshold.value)
        self.answer.value = draw(self.probs, thresholds) if self.probs else ""

    def __repr__(self) -> str:  # what a notebook shows where widgets cannot run
        return "[ interactive: choose a picture, threshold — run this cell to try it ]"
