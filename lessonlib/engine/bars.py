"""What one sees while something takes long: a bar that moves, in training a table that grows."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from operator import length_hint
from typing import TYPE_CHECKING, Any

from lessonlib.guards.training import are_functions

if TYPE_CHECKING:
    from ipywidgets import HTML

VIEW = "application/vnd.jupyter.widget-view+json"
PATIENCE = 2  # seconds without a bar
KNOWN = 0.05  # the share after which the rest is guessed: the first batches open their pictures


class Progress:
    """The history of a training run, shown as it grows: in a notebook a table, else lines.

    columns: names of the numbers of an epoch. rows: one list of numbers per finished epoch.
    page: a widget that is shown already and takes the table; by default a new one.
    """

    def __init__(self, columns: list[str], epochs: int, page: "HTML | None" = None):
        self.columns, self.epochs, self.rows, self.page = columns, epochs, [], page
        self.begin = self.last = time.monotonic()
        self.times: list[str] = []
        if page is None and in_notebook():
            self.page = html()
            show_live(self.page)
        elif page is None:
            print("  ".join(f"{name:>12}" for name in ["epoch", *columns, "time"]))

    def step(self, done: int, of: int, loss: float) -> None:
        """A batch is done."""
        share = (len(self.rows) + done / of) / self.epochs
        epoch = f"epoch {len(self.rows) + 1} of {self.epochs}"
        text = f"{epoch}: batch {done} of {of}, loss {loss:.4f}"
        if share >= KNOWN:
            left = (time.monotonic() - self.begin) * (1 - share) / share
            text += f", about {duration(left)} left"
        if self.page:
            self.page.value = self.table() + bar(share, text)
        else:
            say_in_terminal(f"{share:4.0%} {text}")

    def epoch(self, numbers: list[float]) -> None:
        """An epoch is done. What it took is told too."""
        now = time.monotonic()
        self.rows.append(numbers)
        self.times.append(clock(now - self.last))
        self.last = now
        if self.page:
            self.page.value = self.table()
        else:
            cells = [str(len(self.rows)), *map(shown, numbers), self.times[-1]]
            print("  ".join(f"{cell:>12}" for cell in cells), flush=True)

    def table(self) -> str:
        """The finished epochs as an HTML table."""
        head = "".join(f"<th>{escape(name)}</th>" for name in ["epoch", *self.columns, "time"])
        body = "".join(
            f"<tr><td>{number}</td>"
            + "".join(f"<td>{shown(value)}</td>" for value in row)
            + f"<td>{took}</td></tr>"
            for number, (row, took) in enumerate(zip(self.rows, self.times, strict=True), start=1)
        )
        return f'<table class="jp-RenderedHTMLCommon"><tr>{head}</tr>{body}</table>'


def watched(parts: Iterable, doing: str, of: int | None = None) -> Iterator:
    """Hand the parts on; once that has taken two seconds, a bar shows how far it is.

    of: how many there are at most, by default as many as parts says. At the end the bar is gone.
    """
    of = of or length_hint(parts)
    begin, page, output = time.monotonic(), None, None
    for done, part in enumerate(parts, start=1):
        yield part
        if time.monotonic() - begin < PATIENCE:
            continue
        text = f"{doing} {done} of {of}" if of else f"{doing} {done}"
        if in_notebook():
            page = page or html()
            output = output or show_live(page)
            page.value = bar(done / of if of else None, text, doing)
        else:
            say_in_terminal(text)
    if page:
        output.update({}, raw=True)  # a saved notebook would show a widget that is no more
        page.close()


def say_in_terminal(text: str) -> None:
    """Write over the line that was written last."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A time to wait, as one says it: "40 s", "3 min"."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def clock(seconds: float) -> str:
    """How long something took, as minutes and seconds: "0:42"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def shown(number: float) -> str:
    """A number of an epoch as text; counts are whole."""
    return str(number) if isinstance(number, int) else f"{number:.4f}"


def html(text: str = "") -> "HTML":
    """A widget that holds HTML. It is imported now: what computes needs no widgets."""
    from ipywidgets import HTML

    return HTML(text)


def show_live(page: "HTML") -> Any:
    """Show a widget as itself only, without the text that a saved notebook would keep.

    Returns what can change the output later.

    Whether a cell trains or finds a trained model, its saved outputs are then the same.
    """
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": page.model_id}
    return display({VIEW: view}, raw=True, display_id=True)


def bar(share: float | None, text: str, name: str = "training") -> str:
    """A progress bar as HTML, with a text beside it; None: nobody knows how far it is."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress{value} aria-label="{escape(name)}"></progress> {escape(text)}'


def in_notebook() -> bool:
    """Whether this Python is the kernel of a notebook."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def metric_names(metrics: Sequence[Callable]) -> list[str]:
    """The metrics' names, also of those that `partial` made; one that comes again is numbered.

    Raises TeachingError for what is no function.
    """
    are_functions(metrics)
    names = [getattr(m, "func", m) for m in metrics]
    names = [getattr(name, "__name__", type(name).__name__) for name in names]
    before = [names[:k].count(name) for k, name in enumerate(names)]
    return [f"{name} {n + 1}" if n else name for name, n in zip(names, before, strict=True)]
