"""Plain functions of a program as circuits: NumPy, JAX, PyTorch, micrograd."""

from __future__ import annotations

from gradtutor.language.functions.reading import has_functions, parse_function

__all__ = ["has_functions", "parse_function"]
