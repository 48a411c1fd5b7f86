"""What comes back: which argument each returned value is the gradient of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradtutor.audit.program.calls import Expr, Leaf, Row, Table, leaves
from gradtutor.audit.program.naming import (
    DATA,
    NAMELESS,
    NO_GRADIENT,
    bare,
    is_gradient_name,
    match_name,
)
from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.results_said import unclear
from gradtutor.audit.program.source import ProgramError
from gradtutor.messages import tr

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
                raise ProgramError(
                    tr(
                        "--returns {name}: the arguments are {known}",
                        name=name,
                        known=known,
                    )
                )
        return tuple(returns)
    matched = [match_name(bare(text), names) for text in plan.texts]
    if all(matched) and len(set(matched)) == len(matched):
        return tuple(matched)
    own = list(plan.differentiable)
    inputs = [n for n in own if n in groups]
    given = dict(plan.inputs)
    graded = [n for n in groups if set(leaves(given[n])) & set(own)]
    common = [n for n in plan.arguments if n in own or n in graded]
    for order in (inputs, own, groups, common):
        if len(order) == len(plan.texts):
            return _beside(matched, order)
    return tuple(matched) if sum(map(bool, matched)) else _of_first(plan)


def is_unnamed(plan: Plan) -> bool:
    """Whether none of several results is named like a gradient."""
    texts = [bare(text) for text in plan.texts]
    return len(texts) > 1 and not any(is_gradient_name(text) for text in texts)


def _of_first(plan: Plan) -> tuple[str, ...]:
    """Take what is called a derivative, f_prime(x, a), for one by its first."""
    slope = re.search(r"prime|deriv|^d_|^d[A-Z]|_d$|slope", plan.function)
    first = plan.inputs[0][0] if plan.inputs else ""
    alone = slope and len(plan.texts) == 1 and first in plan.differentiable
    return (first,) if alone else ()


def _beside(matched: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """Give the unnamed results the names that the others leave, in their order."""
    named = [name for name in matched if name]
    if len(set(named)) < len(named) or not set(named) <= set(order):
        return tuple(order)
    left = iter([name for name in order if name not in named])
    return tuple(name or next(left) for name in matched)


@dataclass(frozen=True)
class Sorted:
    """Returned arrays by what they are the gradients of.

    Attributes
    ----------
    unchecked : tuple of int
        The places, from 0, of results of a tuple that are no leaf's gradient.
    turned : tuple of str
        What the results are the gradients of, where that is another order than that of
        the arguments.
    """

    gradients: Mapping[str, Any]
    unchecked: tuple[int, ...] = ()
    turned: tuple[str, ...] = ()


def gradients_by_leaf(
    plan: Plan,
    paths: Sequence[Sequence[Any]],
    values: Sequence[Any],
    shapes: Mapping[str, tuple[int, ...]],
) -> Sorted:
    """Sort returned arrays by the leaves they are the gradients of.

    A result without a name goes to the one leaf of its shape that no other result is
    the gradient of; where there are several and a loss is differentiated, to the one
    that is no data.

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
    if plan.unnamed and len(positional) == len(order) == len(values):
        order = _order_by_shape(order, [v.shape for v in values], shapes)
    left: dict[int, Any] = {}
    for path, value in zip(paths, values, strict=True):
        name = _leaf(plan, path, order)
        if name in plan.differentiable and name not in found:
            found[name] = value
        elif (not name or name in found) and _is_result(plan, path):
            left[path[0] if path else 0] = value
    unnamed = {i: left[i].shape for i in left if _is_unnamed(plan, i)}
    leaves = {
        n: shapes[n] for n in plan.differentiable if n in shapes and n not in found
    }
    filled = _by_shape(plan, unnamed, leaves)
    found |= {name: left.pop(i) for i, name in filled.items()}
    if not found:
        raise ProgramError(unclear(plan, paths, len(positional)))
    ordered = {name: found[name] for name in plan.differentiable if name in found}
    placed = tuple(n for n in order if n in found) if positional else ()
    own = tuple(n for n in _as_taken(plan) if n in placed)
    turned = placed if len(own) == len(placed) and own != placed else ()
    return Sorted(ordered, tuple(sorted(left)), turned)


def _as_taken(plan: Plan) -> list[str]:
    """Return the leaves in the order of the arguments."""
    inputs = [name for _, value in plan.inputs for name in leaves(value)]
    return list(dict.fromkeys([*inputs, *plan.differentiable]))


def _order_by_shape(
    order: Sequence[str],
    found: Sequence[tuple[int, ...]],
    shapes: Mapping[str, tuple[int, ...]],
) -> tuple[str, ...]:
    """Return the only order of the same names that the results' shapes allow."""
    if [shapes.get(n) for n in order] == list(found):
        return tuple(order)
    known = {n: shapes[n] for n in order if n in shapes}
    ways = _ways(list(enumerate(found)), known)
    first, second = next(ways, {}), next(ways, {})
    if not first or second:
        return tuple(order)
    return tuple(first[i] for i in range(len(order)))


def _is_result(plan: Plan, path: Sequence[Any]) -> bool:
    """Whether a place in a tuple can hold a gradient, not a loss returned as well."""
    if not all(isinstance(key, int) for key in path):
        return False
    return not NO_GRADIENT.fullmatch(_text(plan, path[0] if path else 0))


def _is_unnamed(plan: Plan, place: int) -> bool:
    """Whether the text does not say what a result is the gradient of."""
    text = _text(plan, place)
    return not is_gradient_name(text) or bool(NAMELESS.fullmatch(text))


def _text(plan: Plan, place: int) -> str:
    return bare(plan.texts[place]) if place < len(plan.texts) else ""


def _by_shape(
    plan: Plan,
    results: Mapping[int, tuple[int, ...]],
    leaves: Mapping[str, tuple[int, ...]],
) -> dict[int, str]:
    """Return the only way to give each result a leaf of its shape; {} in doubt."""
    ways = _ways(list(results.items()), leaves)
    several = next(ways, {}), next(ways, {})
    if not several[1] or plan.has_upstream:
        return {} if several[1] else several[0]
    parameters = {n: s for n, s in leaves.items() if not DATA.fullmatch(n)}
    same = dict(zip(results, parameters, strict=False))
    fits = all(results[i] == parameters[n] for i, n in same.items())
    return same if fits and len(parameters) == len(results) else {}


def _ways(
    results: Sequence[tuple[int, tuple[int, ...]]],
    leaves: Mapping[str, tuple[int, ...]],
) -> Iterator[dict[int, str]]:
    """Yield the ways to give each result a leaf of its shape, each leaf once."""
    if not results:
        yield {}
        return
    (place, shape), *others = results
    for name in [n for n, s in leaves.items() if s == shape]:
        rest = {n: s for n, s in leaves.items() if n != name}
        yield from ({place: name, **way} for way in _ways(others, rest))


def _leaf(plan: Plan, path: Sequence[Any], order: Sequence[str]) -> str:
    if path[:1] == [STORED]:
        return str(path[1])
    if not path:
        return order[0] if len(order) == 1 else _only(plan)
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        if first >= len(order):
            return match_name(rest[0], plan.differentiable) if _is_key(rest) else ""
        return _inside(plan, order[first], rest)
    groups = [name for name, _ in plan.inputs]
    kept = [str(p[0]) for _, p in plan.attributes]
    name = match_name(first, [*plan.differentiable, *groups, *kept])
    return _inside(plan, name, rest) if name else ""


def _is_key(rest: Sequence[Any]) -> bool:
    """Whether a result is a dict of gradients: ``return gradients, a``."""
    return bool(rest) and isinstance(rest[0], str)


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
