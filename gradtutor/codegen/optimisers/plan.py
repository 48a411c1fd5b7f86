"""The plan of an optimiser's step: numbers once a step, then passes over the arrays.

>>> from gradtutor.optimisers import OPTIMISERS
>>> plan = plan_of(OPTIMISERS["rmsprop"])
>>> [f"{name} = {value}" for name, value in plan.numbers]
['rate = learning_rate/sqrt(1 - decay)', 'scaled_epsilon = epsilon/sqrt(1 - decay)']
>>> [one.formula for one in plan.passes]
['squares = decay*squares + (1 - decay)*g**2', \
'theta = theta - learning_rate*g/(sqrt(squares) + epsilon)']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy

from gradtutor.codegen.optimisers.expressions import (
    OPERATIONS,
    Apply,
    Core,
    Name,
    Over,
    Sum,
    Times,
    Whole,
    array,
    factored,
    is_negative,
)
from gradtutor.graph import Graph, operands, origin, topological_order
from gradtutor.language import parse_formula
from gradtutor.optimisers import L2, Optimiser

#: The arrays that every update reads.
GIVEN = ("theta", "g")


@dataclass(frozen=True)
class Pass:
    """One assignment to an array, and the formula that it is."""

    target: str
    value: Sum
    formula: str


@dataclass(frozen=True)
class Plan:
    """What a step does.

    Attributes
    ----------
    constants : dict
        The optimiser's settings, by name.
    numbers : tuple
        Name and value of each number that is computed once a step, in order.
    passes : tuple of Pass
        Assignments to theta, the state and what is used more than once, in order.
    factors : dict
        Arrays of the state that are kept divided by a number: x is factor times what
        is kept. In v = beta2 v + (1 - beta2) g² the kept one is beta2 v + g².
    """

    entry: Optimiser
    constants: dict[str, float]
    numbers: tuple[tuple[sympy.Symbol, sympy.Expr], ...]
    passes: tuple[Pass, ...]
    factors: dict[str, sympy.Expr]

    @property
    def counts(self) -> bool:
        """Whether the step's number t is used."""
        return any(symbol("t") in value.free_symbols for _, value in self.numbers)

    @property
    def helpers(self) -> tuple[str, ...]:
        """Arrays besides theta, g and the state."""
        known = {*GIVEN, *self.entry.state}
        targets = dict.fromkeys(one.target for one in self.passes)
        return tuple(name for name in targets if name not in known)


def plan_of(entry: Optimiser, given: dict[str, float] | None = None) -> Plan:
    """Plan an optimiser's step.

    Parameters
    ----------
    given : dict
        Settings other than the usual ones; a ``weight_decay`` adds its slope to g where
        the optimiser has none of its own.
    """
    given = given or {}
    decayed = bool(given.get("weight_decay")) and "weight_decay" not in entry.constants
    lines = ((L2,) if decayed else ()) + entry.update
    usual = dict(entry.constants) | ({"weight_decay": 0.0} if decayed else {})
    constants = {name: given.get(name, value) for name, value in usual.items()}
    factors = _factors(entry, lines)
    reader = _Reader(entry, _written(entry, lines), factors)
    for line in lines:
        reader.read(line)
    return Plan(entry, constants, tuple(reader.numbers), tuple(reader.passes), factors)


def symbol(name: str) -> sympy.Symbol:
    """Return a number's symbol; all of them are above 0."""
    return sympy.Symbol(name, positive=True)


def _factors(entry: Optimiser, lines: tuple[str, ...]) -> dict[str, sympy.Expr]:
    """Return the numbers to keep the state without.

    An array s = a s + b x is kept as s/b = a (s/b) + x, if b is the same in every step.
    """
    found: dict[str, sympy.Expr] = {}
    reader = _Reader(entry, _written(entry, lines), {})
    changing = {symbol("t"), symbol("learning_rate")}
    for line in lines:
        value = reader.read(line)
        target = line.split(" = ")[0]
        others = [(p, core) for p, core in value.terms if core != Name(target)]
        if target in entry.state and len(others) == 1 and value.number == 0:
            number = reader.expanded(others[0][0])
            if number != 1 and not number.free_symbols & changing:
                found[target] = number
    return found


def _written(entry: Optimiser, lines: Sequence[str]) -> set[str]:
    """Return the short names that are arrays of their own.

    All others become a part of the one formula that reads them. They cannot where there
    are more, where something that they are made of is assigned before, or where a
    function's text may repeat them.
    """
    pairs = [tuple(line.split(" = ")) for line in lines]
    kept = {*GIVEN, *entry.state}
    for i, (name, text) in enumerate(pairs):
        uses = [j for j, (_, later) in enumerate(pairs) if name in names_in(later)]
        count = sum(names_in(pairs[j][1]).count(name) for j in uses)
        changed = {pairs[j][0] for j in range(i + 1, max(uses, default=0))}
        repeated = any(name in _arguments(pairs[j][1]) for j in uses)
        if count != 1 or repeated or changed & set(names_in(text)):
            kept.add(name)
    return kept


def _arguments(text: str) -> set[str]:
    """Return the arguments of the functions in a formula that are no arithmetic."""
    graph = parse_formula(text)
    known = {*OPERATIONS, "input", "number"}
    functions = [node for node in graph if graph.nodes[node]["gate"] not in known]
    return {arg for node in functions for arg in operands(graph, node)}


def names_in(text: str) -> list[str]:
    """Return the names in a formula, as often as they are read; squares read twice."""
    graph, found = parse_formula(text), []
    for node in graph:
        for arg in operands(graph, node):
            name = origin(graph, arg)
            if graph.nodes[name]["gate"] == "input" and node != f"{name}.copy":
                found += [name] * (1 + (graph.nodes[node]["gate"] == "pow"))
    return found


@dataclass
class _Reader:
    """Reads formulas line by line."""

    entry: Optimiser
    written: set[str]
    factors: dict[str, sympy.Expr]
    known: dict[str, Sum] = field(default_factory=dict)
    numbers: list[tuple[sympy.Symbol, sympy.Expr]] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)

    def read(self, line: str) -> Sum:
        """Take one assignment up: a pass, or the meaning of a short name."""
        target, text = line.split(" = ")
        value = self.value(parse_formula(text))
        if target not in self.written:
            number, core = factored(value)
            self.known[target] = Sum(((self.named(number, _hint(core)), core),))
            return value
        factor = self.factors.get(target, sympy.S.One)
        kept = [(p / factor, core) for p, core in value.terms]
        value = self.with_names(Sum(tuple(kept), value.number / factor), target)
        self.passes.append(Pass(target, value, line))
        return value

    def value(self, graph: Graph) -> Sum:
        """Return what a formula is."""
        values: dict[str, Sum] = {}
        for node in topological_order(graph):
            data, gate = graph.nodes[node], graph.nodes[node]["gate"]
            args = [values[arg] for arg in operands(graph, node)]
            if gate == "input":
                values[node] = self.input(data["name"])
            elif gate == "number":
                values[node] = Sum((), sympy.nsimplify(data["value"]))
            elif gate in OPERATIONS:
                values[node] = OPERATIONS[gate](*args)
            else:
                values[node] = Sum(((sympy.S.One, Apply(gate, *args)),))
        return values[graph.graph["output"]]

    def input(self, name: str) -> Sum:
        """Return an array, a short name's meaning, or a number."""
        if name in self.known:
            return self.known[name]
        if name in self.written:
            return array(name, self.factors.get(name, sympy.S.One))
        return Sum((), symbol(name))

    # ---- numbers that get a name ----

    def with_names(self, value: Sum, target: str) -> Sum:
        """Name all numbers that take more than a look."""
        terms = []
        for number, core in value.terms:
            own = isinstance(core, Name)
            hint = _hint(core) if own else "rate" if target == "theta" else "factor"
            negative = is_negative(number)
            named = self.named(-number if negative else number, hint)
            terms.append((-named if negative else named, self.inside(core)))
        return Sum(tuple(terms), self.named(value.number, f"{target}_offset"))

    def inside(self, core: Core) -> Core:
        """Name the numbers inside of products, quotients and functions."""
        match core:
            case Apply(gate, argument):
                return Apply(gate, self.inner(argument))
            case Times(left, right):
                return Times(self.inside(left), self.inside(right))
            case Over(above, below):
                first = None if above is None else self.inside(above)
                return Over(first, self.inside(below))
            case Whole(total):
                return Whole(self.inner(total))
        return core

    def inner(self, total: Sum) -> Sum:
        """Name the numbers of a sum inside of something."""
        terms = [(self.named(p, _hint(x)), self.inside(x)) for p, x in total.terms]
        above = total.number.as_numer_denom()[0]
        names = sorted(map(str, above.free_symbols & self.settings))
        hint = f"scaled_{names[0]}" if names else "offset"
        return Sum(tuple(terms), self.named(total.number, hint))

    @property
    def settings(self) -> set[sympy.Symbol]:
        """The optimiser's constants."""
        return {symbol(name) for name in self.entry.constants}

    def named(self, number: sympy.Expr, hint: str) -> sympy.Expr:
        """Return the name of a number, or the number if it is a name already."""
        if number.is_Symbol or number.is_Number:
            return number
        for name, value in self.numbers:
            if value == number:
                return name
        taken = {str(name) for name, _ in self.numbers}
        free = next(h for i in range(9) if (h := f"{hint}{i or ''}") not in taken)
        self.numbers.append((symbol(free), number))
        return symbol(free)

    def expanded(self, number: sympy.Expr) -> sympy.Expr:
        """Write a number by the optimiser's constants alone."""
        for name, value in reversed(self.numbers):
            number = number.subs(name, value)
        return number


def _hint(core: Core) -> str:
    """Name a number after the array that it is a factor of."""
    return f"{core.name}_factor" if isinstance(core, Name) else "factor"
