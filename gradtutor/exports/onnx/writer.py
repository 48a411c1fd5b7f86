"""A graph of ONNX operators under construction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.errors import TutorError

#: What axes lists and shapes are made of.
WHOLE = np.int64
Constant = np.ndarray


class NoOperatorError(TutorError):
    """A gate that has no operator in ONNX."""


class Writer:
    """Nodes and constants, in the order in which they are appended.

    Attributes
    ----------
    nodes : list
        ``onnx.NodeProto``, each after what it reads.
    constants : dict
        Initializers by name: weights, and the numbers of operators.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, np.ndarray] = {}
        self.taken: set[str] = set()
        self._numbers: dict[tuple[str, bytes, tuple[int, ...]], str] = {}

    def fresh(self, stem: str) -> str:
        """Return a name that nothing has yet."""
        name, count = stem, 1
        while name in self.taken:
            name, count = f"{stem}_{count}", count + 1
        self.taken.add(name)
        return name

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Append an operator with one output, and return the output's name."""
        from onnx import helper

        out = name or self.fresh(kind.lower())
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def number(self, value: float) -> str:
        """Return a number in float32."""
        return self.constant(np.float32(value))

    def whole(self, *values: int) -> str:
        """Return a list of whole numbers, as axes and shapes are given."""
        return self.constant(np.array(values, WHOLE))

    def constant(self, array: Any) -> str:
        """Return an array that stands in the model, equal ones once."""
        array = np.asarray(array)
        key = (array.dtype.name, array.tobytes(), array.shape)
        if key not in self._numbers:
            self._numbers[key] = self.fresh("constant")
            self.constants[self._numbers[key]] = array
        return self._numbers[key]

    def as_float(self, condition: str) -> str:
        """Return 1 where a condition holds, else 0."""
        return self.op("Cast", condition, to=1)  # TensorProto.FLOAT

    def as_whole(self, numbers: str) -> str:
        """Return indices."""
        return self.op("Cast", numbers, to=7)  # TensorProto.INT64

    def holds(self, numbers: str) -> str:
        """Return where numbers are not 0, as a condition."""
        return self.op("Not", self.op("Equal", numbers, self.number(0.0)))

    def weights(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Let arrays stand in the model by their names."""
        for name, array in arrays.items():
            self.constants[name] = np.asarray(array, np.float32)
            self.taken.add(name)
