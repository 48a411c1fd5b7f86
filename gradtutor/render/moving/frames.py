"""A drawing in frames: one a step of the forward and the backward pass.

Every frame is the whole drawing with the numbers that are not known yet left out; all
have one layout, so nothing jumps from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gradtutor.calculus.stages import Stage, Way
from gradtutor.graph import Graph, Wire, readers
from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire
from gradtutor.render.style import text_width


@dataclass
class _Known:
    """What stands on the wires so far."""

    values: set[str] = field(default_factory=set)
    gradients: set[Wire] = field(default_factory=set)
    seed: bool = False


def frames(
    graph: Graph, drawing: Drawing, steps: Sequence[Stage], only: Way | None = None
) -> list[Drawing]:
    """Return the drawing as it is after each step.

    Parameters
    ----------
    drawing : Drawing
        Of this graph, a box a gate.
    only : str, optional
        ``backward``: every value is there from the start; ``forward``: no gradients.
    """
    lines = max((len(step.lines) for step in steps), default=0)
    texts = [line for step in steps for line in step.lines]
    width = max(map(text_width, texts), default=0)
    known = _Known({name for name, data in graph.nodes(data=True) if _is_leaf(data)})
    found = []
    for step in steps:
        _learn(graph, known, step)
        if only is None or step.way == only:
            caption = (*step.lines, *[""] * (lines - len(step.lines)))
            shown = _shown(drawing, known, step)
            found.append(replace(shown, caption=caption, caption_width=width))
    return found


def _is_leaf(data: dict[str, object]) -> bool:
    return data["gate"] in ("input", "number")


def _learn(graph: Graph, known: _Known, step: Stage) -> None:
    """Add what a step makes known, and what copies make of it."""
    if step.way == "forward":
        known.values |= {step.node, *_unnamed(graph, step.node, known.values)}
    elif not step.wires:
        known.seed = True
    else:
        known.gradients |= set(step.wires) | set(_inside(graph, step))
        known.gradients |= set(_summed(graph, known.gradients))


def _unnamed(graph: Graph, node: str, known: Iterable[str]) -> Iterator[str]:
    """Yield values without a name that stand in a named one's line."""
    waiting = [arg for arg, _ in graph.in_edges(node)]
    done = set(known)
    while waiting:
        one = waiting.pop()
        if one not in done:
            done.add(one)
            yield one
            waiting += [arg for arg, _ in graph.in_edges(one)]


def _inside(graph: Graph, step: Stage) -> Iterator[Wire]:
    """Yield the wires between a step's gate and those of its line without a name."""
    ends = {wire[1] for wire in step.wires}
    waiting, done = [step.node], set()
    while waiting:
        node = waiting.pop()
        for source, _, position in graph.in_edges(node, keys=True):
            wire = (source, node, position)
            if wire not in done and source in ends:
                done.add(wire)
                yield wire
                waiting.append(source)


def _summed(graph: Graph, known: Iterable[Wire]) -> Iterator[Wire]:
    """Yield the wires into copies all of whose branches have their gradient."""
    have = set(known)
    copies = [node for node, data in graph.nodes(data=True) if data["gate"] == "copy"]
    for node in copies:
        if all(wire in have for wire in readers(graph, node)):
            (source,) = (arg for arg, _ in graph.in_edges(node))
            yield source, node, 0


def _shown(drawing: Drawing, known: _Known, step: Stage) -> Drawing:
    """Return the drawing with what is known, the gate of the step marked."""
    wires = tuple(_wire(wire, known) for wire in drawing.wires)
    boxes = tuple(_box(box, step) for box in drawing.boxes)
    return replace(drawing, boxes=boxes, wires=wires)


def _box(box: DrawnBox, step: Stage) -> DrawnBox:
    return replace(box, active=step.way) if box.node == step.node else box


def _wire(wire: DrawnWire, known: _Known) -> DrawnWire:
    has_gradient = known.seed if wire.wire is None else wire.wire in known.gradients
    return replace(
        wire,
        value=replace(wire.value, hidden=wire.carries not in known.values),
        gradient=replace(wire.gradient, hidden=not has_gradient),
    )
