"""The circuit as a table for a terminal: one row a gate, with value and gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradtutor.evaluate import Trace
from gradtutor.evaluate.noise import without_noise
from gradtutor.gates import COPY, show_shape
from gradtutor.graph import Graph, operands, topological_order
from gradtutor.language.formula.unparse import Expressions
from gradtutor.messages import tr
from gradtutor.render.labels import Symbols
from gradtutor.render.style import Style, elided, number, rows_of_numbers, summary

if TYPE_CHECKING:
    from rich.table import Table

OPERATION_WIDTH = 40


def table(drawn: Trace | Graph, style: Style, symbols: Symbols | None = None) -> Table:
    """Return a table of every value: its operation as written, value and gradient.

    Parameters
    ----------
    drawn : Trace or Graph
        With numbers, or bare, with symbols only.
    """
    from rich import box
    from rich.table import Table

    trace = without_noise(drawn) if isinstance(drawn, Trace) else None
    graph: Graph = drawn.graph if isinstance(drawn, Trace) else drawn
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    result.add_column(tr("name"), no_wrap=True)
    result.add_column(tr("operation"), overflow="fold")
    numbers = trace is not None and style.show != "symbols"
    if numbers:
        result.add_column(tr("value"), justify="right", style="green")
        if style.gradients:
            result.add_column(tr("gradient"), justify="right", style="red")
    if symbols and style.show != "values":
        result.add_column(tr("gradient in symbols"), overflow="fold", style="red")
    written = Expressions(graph, limit=200)
    for node in topological_order(graph):
        if graph.nodes[node]["gate"] != "number" or node == graph.graph["output"]:
            cells = _cells(written, trace if numbers else None, node, style, symbols)
            result.add_row(*cells)
    return result


def _cells(
    written: Expressions,
    trace: Trace | None,
    node: str,
    style: Style,
    symbols: Symbols | None,
) -> list[str]:
    from rich.markup import escape

    graph = written.graph
    name = graph.nodes[node]["name"] or ""
    cells = [escape(name), escape(_operation(written, node))]
    if trace is not None:
        gradient = trace.node_gradients.get(node)
        mark = tr("  ← first") if trace.fault == node else ""
        shown = "" if gradient is None else _number(gradient, style)
        cells.append(_number(trace.values[node], style) + mark)
        cells += [shown] if style.gradients else []
    if symbols and style.show != "values":
        cells.append(escape(_gradient_symbol(graph, node, symbols)))
    return cells


def _operation(written: Expressions, node: str) -> str:
    """Write what a node computes from named values; a copy says what it repeats."""
    graph = written.graph
    data = graph.nodes[node]
    if data["gate"] == "input":
        shape = data["shape"]
        return f"{tr('input')} {show_shape(shape)}" if shape else tr("input")
    if data["gate"] == COPY:
        (source,) = operands(graph, node)
        count = graph.out_degree(node)
        name = graph.nodes[source]["name"] or tr("the value above")
        return tr("copy of {name}, {count} uses", name=name, count=count)
    return elided(written.text(node), OPERATION_WIDTH)


def _number(value: Any, style: Style) -> str:
    if not getattr(value, "ndim", 0):
        return number(float(value), style.digits)
    rows = rows_of_numbers(value, style.digits)
    if not rows:
        return f"{show_shape(value.shape)} {summary(value, style.digits)}"
    return "\n".join(" ".join(row) for row in rows)


def _gradient_symbol(graph: Graph, node: str, symbols: Symbols) -> str:
    """Return the gradient on the first wire that leaves the node: 0 where none does."""
    if node == graph.graph["output"]:
        return "1"
    for target, keys in graph.succ[node].items():
        return symbols.get((node, target, next(iter(keys))), "")
    return "0"
