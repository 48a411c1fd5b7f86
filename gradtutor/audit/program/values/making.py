"""What a person's class is made with: arrays, sizes, settings."""

from __future__ import annotations

import ast
import re

from gradtutor.audit.program.calls import Const, Expr, Ref, Row, Table
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import stem
from gradtutor.audit.program.shapes import CHANNELS, D, N
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.program.values.arguments import Values
from gradtutor.audit.program.values.settings import SETTINGS, penalty, size


def constructor(
    program: Program, cls: str, values: Values
) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """Return what a class is made with: arrays, sizes, settings; defaults stay."""
    function = program.functions.get(f"{cls}.__init__")
    if function is None:
        return (), ()
    required = function.arguments[: function.required]
    args = tuple(_made_with(function, name, values) for name in required)
    smaller = [
        (name, value)
        for name in function.arguments[function.required :]
        for default in [function.default(name) or ""]
        if (value := _smaller(name, default) or penalty(name, default)) is not None
    ]
    return args, tuple(smaller)


def _smaller(name: str, default: str) -> Expr | None:
    """Return a small size in place of a default such as 3*32*32."""
    if re.fullmatch(r"\(\d+, \d+, \d+\)", default):
        return Row(tuple(Const(n) for n in (CHANNELS, 4, 4)), "tuple")
    if not re.fullmatch(r"\d+( \* \d+)*", default):
        return None
    value = size(name, None)
    return Const(value) if isinstance(value, int) else None


def _made_with(function: Function, name: str, values: Values) -> Expr:
    if name in values.known:
        return values.leaf(name, Usage())
    if _is_called(values.program, function, name):
        slope = re.search(r"prime|deriv|grad|backward|^d_?|_d$", name)
        return Ref("tanh_slope" if slope else "tanh")
    words = _words(function, name)
    if words:
        return Table(tuple((word, Const(i)) for i, word in enumerate(words)))
    if name in SETTINGS and name not in ("p", "f"):
        return Const(SETTINGS[name])
    array = _is_array(name) or _has_gradient(values.program, function, name)
    if _is_stored(function, name) and (array or _is_data(function, name)):
        return values.leaf(name, Usage())
    value = size(name, None)
    if name in ("shape", "new_shape", "target_shape", "size_out"):
        return shape_for(function.name)
    if isinstance(value, list):
        return Row(tuple(Const(v) for v in value))
    if value is None and name in SETTINGS:
        return Const(SETTINGS[name])
    return Const(D if value is None else value)


def _words(function: Function, name: str) -> list[str]:
    """Return a small vocabulary, where a class is made with a dict of words."""
    keys = [
        node.slice.value
        for node in (ast.walk(function.node) if function.node else ())
        if isinstance(node, ast.Subscript)
        and ast.unparse(node.value) == name
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ]
    text = ast.unparse(function.node) if function.node else ""
    return [*dict.fromkeys(keys), "a", "b", "c"] if f"{name}.items()" in text else []


def shape_for(name: str) -> Expr:
    """Return a shape that an operator gives: a sum, a repetition, another order."""
    sums = re.search(r"sum|reduce", name, re.IGNORECASE)
    repeats = re.search(r"broadcast|expand|repeat|tile", name, re.IGNORECASE)
    sizes = (1, D) if sums else (N, D) if repeats else (D, N)
    return Row(tuple(map(Const, sizes)), "tuple")


def _is_called(program: Program, init: Function, name: str) -> bool:
    """Whether what a class is made with is a function that its methods call."""
    cls = init.name.rpartition(".")[0]
    methods = [f.node for n, f in program.functions.items() if n.startswith(f"{cls}.")]
    called = {f"self.{name}", f"self._{name}", name}
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in called
        for method in methods
        if method is not None
        for node in ast.walk(method)
    )


def _has_gradient(program: Program, init: Function, name: str) -> bool:
    """Whether a method stores what is named like its gradient: ``self.dgain``."""
    cls = init.name.rpartition(".")[0]
    methods = [f.node for n, f in program.functions.items() if n.startswith(f"{cls}.")]
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and stem(node.attr) == name != node.attr
        for method in methods
        if method is not None
        for node in ast.walk(method)
    )


def _is_array(name: str) -> bool:
    return bool(
        re.fullmatch(
            r"[Ww]\w?\d*|b\w?\d*|weights?|bias(es)?|gamma|beta|theta|kernel|filters?|E|scale|shift",
            name,
        )
    )


def _is_data(function: Function, name: str) -> bool:
    """Whether a constructor takes the examples: ``self.input = x`` of ``x.shape``."""
    kept = {name} | {
        ast.unparse(node.targets[0])
        for node in (ast.walk(function.node) if function.node else ())
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }
    text = ast.unparse(function.node) if function.node else ""
    return any(f"{one}.shape" in text for one in kept)


def _is_stored(function: Function, name: str) -> bool:
    """Whether a constructor keeps an argument as it is: ``self.W = W``."""
    for node in ast.walk(function.node) if function.node else ():
        match node:
            case ast.Assign(_, value):
                if any(
                    isinstance(n, ast.Name) and n.id == name for n in ast.walk(value)
                ):
                    return not any(
                        isinstance(n, ast.Attribute)
                        and n.attr in ("zeros", "randn", "ones", "normal", "uniform")
                        for n in ast.walk(value)
                    )
    return False
