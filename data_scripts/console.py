"""What every data command does on the command line, whatever the console can print."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


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
