"""What the text of two functions says of sizes: many examples, matrices of weights."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from gradtutor.audit.program.shapes.names import WEIGHT

#: Shapes of several examples, as docstrings write them: (n_x, m), (N, D).
BATCH = re.compile(r"\(\s*[\w.]+\s*,\s*(m|batch\w*)\s*\)|\(\s*(N|m|batch\w*)\s*,")


def batched(nodes: Sequence[ast.AST]) -> bool:
    """Whether the two functions count examples: a shape's size, an axis, len(y)."""
    said = (ast.get_docstring(n) or "" for n in nodes if isinstance(n, ast.FunctionDef))
    if any(BATCH.search(text) for text in said):
        return True
    return any(_counts(item) for node in nodes for item in ast.walk(node))


def transposes_weights(nodes: Sequence[ast.AST]) -> bool:
    """Whether weights are transposed, ``self.W.T``: a neuron's are a vector."""
    return any(_is_turned(item) for node in nodes for item in ast.walk(node))


def _is_turned(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(of, "T") | ast.Call(
            ast.Attribute(of, "transpose" | "t"), []
        ):
            pass
        case ast.Call(ast.Attribute(_, "transpose"), [of]):
            pass
        case _:
            return False
    return bool(WEIGHT.fullmatch(ast.unparse(of).rpartition(".")[2]))


def _counts(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(ast.Attribute(_, "shape")) | ast.keyword("axis"):
            return True
        case ast.Assign(
            [ast.Tuple()],
            ast.Attribute(_, "shape") | ast.Call(ast.Attribute(_, "size"), []),
        ):
            return True
        case ast.Call(ast.Name("len"), [ast.Name(name)]):
            return name in ("y", "X", "x", "Y", "t", "labels")
    return False
