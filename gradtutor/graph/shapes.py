"""Give a graph's inputs their shapes and carry them through every gate."""

from __future__ import annotations

from collections.abc import Mapping

from gradtutor.errors import TutorError
from gradtutor.gates import (
    GATES,
    LEAVES,
    Dimension,
    Pointwise,
    Shape,
    ShapeMismatchError,
    show_shape,
)
from gradtutor.gates.shapes import size_product
from gradtutor.graph.build import Graph, arguments, copied, gate_shape
from gradtutor.graph.order import topological_order
from gradtutor.messages import tr


class ShapeError(TutorError):
    """Shapes that do not fit, at a place of the source.

    Attributes
    ----------
    node : str
        The gate at which they meet.
    span : tuple of int or None
        Its place in the source text.
    source : str
        That text.
    """

    def __init__(
        self, message: str, node: str, span: tuple[int, int] | None, source: str = ""
    ) -> None:
        super().__init__(message)
        self.node, self.span, self.source = node, span, source


def with_shapes(graph: Graph, shapes: Mapping[str, Shape]) -> Graph:
    """Return a copy of the graph whose inputs have these shapes, all others derived.

    Raises
    ------
    ShapeError
        At the first gate whose arguments do not fit.
    """
    result = copied(graph)
    sizes: dict[str, Dimension] = {}
    for name, shape in shapes.items():
        data = result.nodes[name]
        assumed = name in graph.graph.get("implied", ())
        if data["shape"] and data.get("value") is None and not assumed:
            _check_declared(result, name, tuple(shape), sizes)
        data["shape"] = tuple(shape)
    for node in topological_order(result):
        data = result.nodes[node]
        if data["gate"] in LEAVES:
            continue
        given = tuple(result.nodes[arg]["shape"] for arg in arguments(result, node))
        try:
            data["shape"] = gate_shape(data["gate"], given, data["attrs"])
        except ShapeMismatchError as error:
            place = data["span"], result.graph["source"]
            raise ShapeError(str(error), node, *place) from None
    _check_vectors(result)
    return result


def _check_vectors(graph: Graph) -> None:
    """Refuse a matrix where a norm was read as that of numbers in a row."""
    for node in graph.graph.get("vectors", ()):
        data = graph.nodes[node] if node in graph else {}
        if len(data.get("shape") or ()) > 1:
            message = tr(
                "a norm of {name} was read as that of a vector, but it is {shape}",
                name=data["name"] or node,
                shape=show_shape(data["shape"]),
            )
            hint = tr("declare it before the formula: {name}: (2, 3)", name=node)
            source = graph.graph["source"]
            raise ShapeError(f"{message}; {hint}", node, data["span"], source)


def _check_declared(
    graph: Graph, name: str, shape: Shape, sizes: dict[str, Dimension]
) -> None:
    """Compare a value's shape with the declared one; a named size has one meaning."""
    data = graph.nodes[name]
    declared: Shape = data["shape"]
    fits = len(declared) == len(shape)
    for wanted, given in zip(declared, shape, strict=False):
        known = sizes.setdefault(wanted, given) if isinstance(wanted, str) else wanted
        fits = fits and known == given
    if not fits:
        named = [f"{size} = {sizes[size]}" for size in declared if size in sizes]
        where = tr(" with {sizes}", sizes=", ".join(named)) if named else ""
        message = tr(
            "{name} is declared {declared}{where}, but its value is {shape}",
            name=name,
            declared=show_shape(declared),
            where=where,
            shape=show_shape(shape),
        )
        raise ShapeError(message, name, data["span"], graph.graph["source"])


def grown_together(graph: Graph) -> list[tuple[str, tuple[Shape, ...]]]:
    """Return gates that pair each element with each, of as many, in unequal ranks.

    (5, 1) - (5,) is (5, 5): mostly by accident. (5, 1) - (1, 5) is written on purpose.
    """
    found = []
    for node, data in graph.nodes(data=True):
        if data["gate"] in LEAVES or not isinstance(GATES.get(data["gate"]), Pointwise):
            continue
        taken = [graph.nodes[arg]["shape"] for arg in arguments(graph, node)]
        shapes = tuple(shape for shape in taken if shape)
        sizes = {size_product(shape) for shape in shapes}
        grew = len(sizes) == 1 and size_product(data["shape"]) not in sizes
        if len({len(shape) for shape in shapes}) > 1 and grew:
            found.append((node, shapes))
    return found
