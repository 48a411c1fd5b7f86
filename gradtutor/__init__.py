"""gradtutor: type a formula or a network, see its gradients, and run its training code.

>>> import gradtutor as gt
>>> gt.circuit("(x+y)*z", x=-2, y=5, z=-4).value()
-12.0

Each command of the program is a function here; nothing is imported before it is used.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit, parse
    from gradtutor.errors import TutorError
    from gradtutor.front.auditing import Audit, audit
    from gradtutor.front.cells.magic import load_ipython_extension
    from gradtutor.front.circuits import circuit
    from gradtutor.front.commands import run
    from gradtutor.front.lessons import Lesson, lesson, lessons
    from gradtutor.front.networks import Network, network
    from gradtutor.front.pages import data, doctor, explain, speak
    from gradtutor.front.training import Training, trained
    from gradtutor.language import SourceError
    from gradtutor.render import Style

__version__ = "0.1.0"
#: Where each name comes from, imported on its first use.
_HOMES = {
    "Audit": "gradtutor.front.auditing",
    "Circuit": "gradtutor.circuit",
    "Lesson": "gradtutor.front.lessons",
    "Network": "gradtutor.front.networks",
    "SourceError": "gradtutor.language",
    "Style": "gradtutor.render",
    "Training": "gradtutor.front.training",
    "TutorError": "gradtutor.errors",
    "audit": "gradtutor.front.auditing",
    "circuit": "gradtutor.front.circuits",
    "data": "gradtutor.front.pages",
    "doctor": "gradtutor.front.pages",
    "explain": "gradtutor.front.pages",
    "lesson": "gradtutor.front.lessons",
    "lessons": "gradtutor.front.lessons",
    "load_ipython_extension": "gradtutor.front.cells.magic",
    "network": "gradtutor.front.networks",
    "parse": "gradtutor.circuit",
    "run": "gradtutor.front.commands",
    "speak": "gradtutor.front.pages",
    "trained": "gradtutor.front.training",
}
__all__ = [
    "Audit",
    "Circuit",
    "Lesson",
    "Network",
    "SourceError",
    "Style",
    "Training",
    "TutorError",
    "__version__",
    "audit",
    "circuit",
    "data",
    "doctor",
    "explain",
    "lesson",
    "lessons",
    "load_ipython_extension",
    "network",
    "parse",
    "run",
    "speak",
    "trained",
]


def __dir__() -> list[str]:
    """Name what there is, imported or not yet."""
    return __all__


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``gradtutor --help`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradtutor' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


class _Front(ModuleType):
    """Keeps ``gt.audit`` the function, though there is a package of that name.

    Python sets a package's name on the module around it when it is imported.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
