"""Eleven exported networks: PyTorch, onnxruntime, C and our graph say the same.

PyTorch's numbers are stored; ``tests/data/exported_models.py`` has the networks in its
own words and writes them.
"""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest
from places import ROOT
from test_c99 import answers, compiled
from trained_models import model

from gradtutor.exports.c99 import prediction_program
from gradtutor.exports.onnx import gradient_model, prediction_model
from gradtutor.graph import inputs
from gradtutor.train.weights import weights_of
from gradtutor.train.weights.names import in_torch

STORED = json.loads((ROOT / "tests/data/exported_models.json").read_text("utf-8"))
TOLERANCE = 1e-5

onnxruntime.set_default_logger_severity(3)


def run(proto, one):
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    rows = {"X": one.rows("X"), "y": one.rows("y")}
    return session.run(None, {g.name: rows[g.name] for g in session.get_inputs()})


def near(found, wanted, scale=None):
    scale = np.abs(wanted).max() if scale is None else scale
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE * max(scale, 0.05))


@pytest.mark.parametrize("name", STORED)
def test_the_answers_are_pytorch_s(name, tmp_path):
    one, wanted = model(name), np.array(STORED[name]["answers"])
    ours = one.answers()
    near(ours, wanted)
    (found,) = run(prediction_model(one.answering, one.weights), one)
    near(found, wanted)
    text = prediction_program(one.answering, one.weights, "m")
    rows = wanted.reshape(len(wanted), -1)
    near(answers(compiled(tmp_path, text), one.rows("X"), rows.shape[1]), rows)


@pytest.mark.parametrize("name", STORED)
def test_the_gradient_graph_has_pytorch_s_gradients(name):
    one, wanted = model(name), STORED[name]
    loss, *slopes = run(gradient_model(one.training, one.weights), one)
    assert float(loss) == pytest.approx(wanted["loss"], rel=TOLERANCE)
    names = inputs(one.training, "parameter")
    trained = [w for w in weights_of(one.answering) if w.name in names]
    ours = in_torch(trained, dict(zip(names, slopes, strict=True)))
    assert ours.keys() == wanted["gradients"].keys()
    for key, sums in wanted["gradients"].items():
        array = ours[key].astype(float)
        waves = array.ravel() @ np.cos(np.arange(array.size))
        near([array.sum(), np.abs(array).sum(), waves], sums, sums[1])


def test_there_are_ten_and_of_every_kind():
    assert len(STORED) >= 10
    assert {"lenet", "residual", "lstm", "gpt", "autoencoder"} <= STORED.keys()
