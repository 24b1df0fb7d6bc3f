"""What pyproject.toml cannot say: in a wheel the lessons' folders are lessonlib/lessons."""

from pathlib import Path
from shutil import copytree, ignore_patterns

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithLessons(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            lessons = Path(self.build_lib, "lessonlib", "lessons")
            copytree("notebooks/src", lessons, ignore=ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": BuildWithLessons})
