"""Loops over elements as small compiled functions."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradtutor.codegen.fusion.loops import FunctionPrinter, with_loops
from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.ir.launches import NAME
from gradtutor.codegen.ir.operands import (
    Operand,
    Value,
    is_cut,
    is_tensor,
    name_under,
)
from gradtutor.codegen.ir.ops import Op, array_behind
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.codegen.text.numpy_text import number_text

#: What an element of each call is, in compiled Python's operators.
SCALAR = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "square": "{0} * {0}",
    "reciprocal": "1 / {}",
    "maximum": "max({}, {})",
    "minimum": "min({}, {})",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "equal": "{} == {}",
    "not_equal": "{} != {}",
    "where": "{1} if {0} else {2}",
    "sqrt": "math.sqrt({})",
    "absolute": "abs({})",
}
#: A product with a mask as a choice; the 0 has the arrays' type.
CHOICE, ZERO = "{} if {} else {}", "zero"
#: The loop variables of tensors with so many axes, outermost first.
INDICES = {1: "i", 2: "ni", 3: "cin", 4: "cijn", 5: "cijkn", 6: "cijhwn"}


def _fits(op: Op) -> bool:
    """Whether a scalar loop is as quick: NumPy's exp and tanh are vectorised."""
    return op.elementwise and op.kind in SCALAR


COMPILED = LoopRules(fits=_fits, reaches_over=False, moves_later=False, least=2)


def compile_loops(program: Program) -> Program:
    """Replace runs of pointwise operations by calls of compiled loops."""
    return with_loops(program, COMPILED, CompiledLoop)


@dataclass(frozen=True)
class Line:
    """``name = …``: an element, by what operator, and of which elements and numbers."""

    name: str
    template: str
    parts: tuple[str, ...]


@dataclass
class CompiledLoop(FunctionPrinter):
    """A compiled function: what it reads and writes, and the lines of its body.

    Attributes
    ----------
    reads : list of Operand
        What comes from outside.
    numbers : list of Operand
        Single numbers that are known only when the script runs.
    body : list of Line
        Each element, in order.
    constants : dict
        Names of numbers that have the arrays' type, and what they are.
    masks : set of str
        The elements that are conditions.
    """

    reads: list[Operand] = field(default_factory=list)
    numbers: list[Operand] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    masks: set[str] = field(default_factory=set)

    # ---- its lines ----

    def line(self, op: Op, parts: list[str]) -> str:
        """Append an element; a product with a mask is a choice."""
        name, template = f"value{len(self.body)}", SCALAR[op.kind]
        masked = [part for part in parts if part in self.masks]
        if op.kind == "multiply" and masked:
            a, b = parts
            template = CHOICE
            parts = [a, b, ZERO] if b in self.masks else [b, a, ZERO]
        self.body.append(Line(name, template, tuple(parts)))
        return self._seen(name, op.out)

    def number(self, value: float, arg: Operand) -> str:
        """Name a number that is known."""
        del value
        return self._constant(self.program.text(arg))

    def read(self, arg: Operand, op: Op) -> str:
        """Return an element, or a number that is handed to the function."""
        array = array_behind(arg)
        if array and array.filling is not None and array not in self.facts.written:
            return self._constant(number_text(array.filling))
        if not isinstance(arg, Value) and not is_tensor(arg):
            self.numbers.append(arg)
            return self._constant(f"number{len(self.numbers) - 1}")
        self.reads.append(arg)
        return self._seen(f"element{len(self.reads) - 1}", arg)

    def _seen(self, name: str, operand: Operand) -> str:
        """Note which elements are conditions."""
        array = array_behind(operand)
        self.masks |= {name} if array is not None and array.dtype == "bool" else set()
        return name

    def _constant(self, text: str) -> str:
        """Name a number; it takes the arrays' type, so that float32 stays float32."""
        for name, known in self.constants.items():
            if known == text:
                return name
        name = f"constant{len(self.constants)}"
        self.constants[name] = text
        return name

    # ---- the function ----

    def arguments(self) -> tuple[list[Operand], tuple[str, ...]]:
        """Return what the function is called with."""
        return [*self.reads, *self.numbers], ()

    def text(self) -> str:
        """Write the compiled function, its own name left open."""
        inputs, outs = self._inputs(), self._outs()
        numbers = [f"number{i}" for i in range(len(self.numbers))]
        lines = ['@njit(nogil=True, error_model="numpy", cache=True)']
        lines.append(f"def {NAME}({', '.join([*inputs, *numbers, *outs])}):")
        lines.append(f'    """{self._docstring(inputs, outs)}"""')
        constants = dict(self.constants)
        if any(ZERO in line.parts for line in self.body):
            constants[ZERO] = "0"
        kind = f"{outs[0]}.dtype.type"
        lines += [f"    {key} = {kind}({text})" for key, text in constants.items()]
        return "\n".join([*lines, *self._nest(inputs, outs)])

    def _inputs(self) -> list[str]:
        """Name the arguments after the arrays that they are."""
        names: list[str] = []
        for i, arg in enumerate(self.reads):
            name = "" if is_cut(arg) or self.neutral else name_under(arg)
            names.append(f"in{i}" if name in ("", *names) else name)
        return names

    def _outs(self) -> list[str]:
        count = len(self.stored)
        return [f"out{i}" for i in range(count)] if count > 1 else ["out"]

    def _nest(self, inputs: list[str], outs: list[str]) -> list[str]:
        """Write a loop for each axis, and inside it the body."""
        indices, lines = INDICES[len(self.group.shape)], list[str]()
        for depth, index in enumerate(indices):
            margin = "    " * (depth + 1)
            lines.append(f"{margin}for {index} in range({outs[0]}.shape[{depth}]):")
        inner = "    " * (len(indices) + 1)
        # what is read is read before any choice, so that LLVM vectorises
        for i, (name, arg) in enumerate(zip(inputs, self.reads, strict=True)):
            at = _index(arg.shape, self.group.shape, indices)
            lines.append(f"{inner}element{i} = {name}[{at}]")
        for line in self.body:
            lines.append(f"{inner}{line.name} = {line.template.format(*line.parts)}")
        # all that is read is read before anything is written: arrays may share memory
        for out, array in zip(outs, self.stored, strict=True):
            lines.append(f"{inner}{out}[{', '.join(indices)}] = {self.made[array]}")
        return lines

    def _docstring(self, inputs: list[str], outs: list[str]) -> str:
        """Say what the loop computes, by nesting its lines."""
        said = self.constants | {ZERO: "0"}
        said |= {f"element{i}": name for i, name in enumerate(inputs)}
        for line in self.body:
            parts = [said.get(part, part) for part in line.parts]
            inner = [
                f"({text})" if " " in text and part.startswith("value") else text
                for part, text in zip(line.parts, parts, strict=True)
            ]
            said[line.name] = line.template.format(*inner)
        made = zip(outs, self.stored, strict=True)
        told = "; ".join(f"{out} = {said[self.made[array]]}" for out, array in made)
        return f"{told}." if len(told) <= 76 else f"Fused loop over {outs[0]}."


def _index(shape: Sizes, whole: Sizes, indices: str) -> str:
    """Index an argument that may be broadcast: axes of size 1 at 0."""
    missing = len(whole) - len(shape)
    return ", ".join(
        "0"
        if size.is_one and not whole[missing + axis].is_one
        else indices[missing + axis]
        for axis, size in enumerate(shape)
    )
