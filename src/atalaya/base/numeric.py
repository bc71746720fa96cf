"""The one way hot loops are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile an array loop with numba: no division check (so that it vectorises), cached, without the GIL.

    Kernels live in modules named `kernels`, take arrays and numbers only, and call nothing of another file
    (numba inlines without tracking changes there).
    """
    return cast(F, njit(error_model="numpy", cache=True, nogil=True)(function))


def borrowing_kernel(function: F) -> F:
    """A kernel that neither allocates nor returns arrays: those it is given are borrowed, never counted.

    Handing an array from function to function costs atomic counting otherwise, which is half the time of
    kernels made of many small functions. Numba refuses to compile one that allocates.
    """
    options: dict[str, Any] = {"error_model": "numpy", "cache": True, "nogil": True, "_nrt": False}
    return cast(F, njit(**options)(function))


def inlined_kernel(function: F) -> F:
    """A borrowing kernel made part of each that calls it: a long loop cut into functions costs nothing."""
    options: dict[str, Any] = {"error_model": "numpy", "cache": True, "nogil": True, "_nrt": False}
    return cast(F, njit(**options, forceinline=True)(function))
