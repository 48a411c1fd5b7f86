"""A lesson's pictures: for the terminal, and as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from gradtutor.calculus.symbols import wire_symbols
from gradtutor.circuit import Circuit, parse
from gradtutor.course.content.model import Picture
from gradtutor.course.figures.braille import braille_row
from gradtutor.course.figures.layers_picture import (
    Layer,
    layer_dot,
    layer_table,
    layers,
)
from gradtutor.course.figures.neurons import Neurons, neuron_rows, neuron_svg
from gradtutor.course.figures.panels import (
    boundary_panels,
    fit_panels,
    landscape_panels,
    plot_panels,
    surface,
)
from gradtutor.course.figures.pictured import images
from gradtutor.course.figures.pixels import pixel_rows, pixel_svg
from gradtutor.course.figures.plot_svg import svg
from gradtutor.course.figures.surface import lines, surface_svg
from gradtutor.course.shown.lesson_terminal import printed, width
from gradtutor.evaluate.point import read_points
from gradtutor.evaluate.values import Array
from gradtutor.render import Style, render_bytes, table
from gradtutor.render.letters.embedding import with_letters

#: Rows of a plot in a terminal, by what it shows.
ROWS = {"plot": 15, "landscape": 21, "fits": 13, "boundary": 13}
PANELS = {
    "plot": plot_panels,
    "landscape": landscape_panels,
    "fits": fit_panels,
    "boundary": boundary_panels,
}


class _Drawn(NamedTuple):
    """How a kind of picture is drawn with characters, and as SVG."""

    text: Callable[[Picture, bool], str]
    svg: Callable[[Picture], bytes]


def picture_text(picture: Picture, *, styled: bool) -> str:
    """Draw a picture with characters: tables of wires or layers, plots, pixels."""
    return _kind(picture).text(picture, styled)


def picture_svg(picture: Picture, *, letters: bool = True) -> bytes:
    """Draw a picture as SVG.

    Parameters
    ----------
    letters : bool
        Whether Chinese letters come along; cutting their font takes half a second.
    """
    drawn = _kind(picture).svg(picture)
    return with_letters(drawn) if letters else drawn


def _kind(picture: Picture) -> _Drawn:
    name = next(one for one in DRAWN if one in picture.fields)
    return DRAWN["solid" if picture.fields.get("solid") else name]


# ---- circuits and networks ----


def circuit_of(picture: Picture) -> tuple[Circuit, dict[str, Array], Style]:
    """Return a circuit picture: the circuit, values of inputs, how it looks."""
    fields = picture.fields
    at = read_points(f"{name}={text}" for name, text in fields.get("at", {}).items())
    circuit = parse(fields["formula"], {name: one.shape for name, one in at.items()})
    circuit = circuit.close() if fields.get("closed") else circuit
    symbols = fields.get("symbols") or not at
    show: Literal["symbols", "values"] = "symbols" if symbols else "values"
    return circuit, at, Style(show=show, gradients=fields.get("gradients", True))


def _circuit_text(picture: Picture, styled: bool) -> str:
    circuit, at, style = circuit_of(picture)
    symbolic = style.show == "symbols"
    wanted = symbolic and style.gradients
    symbols = wire_symbols(circuit.graph, circuit.ties) if wanted else None
    of = circuit.graph if symbolic else circuit.trace(**at)
    return printed(table(of, style, symbols), width(), styled=styled)


def _circuit_svg(picture: Picture) -> bytes:
    circuit, at, style = circuit_of(picture)
    values = {} if style.show == "symbols" else at
    return render_bytes(circuit.dot(style, **values), "svg")


def _layers(picture: Picture) -> list[Layer]:
    return layers(parse(picture.fields["network"]).graph)


def _network_text(picture: Picture, styled: bool) -> str:
    return printed(layer_table(_layers(picture)), width(), styled=styled)


def _network_svg(picture: Picture) -> bytes:
    return render_bytes(layer_dot(_layers(picture)), "svg")


def _neurons(fields: Mapping[str, Any]) -> list[Neurons]:
    """Return the layers, with what dropout has switched off: ``2.1``, layer.neuron."""
    off = [tuple(map(int, one.split("."))) for one in fields.get("off", ())]
    return [
        (int(count), [n - 1 for layer, n in off if layer == k])
        for k, count in enumerate(fields["neurons"], 1)
    ]


def _neurons_text(picture: Picture, _: bool) -> str:
    return neuron_rows(_neurons(picture.fields), picture.fields.get("titles", ()))


def _neurons_svg(picture: Picture) -> bytes:
    names = picture.fields.get("titles", ())
    return neuron_svg(_neurons(picture.fields), names, picture.name).encode()


# ---- plots and images ----


def _panels_text(picture: Picture, _: bool) -> str:
    kind = next(one for one in PANELS if one in picture.fields)
    return braille_row(PANELS[kind](picture.fields), width() - 2, ROWS[kind])


def _panels_svg(picture: Picture) -> bytes:
    kind = next(one for one in PANELS if one in picture.fields)
    return svg(PANELS[kind](picture.fields), picture.name).encode()


def _solid_text(picture: Picture, _: bool) -> str:
    seen = surface(picture.fields)
    drawn = braille_row([lines(seen)], width() - 2, 23).splitlines()
    end = next(n for n, line in enumerate(drawn) if "└" in line)
    kept = [line[line.find("┤") + 1 :] for line in drawn[:end]]
    return "\n".join(line.rstrip() for line in [*kept, *drawn[end + 2 :]])


def _solid_svg(picture: Picture) -> bytes:
    return surface_svg(surface(picture.fields), picture.name).encode()


def _images_text(picture: Picture, _: bool) -> str:
    return pixel_rows(images(picture.fields), width() - 2)


def _images_svg(picture: Picture) -> bytes:
    return pixel_svg(images(picture.fields), picture.name).encode()


_PLOT = _Drawn(_panels_text, _panels_svg)
DRAWN = {
    "formula": _Drawn(_circuit_text, _circuit_svg),
    "network": _Drawn(_network_text, _network_svg),
    "neurons": _Drawn(_neurons_text, _neurons_svg),
    "images": _Drawn(_images_text, _images_svg),
    "solid": _Drawn(_solid_text, _solid_svg),
    **dict.fromkeys(PANELS, _PLOT),
}
