"""The circuit of an expression, its composites open or closed as asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import read_text
from gradtutor.cli.session import say_reading
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit


def prepared(
    expression: str,
    point: dict[str, Any],
    ties: str,
    *,
    opened: Collection[str] = (),
    closed: bool = False,
    jacobian: bool = False,
) -> Circuit:
    """Parse the expression and open or close composites as asked.

    The names of the point become those of the formula, in place.

    Parameters
    ----------
    jacobian : bool
        Whether a formula of numbers may be read as one of matrices.
    """
    from dataclasses import replace

    from gradtutor.calculus.composites import composites
    from gradtutor.circuit import parse
    from gradtutor.evaluate.point import check_names
    from gradtutor.language import near

    shapes = {name: value.shape for name, value in point.items()}
    circuit = replace(parse(read_text(expression), shapes), ties=ties)
    if jacobian and not shapes:
        circuit = _of_matrices(circuit)
    say_reading(circuit.graph.graph.get("reading"))
    for name, spelt in zip(list(point), respelt(circuit, point), strict=True):
        point[spelt] = point.pop(name)
    check_names(circuit.graph, point)
    gates = set(opened) - {"layers"}
    for name in sorted(gates - set(composites()) - {"all"}):
        hint = near(name, composites()) or tr(
            "these do: {names}", names=", ".join(composites())
        )
        raise click.BadParameter(
            tr("{name!r} does not open; {hint}", name=name, hint=hint),
            param_hint="--open",
        )
    if gates:
        circuit = circuit.open(*([] if "all" in gates else sorted(gates)))
    return circuit.close() if closed else circuit


def _of_matrices(circuit: Circuit) -> Circuit:
    """Read a formula of numbers, whose Jacobian is asked for, as one of matrices."""
    from dataclasses import replace

    from gradtutor.language.formula import matrices_by_letters

    numbers = all(not shape for _, shape in circuit.graph.nodes(data="shape"))
    source = circuit.graph.graph["source"]
    found = matrices_by_letters(source) if numbers else None
    return circuit if found is None else replace(circuit, graph=found)


def respelt(circuit: Circuit, texts: Iterable[str]) -> tuple[str, ...]:
    """Spell names as the formula does: --wrt β where LaTeX has beta."""
    from gradtutor.language.greek import spelled

    names = circuit.inputs
    return tuple(
        ",".join(spelled(one.strip(), names) for one in text.split(","))
        for text in texts
    )
