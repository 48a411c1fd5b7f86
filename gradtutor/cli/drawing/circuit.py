"""render: a formula as a table or a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import ExpressionCommand, read_text
from gradtutor.cli.drawing.notes import (
    broadcast_notes,
    has_all_values,
    has_values,
    network_notes,
    output_note,
    say_notes,
)
from gradtutor.cli.drawing.options import RenderOptions
from gradtutor.cli.drawing.picturing import (
    check_picture_options,
    is_page,
    picture_options,
    style_of,
)
from gradtutor.cli.drawing.preparing import prepared
from gradtutor.cli.options import taken
from gradtutor.cli.session import DONE, common_options, say_reading, session
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.cli.session import Session
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
    default="",
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
    type=click.Choice(["circuit", "net", "circles"]),
    default="circuit",
    help="net: the list of layers that was read, with lines, sizes, settings; circles: "
    "a circle a neuron.",
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
def render(context: click.Context, /, expression: str, **parameters: Any) -> int:
    """Draw EXPRESSION as a circuit with value and gradient on every wire.

    EXPRESSION is a formula, several lines of assignments, a file, or - for standard
    input. Without -o, print a table of every wire.
    """
    from gradtutor.calculus.symbols import wire_symbols
    from gradtutor.cli.drawing.circles import write_circles
    from gradtutor.cli.drawing.one_example import one_example
    from gradtutor.cli.drawing.training_page import write_training_page
    from gradtutor.evaluate.point import read_points
    from gradtutor.evaluate.report import symbols_json
    from gradtutor.render import table
    from gradtutor.render.moving.files import is_frames

    run, options = session(context), taken(RenderOptions, parameters)
    point = read_points(options.at)
    if options.train:
        return write_training_page(run, expression, point, options)
    check_picture_options(options)
    if options.dataset:
        point = one_example(run, expression, point, options)
    elif options.weights:
        raise click.UsageError(tr("--weights goes with --data"))
    circuit = prepared(
        expression, point, options.ties, opened=options.opened, closed=options.closed
    )
    style, output = _style(circuit, point, options), options.output
    told = network_notes(circuit.graph)
    if options.form == "net":
        return _echo(run, circuit, told)
    say_notes(run, told)
    if options.form == "circles":
        return write_circles(run, circuit.graph, output)
    if output and (options.animate or is_frames(output)):
        _animate(run, circuit, point, style, options)
    elif output and options.beside:
        _draw_both(run, circuit, point, style, (expression, options.beside), output)
    elif output:
        _draw(run, circuit, point, style, output)
    if output and not has_all_values(circuit, point):  # symbols, or values at random
        if run.json:
            run.result({"output": output} | ({"notes": told} if told else {}), "")
    elif style.show != "symbols" or (run.json and has_all_values(circuit, point)):
        _numbers(run, circuit, point, style, output)
    elif not output:
        symbols = wire_symbols(circuit.graph, circuit.ties)
        if run.json:
            notes = {"notes": told} if told else {}
            run.result(symbols_json(circuit.graph, symbols) | notes, "")
        else:
            run.result({}, table(circuit.graph, style, symbols))
    return DONE


def _echo(run: Session, circuit: Circuit, told: Sequence[str]) -> int:
    """Print a network as the list of layers that was read."""
    from dataclasses import asdict

    from gradtutor.graph import has_network
    from gradtutor.language.network.echo import layer_rows, settings_of, table_of

    if not has_network(circuit.graph):
        raise click.UsageError(tr("this is no network: --as net lists layers"))
    rows, settings = layer_rows(circuit.graph), settings_of(circuit.graph)
    data = {
        "layers": [
            {k: v for k, v in asdict(row).items() if v or k != "frozen"} for row in rows
        ],
        "parameters": sum(row.parameters for row in rows),
        "training": settings,
        "notes": list(told),
    }
    run.result(data, table_of(rows, settings, told))
    return DONE


def _style(circuit: Circuit, point: dict[str, Any], options: RenderOptions) -> Style:
    """Read the options of a picture; layers go down the page, gates to the right."""
    from dataclasses import replace

    from gradtutor.render import is_folded

    show = options.show or ("values" if has_values(circuit, point) else "symbols")
    style = style_of(options, show, _layers(options))
    page = is_page(options.output)
    down = not options.direction and not page and is_folded(circuit.graph, style)
    return replace(style, direction="TB") if down else style


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
    options: RenderOptions,
) -> None:
    """Write a frame a step, which needs a number for every input."""
    from gradtutor.readings.drawn import key_place

    output = options.output
    if options.animate and not output.lower().endswith((".svg", ".pdf")):
        raise click.BadParameter(
            tr("only an .svg plays, and a .pdf turns its pages"),
            param_hint="--animate",
        )
    if not has_values(circuit, point):
        raise click.UsageError(
            tr("frames show numbers: give every input a value by --at")
        )
    found = circuit.render_frames(output, style, options.only, **point)
    files = found[: len(found) // 2] if style.blank else found  # the key's come after
    if len(files) == 1:
        run.wrote(files[0])
    else:
        run.say(tr("wrote {count} frames", count=len(files)))
    if style.blank:
        run.say(tr("{name} has the numbers", name=key_place(output).name))


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
    if run.json:
        run.result(trace_json(trace) | ({"notes": told} if told else {}), "")
    elif not output:
        both = style.show == "both"
        symbols = wire_symbols(circuit.graph, circuit.ties) if both else None
        run.result({}, table(trace, style, symbols))


def _layers(options: RenderOptions) -> Any:
    """Return how a network's layers are drawn: open with --open of anything in them."""
    return "open" if options.opened else "closed" if options.closed else "auto"
