"""What every data command does on the command line, whatever the console can print or read."""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PLAIN = re.compile(r"[\w.:\\/=-]+")  # needs no quotes in any of Windows' terminals


def run(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    folder_of: Callable[[argparse.Namespace], Path],
) -> None:
    """Print the folder that a command brings. An error ends in a sentence, Ctrl-C in a word.

    folder_of: takes the parsed arguments; OSError and ValueError name the cause and the cure.
    """
    print_anything()
    chosen = parser.parse_args(arguments)
    try:
        print(folder_of(chosen))
    except (OSError, ValueError) as error:
        parser.exit(1, f"{error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "Stopped.\n")


def print_anything() -> None:
    """Let a letter that the console cannot print come out as ?, as on a pipe of Windows."""
    if hasattr(sys.stdout, "reconfigure"):  # a notebook's output takes any letter
        sys.stdout.reconfigure(errors="replace")


def quoted(*words) -> str:
    """A line for the terminal, quoted the way the system wants it.

    On Windows it is right in cmd and in PowerShell, which takes a line that begins with a quote for
    a text: of the program, only those folders are quoted that need it. No word may hold a quote.
    """
    texts = list(map(str, words))
    if os.name != "nt":
        return shlex.join(texts)
    program = "\\".join(map(in_quotes, texts[0].split("\\")))
    return " ".join([program, *map(in_quotes, texts[1:])])


def in_quotes(text: str) -> str:
    """A word, or a part of one, for Windows' terminals."""
    return f'"{text}"' if text and not PLAIN.fullmatch(text) else text
