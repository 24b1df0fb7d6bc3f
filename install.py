"""Set the course up: make the folder .venv and install what a learner needs, with the small torch.

    python3 install.py          to study (Windows: py install.py)
    python3 install.py test     to test and edit the course as well; bench: to measure it
    python3 install.py --cuda   the torch for an NVIDIA card, whether or not one is found

Needs nothing but Python. What is installed already stays, so a second call takes a moment, needs no
network, and goes on where an interrupted one stopped.
"""

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from http.client import HTTPException
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
DONE = VENV / "installed"  # a fingerprint of what was asked for, then the extras that are there
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE = 10  # seconds, all in all, until the index has to have answered
EXTRAS = ("test", "bench")
USED = (
    "torch torchvision.transforms.v2 timm pandas matplotlib.pyplot sklearn.metrics scipy.stats "
    "ipywidgets ipykernel.kernelapp jupyterlab.labapp voila.app"
).split()  # what the lessons import, and JupyterLab


def main(arguments=None):
    """Install what is missing. Ends with a sentence where that cannot be done."""
    if sys.version_info < OLDEST:
        sys.exit(too_old(platform.python_version()))
    parser = argparse.ArgumentParser("install.py", description=__doc__.splitlines()[0])
    parser.add_argument("extras", nargs="*", metavar="test | bench", help="what to add")
    parser.add_argument("--cuda", action="store_true", help="take the torch for an NVIDIA card")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.extras) - set(EXTRAS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(EXTRAS)}")
    try:
        install(set(chosen.extras), chosen.cuda)
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"Set-up stopped: {subprocess.list2cmdline(map(str, error.cmd))} failed, for the "
            "reason above. Mend it and run the same command again: it goes on from there."
        )
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command again: it goes on from here.")


def too_old(version):
    oldest = ".".join(map(str, OLDEST))
    return (
        f"This is Python {version}. Install Python {oldest} or newer from https://www.python.org. "
        "Where several are installed, name it: make PYTHON=python3.13 study, or without make: "
        "python3.13 install.py. A folder .venv that an older one made has to be deleted first."
    )


def install(extras, cuda):
    """Bring the environment to what requirements.txt and these extras ask for."""
    asked = hashlib.sha256(read("requirements.txt") + read("pyproject.toml")).hexdigest()
    noted = DONE.read_text(encoding="utf-8").split() if DONE.is_file() else []
    was_asked, *there = noted or [""]
    too_small = cuda and version_of("torch").endswith("+cpu")
    if was_asked == asked and extras <= set(there) and not too_small:
        return
    make_environment()
    forget_half_installed()
    if too_small:
        run(PYTHON, "-m", "pip", "uninstall", "--yes", "torch", "torchvision")
    take_torch(cuda)
    wanted = sorted(extras.union(there))
    pip("-r", "requirements.txt", "-e", f".[{','.join(wanted)}]" if wanted else ".")
    compile_what_is_used()
    run(PYTHON, "-m", "lessonlib", "doctor")
    DONE.write_text("\n".join([asked, *wanted]), encoding="utf-8")


def read(name):
    return (ROOT / name).read_bytes()


def make_environment():
    """A folder .venv whose Python has a pip; one that lacks it was left half made."""
    works = PYTHON.exists() and quiet(PYTHON, "-m", "pip", "--version").returncode == 0
    if not works:
        base = getattr(sys, "_base_executable", sys.executable)  # not a Python inside .venv itself
        try:
            run(base, "-m", "venv", "--clear", VENV)
        except subprocess.CalledProcessError:
            print("On Debian and Ubuntu this may help: sudo apt install python3-venv", flush=True)
            raise


def forget_half_installed():
    """pip notes last of all who installed a package: without the note it has to come again."""
    for facts in VENV.glob("**/site-packages/*.dist-info"):
        if not (facts / "INSTALLER").is_file():
            shutil.rmtree(facts)


def take_torch(cuda):
    """Take torch's CPU build where no card would use the other one, and say which was taken.

    Where there is a torch already, it stays: nothing is fetched twice. Only Linux has a choice.
    """
    if not version_of("torch"):
        if cuda or has_nvidia_card():
            print("torch: the build for NVIDIA cards (5 GB)", flush=True)
        elif platform.system() != "Linux":
            print("torch: the ordinary build, which is small on this system", flush=True)
        elif not answers(f"{CPU_INDEX}/torch/"):
            print(f"torch: the ordinary build (5 GB): {CPU_INDEX} does not answer", flush=True)
        else:
            print("torch: the small build, without CUDA, since no NVIDIA card is here", flush=True)
            needed = read("requirements.txt").decode()
            pair = re.findall("^(torch(?:vision)?>=[0-9.]+)", needed, re.MULTILINE)
            try:
                pip(*pair, "--index-url", CPU_INDEX)
            except subprocess.CalledProcessError:
                print(f"{CPU_INDEX} failed, so torch: the ordinary build (5 GB)", flush=True)


def version_of(package):
    """The version in .venv, or "" where it is not installed."""
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    return quiet(PYTHON, "-c", ask).stdout.strip() if PYTHON.exists() else ""


def has_nvidia_card():
    """Whether NVIDIA's driver lists a card."""
    try:
        listed = quiet("nvidia-smi", "-L", timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):  # there is no such program, or it hangs
        return False
    return listed.returncode == 0 and listed.stdout.startswith("GPU ")


def answers(address):
    """Whether a package index sends its page in time: the whole page, however it dribbles."""
    pages = []

    def ask():
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as page:
                pages.append(page.read())
        except (OSError, ValueError, HTTPException):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return any(b".whl" in page for page in pages)  # a hotel's log-in page has none


def pip(*arguments):
    run(PYTHON, "-m", "pip", "install", "--no-compile", *arguments)


def compile_what_is_used():
    """Import once what lessons import, for a quick first start: Python keeps what it compiles.

    pip would compile every module of every package, and a fifth of a GB would never be read.
    """
    code = f"""
import contextlib, importlib, sys
sys.dont_write_bytecode = False  # whatever the environment says: here it is to be kept
for name in {USED}:
    with contextlib.suppress(Exception):  # the doctor says what is wrong
        importlib.import_module(name)
"""
    quiet(PYTHON, "-c", code)


def run(*command):
    subprocess.run(command, check=True, cwd=ROOT)


def quiet(*command, timeout=None):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT)


if __name__ == "__main__":
    main()
