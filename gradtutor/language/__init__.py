"""Text to graph: formulas and layer lists, read without evaluating anything."""

from gradtutor.language.errors import SourceError
from gradtutor.language.formula import parse_formula

parse = parse_formula

__all__ = ["SourceError", "parse", "parse_formula"]
