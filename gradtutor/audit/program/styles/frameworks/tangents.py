"""JAX's other door: ``f.defjvp``, a rule for tangents instead of gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtutor.audit.program.calls import Bind, Call, Leaf, Ref, Row, Upstream
from gradtutor.audit.program.plan import RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.values import Values, fixed_leaves


def custom_jvps(program: Program) -> Iterator[tuple[str, str]]:
    """Yield function and rule of every ``@f.defjvp`` and ``f.defjvps(...)``."""
    for rule, decorators in program.decorated.items():
        for text in decorators:
            owner = text.partition(".")[0]
            if text == f"{owner}.defjvp" and owner in program.functions:
                yield owner, rule
    for owner, method, args in program.calls:
        if owner in program.functions and method in ("defjvp", "defjvps"):
            yield owner, args[0] if args and args[0] in program.functions else owner


def custom_jvp(
    program: Program, names: tuple[str, str], known: set[str], returns: Sequence[str]
) -> Draft:
    """Plan the calls: a rule that is linear in the tangents says all gradients.

    The gradient by one element is the upstream gradient times the change that the
    rule gives for a tangent of 1 there.
    """
    function_name, rule = names
    function = program.functions[function_name]
    values = Values(program, known, set(returns) | set(function.arguments))
    values.add(function, function.arguments)
    args = tuple(values.values[n] for n in function.arguments if n in values.values)
    back = Call(Ref("vjp_of_jvp"), (Ref(rule), Row(args, "tuple"), Upstream()))
    plan = Plan(
        rule,
        function_name,
        forward=(Bind(RESULT, Call(Ref(function_name), args)),),
        outputs=(Ref(RESULT),),
        backward=(Bind(RETURNED, back),),
        returned=Ref(RETURNED),
        order=tuple(returns) or tuple(a.name for a in args if isinstance(a, Leaf)),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        several=True,
        wrap="jax",
    )
    return Draft(plan, values.leaves)
