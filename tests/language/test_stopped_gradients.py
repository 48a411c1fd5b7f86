"""Programs that stop their gradient on the way, or keep weights as they are."""

from __future__ import annotations

import importlib.util
import json
import math
import runpy

import numpy as np
import pytest
from places import TESTS

from gradtutor.cli.training.training_settings import _optimiser
from gradtutor.codegen.script.frame import training_script
from gradtutor.codegen.settings import ScriptData, Settings
from gradtutor.evaluate import run
from gradtutor.evaluate.check import check_gradients
from gradtutor.graph import check_graph, inputs
from gradtutor.language import SourceError, parse, parse_network
from gradtutor.optimisers import OPTIMISERS
from gradtutor.train.weights.names import weights_of

HERE = TESTS / "data"
TOLD = json.loads((HERE / "kept_weights.json").read_text())
_spec = importlib.util.spec_from_file_location("kept", HERE / "kept_weights.py")
kept = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(kept)
DATA = ScriptData("noise", "LOADER = None", "LOADER", 4, 3, "Random.")


def theirs(graph, arrays):
    """Bring arrays by PyTorch's names to those of a graph."""
    return {
        one.name: one.from_torch({one.torch: arrays[one.torch]})
        for one in weights_of(graph)
        if one.torch in arrays
    }


@pytest.mark.parametrize("number", range(len(TOLD)))
def test_what_is_kept_gets_no_gradient_as_in_pytorch(number):
    text, told = kept.CASES[number], TOLD[number]
    graph = parse_network(text)
    check_graph(graph)
    given = theirs(graph, {name: kept.pattern(name) for name in kept.SHAPES})
    found = run(graph, given | {"X": kept.X, "y": kept.Y})
    loss = float(found.values[graph.graph["output"]])
    assert loss == pytest.approx(told["loss"], rel=1e-12)
    slopes = {n: np.reshape(g, kept.SHAPES[n]) for n, g in told["gradients"].items()}
    wanted = theirs(graph, slopes)
    for name in inputs(graph, "parameter"):
        np.testing.assert_allclose(found.node_gradients[name], wanted[name], atol=1e-12)
    moved = {n for n, x in told["after"].items()
             if np.any(kept.pattern(n).ravel() != x)}  # fmt: skip
    names = {one.torch: one.name for one in weights_of(graph)}
    assert {names[one] for one in moved} == set(inputs(graph, "parameter"))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("number", [0, 4])
def test_a_stopped_gradient_passes_its_check(number):
    graph = parse_network(kept.CASES[number])
    given = theirs(graph, {name: kept.pattern(name) for name in kept.SHAPES})
    rows = check_gradients(graph, given | {"X": kept.X, "y": kept.Y})
    assert all(row.ok for row in rows)


FIRST = len(kept.STOPS)
SCRIPTS = [("numba", FIRST), *(("numpy", n) for n in range(FIRST, len(TOLD)))]


@pytest.mark.parametrize(("backend", "number"), SCRIPTS)
def test_a_script_leaves_alone_what_is_kept(backend, number, tmp_path):
    if backend == "numba":
        pytest.importorskip("numba")
    graph = parse_network(kept.CASES[number])
    facts = graph.graph["network"]
    name, constants = _optimiser(facts, None)
    settings = Settings(
        optimiser=name, learning_rate=facts["learning_rate"],
        optimiser_settings=constants, backend=backend,
    )  # fmt: skip
    path = tmp_path / "script.py"
    path.write_text(training_script(graph, DATA, settings), "utf-8")
    script = runpy.run_path(str(path))
    start = theirs(graph, {name: kept.pattern(name) for name in kept.SHAPES})
    theta = np.concatenate([np.ravel(start[name]) for name in script["SHAPES"]])
    moved = theta[: script["TRAINED"]]
    gradient = np.full_like(moved, np.nan)
    optimiser = next(
        script[one.title](moved, settings.learning_rate)
        for one in [OPTIMISERS[settings.optimiser]]
    )
    for _ in range(3):
        views = script["views"](theta), script["views"](gradient)
        script["loss_and_gradients"](*views, kept.X, kept.Y)
        optimiser.step(moved, gradient)
    after = {n: np.reshape(x, kept.SHAPES[n]) for n, x in TOLD[number]["after"].items()}
    wanted = theirs(graph, after)
    for name, array in zip(script["SHAPES"], script["views"](theta), strict=True):
        np.testing.assert_allclose(array, wanted[name], atol=1e-9, err_msg=name)


def test_nothing_left_to_train_is_an_error():
    text = kept.change("with torch.no_grad():\n            return self.b(h)")
    with pytest.raises(SourceError, match="no parameter gets any") as error:
        parse(text)
    assert text[slice(*error.value.span)].startswith("with torch.no_grad():")


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
    graph = parse(kept.change(line))
    check_graph(graph)
    assert not [n for n, d in graph.nodes(data=True) if d["gate"] == "stop_gradient"]


#: Functions, and the gradient they have at 2.
FUNCTIONS = [
    ("import jax\ndef f(x):\n    h = jax.numpy.tanh(x)\n"
     "    return h * jax.lax.stop_gradient(h)\njax.grad(f)(2.0)\n",
     math.tanh(2) * (1 - math.tanh(2) ** 2)),
    ("import tensorflow as tf\nx = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n"
     "    y = x * tf.stop_gradient(x * x)\ntape.gradient(y, x)\n", 4.0),
    ("import torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x * x\n"
     "z = y * x.detach()\nz.backward()\n", 8.0),
    ("import torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x * x\n"
     "z = y / y.item()\nz.backward()\n", 1.0),
    ("import torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x * x\n"
     "print(y.item(), y.detach().numpy())\nz = y * x\nz.backward()\n", 12.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "slope"), FUNCTIONS)
def test_functions_stop_as_networks_do(text, slope):
    found = float(run(parse(text), {"x": 2.0}).node_gradients["x"])
    assert found == pytest.approx(slope, rel=1e-12)


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
    graph = parse(KERAS.format(stop=stop))
    assert inputs(graph, "parameter") == ["W2", "b2"]
    assert inputs(graph, "frozen") == ["W1", "b1"]
    told = graph.graph["network"]["notes"]
    assert any("the gradient stops here" in note for note in told)


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


@pytest.mark.parametrize(
    "change",
    [("Dense(5", "Dense(5, trainable=False"),
     ("m.compile", "m.layers[1].trainable = False\nm.compile"),
     ("m.compile", "for one in m.layers[:-1]:\n    one.trainable = False\nm.compile"),
     ("m.compile", "m.trainable = False\nm.layers[-1].trainable = True\nm.compile")],
)  # fmt: skip
def test_frozen_layers_of_keras_are_kept(change):
    graph = parse(KERAS.format(stop="h").replace(*change))
    assert inputs(graph, "frozen") == ["W1", "b1"]
    told = graph.graph["network"]["notes"]
    assert any("35 of 47 parameters keep their values" in note for note in told)
