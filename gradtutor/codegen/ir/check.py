"""What holds for every step, asked after each pass and once memory is planned.

A value is written before it is read and not overwritten until then; shapes agree; views
lie inside what they look at; arrays that share memory are never needed at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradtutor.codegen.ir.loop import Loop, Row, everywhere
from gradtutor.codegen.ir.memory import Block, lifetimes, read_in_place
from gradtutor.codegen.ir.operands import (
    Array,
    Formula,
    Input,
    Operand,
    Value,
    View,
    inputs_read,
)
from gradtutor.codegen.ir.ops import PRODUCTS, Op
from gradtutor.codegen.ir.program import Pass, Program
from gradtutor.codegen.ir.size import Sizes, product, sizes_of
from gradtutor.gates import GATES, Structural


class BrokenStepError(AssertionError):
    """A pass has left a step that does not compute what it should: a fault of ours."""


def run_passes(program: Program, passes: Iterable[Pass]) -> Program:
    """Apply passes in order, and check the program after each.

    Raises
    ------
    BrokenStepError
        When a pass breaks what `check_program` asks; the message names it.
    """
    for one in passes:
        program = everywhere(program, one)
        try:
            check_program(program)
        except BrokenStepError as error:
            raise BrokenStepError(f"after {one.__name__}: {error}") from None
    return program


def check_program(program: Program) -> None:
    """Check that every operation reads what was meant, and that shapes agree.

    Raises
    ------
    BrokenStepError
    """
    holder: dict[Array, str] = {}  # the node whose value an array holds now
    numbers: set[str] = set()
    for op in program.ops:
        for operand in op.inputs:
            _check_operand(op, operand, holder)
        _check_shapes(op)
        for out in op.outputs:
            value = _whole(out)
            holder[value.array] = value.node
        if op.number in numbers:
            raise BrokenStepError(f"{op.number} is made twice")
        numbers |= {op.number} - {""}
        if isinstance(op, Loop):
            _check_loop(op)


def _whole(place: Operand) -> Value:
    """Return the value that a place is in."""
    while isinstance(place, View):
        place = place.args[0]
    assert isinstance(place, Value)
    return place


def _check_operand(op: Op, operand: Operand, holder: dict[Array, str]) -> None:
    if isinstance(operand, View | Formula):
        for arg in operand.args:
            _check_operand(op, arg, holder)
    if isinstance(operand, View):
        _check_view(operand)
    if not isinstance(operand, Value):
        return
    array = operand.array
    said = f"{op.kind} for {op.node} reads {array.name or operand.node}"
    if array not in holder:
        if not array.external and array.filling is None:
            raise BrokenStepError(f"{said} before it is written")
    elif array.filling is None and holder[array] != operand.node:
        raise BrokenStepError(f"{said}, which {holder[array]} has overwritten")
    if product(operand.shape) != product(array.shape):
        raise BrokenStepError(f"{said} as {show(operand.shape)}")


def show(shape: Sizes) -> str:
    """Write a shape for a message."""
    return f"({', '.join(size.text for size in shape)})"


# ---- loops ----


def _check_loop(loop: Loop) -> None:
    """Ask that a body's rows exist, have its shapes, and are written before read."""
    check_program(loop.body)
    inside = {one.name: one.shape for one in _body_inputs(loop.body)}
    for one in loop.reads:
        if inside.get(one.name, one.shape) != one.shape:
            raise BrokenStepError(f"{one.name} in a loop is no {show(one.shape)}")
    for row in (*loop.writes, *loop.reads):
        if isinstance(row, Row):
            length = row.operand.shape[0].count
            if row.shift < 0 or row.shift + loop.count > length:
                raise BrokenStepError(f"row t + {row.shift} of {length}: {row.name}")
    for made in loop.writes:
        for read in loop.reads:
            if isinstance(read, Row) and read.operand == made.operand:
                ahead = made.shift - read.shift
                if ahead != (-1 if loop.backwards else 1):
                    raise BrokenStepError(f"{read.name} is read before it is written")


def _body_inputs(body: Program) -> list[Input]:
    return [one for op in body.ops for arg in op.inputs for one in inputs_read(arg)]


# ---- shapes ----


def _by_rule(kind: str, args: Sequence[Operand], options: object) -> Sizes | None:
    """Return the shape that a structural gate's rule gives; None for other kinds."""
    gate = GATES.get(kind)
    if not isinstance(gate, Structural):
        return None
    shapes = tuple(tuple(size.dimension for size in arg.shape) for arg in args)
    return sizes_of(gate.shape(shapes, options))  # type: ignore[arg-type]


def _check_view(view: View) -> None:
    """Ask that a view has its gate's shape: a slice ends inside what it cuts."""
    if view.shape != _by_rule(view.kind, view.args, view.options):
        raise BrokenStepError(f"a view by {view.kind} cannot be {show(view.shape)}")


def _check_shapes(op: Op) -> None:
    """Ask that arguments broadcast to an element, and rules give what is made."""
    if not op.outputs:
        return
    shape = op.out.shape
    if op.elementwise:
        for arg in op.inputs:
            if not _broadcasts(arg.shape, shape) and op.kind != "loop":
                raise BrokenStepError(
                    f"{op.kind} for {op.node}: {show(arg.shape)} in {show(shape)}"
                )
        return
    wanted = None
    if op.kind in PRODUCTS:
        wanted = _product_shape(op)
    elif op.kind in GATES and op.kind != "pad":
        wanted = _by_rule(op.kind, op.inputs, op.options)
    if wanted is not None and product(wanted) != product(shape):
        raise BrokenStepError(
            f"{op.kind} for {op.node} makes {show(wanted)}, not {show(shape)}"
        )


def _product_shape(op: Op) -> Sizes | None:
    a, b = op.inputs[0].shape, op.inputs[1].shape
    if len(a) != 2 or len(b) != 2:
        return None
    turned = op.options.get("by") == "long_dot"
    inner, columns = reversed(b) if turned else b
    if a[1] != inner:
        raise BrokenStepError(f"a product for {op.node} of {show(a)} and {show(b)}")
    return a[0], columns


def _broadcasts(shape: Sizes, whole: Sizes) -> bool:
    """Whether NumPy repeats one shape to fill another."""
    last = whole[len(whole) - len(shape) :]
    fits = all(a == b or a.is_one for a, b in zip(shape, last, strict=False))
    return len(shape) <= len(whole) and fits


# ---- memory ----


def check_blocks(program: Program, blocks: Sequence[Block]) -> None:
    """Check that arrays of a block fit into it and are never needed at once.

    Raises
    ------
    BrokenStepError
    """
    first, last = lifetimes(program)
    for block in blocks:
        for array in block.arrays:
            size = product(array.shape)
            if size.names != block.size.names or size.count > block.size.count:
                raise BrokenStepError(f"{array.name} is larger than its block")
        for before, after in zip(block.arrays, block.arrays[1:], strict=False):
            if last[before] < first[after]:
                continue
            op = program.ops[first[after]]
            plain, moved = read_in_place(op)
            handed = last[before] == first[after] and op.elementwise
            if not handed or before not in plain - moved:
                raise BrokenStepError(f"{before.name} and {after.name} share memory")
