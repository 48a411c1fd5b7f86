"""A network's graph as an ONNX model: its predictions, or its loss and gradients.

A model takes examples first, (N, features), (N, C, H, W) or (N, steps, features), as
everyone's does; inside, images lie with the batch last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.calculus import backward_graph
from gradtutor.exports.onnx.images import IMAGES, batch_first, batch_last
from gradtutor.exports.onnx.pointwise import POINTWISE
from gradtutor.exports.onnx.tensors import TENSORS, Use
from gradtutor.exports.onnx.writer import NoOperatorError, Writer
from gradtutor.exports.opening import opened
from gradtutor.gates import COPY, Shape
from gradtutor.graph import Graph, inputs, network_of, operands, topological_order
from gradtutor.messages import tr

#: Of the operators, and of the file: ONNX 1.16 (2024) and all that came after it.
OPSET, IR = 21, 10
KNOWN = {*POINTWISE, *TENSORS, *IMAGES}
Arrays = Mapping[str, np.ndarray]


def prediction_model(graph: Graph, arrays: Arrays) -> Any:
    """Return the model that answers examples, with the weights inside.

    Parameters
    ----------
    graph : Graph
        A network as it answers, ``parse_network(..., training=False)``.
    arrays : mapping
        Parameters and running statistics by this program's names, and what scales
        columns.

    Returns
    -------
    onnx.ModelProto
        Input ``X``, examples first; output: the prediction, examples first.

    Raises
    ------
    NoOperatorError
        When a gate has no operator in ONNX.
    """
    graph, (answer,) = opened(graph, [network_of(graph)["prediction"]], KNOWN)
    model = _Model(graph, arrays)
    x = model.input("X", scale="X")
    made = model.nodes([answer], {"X": x})[answer]
    made = model.in_own_units(made)
    shape = graph.nodes[answer]["shape"]
    model.output(made, str(graph.nodes[answer]["name"]), shape)
    return model.proto("gradtutor-prediction")


def gradient_model(graph: Graph, arrays: Arrays) -> Any:
    """Return the model of the loss and of its gradient by every parameter.

    The parameters are inputs with the given values as their defaults, so that a step of
    training feeds new ones. Outputs are ``loss``, and ``dW1`` for ``W1``.

    Raises
    ------
    NoOperatorError
        When a gate has no operator in ONNX, or the loss draws random numbers.
    """
    names = inputs(graph, "parameter")
    if inputs(graph, "mask"):
        raise NoOperatorError(tr("dropout draws random numbers at every step"))
    backward = backward_graph(graph, wrt=names)
    slopes = [backward.of_node[name] for name in names]
    whole, (loss, *slopes) = opened(
        backward.graph, [graph.graph["output"], *slopes], KNOWN
    )
    model = _Model(whole, arrays)
    given = {name: model.input(name) for name in ("X", "y")}
    for name in names:
        model.parameter(name)
    found = model.nodes([loss, *slopes], given)
    model.output(found[loss], "loss", ())
    for name, node in zip(names, slopes, strict=True):
        shape = whole.nodes[node]["shape"]
        model.output(found[node], f"d{name}", shape, turn=False)
    return model.proto("gradtutor-gradient")


class _Model:
    """A model under construction: its inputs, its operators, its outputs."""

    def __init__(self, graph: Graph, arrays: Arrays) -> None:
        self.graph, self.to = graph, Writer()
        roles = ("parameter", "frozen", "statistic", "constant")
        names = [name for name in inputs(graph, *roles) if name in arrays]
        self.arrays = arrays
        self.to.weights({name: arrays[name] for name in names})
        for name in inputs(graph, "constant"):
            self.to.weights({name: np.array(graph.nodes[name]["value"])})
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def input(self, name: str, scale: str = "") -> str:
        """Declare an input with its examples first; return it as the graph has it."""
        from onnx import TensorProto, helper

        if name not in self.graph:
            return ""
        shape = self.graph.nodes[name]["shape"]
        first = batch_first_shape(shape)
        self.to.taken.add(name)
        self.inputs.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(first))
        )
        made = self._scaled(name, first) if scale else name
        if shape == first:
            return made
        rank = len(shape)
        if shape[-1] == "N":
            return batch_last(self.to, made, rank)
        return self.to.op("Transpose", made, perm=[1, 0, *range(2, rank)])

    def _scaled(self, name: str, first: Shape) -> str:
        """Fill and scale columns as the training did."""
        to, made = self.to, name
        sizes = tuple(int(size) for size in first[1:])
        if f"{name}_fill" in self.arrays:
            filling = to.constant(self._column(f"{name}_fill", sizes))
            made = to.op("Where", to.op("IsNaN", made), filling, made)
        if f"{name}_mean" in self.arrays:
            made = to.op("Sub", made, to.constant(self._column(f"{name}_mean", sizes)))
            wide = to.constant(self._column(f"{name}_deviation", sizes))
            made = to.op("Div", made, wide)
        return made

    def _column(self, key: str, sizes: tuple[int, ...]) -> np.ndarray:
        return np.asarray(self.arrays[key], np.float32).reshape(sizes)

    def in_own_units(self, made: str) -> str:
        """Undo the scaling of the targets."""
        if "y_mean" not in self.arrays:
            return made
        wide = self.to.constant(np.asarray(self.arrays["y_deviation"], np.float32))
        mean = self.to.constant(np.asarray(self.arrays["y_mean"], np.float32))
        return self.to.op("Add", self.to.op("Mul", made, wide), mean)

    def parameter(self, name: str) -> None:
        """Let a parameter be given, its own value being the default."""
        from onnx import TensorProto, helper

        shape = list(self.graph.nodes[name]["shape"])
        self.inputs.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        )

    def nodes(self, targets: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
        """Append the operators of all that the targets need; return their names."""
        made = dict(given)
        for node in topological_order(self.graph, list(targets)):
            if node not in made:
                made[node] = self._node(node, made)
        return made

    def _node(self, node: str, made: Mapping[str, str]) -> str:
        data = self.graph.nodes[node]
        gate = data["gate"]
        args = [made[arg] for arg in operands(self.graph, node)]
        if gate == "input":
            if node not in self.to.constants:
                raise NoOperatorError(tr("{node} has no value", node=node))
            return node
        if gate == "number":
            return self.to.number(data["value"])
        if gate == COPY:
            return args[0]
        if gate in POINTWISE:
            return POINTWISE[gate](self.to, *args)
        write = TENSORS.get(gate) or IMAGES.get(gate)
        if write is None:
            raise NoOperatorError(
                tr("ONNX has no operator for the gate {gate}", gate=gate)
            )
        shapes = [self.graph.nodes[one]["shape"] for one in operands(self.graph, node)]
        use = Use(tuple(args), tuple(shapes), data["shape"], data["attrs"])
        return write(self.to, use)

    def output(self, made: str, name: str, shape: Shape, *, turn: bool = True) -> None:
        """Declare an output, examples first."""
        from onnx import TensorProto, helper

        first = batch_first_shape(shape) if turn else shape
        if first != shape:
            made = batch_first(self.to, made, len(shape))
        self.to.taken.discard(name)
        name = self.to.fresh(name)
        self.to.op("Identity", made, name=name)
        self.outputs.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(first))
        )

    def proto(self, name: str) -> Any:
        """Return the model, checked by ONNX's own checker."""
        from onnx import checker, helper, numpy_helper

        used = {one for node in self.to.nodes for one in node.input}
        stored = [
            numpy_helper.from_array(array, key)
            for key, array in self.to.constants.items()
            if key in used
        ]
        graph = helper.make_graph(
            self.to.nodes, name, self.inputs, self.outputs, stored
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph, opset_imports=opset, ir_version=IR, producer_name="gradtutor"
        )
        checker.check_model(model, full_check=True)
        return model


def batch_first_shape(shape: Shape) -> Shape:
    """Return a shape with the examples' axis first."""
    if "N" not in shape or shape[0] == "N":
        return shape
    return ("N", *(size for size in shape if size != "N"))
