"""One HTML file that steps through a circuit and computes it anew as inputs change.

Nothing is loaded from anywhere: drawings, program, style and numbers are in the file,
and its Content-Security-Policy lets nothing else run.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from gradtutor.calculus.symbols import output_name
from gradtutor.codegen.text.javascript import runtime
from gradtutor.evaluate.values import node_values
from gradtutor.gates import show_shape
from gradtutor.graph import Graph, has_network, inputs, with_shapes
from gradtutor.messages import language, tr
from gradtutor.render.circuit_drawing import MAX_NODES
from gradtutor.render.drawing import PictureError
from gradtutor.render.engines import layout
from gradtutor.render.page.page_program import PageProgram, page_program
from gradtutor.render.page.page_svg import page_svg
from gradtutor.render.page.sentences import line_words, page_sentences
from gradtutor.render.page.start_values import input_data, is_computable, page_values
from gradtutor.render.page.view_drawing import view_dot
from gradtutor.render.page.views import View, page_views
from gradtutor.render.style import Style

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (
    *(
        "numbers",
        "typed",
        "drawing",
        "lines",
        "noise",
        "steps",
        "inputs",
        "panel",
        "views",
        "main",
    ),
)
#: Longest source that is the page's heading.
HEADING_WIDTH = 90


@dataclass(frozen=True)
class Page:
    """A page's bytes, what to tell the person who asked for it, where it begins."""

    content: bytes
    notes: list[str]
    values: Mapping[str, Any]


def circuit_page(
    graph: Graph, ties: str, style: Style, given: Mapping[str, ArrayLike]
) -> Page:
    """Return the page of a circuit.

    Parameters
    ----------
    given : mapping from str to array_like
        Values of inputs. With none at all they are drawn at random; parameters of a
        network always may be.

    Raises
    ------
    MissingValueError
        When some inputs have values and others have none.
    LabelError
        When a label is no class.
    PictureError
        When the circuit has too many gates to be drawn.
    """
    if len(graph) > MAX_NODES:
        raise PictureError(
            tr(
                "{count:,} gates are too many for a page (the limit is "
                "{limit:,}): show a part of it",
                count=len(graph),
                limit=MAX_NODES,
            )
        )
    values, notes = page_values(graph, given)
    shaped = with_shapes(graph, {name: value.shape for name, value in values.items()})
    if not is_computable(shaped, values):
        shaped, values = with_shapes(graph, {}), {}
        notes = [
            tr("too large to compute in a page: it shows shapes instead of numbers")
        ]
    if any(shaped.nodes[name]["role"] == "label" for name in values):
        node_values(shaped, values)  # a label that is no class is an error
    views = page_views(shaped)
    if len(views) == 2 and len(views[-1].open) > 1:
        notes = [*notes, tr("too many gates to open them one by one: all open at once")]
    programs = _programs(views, ties, numbers=bool(values) or not inputs(graph))
    drawn = [_drawn(view, programs, place, style) for place, view in enumerate(views)]
    data = {
        "schema": 1,
        "digits": style.digits,
        "ties": ties,
        "numbers": bool(values) or not inputs(graph),
        "theme": style.theme,
        "sentences": page_sentences(),
        "lineWords": line_words(),
        "direction": style.direction,
        "notes": notes,
        "inputs": [input_data(shaped, name, values) for name in inputs(shaped)],
        "programs": [program.data for program in programs],
        "views": [
            _view_data(view, programs, programs.index(_of(view, programs)))
            for view in views
        ],
    }
    return Page(_html(shaped, data, programs, drawn), notes, values)


def _of(view: View, programs: list[PageProgram]) -> PageProgram:
    return next(program for program in programs if program.graph is view.graph)


def _programs(views: list[View], ties: str, *, numbers: bool) -> list[PageProgram]:
    """Print a program for each graph: views of folded layers share one."""
    graphs: list[Graph] = []
    for view in views:
        if not any(view.graph is graph for graph in graphs):
            graphs.append(view.graph)
    return [page_program(graph, ties, numbers=numbers) for graph in graphs]


def _drawn(view: View, programs: list[PageProgram], place: int, style: Style) -> str:
    dot = view_dot(view, _of(view, programs), place, style.digits, style.direction)
    return page_svg(layout(dot, "svg"))


# ---- what the page reads ----


def _view_data(view: View, programs: list[PageProgram], place: int) -> dict[str, Any]:
    program = programs[place]
    order = program.node_index
    boxes = [
        {
            "kind": box.kind,
            "title": box.title,
            "nodes": sorted(order[node] for node in box.nodes),
            "key": box.key,
            "frame": box.cluster,
        }
        for box in view.boxes
    ]
    wires = [
        [None if wire is None else program.wire_index[wire], source, target]
        for wire, source, target in view.wires
    ]
    return {
        "open": list(view.open),
        "program": place,
        "boxes": boxes,
        "wires": wires,
        "steps": view.steps,
        "frames": view.clusters,
    }


def _html(
    graph: Graph, data: dict[str, Any], programs: list[PageProgram], drawn: list[str]
) -> bytes:
    """Fill the template; the policy names the hashes of the only script and style."""
    from jinja2 import Environment
    from markupsafe import Markup

    source = graph.graph["source"].strip()
    short = "\n" not in source and len(source) <= HEADING_WIDTH
    style = (ASSETS / "page.css").read_text("utf-8")
    script = _script(programs)
    template = Environment(autoescape=True).from_string(
        (ASSETS / "page.html.j2").read_text("utf-8")
    )
    text = template.render(
        heading=source if short else _heading(graph),
        source="" if short else source,
        style=Markup(style),
        script=Markup(script),
        style_hash=policy_hash(style),
        script_hash=policy_hash(script),
        data=Markup(json_text(data)),
        drawings=[Markup(svg) for svg in drawn],
        theme=data["theme"],
        language=language(),
        say=data["sentences"].__getitem__,
    )
    return text.encode()


def _heading(graph: Graph) -> str:
    if has_network(graph):
        name = output_name(graph)
        x = next(iter(inputs(graph)))
        shape = show_shape(graph.nodes[x]["shape"])
        return tr("A network: {x} {shape} to {name}", x=x, shape=shape, name=name)
    names = ", ".join(inputs(graph))
    return tr("A circuit: {names} to {output}", names=names, output=output_name(graph))


def _script(programs: list[PageProgram]) -> str:
    """Return all of the page's code: the runtime, the programs, the page's own."""
    parts = [runtime(), "const PROGRAMS = [", *[f"{p.code}," for p in programs], "];"]
    parts += [(ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    return "\n".join(['"use strict";', "(() => {", *parts, "})();", ""])


def policy_hash(text: str) -> str:
    """Return a script's or style's hash as a Content-Security-Policy names it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def json_text(data: Any) -> str:
    """Write JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026")
