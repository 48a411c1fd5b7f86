"""Gates of matrix algebra in LaTeX: A⁻ᵀ, xᵀ y, x yᵀ, A ⊗ B."""

from __future__ import annotations

from collections.abc import Callable

from gradtutor.explain.notation.latex_text import POWER, PRODUCT, inside
from gradtutor.graph import Graph, node_data, node_gate, node_shape, operands
from gradtutor.language.formula.unparse import ATOM, Text


def _rank(graph: Graph, node: str) -> int:
    return len(node_shape(graph, node) or ())


def is_inner(graph: Graph, node: str) -> bool:
    """Whether a node is a product that makes a number."""
    return node_gate(graph, node) == "matmul" and _rank(graph, node) == 0


def _lies(graph: Graph, node: str) -> bool:
    """Whether a vector is a row: transposed, or such a one times a matrix."""
    gate = node_gate(graph, node)
    if gate not in ("transpose", "matmul", "mul", "neg"):
        return False
    ends = operands(graph, node)
    if gate == "transpose":
        return not _lies(graph, ends[0])
    return any(_rank(graph, end) == 1 and _lies(graph, end) for end in ends) or (
        gate == "matmul" and _rank(graph, ends[0]) == 1
    )


def _product(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write A x; a vector on the left is a row."""
    left, right = inside(args[0], PRODUCT), inside(args[1], PRODUCT + 1, right=True)
    first = operands(graph, node)[0]
    if _rank(graph, first) == 1 and not _lies(graph, first):
        left = rf"{inside(args[0], ATOM)}^{{\top}}"
    return Text(rf"{left}\,{right}", PRODUCT)


def _inverse(_graph: Graph, _node: str, args: list[Text]) -> Text:
    base = inside(args[0], ATOM)
    return Text(f"{base}^{{-1}}", POWER, base=base)


def _solved(_graph: Graph, _node: str, args: list[Text]) -> Text:
    left, right = inside(args[0], ATOM), inside(args[1], PRODUCT + 1)
    return Text(rf"{left}^{{-1}}\,{right}", PRODUCT)


def _outer(_graph: Graph, _node: str, args: list[Text]) -> Text:
    """Write x yᵀ."""
    left, right = inside(args[0], PRODUCT), inside(args[1], ATOM)
    return Text(rf"{left}\,{right}^{{\top}}", PRODUCT)


def _kronecker(_graph: Graph, _node: str, args: list[Text]) -> Text:
    left, right = inside(args[0], PRODUCT), inside(args[1], PRODUCT + 1, right=True)
    return Text(rf"{left} \otimes {right}", PRODUCT)


def _transposed(graph: Graph, node: str, args: list[Text]) -> Text | None:
    """Write Aᵀ; of an inverse A⁻ᵀ."""
    if node_data(graph, node)["attrs"].get("axes"):
        return None
    (inner,) = operands(graph, node)
    if node_gate(graph, inner) == "inv" and args[0].base:
        return Text(rf"{args[0].base}^{{-\top}}", POWER)
    return Text(rf"{inside(args[0], ATOM)}^{{\top}}", POWER)


def _singular_value(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write the spectral norm as ‖A‖₂, other singular values as σ."""
    place = node_data(graph, node)["attrs"].get("place", 0)
    if place == 0:
        return Text(rf"\left\|{args[0].text}\right\|_{{2}}")
    below = r"\min" if place == -1 else str(place + 1)
    return Text(rf"\sigma_{{{below}}}({args[0].text})")


MATRICES: dict[str, Callable[[Graph, str, list[Text]], Text | None]] = {
    "matmul": _product,
    "outer": _outer,
    "transpose": _transposed,
    "inv": _inverse,
    "solve": _solved,
    "kron": _kronecker,
    "singular_value": _singular_value,
    "nuclear_norm": lambda _graph, _node, args: Text(
        rf"\left\|{args[0].text}\right\|_{{*}}"
    ),
    "polar": lambda _graph, _node, args: Text(rf"\mathrm{{polar}}({args[0].text})"),
    "eye": lambda _graph, _node, _args: Text("I"),
}
