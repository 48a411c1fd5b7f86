"""A lesson's pictures: for the terminal, and as SVG."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gradtutor.calculus.symbols import wire_symbols
from gradtutor.circuit import Circuit, parse
from gradtutor.course.content.model import Picture
from gradtutor.course.shown.landscape import descent, landscape, within
from gradtutor.course.shown.layers_picture import Layer, layer_dot, layer_table, layers
from gradtutor.course.shown.lesson_terminal import printed, width
from gradtutor.course.shown.plots import Curve, braille, svg
from gradtutor.equality.evaluation import evaluate, read_expression
from gradtutor.evaluate.point import read_points
from gradtutor.evaluate.values import Array
from gradtutor.render import Style, render_bytes, table

PLOT_POINTS = 241
ROWS = {1: 15, 2: 21}  # of a plot, and of a landscape


def picture_text(picture: Picture, *, styled: bool) -> str:
    """Draw a picture with characters: a table of wires or of layers, or a plot."""
    if picture.fields.keys() & {"plot", "landscape"}:
        return braille(curves(picture), width() - 2, ROWS[len(picture.fields["over"])])
    if "network" in picture.fields:
        drawn = layer_table(_layers(picture))
    else:
        circuit, at, style = circuit_of(picture)
        symbolic = style.show == "symbols"
        wanted = symbolic and style.gradients
        symbols = wire_symbols(circuit.graph, circuit.ties) if wanted else None
        of = circuit.graph if symbolic else circuit.trace(**at)
        drawn = table(of, style, symbols)
    return printed(drawn, width(), styled=styled)


def picture_svg(picture: Picture) -> bytes:
    """Draw a picture as SVG."""
    if picture.fields.keys() & {"plot", "landscape"}:
        return svg(curves(picture), picture.name).encode()
    if "network" in picture.fields:
        return render_bytes(layer_dot(_layers(picture)), "svg")
    circuit, at, style = circuit_of(picture)
    values = {} if style.show == "symbols" else at
    return render_bytes(circuit.dot(style, **values), "svg")


def _layers(picture: Picture) -> list[Layer]:
    return layers(parse(picture.fields["network"]).graph)


def circuit_of(picture: Picture) -> tuple[Circuit, dict[str, Array], Style]:
    """Return a circuit picture: the circuit, values of inputs, how it looks."""
    fields = picture.fields
    at = read_points(f"{name}={text}" for name, text in fields.get("at", {}).items())
    circuit = parse(fields["formula"], {name: one.shape for name, one in at.items()})
    circuit = circuit.close() if fields.get("closed") else circuit
    symbols = fields.get("symbols") or not at
    show: Literal["symbols", "values"] = "symbols" if symbols else "values"
    return circuit, at, Style(show=show, gradients=fields.get("gradients", True))


def curves(picture: Picture) -> list[Curve]:
    """Return the curves of a plot, or the lines and paths of a landscape."""
    fields = picture.fields
    if "landscape" in fields:
        return [*landscape(fields["landscape"], fields["over"]), *_paths(picture)]
    ((name, (low, high)),) = fields["over"].items()
    x = np.linspace(low, high, PLOT_POINTS)
    labels = fields.get("labels") or fields["plot"]
    found = []
    for label, formula in zip(labels, fields["plot"], strict=True):
        y = evaluate(read_expression(formula, [name]), {name: x})
        found.append(Curve(label, x.tolist(), y.tolist()))
    return found


def _paths(picture: Picture) -> list[Curve]:
    """Return a path of descent for each learning rate, with its momentum."""
    fields = picture.fields
    start = {name: float(text) for name, text in fields.get("start", {}).items()}
    rates = fields.get("rates", ())
    found = []
    momenta = fields.get("momentum") or ["0"] * len(rates)
    for rate, kept in zip(rates, momenta, strict=True):
        label = f"η = {rate}" + (f", β = {kept}" if float(kept) else "")
        steps = int(fields.get("steps", 20))
        path = descent(
            fields["landscape"], start, float(rate), steps, float(kept), label
        )
        found.append(within(path, fields["over"]))
    return found
