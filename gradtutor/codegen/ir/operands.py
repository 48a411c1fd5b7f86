"""What an operation reads and writes: values in arrays, inputs, views, and numbers.

Operands are equal when they stand for the same numbers in the same shape; an array is
equal to itself only.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from gradtutor.codegen.ir.size import Size, Sizes, product

#: What a setting of an operation may be.
Option: TypeAlias = "bool | int | float | str | tuple[Option, ...] | None"
Options: TypeAlias = Mapping[str, Option]
Dtype = Literal["float32", "half", "bool", "uint8"]


@dataclass(eq=False)
class Array:
    """Memory for one value, or for several that follow each other in place."""

    shape: Sizes
    dtype: Dtype = "float32"
    name: str = ""
    external: bool = False
    filling: float | None = None  # what it is filled with when it is made
    spaced: bool = False  # a matrix whose rows stand a little further apart


@dataclass(frozen=True)
class Value:
    """What an operation computes; ``array`` is where it is kept."""

    shape: Sizes
    array: Array
    node: str = field(default="", compare=False)


@dataclass(frozen=True)
class Input:
    """What the step is given: a parameter, the batch, labels, a mask."""

    name: str
    shape: Sizes
    role: str = ""


@dataclass(frozen=True)
class View:
    """Other numbers' places seen in another order: a gate that moves nothing."""

    kind: str
    args: tuple[Operand, ...]
    shape: Sizes
    settings: tuple[tuple[str, Option], ...] = ()

    @cached_property
    def options(self) -> Options:
        """Return the gate's settings."""
        return dict(self.settings)


# ---- single numbers ----


@dataclass(frozen=True)
class Constant:
    """A number that is known now."""

    value: float
    shape: Sizes = ()


@dataclass(frozen=True)
class Count:
    """How many elements there are along some axes."""

    size: Size
    shape: Sizes = ()


@dataclass(frozen=True)
class Named:
    """A number that a line of the step has given a name."""

    name: str
    shape: Sizes = ()


@dataclass(frozen=True)
class Formula:
    """A number computed where it is used, by a gate or a function of NumPy."""

    kind: str
    args: tuple[Operand, ...]
    settings: tuple[tuple[str, Option], ...] = ()
    shape: Sizes = ()


Number: TypeAlias = Constant | Count | Named | Formula
Operand: TypeAlias = Value | Input | View | Number

#: Gates whose result is another look at their first argument's numbers.
VIEWS = {"reshape", "transpose", "slice", "broadcast", "flip", "windows"}
#: Functions of numbers that are known when their arguments are.
ARITHMETIC: dict[str, Callable[..., float]] = {
    **dict.fromkeys(("add",), operator.add),
    **dict.fromkeys(("sub", "subtract"), operator.sub),
    **dict.fromkeys(("mul", "multiply"), operator.mul),
    **dict.fromkeys(("div", "divide"), operator.truediv),
    **dict.fromkeys(("neg", "negative"), operator.neg),
    **dict.fromkeys(("pow", "power"), operator.pow),
}


def frozen(options: Mapping[str, Option]) -> tuple[tuple[str, Option], ...]:
    """Return settings in a form that can be compared."""
    return tuple(options.items())


def arrays_read(operand: Operand) -> list[Array]:
    """Return the arrays that an operand looks at."""
    if isinstance(operand, Value):
        return [operand.array]
    if isinstance(operand, View | Formula):
        return [array for arg in operand.args for array in arrays_read(arg)]
    return []


def input_under(operand: Operand) -> Input | None:
    """Return the input that a chain of views looks at, if it is one."""
    while isinstance(operand, View):
        operand = operand.args[0]
    return operand if isinstance(operand, Input) else None


def name_under(operand: Operand) -> str:
    """Return the name of the first array or input that an operand looks at, or ""."""
    arrays = arrays_read(operand)
    if arrays:
        return arrays[0].name
    return next((one.name for one in inputs_read(operand)), "")


def is_cut(operand: Operand) -> bool:
    """Whether a slice is taken somewhere in a chain of views."""
    while isinstance(operand, View):
        if operand.kind == "slice":
            return True
        operand = operand.args[0]
    return False


def inputs_read(operand: Operand) -> Iterator[Input]:
    """Yield all inputs that an operand looks at."""
    if isinstance(operand, Input):
        yield operand
    elif isinstance(operand, View | Formula):
        for arg in operand.args:
            yield from inputs_read(arg)


def names_read(operand: Operand) -> Iterator[str]:
    """Yield the names of all numbers that an operand is made of."""
    if isinstance(operand, Named):
        yield operand.name
    elif isinstance(operand, View | Formula):
        for arg in operand.args:
            yield from names_read(arg)


def is_tensor(operand: Operand) -> bool:
    """Whether an operand has axes."""
    return operand.shape != ()


def is_number(operand: Operand, value: float) -> bool:
    """Whether an operand is this constant."""
    return isinstance(operand, Constant) and operand.value == value


def known_number(operand: Operand) -> float | None:
    """Return a number that depends neither on the batch nor on the step, else None.

    >>> half = Formula("div", (Constant(1.0), Count(Size(2))))
    >>> known_number(half), known_number(Formula("div", (half, Count(Size(1, ("N",))))))
    (0.5, None)
    """
    match operand:
        case Constant(value):
            return value
        case Count(Size(count, ())):
            return float(count)
        case Formula(kind, args) if kind in ARITHMETIC:
            numbers = [known_number(arg) for arg in args]
            return None if None in numbers else ARITHMETIC[kind](*numbers)
    return None


def overwritable(value: Value, shape: Sizes) -> bool:
    """Whether numbers of this shape may take a value's place."""
    array = value.array
    plain = array.dtype == "float32" and array.filling is None
    return plain and product(value.shape) == product(shape)
