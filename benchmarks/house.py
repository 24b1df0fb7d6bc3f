"""How far the house is what docs say it is: a file at the top is what lessons built.

python benchmarks/house.py
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO / "tests"))
COUNT = "import lessonlib.losses, sys; print(*sys.modules)"
ROOMS = ("engine", "guards", "show", "explorers", "course")


def lines(*paths: Path) -> int:
    """How many lines these files have."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def exported_lines(path: Path, built: set[tuple[str, str]]) -> int:
    """How many lines of a module lie in definitions that a lesson's cell exports."""
    total = 0
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            methods = node.body if isinstance(node, ast.ClassDef) else []
            parts = [node] if ("", node.name) in built else methods
            total += sum(
                part.end_lineno - part.lineno + 1
                for part in parts
                if part is node or (node.name, getattr(part, "name", "")) in built
            )
    return total


def main() -> None:
    from sources import BUILT, LIBRARY, build, exports

    built = {(owner, node.name) for _, owner, node in exports()}
    shares = {path: exported_lines(path, built) / lines(path) for path in BUILT}
    modules = subprocess.run(
        [sys.executable, "-c", COUNT], capture_output=True, text=True, cwd=REPO
    )
    ours = [
        name
        for name in modules.stdout.split()
        if name.split(".")[0] in ("lessonlib", "data_scripts")
    ]
    library = list(LIBRARY.rglob("*.py"))
    exercises = list(build.NOTEBOOKS.glob("src/*/exercises.py"))
    texts = [path.read_text(encoding="utf-8") for path in build.NOTEBOOKS.glob("src/*/*.toml")]
    heads = sum(len(text.partition("[[topic]]")[0].splitlines()) for text in texts)
    machinery = [path for room in ROOMS for path in (LIBRARY / room).rglob("*.py")]
    largest = sorted(library, key=lines)[-3:]
    contracts = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    half = sum(share < 0.5 for share in shares.values())
    print(f"files at the top that lessons exported less than half of: {half} of {len(BUILT)}")
    whole = sum(shares[path] * lines(path) for path in BUILT) / lines(*BUILT)
    print(f"share of the top's lines that a cell exported: {whole:.0%} of {lines(*BUILT):,}")
    print(f"project modules that `import lessonlib.losses` loads: {len(ours)}")
    print(f"lines of lessonlib and exercises.py: {lines(*library, *exercises):,}; ", end="")
    print(f"the exercises' texts, in questions.toml, are {heads:,} more")
    print(f"lines of the machinery (the five folders): {lines(*machinery):,}")
    print("largest modules:", ", ".join(f"{path.stem} {lines(path)}" for path in reversed(largest)))
    print(f"contracts of import-linter: {len(contracts['contracts'])}")


if __name__ == "__main__":
    main()
