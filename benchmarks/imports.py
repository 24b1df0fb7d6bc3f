"""Seconds that importing a module costs on top of the libraries that it stands on.

The two take turns, each in a Python of its own; what counts is the median difference. Target:
at most 0.3 s. Command: python benchmarks/imports.py [--rounds N]
"""

import argparse
import subprocess
import sys
import time
from statistics import median

PAIRS = {"lessonlib.data": "torch", "lessonlib.engine.learner": "torch, torchvision, timm"}


def seconds(modules: str) -> float:
    """How long a new Python takes to import these and end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="pairs of imports (default: 9)")
    rounds = parser.parse_args().rounds
    for module, libraries in PAIRS.items():
        seconds(module)  # compiles, and warms the disk's cache
        pairs = [(seconds(module), seconds(libraries)) for _ in range(rounds)]
        mine, theirs = (median(times) for times in zip(*pairs, strict=True))
        extra = median(a - b for a, b in pairs)
        print(f"{module} {mine:.2f} s, {libraries} {theirs:.2f} s: {extra:+.2f} s")


if __name__ == "__main__":
    main()
