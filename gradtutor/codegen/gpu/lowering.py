"""A network's graph as calls for a GPU: each pointwise gate is one, then they fuse."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gradtutor.codegen.cpu.lowering import name_arrays, size_text
from gradtutor.codegen.gpu.convolutions import Convolution, convolutions
from gradtutor.codegen.gpu.half_storage import place_scale
from gradtutor.codegen.gpu.parts import parts_in_place
from gradtutor.codegen.gpu.products import with_epilogues
from gradtutor.codegen.gpu.structural import (
    REDUCTIONS,
    TAKE_VIEWS,
    device_text,
    follow,
    reduced_axes,
)
from gradtutor.codegen.ir.calls import Array, Call, Value
from gradtutor.codegen.ir.program import VIEWS, Program
from gradtutor.codegen.text.numpy_text import numpy_text
from gradtutor.gates import COMPARISONS, GATES, Pointwise, Shape
from gradtutor.gates.structural.windows import window_text
from gradtutor.graph import Graph, operands


def device_program(
    graph: Graph, targets: Mapping[str, str], batch: int = 64, conv: str = "windows"
) -> Program:
    """Return the calls that compute the targets on a GPU.

    Parameters
    ----------
    targets : mapping
        Wanted nodes, and the array outside that each is written into, or "".
    batch : int
        The usual number of examples.
    conv : str
        ``windows``, or ``cudnn`` where convolutions are that library's calls.
    """
    program = Program(graph, targets, batch, "cupy")
    place_scale(program)
    whole = convolutions(program) if conv == "cudnn" else {}
    for node in program.order:
        if node in whole:
            _append_convolution(program, node, whole[node])
        elif node not in program.done:
            _append(program, node)
    parts_in_place(program)
    program.calls = with_epilogues(program)
    name_arrays(program)
    return program


def _append(program: Program, node: str) -> None:
    data = program.data(node)
    gate, args = data["gate"], operands(program.graph, node)
    if gate in ("input", "number"):
        return
    if gate == "size":
        program.scalars[node] = size_text(program, args[0], data["attrs"])
    elif gate == "reshape" and program.data(args[0])["gate"] == "windows":
        _copy_windows(program, node, args[0])
    elif gate in VIEWS:
        if node in program.targets and not program.base(args[0]):
            program.add_call(
                node, f"out[...] = {numpy_text(gate, data['attrs'])}", args
            )
    elif isinstance(GATES[gate], Pointwise):
        _append_pointwise(program, node, args)
    elif gate == "einsum":
        _append_einsum(program, node, args)
    elif gate == "cross_entropy":
        _append_cross_entropy(program, node, args)
    else:
        _append_structural(program, node, args)


# ---- pointwise ----


def _append_pointwise(program: Program, node: str, args: list[str]) -> None:
    """Append one call; of numbers that the host knows, a text."""
    data = program.data(node)
    if data["shape"] == () and not any(program.value_of(arg) for arg in args):
        text = numpy_text(data["gate"], data["attrs"])
        names = dict(zip("abc", (program.text(arg) for arg in args), strict=False))
        program.scalars[node] = re.sub(
            r"\b[abc]\b", lambda found: _grouped(names[found.group()]), text
        )
        return
    value = program.add_call(node, "", args)
    program.calls[-1].ufunc = data["gate"]
    value.array.dtype = "bool" if data["gate"] in COMPARISONS else "float32"


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"[\w.]+", text) else f"({text})"


# ---- structural ----


def _copy_windows(program: Program, node: str, source: str) -> None:
    """Copy windows into a matrix: im2col."""
    attrs = program.data(source)["attrs"]
    (name,) = operands(program.graph, source)
    image = _whole(program, node, name)
    program.add_call(node, f"copy_windows(a, {window_text(attrs)}, out=out)", [image])


def _append_convolution(program: Program, node: str, found: Convolution) -> None:
    """Append a convolution, or a gradient of one, as one call of a library."""
    value = Value(found.shape, Array(found.shape), node)
    args = [_seen_as(program, node, *read) for read in found.reads]
    program.values[node] = value
    program.calls.append(Call(found.template, args, value, node=node))


def _seen_as(program: Program, node: str, arg: str, shape: Shape) -> str | Value:
    """Return an argument that lies in memory in this shape."""
    whole = _whole(program, node, arg)
    value = program.value_of(whole)
    return whole if value is None else Value(shape, value.array)


def _append_structural(program: Program, node: str, names: list[str]) -> None:
    data = program.data(node)
    gate, attrs = data["gate"], data["attrs"]
    shapes: list[Shape] = [program.data(name)["shape"] for name in names]
    args: list[str | Value] = list(names)
    if gate == "matmul":
        args = [_matrix(program, node, name) for name in names]
    elif gate not in TAKE_VIEWS:
        args = [_whole(program, node, name) for name in names]
    if gate in REDUCTIONS and not follow(reduced_axes(attrs, shapes[0])):
        args, attrs, shapes = _axes_together(program, node, args[0])
    value = program.add_call(node, device_text(gate, attrs, shapes), args)
    if gate == "pad":  # its border is filled once
        value.array.filling = repr(attrs.get("value", 0.0))
        program.constants.append(value.array)


def _whole(program: Program, node: str, arg: str) -> str | Value:
    """Return an argument that lies in memory as its axes say: a view is copied."""
    if program.value_of(arg) is not None or arg in program.scalars:
        return arg
    source = _unshaped(program, arg)
    if program.data(source)["gate"] not in VIEWS:
        return arg
    made = _copied(program, node, "out[...] = a", source, program.shape_of(source))
    return Value(program.shape_of(arg), made.array)


def _unshaped(program: Program, arg: str) -> str:
    """Return what a chain of reshapes looks at."""
    while program.data(arg)["gate"] == "reshape" and arg not in program.values:
        arg = operands(program.graph, arg)[0]
    return arg


def _matrix(program: Program, node: str, arg: str) -> str | Value:
    """Return a factor as cuBLASLt takes it: rows, or columns, that lie together."""
    data = program.data(arg)
    turned = data["gate"] == "transpose" and data["attrs"].get("axes") is None
    source = _unshaped(program, operands(program.graph, arg)[0] if turned else arg)
    if program.data(source)["gate"] == "slice" and _cuts_first(program, source):
        source = _unshaped(program, operands(program.graph, source)[0])
    if program.value_of(source) or program.data(source)["gate"] not in VIEWS:
        return arg
    return _whole(program, node, arg)


def _cuts_first(program: Program, node: str) -> bool:
    """Whether a slice takes whole rows of the first axis."""
    cuts = program.data(node)["attrs"]["cuts"]
    return all(cut == (0, None, 1) for cut in cuts[1:])


def _copied(program: Program, node: str, text: str, arg: object, shape: Shape) -> Value:
    value = Value(shape, Array(shape))
    program.calls.append(Call(text, [arg], value, node=node))
    return value


def _axes_together(
    program: Program, node: str, arg: str | Value
) -> tuple[list[str | Value], dict[str, object], list[Shape]]:
    """Turn the axes that are reduced to the end."""
    data = program.data(node)
    whole = program.shape_of(arg)
    axes = reduced_axes(data["attrs"], whole)
    order = [axis for axis in range(len(whole)) if axis not in axes] + list(axes)
    shape = tuple(whole[axis] for axis in order)
    text = f"out[...] = a.transpose({', '.join(map(str, order))})"
    value = _copied(program, node, text, arg, shape)
    last = tuple(range(len(shape) - len(axes), len(shape)))
    return [value], dict(data["attrs"]) | {"axis": last}, [shape]


def _append_einsum(program: Program, node: str, args: list[str]) -> None:
    """Append a sum of products that is no matrix product: a kernel of its own."""
    whole = [_whole(program, node, arg) for arg in args]
    subscripts = program.data(node)["attrs"]["subscripts"]
    program.add_call(node, subscripts, whole)
    program.calls[-1].ufunc = "einsum"


def _append_cross_entropy(program: Program, node: str, args: list[str]) -> None:
    """Append the loss and its gradient: one kernel over the rows writes both."""
    twin = next(
        other for other in program.order
        if program.data(other)["gate"] == "cross_entropy_slope"
        and operands(program.graph, other) == args
    )  # fmt: skip
    value, slope = program.new_value(node), program.new_value(twin)
    template = "softmax_cross_entropy(a, b, o1, out)"
    scores = [_whole(program, node, args[0]), args[1]]  # the kernel reads its rows
    program.calls.append(Call(template, scores, value, node=node, others=[slope]))
    program.done.add(twin)
