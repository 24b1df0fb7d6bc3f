"""The data commands on a console that cannot print everything, and when somebody stops them."""

import io
import sys
from pathlib import Path

import pytest

from data_scripts import bears, biwi, pascal
from lessonlib import __main__ as course

COMMANDS = pytest.mark.parametrize("module", [pascal, biwi, bears], ids=lambda each: each.__name__)


def console(monkeypatch, encoding: str) -> io.BytesIO:
    """What a program prints to a pipe or an old window."""
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding, write_through=True))
    return printed


@COMMANDS
@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Łukasz"), ("ascii", "Zoë"), ("utf-8", "\udcff")]
)
def test_a_folder_that_the_console_cannot_print_is_built_all_the_same(
    monkeypatch, module, encoding, name
):
    monkeypatch.setattr(module, "twin", lambda *settings, **more: Path("home") / name)
    printed = console(monkeypatch, encoding)
    module.main([])
    said = printed.getvalue().decode(encoding).strip()
    assert Path(said) == Path("home") / "".join(c if c.isascii() else "?" for c in name)


@COMMANDS
def test_a_notebook_whose_output_is_no_console_can_build_a_set(monkeypatch, module):
    monkeypatch.setattr(module, "twin", lambda *settings, **more: Path("Łukasz"))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    module.main([])
    assert sys.stdout.getvalue() == "Łukasz\n"


@COMMANDS
def test_ctrl_c_ends_a_command_in_a_word(monkeypatch, capsys, module):
    def stopped(*settings, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "twin", stopped)
    with pytest.raises(SystemExit) as ended:
        module.main([])
    assert ended.value.code == 130 and capsys.readouterr().err == "Stopped.\n"


def test_a_course_command_prints_a_path_that_the_console_cannot(monkeypatch):
    printed = console(monkeypatch, "cp1252")
    monkeypatch.setattr(course, "run", lambda: print("Łukasz ✗") or 0)
    assert course.main() == 0
    assert printed.getvalue().decode("cp1252").strip() == "?ukasz ?"
