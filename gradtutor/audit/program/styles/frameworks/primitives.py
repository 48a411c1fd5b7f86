"""Gradients of one function: autograd's ``defvjp``, TensorFlow's custom gradient."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradtutor.audit.program.calls import Bind, Call, Leaf, Ref, Row, Upstream
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.plan import RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.values import Values, fixed_leaves


def primitives(program: Program) -> Iterator[tuple[str, int]]:
    """Yield the functions that ``defvjp(f, ...)`` gives rules, and the line."""
    for item in ast.parse(program.text).body:
        match item:
            case ast.Expr(ast.Call(func, [ast.Name(name), *rules])) if (
                _is_defvjp(program, func) and rules and name in program.functions
            ):
                yield name, item.lineno


def _is_defvjp(program: Program, func: ast.expr) -> bool:
    """Whether it is autograd's ``defvjp(f, ...)``, not JAX's ``f.defvjp(...)``."""
    owner, _, last = ast.unparse(func).rpartition(".")
    return last == "defvjp" and owner not in program.functions


def rules_of(program: Program) -> set[str]:
    """Return the functions that are such rules: ``logsumexp_vjp(ans, x)``."""
    return {
        node.id
        for item in ast.parse(program.text).body
        if isinstance(item, ast.Expr) and isinstance(item.value, ast.Call)
        if _is_defvjp(program, item.value.func)
        for rule in item.value.args[1:]
        for node in ast.walk(rule)
        if isinstance(node, ast.Name)
    }


def primitive(
    program: Program, name: str, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of a primitive and of its rules."""
    graded = _with_rules(program, name)
    return _planned(program, name, "vjps_of", graded, known, returns)


def _with_rules(program: Program, name: str) -> set[str]:
    """Return the arguments that a rule is given for: None stands for none."""
    arguments = program.functions[name].arguments
    for item in ast.parse(program.text).body:
        match item:
            case ast.Expr(ast.Call(_, [ast.Name(of), *rules], keywords)) if of == name:
                places = [*range(len(rules))]
                for keyword in keywords:
                    if keyword.arg == "argnums":
                        places = _numbers(keyword.value) or places
                return {
                    arguments[place]
                    for place, rule in zip(places, rules, strict=False)
                    if ast.unparse(rule) != "None" and place < len(arguments)
                }
    return set(arguments)


def _numbers(value: ast.expr) -> list[int]:
    """Return the places that ``argnums`` writes out; none where it is only a name."""
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    found = [
        part.value
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, int)
    ]
    return found if len(found) == len(parts) else []


def custom_gradients(program: Program) -> Iterator[str]:
    """Yield the functions that return a value and the function of its gradient."""
    for name, texts in program.decorated.items():
        if any(text.rpartition(".")[2] == "custom_gradient" for text in texts):
            yield name


def custom_gradient(
    program: Program, name: str, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of a function with a custom gradient."""
    function = program.functions[name]
    graded = set(function.arguments)
    for inner in ast.walk(function.node) if function.node else ():
        match inner:
            case ast.Return(ast.Tuple(items)) if len(items) == len(function.arguments):
                graded -= {
                    n
                    for n, item in zip(function.arguments, items, strict=True)
                    if isinstance(item, ast.Constant) and item.value is None
                }
    return _planned(program, name, "gradients_of", graded, known, returns)


def _planned(
    program: Program,
    name: str,
    how: str,
    graded: set[str],
    known: set[str],
    returns: Sequence[str],
) -> Draft:
    function: Function = program.functions[name]
    values = Values(program, known, graded | set(returns))
    values.add(function, function.arguments)
    args = tuple(values.values[n] for n in function.arguments if n in values.values)
    given = Row(args, "tuple")
    back = Call(Ref(how), (Ref(name), given, Upstream()))
    if how == "vjps_of":
        back = Call(Ref(how), (Ref(name), Ref(RESULT), given, Upstream()))
    order = [a.name if isinstance(a, Leaf) else "" for a in args]
    plan = Plan(
        name,
        name,
        forward=(Bind(RESULT, Call(Ref(name), args)),),
        outputs=(Ref(RESULT),),
        backward=(Bind(RETURNED, back),),
        returned=Ref(RETURNED),
        order=tuple(returns) or tuple(order),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values) | {n for n in values.leaves if n not in graded},
        several=True,
    )
    return Draft(plan, values.leaves)
