"""Graph to source text: NumPy expressions, statements, and the training script."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradtutor.codegen.settings import ScriptData, Settings, TextTokens

if TYPE_CHECKING:
    from gradtutor.codegen.script.frame import training_files, training_script
    from gradtutor.codegen.text.numpy_text import numpy_text
    from gradtutor.codegen.text.statements import Statement, statements

#: What needs templates or recipes is imported where it is first asked for.
HOMES = {
    **dict.fromkeys(("training_files", "training_script"), "script.frame"),
    **dict.fromkeys(("Statement", "statements"), "text.statements"),
    "numpy_text": "text.numpy_text",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


__all__ = [
    "ScriptData",
    "Settings",
    "Statement",
    "TextTokens",
    "numpy_text",
    "statements",
    "training_files",
    "training_script",
]
