"""Pointwise gates as NumPy's functions with ``out=``: their expression taken apart.

``1 / (1 + np.exp(-a))`` becomes four operations; a result that nothing else reads is
overwritten in place.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.codegen.ir.operands import (
    Array,
    Constant,
    Formula,
    Operand,
    Value,
    is_number,
    is_tensor,
    overwritable,
)
from gradtutor.codegen.ir.ops import MASKS, Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes, product
from gradtutor.codegen.text.expression import (
    Apply,
    Argument,
    Expression,
    Literal,
    arguments,
    expression,
)
from gradtutor.graph import operands

RELU_ZEROS = 512  # a row of zeros this long is compared at full speed
USUAL_BATCH = 32  # where the choice of an algorithm needs some number


def append_pointwise(program: Program, node: str, args: list[str]) -> None:
    """Append the operations of a pointwise gate."""
    tree = expression(program.gate(node))
    names = dict(zip("abc", args, strict=False))
    uses = list(arguments(tree))
    spare = {
        program.base(arg)
        for name, arg in names.items()
        if args.count(arg) == 1 and uses.count(name) == 1 and _is_spare(program, arg)
    }
    bound = {name: program.operand(arg) for name, arg in names.items()}
    arrays = {value.array for value in spare if value is not None}
    gate = _Gate(program, bound, program.shape(node), arrays, node)
    result = gate.append(tree)
    assert isinstance(result, Value)
    program.values[node] = result


def _is_spare(program: Program, node: str) -> bool:
    """Whether a value may be overwritten: unnamed, and read only once."""
    if program.base(node) is None or node in program.targets:
        return False
    while program.readers[node] == 1 and not program.name(node):
        if node in program.values:
            return True
        node = operands(program.graph, node)[0]
    return False


@dataclass
class _Gate:
    """One gate: its arguments, its shape, and the arrays that it may overwrite."""

    program: Program
    bound: dict[str, Operand]
    shape: Sizes
    spare: set[Array]
    node: str

    def append(self, tree: Expression) -> Operand:
        """Append the operations of an expression; return what stands for it."""
        match tree:
            case Argument(name):
                return self.bound[name]
            case Literal(value):
                return Constant(value)
            case Apply(function, parts, helper):
                made = [self.append(part) for part in parts]
                if not helper and not any(map(is_tensor, made)):
                    return Formula(function, tuple(made))
                return self._call(function, made, elementwise=not helper)

    def _call(self, name: str, made: list[Operand], elementwise: bool) -> Value:
        """Append a function of NumPy, or one that is no ufunc, such as erf."""
        array = Array(self.shape)
        if elementwise:
            name, made = self._faster(name, made)
            place = None if name in MASKS else self._place(made)
            array = place or Array(self.shape, "bool" if name in MASKS else "float32")
        value = Value(self.shape, array, self.node)
        op = Op(
            name, tuple(made), (value,), {}, node=self.node, elementwise=elementwise
        )
        self.program.ops.append(op)
        return value

    def _faster(self, name: str, made: list[Operand]) -> tuple[str, list[Operand]]:
        """Return a call of the same value that NumPy does faster."""
        if name == "power" and is_number(made[1], 2):
            return "square", made[:1]
        if name == "divide" and is_number(made[0], 1):
            return "reciprocal", made[1:]
        if name in ("maximum", "minimum") and is_number(made[1], 0):
            return name, [made[0], _zeros(self.program, self.shape)]
        return name, made

    def _place(self, made: list[Operand]) -> Array | None:
        """Return the array of an argument that the result may overwrite."""
        bound = list(self.bound.values())
        for one in made:
            if not isinstance(one, Value):
                continue
            own = not any(one is given for given in bound)  # made for this gate alone
            if (own or one.array in self.spare) and overwritable(one, self.shape):
                return one.array
        return None


def _zeros(program: Program, shape: Sizes) -> Value:
    """Return zeros to compare with: the last axes, enough for long inner loops."""
    rank = 1
    while rank < len(shape) and product(shape[-rank:]).at(USUAL_BATCH) < RELU_ZEROS:
        rank += 1
    tail = shape[-rank:]
    for array in program.constants:
        if array.filling == 0.0 and array.shape == tail and not array.name:
            return Value(tail, array)
    program.constants.append(Array(tail, filling=0.0))
    return Value(tail, program.constants[-1])
