"""A list of layers to the same graph that a formula makes, from data to loss.

>>> graph = parse_network('''Sequential([Input(4), Linear(3), ReLU(), Linear(2)])
... loss = CrossEntropyLoss()''')
>>> [name for name, data in graph.nodes(data=True) if data["name"]]
['X', 'W1', 'b1', 'z1', 'h1', 'W2', 'b2', 'z2', 'y', 'loss']
"""

from __future__ import annotations

from gradtutor.gates import Shape
from gradtutor.graph import Graph, add_gate, add_input, add_number, new_graph
from gradtutor.language.errors import (
    ArgumentError,
    SourceShapeError,
)
from gradtutor.language.layers import (
    Item,
    activation_kind,
)
from gradtutor.language.network_text import NetworkText
from gradtutor.language.syntax import Source


def is_network(text: str) -> bool:
    """Whether a text is a list of layers rather than a formula."""
    return "Sequential" in text


def parse_network(
    text: str, features: int | None = None, classes: int | None = None
) -> Graph:
    """Read a layer list with its loss into a graph.

    Parameters
    ----------
    text : str
        ``Sequential([...])`` and ``loss = ...``, perhaps ``optimizer = ...``, in this
        program's, PyTorch's or Keras's spelling. Imports are passed over.
    features : int, optional
        Size of one example, for a list that does not start with ``Input``.
    classes : int, optional
        Number of classes; with it, a squared loss compares with one-hot rows.

    Returns
    -------
    Graph
        Input ``X`` (N, features), parameters ``W1`` (in, out), ``b1`` (out,), ...,
        target ``y``, and the output ``loss``. Its attribute ``network`` names the
        prediction's node, the target's and the optimiser.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    source = Source(text)
    return _Network(source, NetworkText(source), features, classes).graph


class _Network:
    """Builds the graph layer by layer; each node keeps its layer's place."""

    def __init__(
        self,
        source: Source,
        statements: NetworkText,
        features: int | None,
        classes: int | None,
    ) -> None:
        self.source = source
        self.graph = new_graph(source.text)
        self.depth = 0
        self.notes: list[str] = []
        self.layers = _with_activations(source, statements.layers)
        assert statements.loss is not None
        self._fold_softmax(statements.loss)
        size = self._input_size(features)
        self.node = self.features = add_input(self.graph, "X", ("N", size))
        for layer in self.layers:
            self._add(layer)
        self._loss(statements.loss, classes)
        optimiser = statements.optimiser or Item("adam")
        self.graph.graph["network"] = {
            "prediction": self.prediction,
            "loss": statements.loss.kind,
            "classes": classes,
            "optimiser": optimiser.kind,
            "learning_rate": optimiser.arguments.get("learning_rate"),
            "notes": self.notes,
        }

    def fail(self, message: str, item: Item, hint: str = "") -> ArgumentError:
        return ArgumentError(message, self.source.text, item.span, hint)

    def _fold_softmax(self, loss: Item) -> None:
        """Leave out a last Softmax before cross-entropy, which starts from logits."""
        if loss.kind == "cross_entropy" and self.layers[-1].kind == "softmax":
            self.layers.pop()
            self.notes.append("the last Softmax is computed inside the loss, stably")

    def _input_size(self, features: int | None) -> int:
        first = self.layers[0]
        given = first.arguments.get(
            "shape", first.arguments.get("in_features", features)
        )
        if given is None:
            hint = "start with Input(784), or write Linear(784, 128)"
            raise self.fail("the input size is unknown", first, hint)
        size = 1
        for one in given if isinstance(given, tuple) else (given,):
            if one is not None:
                size *= self._whole(one, first)
        if features not in (None, size):
            message = f"the network takes {size} inputs, the data have {features}"
            hint = f"start with Input({features})"
            raise SourceShapeError(message, self.source.text, first.span, hint)
        return size

    def _whole(self, value: object, item: Item) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.fail(f"a size is a positive whole number, not {value!r}", item)
        return value

    def _add(self, layer: Item) -> None:
        if layer.kind == "linear":
            self._linear(layer)
        elif layer.kind not in ("input", "flatten"):
            self._activate(layer)

    def _linear(self, layer: Item) -> None:
        """Append z = h W + b."""
        if "units" not in layer.arguments:
            raise self.fail("how many outputs?", layer, "as in Linear(128)")
        width = self.graph.nodes[self.node]["shape"][-1]
        expected = layer.arguments.get("in_features") or width
        if expected != width:
            before = f"the layer before gives (N, {width})"
            raise SourceShapeError(
                f"Linear expects (N, {expected}) but {before}",
                self.source.text,
                layer.span,
                f"write Linear({width}, ...) or leave the input size out",
            )
        self.depth += 1
        units = self._whole(layer.arguments["units"], layer)
        bias = layer.arguments.get("bias", True)
        weight = self._parameter(f"W{self.depth}", (width, units), layer)
        name = f"z{self.depth}"
        product = self._gate(
            "matmul", self.node, weight, layer=layer, name=None if bias else name
        )
        self.node = product
        if bias:
            offset = self._parameter(f"b{self.depth}", (units,), layer)
            self.node = self._gate("add", product, offset, layer=layer, name=name)

    def _parameter(self, name: str, shape: Shape, layer: Item) -> str:
        return add_input(self.graph, name, shape, role="parameter", span=layer.span)

    def _activate(self, layer: Item) -> None:
        """Append h = activation(z)."""
        args = [self.node]
        if layer.kind == "leaky_relu":
            args.append(add_number(self.graph, layer.arguments.get("slope", 0.01)))
        name = f"h{self.depth}"
        while name in self.graph:
            name += "_"
        self.node = self._gate(layer.kind, *args, layer=layer, name=name)

    def _gate(self, gate: str, *args: str, layer: Item, name: str | None) -> str:
        attrs = {"axis": -1} if gate == "softmax" else {}
        return add_gate(self.graph, gate, *args, name=name, span=layer.span, **attrs)

    def _loss(self, loss: Item, classes: int | None) -> None:
        """Append loss = L(prediction, y), of one-hot rows if the loss is squared."""
        self.prediction = self.node
        shape = self.graph.nodes[self.prediction]["shape"]
        if classes is not None and shape[-1] != classes:
            message = f"the network has {shape[-1]} outputs, the data {classes} classes"
            last = self.layers[-1]
            raise SourceShapeError(
                message, self.source.text, last.span, f"end with Linear({classes})"
            )
        labels = loss.kind == "cross_entropy" or classes is not None
        target = add_input(
            self.graph,
            "y",
            shape[:-1] if labels else shape,
            role="label",
            span=loss.span,
        )
        if labels and loss.kind != "cross_entropy":
            target = self._gate(
                "one_hot", target, self.prediction, layer=loss, name="t"
            )
        self.graph.graph["output"] = self._gate(
            loss.kind, self.prediction, target, layer=loss, name="loss"
        )


def _with_activations(source: Source, layers: list[Item]) -> list[Item]:
    """Write Dense(10, activation="relu") as two layers, as PyTorch does."""
    result = []
    for layer in layers:
        if layer.kind != "activation":
            result.append(layer)
        kind = activation_kind(source, layer.arguments.get("activation"), layer.span)
        if kind is not None:
            result.append(Item(kind, {}, layer.span))
    return result
