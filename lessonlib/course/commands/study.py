"""`python -m lessonlib study`: check, build the pictures, bring the lessons, open JupyterLab."""

import os
import sys
from pathlib import Path

from lessonlib.course.commands.copies import Update, bring_lessons, newest_lesson
from lessonlib.course.commands.doctor import OK, STOP, essentials
from lessonlib.course.commands.quiet import leave_out_what_is_not_ours
from lessonlib.course.folders import MY_COURSE, CourseError, python_command
from lessonlib.engine import catalog

OVERRIDES = Path(__file__).with_name("jupyterlab")


def study(folder: Path = MY_COURSE, jupyter_options: list[str] | None = None) -> int:
    """Open JupyterLab on the learner's copy of the lessons; returns when it is closed.

    jupyter_options: handed on to JupyterLab. Returns 1 when the course cannot run, else 0.
    """
    if not can_run():
        return 1
    options = jupyter_options or []
    refuse_root(folder, options)
    build_pictures()
    report(bring_lessons(folder), folder)
    open_jupyterlab(folder, options)
    return 0


def can_run() -> bool:
    """Print what this computer lacks. False when the course cannot run without it."""
    findings = [finding for finding in essentials() if finding.state != OK]
    for finding in findings:
        print(finding)
    return all(finding.state != STOP for finding in findings)


def refuse_root(folder: Path, options: list[str]) -> None:
    """CourseError where JupyterLab would refuse, but only after the pictures are built."""
    if getattr(os, "geteuid", lambda: 1)() == 0 and "--allow-root" not in options:
        given = (*option_of(folder), *options, "--allow-root")
        raise CourseError(
            "You are root, the administrator, and JupyterLab does not run for root: whatever a "
            "lesson runs could change the whole system. Be another user, or allow it: "
            f"{python_command('-m', 'lessonlib', 'study', *given)}"
        )


def build_pictures() -> None:
    """Build the pictures if they are not there yet. CourseError names what is in the way."""
    try:
        catalog.pascal()
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from error


def report(update: Update, folder: Path) -> None:
    """Say what was brought, and how to get a newer lesson where the learner's own was kept."""
    if update.brought:
        print(f"Brought into {folder}: {', '.join(update.brought)}")
    for name in update.left_alone:
        print(f"{name} is newer in the course. Yours is edited, so it stays as it is.")
        print(f"  To get the new one and keep yours beside it: {reset_command(name, folder)}")


def reset_command(name: str, folder: Path) -> str:
    """The command that brings one lesson anew."""
    number = name[:2] if name[:2].isdigit() else name
    return python_command("-m", "lessonlib", "reset", number, *option_of(folder))


def option_of(folder: Path) -> tuple:
    """What to add to a command that is to work in this folder."""
    return () if folder == MY_COURSE else ("--folder", folder)


def open_jupyterlab(folder: Path, options: list[str]) -> None:
    """Run JupyterLab in this process until Ctrl-C."""
    from jupyterlab.labapp import main as jupyterlab  # slow to import, and only needed here

    prepare_kernels()
    print("JupyterLab opens in your browser. When you are done, press Ctrl-C here.")
    sys.stdout.flush()
    leave_out_what_is_not_ours()
    jupyterlab([*settings(folder), *options])


def prepare_kernels() -> None:
    """Set in the environment what the kernels that are started from here go by."""
    # A kernel called python3 in the user's own folders would be another Python without lessonlib.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # Threads of torch that wait are to sleep: else a training beside other work takes three times
    # as long, as they take turns at doing nothing.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def settings(folder: Path) -> list[str]:
    """JupyterLab's options: go on where the learner stopped, ask nothing, fetch nothing."""
    return [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{newest_lesson(folder)}",
        f"--LabApp.app_settings_dir={OVERRIDES}",  # its overrides.json answers the news prompt
        "--KernelManager.transport_encryption=auto",  # else each kernel warns of eavesdropping
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--JupyterApp.answer_yes=True",  # Ctrl-C ends it without a question
        "--Application.log_level=WARN",  # the address is printed all the same
    ]
