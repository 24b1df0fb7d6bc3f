"""Controls above a page: what every widget with a slider is made of."""

from collections.abc import Callable

from ipywidgets import HTML, VBox

from lessonlib.show.markup import style

# What is drawn fits into a narrow window, or can be scrolled there.
STYLE = style("explorer")
# Of a control: in a narrow window it goes below its label.
LOOK = {
    "style": {"description_width": "9em"},
    "layout": {"width": "34em", "max_width": "95%", "flex_flow": "row wrap", "height": "auto"},
}


class Explorer(VBox):
    """Controls above a page; moving a control draws the page anew.

    draw: takes the controls' values by name and returns HTML.
    """

    def __init__(self, draw: Callable[..., str], **controls):
        self.draw, self.controls, self.page = draw, controls, HTML()
        self.page.add_class("explorer")
        for control in controls.values():
            control.observe(self.refresh, names="value")
        self.refresh()
        style = HTML(STYLE, layout={"display": "none"})
        super().__init__([style, *controls.values(), self.page])

    def refresh(self, _change=None) -> None:
        values = {name: control.value for name, control in self.controls.items()}
        self.page.value = self.draw(**values)

    def __repr__(self) -> str:  # what a notebook shows where widgets cannot run
        names = ", ".join(control.description for control in self.controls.values())
        return f"[ interactive: {names} — run this cell to move it ]"


def slider(kind: type, description: str, **options):
    """A labelled ipywidgets slider that reports while it moves."""
    return kind(description=description, **LOOK, **options)
