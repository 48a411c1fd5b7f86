"""Networks as C99: compiled without a warning, they answer and learn as the graph."""

from __future__ import annotations

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
from trained_models import EXAMPLES, TEXTS, model

from gradtutor.exports.c99 import prediction_program, training_program
from gradtutor.exports.onnx import NoOperatorError
from gradtutor.graph import inputs

STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"]
FLOATS = ctypes.POINTER(ctypes.c_float)
pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no cc")


def compiled(folder, text):
    (folder / "m.c").write_text(text, encoding="utf-8")
    command = ["cc", *STRICT, "-shared", "-fPIC", "m.c", "-o", "m.so", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "m.so"))


def pointer(array):
    return array.ctypes.data_as(FLOATS)


def answers(library, X, width):
    out = np.zeros((len(X), width), np.float32)
    for row, answer in zip(X.reshape(len(X), -1), out, strict=True):
        library.predict(pointer(row), pointer(answer))
    return out


@pytest.mark.parametrize("name", TEXTS)
def test_c_answers_as_the_graph(name, tmp_path):
    one = model(name)
    text = prediction_program(one.answering, one.weights, "m")
    assert "malloc" not in text
    wanted = one.answers().reshape(EXAMPLES, -1)
    found = answers(compiled(tmp_path, text), one.rows("X"), wanted.shape[1])
    np.testing.assert_allclose(
        found, wanted, rtol=1e-6, atol=1e-6 * np.abs(wanted).max()
    )


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", [name for name in TEXTS if name != "residual"])
def test_a_step_in_c_moves_the_weights_as_the_gradient_says(name, tmp_path):
    one = model(name)
    one.training.graph["network"] |= {"optimiser": "sgd", "optimiser_settings": {}}
    text = training_program(one.training, one.answering, one.weights, "m", EXAMPLES)
    text += "\nfloat *weights(void) { return theta; }\n"
    library = compiled(tmp_path, text)
    library.train_step.argtypes = [FLOATS, FLOATS, ctypes.c_float]
    library.train_step.restype = ctypes.c_float
    library.weights.restype = FLOATS
    X, y = one.rows("X"), one.rows("y")
    wanted, *slopes = one.loss_and_gradients()
    flat = np.concatenate([np.ravel(slope) for slope in slopes])
    before = np.concatenate([np.ravel(one.weights[n]) for n in
                             inputs(one.training, "parameter")])  # fmt: skip
    loss = library.train_step(pointer(X), pointer(y), 1.0)
    assert loss == pytest.approx(float(wanted), rel=1e-6, abs=1e-6)
    after = np.ctypeslib.as_array(library.weights(), (len(flat),))
    scale = max(np.abs(flat).max(), np.abs(before).max())
    np.testing.assert_allclose(before - after, flat, rtol=1e-5, atol=1e-6 * scale)


@pytest.mark.parametrize("optimiser", ["momentum", "adam", "adamw", "rmsprop", "lion"])
def test_steps_in_c_lower_the_loss_by_every_optimiser(optimiser, tmp_path):
    one = model("two-layers")
    one.training.graph["network"] |= {"optimiser": optimiser, "optimiser_settings": {}}
    text = training_program(one.training, one.answering, one.weights, "m", EXAMPLES)
    library = compiled(tmp_path, text)
    library.train_step.argtypes = [FLOATS, FLOATS, ctypes.c_float]
    library.train_step.restype = ctypes.c_float
    X, y = one.rows("X"), one.rows("y")
    losses = [library.train_step(pointer(X), pointer(y), 0.02) for _ in range(60)]
    assert losses[-1] < losses[0] / 2


def test_batch_statistics_are_not_trained_in_c():
    one = model("residual")
    with pytest.raises(NoOperatorError, match="batch normalisation"):
        training_program(one.training, one.answering, one.weights, "m", 4)


def test_the_program_reads_numbers_and_leaks_nothing(tmp_path):
    one = model("lenet")
    text = prediction_program(one.answering, one.weights, "m")
    (tmp_path / "m.c").write_text(text, encoding="utf-8")
    command = ["cc", *STRICT, "-DMAIN", "-g", "m.c", "-lm", "-o", "m"]
    subprocess.run(command, cwd=tmp_path, check=True)
    numbers = "\n".join(" ".join(map(str, row.ravel())) for row in one.rows("X"))
    watch = ["valgrind", "-q", "--error-exitcode=9"] if shutil.which("valgrind") else []
    done = subprocess.run(
        [*watch, str(tmp_path / "m")], input=numbers, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = [
        [float(cell) for cell in line.split()] for line in done.stdout.splitlines()
    ]
    np.testing.assert_allclose(found, one.answers(), rtol=1e-5, atol=1e-6)
