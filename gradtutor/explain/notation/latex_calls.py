r"""Functions in LaTeX: their names, the axes below them, their options behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.explain.notation.latex_text import latex_number, parenthesised
from gradtutor.gates import GATES, Attributes, Pointwise
from gradtutor.language.formula.unparse import Text, unusual_keywords

#: Functions that LaTeX has a command for.
COMMANDS = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: rf"\{name}" for name in ("log", "max", "min")},
    "det": r"\det",
    "trace": r"\mathrm{tr}",
    "logdet": r"\log\,\det",
    **{f"a{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")},
}
#: Functions whose square is written sin²(x).
TRIGONOMETRIC = ("sin", "cos", "tan", "sinh", "cosh", "tanh")


def written_call(name: str, attrs: Attributes, args: list[Text]) -> Text:
    """Write a function: the axes that it goes over below, other options behind."""
    word = name.replace("_", r"\_")
    command = COMMANDS.get(name) or rf"\mathrm{{{word}}}"
    axis, gate = attrs.get("axis"), GATES[name]
    if not isinstance(gate, Pointwise) and axis == gate.keywords.get("axis"):
        axis = None
    axes = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
    below = f"_{{{','.join(map(str, axes))}}}" if axes else ""
    options = [] if isinstance(gate, Pointwise) else _options(gate.keywords, attrs)
    argument = parenthesised(", ".join([*(arg.text for arg in args), *options]))
    call = (command, argument) if name in TRIGONOMETRIC else None
    return Text(command + below + argument, call=call)


def _options(defaults: Mapping[str, Any], attrs: Attributes) -> list[str]:
    """Write the keywords that are not the default, but for the axes."""
    said = unusual_keywords(defaults, attrs)
    return [
        rf"\mathrm{{{key}}} = {latex_value(value)}"
        for key, value in said.items()
        if key != "axis"
    ]


def latex_value(value: Any) -> str:
    r"""Write a keyword's value: a number, a word, or several.

    >>> latex_value(((0, 0), (1, 2)))
    '((0, 0), (1, 2))'
    >>> latex_value("ij_k")
    '\\text{ij\\_k}'
    """
    if isinstance(value, tuple | list):
        return f"({', '.join(map(latex_value, value))})"
    if isinstance(value, str):
        word = value.replace("_", r"\_")
        return rf"\text{{{word}}}"
    return latex_number(f"{value:.6g}") if isinstance(value, float) else str(value)
