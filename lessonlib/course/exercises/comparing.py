"""When two results count as the same, and how a result is shown in a few words."""

from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd
import torch
from pandas.api.extensions import ExtensionArray

TABLES = pd.DataFrame | pd.Series | pd.Index | ExtensionArray
PLAIN = str, bytes, int, complex, set, frozenset, PurePath, range, slice
LONGEST = 300  # characters of a value that is shown


def alike(a: Any, b: Any, rtol: float) -> bool:
    """`same`, and False where two values cannot even be compared."""
    try:
        return same(a, b, rtol)
    except Exception:
        return False


class AnyOf:
    """What a mistake gives that the type alone gives away: any value of it."""

    def __init__(self, kind: type):
        self.kind = kind


def matches(came: Any, wrong: Any, rtol: float) -> bool:
    """Whether an outcome is what a well-known mistake gives."""
    if isinstance(wrong, AnyOf):
        return isinstance(came, wrong.kind | AnyOf)
    return alike(came, wrong, rtol)


def same(a: Any, b: Any, rtol: float = 1e-5) -> bool:
    """Equality that forgives rounding and looks into tensors, frames and nested containers.

    Not even an object that calls itself equal to everything is the same as another.
    """
    a, b = (one.item() if isinstance(one, np.generic) else one for one in (a, b))
    if isinstance(a, BaseException) or isinstance(b, BaseException):
        return type(a) is type(b) and str(a) == str(b)
    if isinstance(a, TABLES) or isinstance(b, TABLES):
        return type(a) is type(b) and a.equals(b)
    if isinstance(a, torch.Tensor | np.ndarray) or isinstance(b, torch.Tensor | np.ndarray):
        listed = isinstance(a, list | tuple) or isinstance(b, list | tuple)
        return not listed and same_numbers(a, b, rtol)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return (
            type(a) is type(b)
            and len(a) == len(b)
            and all(same(x, y, rtol) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], rtol) for key in a)
    if isinstance(a, float) or isinstance(b, float):
        return same_numbers(a, b, rtol)
    kinds = [kind for kind in PLAIN if isinstance(a, kind) and isinstance(b, kind)]
    if kinds:
        return kinds[0].__eq__(a, b) is True
    return type(a) is type(b) and bool(a == b)


def same_numbers(a: Any, b: Any, rtol: float) -> bool:
    """Equal shapes and nearly equal values; False for anything that is not numbers."""
    a, b = (np.asarray(x.detach().cpu() if isinstance(x, torch.Tensor) else x) for x in (a, b))
    if a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf" or a.shape != b.shape:
        return False
    return np.allclose(a, b, rtol=rtol, atol=1e-6, equal_nan=True)


def brief(value: Any) -> str:
    """A value in at most 300 characters; a frame on lines of its own."""
    try:
        if isinstance(value, BaseException):
            text = f"{type(value).__name__}: {value}".removesuffix(": ")
        elif isinstance(value, pd.DataFrame | pd.Series):
            return "\n" + value.to_string(max_rows=8)
        else:
            text = repr(value)
    except Exception as error:
        return f"a {type(value).__name__} that cannot be shown ({type(error).__name__})"
    return whole(text if len(text) <= LONGEST else text[:LONGEST] + " …")


def whole(text: str) -> str:
    """The text with half an emoji as \\ud83d: no screen and no file takes it otherwise."""
    return text.encode("utf-8", "backslashreplace").decode()
