"""Every finding of the doctor, fed with computers that are well and computers that are not."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from lessonlib.course.commands import doctor as d
from lessonlib.course.folders import ROOT, CourseError, install_command
from lessonlib.engine import catalog

PANDAS = Requirement("pandas>=3")
GB = 1_000_000_000


def torch_with(cuda: bool = False, mps: bool = False) -> SimpleNamespace:
    """As much of torch as the doctor asks."""
    return SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: cuda, get_device_name=lambda index: "RTX 9"),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )


# Python and packages


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10, 14), "stop"), ((3, 11, 0), "ok"), ((3, 14, 1), "ok"), ((2, 7, 18), "stop")],
)
def test_python_has_to_be_new_enough(version, state):
    finding = d.python(version)
    assert finding.state == state and ".".join(map(str, version)) in finding.text
    assert ("https://www.python.org" in finding.text) == (state == "stop")


def test_the_doctor_asks_for_the_python_that_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, d.PYTHON))


@pytest.mark.parametrize("version", ["3.0", "3.0.0", "3.1.1", "10.0", "3.2.0rc1", "3.0.1+cpu"])
def test_a_version_at_or_above_the_lower_bound_is_ok(version):
    assert d.package(PANDAS, version) == ("pandas", "ok", version)


@pytest.mark.parametrize("version", [None, "2.3.3", "0.25", "3.0rc1"])
def test_a_missing_or_old_package_stops_with_the_command(version):
    finding = d.package(PANDAS, version)
    assert finding.state == "stop"
    assert f"needs >=3. Run: {install_command()}" in finding.text
    assert (version or "not installed") in finding.text


def test_a_package_that_nobody_has_is_not_installed():
    assert d.installed("no-package-has-this-name") is None
    assert re.match(r"\d", d.installed("pytest"))


# requirements.txt


def test_every_line_but_comments_is_a_requirement():
    text = "# Notes\ntorch>=2.8  # tensors\n\n# More\npytest>=8 # tests\n"
    assert [str(one) for one in d.read_requirements(text)] == ["torch>=2.8", "pytest>=8"]


def test_our_requirements_are_lower_bounds_with_a_reason():
    lines = d.requirements_text().splitlines()
    specifications = [line for line in lines if line and not line.startswith("#")]
    for line in specifications:
        assert re.fullmatch(r"[\w-]+>=[\d.]+ +# \w.{10,}", line), line
    named = {requirement.name for requirement in d.read_requirements("\n".join(lines))}
    assert len(named) == len(specifications)


def test_our_requirements_fit_the_versions_that_the_course_names():
    bounds = {r.name: r.specifier for r in d.read_requirements(d.requirements_text())}
    for name, version in {"torch": "2.14.1", "torchvision": "0.29.1", "pandas": "3.0"}.items():
        assert bounds[name].contains(version)
    assert not bounds["pandas"].contains("2.3.3")
    assert not bounds["torchvision"].contains("0.22.1")


def test_a_missing_requirements_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(d, "ROOT", tmp_path)
    with pytest.raises(CourseError, match=r"requirements\.txt is missing"):
        d.requirements_text()


# The computer


@pytest.mark.parametrize(("free", "state"), [(0.5, "warn"), (3.9, "warn"), (4.0, "ok"), (60, "ok")])
def test_little_memory_is_a_warning(free, state):
    finding = d.memory(int(free * GB), 64 * GB)
    assert finding.state == state and f"{free:.1f} GB free of 64.0 GB" in finding.text


@pytest.mark.parametrize(("free", "state"), [(0.1, "stop"), (0.5, "warn"), (1.0, "ok")])
def test_a_full_disk_stops_the_course(free, state):
    assert d.disk(int(free * GB)).state == state


@pytest.mark.parametrize(
    ("torch", "text"),
    [(torch_with(), "CPU"), (torch_with(cuda=True), "CUDA: RTX 9"), (torch_with(mps=True), "MPS")],
)
def test_the_accelerator_is_named(torch, text):
    finding = d.accelerator(torch)
    assert finding.state == "ok" and finding.text.startswith(text)


def test_a_torch_that_does_not_start_stops_the_course_with_the_command():
    def broken():
        raise OSError("c10.dll is missing")

    finding = d.accelerator(SimpleNamespace(cuda=SimpleNamespace(is_available=broken)))
    assert finding.state == "stop"
    assert "c10.dll is missing" in finding.text and install_command() in finding.text


def test_sliders_need_the_extension_in_one_of_jupyters_folders(tmp_path):
    assert d.sliders([]).state == "stop"
    assert d.sliders([str(tmp_path)]).state == "stop"
    extension = tmp_path / "@jupyter-widgets" / "jupyterlab-manager"
    extension.mkdir(parents=True)
    assert d.sliders([str(tmp_path)]).state == "stop", "an empty folder draws nothing"
    (extension / "package.json").write_text("{}", encoding="utf-8")
    assert d.sliders(["nowhere", str(tmp_path)]).state == "ok"


# Folders


def test_a_folder_that_can_be_made_is_ok_and_is_not_made(tmp_path):
    folder = tmp_path / "not" / "there" / "yet"
    assert d.folder_of("LESSONLIB_HOME", folder).state == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_stops_the_course(tmp_path):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    for finding in (
        d.folder_of("LESSONLIB_HOME", file / "home"),
        d.folder_of("LESSONLIB_DATA", file / "data"),
    ):
        assert finding.state == "stop"
        assert "cannot be written" in finding.text and finding.name in finding.text


def test_data_that_is_complete_may_be_read_only_and_progress_may_not(monkeypatch, tmp_path):
    monkeypatch.setattr(d, "refusal", lambda folder: "Read-only file system")
    assert d.folder_of("LESSONLIB_DATA", tmp_path, whole=True).state == "ok"
    assert d.folder_of("LESSONLIB_DATA", tmp_path).state == "stop"
    assert d.folder_of("LESSONLIB_HOME", tmp_path).state == "stop"
    assert "Read-only file system" in d.folder_of("LESSONLIB_HOME", tmp_path).text


# Data


@pytest.mark.parametrize(
    ("source", "kind", "cure"),
    [("twin", "the offline twin", "--real"), ("real", "the real photographs", "--twin")],
)
def test_the_doctor_says_which_pictures_the_lessons_get_and_how_to_switch(
    tmp_path, source, kind, cure
):
    (tmp_path / "train").mkdir()
    for name in ("1.jpg", "2.jpg", "notes.txt"):
        (tmp_path / "train" / name).write_bytes(b"")
    finding = d.data_set("biwi", source, lambda: tmp_path)
    assert finding.state == "ok"
    assert finding.text.startswith(f"{kind}: 2 pictures in {tmp_path}. ")
    assert finding.text.endswith(f"-m data_scripts.biwi {cure}")


def test_the_doctor_offers_no_switch_where_there_is_nothing_to_switch_to(tmp_path):
    finding = d.data_set("bears", "twin", lambda: tmp_path)
    assert finding.text == f"the offline twin: 0 pictures in {tmp_path}"


def test_the_doctor_has_a_line_for_each_data_set():
    assert set(catalog.SETS) <= {finding.name for finding in d.further()}


def test_pictures_that_are_not_built_yet_are_not_built_by_the_doctor():
    def build():
        raise AssertionError("the doctor only looks")

    finding = d.data_set("pascal", "not built yet", build)
    assert finding.state == "ok" and "-m data_scripts.pascal" in finding.text


@pytest.mark.parametrize("error", [FileNotFoundError, ValueError])
def test_a_damaged_data_set_stops_the_course_with_its_own_words(error):
    def damaged():
        raise error("train.csv is missing. Delete the folder.")

    finding = d.data_set("pascal", "twin", damaged)
    assert finding == ("pascal", "stop", "train.csv is missing. Delete the folder.")


# The report


def test_the_report_has_one_line_for_each_finding_and_ends_with_1_when_something_stops(
    monkeypatch, capsys
):
    findings = [d.Finding("disk", "ok", "1 TB"), d.Finding("torch", "warn", "slow")]
    monkeypatch.setattr(d, "essentials", lambda: iter(findings))
    monkeypatch.setattr(d, "further", lambda: iter(()))
    assert d.doctor() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Ready."
    findings.append(d.Finding("pandas", "stop", "is old"))
    assert d.doctor() == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:-1]] == ["ok", "warn", "stop"]
    assert "cannot run" in said[-1]


def test_this_computer_passes_and_every_line_is_one_line(capsys):
    assert d.doctor() == 0
    said = capsys.readouterr().out.splitlines()
    names = {line.split()[1] for line in said[:-1]}
    assert names >= {"Python", "torch", "jupyterlab-widgets", "memory", "disk", "cores", "pascal"}
    assert names >= {"accelerator", "LESSONLIB_DATA", "LESSONLIB_HOME"}
    assert all(line.split()[0] in ("ok", "warn") for line in said[:-1])


def test_nothing_is_left_behind_by_the_look_at_a_folder(tmp_path: Path):
    assert d.refusal(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
