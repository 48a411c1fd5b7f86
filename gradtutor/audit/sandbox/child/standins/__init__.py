"""What stands in for libraries that are not there, and for those that are not needed.

PyTorch, JAX and CuPy are played by NumPy, so that every value can be recorded and
differentiated; needle's and minitorch's base classes by empty ones, plotting by
nothing.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.autograd_like import autograd_modules
from gradtutor.audit.sandbox.child.standins.context import Context, Node
from gradtutor.audit.sandbox.child.standins.cupy_like import cupy_modules
from gradtutor.audit.sandbox.child.standins.jax_like import JaxArray, jax_modules
from gradtutor.audit.sandbox.child.standins.nothing import Nothing, nothing_module
from gradtutor.audit.sandbox.child.standins.operators import (
    Array,
    operator_module,
    operator_modules,
)
from gradtutor.audit.sandbox.child.standins.tensorflow_like import tensorflow_modules
from gradtutor.audit.sandbox.child.standins.torch_like import Tensor, torch_modules

__all__ = ["Context", "Node", "install", "wrapped"]

MODULES: dict[str, Callable[[], Mapping[str, types.ModuleType]]] = {
    "torch": torch_modules,
    "jax": jax_modules,
    "cupy": cupy_modules,
    "autograd": autograd_modules,
    "tensorflow": tensorflow_modules,
    "needle": operator_modules,
    "minitorch": operator_modules,
}
#: Never imported, though they may be there: slow, and no part of a gradient.
PASSED_OVER = {
    "matplotlib",
    "seaborn",
    "plotly",
    "IPython",
    "PIL",
    "cv2",
    "pandas",
    "h5py",
    "sklearn",
    "tqdm",
    "keras",
    "torchvision",
    "imageio",
    "requests",
    "google",
    "graphviz",
}


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins, and nothing at all for modules that are not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, types.ModuleType] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a stand-in's specification; None leaves it to Python."""
        top = name.partition(".")[0]
        if top not in MODULES and _asked_by_a_library():
            return None
        if top in ("gradtutor", "numpy", "scipy", "sympy", "math"):
            return None
        beside = (self.folder / f"{top}.py").exists() or (self.folder / top).is_dir()
        if top in MODULES and not beside:
            self.made = {**MODULES[top](), **self.made}
        elif top in sys.stdlib_module_names:
            return None
        elif top == "beside":
            if self._beside(name):
                return None
            self.made.update(_base_classes(name))
        elif top not in PASSED_OVER and (beside or _found(top)):
            return None
        if name not in self.made:
            self.made[name] = nothing_module(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def _beside(self, name: str) -> bool:
        package, _, last = name.rpartition(".")
        folders = getattr(sys.modules.get(package), "__path__", [])
        places = [Path(folder) / last for folder in folders]
        return any(p.with_suffix(".py").exists() or p.is_dir() for p in places)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module that stands in."""
        return self.made[spec.name]

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is left to do."""


def _base_classes(name: str) -> Mapping[str, types.ModuleType]:
    """Return needle's and minitorch's classes for ``from .autograd import ...``."""
    return {name: operator_module(name)}


def _asked_by_a_library() -> bool:
    """Whether an import stands in an installed package."""
    frame = sys._getframe(2)
    while frame.f_back and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return any(p in frame.f_code.co_filename for p in ("site-packages", "lib/python"))


def _found(name: str) -> bool:
    try:
        return importlib.machinery.PathFinder.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def install(folder: Path) -> None:
    """Put the stand-ins in the way of imports."""
    sys.meta_path.insert(0, Finder(folder))


def wrapped(value: Any, library: str) -> Any:
    """Return a number or array as an array of a library."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    array = np.asarray(value)
    kinds = {"torch": Tensor, "jax": JaxArray, "needle": Array}
    if array.dtype.kind in "iu" and library == "torch":
        return array.view(Tensor)
    return array.view(kinds[library])


__all__ += ["Nothing"]
