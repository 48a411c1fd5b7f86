"""A formula's value and gradient as a function in Python, C or JavaScript."""

from gradtutor.codegen.function.languages import WRITERS, function_text, has_tensors
from gradtutor.codegen.function.lines import NoTextError

__all__ = ["WRITERS", "NoTextError", "function_text", "has_tensors"]
