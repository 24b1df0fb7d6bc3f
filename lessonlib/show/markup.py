"""Text as HTML: whatever it says, it stays text, but for the marks of the course's own texts."""

import json
import re
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from lessonlib.show.looks import COLOURS


def markup(text: str) -> str:
    """Plain text with `code`, *emphasis* and **strong** as safe HTML."""
    pieces = re.split(r"`([^`]+)`", escape(text))
    pieces[1::2] = [f"<code>{code}</code>" for code in pieces[1::2]]
    for place in range(0, len(pieces), 2):
        strong = re.sub(r"\*\*(\S(?:[^*]*\S)?)\*\*", r"<b>\1</b>", pieces[place])
        pieces[place] = re.sub(r"\*(\S(?:[^*]*\S)?)\*", r"<em>\1</em>", strong)
    return "".join(pieces).replace("\n", "<br>")


def safe(value: Any) -> str:
    """Any stored value as text that no page takes for mark-up."""
    return escape(clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


def clean(text: str) -> str:
    """The text without what would not reach the browser: half an emoji, the character 0."""
    return text.encode("utf-8", "replace").decode().replace("\0", "␀")


def rounded(value: Any) -> str:
    """A guess or a truth: a number with four digits."""
    return f"{value:.4g}" if isinstance(value, int | float) else safe(value)


def style(name: str) -> str:
    """The style sheet show/styles/name.css as HTML; $blue and $orange are the figures' colours."""
    sheet = Path(__file__).with_name("styles") / f"{name}.css"
    text = Template(sheet.read_text(encoding="utf-8"))
    return f"<style>\n{text.substitute(blue=COLOURS[0], orange=COLOURS[1])}</style>"
