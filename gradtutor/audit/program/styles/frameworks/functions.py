"""Gradients written for a framework: autograd.Function, custom_vjp, operators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from gradtutor.audit.program.calls import (
    Attribute,
    Bind,
    Call,
    Const,
    Expr,
    Leaf,
    Pick,
    Ref,
    Row,
    Upstream,
)
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.plan import RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.shapes import WEIGHT, D, N
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.engines.variables import likely_shapes
from gradtutor.audit.program.values import Values, fixed_leaves

CONTEXT = re.compile(r"ctx|context|self_ctx|_ctx")


def is_function_class(program: Program, cls: str) -> bool:
    """Whether a class has ``forward(ctx, ...)`` and ``backward(ctx, grad)``."""
    forward = program.functions.get(f"{cls}.forward")
    backward = program.functions.get(f"{cls}.backward")
    return bool(
        forward
        and backward
        and backward.arguments
        and CONTEXT.fullmatch(backward.arguments[0])
    )


def function_class(
    program: Program, cls: str, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of ``forward(ctx, ...)`` and ``backward(ctx, grad)``."""
    forward = program.functions[f"{cls}.forward"]
    backward = program.functions[f"{cls}.backward"]
    setup = program.functions.get(f"{cls}.setup_context")
    names = forward.arguments[0 if setup else 1 :]
    values = Values(program, known, set(returns) | _graded(names, backward))
    values.add(forward, names)
    given = [values.values.get(n, Const(None)) for n in names if n in values.values]
    context = Bind("ctx", Call(Ref("Context")))
    steps = [context]
    if setup:
        steps.append(Bind(RESULT, Call(Attribute(Ref(cls), "forward"), tuple(given))))
        inputs = Row(tuple(given), "tuple")
        call = Call(
            Attribute(Ref(cls), "setup_context"), (Ref("ctx"), inputs, Ref(RESULT))
        )
        steps.append(Bind("ready", call))
    else:
        call = Call(Attribute(Ref(cls), "forward"), (Ref("ctx"), *given))
        steps.append(Bind(RESULT, call))
    count = len(backward.arguments) - 1
    outputs = tuple(Pick(Ref(RESULT), i) for i in range(count))
    back = Call(
        Attribute(Ref(cls), "backward"), (Ref("ctx"), *map(Upstream, range(count)))
    )
    graded = [value.name if isinstance(value, Leaf) else "" for value in given]
    plan = Plan(
        f"{cls}.backward",
        f"{cls}.forward",
        forward=tuple(steps),
        outputs=outputs,
        backward=(Bind(RETURNED, back),),
        returned=Ref(RETURNED),
        order=tuple(returns) or tuple(graded),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=count,
        several=True,
        wrap=_library(program),
    )
    return Draft(plan, values.leaves, first=_first(forward))


def _graded(names: Sequence[str], backward: Function) -> set[str]:
    """Return the arguments that a gradient comes back for: not None."""
    texts = backward.returns[-len(names) :]
    if len(texts) != len(names):
        return set(names)
    return {n for n, text in zip(names, texts, strict=True) if text != "None"}


def _first(forward: Function) -> str:
    """Say what to try first: numbers where they are told, else matrices alike."""
    node = forward.node
    told = isinstance(node, ast.FunctionDef) and any(
        isinstance(a.annotation, ast.Name) and a.annotation.id == "float"
        for a in node.args.args
    )
    weights = any(WEIGHT.fullmatch(n) and n != "k" for n in forward.arguments)
    return "numbers" if told else "" if weights else "alike"


def _library(program: Program) -> str:
    if any(i.partition(".")[0] == "torch" for i in program.imports):
        return "torch"
    tensors = re.search(r"\.f\.\w+_(zip|map|reduce)\b|matrix_multiply", program.text)
    return "needle" if tensors else ""  # minitorch's tensors answer alike


# ---- needle ----


def is_operator_class(program: Program, cls: str) -> bool:
    """Whether a class has ``compute(...)`` and ``gradient(out_grad, node)``."""
    gradient = program.functions.get(f"{cls}.gradient")
    return f"{cls}.compute" in program.functions and bool(
        gradient and len(gradient.arguments) == 2
    )


def operator_class(
    program: Program, cls: str, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of an operator's ``compute`` and ``gradient``."""
    compute = program.functions[f"{cls}.compute"]
    values = Values(program, known, set(compute.arguments) | set(returns))
    init = program.functions.get(f"{cls}.__init__")
    given = init.arguments[: init.required] if init else ()
    made = Call(Ref(cls), tuple(_setting(name) for name in given))
    values.known = known | set(compute.arguments)  # arrays, whatever is done with them
    values.add(compute, compute.arguments)
    args = tuple(values.values[n] for n in compute.arguments if n in values.values)
    node = Call(Ref("Node"), (Ref("op"), Ref(RESULT), *args))
    back = Call(Attribute(Ref("op"), "gradient"), (Upstream(), Ref("node")))
    plan = Plan(
        f"{cls}.gradient",
        f"{cls}.compute",
        prepare=(Bind("op", made),),
        forward=(
            Bind(RESULT, Call(Attribute(Ref("op"), "compute"), args)),
            Bind("node", node),
        ),
        outputs=(Ref(RESULT),),
        backward=(Bind(RETURNED, back),),
        returned=Ref(RETURNED),
        order=tuple(returns) or tuple(a.name for a in args if isinstance(a, Leaf)),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        several=False,
        wrap="needle",
    )
    return Draft(plan, values.leaves, first=likely_shapes(values))


def _setting(name: str) -> Expr:
    if re.fullmatch(r"scalar|n|exponent|power|c|value", name):
        return Const(3.0 if name != "n" else 3)
    if re.fullmatch(r"shape", name):
        return Row((Const(D), Const(N)), "tuple")
    if re.fullmatch(r"ax[ie]s|dims?", name):
        return Const(None)
    return Const(1)


# ---- JAX ----


def custom_vjps(program: Program) -> Iterator[tuple[str, str, str]]:
    """Yield function, forward and backward of every ``f.defvjp(f_fwd, f_bwd)``."""
    for owner, method, args in program.calls:
        there = all(name in program.functions for name in (owner, *args[:2]))
        if method == "defvjp" and len(args) >= 2 and there:
            yield owner, args[0], args[1]


def custom_vjp(
    program: Program,
    names: tuple[str, str, str],
    known: set[str],
    returns: Sequence[str],
) -> Draft:
    """Plan the calls of ``f_fwd(x)`` → (y, res) and ``f_bwd(res, g)`` → (dx,)."""
    forward_name, backward_name = names[1:]
    forward = program.functions[forward_name]
    backward = program.functions[backward_name]
    values = Values(program, known, set(returns) | _graded(forward.arguments, backward))
    values.add(forward, forward.arguments)
    args = tuple(values.values[n] for n in forward.arguments if n in values.values)
    aside = _aside(program, names[0], len(backward.arguments) - 2)
    result = Ref(RESULT)
    given = (*(args[i] for i in aside if i < len(args)), Pick(result, 1), Upstream())
    others = [a for i, a in enumerate(args) if i not in aside]
    graded = [a.name if isinstance(a, Leaf) else "" for a in others]
    plan = Plan(
        backward_name,
        forward_name,
        forward=(Bind(RESULT, Call(Ref(forward_name), args)),),
        outputs=(Pick(result, 0),),
        backward=(Bind(RETURNED, Call(Ref(backward_name), given)),),
        returned=Ref(RETURNED),
        order=tuple(returns) or tuple(graded),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        several=True,
        wrap="jax",
    )
    return Draft(plan, values.leaves)


def _aside(program: Program, function: str, count: int) -> tuple[int, ...]:
    """Return the places of arguments without a gradient: ``nondiff_argnums=(2,)``."""
    for text in program.decorated.get(function, ()):
        found = re.search(r"nondiff_argnums=\(?([\d, ]+)", text)
        if found:
            return tuple(int(number) for number in re.findall(r"\d+", found[1]))
    return tuple(range(count))
