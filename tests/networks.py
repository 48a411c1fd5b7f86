"""Networks and a small data set for the tests of generated scripts."""

from __future__ import annotations

import math

import numpy as np

from gradtutor.codegen import ScriptData, Settings
from gradtutor.codegen.backends import optimiser_text
from gradtutor.optimisers import OPTIMISERS

#: A loader as a script prints it: three blobs, no files.
BLOBS = '''def load_blobs():
    """Three clouds of points in four dimensions."""
    rng = np.random.default_rng(5)
    y = np.arange(150) % 3
    centres = np.eye(3, 4)[y] * 3
    return (centres + rng.normal(size=(150, 4))).astype(np.float32), y


def split(X, y, test_fraction, seed):
    """Hold out the last rows."""
    kept = round(len(X) * (1 - test_fraction))
    return X[:kept], y[:kept], X[kept:], y[kept:]'''

LINE = '''def load_line():
    """Points near two planes."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(120, 4)).astype(np.float32)
    y = X @ np.array([[1.0, 0.5], [-2.0, 0], [0, 3], [1, 1]], np.float32) + 0.3
    return X, y


def split(X, y, test_fraction, seed):
    """Hold out the last rows."""
    kept = round(len(X) * (1 - test_fraction))
    return X[:kept], y[:kept], X[kept:], y[kept:]'''


RANDOM = "The data are random."
BLOB_DATA = ScriptData("three blobs", BLOBS, "load_blobs()", 4, 3, RANDOM)
LINE_DATA = ScriptData("two planes", LINE, "load_line()", 4, None, RANDOM)

#: Name, network text, data, classes: every loss, activation and optimiser of the spine.
NETWORKS = {
    "relu-crossentropy-adam": (
        "Sequential([Input(4), Linear(8), ReLU(), Linear(3)])\n"
        "loss = CrossEntropyLoss()",
        BLOB_DATA,
    ),
    "deep-tanh-crossentropy-sgd": (
        "import torch.nn as nn\n"
        "model = nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 6),"
        " nn.Sigmoid(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))\n"
        "loss = nn.CrossEntropyLoss()\noptimizer = SGD(lr=0.3)",
        BLOB_DATA,
    ),
    "sigmoid-quadratic": (
        "Sequential([Input(4), Dense(6, activation='sigmoid'),"
        " Dense(units=3, activation='sigmoid')])\nloss = QuadraticCost()",
        BLOB_DATA,
    ),
    "leaky-gelu-mse": (
        "Sequential([Input(4), Linear(6), LeakyReLU(0.1), Linear(5), GELU(),"
        " Linear(2)])\n"
        "loss = MSELoss()",
        LINE_DATA,
    ),
    "swish-softplus-nobias-mse-labels": (
        "Sequential([Input(4), Linear(6, bias=False), SiLU(), Linear(5), Softplus(),"
        " Linear(3)])\nloss = 'mse'",
        BLOB_DATA,
    ),
    "linear": ("Sequential([Input(4), Linear(2)])\nloss = MSELoss()", LINE_DATA),
}

#: Text and features of what a step on a GPU is made of.
DEVICE_NETWORKS = {
    "tanh": ("Sequential([Input(784), Linear(256), Tanh(), Linear(10)])", 784),
    "norm": (
        "Sequential([Input(784), Linear(256), LayerNorm(256), GELU(), Dropout(0.1), "
        "Linear(256), Swish(), Linear(10)])",
        784,
    ),
    "lstm": ("Sequential([Input(5, 4), LSTM(6), Linear(10)])", 20),
    "batch-norm": (
        "Sequential([Input(3, 8, 8), Conv2d(16, 3, padding=1), BatchNorm2d(16), "
        "ReLU(), Conv2d(16, 3, groups=4), Sigmoid(), Flatten(), Linear(10)])",
        192,
    ),
    "rnn": ("Sequential([Input(5, 4), RNN(6), RNN(5), Linear(10)])", 20),
}


def printed_optimiser(name, backend="numpy", **constants):
    """Return an optimiser's class as a script has it; loops are not compiled."""
    space = {"np": np, "math": math, "njit": lambda **_: lambda loop: loop}
    settings = Settings(optimiser=name, optimiser_settings=constants, backend=backend)
    exec(optimiser_text(settings), space)
    return space[OPTIMISERS[name].title]
