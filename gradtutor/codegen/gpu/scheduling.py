"""Which pointwise calls one kernel makes, so that few bytes move between kernels.

A run takes all later calls of its shape that may come so early. Then it gives back what
it would only store for a later kernel, where computing it there moves fewer bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.codegen.ir.calls import Call
from gradtutor.codegen.ir.memory import extent
from gradtutor.codegen.ir.program import Program
from gradtutor.gates import Shape

#: Arrays that one kernel may take: a launch has 4 KB for its arguments.
MOST_ARRAYS = 32
BYTES = {"bool": 1, "half": 2}  # of an element; 4 of all others


def scheduled(facts: Facts) -> Iterator[list[Call]]:
    """Yield the calls in an order that keeps their meaning, a kernel's together."""
    waiting, moved = list(facts.program.calls), set[int]()
    while waiting:
        first = waiting[0]
        run = _slimmed(facts, _longest(facts, waiting), waiting)
        if not run and id(first) not in moved:  # its first reader's kernel makes it
            moved.add(id(first))
            place = facts.first_reader(first, waiting)
            waiting = [*waiting[1:place], first, *waiting[place:]]
            continue
        run = run or [first]
        taken = {id(call) for call in run}
        waiting = [call for call in waiting if id(call) not in taken]
        yield run


@dataclass(frozen=True)
class Facts:
    """What a program's calls read and are read by.

    Attributes
    ----------
    loss : str
        The node where the forward half ends: no kernel reaches over it.
    reads : dict
        Of each call, by identity: bytes that each array or input takes to be read.
    readers : dict
        Of each array, by identity: the calls that read it, in order.
    kept : set of int
        Arrays that are read after the step.
    """

    program: Program
    loss: str
    reads: dict[int, dict[int | str, int]] = field(default_factory=dict)
    readers: dict[int | str, list[Call]] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, program: Program, loss: str) -> Facts:
        """Look at all calls of a program once."""
        facts = cls(program, loss, kept=program.kept_arrays())
        for call in program.calls:
            mine = facts.reads[id(call)] = dict[int | str, int]()
            for arg in call.args:
                arrays = program.arrays_read(arg)
                names = [id(array) for array in arrays] or _inputs(program, arg)
                width = BYTES.get(arrays[0].dtype, 4) if arrays else 4
                for name in names:
                    mine[name] = width * elements(program, program.shape_of(arg))
            for name in mine:
                facts.readers.setdefault(name, []).append(call)
        return facts

    def readers_of(self, call: Call) -> list[Call]:
        """Return the calls that read what a call makes."""
        return self.readers.get(made_by(call), [])

    def first_reader(self, call: Call, waiting: Sequence[Call]) -> int:
        """Return the place of the call that reads it before all others."""
        readers = {id(reader) for reader in self.readers_of(call)}
        return next(i for i, one in enumerate(waiting) if id(one) in readers)

    def stored(self, run: Sequence[Call]) -> set[int]:
        """Return the arrays that a run makes and something outside it needs."""
        inside = {id(one) for one in run}
        return {
            made_by(call)
            for call in run
            if made_by(call) in self.kept
            or call.out.array.external  # type: ignore[union-attr]
            or any(id(reader) not in inside for reader in self.readers_of(call))
        }


def _inputs(program: Program, arg: Any) -> list[int | str]:
    """Return the input that an argument looks at; a mask is drawn, not read."""
    name = program.input_under(arg)
    data = program.data(name) if name else {"gate": ""}
    return [name] if data["gate"] == "input" and data.get("role") != "mask" else []


def made_by(call: Call) -> int:
    """Return the identity of the array that a pointwise call makes."""
    assert call.out is not None
    return id(call.out.array)


def elements(program: Program, shape: Shape) -> int:
    """Count the numbers of a shape for the usual batch."""
    count, per_example = extent(shape)
    return count * program.batch if per_example else count


def pointwise(call: Call) -> bool:
    """Whether a call computes each element from others at the same place."""
    return call.ufunc not in ("", "einsum") and call.out is not None


# ---- as many calls as possible ----


def _longest(facts: Facts, waiting: Sequence[Call]) -> list[Call]:
    """Return the first call and all later ones that its kernel can make as well."""
    run = [waiting[0]]
    if not pointwise(run[0]) or run[0].node == facts.loss:
        return run
    assert run[0].out is not None
    shape, made, late = run[0].out.shape, {made_by(run[0])}, set[int | str]()
    for call in waiting[1:]:
        if (
            pointwise(call)
            and call.out is not None
            and call.out.shape == shape
            and late.isdisjoint(facts.reads[id(call)])
            and _in_place(facts.program, call, made)
            and _arrays_taken(facts, [*run, call]) <= MOST_ARRAYS
        ):
            run.append(call)
            made.add(made_by(call))
        else:
            late |= {id(value.array) for value in call.outs}
        if call.node == facts.loss:
            break
    return run


def _in_place(program: Program, call: Call, made: set[int]) -> bool:
    """Whether a call reads what a kernel makes only at its own element's place."""
    assert call.out is not None
    for arg in call.args:
        if made & {id(array) for array in program.arrays_read(arg)} and (
            program.value_of(arg) is None or program.shape_of(arg) != call.out.shape
        ):
            return False
    return True


def _arrays_taken(facts: Facts, run: Sequence[Call]) -> int:
    """Count the arrays that a run's kernel reads and writes."""
    made = {made_by(call) for call in run}
    read = {name for call in run for name in facts.reads[id(call)]} - made
    return len(read) + len(facts.stored(run))


# ---- what it would only store for others ----


def _slimmed(facts: Facts, run: Sequence[Call], waiting: Sequence[Call]) -> list[Call]:
    """Give back, last ones first, the calls that a later kernel makes with less."""
    kept = list(run)
    for call in reversed(run):
        if pointwise(call) and _cheaper_later(facts, kept, call, waiting):
            kept = [one for one in kept if one is not call]
    return kept


def _cheaper_later(
    facts: Facts, run: Sequence[Call], call: Call, waiting: Sequence[Call]
) -> bool:
    """Whether the kernel of a call's first reader computes it with fewer bytes.

    Here it is written, and read there. There its arguments are read, and those that
    this run would keep in registers are written besides.
    """
    assert call.out is not None
    if not _kernel_comes(facts, run, call, waiting):
        return False
    size = BYTES.get(call.out.array.dtype, 4) * elements(facts.program, call.out.shape)
    rest = [one for one in run if one is not call]
    made, stored = {made_by(one) for one in rest}, facts.stored(run)
    written = call.out.array.external or made_by(call) in facts.kept
    written |= not all(pointwise(reader) for reader in facts.readers_of(call))
    saved = size if written else 2 * size
    for name, bytes_read in facts.reads[id(call)].items():
        if name in made:
            saved -= bytes_read if name in stored else 2 * bytes_read
        elif any(name in facts.reads[id(one)] for one in rest):
            saved -= bytes_read
    return saved > 0


def _kernel_comes(
    facts: Facts, run: Sequence[Call], call: Call, waiting: Sequence[Call]
) -> bool:
    """Whether a later kernel of this shape is the first to read what a call makes."""
    readers, inside = facts.readers_of(call), {id(one) for one in run}
    if not readers or any(id(reader) in inside for reader in readers):
        return False
    assert call.out is not None
    first = waiting[facts.first_reader(call, waiting)]
    shape = first.out.shape if first.out else None
    return pointwise(first) and shape == call.out.shape
