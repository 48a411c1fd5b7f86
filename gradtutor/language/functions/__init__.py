"""Plain functions of a program as circuits: NumPy, JAX, PyTorch, micrograd."""

from __future__ import annotations

from gradtutor.language.functions.reading import parse_function

__all__ = ["parse_function"]
