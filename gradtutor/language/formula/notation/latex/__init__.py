"""LaTeX as the tokens of the same mathematics."""

from __future__ import annotations

from gradtutor.language.formula.notation.latex.reading import latex_tokens

__all__ = ["latex_tokens"]
