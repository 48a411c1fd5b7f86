"""Programs that stop their gradient on the way: refused, unless nothing comes of it."""

from __future__ import annotations

import pytest

from gradtutor.evaluate import run
from gradtutor.graph import check_graph
from gradtutor.language import SourceError, parse
from gradtutor.language.errors import StoppedGradientError

NET = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 3)
    def forward(self, x):
        h = torch.relu(self.a(x))
        {line}
        return self.b(h)
net = Net()
loss = nn.CrossEntropyLoss()(net(torch.randn(5, 4)), torch.tensor([0, 1, 2, 0, 1]))
loss.backward()
"""
#: Lines of forward that stop the gradient, and what the error points at.
STOPPED = {
    "h = h.detach()": "h.detach()",
    "h = h + h.clone().detach() * 2": "h.clone().detach()",
    "h = h.data": "h.data",
    "h = h / h.abs().max().item()": "h.abs().max().item()",
    "h = h - h.mean(dim=1, keepdim=True).detach()":
        "h.mean(dim=1, keepdim=True).detach()",
    "u, v = h.detach(), h\n        h = u * v": "h.detach()",
    "with torch.no_grad():\n            h = h * 2": "h",
    "with torch.inference_mode():\n            h = h * 2": "h",
    "with torch.set_grad_enabled(False):\n            h *= 2": "h",
    "with torch.no_grad():\n            m = h.mean()\n        h = h - m": "m",
    "with torch.no_grad():\n            return self.b(h)": "with torch.no_grad():",
}  # fmt: skip


@pytest.mark.parametrize("line", STOPPED)
def test_a_stopped_gradient_is_refused_where_it_stops(line):
    text = NET.format(line=line)
    with pytest.raises(StoppedGradientError) as error:
        parse(text)
    start, end = error.value.span
    assert text[start:end].startswith(STOPPED[line])
    assert start >= text.index(line)


@pytest.mark.parametrize("mark", ["@torch.no_grad()", "@torch.inference_mode()"])
def test_a_method_marked_as_without_gradients_is_refused(mark):
    text = NET.format(line="pass").replace(
        "    def forward", f"    {mark}\n    def forward"
    )
    with pytest.raises(StoppedGradientError):
        parse(text)


#: Lines that stop a gradient of which nothing comes, or none that is trained.
KEPT = [
    "x = x.detach()",
    "self.seen = h.detach().cpu().numpy()",
    "print(h.mean().item())",
    "with torch.no_grad():\n            self.mean = h.mean()",
    "with torch.enable_grad():\n            h = h * 1.0",
    "with torch.set_grad_enabled(True):\n            h = h * 1.0",
    "u = self.a(x.detach())",
]


@pytest.mark.parametrize("line", KEPT)
def test_a_value_kept_beside_the_loss_changes_nothing(line):
    graph = parse(NET.format(line=line))
    check_graph(graph)
    assert not [n for n, d in graph.nodes(data=True) if d["gate"] == "transpose"]


#: Functions: refused or, where only something is printed, the gradient they have.
FUNCTIONS = [
    ("import jax\ndef f(x):\n    h = jax.numpy.tanh(x)\n"
     "    return h * jax.lax.stop_gradient(h)\njax.grad(f)(2.0)\n", None),
    ("import tensorflow as tf\nx = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n"
     "    y = x * tf.stop_gradient(x * x)\ntape.gradient(y, x)\n", None),
    ("import torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x * x\n"
     "z = y * x.detach()\nz.backward()\n", None),
    ("import torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x * x\n"
     "z = y / y.item()\nz.backward()\n", None),
    ("import torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x * x\n"
     "print(y.item(), y.detach().numpy())\nz = y * x\nz.backward()\n", 12.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "slope"), FUNCTIONS)
def test_functions_stop_as_networks_do(text, slope):
    if slope is None:
        with pytest.raises(StoppedGradientError):
            parse(text)
        return
    assert float(run(parse(text), {"x": 2.0}).node_gradients["x"]) == slope


KERAS = """from tensorflow import keras
from tensorflow.keras import layers, backend as K
import tensorflow as tf
i = keras.Input((6,))
h = layers.Dense(5, activation="tanh")(i)
h = {stop}
o = layers.Dense(2, activation="softmax")(h)
m = keras.Model(i, o)
m.compile("sgd", "sparse_categorical_crossentropy")
"""


@pytest.mark.parametrize(
    "stop",
    ["layers.Lambda(lambda t: K.stop_gradient(t))(h)", "tf.stop_gradient(h)",
     "layers.Lambda(tf.stop_gradient)(h)", "keras.ops.stop_gradient(h)"],
)  # fmt: skip
def test_keras_stops_as_pytorch_does(stop):
    with pytest.raises(SourceError) as error:
        parse(KERAS.format(stop=stop))
    assert isinstance(error.value, StoppedGradientError)


def test_padding_that_keras_masks_is_said():
    text = (
        "from tensorflow.keras import Sequential, layers\n"
        "m = Sequential([layers.Embedding(50, 8, input_length=6{mask}), "
        "layers.LSTM(4), layers.Dense(1, activation='sigmoid')])\n"
        "m.compile('adam', 'binary_crossentropy')\n"
    )
    for mask, said in (", mask_zero=True", True), (", mask_zero=False", False):
        notes = parse(text.format(mask=mask)).graph["network"]["notes"]
        assert any("mask_zero" in note for note in notes) == said


FROZEN = {
    "for p in net.a.parameters():\n    p.requires_grad = False": True,
    "net.a.requires_grad_(False)": True,
    "net.a.weight.requires_grad = False": True,
    "net.a.requires_grad_(True)": False,
    "x = torch.zeros(5, 4, requires_grad=False)": False,
}


@pytest.mark.parametrize("line", FROZEN)
def test_frozen_weights_are_said(line):
    text = NET.format(line="pass").replace("net = Net()\n", f"net = Net()\n{line}\n")
    notes = parse(text).graph["network"]["notes"]
    assert any("keeps weights" in note for note in notes) == FROZEN[line]


@pytest.mark.parametrize(
    "change",
    [("Dense(5", "Dense(5, trainable=False"),
     ("m.compile", "m.layers[1].trainable = False\nm.compile")],
)  # fmt: skip
def test_frozen_layers_of_keras_are_said(change):
    text = KERAS.format(stop="h").replace(*change)
    notes = parse(text).graph["network"]["notes"]
    assert any("keeps weights" in note for note in notes)
