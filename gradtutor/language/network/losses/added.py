"""What Keras's ``add_loss`` adds to a model's loss, as gates of the same graph."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.gates import ShapeMismatchError
from gradtutor.graph import copied
from gradtutor.language.errors import SourceError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.judging import Judge
from gradtutor.language.program.values import Symbol, Tensor
from gradtutor.language.tracing.applying import worked_out
from gradtutor.language.tracing.tracer import Tracer
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.reading import Program


def note_added(program: Program, net: Builder, tracer: Tracer) -> None:
    """Append what ``model.add_loss(...)`` is given of the model's Keras tensors."""
    for symbol in program.run.found.added.get(id(program.model), ()):
        before = copied(net.graph)
        try:
            found = _judged(program, tracer, symbol)
        except (SourceError, ShapeMismatchError):
            net.graph = before
            line = getattr(symbol.node, "lineno", 1)
            net.notes.append(
                tr("warning: line {line}: what add_loss adds is not read", line=line)
            )
            continue
        net.added.append(scalar(tracer, found, symbol.node))


def _judged(program: Program, tracer: Tracer, symbol: Symbol) -> Any:
    run = program.run
    before, run.tracer = run.tracer, tracer
    tracer.judging, tracer.loss = True, Judge(tracer)  # type: ignore[method-assign]
    try:
        return worked_out(tracer, symbol, dict(tracer.symbols))
    finally:
        run.tracer, tracer.judging = before, False


def scalar(tracer: Tracer, value: Any, node: Any) -> str:
    """Return a node of one number: of several their mean, as Keras reports them."""
    made: Tensor = tracer.tensor(value, node)
    if made.order:
        made = tracer.function("mean", [made], {}, node)
    return made.node


def has_other_loss(program: Program) -> bool:
    """Whether a loss is compiled, or called while the program trains."""
    found = program.run.found
    compiled = found.compiled.get("loss") is not None
    return compiled or bool(found.losses_used) or found.minimised is not None


def only_added(net: Builder) -> bool:
    """Make what is added the loss; whether anything is."""
    if not net.added:
        return False
    first, *rest = net.added
    at = Item("own", {}, (0, 1), "loss")
    for one in rest:
        first = net.gate("add", first, one, layer=at)
    nx.relabel_nodes(net.graph, {first: "loss"}, copy=False)
    net.graph.nodes["loss"]["name"] = net.node = net.graph.graph["output"] = "loss"
    net.added = []
    return True


def asks_for_losses(program: Program) -> bool:
    """Whether the text takes what is added from the model: ``sum(model.losses)``."""
    nodes = ast.walk(program.run.source.tree)
    return any(isinstance(n, ast.Attribute) and n.attr == "losses" for n in nodes)
