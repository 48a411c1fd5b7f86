"""What the backward pass asks of a gate's partials, from a table that sympy printed.

sympy takes 0.3 s to import, so `slopes.json` holds its answers for the built-in gates;
a test proves each equal to what sympy says. Anything else, x**7.3, is asked of sympy.

>>> slope("tanh", 0).adjoint.steps[-1]
Step(gate='mul', args=(1, 2))
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gradtutor.calculus.partials import (
    UNKNOWN,
    Power,
    partial,
    upstream_times_partial,
)
from gradtutor.calculus.recipe import Recipe, Step, functions, recipe
from gradtutor.deferred import sympy
from gradtutor.gates import GATES, TIE_RULES, Pointwise
from gradtutor.gates.pointwise import POINTWISE

TABLE = Path(__file__).with_name("slopes.json")
#: Exponents whose slopes are in the table.
EXPONENTS = (-3.0, -2.0, -1.0, -0.5, 0.5, *map(float, range(11)))
BUILT_IN = {gate.name: gate for gate in POINTWISE}


@dataclass(frozen=True)
class Facts:
    """What is asked of a gate's formula.

    Attributes
    ----------
    recipe : Recipe
        Its gates.
    is_function : bool
        Whether sympy has the gate as a function of its own, as exp.
    decides : bool
        Whether it answers 1, 0 or -1 alone.
    """

    recipe: Recipe
    is_function: bool
    decides: bool


@dataclass(frozen=True)
class Slope:
    """A gate's partial by one argument.

    Attributes
    ----------
    steps, adjoint : Recipe
        The gates of the partial, and of u times it.
    names, below : tuple of str
        The symbols in it, and those whose infinity makes it 0.
    vanishes, chooses, constant : bool
        Whether it is 0, is 0 on a whole region, is a number in each branch.
    """

    gate: str
    position: int
    ties: str
    power: Power
    steps: Recipe
    adjoint: Recipe
    names: tuple[str, ...]
    below: tuple[str, ...]
    vanishes: bool
    chooses: bool
    constant: bool

    @property
    def expression(self) -> sympy.Expr:
        """The partial in sympy's symbols a, b, c and out."""
        return partial(self.gate, self.position, self.ties, self.power)


@cache
def slope(
    gate: str, position: int, ties: str = "torch", power: Power = UNKNOWN
) -> Slope:
    """Return ∂(gate)/∂(argument): from the table, or else from sympy.

    Parameters are those of `gradtutor.calculus.partials.partial`.
    """
    found = _table().get(key(gate, position, ties, power))
    if found is None or GATES[gate] is not BUILT_IN[gate]:
        return derived_slope(gate, position, ties, power)
    return Slope(gate, position, ties, power, *_fields(found))


@cache
def gate_facts(gate: str) -> Facts:
    """Return what is asked of a gate's formula: from the table, or else from sympy."""
    found = _table().get(gate)
    if found is None or GATES[gate] is not BUILT_IN[gate]:
        return derived_facts(gate)
    return Facts(*_fields(found))


def key(gate: str, position: int, ties: str, power: Power) -> str:
    """Return the table's name of a slope: mul 0, relu 0 left, pow 0 2.0."""
    base, exponent = power
    entry, words = GATES[gate], [gate, str(position)]
    if isinstance(entry, Pointwise) and entry.kink:
        words.append(ties)
    if exponent is not None:
        words.append(str(float(exponent)))
    elif base and position == 1:
        words.append("base")
    return " ".join(words)


def keys() -> Iterator[tuple[str, int, str, Power]]:
    """Yield all slopes of the table."""
    for gate in POINTWISE:
        for position in range(gate.arity[0]):
            for ties in TIE_RULES if gate.kink else TIE_RULES[:1]:
                yield gate.name, position, ties, UNKNOWN
    for exponent in EXPONENTS:
        yield "pow", 0, "torch", (None, exponent)
    yield "pow", 1, "torch", (2.0, None)


# ---- by sympy ----


def derived_slope(gate: str, position: int, ties: str, power: Power) -> Slope:
    """Return a slope as sympy has it."""
    from gradtutor.gates.symbols import OUT

    found = partial(gate, position, ties, power)
    branches = found.args if isinstance(found, sympy.Piecewise) else ((found, True),)
    below = OUT if found == OUT else sympy.fraction(found)[1]
    return Slope(
        *(gate, position, ties, power),
        recipe(found),
        recipe(upstream_times_partial(gate, position, ties, power)),
        _names(found),
        _names(below),
        vanishes=bool(found == 0),
        chooses=found.is_Piecewise
        and any(v == 0 and not isinstance(at, sympy.Equality) for v, at in branches),
        constant=all(value.is_number for value, _ in branches),
    )


def derived_facts(gate: str) -> Facts:
    """Return what is asked of a gate's formula as sympy has it."""
    entry = GATES[gate]
    assert isinstance(entry, Pointwise)
    formula = entry.formula
    cases = isinstance(formula, sympy.Piecewise)
    branches = [value for value, _ in formula.args] if cases and entry.infix else []
    numbers = all(value.is_number for value in branches) and gate != "where"
    return Facts(
        recipe(formula),
        is_function=functions().get(type(formula)) == gate,
        decides=(cases or isinstance(formula, sympy.sign)) and numbers,
    )


def _names(expression: sympy.Basic) -> tuple[str, ...]:
    return tuple(sorted(str(symbol) for symbol in expression.free_symbols))


# ---- the table ----


@cache
def _table() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def _fields(row: list[Any]) -> Iterator[Any]:
    """Read a row: recipes as objects, names as tuples, the rest as it is."""
    for one in row:
        if isinstance(one, dict):
            yield Recipe(
                tuple(Step(gate, tuple(args)) for gate, *args in one["steps"]),
                one["answer"],
            )
        else:
            yield tuple(one) if isinstance(one, list) else one


def row_of(found: Slope | Facts) -> list[Any]:
    """Return a slope or facts as a row of the table."""
    skipped = ("gate", "position", "ties", "power")
    row: list[Any] = []
    for name, value in vars(found).items():
        if isinstance(value, Recipe):
            steps = [[step.gate, *step.args] for step in value.steps]
            row.append({"steps": steps, "answer": value.answer})
        elif name not in skipped:
            row.append(list(value) if isinstance(value, tuple) else value)
    return row


def table_text() -> str:
    """Print the table by sympy: a line for each gate and each of its slopes."""
    rows = {gate.name: row_of(derived_facts(gate.name)) for gate in POINTWISE}
    rows |= {key(*one): row_of(derived_slope(*one)) for one in keys()}
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
