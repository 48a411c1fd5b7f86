"""render: a formula as a table or a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import (
    DONE,
    ExpressionCommand,
    common_options,
    read_text,
    session,
)

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit

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
    help="Picture: .svg, .png, .pdf, .dot, or .html, a page to step through.",
)
@click.option(
    "--show",
    type=click.Choice(["values", "symbols", "both"]),
    help="What stands on the wires.",
)
@click.option("--digits", type=click.IntRange(0, 17), default=2, show_default=True)
@click.option(
    "--direction", type=click.Choice(["LR", "TB"]), default="LR", show_default=True
)
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light")
@click.option(
    "--captions", is_flag=True, help="Say what each gate does to the gradient."
)
@click.option(
    "--open", "opened", multiple=True, metavar="GATE", help="Draw its gates; or: all."
)
@click.option("--closed", is_flag=True, help="Draw 1/(1+exp(-x)) as one sigmoid gate.")
@ties_option
@common_options
@click.pass_context
def render(context: click.Context, /, expression: str, **options: Any) -> int:
    """Draw EXPRESSION as a circuit with value and gradient on every wire.

    EXPRESSION is a formula, several lines of assignments, a file, or - for standard
    input. Without -o, print a table of every wire.
    """
    from gradtutor.calculus.symbols import wire_symbols
    from gradtutor.evaluate.point import read_points
    from gradtutor.evaluate.report import trace_json
    from gradtutor.render import Style, table

    run = session(context)
    point = read_points(options["at"])
    circuit = prepared(expression, point, options)
    show = options["show"] or ("values" if has_values(circuit, point) else "symbols")
    style = Style(
        show=show,  # type: ignore[arg-type]
        digits=options["digits"],
        direction=options["direction"],
        theme=options["theme"],
        captions=options["captions"],
    )
    if options["output"]:
        for warning in circuit.render(options["output"], style, **point):
            run.say(f"gradtutor: {warning}")
        run.say(f"wrote {options['output']}")
        if is_page(options["output"]) and not has_all_values(circuit, point):
            if run.json:  # the page drew values at random: none are the user's
                run.result({"output": options["output"]}, "")
            return DONE
    if show == "symbols" and not run.json:
        if not options["output"]:
            run.result(
                {},
                table(circuit.graph, style, wire_symbols(circuit.graph, circuit.ties)),
            )
        return DONE
    trace = circuit.trace(**point)
    if trace.values[trace.output].ndim:
        run.say("gradtutor: the output is a tensor; the gradients are those of its sum")
    if trace.fault:
        run.say(f"gradtutor: {trace.fault_message()}")
    symbols = wire_symbols(circuit.graph, circuit.ties) if show == "both" else None
    if run.json or not options["output"]:
        run.result(trace_json(trace), table(trace, style, symbols))
    return DONE


def prepared(
    expression: str, point: dict[str, Any], options: dict[str, Any]
) -> Circuit:
    """Parse the expression and open or close composites as asked."""
    from dataclasses import replace

    from gradtutor.calculus.composites import composites
    from gradtutor.circuit import parse
    from gradtutor.evaluate.point import check_names
    from gradtutor.language import near

    shapes = {name: value.shape for name, value in point.items() if value.shape}
    circuit = replace(parse(read_text(expression), shapes), ties=options["ties"])
    check_names(circuit.graph, point)
    opened = set(options.get("opened", ()))
    for name in sorted(opened - set(composites()) - {"all"}):
        hint = near(name, composites()) or f"these do: {', '.join(composites())}"
        raise click.BadParameter(f"{name!r} does not open; {hint}", param_hint="--open")
    if opened:
        circuit = circuit.open(*([] if "all" in opened else sorted(opened)))
    return circuit.close() if options.get("closed") else circuit


def is_page(output: str) -> bool:
    """Whether the file is a page, which draws the values that were not given."""
    return output.lower().endswith(".html")


def has_all_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether the text or the point gives every input a value."""
    values = circuit.graph.nodes(data="value")
    return all(name in point or values[name] is not None for name in circuit.inputs)


def has_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether any input was given a value; then all must have one."""
    values = [circuit.graph.nodes[name].get("value") for name in circuit.inputs]
    return bool(point) or not values or any(value is not None for value in values)
