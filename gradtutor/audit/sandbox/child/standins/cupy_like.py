"""CuPy, played by NumPy."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.nothing import Nothing


class _Cupy(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def cupy_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for CuPy."""
    cupy = _Cupy("cupy")
    cupy.__path__ = []
    cupy.asnumpy = np.asarray  # type: ignore[attr-defined]
    cupy.get_array_module = lambda *_: cupy  # type: ignore[attr-defined]
    cupy.cuda = Nothing()  # type: ignore[attr-defined]
    cupy.fuse = lambda *a, **_: a[0] if a else lambda f: f  # type: ignore[attr-defined]
    cupy.scatter_add = np.add.at  # type: ignore[attr-defined]
    cupyx = types.ModuleType("cupyx")
    cupyx.__path__ = []  # type: ignore[attr-defined]
    cupyx.scatter_add = np.add.at  # type: ignore[attr-defined]
    return {"cupy": cupy, "cupyx": cupyx}
