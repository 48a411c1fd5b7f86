"""The language's functions in JavaScript: each gate's value and slopes, as declared.

What is no gate, ``hypot`` or ``log10``, is a formula that the page reads itself.
"""

from __future__ import annotations

import ast
import json
from functools import cache
from typing import Any

from gradtutor.calculus.partials import partial
from gradtutor.codegen.text.javascript import (
    expression_javascript,
    javascript_text,
    runtime,
)
from gradtutor.gates import GATES, SPELLINGS, Pointwise
from gradtutor.language.formula.functions.aliases import ALIASES
from gradtutor.language.formula.functions.library import LIBRARY

LETTERS = "abc"


@cache
def functions_js() -> str:
    """Return the runtime, the table of gates, and the library's formulas."""
    gates = [
        f"{json.dumps(name)}: {_gate(gate)}"
        for name, gate in GATES.items()
        if isinstance(gate, Pointwise)
    ]
    table = ",\n".join(gates)
    spellings = {
        name: gate.name
        for name, gate in SPELLINGS.items()
        if isinstance(gate, Pointwise)
    }
    parts = [
        runtime(),
        f"const GATES = {{\n{table}\n}};",
        f"const SPELLINGS = {json.dumps(spellings, ensure_ascii=False)};",
        f"const ALIASES = {json.dumps(ALIASES, ensure_ascii=False)};",
        f"const LIBRARY = {json.dumps(_library(), ensure_ascii=False)};",
    ]
    return "\n".join(parts)


def _gate(gate: Pointwise) -> str:
    """Write a gate: how many arguments, its value, its slope by each."""
    letters = LETTERS[: gate.arity[0]]
    names = ", ".join(letters)
    slopes = []
    for place in range(gate.arity[0]):
        text = expression_javascript(partial(gate.name, place))
        slopes.append(f"({names}, out) => {text}")
    value = f"({names}) => {javascript_text(gate.name)}"
    return (
        f"{{ arity: {gate.arity[0]}, value: {value}, slopes: [{', '.join(slopes)}] }}"
    )


def _library() -> dict[str, Any]:
    """Return the functions that are formulas: parameters, defaults, first text."""
    return {
        name: {
            "parameters": list(meaning.parameters),
            "defaults": {k: ast.unparse(v) for k, v in meaning.defaults.items()},
            "text": meaning.texts[0],
        }
        for name, meaning in LIBRARY.items()
        if "axis" not in meaning.texts[0]
    }
