"""A home-made scalar engine: a class of values whose operators keep ``_backward``.

Every operator is checked on its own, then expressions in which a value is used twice
(``+=``) and in which the order of the backward pass matters.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gradtutor.audit.program.calls import (
    Attribute,
    Bind,
    Call,
    Const,
    Expr,
    Leaf,
    Ref,
)
from gradtutor.audit.program.plan import Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.usage import Usage
from gradtutor.messages import tr

BINARY = ("__add__", "__mul__", "__sub__", "__truediv__")
REFLECTED = {"__radd__": "__add__", "__rsub__": "__sub__", "__rmul__": "__mul__"}
REFLECTED |= {"__rtruediv__": "__truediv__"}
UNARY = (
    "__neg__",
    "relu",
    "tanh",
    "sigmoid",
    "exp",
    "log",
    "sin",
    "cos",
    "sqrt",
    "abs",
    "square",
    "softplus",
    "leaky_relu",
    "gelu",
    "silu",
    "swish",
    "reciprocal",
    "inv",
    "sum",
    "mean",
)


Drafted = tuple[str, Draft]


@dataclass(frozen=True)
class Engine:
    """A class of values: its name, what holds the number, the gradient, the pass."""

    cls: str
    data: str
    grad: str
    run: str
    arrays: bool = False

    def made(self, name: str) -> Bind:
        """Make a value of a number."""
        return Bind(f"v_{name}", Call(Ref(self.cls), (Leaf(name),)))


def engine_of(program: Program, cls: str) -> Engine | None:
    """Return the engine that a class is, or None."""
    kind = next(kind for kind in program.kinds if kind.name == cls)
    init = program.functions.get(f"{cls}.__init__")
    if init is None or init.node is None or not set(BINARY) & set(kind.methods):
        return None
    stored = {
        node.attr
        for node in ast.walk(init.node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    data = next((n for n in ("data", "value", "val", "x", "v") if n in stored), None)
    grad = next(
        (n for n in ("grad", "gradient", "g", "derivative", "adjoint") if n in stored),
        None,
    )
    run = next(
        (n for n in ("backward", "backprop", "backpropagate") if n in kind.methods),
        None,
    )
    arrays = bool(re.search(r"np\.\w*array|ndarray", ast.unparse(init.node)))
    return Engine(cls, data, grad, run, arrays) if data and grad and run else None


def operators(program: Program, engine: Engine) -> list[Drafted]:
    """Return each operator, and the expressions that use several, with their plans."""
    return _own_first(program, engine.cls, list(_operators(program, engine)))


def _operators(program: Program, engine: Engine) -> Iterator[Drafted]:
    methods = next(k.methods for k in program.kinds if k.name == engine.cls)
    a, b, c = Ref("v_a"), Ref("v_b"), Ref("v_c")

    def call(of: Expr, method: str, *args: Expr) -> Expr:
        return Call(Attribute(of, method), args)

    again = "__add__" in methods
    twice: tuple[Any, ...] = ("__add__", Ref("s"))  # so that what arrives is not 1
    if "__mul__" in methods:
        twice = ("__mul__", Call(Ref(engine.cls), (Const(1.7),)))
    for name in BINARY:
        if name in methods:
            yield name, _draft(engine, name, "ab", [("out", call(a, name, b))])
        if name in methods and again and name != "__add__":
            steps = [("r", call(a, name, b)), ("s", call(Ref("r"), "__add__", a))]
            steps.append(("t", call(Ref("s"), "__add__", b)))
            steps.append(("out", call(Ref("t"), *_of(twice, "t"))))
            yield (
                tr("{name}, its operands used again", name=name),
                _again(program, engine, name, "ab", steps),
            )
    if "__matmul__" in methods and "__mul__" in methods:
        steps = [("r", call(a, "__matmul__", b))]
        steps.append(("out", call(Ref("r"), "__mul__", Ref("r"))))
        draft = _draft(engine, "__matmul__", "ab", steps)
        yield "__matmul__", replace(draft, first="product")
    if "__pow__" in methods:
        yield (
            "__pow__",
            _draft(engine, "__pow__", "a", [("out", call(a, "__pow__", Const(3)))]),
        )
    for name in REFLECTED:
        if name in methods and program.functions.get(f"{engine.cls}.{name}"):
            yield name, _draft(engine, name, "a", [("out", call(a, name, Const(2.5)))])
    for name in UNARY:
        function = program.functions.get(f"{engine.cls}.{name}")
        if function and not function.required:
            yield name, _draft(engine, name, "a", [("out", call(a, name))])
        if function and not function.required and again:
            steps = [("r", call(a, name)), ("s", call(Ref("r"), "__add__", a))]
            steps.append(("out", call(Ref("s"), *_of(twice, "s"))))
            yield (
                tr("{name}, its operand used again", name=name),
                _again(program, engine, name, "a", steps),
            )
    add, mul = "__add__" in methods, "__mul__" in methods
    if add:
        steps = [("out", call(a, "__add__", a))]
        yield tr("a value used twice"), _again(program, engine, "__add__", "a", steps)
    if mul:
        steps = [("out", call(a, "__mul__", a))]
        yield (
            tr("a product with itself"),
            _again(program, engine, "__mul__", "a", steps),
        )
    if add and mul:
        steps = [
            ("p", call(a, "__mul__", b)),
            ("q", call(Ref("p"), "__add__", c)),
            ("r", call(Ref("q"), "__mul__", Ref("p"))),
            ("s", call(Ref("r"), "__add__", Ref("q"))),
            ("out", call(Ref("p"), "__mul__", Ref("s"))),
        ]
        yield (
            tr("an expression with paths of different length"),
            _draft(engine, engine.run, "abc", steps),
        )


def _of(twice: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """Return the last step for another name."""
    return (twice[0], Ref(name) if isinstance(twice[1], Ref) else twice[1])


def _own_first(program: Program, cls: str, found: list[Drafted]) -> list[Drafted]:
    """Put the operators that have a backward of their own before those made of them."""

    def made_of_others(one: Drafted) -> bool:
        function = program.functions.get(f"{cls}.{one[0].partition(',')[0]}")
        node = function.node if function else None
        return node is None or not any(
            isinstance(inner, ast.FunctionDef | ast.Lambda) and inner is not node
            for inner in ast.walk(node)
        )

    return sorted(found, key=made_of_others)


def _draft(
    engine: Engine, name: str, leaves: str, steps: list[tuple[str, Expr]]
) -> Draft:
    made = [engine.made(one) for one in leaves]
    plan = Plan(
        f"{engine.cls}.{name}",
        f"{engine.cls}.{name}",
        forward=(*made, *(Bind(n, value) for n, value in steps)),
        outputs=(Attribute(Ref("out"), engine.data),),
        backward=(
            Bind("done", Call(Attribute(Ref("out"), engine.run))),
            *(
                Bind(f"d{one}", Attribute(Ref(f"v_{one}"), engine.grad))
                for one in leaves
            ),
        ),
        returned=_row(leaves),
        order=tuple(leaves),
        inputs=tuple((one, Leaf(one)) for one in leaves),
        leaves=tuple(leaves),
        upstreams=0,
        several=True,
    )
    first = "alike" if engine.arrays else "numbers"
    return Draft(plan, {one: Usage() for one in leaves}, first=first)


def _again(
    program: Program,
    engine: Engine,
    name: str,
    leaves: str,
    steps: list[tuple[str, Expr]],
) -> Draft:
    """Use a value twice: ``self.grad = ...`` then loses what came before."""
    draft = _draft(engine, name, leaves, steps)
    function = program.functions.get(f"{engine.cls}.{name}")
    lines = _overwriting(function.node, engine.grad) if function else ()
    return replace(draft, plan=replace(draft.plan, suspects=lines))


def _overwriting(node: ast.AST | None, grad: str) -> tuple[int, ...]:
    """Return the lines that set a gradient where they must add to it."""
    return tuple(
        item.lineno
        for inner in (ast.walk(node) if node else ())
        if isinstance(inner, ast.FunctionDef | ast.Lambda) and inner is not node
        for item in ast.walk(inner)
        if isinstance(item, ast.Assign)
        and any(isinstance(t, ast.Attribute) and t.attr == grad for t in item.targets)
        and not any(
            isinstance(n, ast.Attribute)
            and n.attr == grad
            and ast.unparse(n) == ast.unparse(item.targets[0])
            for n in ast.walk(item.value)
        )
    )


def _row(leaves: str) -> Expr:
    from gradtutor.audit.program.calls import Row

    return Row(tuple(Ref(f"d{one}") for one in leaves), "tuple")
