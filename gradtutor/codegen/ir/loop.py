"""A loop over time: a program of its own, run for every row of the arrays around it.

Inside, an input or a result stands for one row of something outside: ``z`` for z[t],
the state before for h[t] and the one that is made for h[t + 1]. So no row is written
twice, and what later steps read, earlier ones have written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gradtutor.codegen.ir.launches import Launch, named
from gradtutor.codegen.ir.operands import Operand, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Pass, Program
from gradtutor.codegen.ir.size import Sizes
from gradtutor.graph import Graph


@dataclass(frozen=True)
class Row:
    """Row ``t + shift`` of an operand outside, by its name inside."""

    name: str
    operand: Operand
    shift: int = 0

    @property
    def shape(self) -> Sizes:
        """Return the shape of one row."""
        return self.operand.shape[1:]

    @property
    def index(self) -> str:
        """Return the index as it is written."""
        if not self.shift:
            return "t"
        return f"t {'+' if self.shift > 0 else '-'} {abs(self.shift)}"


@dataclass(frozen=True)
class Whole:
    """An operand outside that is the same at every step, by its name inside."""

    name: str
    operand: Operand

    @property
    def shape(self) -> Sizes:
        """Return its shape."""
        return self.operand.shape


@dataclass(frozen=True, eq=False, kw_only=True)
class Loop(Op):
    """An operation that runs a program for each step t.

    Attributes
    ----------
    body : Program
        What a step does.
    reference : Graph
        What it is lowered from, whose formulas are said above its lines.
    reads : tuple of Row or Whole
        What the body's inputs stand for.
    writes : tuple of Row
        What its targets stand for: rows of values.
    count : int
        How many steps there are.
    backwards : bool
        Whether the last step comes first.
    """

    body: Program
    reference: Graph
    reads: tuple[Row | Whole, ...]
    writes: tuple[Row, ...]
    count: int
    backwards: bool = False

    @property
    def head(self) -> str:
        """Return the line that begins the loop."""
        steps = f"range({self.count})"
        return f"for t in {f'reversed({steps})' if self.backwards else steps}:"


def loop_over(
    body: Program,
    reference: Graph,
    reads: tuple[Row | Whole, ...],
    writes: tuple[Row, ...],
    *,
    count: int,
    backwards: bool,
    node: str,
) -> Loop:
    """Return a loop as an operation on what its rows are taken of.

    What it reads of its own rows is no input: the first of them holds zeros.
    """
    outputs: list[Value] = []
    for row in writes:
        assert isinstance(row.operand, Value), "a step writes into an array's row"
        outputs.append(row.operand)
    given = [one.operand for one in reads if one.operand not in outputs]
    return Loop(
        "for",
        tuple(dict.fromkeys(given)),
        tuple(dict.fromkeys(outputs)),
        node=node,
        body=body,
        reference=reference,
        reads=reads,
        writes=writes,
        count=count,
        backwards=backwards,
    )


def with_functions(program: Program, word: str) -> Program:
    """Name the functions that the operations call, of loops' bodies as well."""
    launches = [launch for one in programs(program) for launch in _launches(one)]
    functions, names = named(launches, word)
    return replace(_calling(program, names), functions=functions)


def _launches(program: Program) -> Iterator[Launch]:
    """Yield the launches of a program with their operations as they are now."""
    for op in program.ops:
        kernel = op.options.get("kernel")
        if isinstance(kernel, int):
            yield replace(program.launches[kernel], op=op)


def _calling(program: Program, names: Mapping[Op, str]) -> Program:
    ops: list[Op] = []
    for op in program.ops:
        if op in names:
            op = replace(op, options={**op.options, "function": names[op]})
        if isinstance(op, Loop):
            op = replace(op, body=_calling(op.body, names))
        ops.append(op)
    return program.with_ops(ops)


def everywhere(program: Program, one: Pass) -> Program:
    """Apply a pass to the bodies of loops, and then to what is around them."""
    ops = [
        replace(op, body=everywhere(op.body, one)) if isinstance(op, Loop) else op
        for op in program.ops
    ]
    return one(program.with_ops(ops))


def programs(program: Program) -> Iterator[Program]:
    """Yield a program, and those of the loops in it."""
    yield program
    for op in program.ops:
        if isinstance(op, Loop):
            yield from programs(op.body)
