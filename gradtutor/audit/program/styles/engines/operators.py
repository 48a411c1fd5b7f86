"""The operators of a value class as plans: each alone, and where values are reused."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gradtutor.audit.program.calls import (
    Attribute,
    Bind,
    Call,
    Const,
    Expr,
    Leaf,
    Ref,
    Row,
)
from gradtutor.audit.program.plan import Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.engines.engine import Engine
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


def operators(program: Program, engine: Engine) -> list[Drafted]:
    """Return each operator, and the expressions that use several, with their plans."""
    return _own_first(program, engine.cls, list(_operators(program, engine)))


def _operators(program: Program, engine: Engine) -> Iterator[Drafted]:
    methods = next(k.methods for k in program.kinds if k.name == engine.cls)
    twice: tuple[Any, ...] = ("__add__", Ref("s"))  # so that what arrives is not 1
    if "__mul__" in methods:
        twice = ("__mul__", engine.of(Const(1.7)))
    if not engine.outside:
        yield from _of_two(program, engine, methods, twice)
        yield from _of_one(program, engine, methods, twice)
    yield from _together(program, engine, methods)


def _call(of: Expr, method: str, *args: Expr) -> Expr:
    return Call(Attribute(of, method), args)


A, B = Ref("v_a"), Ref("v_b")


def _of_two(
    program: Program, engine: Engine, methods: Sequence[str], twice: tuple[Any, ...]
) -> Iterator[Drafted]:
    """Yield the operators of two values, alone and with their operands used again."""
    for name in BINARY:
        if name not in methods:
            continue
        yield name, _draft(engine, name, "ab", [("out", _call(A, name, B))])
        if "__add__" in methods and name != "__add__":
            steps = [("r", _call(A, name, B)), ("s", _call(Ref("r"), "__add__", A))]
            steps.append(("t", _call(Ref("s"), "__add__", B)))
            steps.append(("out", _call(Ref("t"), *_of(twice, "t"))))
            title = tr("{name}, its operands used again", name=name)
            yield title, _again(program, engine, name, "ab", steps)
    if "__matmul__" in methods and "__mul__" in methods:
        steps = [("r", _call(A, "__matmul__", B))]
        steps.append(("out", _call(Ref("r"), "__mul__", Ref("r"))))
        draft = _draft(engine, "__matmul__", "ab", steps)
        yield "__matmul__", replace(draft, first="product")


def _of_one(
    program: Program, engine: Engine, methods: Sequence[str], twice: tuple[Any, ...]
) -> Iterator[Drafted]:
    """Yield powers, operators with a number on the left, and functions."""
    if "__pow__" in methods:
        steps = [("out", _call(A, "__pow__", Const(3)))]
        yield "__pow__", _draft(engine, "__pow__", "a", steps)
    for name in REFLECTED:
        if name in methods and program.functions.get(f"{engine.cls}.{name}"):
            yield name, _draft(engine, name, "a", [("out", _call(A, name, Const(2.5)))])
    for name in UNARY:
        function = program.functions.get(f"{engine.cls}.{name}")
        if not function or function.required:
            continue
        yield name, _draft(engine, name, "a", [("out", _call(A, name))])
        if "__add__" in methods:
            steps = [("r", _call(A, name)), ("s", _call(Ref("r"), "__add__", A))]
            steps.append(("out", _call(Ref("s"), *_of(twice, "s"))))
            title = tr("{name}, its operand used again", name=name)
            yield title, _again(program, engine, name, "a", steps)


def _together(
    program: Program, engine: Engine, methods: Sequence[str]
) -> Iterator[Drafted]:
    """Yield expressions in which a value is used more than once."""
    add, mul = "__add__" in methods, "__mul__" in methods
    if add:
        steps = [("out", _call(A, "__add__", A))]
        yield tr("a value used twice"), _again(program, engine, "__add__", "a", steps)
    if mul:
        title, steps = tr("a product with itself"), [("out", _call(A, "__mul__", A))]
        yield title, _again(program, engine, "__mul__", "a", steps)
    if add and mul:
        steps = [
            ("p", _call(A, "__mul__", B)),
            ("q", _call(Ref("p"), "__add__", Ref("v_c"))),
            ("r", _call(Ref("q"), "__mul__", Ref("p"))),
            ("s", _call(Ref("r"), "__add__", Ref("q"))),
            ("out", _call(Ref("p"), "__mul__", Ref("s"))),
        ]
        title = tr("an expression with paths of different length")
        yield title, _draft(engine, engine.run, "abc", steps)


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
    if engine.outside:
        run = program.functions[f"{engine.cls}.{engine.run}"]
        lines = _replacing(run.node, engine.grad)
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


def _replacing(node: ast.AST | None, grad: str) -> tuple[int, ...]:
    """Return the lines of a pass that set a gradient which may be there before."""
    first = {
        id(item)
        for inner in (ast.walk(node) if node else ())
        if isinstance(inner, ast.If) and "is None" in ast.unparse(inner.test)
        for item in inner.body
    }
    return tuple(
        item.lineno
        for loop in (ast.walk(node) if node else ())
        if isinstance(loop, ast.For)
        for item in ast.walk(loop)
        if isinstance(item, ast.Assign) and id(item) not in first
        if any(isinstance(t, ast.Attribute) and t.attr == grad for t in item.targets)
        and not _reads(item.value, grad)
        and not (isinstance(item.value, ast.Constant) and item.value.value is None)
    )


def _reads(node: ast.expr, grad: str) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == grad for n in ast.walk(node))


def _row(leaves: str) -> Expr:
    return Row(tuple(Ref(f"d{one}") for one in leaves), "tuple")
