"""sympy, imported when something of it is first asked for: it takes 0.3 s.

>>> from gradtutor.deferred import sympy
>>> sympy.Symbol("x") ** 2
x**2
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class Deferred:
    """Stands for a module until an attribute of it is read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Import the module and hand on its attribute."""
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:
    import sympy as sympy
else:
    sympy = Deferred("sympy")
