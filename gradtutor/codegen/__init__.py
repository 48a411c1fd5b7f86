"""Graph to source text."""

from gradtutor.codegen.numpy_text import numpy_text

__all__ = ["numpy_text"]
