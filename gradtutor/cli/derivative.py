"""diff: the derivative of a formula, verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.circuit import (
    at_option,
    constant_note,
    notes,
    prepared,
    ties_option,
    undefined_note,
)
from gradtutor.cli.session import (
    DONE,
    FAILED,
    UNDECIDED,
    ExpressionCommand,
    common_options,
    session,
)
from gradtutor.cli.steps import NO_INPUT, show_steps, steps_options, wants_steps

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.evaluate.verify import Verifier


@click.command(cls=ExpressionCommand)
@click.argument("expression")
@click.option(
    "--wrt", multiple=True, metavar="x", help="Input; repeatable; default: all."
)
@click.option("--order", type=click.IntRange(1, 4), default=1, show_default=True)
@click.option("--proof", is_flag=True, help="Show how tensor gates' rules are proved.")
@steps_options
@at_option
@ties_option
@common_options
@click.pass_context
def diff(context: click.Context, /, expression: str, **options: Any) -> int:
    """Differentiate EXPRESSION and verify the result numerically."""
    from gradtutor.calculus.symbols import output_name
    from gradtutor.evaluate.point import read_points
    from gradtutor.evaluate.verify import Verifier

    run = session(context)
    point = read_points(options["at"])
    circuit = prepared(expression, point, options)
    if wants_steps(options):
        return show_steps(run, circuit, point, options)
    wrt = options["wrt"] or circuit.variables
    order, rows, lines = options["order"], [], []
    undefined = undefined_note(circuit, point)
    verifier = Verifier(circuit.graph, run.seed or 0)
    for name in wrt:
        derivative = circuit.diff(*[name] * order)
        base = circuit.diff(*[name] * (order - 1)) if order > 1 else None
        verified = _verified(verifier, base, name, derivative)
        rows.append({"wrt": name, "derivative": derivative, "verified": verified})
        rows[-1] |= (
            {"value": "nan"}
            if undefined
            else _value_at(circuit, [name] * order, derivative, point)
        )
        symbol = _symbol(output_name(circuit.graph), name, order)
        lines += _lines(symbol, derivative, rows[-1], verified)
    told = [*notes(circuit, point), *[undefined] * bool(undefined)]
    told += [NO_INPUT] * (not wrt) + ([] if undefined else constant_note(circuit))
    lines += [f"({note})" for note in told]
    proofs = _proofs(circuit, full=options["proof"])
    lines += proofs["lines"]
    head = {"input": circuit.graph.graph["source"], "order": order}
    head |= {"proofs": proofs["json"]} if proofs["json"] else {}
    head |= {"notes": told} if told else {}
    run.result(
        head | (rows[0] if len(rows) == 1 else {"derivatives": rows}), "\n".join(lines)
    )
    verdicts = [row["verified"] for row in rows] + proofs["verdicts"]
    return FAILED if False in verdicts else UNDECIDED if None in verdicts else DONE


NO_PROOF = (
    "there is no product of matrices or vectors, convolution or cross-entropy of rows "
    "here; the rules of all other gates are sympy's"
)


def _proofs(circuit: Circuit, *, full: bool) -> dict[str, Any]:
    """Prove the tensor gates' rules by index calculus; say so in lines and JSON."""
    from gradtutor.calculus.index.proofs import proof_text, proofs_for

    proofs = proofs_for(circuit.graph)
    lines = []
    for proof in proofs:
        if full:
            lines.append(proof_text(proof))
        elif not proof.equal:
            lines.append(f"{proof.name}: the declared gradient is NOT the derived one")
    names = list(dict.fromkeys(proof.name for proof in proofs))
    if full and not proofs:
        lines.append(f"(--proof: {NO_PROOF})")
    if proofs and not full and all(proof.equal for proof in proofs):
        gates = ", ".join(names)
        lines.append(
            f"({gates}: gradients proved by index calculus; --proof shows how)"
        )
    return {
        "lines": lines,
        "json": [
            {"gate": p.name, "operand": p.operand, "proved": p.equal, "steps": p.steps}
            for p in proofs
        ],
        "verdicts": [proof.equal for proof in proofs],
    }


def _symbol(output: str, name: str, order: int) -> str:
    """Write ∂f/∂x, or ∂²f/∂x²."""
    power = "" if order == 1 else "²³⁴"[order - 2]
    return f"∂{power}{output}/∂{name}{power}"


def _verified(
    verifier: Verifier, base: str | None, name: str, derivative: str
) -> bool | None:
    """Verify against the formula's slopes, or those of the derivative before."""
    from gradtutor.circuit import parse

    if base:
        return parse(base).verify(name, derivative, verifier.seed)
    return verifier.verify(name, derivative)


def _value_at(
    circuit: Circuit, wrt: list[str], derivative: str, point: dict[str, Any]
) -> dict[str, Any]:
    """Evaluate a derivative at the point given, if one was.

    Where its closed form has no value, as exp(-x)/(1 + exp(-x))**2 at -800, the gates
    of the backward pass may have one.
    """
    import numpy as np

    from gradtutor.circuit import parse
    from gradtutor.evaluate.report import plain

    if not point:
        return {}
    shapes = {name: value.shape for name, value in point.items()}
    written = parse(derivative, shapes)
    given = {name: value for name, value in point.items() if name in written.inputs}
    value = written.trace(**given).values[written.graph.graph["output"]]
    if not np.isfinite(value).all():
        value = np.asarray(circuit.derivative(*wrt, at=point))
    return {"value": plain(value + 0.0)}  # -0 is 0


def _lines(
    symbol: str, derivative: str, row: dict[str, Any], verified: bool | None
) -> list[str]:
    """Write one derivative for a person; shared parts come first, as lines."""
    *shared, last = derivative.split("\n")
    verdict = {
        True: "agrees with finite differences",
        False: "DOES NOT AGREE with finite differences",
        None: "undecided: too few points in the domain",
    }[verified]
    value = []
    if "value" in row:
        shown = "no value" if row["value"] == "nan" else f"= {row['value']}"
        value = [f"  {shown} at the point given"]
    return [*shared, f"{symbol} = {last}", *value, f"  ({verdict})"]
