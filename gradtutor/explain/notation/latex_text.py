"""Pieces of LaTeX that gates are written with: brackets, how tightly signs bind."""

from __future__ import annotations

from gradtutor.language.formula.unparse import BINDING, Text

SUM, PRODUCT, POWER = BINDING["+"], BINDING["*"], BINDING["**"]


def parenthesised(text: str) -> str:
    """Put parentheses round, as high as what they hold."""
    return rf"\left({text}\right)"


def inside(arg: Text, binding: int, *, right: bool = False) -> str:
    """Return an operand's text, in parentheses where they are due."""
    bare = arg.binding >= binding and not (right and arg.text.startswith("-"))
    return arg.text if bare else parenthesised(arg.text)
