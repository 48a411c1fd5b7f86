"""Gates of what a function does with numbers and arrays."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtutor.gates import Shape
from gradtutor.graph import Span, add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.judging import Judge
from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.known import numbers_of
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.tracer import Tracer
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


class OutputFound(Exception):  # noqa: N818 (no error: the end of a trace)
    """The value whose ``backward()`` the program calls."""

    def __init__(self, tensor: Tensor) -> None:
        super().__init__(tensor.node)
        self.tensor = tensor


class FunctionTracer(Tracer):
    """Traces a plain function.

    Attributes
    ----------
    names : dict
        What the text calls the values of nodes.
    """

    def __init__(self, run: Interpreter, net: Builder) -> None:
        super().__init__(run, net, None)
        self.plain = True
        self.names: dict[str, str] = {}
        self.unnamed: set[str] = set()  # inputs that wait for a name
        self.arrays: dict[int, tuple[Any, Tensor]] = {}  # by id, the value kept alive
        self.words: dict[int, tuple[Any, str]] = {}

    # ---- inputs ----

    def new_input(self, name: str, shape: Shape, value: Any, span: Span) -> Tensor:
        """Append an input, with its value where the text has one."""
        fresh, count = name, 1
        while fresh in self.net.graph:
            count += 1
            fresh = f"{name}_{count}"
        add_input(self.net.graph, fresh, shape, span=span)
        number = numbers_of(value)
        if number is None and isinstance(value, Data) and shape:
            number = np.random.default_rng(len(self.net.graph)).normal(
                size=[int(one) for one in shape]
            )
            self.net.notes.append(
                tr(
                    "{name} has no numbers in the text: it is drawn at random",
                    name=name,
                )
            )
        if number is not None:
            self.net.graph.nodes[fresh]["value"] = number
        return Tensor(fresh, tuple(range(len(shape))))

    def leaf(self, value: Any, node: ast.AST, word: str = "") -> Tensor:
        """Append Value(2.0) and torch.tensor(2., requires_grad=True): an input."""
        shape = value.shape if isinstance(value, Data | Filled) else ()
        sizes = tuple(size for size in shape or () if type(size) is int)
        span = self.run.span(node)
        made = self.new_input(word or f"x{len(self.net.graph) + 1}", sizes, value, span)
        if not word:
            self.unnamed.add(made.node)
        return made

    def constant(self, value: Any, node: ast.AST) -> Tensor | None:
        """Return an array of the text as an input with its numbers."""
        if not isinstance(value, Data | Filled):
            return None
        if isinstance(value, Filled) and not value.shape:
            return None
        sizes = value.shape
        if sizes is None or not all(type(size) is int for size in sizes):
            word = self.run.source.segment(node).split("\n")[0]
            message = tr("{word} has numbers that the text does not give", word=word)
            raise self.run.fail(
                message, node, tr("write them out, or give the function")
            )
        if id(value) not in self.arrays:
            _, word = self.words.get(id(value), (None, "c"))
            made = self.leaf(value, node, word)
            self.arrays[id(value)] = (value, made)
        return self.arrays[id(value)][1]

    def tensor(self, value: Any, node: ast.AST, use: str = "") -> Tensor:
        """Return a tensor, also for a number or an array of the text."""
        if isinstance(value, bool | int | float):
            return Tensor(self.net.number(float(value)), ())
        found = self.constant(value, node)
        return found if found is not None else super().tensor(value, node, use)

    def split_apart(self, t: Tensor, node: ast.AST) -> list[Any]:
        """Return an array's parts along its first axis."""
        first = self.sizes(t)[0] if t.order else None
        if type(first) is not int:
            raise self.run.fail(tr("a single number does not come apart"), node)
        return [self.indexed(t, i, node) for i in range(first)]

    def loss(self, item: Item, args: Sequence[Any], node: ast.AST) -> Any:
        """Append a loss that a program calls on numbers."""
        return Judge(self)(item, args, node)

    # ---- names, the end ----

    def assigned(self, name: str, value: Any) -> None:
        """Note what the text calls a value."""
        if isinstance(value, Tensor):
            if value.node in self.unnamed:
                self.unnamed.discard(value.node)
                self.names[value.node] = name
            elif self.net.graph.nodes[value.node]["gate"] != "input":
                self.names.setdefault(value.node, name)
        elif isinstance(value, Data | Filled):
            self.words.setdefault(id(value), (value, name))

    def function(self, name: str, args: list[Any], keywords: Any, node: ast.AST) -> Any:
        """Append a function; ``backward()`` names the output."""
        word = name.rpartition(".")[2]
        if word in ("backward", "gradient") and args:
            raise OutputFound(self.tensor(args[0], node))
        if word in ("retain_grad", "zero_grad", "print"):
            return args[0] if args else None
        return super().function(name, args, keywords, node)

    def indexed(self, t: Tensor, index: Any, node: ast.AST) -> Any:
        """Append x[i]: one gate, where all places are numbers or whole axes."""
        parts = index if isinstance(index, tuple) else (index,)
        plain = all(
            (type(one) is int) or one == slice(None) for one in parts
        ) and t.order == tuple(range(len(t.order)))
        if not plain or not any(type(one) is int for one in parts):
            return super().indexed(t, index, node)
        at = tuple(one if type(one) is int else (None, None, None) for one in parts)
        if len(parts) > len(t.order):
            raise self.run.fail(tr("there are not so many axes"), node)
        made = self.net.gate("index", t.node, layer=self.at(node, "x[i]"), at=at)
        return Tensor(made, tuple(range(len(self.net.graph.nodes[made]["shape"]))))
