"""A graph's values as C: each an array of its own, or a look at another one."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.exports.c99.gates import LOOKS, LOOPS, pointwise
from gradtutor.exports.c99.loops import REAL, Body, Number, Operand, literal, looped
from gradtutor.exports.c99.views import Sizes, View, row_strides
from gradtutor.exports.onnx.writer import NoOperatorError
from gradtutor.gates import COPY, GATES, Pointwise, Shape, show_shape
from gradtutor.graph import Graph, operands, topological_order
from gradtutor.language import expression_text
from gradtutor.messages import tr

WIDTH = 88
#: Gates that become C without being opened.
KNOWN = {
    *LOOKS,
    *LOOPS,
    "reshape",
    "size",
    *(name for name, gate in GATES.items() if isinstance(gate, Pointwise)),
}


def sizes_for(shape: Shape, examples: int) -> Sizes:
    """Return a shape's numbers for so many examples: 3*N is three times as many."""
    return tuple(
        size
        if isinstance(size, int)
        else math.prod(
            int(part) if part.isdigit() else examples for part in size.split("*")
        )
        for size in shape
    )


class Values:
    """The statements that compute nodes, and the arrays that they write.

    Attributes
    ----------
    lines : list of str
        Loops, each under the formula of its value.
    declared : list of str
        The arrays.
    """

    def __init__(
        self, graph: Graph, examples: int, given: Mapping[str, View], prefix: str = "v"
    ) -> None:
        self.graph, self.examples, self.prefix = graph, examples, prefix
        self.made: dict[str, Operand] = dict(given)
        self.lines: list[str] = []
        self.declared: list[str] = []

    def compute(self, targets: Sequence[str]) -> None:
        """Append what the targets need."""
        for node in topological_order(self.graph, list(targets)):
            if node not in self.made:
                self.made[node] = self._node(node)

    def view(self, node: str) -> View:
        """Return a node's numbers as an array."""
        found = self.made[node]
        if isinstance(found, View):
            return found
        out = self._new(node, ())
        self.lines.append(f"{out.place(())} = {found.place(())};")
        return out

    def _node(self, node: str) -> Operand:
        data = self.graph.nodes[node]
        gate, attrs = data["gate"], data.get("attrs") or {}
        if gate == "number":
            return Number(repr(data["value"]))
        if gate == "input":
            raise NoOperatorError(tr("{node} has no value", node=node))
        args = [self.made[arg] for arg in operands(self.graph, node)]
        if gate == COPY:
            return args[0]
        shape = sizes_for(data["shape"], self.examples)
        if gate == "size":
            return Number(repr(float(self._count(args[0], attrs))))
        if gate == "reshape":
            return self._reshaped(node, args[0], shape)
        if gate in LOOKS:
            first = self._array(node, args[0])
            return LOOKS[gate](first, (), shape, attrs)
        out = self._new(node, shape)
        self._write(node, out, args)
        return out

    def _write(self, node: str, out: View, args: Sequence[Operand]) -> None:
        data = self.graph.nodes[node]
        gate = data["gate"]
        if isinstance(GATES[gate], Pointwise):
            lines = pointwise(gate, out, args)
        elif gate in LOOPS:
            lines = LOOPS[gate](out, args, data["attrs"])
        else:
            raise NoOperatorError(tr("C has no loop for the gate {gate}", gate=gate))
        if data["name"]:
            self.lines += self._comment(node)
        self.lines += lines

    def _comment(self, node: str) -> list[str]:
        """Say what a value is, by its formula, where that fits."""
        data = self.graph.nodes[node]
        text = expression_text(self.graph, node, limit=WIDTH - 30)
        said = f"{data['name']} = {text}" if "…" not in text else data["name"]
        line = f"// {said}  {show_shape(data['shape'])}"
        return ["", line if line.isascii() and "\\" not in line else f"// {node}"]

    def _count(self, arg: Operand, attrs: Mapping[str, Any]) -> int:
        axis = attrs.get("axis")
        if axis is None:
            return math.prod(arg.shape)
        axes = (axis,) if isinstance(axis, int) else axis
        return math.prod(arg.shape[one] for one in axes)

    def _reshaped(self, node: str, arg: Operand, shape: Sizes) -> View:
        view = self._array(node, arg)
        if not view.is_whole:
            copy = self._new(node, view.shape)
            body = Body(view.shape)
            place = copy.place(body.indices)
            body.lines.append(f"{place} = {view.place(body.indices)};")
            self.lines += looped(body)
            view = copy
        return view.reshaped(shape)

    def _array(self, node: str, arg: Operand) -> View:
        """Return an argument as an array; a number is written into one."""
        if isinstance(arg, View):
            return arg
        out = self._new(f"{node}.number", ())
        self.lines.append(f"{out.place(())} = {arg.place(())};")
        return out

    def _new(self, node: str, shape: Sizes) -> View:
        name = f"{self.prefix}{len(self.declared)}_{c_name(node)}"
        self.declared.append(f"static {REAL.get()} {name}[{math.prod(shape)}];")
        return View(name, shape, row_strides(shape))


def c_name(node: str) -> str:
    """Return a name that C takes: ``matmul_3`` for ``matmul.3``."""
    name = re.sub(r"\W", "_", node, flags=re.ASCII)
    return f"{name}_" if keyword.iskeyword(name) else name


def array_lines(name: str, array: np.ndarray, kind: str) -> list[str]:
    """Return the definition of an array with its numbers."""
    values = [literal(float(value)) for value in np.asarray(array, np.float32).flat]
    lines, row = [f"{kind} {name}[{len(values)}] = {{"], ""
    for value in values:
        if len(row) + len(value) + 2 > WIDTH - 4:
            lines.append(f"  {row}")
            row = ""
        row += f"{value}, "
    return [*lines, f"  {row.rstrip(', ')}", "};"]
