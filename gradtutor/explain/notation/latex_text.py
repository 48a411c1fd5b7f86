"""Pieces of LaTeX that gates are written with: brackets, how tightly signs bind."""

from __future__ import annotations

import re

from gradtutor.language.formula.unparse import BINDING, Text

SUM, PRODUCT, POWER = BINDING["+"], BINDING["*"], BINDING["**"]


def parenthesised(text: str) -> str:
    """Put parentheses round, as high as what they hold."""
    return rf"\left({text}\right)"


def inside(arg: Text, binding: int, *, right: bool = False) -> str:
    """Return an operand's text, in parentheses where they are due."""
    bare = arg.binding >= binding and not (right and arg.text.startswith("-"))
    return arg.text if bare else parenthesised(arg.text)


def latex_number(text: str) -> str:
    """Write a number: 1e-05 as 10 to a power, inf as ∞."""
    text = text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    match = re.fullmatch(r"(-?)([\d.]+)e([+-]?\d+)", text)
    if not match:
        return {"pi": r"\pi"}.get(text, text)
    sign, digits, power = match[1], match[2], int(match[3])
    front = "" if digits == "1" else rf"{digits} \times "
    return f"{sign}{front}10^{{{power}}}"
