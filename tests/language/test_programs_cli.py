"""Programs on the command line: every command, notebooks, models by name, hostility."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from places import TESTS

from gradtutor.cli import main
from gradtutor.language import SourceError, notebook_text, parse_network

INPUTS = TESTS / "inputs"
LINE = INPUTS / "36-torch-linear-regression.py"


def invoke(*args, **extra):
    return CliRunner().invoke(main, list(map(str, args)), **extra)


@pytest.fixture
def rows(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)).astype(np.float32)
    np.savez(tmp_path / "rows.npz", X=X, y=X @ np.array([1.0, -2.0]) + 0.5)
    return tmp_path / "rows.npz"


@pytest.mark.parametrize("command", ["render", "diff", "check", "explain"])
@pytest.mark.parametrize("path", [LINE, INPUTS / "38-torch-parameter.py"])
def test_every_command_reads_a_program(command, path):
    result = invoke(command, path)
    assert result.exit_code == 0, result.output
    assert "loss" in result.output or "W1" in result.output
    assert "passed over: " in result.output


def test_gen_takes_what_the_program_says(rows):
    result = invoke("gen", LINE, "--data", rows)
    assert result.exit_code == 0, result.output
    assert "EPOCHS = 80" in result.stdout
    assert "LEARNING_RATE = 0.03" in result.stdout
    result = invoke("gen", LINE, "--data", rows, "--epochs", "3")
    assert "EPOCHS = 3" in result.stdout


@pytest.mark.parametrize("name", ["36-torch-linear-regression", "32-minitorch-network"])
def test_a_program_trains(name, rows, tmp_path):
    out = tmp_path / "run"
    args = ["--epochs", "1", "--out", out, "--no-pictures", "--json"]
    if name.startswith("32"):
        with np.load(rows) as file:
            X, y = file["X"], file["y"]
        np.savez(rows, X=X, y=(y > 0).astype(int))
    result = invoke("train", INPUTS / f"{name}.py", "--data", rows, *args)
    assert result.exit_code == 0, result.output
    assert np.isfinite(json.loads(result.stdout)["test_loss"])


def test_a_class_at_every_step_trains_and_one_class_a_row_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    words = rng.integers(0, 40, (20, 25))
    X, y = words[:, :24], words[:, 1:]
    np.savez(tmp_path / "words.npz", X=X, y=y[:, 0])
    np.savez(tmp_path / "next.npz", X=X, y=y)
    gpt = INPUTS / "28-torch-tiny-gpt.py"
    result = invoke("gen", gpt, "--data", tmp_path / "words.npz")
    assert result.exit_code == 3
    assert "class at every step" in result.output
    command = ("train", gpt, "--data", tmp_path / "next.npz", "--epochs", 1)
    result = invoke("--json", *command, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert np.isfinite(json.loads(result.stdout)["test_loss"])


#: Recurrent, with two biases of one gradient each; residual; custom; bidirectional.
TRAINED = ["10-keras-custom-layer", "23-torch-lstm", "39-keras-lambda"]


@pytest.mark.parametrize("name", TRAINED)
def test_a_program_with_gates_of_its_own_trains(name, tmp_path):
    shape, classes = {
        "10-keras-custom-layer": ((128,), 5),
        "23-torch-lstm": ((5, 9), 6),
        "39-keras-lambda": ((6,), 0),
    }[name]
    rng = np.random.default_rng(0)
    y = np.arange(40) % classes if classes else rng.normal(size=40)
    np.savez(tmp_path / "d.npz", X=rng.normal(size=(40, *shape)), y=y)
    path = tmp_path / "net.py"
    text = (INPUTS / f"{name}.py").read_text()
    path.write_text(text.replace("n_steps = 40", "n_steps = 5"))
    args = ["--epochs", "1", "--out", tmp_path / "run", "--no-pictures", "--json"]
    result = invoke("train", path, "--data", tmp_path / "d.npz", *args)
    assert result.exit_code == 0, result.output
    assert np.isfinite(json.loads(result.stdout)["test_loss"])


# ---- notebooks, standard input, a model by its name ----

PROGRAM = """import torch.nn as nn
small = nn.Sequential(nn.Linear(3, 2))
class Wide(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        self.first = nn.Linear(3, width)
    def forward(self, x):
        return self.first(x)
loss = nn.MSELoss()
"""


def test_a_notebook_is_read(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# A network"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install torch"]},
        {"cell_type": "code", "source": PROGRAM.splitlines(keepends=True)},
    ]
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    result = invoke("diff", path)
    assert result.exit_code == 0, result.output
    assert "∂loss/∂W1" in result.output
    assert invoke("check", path).exit_code == 0
    assert "pass  # %matplotlib" in notebook_text(path.read_text())


def test_standard_input_is_read():
    result = invoke("diff", "-", input=PROGRAM)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name, width", [("small", 2), ("Wide", 5)])
def test_a_model_is_chosen_by_name(name, width, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(PROGRAM)
    for command in ("render", "check"):
        result = invoke(command, f"{path}:{name}", "--json")
        assert result.exit_code == 0, result.output
    graph = parse_network(f"{PROGRAM}# model: {name}\n")
    assert graph.nodes["W1"]["shape"] == (3, width)


def test_several_models_are_told():
    text = (
        "from keras.models import Sequential\nfrom keras.layers import Dense\n"
        "a = Sequential()\na.add(Dense(2, input_shape=(3,)))\n"
        "b = Sequential()\nb.add(Dense(4, input_shape=(5,)))\n"
        "b.compile(loss='mse', optimizer='sgd')\n"
    )
    graph = parse_network(text)
    assert graph.nodes["W1"]["shape"] == (5, 4)
    assert "take another as FILE:NAME (a)" in graph.graph["network"]["notes"][0]


# ---- what cannot be read, and where ----

TORCH = "import torch, torch.nn as nn, torch.nn.functional as F\n"
NET = (
    TORCH
    + "class Net(nn.Module):\n    def forward(self, x):\n        {}\nnet = Net()\n"
)
REFUSED = [
    (TORCH + "print('hello')\n", 1, "no model that can be read"),
    (NET.format("return torch.fft.fft(x)"), 4, "fft() of a tensor is not here"),
    (NET.format("return x"), 2, "not made of its input by layers"),
    (TORCH + "net = nn.Sequential(nn.Linear(4, 3), nn.Liner(3, 2))\n", 2, "Linear?"),
    (TORCH + "hidden = 8\nnet = nn.Sequential(nn.Linear(4, hiden))\n", 3, "hidden?"),
    (TORCH + "net = nn.Sequential(nn.Linear(4, nn.ReLU()))\n", 2, "plain number"),
    (TORCH + "net = nn.Sequential(nn.Linear(4, 3), nn.Linear(5, 2))\n", 2,
     "expects (N, 5)"),
    (NET.format("return nn.Linear(4, 2)(x) if x.sum() > 0 else x"), 4, "which way"),
    (TORCH + "net = nn.Sequential(nn.Linear(4, 3))\n# model: other\n", 1,
     "no model 'other'"),
    (TORCH + "opt = torch.optim.Adam(p, lrr=1)\nnet = nn.Linear(2, 1)\n", 2, "lrr"),
    ("import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Dense(3, "
     "activation='rellu', input_shape=(2,))])\n", 2, "rellu"),
]  # fmt: skip


@pytest.mark.parametrize("text, line, words", REFUSED)
def test_what_cannot_be_read_is_told_with_its_place(text, line, words):
    with pytest.raises(SourceError) as caught:
        parse_network(text)
    assert words in str(caught.value)
    assert caught.value.line == line


HOSTILE = [
    "import os\nos.system('touch {mark}')\n",
    "exec(\"open('{mark}', 'w')\")\n",
    "__import__('os').system('touch {mark}')\n",
    "open('{mark}', 'w').write('x')\n",
    "class Evil:\n    def __init__(self):\n        open('{mark}', 'w')\nEvil()\n",
    "getattr(__builtins__, 'open')('{mark}', 'w')\n",
    "().__class__.__bases__[0].__subclasses__()\n",
    "'{{0.__class__}}'.format(1)\n",
    "x = 9 ** 9 ** 9 ** 9\n",
    "x = [0] * 10 ** 12\ny = 'a' * 10 ** 12\n",
    "x = 1\nwhile True:\n    x += 1\n",
    "for i in range(10 ** 12):\n    for j in range(10 ** 12):\n        i + j\n",
    "def f(n):\n    return f(n + 1)\nf(0)\n",
    "x = []\nx.append(x)\nfor y in x:\n    x.append(y)\n",
    "x = [i for i in range(10 ** 9) for j in range(10 ** 9)]\n",
    "d = {{}}\nd['d'] = d\nprint(d)\n",
    "f = lambda g: g(g)\nf(f)\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_program_does_nothing(text, tmp_path):
    mark = tmp_path / "mark"
    whole = TORCH + text.format(mark=mark) + "net = nn.Linear(2, 1)\nloss = 'mse'\n"
    try:
        parse_network(whole)
    except SourceError as error:
        assert error.message
    assert not mark.exists()
