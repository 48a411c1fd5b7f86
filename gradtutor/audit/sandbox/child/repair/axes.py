"""The axes of a reduction: others in their place, and what the wrong one is called."""

from __future__ import annotations

import ast
import copy

from gradtutor.audit.sandbox.child.repair.kinds import (
    AXIS,
    KEEP,
    NORM,
    NORMED,
    SOFTMAX,
    Made,
)

#: What NumPy, and those that stand for it, are called.
MODULES = ("np", "cp", "numpy", "jnp", "xp")
#: What keeps a summed axis, in NumPy and in PyTorch.
KEPT = ("keepdims", "keepdim")
#: Which are tried, likely ones first.
AXES = (0, 1, -1, (0, 1), (1, 2), (2, 3), (0, 2), (0, 1, 2), (0, 2, 3), (1, 2, 3), None)


def of_axis(node: ast.Call, name: str) -> Made:
    """Yield a reduction over other axes, and with its axes kept or not."""
    if name not in ("sum", "mean", "max", "min", "var"):
        return
    first = [k for k in node.keywords if k.arg not in ("axis", "keepdims", "dim")]
    function = isinstance(node.func, ast.Attribute) and (
        isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("np", "cp", "numpy", "jnp", "xp")
    )
    args = node.args[:1] if function else []
    word = "dim" if any(k.arg in ("dim", "keepdim") for k in node.keywords) else "axis"
    keep_word = "keepdim" if word == "dim" else "keepdims"
    now = ast.unparse(node)
    for axis in AXES:
        for keep in (False, True):
            keywords = list(first)
            if axis is not None:
                value = ast.parse(repr(axis), mode="eval").body
                keywords.append(ast.keyword(word, value))
            if keep:
                keywords.append(ast.keyword(keep_word, ast.Constant(True)))
            made = ast.Call(node.func, args, keywords)
            if ast.unparse(made) != now:
                yield AXIS, 1 if axis in (0, 1, -1) else 2, made


def axis_label(
    statement: ast.stmt, node: ast.expr, new: ast.expr, *, normalises: bool
) -> str:
    """Return what it is called that a reduction runs over another axis."""
    if _without_keepdims(node) == _without_keepdims(new):
        return KEEP
    target = getattr(statement, "targets", [getattr(statement, "target", None)])[0]
    named = target is not None and NORMED.fullmatch(
        ast.unparse(target).removeprefix("self.")
    )
    value = getattr(statement, "value", None)
    while isinstance(value, ast.Subscript) and value is not node:
        value = value.value  # a part of the sum
    if _scaled(value, node):
        mean = normalises and ast.unparse(getattr(node, "func", node)).endswith("mean")
        return NORM if named or mean else AXIS
    for other in ast.walk(statement):
        match other:
            case ast.BinOp(_, ast.Sub(), right) if right is node:
                of = node.args[0] if isinstance(node, ast.Call) and node.args else node
                func = node.func if isinstance(node, ast.Call) else node
                inner = [of, func.value if isinstance(func, ast.Attribute) else func]
                product = any(
                    isinstance(i, ast.BinOp) and isinstance(i.op, ast.Mult)
                    for i in inner
                )
                return SOFTMAX if product else NORM
    return NORM


def _scaled(value: ast.AST | None, node: ast.expr) -> bool:
    """Whether a value is an expression, or a multiple of it."""
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Div):
        if value.right is node:
            return True
        value = value.left
    return value is node


def _without_keepdims(node: ast.expr) -> str:
    bare = _WithoutKeepdims().visit(copy.deepcopy(node))
    return ast.unparse(bare)


class _WithoutKeepdims(ast.NodeTransformer):
    """Takes the keywords out that keep a summed axis."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """Leave keepdims out of a call."""
        self.generic_visit(node)
        node.keywords = [k for k in node.keywords if k.arg not in KEPT]
        return node
