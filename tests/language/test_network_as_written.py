"""A network is computed as it is written, and every command says what is odd in it."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.evaluate import run
from gradtutor.graph import inputs
from gradtutor.language import SourceError, parse_network

ODD = "Sequential([Input(4), Linear(3), Softmax(dim=1)])\nloss = nn.CrossEntropyLoss()"


def commands(path):
    data = ["--data", "line"]
    return {
        "render": ["render", path],
        "picture": ["render", path, "-o", path + ".dot"],
        "diff": ["diff", path],
        "steps": ["diff", path, "--steps"],
        "check": ["check", path],
        "explain": ["explain", path],
        "gen": ["gen", path, *data],
        "train": ["train", path, *data, "--epochs", "1", "--no-pictures",
                  "--out", path + "-run"],
    }  # fmt: skip


#: Softmax over one output, which every data set fits.
SINGLE = "Sequential([Input(1), Linear(1), Softmax(dim=1)])\nloss = MSELoss()"


@pytest.mark.parametrize("command", commands(""))
def test_every_command_warns(command, tmp_path):
    path = tmp_path / "odd.net"
    path.write_text(SINGLE)
    result = CliRunner().invoke(main, commands(str(path))[command])
    assert result.exit_code == 0, result.output
    assert "Softmax over one output is always 1" in result.output


def test_json_has_the_warning(tmp_path):
    path = tmp_path / "odd.net"
    path.write_text(ODD)
    for command in ("render", "diff", "check", "explain"):
        result = CliRunner().invoke(main, [command, str(path), "--json", "--quiet"])
        notes = json.loads(result.stdout)["notes"]
        assert any("applied twice" in note for note in notes), command


@pytest.mark.parametrize(
    "last, loss",
    [
        ("Softmax(dim=0)", "CrossEntropyLoss()"),
        ("Softmax(dim=0)", "BCELoss()"),
        ("Softmax(axis=0)", "'categorical_crossentropy'"),
        ("LogSoftmax(dim=0)", "NLLLoss()"),
        ("LogSoftmax(0)", "CrossEntropyLoss()"),
    ],
)
def test_a_softmax_over_the_batch_is_refused(last, loss):
    text = f"Sequential([Input(4), Linear(3), {last}])\nloss = {loss}"
    with pytest.raises(SourceError, match="is over the classes") as caught:
        parse_network(text)
    assert text[caught.value.span[0] :].startswith(last)


# whose text it is, and the slope that LeakyReLU() has there
SLOPES = [
    ("from keras.layers import LeakyReLU\nSequential([Input(4), {}])", 0.3),
    ("import tensorflow as tf\nSequential([Input(4), {}])", 0.3),
    ("model = Sequential()\nmodel.add(Input(4))\nmodel.add({})", 0.3),
    ("model = Sequential([Input(4), {}])\nmodel.compile(optimizer='adam')", 0.3),
    ("Sequential([Input(4), Dense(3), {}])", 0.3),
    ("Sequential([layers.Input(4), {}])", 0.3),
    ("import torch.nn as nn\nSequential([Input(4), {}])", 0.01),
    ("Sequential([nn.Linear(4, 3), {}])", 0.01),
    ("Sequential([Input(4), Linear(3), {}])", 0.01),
    ("Sequential([Input(4), {}])", 0.01),
]


@pytest.mark.parametrize("text, slope", SLOPES)
def test_leaky_relu_has_the_slope_of_its_library(text, slope):
    graph = parse_network(text.format("LeakyReLU()") + "\nloss = MSELoss()")
    numbers = [data.get("value") for _, data in graph.nodes(data=True)]
    assert slope in numbers
    told = any("0.3" in note for note in graph.graph["network"]["notes"])
    assert told == (text == SLOPES[-1][0])


KERAS = "from keras.layers import Dense\nm = Sequential([Input(4), Dense(3)])\n"
TORCH = "import torch.nn as nn\nm = nn.Sequential(nn.Linear(4, 3))\n"

# the text, the optimiser, its rate and settings: keras.io and pytorch.org
DEFAULTS = [
    (KERAS, "'sgd'", "sgd", 0.01, {}),
    (KERAS, "'rmsprop'", "rmsprop", 0.001, {"decay": 0.9, "epsilon": 1e-7}),
    (KERAS, "'adagrad'", "adagrad", 0.001, {"epsilon": 1e-7}),
    (KERAS, "'adam'", "adam", 0.001, {"epsilon": 1e-7}),
    (KERAS, "Adam(0.1, epsilon=1e-4)", "adam", 0.1, {"epsilon": 1e-4}),
    (
        KERAS,
        "Adam(weight_decay=0.1)",
        "adamw",
        0.001,
        {"epsilon": 1e-7, "weight_decay": 0.1},
    ),
    (KERAS, "SGD(momentum=0.9)", "sgd", 0.01, {"momentum": 0.9}),
    (TORCH, "optim.SGD(m.parameters())", "sgd", 0.001, {}),
    (TORCH, "optim.RMSprop(m.parameters())", "rmsprop", 0.01, {}),
    (TORCH, "torch.optim.Adam(m.parameters())", "adam", 0.001, {}),
]


@pytest.mark.parametrize("text, optimiser, kind, rate, settings", DEFAULTS)
def test_an_optimiser_has_its_librarys_defaults(text, optimiser, kind, rate, settings):
    facts = parse_network(f"{text}loss = 'mse'\noptimizer = {optimiser}").graph
    facts = facts["network"]
    assert (facts["optimiser"], facts["learning_rate"]) == (kind, rate)
    assert facts["optimiser_settings"] == settings


def test_the_loss_of_a_softmax_before_cross_entropy_is_pytorchs():
    graph = parse_network(ODD)
    assert inputs(graph) == ["X", "W1", "b1", "y"]
    given = {"X": [[1.0, 2, 3, 4]], "W1": [[0.0] * 3] * 4, "b1": [1.0, 2, 3], "y": [2]}
    # softmax(1, 2, 3), then logsumexp of that less its last: not 0.4076, as of logits
    p = [math.exp(k) / sum(map(math.exp, (1, 2, 3))) for k in (1, 2, 3)]
    expected = math.log(sum(map(math.exp, p))) - p[2]
    assert abs(float(run(graph, given).values["loss"]) - expected) < 1e-12
    assert round(expected, 4) == 0.7972


LEFT_OUT = [
    ("Dense(3, kernel_initializer='zeros')", "initialisers are not read"),
    ("BatchNormalization(gamma_initializer='zeros')", "initialisers are not read"),
    ("Dense(3, kernel_initializer=None)", ""),
    ("Dense(3, trainable=False)", "18 of 22 parameters keep their values"),
    ("Dense(3, trainable=True)", ""),
]


@pytest.mark.parametrize(("layer", "said"), LEFT_OUT)
def test_a_list_says_what_of_its_layers_is_left_out(layer, said):
    graph = parse_network(f"Sequential([Input(5),\n {layer}, Dense(1)])\nloss='mse'")
    notes = [
        one for one in graph.graph["network"]["notes"] if "read" in one or "keep" in one
    ]
    assert [said in note for note in notes] == [True] * bool(said)
