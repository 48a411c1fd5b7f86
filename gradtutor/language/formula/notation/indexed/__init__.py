"""Formulas with indices: entries of tensors, sums over them, one value for each."""

from gradtutor.language.formula.notation.indexed.lines import without_indices
from gradtutor.language.formula.notation.indexed.parts import Total

__all__ = ["Total", "without_indices"]
