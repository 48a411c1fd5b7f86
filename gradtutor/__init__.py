"""gradtutor: type a formula or a network, see its gradients, and run its training code.

>>> import gradtutor as gt
>>> gt.parse("(x+y)*z").value(x=-2, y=5, z=-4)
-12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit, parse
    from gradtutor.language import SourceError
    from gradtutor.render import Style

__version__ = "0.1.0"
__all__ = ["Circuit", "SourceError", "Style", "__version__", "parse"]

_HOMES = {
    "Circuit": "gradtutor.circuit",
    "parse": "gradtutor.circuit",
    "SourceError": "gradtutor.language",
    "Style": "gradtutor.render",
}


def __dir__() -> list[str]:
    """Name what there is, imported or not yet."""
    return __all__


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``gradtutor --help`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradtutor' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
