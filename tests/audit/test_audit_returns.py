"""Results that are not bare names, and which function is differentiated."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from audit_here import in_this_process
from click.testing import CliRunner

from gradtutor.cli import main

TANH = """import numpy as np
def forward(x, W, b):
    return np.tanh(x @ W + b)
def backward(x, W, b, dout):
    d = dout * (1 - np.tanh(x @ W + b) ** 2)
    db = d.sum(0)
    return {}
"""
NET = """import numpy as np
def forward(X, W1, b1, W2, b2):
    h = np.maximum(0, X @ W1 + b1)
    return h @ W2 + b2, h
def mse(pred, Y):
    return np.mean((pred - Y) ** 2)
def backward(X, Y, W1, b1, W2, b2):
    pred, h = forward(X, W1, b1, W2, b2)
    dpred = 2 * (pred - Y) / pred.size
    dW2 = h.T @ dpred
    db2 = dpred.sum(axis=0)
    dh = dpred @ W2.T
    dh[h <= 0] = 0
    return {}
"""
CLASS = """import numpy as np
class Net:
    def __init__(self, i, o):
        self.W = np.random.randn(i, o); self.b = np.zeros(o)
    def forward(self, X):
        return np.tanh(X @ self.W + self.b)
    def loss(self, X, y):
        return 0.5 * np.mean((self.forward(X) - y) ** 2)
    def backward(self, X, y):
        out = self.forward(X)
        d = (out - y) / out.size * (1 - out ** 2)
        self.dW = {}
        self.db = d.sum(0)
"""
COURSE = """import numpy as np
def compute_cost(x, y, w, b):
    total = 0
    for i in range(x.shape[0]):
        total += (w * x[i] + b - y[i]) ** 2
    return total / (2 * x.shape[0])
def compute_gradient(x, y, w, b):
    m = x.shape[0]
    dj_dw = 0
    dj_db = 0
    for i in range(m):
        dj_dw += (w * x[i] + b - y[i]) * x[i]
        dj_db += w * x[i] + b - y[i]
    return {}
"""
THETA = """import numpy as np
def compute_cost(X, y, theta):
    return np.sum((X.dot(theta) - y) ** 2) / (2 * len(y))
def compute_gradient(X, y, theta):
    return {}
"""
RIDGE = """import numpy as np
def loss(w, X, y, lam=0.1):
    r = X @ w - y
    return r @ r + lam * w @ w
def grad(w, X, y, lam=0.1):
    return {}
"""
MSE = """import numpy as np
def mse_loss(w, X, y):
    return np.mean((X @ w - y) ** 2)
def mse_grad(w, X, y):
    return {}
"""


@dataclass(frozen=True)
class Row:
    """A file with a gap, what fills it, and what is said."""

    text: str
    filled: str
    code: int
    said: tuple[str, ...]
    options: tuple[str, ...] = ()


TABLE = (
    Row(TANH, "x.T @ d, db", 0, ("W[", "b[")),
    Row(TANH, "3 * x.T @ d, db", 1, ("W[", "constant-factor")),
    Row(TANH, "db, x.T @ d", 0, ("W[", "b[")),
    Row(TANH, "d @ W.T, db", 0, ("x[", "b[")),
    Row(TANH, "-(d @ W.T), db", 1, ("x[", "WRONG")),
    Row(TANH, "d @ W.T, 3 * x.T @ d, db", 1, ("W[", "WRONG")),
    Row(TANH, "db, d @ W.T, x.T @ d", 0, ("W[", "x[", "b[")),
    Row(TANH, "d.sum(), db", 5, ("result 1 was not", "--returns W,b")),
    Row(TANH, "x.T @ d, np.ones((7, 7))", 5, ("result 2 was not",), ("--returns", "W")),
    Row(TANH, "d @ W.T", 0, ("x[",)),
    Row(NET, "X.T @ dh, dh.sum(axis=0), dW2, db2", 0, ("W1[", "b1[", "W2[", "b2[")),
    Row(NET, "7*X.T @ dh, -dh.sum(axis=0), dW2, db2", 1, ("W1[", "b1[", "WRONG")),
    Row(NET, "dh.sum(), h.mean(), dW2, db2", 5, ("results 1 and 2 were not",)),
    Row(NET, "dh.sum(), h.mean(), -dW2, db2", 1, ("W2[", "WRONG")),
    Row(CLASS, "X.T @ d", 0, ("W[", "b[")),
    Row(CLASS, "2 * X.T @ d", 1, ("W[", "WRONG")),
    Row(CLASS, "X.T @ d", 0, ("W[",), ("--forward", "loss")),
    Row(CLASS, "X.T @ d", 3, ("has no function 'cost'",), ("--forward", "cost")),
    Row(COURSE, "dj_dw / m, dj_db / m", 0, ("w", "b")),
    Row(COURSE, "dj_db / m, dj_dw / m", 0, ("w", "b")),
    Row(COURSE, "dj_dw, dj_db / m", 1, ("WRONG",)),
    Row(MSE, "2 / len(y) * X.T @ (X @ w - y)", 0, ("w[", "w and y were taken for")),
    Row(MSE, "2 / y.size * X.T @ (X @ w - y)", 0, ("w[",)),
    Row(MSE, "X.T @ (X @ w - y)", 1, ("w[", "WRONG")),
    Row(THETA, "X.T.dot(X.dot(theta) - y) / len(y)", 0, ("theta[",)),
    Row(THETA, "X.T.dot(X.dot(theta) - y)", 1, ("theta[", "WRONG")),
    Row(THETA, "np.ones((7, 7, 7))", 3, ("returns one value", "--returns theta\n")),
    Row(RIDGE, "2 * X.T @ (X @ w - y) + 2 * lam * w", 0, ("w[",)),
    Row(RIDGE, "2 * X.T @ (X @ w - y) + lam * w", 1, ("w[", "WRONG")),
)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.filled)
def test_no_result_is_left_out_in_silence(row, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(row.text.format(row.filled), encoding="utf-8")
    with in_this_process():
        result = CliRunner().invoke(main, ["check", str(path), *row.options])
    assert result.exit_code == row.code, result.output
    assert not [said for said in row.said if said not in result.output], result.output
