"""Graph to source text: NumPy expressions, statements, and the training script."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradtutor.codegen.settings import ScriptData, Settings, TextTokens
from gradtutor.codegen.text.numpy_text import numpy_text
from gradtutor.codegen.text.statements import Statement, statements

if TYPE_CHECKING:
    from gradtutor.codegen.script.frame import training_files, training_script

#: What needs the templates is imported where it is first asked for.
OF_SCRIPTS = ("training_files", "training_script")


def __getattr__(name: str) -> Any:
    if name not in OF_SCRIPTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.script.frame"), name)


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
