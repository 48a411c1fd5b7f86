"""Formulas: what people write is read into a graph, and a graph is written as text."""

from __future__ import annotations

from gradtutor.language.formula.reading import matrices_by_letters, parse_formula
from gradtutor.language.formula.unparse import expression_text, program_text

__all__ = ["expression_text", "matrices_by_letters", "parse_formula", "program_text"]
