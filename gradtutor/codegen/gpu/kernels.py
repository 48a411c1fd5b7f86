"""Loops over elements as named CuPy kernels: each element is read and written once.

The C body is printed from the gates of the graph, whose backward half are sympy's
partials. What only the kernel itself reads stays in a register.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtutor.codegen.fusion.loops import FunctionPrinter, with_loops
from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.dropout import place_in_batch
from gradtutor.codegen.gpu.half_storage import is_half
from gradtutor.codegen.gpu.kernel_text import LETTERS, kernel_text
from gradtutor.codegen.ir.operands import (
    Input,
    Operand,
    input_under,
    is_cut,
    is_tensor,
    name_under,
)
from gradtutor.codegen.ir.ops import Op, array_behind
from gradtutor.codegen.ir.program import Program
from gradtutor.gates import COMPARISONS
from gradtutor.graph import inputs, node_data

#: A launch has 4 KB for its arguments.
KERNELS = LoopRules(most_arrays=32)
#: Names that CuPy gives something else, or that a kernel's types have.
NOT_FREE = {"i", "n", "T", "Y", "H"}


def device_kernels(program: Program) -> Program:
    """Replace pointwise operations by launches of kernels."""
    return with_loops(program, KERNELS, Kernel)


@dataclass
class Kernel(FunctionPrinter):
    """The lines of a kernel's body, and its parameters.

    Attributes
    ----------
    types : dict
        C type of each parameter that it reads, by its name.
    given : list of Operand
        What each of them is.
    outs : dict
        C name of each result that is written to memory, and its type.
    taken : set of str
        All names in the body.
    part : dict
        What says which part of the batch a rank has, and the argument of each.
    """

    types: dict[str, str] = field(default_factory=dict)
    given: list[Operand] = field(default_factory=list)
    outs: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    masks: dict[str, int] = field(default_factory=dict)
    part: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return the assignment of a `cp.ElementwiseKernel`."""
        reads = [f"{kind} {name}" for name, kind in self.types.items()]
        if self.masks:
            reads += ["raw uint64 clock", *self.part]
        outs = [f"{kind} {name}" for name, kind in self.outs.items()]
        return kernel_text(reads, outs, self.lines, draws=bool(self.masks))

    def arguments(self) -> tuple[list[Operand], tuple[str, ...]]:
        """Return what the kernel is launched on, and what it is told besides."""
        return self.given, ("clock", *self.part.values()) if self.masks else ()

    def line(self, op: Op, parts: list[str]) -> str:
        """Append one gate; return its element's C text."""
        text, array = c_text(op.kind, parts), op.written[0]
        name = self._named(array.name or "v1")
        if array in self.stored:
            self.outs[name] = LETTERS[array.dtype]
            self.lines.append(f"{name} = {text};")
            return f"T({name})" if array.dtype == "half" else name
        kind = "bool" if op.kind in COMPARISONS else "T"
        self.lines.append(f"const {kind} {name} = {text};")
        return name

    def _named(self, name: str, taken: set[str] | None = None) -> str:
        """Return a name that the body has not yet, or a neutral one."""
        stem, count = name.rstrip("0123456789"), 1
        if self.neutral:
            name = f"v{len(self.taken)}"
        else:
            while name in self.taken | NOT_FREE | (taken or set()):
                name, count = f"{stem}{count}", count + 1
        self.taken.add(name)
        return name

    # ---- what it reads ----

    def number(self, value: float, arg: Operand) -> str:
        """Return a number as Python writes it, for `c_text`."""
        return repr(value).removesuffix(".0")

    def read(self, arg: Operand, op: Op) -> str:
        """Return a parameter: an array's element, or a number of the batch's size."""
        source = input_under(arg)
        if source is not None and source.role == "mask":
            return self._drawn(source, op)
        if array_behind(arg) is None and not is_tensor(arg) and source is None:
            return self._parameter("number1", arg, "float64", cast=True)
        made = {one.name for one in op.written}
        kind = self._type(arg, source)
        stem = _argument_name(self.program, arg, op)
        return self._parameter(stem, arg, kind, made, cast=kind in "HYK")

    def _parameter(
        self,
        stem: str,
        arg: Operand,
        kind: str,
        taken: set[str] | None = None,
        *,
        cast: bool,
    ) -> str:
        name = self._named(stem, taken)
        self.types[name] = kind
        self.given.append(arg)
        return f"T({name})" if cast else name

    def _type(self, arg: Operand, source: Input | None) -> str:
        """Return the C type of a parameter."""
        array = array_behind(arg)
        if source is not None and source.role == "constant":
            return "K"  # float32 in --check, too
        if source is not None and source.name == "y":
            return "Y"  # labels, or in the data's own type
        if is_half(self.program, arg):
            return "H"
        return LETTERS[array.dtype] if array is not None else "T"

    def _drawn(self, mask: Input, op: Op) -> str:
        """Draw an element of dropout's mask: the same one in every kernel of a step."""
        name, graph = mask.name, self.program.graph
        assert mask.shape == op.out.shape
        if name not in self.masks:
            layer = self.masks[name] = inputs(graph, "mask").index(name)
            data, element = node_data(graph, name), "i"
            if inputs(graph, "share"):  # ranks have parts of the batch
                element, self.part = place_in_batch(data["shape"])
            drawn = f"dropout(clock[0], clock[2], {layer}, {element}, {data['rate']})"
            self.lines.append(f"const T {name} = {drawn};")
            self.taken.add(name)
        return name


def _argument_name(program: Program, arg: Operand, op: Op) -> str:
    """Name an argument as its array, the slice of z1_2 that makes i1_2 as z_i1_2."""
    stem = name_under(arg) or "x"
    if not is_cut(arg):
        return stem
    made = _result_name(program, op.node)
    return f"{stem.rstrip('_0123456789')}_{made}" if made else f"{stem}_part"


def _result_name(program: Program, node: str) -> str:
    """Return the name of what a node is, or goes into and nothing else."""
    while not program.name(node):
        readers = list(program.graph.succ[node])
        if len(readers) != 1:
            return ""
        (node,) = readers
    return program.name(node)
