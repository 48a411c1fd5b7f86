"""Gates of what a program does with tensors: the graph grows while forward is walked.

A tensor's axes are counted as the text counts them; where they lie in the graph's node
is its ``order``. Images are (C, H, W, N) in the graph, whatever the text's order, so
that convolutions have the batch last; axes are moved only where a gate asks for it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Batch, Filled
from gradtutor.language.program.data.known import made_of, table
from gradtutor.language.program.values import (
    Layer,
    Tensor,
    Weight,
)
from gradtutor.language.tracing.held import constant_node, weight_node
from gradtutor.language.tracing.inputs import Inputs
from gradtutor.language.tracing.mapped import (
    of_example,
    place_of_example,
    rank_of_example,
)
from gradtutor.language.tracing.sequences.zeros import zero_rows
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


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
        self.mapped = False  # whether vmap maps what is traced over a batch
        self.judging = False  # whether what is traced is a loss
        self.until_loss = False  # whether the prediction is what a loss takes
        self.until_gradient = False  # whether what is wanted is what is minimised
        self.made: dict[int, int] = {}  # by id of a layer: where its weights start
        self.kept: list[Layer] = []  # so that no other layer gets the same id
        self.weights: dict[int, str] = {}
        #: Nodes of constant arrays by their numbers.
        self.constants: dict[tuple[bytes, tuple[int, ...]], str] = {}
        self.positions = 0  # rows of a table of positions: the longest sequence
        self.stops: dict[str, ast.AST] = {}  # nodes that let no gradient through
        self.symbols: dict[int, Any] = {}  # what Keras tensors are here, by id
        self.uses: list[str] = []  # kinds of layers, in their order

    # ---- what is applied ----

    def apply(
        self, value: Any, args: Sequence[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        """Apply a layer, a stack of them, a model or an object of the text."""
        from gradtutor.language.tracing.applying import apply

        return apply(self, value, args, keywords, node)

    # ---- nodes ----

    def at(self, node: ast.AST, name: str = "") -> Item:
        """Return what a gate keeps of its place in the text."""
        return Item(name or "tensor", {}, self.run.span(node), name or "this")

    def tensor(self, value: Any, node: ast.AST, use: str = "") -> Tensor:
        """Return a tensor of the graph for a weight, the input, a sequence's steps."""
        if isinstance(value, Weight):
            return weight_node(self, value)
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

    def assigned(self, name: str, value: Any) -> None:
        """Take note of what the text calls a value: a network's are called by layer."""

    def constant(self, value: Any, node: ast.AST) -> Tensor | None:
        """Return an array of the text as an input with its numbers, once."""
        return constant_node(self, value, node)

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

    def note_minimised(self, loss: Any) -> None:
        """Stop at what a gradient is asked of, where the model is traced for that."""
        if self.until_gradient and isinstance(loss, Tensor):
            raise PredictionFound(loss)

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
        from gradtutor.language.tracing.sequences.steps_first import joined

        return joined(self, t, node)

    # ---- operators, which other modules hold ----

    def binary(self, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
        """Append an arithmetic gate."""
        from gradtutor.language.tracing.arithmetic import binary

        if self.mapped and not self.judging and isinstance(op, ast.MatMult):
            (a, b), _ = of_example(self, "matmul", [a, b], {}, node)
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

        if self.mapped and not self.judging:
            args, keywords = of_example(self, name, args, keywords, node)
        return apply_function(self, name, args, keywords, node)

    def indexed(self, t: Tensor, index: Any, node: ast.AST) -> Any:
        """Append a slice, or take a step of a sequence."""
        from gradtutor.language.tracing.attention import looked_up
        from gradtutor.language.tracing.cutting import indexed

        if isinstance(t, Weight) and isinstance(index, Tensor):
            return looked_up(self, t, index, node)
        if self.mapped and not self.judging:
            index = place_of_example(self, t, index)
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
        from gradtutor.language.tracing.sequences.steps_first import examples_first

        return examples_first(self, found)

    def transposed(self, value: Any) -> Tensor:
        """Return x.T: only the order of the axes changes."""
        t = self.tensor(value, self.run.source.tree)
        if self.mapped and not self.judging and rank_of_example(self, t) == 1:
            return t  # one example's numbers have no second axis
        return Tensor(t.node, t.order[::-1])


def _as_table(value: Any) -> Any:
    """Return a constant array with its numbers; any other value as it is."""
    made = made_of(value) if isinstance(value, Filled) else None
    return value if made is None else table(*made)


def _size(size: Any) -> Any:
    """Write a size of the graph as the text can use it: 24*N is 24 batches."""
    if isinstance(size, int):
        return size
    numbers = [int(part) for part in str(size).split("*") if part.isdigit()]
    return Batch(math.prod(numbers))
