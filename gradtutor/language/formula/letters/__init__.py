"""Shapes by letters: A is a matrix, x a vector, λ a number, if a formula needs it."""

from gradtutor.language.formula.letters.sizes import is_minus_one
from gradtutor.language.formula.letters.which import (
    OF_TENSORS,
    calls_matrices,
    lettered,
    speaks_of_tensors,
)

__all__ = [
    "OF_TENSORS",
    "calls_matrices",
    "is_minus_one",
    "lettered",
    "speaks_of_tensors",
]
