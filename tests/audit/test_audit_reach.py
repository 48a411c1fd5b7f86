"""What an audit takes as it stands: scripts, stated shapes, a module's own arrays."""

from __future__ import annotations

import types
from pathlib import Path

import numpy as np
import pytest
from audit_here import in_this_process
from click.testing import CliRunner

from gradtutor.audit import audit_function
from gradtutor.audit.program.shapes.said import said
from gradtutor.audit.program.source import read_program
from gradtutor.audit.program.steps.scripts import stepped
from gradtutor.audit.sandbox.child.readings.own import own_readings
from gradtutor.cli import main

EXAMPLE = Path(__file__).parent / "example" / "layer.py"
NET = Path(__file__).parent / "styles" / "dlfs.py"

LOOP = """
w = {start}
for i in range(9):
    {loss}
    dw = 2 * w
    {step}
"""


@pytest.mark.parametrize(
    ("loss", "step", "last"),
    [
        ("loss = w * w", "w -= 0.1 * dw", "return loss, dw"),
        ("loss = w * w", "w = w - lr * dw / 4", "d_w = dw / 4; return loss, d_w"),
        ("loss = w * w", "w += -lr * dw", "return loss, dw"),
        ("loss = w * w", "w -= dw * lr", "return loss, dw"),
        ("err = w - 3", "w -= lr * dw", "return 0.5 * (err ** 2).sum(), dw"),
        ("print(w)", "w -= lr * dw", ""),
        ("loss = w * w", "count = 3", ""),
        ("loss = w * w", "v -= lr * dw", ""),  # v is not there before the loop
        ("loss = w * w", "v = 0.9*v - lr*dw; w += v", "return loss, dw"),
        ("loss = w * w", "v = 0.9*v - lr*(dw + reg*w); w += v", ""),
        ("loss = w * w", "v = 0.9*v - lr*dw/n; w += v", ""),
        ("loss = w * w", "v = 0.9*v - lr*dw*w; w += v", ""),
        ("loss = w * w", "dw = dw + reg*w; w -= lr*dw", "return loss, dw"),
    ],
)
def test_a_training_loop_becomes_a_function_line_for_line(loss, step, last):
    text = LOOP.format(start="1.0", loss=loss, step=step.replace("; ", "\n    "))
    made, loops = stepped(text)
    assert made.count("\n") == text.count("\n")
    if last:
        assert last in made.splitlines()[-1].strip()
        assert loops[0].parameters == ("w",)
        assert ("dw = dw + reg*w" in made) is step.startswith("dw = dw")
    else:
        assert (made, loops) == (text, ())


def test_a_loop_in_a_notebook_or_without_python_is_left_alone():
    assert stepped("for i in") == ("for i in", ())


@pytest.mark.parametrize(
    ("text", "names", "shapes"),
    [
        ("x: (N, D), W: (D, H)", "xW", {"x": (5, 3), "W": (3, 4)}),
        (
            "X -- data of size (n_x, number of examples)\nY -- (1, number of examples)",
            "XY",
            {"X": (5, 3), "Y": (1, 3)},
        ),
        ("x: (T, d), t: (T, d/2)", "xt", {"x": (4, 6), "t": (4, 3)}),
        (
            "W*: (D, 4H), k: int",
            ["Wx", "Wh", "k"],
            {"Wx": (5, 12), "Wh": (5, 12), "k": ()},
        ),
        ("x: input, of shape (N, d_1, ..., d_k)", "x", {}),
        ("y: labels (zeros or ones)", "y", {}),
        ("b: (scalar), x: (N)", "bx", {"b": (), "x": (5,)}),
    ],
)
def test_docstrings_state_shapes(text, names, shapes):
    found = said(text, list(names))
    assert (found[0] if found else {}) == shapes


def test_shapes_of_the_modules_own_arrays_are_made_smaller():
    module = types.ModuleType("one")
    module.X, module.W, module.y = np.zeros((64, 100)), np.zeros((100, 3)), 1
    from gradtutor.audit.program.arguments import Argument

    guess = {"X": Argument((5, 3)), "W": Argument((3, 2))}
    small, whole = own_readings(module, [guess], [])
    assert (whole["X"].shape, whole["W"].shape) == ((64, 100), (100, 3))
    assert small["X"].shape[1] == small["W"].shape[0] < 7
    assert small["W"].shape[1] == 3
    assert own_readings(module, [{"z": Argument(())}], []) == []


def test_labels_are_tried_where_the_code_tells_them_from_ones(tmp_path):
    text = NET.read_text(encoding="utf-8")
    right = "dx[np.arange(batch_size), self.t] -= 1\n            dx = dx / batch_size"
    assert right in text
    path = tmp_path / "net.py"
    wrong = "dx[np.arange(batch_size), self.t] -= 1"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    with in_this_process():
        report = audit_function(path, "SoftmaxWithLoss")
    assert (report.ok, report.misconception) == (False, "mean-forgotten")


def test_a_page_shows_the_circuit_and_both_values(tmp_path):
    path = tmp_path / "audit.html"
    with in_this_process():
        result = CliRunner().invoke(
            main, ["check", f"{EXAMPLE}:backward", "-o", str(path), "--lang", "zh"]
        )
    page = path.read_text(encoding="utf-8")
    assert result.exit_code == 1
    assert "第一处错误的行" in result.stdout
    assert "<svg" in page
    assert "<mark>dz = upstream * (1 - h)</mark>" in page
    assert "它的梯度是错的" in page
    assert "np.tanh(z)" in page


def test_a_picture_of_several_gradients_asks_which(tmp_path):
    result = CliRunner().invoke(
        main, ["check", str(NET), "-o", str(tmp_path / "a.svg")]
    )
    assert result.exit_code == 2
    assert "Affine.backward" in result.stderr


def test_a_script_without_functions_is_a_file_to_audit():
    program = read_program(Path(__file__).parent / "styles" / "script_xor.py")
    assert [loop.line for loop in program.loops] == [16]


STOPS = """import jax.numpy as jnp
from jax import lax
def loss(w, x):
    a = lax.stop_gradient(jnp.tanh(x @ w))
    return jnp.sum(a * (x @ w) ** 2)
def loss_backward(w, x):
    a = lax.stop_gradient(jnp.tanh(x @ w))
    p = x @ w
    dp = {dp}
    return x.T @ dp, dp @ w.T
"""
AFFINE = """import numpy as np
class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b
    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = {db}
        return np.dot(dout, self.W.T)
"""


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        (STOPS.format(dp="2 * a * p"), True),
        (STOPS.format(dp="2 * a * p + (1 - a ** 2) * p ** 2"), False),
        (AFFINE.format(db="np.sum(dout, axis=0)"), True),
        (AFFINE.format(db="np.sum(dout)"), False),
    ],
)
def test_stopped_paths_are_held_and_transposed_weights_are_matrices(text, ok, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(text, encoding="utf-8")
    name = "Affine" if "class" in text else "loss_backward"
    with in_this_process():
        assert audit_function(path, name).ok is ok
