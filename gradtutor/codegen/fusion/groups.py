"""Which operations one loop makes, so that few bytes move between loops.

Each operation joins the first loop that may make it as well. Then a loop gives back
what it would only store for a later one, where making it there moves fewer bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtutor.codegen.fusion.facts import Facts
from gradtutor.codegen.ir.operands import Value, arrays_read
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.size import Sizes


@dataclass(eq=False)
class Group:
    """Operations that one loop over the elements of a shape makes.

    Attributes
    ----------
    head : Op or None
        A product, a sum, or what else is no loop's; None where all is of each element.
    ops : list of Op
        What is of each element, in order.
    level : int
        How many loops come before it, one after the other.
    """

    shape: Sizes
    head: Op | None
    ops: list[Op]
    level: int

    def all(self) -> list[Op]:
        """Return all operations of the loop."""
        return [*([self.head] if self.head else []), *self.ops]


def grouped(facts: Facts) -> list[Group]:
    """Return a program's operations as loops, in an order that keeps their meaning."""
    found = _Groups(facts)
    for op in facts.program.ops:
        found.place(op)
    if facts.rules.moves_later:
        for group in found.groups:
            found.move_later(group)
    return found.in_order()


class _Groups:
    """The loops of a program while they are found."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.rules = facts, facts.rules
        self.groups: list[Group] = []
        self.alike: dict[Sizes, list[Group]] = {}  # those of a shape that may grow
        self.home: dict[Op, Group] = {}

    # ---- as many operations as possible ----

    def place(self, op: Op) -> None:
        """Let an operation join a loop that is there, or begin one."""
        before = [self.home[one] for one in self.facts.before[op]]
        fits = self.rules.fits(op)
        open_to_it = self._open(op, before) if fits else []
        takes = (one for one in open_to_it if self._takes(one, op, before))
        group = next(takes, None) or self._begun(op, fits, before)
        if fits:
            group.ops.append(op)
        self.home[op] = group
        if self.rules.forward_apart and op.node == self.facts.program.loss:
            self.alike.clear()

    def _begun(self, op: Op, fits: bool, before: Sequence[Group]) -> Group:
        shape = op.out.shape if op.outputs else ()
        waits = 1 + max((one.level for one in before), default=-1)
        level = waits if self.rules.parallel else len(self.groups)
        group = Group(shape, None if fits else op, [], level)
        self.groups.append(group)
        if fits or op.kind in self.rules.heads:
            self.alike.setdefault(shape, []).append(group)
        return group

    def _open(self, op: Op, before: Sequence[Group]) -> Iterator[Group]:
        """Yield the loops that an operation might join, the first first."""
        last = max(before, key=lambda one: one.level, default=None)
        for group in self.alike.get(op.out.shape, []):
            late = last is None or last.level <= group.level
            next_to_it = self.rules.reaches_over or group is self.groups[-1]
            related = self.rules.unrelated or group is last
            if late and next_to_it and related:
                yield group

    def _takes(self, group: Group, op: Op, before: Sequence[Group]) -> bool:
        """Whether a loop may make an operation after all that it makes already."""
        rest = all(one.level < group.level for one in before if one is not group)
        whole = group.all()
        return rest and in_place(whole, [op]) and self._is_few([*whole, op])

    def _is_few(self, ops: Sequence[Op]) -> bool:
        """Whether a loop's arrays are not too many."""
        most = self.rules.most_arrays
        return most is None or self.facts.arrays_taken(ops) <= most

    # ---- what it would only store for others ----

    def move_later(self, earlier: Group) -> None:
        """Give back what a later loop makes with fewer bytes."""
        after = (one for op in earlier.ops for one in self.facts.after[op])
        later = dict.fromkeys(self.home[one] for one in after)
        for group in sorted(later, key=lambda one: one.level):
            other = group is not earlier and self._grows(group)
            moved = self._cheapest(earlier, group) if other else []
            if moved:
                earlier.ops = [op for op in earlier.ops if op not in moved]
                group.ops = self._joined(moved, group.ops)
                self.home |= dict.fromkeys(moved, group)

    def _grows(self, group: Group) -> bool:
        return group.head is None or group.head.kind in self.rules.heads

    def _cheapest(self, earlier: Group, later: Group) -> list[Op]:
        """Return which last ones another loop makes with the fewest bytes."""
        chosen, moved = list[Op](), list[Op]()
        least = self._bytes(earlier, later, moved)
        for op in reversed(earlier.ops):
            if earlier.shape != later.shape or not self._may_move(op, later, moved):
                continue
            moved = [op, *moved]
            found = self._bytes(earlier, later, moved)
            if found <= least:
                least, chosen = found, moved
        return chosen

    def _may_move(self, op: Op, later: Group, moved: Sequence[Op]) -> bool:
        """Whether nothing needs an operation before a loop, and the loop needs it."""
        needing = [one for one in self.facts.after[op] if one not in moved]
        others = [one for one in needing if one not in later.ops]
        if any(self.home[one].level <= later.level for one in others):
            return False
        needed = len(needing) < len(self.facts.after[op]) or len(others) < len(needing)
        return needed and in_place([op], later.ops)

    def _bytes(self, earlier: Group, later: Group, moved: Sequence[Op]) -> float:
        """Count the bytes of two loops if some operations move to the later one."""
        kept = [op for op in earlier.all() if op not in moved]
        whole = [*moved, *later.all()]
        if not self._is_few(whole):
            return math.inf
        return self.facts.traffic(kept) + self.facts.traffic(whole)

    def _joined(self, moved: Sequence[Op], ops: Sequence[Op]) -> list[Op]:
        """Put operations before the first that needs one of them."""
        needing = {one for op in moved for one in self.facts.after[op]}
        place = next(i for i, op in enumerate(ops) if op in needing)
        return [*ops[:place], *moved, *ops[place:]]

    # ---- the order ----

    def in_order(self) -> list[Group]:
        """Return the loops, each as soon as what it needs is made."""
        groups = [group for group in self.groups if group.all()]
        for level, group in enumerate(groups):
            needed = (self.home[x] for op in group.all() for x in self.facts.before[op])
            levels = [one.level for one in needed if one is not group]
            parallel = self.rules.parallel
            group.level = 1 + max(levels, default=-1) if parallel else level
        return sorted(groups, key=lambda one: one.level)


def in_place(ops: Sequence[Op], others: Sequence[Op]) -> bool:
    """Whether operations and others after them see each other's results only in place.

    A turned or cut view of what a loop itself writes would be read before, or after, it
    is written.
    """
    for first, second in ((ops, others), (others, ops)):
        made = {array for op in first for array in op.written}
        for op in second:
            for arg in op.inputs:
                whole = isinstance(arg, Value) and arg.shape == op.out.shape
                if not whole and not made.isdisjoint(arrays_read(arg)):
                    return False
    return True
