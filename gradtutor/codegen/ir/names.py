"""The names of a step's arrays."""

from __future__ import annotations

import itertools

from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.ops import MASKS, Op, array_of
from gradtutor.codegen.ir.program import Program
from gradtutor.graph import node_data

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
    "einsum": "dots",
    "recurrence": "states",
    "recurrence_slope": "dreach",
}


def name_arrays(program: Program) -> Program:
    """Name every array: a gradient's view, its node's name, or a fresh one."""
    for node in program.order:
        _name_array(program, node)
    taken = program.taken
    taken |= {str(data["name"]) for _, data in program.graph.nodes(data=True)}
    taken |= {op.number for op in program.ops}
    for op in program.ops:
        for array in op.written:
            if not array.name:
                gate = program.gate(_node_of(op, array))
                stem = "copied" if op.kind == "copy" else STEMS.get(gate, gate)
                stem = "mask" if op.kind in MASKS else stem
                array.name = _first_free(stem, taken)
    for array in program.constants:
        if not array.name:
            array.name = _first_free("zeros", taken)
    return program


def _node_of(op: Op, array: Array) -> str:
    """Return the node whose value an array is first."""
    own = [out for out in op.outputs if array_of(out) is array]
    return (own[0].node if isinstance(own[0], Value) else "") or op.node


def _name_array(program: Program, node: str) -> None:
    data, shape = node_data(program.graph, node), program.shape(node)
    if data.get("role") == "ones":
        program.constants.append(Array(shape, name=node, filling=1.0))
    base = program.base(node) if node not in program.numbers else None
    if base is None or base.array.external:
        return
    array = base.array
    if program.targets.get(node):
        array.name, array.external = program.targets[node], True
        array.spaced = False
        array.shape = shape
    elif node in program.targets:  # read after the step: it shares with nothing
        array.name, array.shape, array.filling = str(data["name"]), shape, 0.0
        program.constants.append(array)
    elif data["name"]:
        array.name, array.shape = data["name"], shape
        array.spaced = False


def _first_free(stem: str, taken: set[str]) -> str:
    for count in itertools.count(1):
        name = f"{stem}{count}"
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError
