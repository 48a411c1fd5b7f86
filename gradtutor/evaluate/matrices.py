"""Hessians and Jacobians in numbers, column by column, and their check by differences.

>>> from gradtutor.language import parse
>>> from gradtutor.calculus.second_order import hessian_map
>>> graph = parse("sum(x**3)", {"x": (2,)})
>>> matrix(hessian_map(graph, "x", "x"), {"x": np.array([1.0, 2.0])}).tolist()
[[6.0, 0.0], [0.0, 12.0]]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gradtutor.calculus.backward import backward_graph
from gradtutor.calculus.second_order import LinearMap
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import Array, LabelError, node_values
from gradtutor.graph import Graph, ShapeError, inputs, with_shapes
from gradtutor.messages import tr

#: Most columns of a matrix that is worked out.
MAX_COLUMNS = 2000
POINTS = 4
STEP = 1e-5
ALLOWED = 1e-5


def matrix(linear: LinearMap, point: Mapping[str, Array]) -> Array:
    """Return a map as numbers: the result's axes, then the direction's.

    Raises
    ------
    ValueError
        When it has more than 2,000 columns.
    """
    shapes = {name: np.shape(value) for name, value in point.items()}
    if linear.node is None:
        return np.zeros(_whole(linear.shape, linear, shapes))
    spare = {
        name: _whole(linear.graph.nodes[name]["shape"] or (), linear, shapes)
        for name in inputs(linear.graph)
        if name not in point and linear.graph.nodes[name].get("value") is None
    }
    sized = with_shapes(linear.graph, shapes | spare)
    direction = sized.nodes[linear.direction]["shape"]
    count = int(np.prod(direction, dtype=int))
    if count > MAX_COLUMNS:
        raise ValueError(
            tr(
                "a matrix of {count:,} columns; the limit is {limit:,}",
                count=count,
                limit=MAX_COLUMNS,
            )
        )
    zeros = {name: np.zeros(shape) for name, shape in spare.items()}
    columns = [
        _applied(sized, linear, zeros | dict(point), one.reshape(direction))
        for one in np.eye(max(count, 1))[:count]
    ]
    stacked = np.stack(columns, axis=-1) if columns else np.zeros((0,))
    return stacked.reshape((*np.shape(columns[0]), *direction))


def _whole(
    shape: tuple[object, ...],
    linear: LinearMap,
    shapes: Mapping[str, tuple[int, ...]],
) -> tuple[int, ...]:
    sizes = {
        size: number
        for name, numbers in shapes.items()
        if name in linear.graph
        for size, number in zip(
            linear.graph.nodes[name]["shape"] or (), numbers, strict=False
        )
    }
    return tuple(one if isinstance(one, int) else int(sizes[one]) for one in shape)


def _applied(
    sized: Graph, linear: LinearMap, point: Mapping[str, Array], direction: Array
) -> Array:
    assert linear.node is not None
    known = {name: value for name, value in point.items() if name in sized}
    values = node_values(sized, {**known, linear.direction: direction}, [linear.node])
    return np.asarray(values[linear.node])


def verify_hessian(
    graph: Graph, linear: LinearMap, rows: str, columns: str, ties: str, seed: int = 0
) -> bool | None:
    """Compare a Hessian with differences of the gradient at random points.

    Returns
    -------
    bool or None
        None where no point of the domain was found.
    """
    return _verified(
        graph, linear, columns, seed, lambda at: _gradient(graph, rows, ties, at)
    )


def verify_jacobian(
    graph: Graph, linear: LinearMap, by: str, seed: int = 0
) -> bool | None:
    """Compare a Jacobian with differences of the formula at random points."""
    output = graph.graph["output"]

    def value(at: Mapping[str, Array]) -> Array:
        shapes = {name: np.shape(one) for name, one in at.items()}
        return np.asarray(node_values(with_shapes(graph, shapes), at, [output])[output])

    return _verified(graph, linear, by, seed, value)


def _verified(
    graph: Graph,
    linear: LinearMap,
    columns: str,
    seed: int,
    function: Callable[[Mapping[str, Array]], Array],
) -> bool | None:
    verdicts = []
    for attempt in range(4 * POINTS):
        point = random_point(graph, 1000 * seed + attempt)
        try:
            exact = matrix(linear, point)
            numeric, doubt = _differences(function, point, columns)
        except (ShapeError, LabelError):
            continue
        if np.isfinite(exact).all() and np.isfinite(numeric).all():
            verdicts.append(_alike(exact, numeric, doubt))
        if len(verdicts) == POINTS:
            break
    known = [verdict for verdict in verdicts if verdict is not None]
    return all(known) if known else None


def _alike(exact: Array, numeric: Array, doubt: Array) -> bool | None:
    """Compare; None where the differences themselves are in doubt."""
    scale = ALLOWED * (1 + np.abs(exact) + np.abs(numeric))
    wrong = np.abs(exact - numeric) > scale + 10 * doubt
    unsure = doubt > 100 * scale
    return None if unsure.any() and not wrong.any() else bool(not wrong.any())


def _gradient(graph: Graph, by: str, ties: str, at: Mapping[str, Array]) -> Array:
    shapes = {name: np.shape(one) for name, one in at.items()}
    back = backward_graph(with_shapes(graph, shapes), wrt=[by], ties=ties)
    if by not in back.of_node:
        return np.zeros(shapes[by])
    node = back.of_node[by]
    return np.asarray(node_values(back.graph, at, [node])[node])


def _differences(
    function: Callable[[Mapping[str, Array]], Array],
    point: Mapping[str, Array],
    by: str,
) -> tuple[Array, Array]:
    """Return central differences of fourth order, and how far two steps differ."""
    base = np.asarray(point[by], dtype=float)
    columns, doubts = [], []
    for index in np.ndindex(base.shape):
        slopes = []
        for width in (STEP * 10, STEP * 20):
            sides = []
            for sign in (1, -1):
                moved = base.copy()
                moved[index] += sign * width
                sides.append(function({**point, by: moved}))
            slopes.append((sides[0] - sides[1]) / (2 * width))
        columns.append((4 * slopes[0] - slopes[1]) / 3)
        doubts.append(np.abs(slopes[0] - slopes[1]))
    shape = (*np.shape(columns[0]), *base.shape)
    return (
        np.stack(columns, axis=-1).reshape(shape),
        np.stack(doubts, axis=-1).reshape(shape),
    )
