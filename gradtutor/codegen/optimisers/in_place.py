"""A step as NumPy's calls: each is one pass over all numbers, and makes no array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sympy

from gradtutor.codegen.optimisers.expressions import (
    Apply,
    Core,
    Name,
    Over,
    Sum,
    Times,
    Whole,
    is_negative,
)
from gradtutor.codegen.optimisers.plan import Pass, Plan
from gradtutor.codegen.optimisers.text import number_text

#: Arrays for what is in between, in the order in which they are needed.
SCRATCH = ("work", "more")


@dataclass
class Calls:
    """The lines of a step.

    Attributes
    ----------
    local : set of str
        Numbers that have a name in the step; the others are attributes.
    lines : list of str
        What was written so far.
    scratch : list of str
        The arrays for what is in between that were needed so far.
    """

    local: set[str]
    lines: list[str] = field(default_factory=list)
    scratch: list[str] = field(default_factory=list)

    def write(self, one: Pass) -> None:
        """Write an assignment."""
        target, own = array_name(one.target), Name(one.target)
        others = [(p, core) for p, core in one.value.terms if core != own]
        factor = one.value.coefficient(own)
        if factor == 0:
            self._line(self._sum(one.value, [target, *SCRATCH]), target)
            return
        if factor != 1:
            self.lines.append(f"{target} *= {self._number(factor)}")
        for number, core in others:
            sign = "-" if is_negative(number) else "+"
            term = Sum(((-number if sign == "-" else number, core),))
            self.lines.append(f"{target} {sign}= {self._sum(term, SCRATCH)}")

    def _line(self, text: str, target: str) -> None:
        """Write a call that fills an array, as a line of its own."""
        if text != target:
            self.lines.append(text if "out=" in text else f"{target}[...] = {text}")

    def _number(self, number: sympy.Expr) -> str:
        return number_text(number, self.local)

    # ---- values: a name, or the call that makes the last of them ----

    def _sum(self, total: Sum, free: Sequence[str]) -> str:
        """Return the name of a sum, or the call that fills the first free array."""
        (number, core), *rest = total.terms
        text = self._core(core, free)
        if number != 1:
            text = self._then(text, "multiply", self._number(number), free)
        for factor, other in rest:
            text = self._plus(text, factor, other, free)
        if total.number != 0:
            text = self._then(text, "add", self._number(total.number), free)
        return text

    def _plus(
        self, text: str, factor: sympy.Expr, core: Core, free: Sequence[str]
    ) -> str:
        left = self._held(text, free)
        after = free[1:] if left == free[0] else free
        right = self._sum(Sum(((factor, core),)), after)
        return self._then(left, "add", self._held(right, after), free)

    def _core(self, core: Core, free: Sequence[str]) -> str:
        match core:
            case Name(name):
                return array_name(name)
            case Whole(total):
                return self._sum(total, free)
            case Apply(gate, argument):
                inner = self._held(self._sum(argument, free), free)
                return self._call(gate, inner, free)
            case Times(left, right) if left == right:
                inner = self._held(self._core(left, free), free)
                return self._call("square", inner, free)
            case Times(left, right):
                return self._pair("multiply", left, right, free)
            case Over(None, below):
                inner = self._held(self._core(below, free), free)
                return self._call("divide", f"1, {inner}", free)
            case Over(above, below):
                assert above is not None
                return self._pair("divide", above, below, free)
        raise AssertionError(core)

    def _pair(self, call: str, left: Core, right: Core, free: Sequence[str]) -> str:
        """Call a function of two arrays; what is only a name needs no array."""
        first = self._held(self._core(left, free), free)
        after = free[1:] if first == free[0] else free
        second = self._held(self._core(right, after), after)
        return self._call(call, f"{first}, {second}", free)

    def _held(self, text: str, free: Sequence[str]) -> str:
        """Let a call be done, and return the array that it has filled."""
        if "(" not in text:
            return text
        self.lines.append(text)
        return free[0]

    def _then(self, text: str, call: str, other: str, free: Sequence[str]) -> str:
        """Add or multiply one more: in place, where the array is one in between."""
        left = self._held(text, free)
        if left != free[0]:
            return self._call(call, f"{left}, {other}", free)
        sign = {"add": "+", "multiply": "*"}[call]
        self.lines.append(f"{left} {sign}= {other}")
        return left

    def _call(self, name: str, arguments: str, free: Sequence[str]) -> str:
        if free[0] in SCRATCH and free[0] not in self.scratch:
            self.scratch.append(free[0])
        return f"np.{name}({arguments}, out={free[0]})"


def array_name(name: str) -> str:
    """Return an array's name in a script."""
    return {"g": "gradient"}.get(name, name)


def step_lines(plan: Plan) -> Iterator[str]:
    """Yield the lines of a method ``step(self, theta, gradient)``."""
    local = {str(name) for name, _ in plan.numbers}
    calls = Calls(local)
    for one in plan.passes:
        calls.lines.append(f"# {one.formula}")
        calls.write(one)
    yield from number_lines(plan)
    arrays = [*plan.entry.state, *plan.helpers, *calls.scratch]
    kept = ", ".join(f"self.{name}" for name in arrays)
    yield f"{', '.join(arrays)} = {kept}"
    yield from calls.lines


def number_lines(plan: Plan) -> Iterator[str]:
    """Yield the lines that compute a step's numbers."""
    local: set[str] = set()
    if plan.counts:
        yield "self.t += 1"
    for name, value in plan.numbers:
        yield f"{name} = {number_text(value, local)}"
        local.add(str(name))


def scratch_arrays(plan: Plan) -> tuple[str, ...]:
    """Return the arrays that a step needs besides theta, the gradient and the state."""
    calls = Calls(set())
    for one in plan.passes:
        calls.write(one)
    return (*plan.helpers, *calls.scratch)
