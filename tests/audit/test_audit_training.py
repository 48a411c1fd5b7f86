"""Gradients inside training: a step becomes a function, line for line."""

from __future__ import annotations

import numpy as np
import pytest
from audit_here import in_this_process
from click.testing import CliRunner

from gradtutor.audit.functions import audit_pair, everything
from gradtutor.audit.program.pairing import forward_of
from gradtutor.audit.program.shapes.vocabulary import smaller
from gradtutor.audit.program.source import read_program
from gradtutor.audit.program.steps.kept import keeping
from gradtutor.audit.program.steps.training import trained
from gradtutor.audit.request import Request
from gradtutor.audit.sandbox.child.standins.tensorflow_like import tensorflow_modules
from gradtutor.cli import main

FIT = """
def fit(X, y, lr=0.1):
    w = np.zeros(3)
    for i in range(9):
        p = X @ w
        {loss}
        d = {d}
        {step}
    return w
"""
#: The lines between, and the last one of the step.
STEPS = [
    ("loss = np.sum((p - y) ** 2)", "2 * X.T @ (p - y)", "w -= lr * d", "loss, d"),
    ("pass", "X.T @ (p - y)", "w -= lr * d", "(p, y), d"),
    ("pass", "X.T @ (y - p)", "w += lr * d", "(p, y), d"),
    ("pass", "X.T @ (p - y)", "w = w - lr * d / 4", "(p, y), d_w"),
    ("err = p - y", "X.T @ err", "w -= lr * d", "(p, y), d"),
    ("J = mse(p, y)", "X.T @ (p - y)", "w -= lr * d", "J, d"),
]
#: No step with a gradient that is worked out there.
NONE = [
    ("pass", "grads['w']", "w -= lr * d"),
    ("pass", "gradient(X, y, w)", "w -= lr * d"),
    ("pass", "X.T @ (p - y)", "print(d)"),
    ("pass", "X.T @ p", "w -= lr * d"),  # and nothing that is differentiated
]


@pytest.mark.parametrize(("loss", "d", "step", "last"), STEPS)
def test_a_step_in_a_function_is_returned_line_for_line(loss, d, step, last):
    text = FIT.format(loss=loss, d=d, step=step)
    made, (loop,) = trained(text)
    lines = made.splitlines()
    assert len(lines) == len(text.splitlines())
    assert lines[1] == "def fit(X, y, w, lr=0.1):"
    assert lines[2].strip() == "pass"
    assert lines[7].strip().endswith(f"return {last}")
    assert loop.parameters == ("w",)
    assert list(loop.shapes["w"]) == ["3"]


@pytest.mark.parametrize(("loss", "d", "step"), NONE)
def test_what_fetches_its_gradient_is_left_alone(loss, d, step):
    text = FIT.format(loss=loss, d=d, step=step)
    assert trained(text) == (text, ())


NET = """
import numpy as np

class Net:
    def __init__(self):
        self.W = np.random.randn(3, 2)

    def forward(self, X):
        self.h = np.tanh(X @ self.W)
        return self.h

    def backward(self, X, y, o):
        self.error = y - o
        self.delta = self.error * {slope}
        self.W += X.T @ self.delta

    def train(self, X, y):
        o = self.forward(X)
        self.backward(X, y, o)
"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("slope", "ok", "line"), [("(1 - o**2)", True, 0), ("(1 - o)", False, 15)]
)
def test_a_method_that_changes_the_weights_is_checked(tmp_path, slope, ok, line):
    path = tmp_path / "net.py"
    path.write_text(NET.format(slope=slope), encoding="utf-8")
    program = read_program(path)
    (pair,) = everything(program)
    with in_this_process():
        report = audit_pair(program, pair, Request({}))
    assert (pair.title, report.ok) == ("Net.backward", ok)
    assert (report.place.line if report.place else 0) == line
    assert not ok or "half of the sum" in report.reason


ASIDE = """
def f(x):
    return x * x

def f_backward(x, g):
    return 2 * x * g

def solve(a, b, target):
    da = a * (b - target)
    db = b * da
    return da, db

def optimise(a, da, lr):
    a -= lr * da
    return a
"""


def test_what_is_not_checked_is_said(tmp_path):
    path = tmp_path / "two.py"
    path.write_text(ASIDE, encoding="utf-8")
    with in_this_process():
        result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0
    assert "not checked: solve(a, b, target);" in result.stderr
    assert f"{path}:solve --forward FUNCTION" in result.stderr


ORDERS = """
def f(x, W, b):
    return x @ W + b, (x, W)

def f_backward(g, cache):
    x, W = cache
    {returned}
"""


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("dx, dW, db = g @ W.T, x.T @ g, g.sum(0)\n    return dx, dW, db", ""),
        ("dx, dW, db = g @ W.T, x.T @ g, g.sum(0)\n    return db, dW, dx", "names"),
        ("return x.T @ g, g.sum(0), g @ W.T", "shapes"),
    ],
)
def test_another_order_of_the_results_is_said(tmp_path, returned, said):
    path = tmp_path / "order.py"
    path.write_text(ORDERS.format(returned=returned), encoding="utf-8")
    program = read_program(path)
    (pair,) = everything(program)
    with in_this_process():
        report = audit_pair(program, pair, Request({}))
    assert report.ok
    assert report.reason.startswith(f"by their {said}" if said else "")
    assert bool(report.reason) == bool(said)


ON_A_LINE = """def fit(X, y, lr):
    w = 0; b = 0
    {between}
    for i in range(9):
        d = X * w + b - y
        dw = (X * d).mean(); w -= lr * dw; db = d.mean(); b -= lr * db
"""


def test_only_the_statement_is_replaced_not_its_line():
    made, _ = trained(ON_A_LINE.format(between="m = 0; n = len(X)"))
    lines = [line.strip() for line in made.splitlines()]
    assert lines[1:3] == ["pass; pass", "m = 0; n = len(X)"]
    assert lines[5].startswith("dw = (X * d).mean(); pass; db = d.mean(); return ")


def test_a_statement_that_sets_more_than_a_parameter_is_kept():
    text = ON_A_LINE.format(between="w, n = 0, len(X)")
    assert trained(text) == (text, ())


#: A function that keeps gradients, and its lines as they are run.
KEPT = [
    ("def f():\n    p.grad = 0\n    loss = g()", None),
    (
        "def f(x):\n    x.g = 2 * x\n    loss = x # é",
        "def f(x):\n    x.g = 2 * x\n    loss = x; return loss",
    ),
    (
        "def f(x, k=2):\n    x.g = w\n    loss = '  # no'",
        "def f(x, w, k=2):\n    x.g = w\n    loss = '  # no'; return loss",
    ),
]


@pytest.mark.parametrize(("text", "made"), KEPT)
def test_a_function_that_keeps_gradients_returns_its_loss(text, made):
    text = f"w = 1\n{text}"
    assert keeping(text)[0] == (f"w = 1\n{made}" if made else text)


def test_two_sizes_on_a_line_are_made_smaller():
    text = "def f(X, vocab_size={}, n_chars={}): pass"
    assert smaller(text.format(27, 100)) == text.format(6, 6)


SETS = """def initialize(n):
    w, b = np.zeros(n), 0.0
    return w, b
def update(w, b, dw):
    w = w - 0.1 * dw
    return w, b
def run(x, ws):
    hs, fs = x @ ws, x
    return x, hs, fs
def gradient_descent(X, y, w, b):
    return X.T @ (X @ w + b - y)
def backward_pass(ws, hs, fs, y):
    return fs.T @ (hs - y)
"""


def test_what_sets_parameters_is_no_forward():
    program = read_program("a.py", SETS)
    found = [
        forward_of(program, program.functions[n])
        for n in ("gradient_descent", "backward_pass")
    ]
    assert found == [None, program.functions["run"]]


def test_the_stand_in_of_tensorflow_takes_words_at_their_meaning():
    tf = tensorflow_modules()["tensorflow"]
    x = np.array([[3.0, -4.0], [0.0, 1.5]])
    assert tf.norm(x) == np.sqrt(27.25)
    assert tf.norm(x, ord=1) == 8.5
    assert tf.norm(x, ord=np.inf, axis=1).tolist() == [4, 1.5]
    assert tf.cast(x, tf.int32).tolist() == [[3, -4], [0, 1]]
    assert tf.cast(x, x.dtype).tolist() == x.tolist()
    assert tf.reduce_sum(x, reduction_indices=[0], keep_dims=True).shape == (1, 2)
    with pytest.raises(NotImplementedError, match=r"tf\.norm"):
        tf.norm(x, ord=1, axis=(0, 1))
    assert tf.stop_gradient(x) is x


@pytest.mark.parametrize(("factor", "noted"), [("2 / len(y) *", False), ("", True)])
def test_that_the_file_s_own_loss_does_not_fit_is_said(tmp_path, factor, noted):
    text = f"""import numpy as np
def mse(p, y):
    return np.sum((p - y) ** 2) / len(y)
def fit(X, y, lr=0.1):
    w = np.zeros(3)
    for i in range(9):
        p = X @ w
        d = {factor} X.T @ (p - y)
        w -= lr * d
    return w
"""
    path = tmp_path / "a.py"
    path.write_text(text)
    with in_this_process():
        result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0
    assert ("own mse, tried first" in " ".join(result.output.split())) == noted
