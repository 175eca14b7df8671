"""Which functions run compiled: those that `kernels.pyx` has a twin of, where a compiler was at hand.

The functions in Python are the fallback and say what is meant; the twins give the same numbers
(tests/pipelines/test_compiled.py). See docs/decisions/0006.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Final, ParamSpec, TypeVar

kernels: ModuleType | None
try:
    kernels = import_module("pipelines.model.kernels")
except ImportError:
    kernels = None

Given = ParamSpec("Given")
Result = TypeVar("Result")

#: Function in Python and its twin, by name: what the tests compare.
PAIRS: Final[dict[str, tuple[Callable[..., Any], Callable[..., Any]]]] = {}


def compiled(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """The function's twin of the same name, or the function itself."""
    twin: Callable[Given, Result] | None = getattr(kernels, function.__name__.lstrip("_"), None)
    if twin is None:
        return function
    PAIRS[function.__name__] = function, twin
    return twin
