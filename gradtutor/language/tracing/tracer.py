"""Gates of what a program does with tensors: the graph grows while forward is walked.

A tensor's axes are counted as the text counts them; where they lie in the graph's node
is its ``order``. Images are (C, H, W, N) in the graph, whatever the text's order, so
that convolutions have the batch last; axes are moved only where a gate asks for it.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtutor.graph import add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import step_of, whole
from gradtutor.language.program.data.tables import made_of, numbers_of, table
from gradtutor.language.program.values import (
    Batch,
    Data,
    Filled,
    Functional,
    Instance,
    Layer,
    Library,
    Stack,
    Symbol,
    Tensor,
    Unknown,
    Weight,
)
from gradtutor.language.tracing.inputs import Inputs
from gradtutor.language.tracing.zeros import zero_rows
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: Stands for -inf: its exponential is 0 in float32 and float64, and no product with 0
#: is undefined.
LOWEST = -1e30


class PredictionFound(Exception):  # noqa: N818 (no error: the end of a trace)
    """What the loss takes was reached."""

    def __init__(self, tensor: Tensor) -> None:
        super().__init__(tensor.node)
        self.tensor = tensor


class Tracer:
    """Traces one model.

    Attributes
    ----------
    inputs : Inputs
        What the model takes.
    squashed : dict
        For a node that a Softmax or Sigmoid made: the layer, what it took, its number.
    """

    def __init__(
        self, run: Interpreter, net: Builder, input_shape: tuple[int, ...] | None
    ) -> None:
        self.run, self.net = run, net
        self.inputs = Inputs(net, input_shape)
        self.squashed: dict[str, tuple[Item, Tensor, int]] = {}
        self.omitted: int | None = None  # a squash that the loss does
        self.way: dict[str, bool] = {}  # how a text counts steps and examples
        self.squashes = 0
        self.tables: dict[int, str] = {}  # of embeddings, by id
        self.plain = False  # whether what is traced is a function, not a network
        self.judging = False  # whether what is traced is a loss
        self.until_loss = False  # whether the prediction is what a loss takes
        self.made: dict[int, int] = {}  # by id of a layer: where its weights start
        self.kept: list[Layer] = []  # so that no other layer gets the same id
        self.weights: dict[int, str] = {}
        #: Nodes of constant arrays by their numbers.
        self.constants: dict[tuple[bytes, tuple[int, ...]], str] = {}
        self.positions = 0  # rows of a table of positions: the longest sequence
        self.stops: dict[str, ast.AST] = {}  # nodes that let no gradient through
        self.uses: list[str] = []  # kinds of layers, in their order

    # ---- what is applied ----

    def apply(
        self, value: Any, args: Sequence[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        """Apply a layer, a stack of them, a model or an object of the text."""
        from gradtutor.language.tracing.layers import apply_layer

        match value:
            case Layer():
                return apply_layer(self, value, list(args), keywords, node)
            case Stack(layers, name="Encoder"):
                return self._encoders(layers, args, keywords, node)
            case Stack(layers, name=name):
                return self._stack(layers, name, args[0], node)
            case Functional():
                return self._functional(value, args)
            case Instance():
                return self._instance(value, args, keywords, node)
        raise self.run.fail(tr("this cannot be called on a tensor"), node)

    def _encoders(
        self, layers: list[Any], args: Sequence[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        """Append a TransformerEncoder's layers, each with the same masks."""
        x, rest = args[0], list(args[1:])
        for layer in layers:
            masked = isinstance(layer, Layer) and layer.item.kind == "encoder"
            more = (rest, keywords) if masked else ([], {})
            x = self.run.call(layer, [x, *more[0]], more[1], node)
        return x

    def _stack(self, layers: list[Any], name: str, x: Any, node: ast.AST) -> Any:
        if name in ("ModuleList", "ModuleDict"):
            message = tr("a {name} is not called: go through its layers", name=name)
            raise self.run.fail(message, node)
        before = x
        for layer, after in itertools.zip_longest(layers, layers[1:]):
            if self._is_missing(layer, node):
                continue
            x = self.run.call(_in_a_list(layer, after), [x], {}, node)
        if name != "Residual":
            return x
        return self.binary(ast.Add(), before, x, node)

    def _is_missing(self, layer: Any, node: ast.AST) -> bool:
        """Whether a layer is not in the text: it is left out, and said."""
        missing = isinstance(layer, Library) and self.run.is_free(layer.root)
        if not missing and not isinstance(layer, Data | Unknown):
            return False
        word = layer.path if isinstance(layer, Library) else "a layer"
        note = tr("warning: {word} is not in the text: it is left out", word=word)
        self.net.notes += [note] * (note not in self.net.notes)
        return True

    def _instance(
        self, value: Instance, args: Sequence[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        from gradtutor.language.program.walking.calling import call_method

        for name in ("forward", "call", "__call__"):
            if value.cls is not None and value.cls.method(name) is not None:
                if name == "call":
                    self._build(value, args, node)
                return call_method(self.run, value, name, args, keywords, node)
        for part in (*INSIDE, "net", "model", "layers"):
            if isinstance(value.names.get(part), Layer | Stack | Functional | Instance):
                return self.run.call(value.names[part], args, keywords, node)
        word = value.cls.name if value.cls else "this"
        message = tr(
            "{word} has no forward or call: what it computes is not in the text",
            word=word,
        )
        raise self.run.fail(message, node)

    def _build(self, value: Instance, args: Sequence[Any], node: ast.AST) -> None:
        """Call Keras's build() with the input's axes, once."""
        from gradtutor.language.program.walking.calling import call_method

        if not value.built and args:
            value.built = True
            if value.cls is not None and value.cls.method("build") is not None:
                sizes = [
                    None if isinstance(s, Batch) else s for s in self.sizes(args[0])
                ]
                call_method(self.run, value, "build", [tuple(sizes)], {}, node)

    def _functional(self, model: Functional, args: Sequence[Any]) -> Any:
        """Work out a Keras model, each of its tensors once, inputs first."""
        given = (
            args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
        )
        inputs = (
            model.inputs if isinstance(model.inputs, list | tuple) else [model.inputs]
        )
        if isinstance(model.inputs, dict):
            inputs = list(model.inputs.values())
        known = {id(one): x for one, x in zip(inputs, given, strict=False)}
        outputs = model.outputs
        for symbol in _in_order(outputs, known):
            parts = [_known(known, one) for one in symbol.args]
            words = {k: _known(known, one) for k, one in symbol.keywords.items()}
            if isinstance(symbol.call, ast.operator):
                a, b = parts
                known[id(symbol)] = self.binary(symbol.call, a, b, symbol.node)
            else:
                known[id(symbol)] = self.run.call(
                    symbol.call, parts, words, symbol.node
                )
        return _known(known, outputs)

    # ---- nodes ----

    def at(self, node: ast.AST, name: str = "") -> Item:
        """Return what a gate keeps of its place in the text."""
        return Item(name or "tensor", {}, self.run.span(node), name or "this")

    def tensor(self, value: Any, node: ast.AST, use: str = "") -> Tensor:
        """Return a tensor of the graph for a weight, the input, a sequence's steps."""
        if isinstance(value, Weight):
            return self._weight(value)
        if isinstance(value, Tensor):
            if (number := self.inputs.number(value)) is not None:
                return self.inputs.settled(number, use)
            return self.joined(value, node) if value.steps else value
        if (made := self.constant(_as_table(value), node)) is not None:
            return made
        if (made := zero_rows(self, value, node)) is not None:
            return made
        message = tr("a tensor is expected here")
        raise self.run.fail(message, node, getattr(value, "reason", ""))

    def _weight(self, weight: Weight) -> Tensor:
        """Append a parameter of the text's own, at its first use."""
        net = self.net
        if id(weight) not in self.weights:
            bias = len(weight.shape) < 2
            if not bias or not net.depth:
                net.depth += 1
            name = f"b{net.depth}" if bias else f"W{net.depth}"
            while name in net.graph:
                net.depth += 1
                name = f"b{net.depth}" if bias else f"W{net.depth}"
            role = "frozen" if self.run.frozen.get(id(weight)) else "parameter"
            add_input(net.graph, name, weight.shape, role=role, span=weight.span)
            fan_in = (weight.shape or (1,))[-1 if bias else 0]
            module = net.paths.get(id(weight), "")
            net.graph.nodes[name].update(
                fan_in=fan_in, start=weight.start, module=module, layer="parameter"
            )
            self.weights[id(weight)] = name
        name = self.weights[id(weight)]
        return Tensor(name, tuple(range(len(weight.shape))))

    def assigned(self, name: str, value: Any) -> None:
        """Take note of what the text calls a value: a network's are called by layer."""

    def constant(self, value: Any, node: ast.AST) -> Tensor | None:
        """Return an array of the text as an input with its numbers, once."""
        if not isinstance(value, Data) or value.of is not None:
            return None
        array = numbers_of(value)
        if array is None or not array.size:
            return None
        if not array.shape:
            return Tensor(self.net.number(float(array)), ())
        finite = np.clip(array, LOWEST, -LOWEST)
        key = finite.tobytes(), finite.shape
        if key not in self.constants:
            graph, count = self.net.graph, len(self.constants)
            name, span = f"table{count or ''}", self.run.span(node)
            add_input(graph, name, finite.shape, role="constant", span=span)
            graph.nodes[name]["value"] = finite.tolist()
            if value.made and np.isfinite(array).all():
                graph.nodes[name]["made"] = value.made
            self.constants[key] = name
        return Tensor(self.constants[key], tuple(range(array.ndim)))

    def leaf(self, value: Any, node: ast.AST, word: str = "") -> Any:
        """Return a number that is differentiated; in a network it is what it is."""
        return value

    def stopped(self, value: Any, node: ast.AST) -> Any:
        """Mark a value as one through which no gradient goes."""
        from gradtutor.language.tracing.stopping import stopped

        return stopped(self, value, node)

    def loss(self, item: Item, args: Sequence[Any], node: ast.AST) -> Any:
        """Append a loss that a program calls, where its own is traced."""
        raise self.run.fail(tr("a loss is not part of a model"), node)

    def note_prediction(self, args: Sequence[Any]) -> None:
        """Stop at a loss where that is what the model is traced for."""
        tensors = [one for one in args if isinstance(one, Tensor)]
        made = [one for one in tensors if not self.is_input(one)]
        if self.until_loss and made:
            raise PredictionFound(made[0])

    # ---- the inputs ----

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The axes of one example of the first input, as the text counts them."""
        return self.inputs.shapes[0]

    def check_known(self, item: Item, number: int = 0) -> None:
        """Stop at the first layer where an input's shape is to be found by it."""
        self.inputs.check_known(number, item)

    def is_input(self, value: Any) -> bool:
        """Whether a value is an input, not used yet."""
        return self.inputs.number(value) is not None

    # ---- axes ----

    def sizes(self, value: Any) -> tuple[Any, ...]:
        """Return a tensor's axes as the text counts them."""
        if isinstance(value, Weight):
            return value.shape
        if (number := self.inputs.number(value)) is not None:
            return self.inputs.sizes(number)
        if value.steps:
            step, nodes = value.steps[0], self.net.graph.nodes
            known = step if isinstance(step, str) else step.run.states
            first = nodes[known]["shape"][-2:]
            found: list[Any] = [len(value.steps), *map(_size, first)]
            return tuple(found[axis] for axis in value.order)
        shape = self.net.graph.nodes[value.node]["shape"]
        return tuple(_size(shape[axis]) for axis in value.order)

    def arranged(self, t: Tensor, axes: Sequence[int], node: ast.AST) -> str:
        """Return a node whose axes are these of the text's, in this order."""
        order = tuple(t.order[axis] for axis in axes)
        if order == tuple(range(len(order))):
            return t.node
        turned = order == tuple(range(len(order)))[::-1]
        attrs: dict[str, Any] = {} if turned else {"axes": order}
        return self.net.gate("transpose", t.node, layer=self.at(node), **attrs)

    def natural(self, t: Tensor, node: ast.AST) -> str:
        """Return a node whose axes are in the text's order."""
        return self.arranged(t, range(len(t.order)), node)

    def joined(self, t: Tensor, node: ast.AST) -> Tensor:
        """Put a sequence's steps into one node (T, N, features)."""
        net, at = self.net, self.at(node)
        first = t.steps[0]
        if not isinstance(first, str) and t.steps == first.run.steps:
            return Tensor(whole(net, at, first.run), t.order)
        nodes = [step_of(net, at, step) for step in t.steps]
        rows = {
            one: net.reshape(one, (1, *net.graph.nodes[one]["shape"]), at)
            for one in dict.fromkeys(nodes)
        }
        parts = [rows[one] for one in nodes]
        while len(parts) > 1:  # in pairs, equal ones once: log T gates for one row
            pairs = [tuple(parts[i : i + 2]) for i in range(0, len(parts), 2)]
            made: dict[tuple[str, ...], str] = {
                pair: net.gate("concat", *pair, layer=at, axis=0)
                for pair in dict.fromkeys(pairs)
                if len(pair) == 2
            }
            parts = [made.get(pair, pair[0]) for pair in pairs]
        return Tensor(parts[0], t.order)

    # ---- operators, which other modules hold ----

    def binary(self, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
        """Append an arithmetic gate."""
        from gradtutor.language.tracing.arithmetic import binary

        return binary(self, op, a, b, node)

    def similarity(self, a: Any, b: Any, node: ast.AST) -> Tensor:
        """Append the cosine of each pair of rows."""
        from gradtutor.language.tracing.arithmetic import similarity

        return similarity(self, a, b, node)

    def compared(self, op: ast.cmpop, a: Any, b: Any, node: ast.AST) -> Any:
        """Append a comparison."""
        from gradtutor.language.tracing.arithmetic import compared

        return compared(self, op, a, b, node)

    def negated(self, value: Any, op: ast.unaryop, node: ast.AST) -> Any:
        """Append -x."""
        t = self.tensor(value, node)
        if not isinstance(op, ast.USub):
            return t
        return Tensor(self.net.gate("neg", t.node, layer=self.at(node)), t.order)

    def function(
        self, name: str, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        """Append a function of a library, or a tensor's method."""
        from gradtutor.language.tracing.functions import apply_function

        return apply_function(self, name, args, keywords, node)

    def indexed(self, t: Tensor, index: Any, node: ast.AST) -> Any:
        """Append a slice, or take a step of a sequence."""
        from gradtutor.language.tracing.cutting import indexed

        return indexed(self, t, index, node)

    def split_apart(self, t: Tensor, node: ast.AST) -> list[Any]:
        """Return a tensor's parts along its first axis."""
        from gradtutor.language.tracing.cutting import indexed

        (first, *_) = self.sizes(t)
        if not isinstance(first, int):
            raise self.run.fail(tr("the examples of a batch do not come apart"), node)
        return [indexed(self, t, i, node) for i in range(first)]

    def examples_first(self, found: Tensor) -> Tensor:
        """Count a prediction's examples first, where a text counts the steps first."""
        from gradtutor.language.tracing.steps_first import examples_first

        return examples_first(self, found)

    def transposed(self, value: Any) -> Tensor:
        """Return x.T: only the order of the axes changes."""
        t = self.tensor(value, self.run.source.tree)
        return Tensor(t.node, t.order[::-1])


def _as_table(value: Any) -> Any:
    """Return a constant array with its numbers; any other value as it is."""
    made = made_of(value) if isinstance(value, Filled) else None
    return value if made is None else table(*made)


#: What a class that derives from a library's is made of.
INSIDE = ("__stack__", "__functional__", "__layer__")
#: Layers that go over a sequence.
RECURRENT = ("rnn", "lstm", "gru")


def _in_a_list(layer: Any, after: Any) -> Any:
    """Return a recurrent layer of a plain list: its last state goes on, or every one.

    PyTorch's own give a pair, which its Sequential cannot hand on.
    """
    if not isinstance(layer, Layer) or layer.item.kind not in RECURRENT:
        return layer
    item, given = layer.item, layer.item.arguments
    if given.get("keras"):
        return layer
    every = isinstance(after, Layer) and after.item.kind in RECURRENT
    wanted = {"return_sequences": given.get("return_sequences", every)}
    item = Item(item.kind, {**given, "keras": True, **wanted}, item.span, item.name)
    return Layer(item, layer.inner, layer.node)


def _size(size: Any) -> Any:
    """Write a size of the graph as the text can use it: 24*N is 24 batches."""
    if isinstance(size, int):
        return size
    numbers = [int(part) for part in str(size).split("*") if part.isdigit()]
    return Batch(math.prod(numbers))


def _known(known: Mapping[int, Any], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_known(known, one) for one in value]
    if isinstance(value, dict):
        return {key: _known(known, one) for key, one in value.items()}
    return known.get(id(value), value)


def _in_order(outputs: Any, known: Mapping[int, Any]) -> list[Symbol]:
    """Return the Keras tensors that outputs need, each after what it is made of."""
    found: dict[int, Symbol] = {}
    waiting: list[tuple[Any, bool]] = [(outputs, False)]
    while waiting:
        one, ready = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += [(part, False) for part in reversed(one)]
        elif isinstance(one, dict):
            waiting += [(part, False) for part in reversed(one.values())]
        elif isinstance(one, Symbol) and id(one) not in found and id(one) not in known:
            if ready:
                found[id(one)] = one
            else:
                waiting.append((one, True))
                waiting += [
                    (part, False) for part in (*one.args, *one.keywords.values())
                ]
    return list(found.values())
