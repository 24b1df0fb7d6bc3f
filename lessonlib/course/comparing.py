"""When two results count as the same, and how a result is shown in a few words."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch

LONGEST = 300  # characters of a value that is shown


def alike(a: Any, b: Any, rtol: float) -> bool:
    """`same`, and False where two values cannot even be compared."""
    try:
        return same(a, b, rtol)
    except Exception:
        return False


def same(a: Any, b: Any, rtol: float = 1e-5) -> bool:
    """Equality that forgives rounding and looks into tensors, frames and nested containers."""
    if isinstance(a, BaseException) or isinstance(b, BaseException):
        return type(a) is type(b) and str(a) == str(b)
    if isinstance(a, pd.DataFrame | pd.Series) or isinstance(b, pd.DataFrame | pd.Series):
        return type(a) is type(b) and a.equals(b)
    if isinstance(a, Callable) or isinstance(b, Callable):
        return a is b
    if isinstance(a, torch.Tensor | np.ndarray) or isinstance(b, torch.Tensor | np.ndarray):
        listed = isinstance(a, list | tuple) or isinstance(b, list | tuple)
        return not listed and same_numbers(a, b, rtol)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return (
            type(a) is type(b)
            and len(a) == len(b)
            and all(same(x, y, rtol) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, float) or isinstance(b, float):
        return same_numbers(a, b, rtol)
    return bool(a == b)


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
