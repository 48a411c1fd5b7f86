"""The state of reading an ONNX model: gates, and what each name stands for."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtutor.calculus.tape import GraphTape
from gradtutor.errors import TutorError
from gradtutor.gates import GATES, Shape
from gradtutor.graph import add_input, new_graph, operands
from gradtutor.messages import tr


class OnnxError(TutorError):
    """A model that cannot be read; the message names the operator and says why."""


@dataclass(frozen=True)
class Value:
    """What a name of the model stands for: a node of the graph.

    Attributes
    ----------
    last : bool
        Whether the node has the batch last, (C, H, W, N), where the model has it first.
    """

    node: str
    last: bool = False


@dataclass
class Reader:
    """A model's operators as gates.

    Attributes
    ----------
    values : dict
        Nodes by the names of the model.
    arrays : dict
        Arrays by the names of the model: weights, and whole numbers that are known. In
        shapes -1 stands for how many examples there are.
    weights : dict
        Those that became parameters, by the names that the formula has.
    shapes : dict
        Of whole numbers that are a value's shape, the value's name.
    """

    tape: GraphTape = field(default_factory=lambda: GraphTape(new_graph()))
    values: dict[str, Value] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)

    # ---- the model's names ----

    def node(self, name: str) -> str:
        """Return a value as the model has it, the batch first; weights on first use."""
        if name not in self.values:
            self.values[name] = Value(self._weight(name))
        value = self.values[name]
        return self.natural(value) if value.last else value.node

    def natural(self, value: Value) -> str:
        """Return a value with its batch first."""
        rank = len(self.shape(value.node))
        return self.turned(value.node, (rank - 1, *range(rank - 1)))

    def last(self, name: str) -> str:
        """Return a value with its batch last."""
        if name in self.values and self.values[name].last:
            return self.values[name].node
        node = self.node(name)
        return self.turned(node, (*range(1, len(self.shape(node))), 0))

    def known(self, name: str, operator: str) -> np.ndarray:
        """Return an array that does not depend on the examples.

        Raises
        ------
        OnnxError
            When it is computed from them.
        """
        if name not in self.arrays:
            raise OnnxError(
                tr(
                    "{operator}: {name} is known only when the model runs",
                    operator=operator,
                    name=name,
                )
            )
        return self.arrays[name]

    def _weight(self, name: str) -> str:
        if name not in self.arrays:
            raise OnnxError(
                tr("the model reads {name}, which nothing makes", name=name)
            )
        array = self.arrays[name]
        if array.size == 1 and array.ndim == 0:
            return self.number(float(array))
        called = self.own_name(name)
        add_input(self.tape.graph, called, array.shape, role="parameter")
        self.weights[called] = array.astype(np.float32)
        return called

    def own_name(self, name: str) -> str:
        """Return a name as a formula can have it: ``fc1_weight`` for ``fc1.weight``."""
        stem = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "w"
        stem = f"w_{stem}" if stem[0].isdigit() or keyword.iskeyword(stem) else stem
        stem = f"{stem}_" if stem in GATES or stem in ("X", "y", "N") else stem
        called, count = stem, 2
        while called in self.tape.graph:
            called, count = f"{stem}_{count}", count + 1
        return called

    # ---- gates ----

    def gate(self, name: str, *args: str, **attrs: Any) -> str:
        """Append a gate, its other settings as usual."""
        usual = getattr(GATES[name], "keywords", None) or {}
        return self.tape.gate(name, *args, **{**usual, **attrs})

    def number(self, value: float) -> str:
        """Append a number."""
        return self.tape.number(float(value))

    def shape(self, node: str) -> Shape:
        """Return a node's shape."""
        return self.tape.shape(node)

    def turned(self, node: str, axes: tuple[int, ...]) -> str:
        """Append a transpose; two that undo each other are none."""
        data = self.tape.graph.nodes[node]
        if data["gate"] == "transpose" and data["attrs"].get("axes"):
            before = data["attrs"]["axes"]
            if tuple(before[axis] for axis in axes) == tuple(range(len(axes))):
                return operands(self.tape.graph, node)[0]
        return self.gate("transpose", node, axes=axes)
