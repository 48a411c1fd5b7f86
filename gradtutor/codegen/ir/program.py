"""A step as a program: its calls in order, the arrays they write, and their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.codegen.ir.calls import Array, Call, Value, seen_as
from gradtutor.codegen.rewrite.rules import needed
from gradtutor.codegen.text.numpy_text import compose, fill, number_text, numpy_text
from gradtutor.gates import Shape
from gradtutor.graph import Graph, operands

#: Gates whose result is another look at their first argument's numbers.
VIEWS = {"reshape", "transpose", "slice", "broadcast", "flip", "windows"}
IN_PLACE = {"add": "+=", "subtract": "-=", "multiply": "*=", "divide": "/="}


@dataclass
class Program:
    """The calls that compute a graph's targets.

    An operand of a call is a Value, the name of a node of the graph, or plain text.

    Attributes
    ----------
    targets : mapping
        Wanted nodes, and the array outside that each is written into, or "".
    batch : int
        The usual number of examples.
    scalars : dict
        The text of every node that is a single number.
    constants : list of Array
        Arrays that are filled once and share memory with nothing.
    half_inputs : set of str
        Inputs that are kept in 16 bits.
    """

    graph: Graph
    targets: Mapping[str, str]
    batch: int = 64
    backend: str = "numpy"
    calls: list[Call] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    scalars: dict[str, str] = field(default_factory=dict)
    constants: list[Array] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    half_inputs: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.order = needed(self.graph, self.targets)
        self.readers = dict.fromkeys(self.order, 0)
        for node in self.order:
            for arg in operands(self.graph, node):
                self.readers[arg] += 1
        for node in self.targets:
            self.readers[node] += 1

    def data(self, node: str) -> dict[str, Any]:
        """Return a node's data."""
        found: dict[str, Any] = self.graph._node[node]
        return found

    def add_call(self, node: str, template: str, args: Sequence[Any]) -> Value:
        """Append a call that makes a node's value in an array of its own."""
        value = self.new_value(node)
        self.calls.append(Call(template, list(args), value, node=node))
        return value

    def new_value(self, node: str) -> Value:
        """Give a node a value and an array."""
        shape = self.data(node)["shape"]
        self.values[node] = Value(shape, Array(shape), node)
        return self.values[node]

    # ---- what an operand is ----

    def base(self, node: str) -> Value | None:
        """Return the value that a chain of reshapes looks at."""
        while self.data(node)["gate"] == "reshape" and node not in self.values:
            node = operands(self.graph, node)[0]
        return self.values.get(node)

    def value_of(self, operand: Any) -> Value | None:
        """Return the value that an operand is, seen through reshapes, if it is one."""
        if isinstance(operand, Value):
            return operand
        if operand not in self.graph or operand in self.scalars:
            return None
        return self.base(operand)

    def is_tensor(self, operand: Any) -> bool:
        """Whether an operand has axes."""
        if isinstance(operand, Value):
            return True
        return operand in self.graph and self.data(operand)["shape"] != ()

    def shape_of(self, operand: Any) -> Shape:
        """Return an operand's shape."""
        if isinstance(operand, Value):
            return operand.shape
        shape: Shape = self.data(operand)["shape"]
        return shape

    def arrays_read(self, operand: Any) -> list[Array]:
        """Return the arrays that an operand looks at."""
        value = self.value_of(operand)
        if value is not None:
            return [value.array]
        if operand not in self.graph or self.data(operand)["gate"] not in VIEWS:
            return []
        found = operands(self.graph, operand)
        return [array for arg in found for array in self.arrays_read(arg)]

    def arrays_used(self) -> set[int]:
        """Return all arrays that a call reads or writes."""
        used = {id(value.array) for call in self.calls for value in call.outs}
        for operand in (arg for call in self.calls for arg in call.args):
            used |= {id(array) for array in self.arrays_read(operand)}
            name = self.input_under(operand)
            used |= {id(one) for one in self.constants if one.name == name}
        return used

    def input_under(self, operand: Any) -> str:
        """Return the input that a chain of views looks at, empty if it is none."""
        if isinstance(operand, Value) or operand not in self.graph:
            return ""
        while self.data(operand)["gate"] in VIEWS:
            operand = operands(self.graph, operand)[0]
        return str(operand)

    def kept_arrays(self) -> set[int]:
        """Return the arrays of targets, which are read after the step."""
        bases = [self.base(node) for node in self.targets if node not in self.scalars]
        return {id(base.array) for base in bases if base is not None}

    # ---- texts ----

    def leaf(self, node: str) -> str:
        """Return the text of an input or a number."""
        data = self.data(node)
        return number_text(data["value"]) if data["gate"] == "number" else data["name"]

    def text(self, operand: Any) -> str:
        """Return an operand as the script writes it."""
        if isinstance(operand, Value):
            return operand.text or seen_as(operand.array, operand.shape)
        if operand in self.scalars:
            return self.scalars[operand]
        if operand not in self.graph:
            return str(operand)
        data = self.data(operand)
        if data["gate"] in ("input", "number"):
            return self.leaf(operand)
        base = self.base(operand)
        if base is not None:
            return seen_as(base.array, data["shape"])
        args = [self.text(arg) for arg in operands(self.graph, operand)]
        return compose(numpy_text(data["gate"], data["attrs"]), args)

    def statement(self, call: Call) -> str:
        """Write one call as a line of the script."""
        args = [self.text(arg) for arg in call.args]
        if call.out is None:
            return f"{call.scalar} = {compose(call.template, args)}"
        out = self.text(call.out)
        short = _in_place(call, args, out)
        if short:
            return short
        if call.template.startswith("out[...] ="):
            target = out if out.endswith("]") else f"{out}[...]"
            return f"{target} = {compose(call.template.partition('= ')[2], args)}"
        names = dict(zip("abc", args, strict=False)) | {"out": out}
        names |= {f"a{i}": text for i, text in enumerate(args)}
        names |= {f"o{i}": self.text(value) for i, value in enumerate(call.outs)}
        line = fill(call.template, names)
        return f"{call.scalar} = {line}" if call.scalar else line


def _in_place(call: Call, args: list[str], out: str) -> str:
    """Write ``z += b`` where a result takes its argument's place, else nothing."""
    if call.ufunc not in IN_PLACE or not out.isidentifier() or out not in args:
        return ""
    if args[0] == out:
        return f"{out} {IN_PLACE[call.ufunc]} {args[1]}"
    turns = call.ufunc in ("add", "multiply")
    return f"{out} {IN_PLACE[call.ufunc]} {args[0]}" if turns else ""
