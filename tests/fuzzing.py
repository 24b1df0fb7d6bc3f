"""How long the tests with random cases run: with FUZZ=10 in the environment, ten times as long.

Seeds are fixed, so the first cases are always the same.
"""

import os

import pytest

TIMES = int(os.environ.get("FUZZ", "1"))


def cases(count: int) -> range:
    """The numbers of the cases, of which a usual run tries `count`."""
    return range(count * TIMES)


fuzz = pytest.mark.fuzz  # `pytest -m fuzz` runs these alone
