"""What one sees while a network trains: a table that grows and a bar that moves."""

import sys
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from IPython import get_ipython
from IPython.display import display
from ipywidgets import HTML

from lessonlib.training_checks import are_functions

VIEW = "application/vnd.jupyter.widget-view+json"


class Progress:
    """The history of a training run, shown as it grows: in a notebook a table, else lines.

    columns: names of the numbers of an epoch. rows: one list of numbers per finished epoch.
    page: a widget that is shown already and takes the table; by default a new one.
    """

    def __init__(self, columns: list[str], epochs: int, page: HTML | None = None):
        self.columns, self.epochs, self.rows, self.page = columns, epochs, [], page
        if page is None and in_notebook():
            self.page = HTML()
            show_live(self.page)
        elif page is None:
            print("  ".join(f"{name:>12}" for name in ["epoch", *columns]))

    def step(self, done: int, of: int, loss: float) -> None:
        """A batch is done."""
        share = (len(self.rows) + done / of) / self.epochs
        if self.page:
            self.page.value = self.table() + bar(share, f"batch {done} of {of}, loss {loss:.4f}")
        elif sys.stderr.isatty():
            print(f"\r{share:4.0%} batch {done} of {of} ", end="", file=sys.stderr, flush=True)

    def epoch(self, numbers: list[float]) -> None:
        """An epoch is done."""
        self.rows.append(numbers)
        if self.page:
            self.page.value = self.table()
        else:
            cells = [f"{len(self.rows):>12}", *(f"{shown(number):>12}" for number in numbers)]
            print("  ".join(cells), flush=True)

    def table(self) -> str:
        """The finished epochs as an HTML table."""
        head = "".join(f"<th>{escape(name)}</th>" for name in ["epoch", *self.columns])
        body = "".join(
            f"<tr><td>{number}</td>"
            + "".join(f"<td>{shown(value)}</td>" for value in row)
            + "</tr>"
            for number, row in enumerate(self.rows, start=1)
        )
        return f'<table class="jp-RenderedHTMLCommon"><tr>{head}</tr>{body}</table>'


def shown(number: float) -> str:
    """A number of an epoch as text; counts are whole."""
    return str(number) if isinstance(number, int) else f"{number:.4f}"


def show_live(page: HTML) -> None:
    """Show a widget as itself only, without the text that a saved notebook would keep.

    Whether a cell trains or finds a trained model, its saved outputs are then the same.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": page.model_id}
    display({VIEW: view}, raw=True)


def bar(share: float, text: str) -> str:
    """A progress bar as HTML, with a text beside it."""
    return f'<progress value="{share:.3f}" aria-label="training"></progress> {escape(text)}'


def in_notebook() -> bool:
    """Whether this Python is the kernel of a notebook."""
    shell: Any = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def metric_names(metrics: Sequence[Callable]) -> list[str]:
    """The metrics' names, also of those that `partial` made; one that comes again is numbered."""
    are_functions(metrics)
    names = [getattr(m, "func", m) for m in metrics]
    names = [getattr(name, "__name__", type(name).__name__) for name in names]
    before = [names[:k].count(name) for k, name in enumerate(names)]
    return [f"{name} {n + 1}" if n else name for name, n in zip(names, before, strict=True)]
