"""A function of tensors in C99: pointers to doubles in, gradients into pointers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gradtutor.calculus import backward_graph
from gradtutor.codegen.function.compiled import one_line, safe_name
from gradtutor.codegen.function.lines import NoTextError
from gradtutor.exports.c99.loops import Body, in_double, looped
from gradtutor.exports.c99.views import View, row_strides
from gradtutor.exports.c99.writer import KNOWN, Values, sizes_for
from gradtutor.exports.onnx.writer import NoOperatorError
from gradtutor.exports.opening import opened
from gradtutor.gates import Shape, show_shape
from gradtutor.graph import Graph, inputs
from gradtutor.messages import tr


def tensors_c(graph: Graph, wrt: Sequence[str], ties: str = "torch") -> str:
    """Return a file with ``value_and_gradient``, a function of arrays in row order.

    Raises
    ------
    NoTextError
        When a size is a name, the output is a tensor, or a gate has no loop in C.
    """
    for name in inputs(graph):
        _check_sizes(graph, name)
    output = graph.graph["output"]
    if graph.nodes[output]["shape"]:
        said = tr("in C the value of a function is a number, and this one is a tensor")
        raise NoTextError(f"{said}: {tr('sum it, or take --as numpy')}")
    backward = backward_graph(graph, wrt=wrt, ties=ties)
    slopes = {n: backward.of_node[n] for n in wrt if n in backward.of_node}
    try:
        with in_double():
            return _text(graph, backward.graph, slopes, wrt)
    except NoOperatorError as error:
        raise NoTextError(str(error)) from None


def _check_sizes(graph: Graph, name: str) -> None:
    shape = graph.nodes[name]["shape"] or ()
    if not all(isinstance(size, int) for size in shape):
        said = tr(
            "in C sizes are numbers, and {name} is {shape}",
            name=name,
            shape=show_shape(shape),
        )
        hint = tr("declare it as {name}: (3,), or give it a value by --at", name=name)
        raise NoTextError(f"{said}: {hint}")


def _text(
    graph: Graph, whole: Graph, slopes: dict[str, str], wrt: Sequence[str]
) -> str:
    found, targets = opened(whole, [graph.graph["output"], *slopes.values()], KNOWN)
    given = {name: _view(_argument(name), graph, name) for name in inputs(graph)}
    values = Values(found, 1, {n: v for n, v in given.items() if n in found})
    values.compute(targets)
    for name, node in zip(slopes, targets[1:], strict=True):
        values.lines += _copied(
            values, node, _view(f"d_{safe_name(name)}", graph, name)
        )
    for name in wrt:
        if name not in slopes:
            values.lines += _zeros(_view(f"d_{safe_name(name)}", graph, name))
    arguments = [f"const double *{_argument(name)}" for name in inputs(graph)]
    arguments += [f"double *d_{safe_name(name)}" for name in wrt]
    answer = values.made[targets[0]].place(())
    return "\n".join(
        [
            f"/* The value of {one_line(graph.graph['source'])} and its gradient.",
            *(f"   {_said(graph, name)}" for name in inputs(graph)),
            "   Arrays lie row by row, d_... are written; one call at a time. */",
            "#include <math.h>",
            "#include <tgmath.h>",
            "",
            "typedef double T;",
            *values.declared,
            "",
            f"double value_and_gradient({', '.join(arguments)})",
            "{",
            *(f"  {line}" if line else "" for line in values.lines),
            f"  return {answer};",
            "}",
            "",
        ]
    )


def _argument(name: str) -> str:
    """Return a name that no loop has itself."""
    local = name in ("a", "b", "c", "T", "total", "most", "found")
    return f"{name}_" if local or re.fullmatch(r"i\d+", name) else safe_name(name)


def _said(graph: Graph, name: str) -> str:
    shape: Shape = graph.nodes[name]["shape"] or ()
    return f"{name}: {show_shape(shape)}, {math.prod(sizes_for(shape, 1))} numbers."


def _view(array: str, graph: Graph, name: str) -> View:
    sizes = sizes_for(graph.nodes[name]["shape"] or (), 1)
    return View(array, sizes, row_strides(sizes))


def _copied(values: Values, node: str, to: View) -> list[str]:
    """Write a gradient in its input's shape."""
    body = Body(to.shape)
    source = values.view(node).stretched(to.shape)
    body.lines.append(f"{to.place(body.indices)} = {source.place(body.indices)};")
    return looped(body)


def _zeros(to: View) -> list[str]:
    body = Body(to.shape)
    body.lines.append(f"{to.place(body.indices)} = 0;")
    return looped(body)
