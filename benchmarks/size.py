"""How much room the environment takes on the disk, and what of it only NVIDIA cards need.

    python benchmarks/size.py

Counts the folder of the environment that runs it. To measure what a learner gets, run it where only
requirements.txt is installed.
"""

import sys
from importlib.metadata import distributions, version
from pathlib import Path

NVIDIAS = ("nvidia-", "cuda-", "triton")  # the beginnings of what torch's build for cards brings
LIMIT = 2.0  # GB, without these


def gigabytes(files):
    """The size of these files together."""
    return sum(file.stat().st_size for file in set(files) if file.is_file()) / 1e9


def nvidias_files():
    """Every file of a package that only NVIDIA's cards need."""
    for package in distributions():
        if package.metadata["Name"].lower().startswith(NVIDIAS):
            yield from (Path(package.locate_file(name)).resolve() for name in package.files or [])


def main():
    everything = gigabytes(file for file in Path(sys.prefix).resolve().rglob("*"))
    of_nvidia = gigabytes(nvidias_files())
    print(f"the environment:              {everything:.2f} GB, torch {version('torch')}")
    print(f"without NVIDIA's packages:    {everything - of_nvidia:.2f} GB (aim: {LIMIT:.0f} GB)")
    small = f"{everything:.2f} GB" if version("torch").endswith("+cpu") else "not measured here"
    print(f"with torch's CPU build:       {small}")


if __name__ == "__main__":
    main()
