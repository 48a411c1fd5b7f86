"""Graph to source text: NumPy expressions, statements, and the training script."""

from gradtutor.codegen.script.frame import training_script
from gradtutor.codegen.settings import ScriptData, Settings
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
