"""The course's commands: `python -m lessonlib study`, `app`, `review`, `progress` and others."""

import argparse
import sys
from pathlib import Path

from data_scripts.console import print_anything, quoted

try:
    from lessonlib.course.commands.app import serve_app
    from lessonlib.course.commands.copies import reset_lesson
    from lessonlib.course.commands.doctor import doctor
    from lessonlib.course.commands.study import study
    from lessonlib.course.folders import MY_COURSE, CourseError
except (ImportError, OSError) as error:  # OSError: a library that Windows cannot load
    sys.exit(
        f"The course cannot run: {error}. In the folder with requirements.txt, run: "
        f"{quoted(sys.executable, '-m', 'pip')} install -r requirements.txt -e ."
    )


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    main_parser = argparse.ArgumentParser(prog="python -m lessonlib", description=__doc__)
    commands = main_parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("study", "open the lessons; further options go to JupyterLab (--no-browser, --port=9000)"),
        ("app", "open the web app of lesson 08; further options go to Voilà"),
        ("review", "what was wrong and is not right yet, and what to run"),
        ("progress", "what is done, and a page about it for your browser"),
        ("export", "make one file with your progress, to hand in"),
        ("reset", "bring a lesson anew; yours is kept beside it"),
        ("doctor", "say whether this computer is ready, and how to mend it"),
    ):
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        if name == "reset":
            command.add_argument("lesson", help="its number, such as 06")
        if name in ("study", "reset"):
            command.add_argument(
                "--folder", type=Path, default=MY_COURSE, help="your copy (default: %(default)s)"
            )
    return main_parser


def run(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    options, further = parser().parse_known_args(arguments)
    if options.command == "study":
        return study(options.folder.absolute(), further)
    if options.command == "app":
        return serve_app(further)
    if further:
        parser().error(f"unknown: {' '.join(further)}")
    if options.command == "doctor":
        return doctor()
    if options.command in ("review", "progress", "export"):
        return report(options.command)
    lesson, kept = reset_lesson(options.lesson, options.folder.absolute())
    print(f"{lesson} is new." + (f" Yours is kept as {kept.name}." if kept else ""))
    return 0


def report(command: str) -> int:
    """Print what a command about the learner's progress has to say."""
    from lessonlib.course.reports import terminal  # draws pages; other commands do without

    if command == "review":
        print(terminal.to_repeat())
    elif command == "progress":
        print(f"{terminal.summary()}\n\nThe page with everything: {terminal.write_page()}")
    else:
        print(f"This file is to hand in: {terminal.export(Path.cwd())}")
    return 0


def main() -> int:
    """Run the command line: a mistake ends in a sentence, Ctrl-C in a word."""
    print_anything()
    try:
        return run()
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
