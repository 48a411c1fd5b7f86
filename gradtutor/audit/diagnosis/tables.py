"""The forward run as numbers: each value, its gradient, and how it moves the others.

A person's forward is a tree of expressions. Finite differences at every node give its
true gradient, and the derivative of each later value by each earlier one; from these
follows what any mistaken rule at any node would have given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.diagnosis.graph import OUTPUT_SITE, Array, Event, Forward, Node


def read_tables(
    answer: Mapping[str, Any], arrays: Mapping[str, Array], names: Sequence[str]
) -> Forward | None:
    """Make the tables of what the child process has measured; None without a point."""
    rows = answer["points"]
    if not rows:
        return None
    common = _common(rows)
    nodes = _nodes(common, {site["site"]: site for site in answer["sites"]}, names)
    values, jacobians = [], []
    for i, row in enumerate(rows):
        kept = _elements(row, common)
        values.append(arrays[f"{i}.values"][kept])
        jacobian = arrays[f"{i}.jacobian"][np.ix_(kept, kept)]
        last = nodes[-1].part
        jacobian[last, last] = np.eye(nodes[-1].size)
        jacobians.append(_cleaned(jacobian))
    return Forward(
        nodes,
        tuple(values),
        tuple(jacobians),
        tuple(arrays[f"{i}.upstream"] for i in range(len(rows))),
        _events(rows, range(len(rows)), arrays),
    )


def _common(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values that are there, of one shape, at all points: keys, shapes.

    What depends on the numbers, as ``x[x > 0]`` does, has other shapes elsewhere.
    """
    shapes = [
        {tuple(k): tuple(s) for k, s in zip(row["keys"], row["shapes"], strict=True)}
        for row in rows
    ]
    keys = [
        key
        for key, shape in shapes[0].items()
        if all(other.get(key) == shape for other in shapes)
    ]
    return {"keys": keys, "shapes": [shapes[0][key] for key in keys]}


def _elements(row: Mapping[str, Any], common: Mapping[str, Any]) -> NDArray[np.int_]:
    """Return the places of the common values' elements among all of a point."""
    sizes = [int(np.prod(shape)) for shape in row["shapes"]]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    where = {tuple(key): i for i, key in enumerate(row["keys"])}
    places = [where[key] for key in common["keys"]]
    return np.concatenate([np.arange(starts[i], starts[i + 1]) for i in places])


def _cleaned(jacobian: Array) -> Array:
    """Set what is only rounding to zero; nan, from a value beyond its domain, too."""
    jacobian = np.nan_to_num(jacobian, nan=0.0, posinf=0.0, neginf=0.0)
    jacobian[np.abs(jacobian) < 1e-10] = 0.0
    return jacobian


def _nodes(
    row: Mapping[str, Any], sites: Mapping[int, Any], names: Sequence[str]
) -> tuple[Node, ...]:
    keys = [tuple(key) for key in row["keys"]]
    where = {key: i for i, key in enumerate(keys)}
    nodes, start = [], 0
    for index, ((site, count), shape) in enumerate(
        zip(keys, row["shapes"], strict=True)
    ):
        size = int(np.prod(shape))
        data = sites.get(site, {})
        parent = data.get("parent", -1)
        above = where.get((parent, count), where.get((parent, 0), -1)) if data else -1
        op, name = data.get("op", ""), data.get("name", "")
        if site == OUTPUT_SITE:
            op = "output"
        elif site < OUTPUT_SITE:
            op, name = "argument", names[-2 - site]
        nodes.append(
            Node(
                index,
                site,
                op,
                name,
                data.get("text", name),
                data.get("line", 0),
                above,
                data.get("place", 0),
                data.get("target", ""),
                _axis(data.get("axis")),
                bool(data.get("keepdims")),
                tuple(shape),
                slice(start, start + size),
                count,
            )
        )
        start += size
    return tuple(nodes)


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _events(
    rows: Sequence[Mapping[str, Any]], alike: Sequence[int], arrays: Mapping[str, Array]
) -> tuple[Event, ...]:
    """Join the events of all points; those that are not in all of them are left out.

    A branch makes other events at other points: the first of a line goes with the first
    there, and so on.
    """
    numbered = [_numbered(rows[i]["events"]) for i in alike]
    common = set(numbered[0]).intersection(*numbered[1:]) if numbered else set()
    return tuple(
        Event(
            key[0],
            key[1],
            tuple(
                arrays[f"{i}.event.{there[key]}"]
                for i, there in zip(alike, numbered, strict=True)
            ),
        )
        for key in numbered[0]
        if key in common
    )


def _numbered(events: Sequence[Sequence[Any]]) -> dict[tuple[int, str, int], int]:
    """Return the place of each event by line, name, and which of them it is."""
    seen: dict[tuple[int, str], int] = {}
    found = {}
    for place, (line, name) in enumerate(events):
        count = seen[line, name] = seen.get((line, name), -1) + 1
        found[line, name, count] = place
    return found
