"""Write lessonlib/README.md, the map of the library: which lesson brought what, and where it is.

python notebooks/library_map.py
"""

import ast
import re
from pathlib import Path

from lessonlib import BROUGHT

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "lessonlib"
ROOMS = ("engine", "guards", "show", "explorers", "course")
BEGIN = """# The library that the lessons build

In this folder a file is what a lesson built, and a folder is machinery. So read the files: together
they are an evening. `from lessonlib import DataBlock` finds every name below, wherever it stands.

This page is written by `python notebooks/library_map.py`.
"""


def sentence(path: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")


def title(lesson: str) -> str:
    """A lesson's own title, as a link to its notebook."""
    (source,) = (ROOT / "notebooks" / "src").glob(f"{lesson}*/lesson.py")
    heading = re.search(r"^# # (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)[1]
    return f"[{heading}](../notebooks/{source.parent.name}.ipynb)"


def place(name: str) -> str:
    """A module's file, as a link."""
    file = f"{name.replace('.', '/')}.py"
    return f"[{file}]({file})"


def table(*rows: tuple[str, ...]) -> str:
    """A table in Markdown; the first row is its head."""
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


def page() -> str:
    """The whole page."""
    files = sorted(LIBRARY.glob("[!_]*.py"))
    top = [("file", "what it holds"), *((place(path.stem), sentence(path)) for path in files)]
    rooms = [("folder", "what it holds", "files")]
    for room in ROOMS:
        inside = sorted((LIBRARY / room).rglob("[!_]*.py"))
        names = ", ".join(
            path.relative_to(LIBRARY / room).with_suffix("").as_posix() for path in inside
        )
        rooms.append((f"`{room}/`", sentence(LIBRARY / room / "__init__.py"), names))
    brought = [("lesson", "what it brought, and where that stands")]
    for lesson, places in BROUGHT.items():
        found = [f"{place(file)}: `{'`, `'.join(names.split())}`" for file, names in places.items()]
        brought.append((title(lesson), "<br>".join(found)))
    return "\n\n".join(
        [
            BEGIN.rstrip(),
            "## The evening",
            table(*top),
            "## The machinery",
            table(*rooms),
            "## Which lesson brought what",
            table(*brought) + "\n",
        ]
    )


if __name__ == "__main__":
    (LIBRARY / "README.md").write_text(page(), encoding="utf-8")
