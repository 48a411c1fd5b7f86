"""What comes back: which argument each returned value is the gradient of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradtutor.audit.program.calls import Expr, Leaf, Row, Table, leaves
from gradtutor.audit.program.naming import match_name
from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.source import ProgramError

STORED = "@"  # begins the path of a gradient that an object keeps


def order_of(plan: Plan, returns: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what each returned value is the gradient of; empty: by keys, or unknown.

    Raises
    ------
    ProgramError
        When ``returns`` names what is no argument.
    """
    groups = [name for name, value in plan.inputs if leaves(value)]
    kept = [str(path[0]) for _, path in plan.attributes]
    names = list(dict.fromkeys([*plan.differentiable, *groups, *kept]))
    if returns:
        for name in returns:
            if name not in names and not plan.owner:
                known = ", ".join(plan.differentiable)
                raise ProgramError(f"--returns {name}: the arguments are {known}")
        return tuple(returns)
    matched = [match_name(text, names) for text in plan.texts]
    if all(matched) and len(set(matched)) == len(matched):
        return tuple(matched)
    own = list(plan.differentiable)
    inputs = [n for n in own if n in groups]
    common = [n for n in plan.arguments if n in own]
    for order in (inputs, own, groups, common):
        if len(order) == len(plan.texts):
            return tuple(order)
    return tuple(matched) if sum(map(bool, matched)) else ()


def gradients_by_leaf(
    plan: Plan, paths: Sequence[Sequence[Any]], values: Sequence[Any]
) -> Mapping[str, Any]:
    """Sort returned arrays by the leaves they are the gradients of.

    Raises
    ------
    ProgramError
        When nothing that came back is the gradient of a leaf.
    """
    found: dict[str, Any] = {}
    positional = {path[0] for path in paths if path and isinstance(path[0], int)}
    order = plan.order
    if not order and len(positional) == len(plan.differentiable):
        order = plan.differentiable
    for path, value in zip(paths, values, strict=True):
        name = _leaf(plan, path, order)
        if name in plan.differentiable and name not in found:
            found[name] = value
    if found:
        return {name: found[name] for name in plan.differentiable if name in found}
    raise ProgramError(_unclear(plan, paths, len(positional)))


def _leaf(plan: Plan, path: Sequence[Any], order: Sequence[str]) -> str:
    if path[:1] == [STORED]:
        return str(path[1])
    if not path:
        return order[0] if len(order) == 1 else _only(plan)
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        if first >= len(order):
            return ""
        return _inside(plan, order[first], rest)
    groups = [name for name, _ in plan.inputs]
    kept = [str(p[0]) for _, p in plan.attributes]
    name = match_name(first, [*plan.differentiable, *groups, *kept])
    return _inside(plan, name, rest) if name else ""


def _only(plan: Plan) -> str:
    """Return the leaf that a single value must be the gradient of."""
    inputs = [n for n, value in plan.inputs if isinstance(value, Leaf)]
    names = [n for n in inputs if n in plan.differentiable] or list(plan.differentiable)
    return names[0] if len(names) == 1 else ""


def _inside(plan: Plan, name: str, rest: Sequence[Any]) -> str:
    """Return the leaf in a group of leaves: parameters["W1"], weights[0]."""
    if name in plan.leaves and not rest:
        return name
    group = dict(plan.inputs).get(name)
    if group is not None and rest:
        return _within(group, rest, plan)
    for leaf, path in plan.attributes:
        if list(path) == [name, *rest]:
            return leaf
    key = str(rest[0]) if rest else ""
    return match_name(key, plan.differentiable) if key else ""


def _within(group: Expr, rest: Sequence[Any], plan: Plan) -> str:
    match group:
        case Table(items):
            names = dict(items)
            key = match_name(str(rest[0]), list(names))
            value = names.get(key)
            return value.name if isinstance(value, Leaf) else ""
        case Row(items) if isinstance(rest[0], int) and rest[0] < len(items):
            value = items[rest[0]]
            return value.name if isinstance(value, Leaf) else ""
    return match_name(str(rest[0]), plan.differentiable)


def _unclear(plan: Plan, paths: Sequence[Sequence[Any]], count: int) -> str:
    names = ", ".join(plan.differentiable) or "no argument"
    if count or [] in paths:
        return (
            f"{plan.function} returns {max(count, 1)} values; "
            f"the arguments are {names}\nsay which gradients these are: "
            f"--returns {','.join(plan.differentiable[:2])}"
        )
    keys = ", ".join(str(path[0]) for path in paths)
    said = f"the keys {keys}" if keys else "nothing"
    return f"{plan.function} returns {said}; the gradients are those of {names}"
