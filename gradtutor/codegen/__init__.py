"""Graph to source text: NumPy expressions, statements, and the training script."""

from gradtutor.codegen.script import ScriptData, Settings, training_script
from gradtutor.codegen.text.numpy_text import numpy_text
from gradtutor.codegen.text.statements import Statement, statements

__all__ = [
    "ScriptData",
    "Settings",
    "Statement",
    "numpy_text",
    "statements",
    "training_script",
]
