"""Networks as ONNX: onnxruntime answers as the graph does, and finds its gradients."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from trained_models import TEXTS, model

from gradtutor.exports.onnx import NoOperatorError, gradient_model, prediction_model
from gradtutor.graph import inputs
from gradtutor.language import parse_network

onnxruntime.set_default_logger_severity(3)


def run(proto, **given):
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    free = [*session.get_inputs(), *session.get_overridable_initializers()]
    known = {one.name for one in free}
    return session.run(None, {key: x for key, x in given.items() if key in known})


@pytest.mark.parametrize("name", TEXTS)
def test_onnxruntime_answers_as_the_graph(name):
    one = model(name)
    (found,) = run(prediction_model(one.answering, one.weights), X=one.rows("X"))
    wanted = one.answers()
    assert found.shape == wanted.shape
    np.testing.assert_allclose(
        found, wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max()
    )


@pytest.mark.parametrize("name", TEXTS)
def test_onnxruntime_finds_the_gradients(name):
    one = model(name)
    proto = gradient_model(one.training, one.weights)
    found = run(proto, X=one.rows("X"), y=one.rows("y"))
    wanted = one.loss_and_gradients()
    names = ["loss", *(f"d{name}" for name in inputs(one.training, "parameter"))]
    assert [out.name for out in proto.graph.output] == names
    for got, expected in zip(found, wanted, strict=True):
        assert got.shape == expected.shape
        scale = max(np.abs(expected).max(), 1e-3)
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5 * scale)


def test_a_step_of_training_runs_in_onnxruntime():
    one = model("two-layers")
    proto = gradient_model(one.training, one.weights)
    losses, weights = [], dict(one.weights)
    for _ in range(30):
        loss, *slopes = run(proto, X=one.rows("X"), y=one.rows("y"), **weights)
        losses.append(float(loss))
        pairs = zip(weights.items(), slopes, strict=True)
        weights = {name: w - np.float32(0.5) * slope for (name, w), slope in pairs}
    assert losses[-1] < losses[0] / 2


def test_scaled_columns_are_inside_the_model():
    one = model("autoencoder")
    learned = {
        "X_mean": np.full(16, 2, np.float32),
        "X_deviation": np.full(16, 3, np.float32),
        "X_fill": np.full(16, 5, np.float32),
        "y_mean": np.full(16, 7, np.float32),
        "y_deviation": np.full(16, 11, np.float32),
    }
    X = one.rows("X") * 3 + 2
    (found,) = run(prediction_model(one.answering, one.weights | learned), X=X)
    np.testing.assert_allclose(found, one.answers() * 11 + 7, rtol=1e-5)
    X[0, 0] = np.nan
    (filled,) = run(prediction_model(one.answering, one.weights | learned), X=X)
    X[0, 0] = 5
    (known,) = run(prediction_model(one.answering, one.weights | learned), X=X)
    np.testing.assert_array_equal(filled, known)


def test_random_numbers_have_no_gradient_model():
    text = "Sequential([Input(4), Dropout(0.5), Linear(2)])\nloss = MSELoss()"
    with pytest.raises(NoOperatorError, match="dropout"):
        gradient_model(parse_network(text), {"W1": np.zeros((4, 2))})
