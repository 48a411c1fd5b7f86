"""diff: the derivative of a formula, verified."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.deriving.function import (
    FunctionCommand,
    function_options,
    wants_function,
    write_function,
)
from gradtutor.cli.deriving.matrices import (
    VERDICTS,
    matrix_options,
    show_matrices,
    wants_matrix,
)
from gradtutor.cli.deriving.options import DiffOptions
from gradtutor.cli.deriving.steps import (
    NO_INPUT,
    show_steps,
    steps_options,
    wants_steps,
)
from gradtutor.cli.deriving.values import (
    BY_DIGITS,
    has_value_in_digits,
    input_shapes,
    value_at,
)
from gradtutor.cli.drawing.circuit import at_option, ties_option
from gradtutor.cli.drawing.notes import constant_note, notes, undefined_note
from gradtutor.cli.drawing.preparing import prepared, respelt
from gradtutor.cli.options import taken
from gradtutor.cli.session import (
    DONE,
    FAILED,
    UNDECIDED,
    Session,
    common_options,
    session,
)
from gradtutor.messages import mark, tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.evaluate.verify import Verifier


@click.command(cls=FunctionCommand)
@click.argument("expression")
@click.option(
    "--wrt",
    multiple=True,
    metavar="x",
    help="Input; repeatable; x,y with --order 2 is the mixed one. [default: all]",
)
@click.option("--order", type=click.IntRange(1, 4), default=1, show_default=True)
@matrix_options
@click.option(
    "--form",
    type=click.Choice(["textbook", "stable"]),
    default="textbook",
    show_default=True,
    help="As a textbook writes it, or as it is computed.",
)
@click.option("--proof", is_flag=True, help="Show how tensor gates' rules are proved.")
@steps_options
@function_options
@at_option
@ties_option
@common_options
@click.pass_context
def diff(context: click.Context, /, expression: str, **parameters: Any) -> int:
    """Differentiate EXPRESSION and verify the result numerically.

    With --order 2 a tensor has its Hessian, a matrix; --jacobian is the matrix of the
    slopes of an output that is a tensor. -o writes value and gradient as a function.
    """
    from gradtutor.evaluate.point import read_points

    run, options = session(context), taken(DiffOptions, parameters)
    point = read_points(options.at)
    spare = {name: point[name] for name in options.directions if name in point}
    own = {name: value for name, value in point.items() if name not in spare}
    circuit = prepared(expression, own, options.ties, jacobian=options.jacobian)
    point = own | {name: point[name] for name in spare}
    options = _as_asked(circuit, options)
    pairs = _pairs(circuit, options)
    if wants_function(options):
        return write_function(run, circuit, pairs, point, options)
    if wants_steps(options):
        return show_steps(run, circuit, point, options)
    if wants_matrix(circuit, pairs, options):
        return show_matrices(run, circuit, pairs, point, options)
    return _show_derivatives(run, circuit, pairs, point, options)


def _as_asked(circuit: Circuit, options: DiffOptions) -> DiffOptions:
    """Spell --wrt as the formula does; unless told, take what the formula asks for."""
    from gradtutor.language.greek import spelled

    options = replace(options, wrt=respelt(circuit, options.wrt))
    asked = circuit.graph.graph.get("asked")
    if asked and asked[0] and not options.wrt and options.order == 1:
        name, order = asked
        names = (spelled(name, circuit.inputs),)
        options = replace(options, wrt=names, order=order)
    return options


def _pairs(circuit: Circuit, options: DiffOptions) -> list[tuple[str, ...]]:
    """Return what each derivative is by: x twice for order 2, or x and then y."""
    from gradtutor.evaluate.point import check_wrt

    order, pairs = options.order, []
    given = [tuple(map(str.strip, text.split(","))) for text in options.wrt]
    if order == 1:
        given = [(name,) for names in given for name in names]
    for names in given or [(name,) for name in circuit.variables]:
        check_wrt(circuit.graph, names)
        if len(names) not in (1, order):
            raise click.UsageError(
                tr(
                    "--wrt {names} has {count} inputs for --order {order}",
                    names=",".join(names),
                    count=len(names),
                    order=order,
                )
            )
        pairs.append(names * order if len(names) == 1 else names)
    return pairs


def _show_derivatives(
    run: Session,
    circuit: Circuit,
    pairs: list[tuple[str, ...]],
    point: dict[str, Any],
    options: DiffOptions,
) -> int:
    """Print each derivative in symbols, its value at the point given, and its check."""
    from gradtutor.calculus.symbols import output_name
    from gradtutor.evaluate.verify import Verifier

    rows, lines = [], []
    undefined = undefined_note(circuit, point)
    by_digits = bool(undefined) and has_value_in_digits(circuit, point)
    undefined = "" if by_digits else undefined
    verifier = Verifier(circuit.graph, run.seed or 0)
    for names in pairs:
        derivative = circuit.diff(*names)
        base = circuit.diff(*names[:-1]) if len(names) > 1 else None
        verified = _verified(circuit, verifier, base, names[-1], derivative)
        wrt = names[0] if len(set(names)) == 1 else ",".join(names)
        shown = _form(circuit, verifier, names, derivative, options)
        rows.append({"wrt": wrt, "derivative": derivative, "verified": verified})
        rows[-1] |= shown
        value = value_at(circuit, names, derivative, point)
        rows[-1] |= {"value": "nan"} if undefined else value
        symbol = _symbol(output_name(circuit.graph), names)
        lines += _lines(symbol, shown.get("derivative", derivative), rows[-1], verified)
    told = [*notes(circuit, point), *[undefined] * bool(undefined)]
    told += [tr(BY_DIGITS)] * by_digits
    told += [tr(NO_INPUT)] * (not pairs) + ([] if undefined else constant_note(circuit))
    lines += [f"({note})" for note in told]
    proofs = _proofs(circuit, full=options.proof)
    lines += proofs["lines"]
    head = {"input": circuit.graph.graph["source"], "order": options.order}
    head |= {"proofs": proofs["json"]} if proofs["json"] else {}
    head |= {"notes": told} if told else {}
    run.result(
        head | (rows[0] if len(rows) == 1 else {"derivatives": rows}), "\n".join(lines)
    )
    verdicts = [row["verified"] for row in rows] + proofs["verdicts"]
    return FAILED if False in verdicts else UNDECIDED if None in verdicts else DONE


NO_PROOF = mark(
    "there is no product or function of matrices or vectors, convolution or "
    "cross-entropy of rows here; the rules of all other gates are "
    "sympy's"
)


def _proofs(circuit: Circuit, *, full: bool) -> dict[str, Any]:
    """Prove the tensor gates' rules by index calculus; say so in lines and JSON."""
    from gradtutor.calculus.index.proofs import proof_text, proofs_for

    proofs = proofs_for(circuit.graph, sums=full)
    lines = []
    for proof in proofs:
        if full:
            lines.append(proof_text(proof))
        elif not proof.equal:
            lines.append(
                tr(
                    "{name}: the declared gradient is NOT the derived one",
                    name=proof.name,
                )
            )
    names = list(dict.fromkeys(proof.name for proof in proofs))
    if full and not proofs:
        lines.append(f"(--proof: {tr(NO_PROOF)})")
    if proofs and not full and all(proof.equal for proof in proofs):
        gates = ", ".join(names)
        lines.append(
            tr(
                "({gates}: gradients proved by index calculus; --proof shows how)",
                gates=gates,
            )
        )
    return {
        "lines": lines,
        "json": [
            {"gate": p.name, "operand": p.operand, "proved": p.equal, "steps": p.steps}
            for p in proofs
        ],
        "verdicts": [proof.equal for proof in proofs],
    }


def _form(
    circuit: Circuit,
    verifier: Verifier,
    names: tuple[str, ...],
    stable: str,
    options: DiffOptions,
) -> dict[str, Any]:
    """Return the textbook's form where it differs from what is computed, and holds."""
    from gradtutor.circuit import parse

    form = circuit.textbook(*names) if options.form == "textbook" else None
    if form is None or form.text == stable:
        return {}
    before = circuit.diff(*names[:-1]) if len(names) > 1 else None
    base = parse(before, input_shapes(circuit)) if before else circuit
    if base.verify(names[-1], form.text, verifier.seed) is not True:
        return {}
    domain = {"domain": list(map(str, form.domain))} if form.domain else {}
    return {"derivative": form.text, "stable": stable} | domain


def _symbol(output: str, names: tuple[str, ...]) -> str:
    """Write ∂f/∂x, ∂²f/∂x², or ∂²f/∂x∂y."""
    power = "" if len(names) == 1 else "²³⁴"[len(names) - 2]
    same = len(set(names)) == 1
    below = f"∂{names[0]}{power}" if same else "".join(f"∂{name}" for name in names)
    return f"∂{power}{output}/{below}"


def _verified(
    circuit: Circuit,
    verifier: Verifier,
    base: str | None,
    name: str,
    derivative: str,
) -> bool | None:
    """Verify against the formula's slopes, or those of the derivative before."""
    from gradtutor.circuit import parse

    if base:
        before = parse(base, input_shapes(circuit))
        return before.verify(name, derivative, verifier.seed)
    return verifier.verify(name, derivative)


def _lines(
    symbol: str, derivative: str, row: dict[str, Any], verified: bool | None
) -> list[str]:
    """Write one derivative for a person; shared parts come first, as lines."""
    from gradtutor.evaluate.report import readable

    *shared, last = derivative.split("\n")
    verdict = tr(VERDICTS[verified])
    value = []
    if "value" in row:
        none = row["value"] == "nan"
        shown = tr("no value") if none else f"= {readable(row['value'])}"
        value = [tr("  {shown} at the point given", shown=shown)]
    domain = f"   for {', '.join(row['domain'])}" if "domain" in row else ""
    return [*shared, f"{symbol} = {last}{domain}", *value, f"  ({verdict})"]
