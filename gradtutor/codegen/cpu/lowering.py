"""A graph as a list of NumPy calls that write into arrays allocated once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from gradtutor.codegen.cpu.into import INTO
from gradtutor.codegen.cpu.numba_into import NUMBA_INTO
from gradtutor.codegen.cpu.pointwise import append_pointwise
from gradtutor.codegen.cpu.products import is_long, product_call
from gradtutor.codegen.ir.calls import MASKS, Array, Call
from gradtutor.codegen.ir.program import VIEWS, Program
from gradtutor.codegen.text.numpy_text import compose, numpy_text
from gradtutor.gates import GATES, Pointwise, Shape
from gradtutor.gates.shapes import size_product
from gradtutor.graph import Graph, operands

#: What an array without a name is called, by the gate that fills it.
STEMS = {
    "reshape": "columns",
    "matmul": "product",
    "pad": "padded",
    "max_pool": "pooled",
    "avg_pool": "pooled",
    "max_unpool": "routed",
    "mean_unpool": "spread",
    "sub": "difference",
    "pow": "square",
    "mul": "scaled",
}


def lowered(
    graph: Graph, targets: Mapping[str, str], batch: int = 64, backend: str = "numpy"
) -> Program:
    """Return the calls that compute the targets.

    Parameters
    ----------
    targets : mapping
        Wanted nodes, and the array outside that each is written into, or "".
    batch : int
        The usual number of examples, by which products are cut into slices.
    backend : str
        ``numpy``, or ``numba`` for calls of compiled loops where one fits.
    """
    program = Program(graph, targets, batch, backend)
    for node in program.order:
        if node not in program.done:
            _append(program, node)
    name_arrays(program)
    return program


def _append(program: Program, node: str) -> None:
    data = program.data(node)
    gate = data["gate"]
    if gate in ("input", "number"):
        return
    args = operands(program.graph, node)
    if gate == "size":
        program.scalars[node] = size_text(program, args[0], data["attrs"])
    elif gate == "reshape" and program.data(args[0])["gate"] == "windows":
        _copy_windows(program, node, args[0])
    elif gate in VIEWS:
        if node in program.targets and not program.base(args[0]):
            program.add_call(
                node, f"out[...] = {numpy_text(gate, data['attrs'])}", args
            )
    elif data["shape"] == ():
        _append_scalar(program, node, args)
    elif isinstance(GATES[gate], Pointwise):
        append_pointwise(program, node, args)
    else:
        _append_structural(program, node, args)


def size_text(program: Program, node: str, attrs: Mapping[str, Any]) -> str:
    """Count a node's elements along some axes, as text: ``3 * N``."""
    shape, axis = program.data(node)["shape"], attrs.get("axis")
    if axis is not None:
        axes = (axis,) if isinstance(axis, int) else axis
        shape = tuple(shape[one] for one in axes)
    return str(size_product(shape)).replace("*", " * ")


def _copy_windows(program: Program, node: str, source: str) -> None:
    """Copy windows into a matrix: im2col."""
    data = program.data(source)
    sizes = ["-1" if isinstance(size, str) else str(size) for size in data["shape"]]
    target = f"out.reshape({', '.join(sizes)})"
    value = program.add_call(node, f"np.copyto({target}, a)", [source])
    value.array.spaced = is_matrix(value.shape)


def _append_structural(program: Program, node: str, args: list[str]) -> None:
    data = program.data(node)
    gate, attrs = data["gate"], data["attrs"]
    shapes = [program.data(arg)["shape"] for arg in args]
    write = INTO.get(gate)
    template = (
        write(attrs, shapes) if write else f"out[...] = {numpy_text(gate, attrs)}"
    )
    if program.backend == "numba" and gate in NUMBA_INTO:
        template = NUMBA_INTO[gate](attrs, shapes) or template
    if gate == "matmul":
        template, args = product_call(program, template, args)
    value = program.add_call(node, template, args)
    if gate == "matmul" and not data["name"] and is_matrix(data["shape"]):
        value.array.spaced = True
    if gate == "pad":  # its border is filled once
        value.array.filling = repr(attrs.get("value", 0.0))
        program.constants.append(value.array)


def is_matrix(shape: Shape) -> bool:
    """Whether a shape is rows of places times the batch."""
    return len(shape) == 2 and is_long(shape[1])


# ---- single numbers ----


def _append_scalar(program: Program, node: str, args: list[str]) -> None:
    """Write a number into its reader's line, or give it a line and a name."""
    data = program.data(node)
    gate, text = data["gate"], numpy_text(data["gate"], data["attrs"])
    if isinstance(GATES[gate], Pointwise) and not data["name"]:
        program.scalars[node] = compose(text, [program.text(arg) for arg in args])
        return
    name = data["name"] or f"{gate}_{1 + sum(bool(c.scalar) for c in program.calls)}"
    program.scalars[node] = name
    twin = _slope(program, args) if gate == "cross_entropy" else None
    if twin is None:
        program.calls.append(Call(text, args, None, scalar=name, node=node))
        return
    value = program.new_value(twin)
    text = "softmax_cross_entropy(a, b, out)"
    program.calls.append(Call(text, args, value, scalar=name, node=node))
    program.done.add(twin)


def _slope(program: Program, args: list[str]) -> str | None:
    """Return the gradient of a cross-entropy, which is computed with it."""
    for other in program.order:
        if program.data(other)["gate"] == "cross_entropy_slope" and args == (
            operands(program.graph, other)
        ):
            return other
    return None


# ---- names ----


def name_arrays(program: Program) -> None:
    """Name every array: a gradient's view, its node's name, or a fresh one."""
    for node in program.order:
        _name_array(program, node)
    taken = {data["name"] for _, data in program.graph.nodes(data=True)}
    taken |= {call.scalar for call in program.calls}
    for call in program.calls:
        for value in call.outs:
            if not value.array.name:
                gate = program.data(value.node or call.node)["gate"]
                stem = "mask" if call.ufunc in MASKS else STEMS.get(gate, gate)
                value.array.name = _first_free(stem, taken)
    for array in program.constants:
        if not array.name:
            array.name = _first_free("zeros", taken)


def _name_array(program: Program, node: str) -> None:
    data = program.data(node)
    if data.get("role") == "ones":
        program.constants.append(Array(data["shape"], name=node, filling="1.0"))
    base = program.base(node) if node not in program.scalars else None
    if base is None or base.array.external:
        return
    array = base.array
    if program.targets.get(node):
        array.name, array.external = program.targets[node], True
        array.spaced = False
        array.shape = data["shape"]
    elif node in program.targets:  # read after the step: it shares with nothing
        array.name, array.shape, array.filling = data["name"], data["shape"], "0.0"
        program.constants.append(array)
    elif data["name"]:
        array.name, array.shape = data["name"], data["shape"]
        array.spaced = False


def _first_free(stem: str, taken: set[str | None]) -> str:
    for count in itertools.count(1):
        name = f"{stem}{count}"
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError
