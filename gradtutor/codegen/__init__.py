"""Graph to source text: NumPy expressions, statements, and the training script."""

from gradtutor.codegen.script.frame import training_files, training_script
from gradtutor.codegen.settings import ScriptData, Settings, TextTokens
from gradtutor.codegen.text.numpy_text import numpy_text
from gradtutor.codegen.text.statements import Statement, statements

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
