"""A program's network as a graph from data to loss, with all that its training says."""

from __future__ import annotations

import networkx as nx

from gradtutor.gates import show_shape
from gradtutor.graph import Graph
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.left_out import frozen_notes
from gradtutor.language.network.facts import network_facts
from gradtutor.language.network.losses.added import (
    asks_for_losses,
    has_other_loss,
    note_added,
    only_added,
)
from gradtutor.language.network.losses.chosen import (
    is_loss,
    last_layer,
    layer_before,
    usual_loss,
)
from gradtutor.language.network.losses.loss import LABELLED, add_loss, folded_loss
from gradtutor.language.network.losses.own_loss import own_loss
from gradtutor.language.network.losses.train_steps import with_train_step
from gradtutor.language.program.asked import warn
from gradtutor.language.program.nearest import EVEN
from gradtutor.language.program.outputs import prediction_of
from gradtutor.language.program.reading import (
    Program,
    read_program,
    traced_without,
)
from gradtutor.language.program.values import Setting, Tensor
from gradtutor.language.syntax import Source
from gradtutor.language.tracing.stopping import (
    keep_behind_stops,
    without_unused_stops,
)
from gradtutor.language.tracing.tracer import Tracer
from gradtutor.messages import key, mark, tr

#: Calls that are listed by name when they were passed over.
SHOWN_CALLS = 8


def program_graph(
    source: Source,
    features: int | tuple[int, ...] | None,
    classes: int | None,
    *,
    training: bool,
) -> Graph:
    """Read a program into the graph of its network."""
    program = read_program(source, features, classes, training=training)
    whole = with_train_step(program, training=training)
    if whole is not None:
        return _own_graph(whole, classes)
    net, tracer, prediction = program.net, program.tracer, program.prediction
    other = has_other_loss(program)
    note_added(program, net, tracer)
    if (not other and only_added(net)) or own_loss(program, net):
        return _own_graph(program, classes)
    if net.added and asks_for_losses(program):
        net.notes = [one for one in net.notes if key(one) != OF_OTHER_LOSSES[0]]
    if program.run.found.sample_weight is not None:
        warn(program.run, "sample_weight", EVEN, program.run.found.sample_weight)
        net.notes.append(program.run.notes[-1])
    loss, last = usual_loss(program, classes), last_layer(program)
    kind, kept = folded_loss(net, loss, [layer_before(program), last])
    if len(kept) < 2:  # once more, without the Softmax that the loss does
        notes = net.notes
        _, _, number = tracer.squashed[prediction.node]
        run, model, shape = program.run, program.model, program.shape
        _, net, tracer, output = traced_without(program, number, training=training)
        net.notes = notes
        prediction = prediction_of(run, model, output, shape, tracer)
        note_added(program, net, tracer)
    rows = _as_rows(net, tracer, prediction, kind)
    without_unused_stops(tracer, rows)
    net.node = _named(net, rows, kind)
    answer = net.node
    add_loss(net, kind, _penalties(net, program), last, classes)
    return _with_facts(program, net, tracer, answer, kind.kind, classes)


def _own_graph(program: Program, classes: int | None) -> Graph:
    """Return the graph of a program whose loss is its own."""
    net, tracer = program.net, program.tracer
    lines = [n for n in net.notes if key(n) in OF_OTHER_LOSSES]
    net.notes = [one for one in net.notes if one not in lines]
    without_unused_stops(tracer, net.graph.graph["output"])
    item = program.loss.item if program.loss else Item("own")
    answer = _named(net, program.prediction.node, item)
    net.notes.append(_targets_note(program, net))
    graph = _with_facts(program, net, tracer, answer, "own", classes)
    graph.graph["network"]["own_loss"] = True
    return graph


#: Notes on a loss that is not read as it is written, which do not hold then.
OF_OTHER_LOSSES = (
    mark("warning: the text minimises more than {name} of one output: only "
         "that is read"),
    mark("of several losses the first is taken"),
    mark("warning: the {kind} {word} is {why}: the usual is taken"),
)  # fmt: skip


def _targets_note(program: Program, net: Builder) -> str:
    """Say that the loss is the program's own, and what y is."""
    if "y" not in net.graph:
        return tr("the loss is worked out as the text has it, from X alone")
    shape = show_shape(net.graph.nodes["y"]["shape"])
    if net.graph.graph.get("weighed"):
        return tr(
            "the loss is worked out as the text has it; y {shape} holds the targets "
            "and, last, what each example counts",
            shape=shape,
        )
    return tr(
        "the loss is worked out as the text has it; its targets are y {shape}",
        shape=shape,
    )


def _with_facts(
    program: Program,
    net: Builder,
    tracer: Tracer,
    answer: str,
    loss: str,
    classes: int | None,
) -> Graph:
    """Note what the program says of its training."""
    net.notes += keep_behind_stops(tracer, net.graph.graph["output"])
    net.notes += frozen_notes(net.graph, program.run.frozen_lines)
    net.notes += _passed_over(program)
    optimiser = program.optimiser.item if program.optimiser else None
    schedule = program.schedule.item if program.schedule else None
    facts = network_facts(net, program.run.library, optimiser, schedule)
    found = program.run.found
    net.graph.graph["network"] = facts | {
        "prediction": answer,
        "loss": loss,
        "classes": classes,
        "epochs": found.epochs,
        "steps": found.updates,
        "guesses": program.run.guesses,
        "batch_size": found.batch_size,
        "whole": found.whole and not found.batch_size,
        "patience": found.stop_early,
        "asked": found.asked,
        "joined": net.joined,
    }
    return net.graph


def _as_rows(net: Builder, tracer: Tracer, prediction: Tensor, loss: Item) -> str:
    """Return the prediction as the loss takes it: rows (N, K) for classes."""
    at = tracer.run.source.tree.body[0]
    if prediction.steps:
        prediction = tracer.joined(prediction, at)
    sizes = tracer.sizes(prediction)
    if len(sizes) == 1:
        return net.reshape(prediction.node, ("N", 1), loss)
    if len(sizes) == 2:
        return tracer.natural(prediction, at)
    if loss.kind not in LABELLED:
        return prediction.node
    classes_last = tracer.run.library == "keras" or len(sizes) == 3
    rank = len(sizes)
    axes = range(rank) if classes_last else (0, *range(2, rank), 1)
    node = tracer.arranged(prediction, axes, at)
    return net.reshape(node, ("N", net.graph.nodes[node]["shape"][-1]), loss)


def _named(net: Builder, node: str, loss: Item) -> str:
    """Give the prediction a name, by which a script and a picture call it."""
    if net.graph.nodes[node]["name"]:
        return node
    name = net.fresh("c" if loss.kind == "cosine_embedding" else "z")
    nx.relabel_nodes(net.graph, {node: name}, copy=False)
    net.graph.nodes[name]["name"] = name
    return name


def _penalties(net: Builder, program: Program) -> Item | None:
    """Note scikit-learn's penalty on all weights; return that of a line of its own."""
    parameters = [
        n for n, d in net.graph.nodes(data=True) if d.get("role") == "parameter"
    ]
    if program.run.found.penalty:
        weights = [name for name in parameters if name.startswith("W")]
        net.penalties += [("l2", program.run.found.penalty, name) for name in weights]
    value = program.run.scope.find("regularization") or program.run.scope.find(
        "regularizer"
    )
    penalty = isinstance(value, Setting) and value.kind == "regulariser"
    return value.item if penalty else None


def _passed_over(program: Program) -> list[str]:
    """List in one line the calls that have nothing to do with the network."""
    no_loss = program.loss is None  # then its losses are told as not here
    names = [
        ".".join(path.split(".")[-2:])
        for path in program.run.found.ignored
        if not (no_loss and is_loss(path))
    ]
    if not names:
        return []
    more = len(names) - SHOWN_CALLS
    told = ", ".join(names[:SHOWN_CALLS])
    if more > 0:
        return [tr("passed over: {names} and {more} more", names=told, more=more)]
    return [tr("passed over: {names}", names=told)]
