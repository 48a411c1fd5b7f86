"""render: a formula as a table or a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.drawing.picturing import (
    check_picture_options,
    is_page,
    picture_options,
    style_of,
)
from gradtutor.cli.session import (
    DONE,
    ExpressionCommand,
    common_options,
    read_text,
    say_reading,
    session,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.cli.session import Session
    from gradtutor.graph import Graph
    from gradtutor.render import Style

TIES = click.Choice(["torch", "left", "right", "both"])
at_option = click.option(
    "--at",
    multiple=True,
    metavar="x=2,W=[[1,2]]",
    help="Values, or an .npz file; repeatable.",
)
ties_option = click.option(
    "--ties", type=TIES, default="torch", show_default=True, help="The rule at a kink."
)


@click.command(cls=ExpressionCommand)
@click.argument("expression")
@at_option
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Picture: .svg, .png, .pdf, .dot, .tex (TikZ), .mmd (Mermaid), .drawio; a "
    "page: .html; a frame a step: FOLDER/, .gif, .mp4, .pptx.",
)
@picture_options
@click.option(
    "--open",
    "opened",
    multiple=True,
    metavar="GATE",
    help="Draw its gates; or: all, layers.",
)
@click.option(
    "--closed", is_flag=True, help="Draw 1/(1+exp(-x)) as one gate, a layer as one box."
)
@click.option(
    "--only",
    type=click.Choice(["forward", "backward"]),
    help="Of frames: the steps of one pass.",
)
@click.option(
    "--animate", is_flag=True, help="Of .svg: play the steps; of .pdf: a page a step."
)
@click.option(
    "--frame-format",
    type=click.Choice(["svg", "png", "pdf", "tex", "dot"]),
    default="svg",
    show_default=True,
    help="Of the pictures in a folder.",
)
@click.option(
    "--standalone", is_flag=True, help="Of .tex: a document, not a part of one."
)
@click.option(
    "--as",
    "form",
    type=click.Choice(["circuit", "net"]),
    default="circuit",
    help="net: the list of layers that was read, with lines, sizes, settings.",
)
@click.option(
    "--train",
    is_flag=True,
    help="Of .html: train the network, or go down the formula, in the page.",
)
@click.option(
    "--data",
    "dataset",
    metavar="NAME",
    help="Of a network: the data to train on, or whose first example is drawn.",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, path_type=Path),
    metavar="RUN",
    help="With --data: a training's folder or file, for the weights of the picture.",
)
@ties_option
@common_options
@click.pass_context
def render(context: click.Context, /, expression: str, **options: Any) -> int:
    """Draw EXPRESSION as a circuit with value and gradient on every wire.

    EXPRESSION is a formula, several lines of assignments, a file, or - for standard
    input. Without -o, print a table of every wire.
    """
    from gradtutor.calculus.symbols import wire_symbols
    from gradtutor.cli.drawing.one_example import one_example
    from gradtutor.cli.drawing.training_page import write_training_page
    from gradtutor.evaluate.point import read_points
    from gradtutor.evaluate.report import symbols_json
    from gradtutor.render import table
    from gradtutor.render.moving.files import is_frames

    run = session(context)
    point = read_points(options["at"])
    if options["train"]:
        return write_training_page(run, expression, point, options)
    check_picture_options(options)
    if options["dataset"]:
        point = one_example(run, expression, point, options)
    elif options["weights"]:
        raise click.UsageError(tr("--weights goes with --data"))
    circuit = prepared(expression, point, options)
    style, output = _style(circuit, point, options), options["output"]
    told = network_notes(circuit.graph)
    if options["form"] == "net":
        return _echo(run, circuit, told)
    say_notes(run, told)
    if output and (options["animate"] or is_frames(output)):
        _animate(run, circuit, point, style, options)
    elif output and options["beside"]:
        _draw_both(run, circuit, point, style, (expression, options["beside"]), output)
    elif output:
        _draw(run, circuit, point, style, output)
    if output and not has_all_values(circuit, point):  # symbols, or values at random
        if run.json:
            run.result({"output": output} | ({"notes": told} if told else {}), "")
    elif style.show != "symbols" or (run.json and has_all_values(circuit, point)):
        _numbers(run, circuit, point, style, output)
    elif not output:
        symbols = wire_symbols(circuit.graph, circuit.ties)
        data = symbols_json(circuit.graph, symbols) | ({"notes": told} if told else {})
        run.result(data, table(circuit.graph, style, symbols))
    return DONE


def _echo(run: Session, circuit: Circuit, told: Sequence[str]) -> int:
    """Print a network as the list of layers that was read."""
    from dataclasses import asdict

    from gradtutor.language.network.echo import layer_rows, settings_of, table_of

    if "network" not in circuit.graph.graph:
        raise click.UsageError(tr("this is no network: --as net lists layers"))
    rows, settings = layer_rows(circuit.graph), settings_of(circuit.graph)
    data = {
        "layers": [asdict(row) for row in rows],
        "parameters": sum(row.parameters for row in rows),
        "training": settings,
        "notes": list(told),
    }
    run.result(data, table_of(rows, settings, told))
    return DONE


def _style(circuit: Circuit, point: dict[str, Any], options: dict[str, Any]) -> Style:
    """Read the options of a picture; layers go down the page, gates to the right."""
    from dataclasses import replace

    from gradtutor.render import is_folded

    show = options["show"] or ("values" if has_values(circuit, point) else "symbols")
    style = style_of(options, show, _layers(options))
    page = is_page(options["output"] or "")
    down = not options["direction"] and not page and is_folded(circuit.graph, style)
    return replace(style, direction="TB") if down else style


def say_notes(run: Session, told: Sequence[str]) -> None:
    """Say what to know, a line each, where it is not part of the result."""
    for note in told:
        run.say(f"gradtutor: {note}")


def _draw(
    run: Session, circuit: Circuit, point: dict[str, Any], style: Style, output: str
) -> None:
    """Write the picture; a missing value is told before anything is written."""
    if style.show != "symbols" and not is_page(output):
        circuit.trace(**point)
    say_notes(run, circuit.render(output, style, **point))
    run.wrote(output)


def _draw_both(
    run: Session,
    circuit: Circuit,
    point: dict[str, Any],
    style: Style,
    typed: tuple[str, str],
    output: str,
) -> None:
    """Write two circuits into one picture, each under what was typed."""
    from gradtutor.circuit import parse

    shapes = {name: value.shape for name, value in point.items()}
    other = parse(read_text(typed[1]), shapes)
    say_reading(other.graph.graph.get("reading"))
    theirs = {name: point[name] for name in other.inputs if name in point}
    drawn = circuit.beside(other, typed, style, at=point, other_at=theirs)
    say_notes(run, drawn.save(output))
    run.wrote(output)


def _animate(
    run: Session,
    circuit: Circuit,
    point: dict[str, Any],
    style: Style,
    options: dict[str, Any],
) -> None:
    """Write a frame a step, which needs a number for every input."""
    output = options["output"]
    if options["animate"] and not output.lower().endswith((".svg", ".pdf")):
        raise click.BadParameter(
            tr("only an .svg plays, and a .pdf turns its pages"),
            param_hint="--animate",
        )
    if not has_values(circuit, point):
        raise click.UsageError(
            tr("frames show numbers: give every input a value by --at")
        )
    found = circuit.render_frames(output, style, options["only"], **point)
    if len(found) == 1:
        run.wrote(found[0])
    else:
        run.say(tr("wrote {count} frames", count=len(found)))


def _numbers(
    run: Session, circuit: Circuit, point: dict[str, Any], style: Style, output: str
) -> None:
    """Print values and gradients, unless a picture has them, with what to know."""
    from gradtutor.calculus.symbols import wire_symbols
    from gradtutor.evaluate.report import trace_json
    from gradtutor.render import table

    trace = circuit.trace(**point)
    told = [*output_note(trace.graph), *broadcast_notes(trace.graph)]
    say_notes(run, told + [trace.fault_message()] * bool(trace.fault))
    told = network_notes(trace.graph) + told
    if run.json or not output:
        both = style.show == "both"
        symbols = wire_symbols(circuit.graph, circuit.ties) if both else None
        data = trace_json(trace) | ({"notes": told} if told else {})
        run.result(data, table(trace, style, symbols))


def _layers(options: dict[str, Any]) -> Any:
    """Return how a network's layers are drawn: open with --open of anything in them."""
    return "open" if options["opened"] else "closed" if options["closed"] else "auto"


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


def notes(circuit: Circuit, point: dict[str, Any]) -> list[str]:
    """Return what to know of a circuit's gradients at a point."""
    from numpy import shape

    from gradtutor.graph import with_shapes

    shapes = {name: shape(value) for name, value in point.items()}
    graph = with_shapes(circuit.graph, shapes)
    told = [*network_notes(graph), *output_note(graph), *broadcast_notes(graph)]
    return [*told, *flat_notes(graph)]


#: Functions that are flat between their steps.
FLAT = re.compile(r"\b(floor|ceil|ceiling|round|rint|trunc|fix|sign|sgn)\s*\(")


def flat_notes(graph: Graph) -> list[str]:
    """Say which functions of a formula have the slope 0 between their steps."""
    names = dict.fromkeys(FLAT.findall(graph.graph.get("source", "")))
    if not names or "network" in graph.graph:
        return []
    message = tr(
        "{names}: flat between the steps, so no gradient goes through",
        names=", ".join(names),
    )
    return [message]


def network_notes(graph: Graph) -> list[str]:
    """Return what the reading of a network did with it: a Softmax in its loss."""
    return list(graph.graph.get("network", {}).get("notes", ()))


def constant_note(circuit: Circuit) -> list[str]:
    """Say which constant part of a formula, or of its slope, has no real value."""
    from gradtutor.calculus import backward_graph
    from gradtutor.evaluate.trace import constant_fault

    found = constant_fault(circuit.graph)
    if not found:  # or of its slope: (-2)**x has log(-2)
        found = constant_fault(backward_graph(circuit.graph, ties=circuit.ties).graph)
    return [found] if found else []


def output_note(graph: Graph) -> list[str]:
    """Say of a tensor what is differentiated: its sum."""
    from gradtutor.gates import show_shape

    shape = graph.nodes[graph.graph["output"]]["shape"]
    if not shape:
        return []
    size = show_shape(shape)
    return [
        tr(
            "the output is a tensor {size}: the gradients are those of its sum",
            size=size,
        )
    ]


def broadcast_notes(graph: Graph) -> list[str]:
    """Tell where shapes of different rank grow together: (5, 1) - (5,) is (5, 5)."""
    from gradtutor.gates import show_shape
    from gradtutor.graph.shapes import grown_together
    from gradtutor.language.formula.unparse import expression_text

    told = []
    for node, shapes in grown_together(graph):
        sizes = " and ".join(map(show_shape, shapes))
        text = expression_text(graph, node, limit=40)
        result = show_shape(graph.nodes[node]["shape"])
        told.append(
            tr(
                "{text}: {sizes} broadcast to {result}, each with each: so meant?",
                text=text,
                sizes=sizes,
                result=result,
            )
        )
    return list(dict.fromkeys(told))


def undefined_note(circuit: Circuit, point: dict[str, Any]) -> str:
    """Say why a formula has no value at the point given; empty where it has one."""
    import numpy as np

    if not has_values(circuit, point) or not has_all_values(circuit, point):
        return ""
    trace = circuit.trace(**point)
    if not np.isnan(trace.values[trace.output]).any():
        return ""
    return trace.fault_message() or tr("the formula has no value at the point given")


def has_all_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether the text or the point gives every input a value."""
    values = circuit.graph.nodes(data="value")
    return all(name in point or values[name] is not None for name in circuit.inputs)


def has_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether any input was given a value; then all must have one."""
    nodes = [circuit.graph.nodes[name] for name in circuit.inputs]
    values = [one.get("value") for one in nodes if one["role"] != "constant"]
    return bool(point) or not values or any(value is not None for value in values)
