"""A step as a program: its operations in order, and the arrays they write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradtutor.codegen.ir.launches import Launch
from gradtutor.codegen.ir.operands import (
    VIEWS,
    Array,
    Constant,
    Input,
    Number,
    Operand,
    Options,
    Value,
    View,
    frozen,
    inputs_read,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.printer import Printer
from gradtutor.codegen.ir.size import Sizes, sizes_of
from gradtutor.codegen.rewrite.rules import needed
from gradtutor.gates import Attributes
from gradtutor.graph import Graph, node_data, node_gate, node_shape, operands


@dataclass
class Program:
    """The operations that compute a graph's targets.

    Attributes
    ----------
    targets : mapping
        Wanted nodes, and the array outside that each is written into, or "".
    batch : int
        The usual number of examples.
    loss : str
        The node where the forward half ends.
    half : bool
        Whether factors of products are kept in 16 bits.
    numbers : dict
        Every node that is a single number.
    constants : list of Array
        Arrays that are filled once and share memory with nothing.
    half_inputs : set of str
        Inputs that are kept in 16 bits.
    by_reference : bool
        Whether a loop sees its arguments' memory, so that a write may change a read.
    launches : list of Launch
        The loops and kernels that operations call, by ``options["kernel"]``.
    functions : list of str
        Their texts, once all are named.
    taken : set of str
        Names that are given, in the step's other programs too.
    recurrent : dict
        For a gradient through time what its loop forward has kept.
    """

    graph: Graph
    targets: Mapping[str, str]
    batch: int
    printer: Printer
    loss: str = ""
    half: bool = False
    by_reference: bool = False
    ops: list[Op] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    constants: list[Array] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    half_inputs: set[str] = field(default_factory=set)
    launches: list[Launch] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    recurrent: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.order = needed(self.graph, self.targets)
        self.readers = dict.fromkeys(self.order, 0)
        for node in self.order:
            for arg in operands(self.graph, node):
                self.readers[arg] += 1
        for node in self.targets:
            self.readers[node] += 1

    def with_ops(self, ops: Sequence[Op]) -> Program:
        """Return the program with other operations."""
        return replace(self, ops=list(ops))

    # ---- the graph ----

    def gate(self, node: str) -> str:
        """Return a node's gate."""
        return str(node_gate(self.graph, node))

    def attrs(self, node: str) -> Attributes:
        """Return a node's settings."""
        found: Attributes = node_data(self.graph, node)["attrs"]
        return found

    def name(self, node: str) -> str:
        """Return the name that a person gave a node, or ""."""
        return str(node_data(self.graph, node)["name"] or "")

    def shape(self, node: str) -> Sizes:
        """Return a node's shape."""
        return sizes_of(node_shape(self.graph, node))

    # ---- operations ----

    def add(
        self, node: str, kind: str, inputs: Sequence[Operand], options: Options
    ) -> Value:
        """Append an operation that makes a node's value in an array of its own."""
        value = self.new_value(node)
        self.ops.append(Op(kind, tuple(inputs), (value,), options, node=node))
        return value

    def new_value(self, node: str) -> Value:
        """Give a node a value and an array."""
        shape = self.shape(node)
        self.values[node] = Value(shape, Array(shape), node)
        return self.values[node]

    # ---- what a node is to its readers ----

    def base(self, node: str) -> Value | None:
        """Return the value that a chain of reshapes looks at."""
        while self.gate(node) == "reshape" and node not in self.values:
            node = operands(self.graph, node)[0]
        return self.values.get(node)

    def operand(self, node: str) -> Operand:
        """Return what stands for a node: a number, a value, an input or a view."""
        if node in self.numbers:
            return self.numbers[node]
        data = node_data(self.graph, node)
        if data["gate"] == "number":
            return Constant(data["value"])
        shape = sizes_of(data["shape"])
        base = self.base(node)
        if base is not None:
            return Value(shape, base.array, base.node)
        if data["gate"] == "input":
            return Input(node, shape, data.get("role") or "")
        assert data["gate"] in VIEWS, f"{node} is read before it is made"
        args = tuple(self.operand(arg) for arg in operands(self.graph, node))
        return View(data["gate"], args, shape, frozen(data["attrs"]))

    def arrays_used(self) -> set[Array]:
        """Return all arrays that an operation reads or writes."""
        used = {array for op in self.ops for array in op.written}
        used |= {array for op in self.ops for array in op.read}
        given = (arg for op in self.ops for arg in op.inputs)
        names = {one.name for arg in given for one in inputs_read(arg)}
        return used | {one for one in self.constants if one.name in names}

    def kept_arrays(self) -> set[Array]:
        """Return the arrays of targets, which are read after the step."""
        bases = [self.base(node) for node in self.targets if node not in self.numbers]
        return {base.array for base in bases if base is not None}

    # ---- texts ----

    def text(self, operand: Operand) -> str:
        """Return an operand as the script writes it."""
        return self.printer.text(operand)

    def statement(self, op: Op) -> str:
        """Write one operation as a line of the script."""
        return self.printer.statement(op)


#: A rewrite of a program that keeps what it computes.
Pass = Callable[[Program], Program]
