"""Layers that move numbers, wrap others, or put several tensors together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Batch
from gradtutor.language.program.values import Layer, Library, Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.language.tracing.cutting import concatenated, reshaped
from gradtutor.language.tracing.layers.squashing import Apply
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def _flatten(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    given = layer.item.arguments
    start, end = given.get("start_dim", 1), given.get("end_dim", -1)
    return tracer.function("flatten", [x, start, end], {}, node)  # type: ignore[no-any-return]


def _view(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    target = layer.item.arguments.get("target", ())
    target = target if isinstance(target, tuple) else (target,)
    return reshaped(tracer, x, [Batch(), *target], node)


def _unflatten(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    dim = layer.item.arguments.get("dim", 1)
    sizes = tracer.sizes(x)
    at = dim % len(sizes)
    target = layer.item.arguments.get("target", ())
    return reshaped(tracer, x, [*sizes[:at], *target, *sizes[at + 1 :]], node)


def _permute(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    t = tracer.tensor(x, node)
    dims = (0, *layer.item.arguments.get("dims", ()))
    return Tensor(t.node, tuple(t.order[axis] for axis in dims))


def _identity(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    return x


def _data_scale(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Leave out what brings the data to mean 0: the data are scaled outside."""
    return x


def _data_step(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Leave out what prepares the data; the network starts from what comes out."""
    given = layer.item.arguments
    if not layer.item.name.startswith("Random"):  # those have a warning already
        note = tr("{name} is left out: it prepares the data", name=layer.item.name)
        tracer.net.notes += [note] * (note not in tracer.net.notes)
    number = tracer.inputs.number(x)
    if number is not None:
        shape = tracer.inputs.shapes[number] or ()
        if given.get("sizes"):
            tracer.inputs.shapes[number] = (*given["sizes"], *(shape[2:] or (3,)))
        elif given.get("steps"):
            tracer.inputs.shapes[number] = (given["steps"],)
    return x


def _rescale(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    given = layer.item.arguments
    scaled = pointwise(tracer, "mul", x, float(given.get("factor", 1.0)), node)
    offset = float(given.get("offset", 0.0))
    return pointwise(tracer, "add", scaled, offset, node) if offset else scaled


def _activation(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    word = layer.item.arguments.get("activation")
    if layer.inner is not None:
        return tracer.run.call(layer.inner, [x], {}, node)
    return tracer.run.call(Library(f"keras.{word}"), [x], {}, node)


def _lambda(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    return tracer.run.call(layer.inner, [x], {}, node)


def _pattern(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    given = layer.inner
    args = [x, *given.args]
    return tracer.function(given.function.path, args, dict(given.keywords), node)


def _time_distributed(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    inner = layer.inner
    if isinstance(inner, Layer) and inner.item.kind in ("linear", "activation"):
        return tracer.apply(inner, [x], {}, node)
    if tracer.is_input(x):
        tracer.check_known(layer.item)
    sizes = tracer.sizes(tracer.tensor(x, node))
    if len(sizes) < 3 or type(sizes[1]) is not int:
        message = tr(
            "{item} takes steps of something, (N, steps, ...)", item=layer.item.name
        )
        raise tracer.net.misfit(message, layer.item)
    rows = reshaped(tracer, x, [Batch(sizes[1]), *sizes[2:]], node)
    made = tracer.run.call(inner, [rows], {}, node)
    after = tracer.sizes(made)[1:]
    return reshaped(tracer, made, [Batch(), sizes[1], *after], node)


def _repeat(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Append the same row at every step."""
    t = tracer.tensor(x, node)
    count = tracer.net.whole(layer.item.arguments.get("count"), layer.item)
    return Tensor("", (1, 0, 2), (tracer.natural(t, node),) * count)


def merge(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Join several tensors, or put them together number by number."""
    values = (
        list(args[0]) if len(args) == 1 and isinstance(args[0], list | tuple) else args
    )
    how = layer.item.arguments["how"]
    if how == "concat":
        axis = layer.item.arguments.get("axis", -1)
        return concatenated(tracer, values, axis, node)
    total = values[0]
    for value in values[1:]:
        total = pointwise(
            tracer, "add" if how == "average" else how, total, value, node
        )
    return (
        pointwise(tracer, "div", total, len(values), node)
        if how == "average"
        else total
    )


#: Layers that move numbers or hold another, by their kind.
MOVING: dict[str, Apply] = {
    "flatten": _flatten,
    "view": _view,
    "unflatten": _unflatten,
    "permute": _permute,
    "identity": _identity,
    "input": _identity,
    "rescale": _rescale,
    "data_scale": _data_scale,
    "data_step": _data_step,
    "activation": _activation,
    "lambda": _lambda,
    "pattern": _pattern,
    "time_distributed": _time_distributed,
    "repeat_vector": _repeat,
}
