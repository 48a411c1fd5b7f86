"""A list of layers to the same graph that a formula makes, from data to loss.

>>> graph = parse_network('''Sequential([Input(4), Linear(3), ReLU(), Linear(2)])
... loss = CrossEntropyLoss()''')
>>> [name for name, data in graph.nodes(data=True) if data["name"]]
['X', 'W1', 'b1', 'z1', 'h1', 'W2', 'b2', 'z2', 'y', 'loss']
"""

from __future__ import annotations

import ast
from dataclasses import replace

from gradtutor.graph import Graph, add_input
from gradtutor.language.errors import ArgumentError, SourceError, SourceShapeError
from gradtutor.language.formula import parse_formula
from gradtutor.language.formula.settings import has_parameters
from gradtutor.language.kinds import is_network
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.gates import add_layer
from gradtutor.language.layers.items import Item, called_name
from gradtutor.language.layers.left_out import frozen_layers, frozen_notes, left_out
from gradtutor.language.layers.spellings import (
    KERAS_WORD_SLOPE,
    RECURRENT,
    activation_kind,
)
from gradtutor.language.network.facts import network_facts
from gradtutor.language.network.formulas.formula import formula_network
from gradtutor.language.network.input_shape import input_shape
from gradtutor.language.network.losses.loss import (
    add_loss,
    folded_loss,
)
from gradtutor.language.network.program import program_graph
from gradtutor.language.network.statements import NetworkText
from gradtutor.language.program.reading import is_program
from gradtutor.language.syntax import Source
from gradtutor.messages import tr


def parse_network(
    text: str,
    features: int | tuple[int, ...] | None = None,
    classes: int | None = None,
    *,
    training: bool = True,
) -> Graph:
    """Read a layer list with its loss into a graph.

    Parameters
    ----------
    text : str
        ``Sequential([...])`` and ``loss = ...``, perhaps ``optimizer = ...``, in this
        program's, PyTorch's or Keras's spelling. Imports are passed over.
    features : int or tuple of int, optional
        Size of one example, or its sizes as the data have them, for a list that does
        not start with ``Input``.
    classes : int, optional
        Number of classes; with it, a squared loss compares with one-hot rows.
    training : bool
        Whether dropout drops and batch normalisation takes the batch's statistics.

    Returns
    -------
    Graph
        Input ``X``: rows (N, features), images (C, H, W, N), signals (C, L, N) or a
        sequence (T, N, features); parameters ``W1``, ``b1``, ...; target ``y``; the
        output ``loss``. Its attribute ``network`` names the prediction's node, the
        kind of loss, the optimiser and its settings, and the nodes of running
        statistics with their momentum (weight of the new batch).

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    if not is_network(text) and (has_parameters(text) or _is_formula(text)):
        return formula_network(text, classes)
    source = Source(text)
    if is_program(source.tree):
        return program_graph(source, features, classes, training=training)
    try:
        return _listed_graph(source, features, classes, training=training)
    except SourceShapeError:
        raise
    except SourceError as error:
        found = _as_program(text, features, classes, training=training)
        if found is None:
            raise error from None
        return found


def _as_program(
    text: str,
    features: int | tuple[int, ...] | None,
    classes: int | None,
    *,
    training: bool,
) -> Graph | None:
    """Read a list that has more than layers as a program; None where that fails too."""
    source = Source(text)
    calls = [one for one in ast.walk(source.tree) if isinstance(one, ast.Call)]
    named = any(called_name(one) == "Sequential" for one in calls)
    ours = any(
        isinstance(one, ast.Expr) and called_name(one.value) == "Sequential"
        for one in source.tree.body
    )
    if not named or ours:  # a bare Sequential([...]) is this program's own spelling
        return None
    try:
        return program_graph(source, features, classes, training=training)
    except SourceError:
        return None


def _listed_graph(
    source: Source,
    features: int | tuple[int, ...] | None,
    classes: int | None,
    *,
    training: bool,
) -> Graph:
    """Read a plain list of layers with its loss."""
    statements = NetworkText(source)
    net = Builder(source, training=training)
    net.library = statements.library
    net.notes += left_out(source.tree)
    kept = frozen_layers(source.tree)
    net.frozen_at = {source.span(one) for one in kept}
    _check_order(net, statements.layers)
    layers = _with_paths(_with_activations(source, statements.layers))
    if not layers or statements.loss is None:
        raise net.fail(tr("the network has no layers"), statements.layers[0])
    loss, layers = folded_loss(net, statements.loss, layers)
    net.node = add_input(net.graph, "X", input_shape(net, layers, features))
    for layer in layers:
        add_layer(net, layer)
    prediction = net.node
    add_loss(net, loss, statements.regulariser, layers[-1], classes)
    net.notes += frozen_notes(net.graph, {one.lineno for one in kept})
    facts = network_facts(
        net, statements.library, statements.optimiser, statements.schedule
    )
    net.graph.graph["network"] = facts | {
        "prediction": prediction,
        "loss": loss.kind,
        "classes": classes,
    }
    return net.graph


def _is_formula(text: str) -> bool:
    """Whether a text without a parameter is a formula all the same."""
    try:
        parse_formula(text)
    except SourceError:
        return False
    return True


def _check_order(net: Builder, layers: list[Item]) -> None:
    """Refuse an input in the middle, and sequences where the last step is taken."""
    for layer, after in zip(layers, [*layers[1:], None], strict=True):
        recurrent = after is not None and after.kind in RECURRENT
        every = layer.arguments.get("return_sequences")
        if after is not None and _second_input(layers[0], after):
            raise net.fail(
                tr("{name} stands first", name=after.name),
                after,
                tr("move it to the start"),
            )
        if every and not recurrent:
            hint = tr("leave it out, or put a recurrent layer after it")
            raise net.fail(tr("the last step alone flows on from here"), layer, hint)
        if every is False and recurrent:
            hint = tr(
                "write return_sequences=True, for {name} before another",
                name=layer.name,
            )
            raise net.fail(tr("the next layer needs every step"), layer, hint)


def _second_input(first: Item, layer: Item) -> bool:
    """Whether a layer states an input other than the network's."""
    shape = layer.arguments.get("shape")
    other = shape is not None and shape != first.arguments.get("shape")
    return layer.kind == "input" or other


def _with_activations(source: Source, layers: list[Item]) -> list[Item]:
    """Write Dense(10, activation="relu") as two layers, as PyTorch does."""
    result: list[Item] = []
    for layer in layers:
        inner = layer.arguments.get("layers")
        if inner is not None:
            flat = tuple(_with_activations(source, list(inner)))
            layer = Item(layer.kind, {"layers": flat}, layer.span, layer.name)
        if layer.kind != "activation":
            result.append(layer)
        elif "activation" not in layer.arguments:
            message, hint = tr("which activation?"), tr('as in Activation("relu")')
            raise ArgumentError(message, source.text, layer.span, hint)
        if layer.kind not in RECURRENT:
            result += _activation(source, layer)
    return result


def _with_paths(layers: list[Item], within: str = "") -> list[Item]:
    """Count the layers as PyTorch's Sequential does, which has no Input."""
    count, result = 0, []
    for layer in layers:
        path, given = f"{within}{count}", layer.arguments
        if isinstance(given.get("layers"), tuple):
            inner = tuple(_with_paths(list(given["layers"]), f"{path}."))
            given = {**given, "layers": inner}
        result.append(replace(layer, arguments=given, path=path))
        count += layer.kind != "input"
    return result


def _activation(source: Source, layer: Item) -> list[Item]:
    """Return the activation that a layer has as an argument, as a layer."""
    word = layer.arguments.get("activation")
    kind = activation_kind(source, word, layer.span)
    if kind is None:
        return []
    slope = {"slope": KERAS_WORD_SLOPE} if kind == "leaky_relu" else {}
    return [Item(kind, slope, layer.span, str(word))]
