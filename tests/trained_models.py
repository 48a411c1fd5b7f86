"""Networks with random weights, and examples for each: what exports are tried on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from formulas import FORMULAS
from places import ROOT

from gradtutor.calculus import backward_graph
from gradtutor.evaluate import node_values
from gradtutor.graph import Graph, inputs
from gradtutor.language import parse_network

LENET = """Sequential([Input(1, 12, 12), Conv2d(4, 3), ReLU(), MaxPool2d(2),
    Conv2d(6, 3, padding=1), Tanh(), MaxPool2d(2, padding=1), Flatten(), Linear(5)])
loss = CrossEntropyLoss()"""
RESIDUAL = """Sequential([Input(2, 7, 6), Conv2d(4, 3, bias=False), BatchNorm2d(4),
    ReLU(), Residual(Conv2d(4, 3, padding=1), ReLU()), AvgPool2d(2, padding=1),
    AdaptiveAvgPool2d(1), Flatten(), Linear(3)])
loss = CrossEntropyLoss()"""
STRIDED = """Sequential([Input(2, 9, 8), Conv2d(4, 3, stride=2, padding=1), Swish(),
    MaxPool2d(3, stride=1, padding=1), Conv2d(4, 3, dilation=2, padding=2, groups=2),
    Softplus(), Flatten(), Linear(3)])
loss = CrossEntropyLoss()"""
SIGNAL = """Sequential([Input(1, 16), Conv1d(4, 5, padding='same'), Tanh(),
    MaxPool1d(2), Conv1d(3, 3), GlobalMaxPool1d(), Flatten(), Linear(1)])
loss = MSELoss()"""
AUTOENCODER = """Sequential([Input(16), Linear(5), Tanh(), Linear(16), Sigmoid()])
loss = MSELoss()"""
NORMAL = """Sequential([Input(4), Linear(6), LayerNorm(6), GELU(),
    Residual(Linear(6), Tanh()), LeakyReLU(0.1), Linear(3), Softmax()])
loss = 'mse'"""
#: By name: the text, and up to which number y and, for tokens, X are labels.
TEXTS = {
    "lenet": (LENET, 5, 0),
    "residual": (RESIDUAL, 3, 0),
    "strided": (STRIDED, 3, 0),
    "signal": (SIGNAL, 0, 0),
    "autoencoder": (AUTOENCODER, 0, 0),
    "layer-norm": (NORMAL, 0, 0),
    "lstm": ("Sequential([Input(5, 4), LSTM(6), Linear(3)])\n"
             "loss = CrossEntropyLoss()", 3, 0),
    "rnn": ("Sequential([Input(4, 3), RNN(5), RNN(4), Linear(2)])\n"
            "loss = CrossEntropyLoss()", 2, 0),
    "gpt": ((ROOT / "examples" / "gpt.net").read_text(encoding="utf-8"), 27, 27),
    "two-layers": (FORMULAS["two-layers"][0], 3, 0),
    "siamese": (FORMULAS["siamese"][0], 2, 0),
    "factors": (FORMULAS["factors"][0], 0, 6),
    "physics": (FORMULAS["physics"][0], 0, 0),
    "numbers": (FORMULAS["numbers"][0], 0, 0),
    "attention": (FORMULAS["attention"][0], 5, 5),
}  # fmt: skip
EXAMPLES = 5


@dataclass(frozen=True)
class Model:
    """A network as it answers and as it is trained, with weights and examples."""

    answering: Graph
    training: Graph
    weights: dict
    X: np.ndarray
    y: np.ndarray

    def answers(self):
        """Return the answers in float64, examples first."""
        node = self.answering.graph["network"]["prediction"]
        found = node_values(self.answering, self._point(), [node])[node]
        return first(found, self.answering.nodes[node]["shape"])

    def loss_and_gradients(self):
        """Return the loss and the gradient by each parameter, in float64."""
        names = inputs(self.training, "parameter")
        backward = backward_graph(self.training, wrt=names)
        nodes = [self.training.graph["output"], *(backward.of_node[n] for n in names)]
        found = node_values(backward.graph, self._point(), nodes)
        return [np.asarray(found[node]) for node in nodes]

    def _point(self):
        arrays = {name: one.astype(np.float64) for name, one in self.weights.items()}
        return {**arrays, "X": self.X, "y": self.y}

    def rows(self, name):
        """Return X or y as everyone has them: examples first, float32."""
        shape = self.training.nodes[name]["shape"]
        found = first(getattr(self, name), shape)
        return np.ascontiguousarray(found, np.float32)


def first(array, shape):
    """Return an array with its examples' axis first."""
    return array if "N" not in shape else np.moveaxis(array, shape.index("N"), 0)


def model(name):
    """Return a network by name, the same at every call."""
    text, labels, tokens = TEXTS[name]
    answering = parse_network(text, training=False)
    training = parse_network(text)
    rng = np.random.default_rng(7)

    def drawn(node):
        sizes = answering.nodes[node]["shape"]
        return rng.normal(size=[EXAMPLES if one == "N" else one for one in sizes]) / 2

    weights = {one: drawn(one) for one in inputs(answering, "parameter", "statistic")}
    for one in inputs(answering, "statistic"):
        weights[one] = np.abs(weights[one]) + 0.5
    weights = {key: one.astype(np.float32) for key, one in weights.items()}
    X, y = drawn("X").astype(np.float32).astype(np.float64), drawn("y")
    X = rng.integers(0, tokens, X.shape).astype(float) if tokens else X
    y = rng.integers(0, labels, y.shape).astype(float) if labels else y
    y = y.astype(np.float32).astype(np.float64)
    return Model(answering, training, weights, X, y)
