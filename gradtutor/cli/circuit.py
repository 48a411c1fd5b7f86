"""render, diff and check: what can be asked of a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import (
    DONE,
    FAILED,
    UNDECIDED,
    ExpressionCommand,
    common_options,
    read_text,
    session,
)

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.evaluate import Trace

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
    "-o", "--output", type=click.Path(), help="Picture: .svg, .png, .pdf or .dot."
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
    if show == "symbols" and not run.json:
        if not options["output"]:
            run.result(
                {},
                table(circuit.graph, style, wire_symbols(circuit.graph, circuit.ties)),
            )
        return DONE
    trace = circuit.trace(**point)
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


def has_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether any input was given a value; then all must have one."""
    values = [circuit.graph.nodes[name].get("value") for name in circuit.inputs]
    return bool(point) or not values or any(value is not None for value in values)


def trace_json(trace: Trace) -> dict[str, Any]:
    """Return values and gradients of every node and wire for other programs."""
    from gradtutor.graph import inputs

    graph, values, grads = trace.graph, trace.values, trace.node_gradients
    nodes = [
        {
            "id": node,
            "gate": data["gate"],
            "name": data["name"],
            "value": plain(values[node]),
            "grad": plain(grads.get(node)),
        }
        for node, data in graph.nodes(data=True)
    ]
    wires = [
        {
            "from": source,
            "to": target,
            "arg": position,
            "value": plain(values[source]),
            "grad": plain(trace.gradients.get((source, target, position))),
        }
        for source, target, position in graph.edges(keys=True)
    ]
    points = {
        name: {"value": plain(values[name]), "grad": plain(grads[name])}
        for name in inputs(graph)
    }
    fault = {"fault": trace.fault_message()} if trace.fault else {}
    output = plain(values[trace.output])
    return {"value": output, "inputs": points, "nodes": nodes, "wires": wires} | fault


def plain(value: Any) -> Any:
    """Return an array as JSON: nested lists, nan and infinity as strings."""
    from gradtutor.graph import json_number

    if value is None:
        return None
    if getattr(value, "ndim", 0):
        return [plain(row) for row in value]
    return json_number(value)


@click.command(cls=ExpressionCommand)
@click.argument("expression")
@click.option(
    "--wrt", multiple=True, metavar="x", help="Input; repeatable; default: all."
)
@click.option("--order", type=click.IntRange(1, 4), default=1, show_default=True)
@at_option
@ties_option
@common_options
@click.pass_context
def diff(context: click.Context, /, expression: str, **options: Any) -> int:
    """Differentiate EXPRESSION and verify the result numerically."""
    from gradtutor.calculus.symbols import output_name
    from gradtutor.evaluate.point import read_points

    run = session(context)
    point = read_points(options["at"])
    circuit = prepared(expression, point, options)
    wrt = options["wrt"] or circuit.inputs
    order, rows, lines = options["order"], [], []
    for name in wrt:
        derivative = circuit.diff(*[name] * order)
        base = circuit.diff(*[name] * (order - 1)) if order > 1 else None
        verified = _verified(circuit, base, name, derivative, run.seed or 0)
        rows.append({"wrt": name, "derivative": derivative, "verified": verified})
        rows[-1] |= _value_at(derivative, point)
        symbol = _symbol(output_name(circuit.graph), name, order)
        lines += _lines(symbol, derivative, rows[-1], verified)
    head = {"input": circuit.graph.graph["source"], "order": order}
    run.result(
        head | (rows[0] if len(rows) == 1 else {"derivatives": rows}), "\n".join(lines)
    )
    verdicts = [row["verified"] for row in rows]
    return FAILED if False in verdicts else UNDECIDED if None in verdicts else DONE


def _symbol(output: str, name: str, order: int) -> str:
    """Write ∂f/∂x, or ∂²f/∂x²."""
    power = "" if order == 1 else "²³⁴"[order - 2]
    return f"∂{power}{output}/∂{name}{power}"


def _verified(
    circuit: Circuit, base: str | None, name: str, derivative: str, seed: int
) -> bool | None:
    """Verify against finite differences of the formula, or of the derivative before."""
    from gradtutor.circuit import parse

    return (parse(base) if base else circuit).verify(name, derivative, seed)


def _value_at(derivative: str, point: dict[str, Any]) -> dict[str, Any]:
    """Evaluate a derivative at the point given, if one was."""
    from gradtutor.circuit import parse

    if not point:
        return {}
    shapes = {name: value.shape for name, value in point.items()}
    circuit = parse(derivative, shapes)
    given = {name: value for name, value in point.items() if name in circuit.inputs}
    return {
        "value": plain(circuit.trace(**given).values[circuit.graph.graph["output"]])
    }


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
    value = [f"  = {row['value']} at the point given"] if "value" in row else []
    return [*shared, f"{symbol} = {last}", *value, f"  ({verdict})"]


@click.command(cls=ExpressionCommand)
@click.argument("expression")
@at_option
@ties_option
@common_options
@click.pass_context
def check(context: click.Context, /, expression: str, **options: Any) -> int:
    """Check every gradient of EXPRESSION against finite differences.

    Inputs without a value get a random one, the same for the same --seed.
    """
    from gradtutor.evaluate.check import check_gradients
    from gradtutor.evaluate.point import random_point, read_points

    run = session(context)
    point = read_points(options["at"])
    circuit = prepared(expression, point, options)
    graph = circuit.graph
    given = {
        name: value for name, value in graph.nodes(data="value") if value is not None
    }
    rows = check_gradients(
        graph, random_point(graph, run.seed or 0) | given | point, circuit.ties
    )
    data = {
        "inputs": {
            row.name: {
                "analytic": plain(row.analytic),
                "numeric": plain(row.numeric),
                "relative_error": plain(row.relative_error),
                "ok": row.ok,
            }
            | ({"note": row.note} if row.note else {})
            for row in rows
        },
        "ok": _verdict([row.ok for row in rows]),
    }
    run.result(data, "\n".join([_HEAD, *map(_row, rows)]))
    return {True: DONE, False: FAILED, None: UNDECIDED}[data["ok"]]  # type: ignore[index]


_HEAD = f"{'input':<12} {'analytic':>14} {'numeric':>14} {'rel. error':>11}"


def _verdict(oks: list[bool | None]) -> bool | None:
    return False if False in oks else None if None in oks else True


def _row(row: Any) -> str:
    word = {True: "ok", False: "WRONG", None: "undecided"}[row.ok]
    note = f"  {row.note}" if row.note else ""
    numbers = f"{row.analytic:>14.8g} {row.numeric:>14.8g} {row.relative_error:>11.1e}"
    return f"{row.name:<12} {numbers}  {word}{note}"
