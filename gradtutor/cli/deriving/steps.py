"""diff --steps and --ways: how a derivative comes about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gradtutor.cli.deriving.options import DiffOptions
from gradtutor.cli.drawing.notes import (
    has_values,
    network_notes,
    say_notes,
    undefined_note,
)
from gradtutor.cli.session import DONE, FAILED, INVALID, UNDECIDED, Session, fail
from gradtutor.messages import mark, tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.explain.views.steps_page import Form

NO_INPUT = mark("there is no input to differentiate by")
Command = TypeVar("Command", bound=Callable[..., Any])


def steps_options(command: Command) -> Command:
    """Add the options that ask for an explanation."""
    for option in (
        click.option(
            "--all", "everything", is_flag=True, help="Show long lists of steps whole."
        ),
        click.option("--markdown", is_flag=True, help="The steps as Markdown."),
        click.option("--latex", is_flag=True, help="The steps as LaTeX."),
        click.option(
            "--ways", is_flag=True, help="Symbolic, numeric and reverse mode compared."
        ),
        click.option(
            "--by",
            type=click.Choice(["rules", "gates"]),
            help="Steps by rules of calculus, or in the order of reverse mode.  "
            "[default: gates with values and for tensors, else rules]",
        ),
        click.option("--steps", is_flag=True, help="Show how the derivative is made."),
    ):
        command = option(command)
    return command


def wants_steps(options: DiffOptions) -> bool:
    """Whether an explanation is asked for: a form or a view of it will do."""
    forms = options.latex or options.markdown or options.everything
    return bool(options.steps or options.by or options.ways or forms)


def show_steps(
    run: Session, circuit: Circuit, point: dict[str, Any], options: DiffOptions
) -> int:
    """Print the comparison of the three ways, or the steps."""
    from gradtutor.evaluate.point import check_wrt

    check_wrt(circuit.graph, options.wrt)
    if options.latex and options.markdown:
        raise click.UsageError(tr("--latex and --markdown exclude each other"))
    if not circuit.variables:
        data = {"input": circuit.graph.graph["source"], "order": options.order}
        run.result(
            data | {"derivatives": [], "notes": [tr(NO_INPUT)]}, f"({tr(NO_INPUT)})"
        )
        return DONE
    if options.ways:
        return _ways(run, circuit, point, options)
    return _steps(run, circuit, point, options)


# ---- the three ways ----


def _ways(
    run: Session, circuit: Circuit, point: dict[str, Any], options: DiffOptions
) -> int:
    from gradtutor.explain.views.ways import three_ways, ways_json, ways_text

    if options.latex or options.markdown:
        raise click.UsageError(tr("--ways is for the terminal, or --json"))
    if options.order > 1 or options.by or options.proof or options.everything:
        raise click.UsageError(
            tr("--ways goes without --order, --by, --proof and --all")
        )
    undefined = undefined_note(circuit, point)
    if undefined:
        fail(tr("{undefined}: give another point", undefined=undefined), INVALID)
    found = three_ways(circuit.graph, point, options.wrt or None, circuit.ties)
    data = {"input": circuit.graph.graph["source"]} | ways_json(found)
    run.result(data, ways_text(found))
    return DONE


# ---- steps ----


def _steps(
    run: Session, circuit: Circuit, point: dict[str, Any], options: DiffOptions
) -> int:
    """Print the steps for every input asked for, and whether they replay rightly."""
    from gradtutor.calculus.index.proofs import proof_text, proofs_for
    from gradtutor.explain.records.derivation import derive
    from gradtutor.explain.records.replay_check import check_replays
    from gradtutor.explain.records.steps_json import steps_json
    from gradtutor.explain.views.steps_page import closed, steps_page

    undefined = undefined_note(circuit, point)
    circuit, wrt = _of_order(circuit, options)
    point = {name: point[name] for name in point if name in circuit.inputs}
    given = circuit.inputs and has_values(circuit, point) and not undefined
    values = point if given else None
    found = derive(circuit.graph, wrt, circuit.ties, values)
    verdicts = check_replays(found, circuit.graph, run.seed or 0)
    proofs = proofs_for(circuit.graph) if options.proof else []
    page = steps_page(
        found,
        circuit.graph,
        by=options.by,
        form=_form(options),
        everything=options.everything,
        verdicts=verdicts,
        proofs=proofs,
        note=" ".join(filter(None, [_note(options.order), _sentence(undefined)])),
        ties=circuit.ties,
    )
    rows = [
        {"wrt": name, "derivative": closed(found, name) or None, "verified": verdict}
        for name, verdict in verdicts.items()
    ]
    data = {"input": circuit.graph.graph["source"], "order": options.order}
    data |= {"derivatives": rows, "steps": steps_json(found)}
    data |= {"proofs": list(map(proof_text, proofs))} if proofs else {}
    told = [*network_notes(circuit.graph), *[undefined] * bool(undefined)]
    data |= {"notes": told} if told else {}
    say_notes(run, network_notes(circuit.graph))
    run.result(data, page)
    found_right = verdicts.values()
    if False in found_right:
        return FAILED
    return UNDECIDED if None in found_right else DONE


def _note(order: int) -> str:
    """Say what f is when it is a derivative itself."""
    before = (tr("first"), tr("second"), tr("third"))
    return (
        ""
        if order == 1
        else tr("Here f is the {before} derivative.", before=before[order - 2])
    )


def _sentence(undefined: str) -> str:
    """Say why there are no numbers in the steps."""
    return tr("No numbers: {undefined}.", undefined=undefined) if undefined else ""


def _form(options: DiffOptions) -> Form:
    return "latex" if options.latex else "markdown" if options.markdown else "text"


def _of_order(
    circuit: Circuit, options: DiffOptions
) -> tuple[Circuit, tuple[str, ...] | None]:
    """Return what to differentiate, and by what: for order 2 the first derivative."""
    from dataclasses import replace

    from gradtutor.circuit import parse

    order, wrt = options.order, options.wrt or None
    if order == 1:
        return circuit, wrt
    names = wrt or tuple(circuit.variables)
    if len(names) != 1:
        raise click.UsageError(tr("--steps with --order needs one input: --wrt x"))
    shapes = {name: circuit.graph.nodes[name]["shape"] for name in circuit.inputs}
    before = parse(circuit.diff(*names * (order - 1)), shapes)
    if names[0] not in before.inputs:
        text = before.graph.graph["source"]
        fail(
            tr("the derivative before is {text}: there is no step left", text=text),
            INVALID,
        )
    return replace(before, ties=circuit.ties), names
