"""Which functions work on each entry on its own: exp and hypot, but not softmax."""

from __future__ import annotations

import ast
from functools import cache

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.language.formula.functions.library import LIBRARY
from gradtutor.language.formula.functions.naming import known_function

#: Functions whose gates are pointwise, though the language folds or picks them.
FOLDED = {"max", "min", "where"}
WHOLE = (ast.MatMult, ast.Attribute, ast.Subscript)


@cache
def is_pointwise(name: str) -> bool:
    """Whether a function's value has an entry for each entry of its arguments.

    >>> is_pointwise("hypot"), is_pointwise("softmax"), is_pointwise("std")
    (True, False, False)
    """
    plain = known_function(name) or name
    if plain in FOLDED or isinstance(SPELLINGS.get(plain), Pointwise):
        return True
    if plain not in LIBRARY:
        return plain == "log_base"
    nodes = [
        node for text in LIBRARY[plain].texts for node in ast.walk(ast.parse(text))
    ]
    return all(
        not isinstance(node, WHOLE)
        and (not isinstance(node, ast.Call) or is_pointwise(_called(node)))
        for node in nodes
    )


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""
