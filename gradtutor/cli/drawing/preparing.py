"""The circuit of an expression, its composites open or closed as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import read_text
from gradtutor.cli.session import say_reading
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit


def prepared(
    expression: str, point: dict[str, Any], options: dict[str, Any]
) -> Circuit:
    """Parse the expression and open or close composites as asked.

    The names of the point and of ``--wrt`` become those of the formula, in place.
    """
    from dataclasses import replace

    from gradtutor.calculus.composites import composites
    from gradtutor.circuit import parse
    from gradtutor.evaluate.point import check_names
    from gradtutor.language import near

    shapes = {name: value.shape for name, value in point.items()}
    circuit = replace(parse(read_text(expression), shapes), ties=options["ties"])
    if options.get("jacobian") and not shapes:
        circuit = _of_matrices(circuit)
    say_reading(circuit.graph.graph.get("reading"))
    _respell(circuit, point, options)
    check_names(circuit.graph, point)
    opened = set(options.get("opened", ())) - {"layers"}
    for name in sorted(opened - set(composites()) - {"all"}):
        hint = near(name, composites()) or tr(
            "these do: {names}", names=", ".join(composites())
        )
        raise click.BadParameter(
            tr("{name!r} does not open; {hint}", name=name, hint=hint),
            param_hint="--open",
        )
    if opened:
        circuit = circuit.open(*([] if "all" in opened else sorted(opened)))
    return circuit.close() if options.get("closed") else circuit


def _of_matrices(circuit: Circuit) -> Circuit:
    """Read a formula of numbers, whose Jacobian is asked for, as one of matrices."""
    from dataclasses import replace

    from gradtutor.language.formula import matrices_by_letters

    numbers = all(not shape for _, shape in circuit.graph.nodes(data="shape"))
    source = circuit.graph.graph["source"]
    found = matrices_by_letters(source) if numbers else None
    return circuit if found is None else replace(circuit, graph=found)


def _respell(circuit: Circuit, point: dict[str, Any], options: dict[str, Any]) -> None:
    """Spell names as the formula does: --wrt β where LaTeX has beta."""
    from gradtutor.language.greek import spelled

    names = circuit.inputs
    for name in list(point):
        point[spelled(name, names)] = point.pop(name)
    if options.get("wrt"):
        options["wrt"] = tuple(
            ",".join(spelled(one.strip(), names) for one in text.split(","))
            for text in options["wrt"]
        )
