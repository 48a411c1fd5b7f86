"""Networks that come with weights: ONNX models, and what a run's folder keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from click.testing import CliRunner
from trained_models import TEXTS, model

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.exports.onnx import prediction_model

onnxruntime.set_default_logger_severity(3)
NET = (
    "Sequential([Input(64), Linear(8), ReLU(), Linear(10)])\nloss = CrossEntropyLoss()"
)


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small():
    one = model("two-layers")
    return one, prediction_model(one.answering, one.weights)


def answered(proto, X):
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: X.astype(np.float32)})[0]


@pytest.mark.parametrize("name", [n for n in TEXTS if n not in ("factors", "gpt")])
def test_a_model_of_onnx_answers_as_onnxruntime_does(name):
    one = model(name)
    proto = prediction_model(one.answering, one.weights)
    found = gt.network(proto).predict(one.rows("X"))
    np.testing.assert_allclose(
        found, answered(proto, one.rows("X")), rtol=1e-5, atol=1e-5
    )


def test_a_model_is_taken_as_file_path_bytes_and_itself(small):
    one, proto = small
    onnx.save(proto, "m.onnx")
    wanted = gt.network(proto).predict(one.rows("X"))
    for source in ("m.onnx", Path("m.onnx"), Path("m.onnx").read_bytes()):
        found = gt.network(source)
        assert found.circuit.inputs[0] == "x" and found._repr_svg_()
        np.testing.assert_array_equal(found.predict(one.rows("X")), wanted)


def test_a_model_is_trained_from_its_weights_written_again_and_refused():
    network = gt.network(NET)
    before = network.train("digits", epochs=8, learning_rate=0.01, quiet=True)
    before.export("m.onnx")
    found = gt.network("m.onnx")
    assert "with NumPy and numba" in found.script("digits", backend="numba")
    after = found.train("digits", epochs=1, learning_rate=1e-6, quiet=True)
    assert after.summary["test_loss"] == pytest.approx(
        before.summary["test_loss"], rel=1e-3
    )
    found.export("again.onnx")
    X = gt.data("digits")[0][:300]
    ours = gt.network("again.onnx").predict(X)
    np.testing.assert_allclose(ours, answered(onnx.load("m.onnx"), X), atol=1e-4)
    weights = {key: found.weights[key] for key in ("W1", "b1", "W2", "b2")}
    np.testing.assert_array_equal(network.predict(X, weights), found.predict(X))
    network.save("again.net")
    assert gt.network("again.net") == network
    for wrong in (
        lambda: gt.network("none.onnx"),
        lambda: gt.network(b"abc"),
        lambda: gt.network(3),
        lambda: network.predict(X),
        lambda: network.export("m.c"),
        lambda: found.predict(X[:, :5]),
        lambda: network.predict(X, {"W1": np.zeros((3, 8))}),
    ):
        with pytest.raises(gt.TutorError):
            wrong()


def test_pixels_are_divided_in_what_a_training_of_python_exports():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (60, 6, 6), dtype=np.uint8)
    y = (X.mean((1, 2)) > 127).astype(int)
    np.savez("images.npz", X=X, y=y)
    text = "Sequential([Input(36), Linear(2)])\nloss = CrossEntropyLoss()"
    Path("a.net").write_text(text)
    for words in (
        ["train", "a.net", "--data", "images.npz", "--epochs", "2", "--no-pictures"],
        ["export", "a-run", "cli.onnx"],
    ):
        assert CliRunner().invoke(main, words).exit_code == 0
    gt.network(text).train("images.npz", epochs=2, quiet=True).export("own.onnx")
    flat = X.reshape(60, 36)
    found = [answered(onnx.load(f"{name}.onnx"), flat) for name in ("cli", "own")]
    np.testing.assert_array_equal(*found)
    assert np.ptp(found[0]) < 50  # logits of pixels from 0 to 1
