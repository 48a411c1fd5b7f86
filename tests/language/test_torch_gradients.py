"""Programs against PyTorch's own numbers on the same weights (tests/data/*.json).

Some of each kind run always; ``GRADTUTOR_CAMPAIGN=1`` runs all.
"""

from __future__ import annotations

import importlib.util
import json
import os

import numpy as np
import pytest
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import inputs
from gradtutor.language import parse_network
from gradtutor.train.weights.names import in_torch, weights_of

DATA = TESTS / "data"
TOLD = json.loads((DATA / "torch_gradients.json").read_text())
_spec = importlib.util.spec_from_file_location("made", DATA / "torch_gradients.py")
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)
#: A program of each kind of layer and loss.
SAMPLE = (
    *("11-torch-training-script", "20-torch-autoencoder", "23-torch-lstm"),
    *("27-torch-embedding-bag", "38-torch-parameter", "public/a02_blitz_nn"),
    *("public/d13_text_cnn", "public/d17_wavenet", "public/e04_attention_by_hand"),
    *("public/e16_moduledict", "public/e17_embedding_mean", "public/e28_unet_1d"),
    *("public/e19_multihead_builtin", "public/e23_class_weights"),
    *("public/e24_pos_weight", "public/h03_functional_params"),
    *("public/h06_rnn_manual_cell", "public/h12_dueling_dqn"),
    *("public/v_t20_transformer_decoder", "public/v_t13_yunjey_bidir"),
    *("public/w21_torch_seq2seq_attention", "public/w22_torch_lstm_from_state"),
)
CHOSEN = TOLD if os.environ.get("GRADTUTOR_CAMPAIGN") else SAMPLE


def placed(array, shape):
    """Bring a batch from PyTorch's axes to those of a node of the graph."""
    if len(shape) != array.ndim:
        return array.reshape([made.BATCH if s == "N" else s for s in shape])
    at = next(i for i, size in enumerate(shape) if size == "N")
    return np.moveaxis(array, 0, at)


def size_of(size):
    if isinstance(size, int):
        return size
    return int(np.prod([made.BATCH if p == "N" else int(p) for p in size.split("*")]))


@pytest.mark.parametrize("name", CHOSEN)
def test_loss_and_gradients_equal_pytorch(name):
    _, shape, kind, data = made.PROGRAMS[name]
    text = (TESTS / "inputs" / f"{name}.py").read_text()
    graph = parse_network(text, shape)
    weights = weights_of(graph)
    nodes = graph.nodes
    given = {w.name: w.from_torch({w.torch: made.pattern(w.torch, w.torch_shape)})
             for w in weights if nodes[w.name].get("role") == "parameter"}  # fmt: skip
    count = sum(int(np.prod(nodes[one]["shape"])) for one in inputs(graph, "parameter"))
    assert count == TOLD[name]["parameters"]
    example = [s for s in nodes["X"]["shape"] if s != "N"]
    example = tuple(shape or example)
    given["X"] = placed(made.examples(example, data), nodes["X"]["shape"])
    wide = [size_of(one) for one in nodes["y"]["shape"]]
    if kind not in made.CLASSES:
        kept = tuple(s for s in nodes["y"]["shape"] if s != "N")
        given["y"] = placed(made.answers(kept, kind), nodes["y"]["shape"])
    else:
        classes = TOLD[name]["classes"]
        label = made.answers((classes,), kind)
        given["y"] = np.broadcast_to(label.reshape(-1, *[1] * (len(wide) - 1)), wide)
    masks = [one for one in inputs(graph) if nodes[one]["role"] == "mask"]
    given |= {one: np.ones([size_of(s) for s in nodes[one]["shape"]]) for one in masks}
    trace = run(graph, given)
    loss = float(trace.values[graph.graph["output"]])
    assert loss == pytest.approx(TOLD[name]["loss"], rel=1e-6)
    slopes = trace.node_gradients
    found = in_torch([one for one in weights if one.name in slopes], slopes)
    wanted = dict(TOLD[name]["gradients"])
    twice = {one.second: one.torch for one in weights if one.second in wanted}
    for unused in (one for one in found if one not in wanted and "running" not in one):
        assert not found[unused].any()
    for word, numbers in wanted.items():
        got = made.summary(word, found[twice.get(word, word)])
        size = 1e-8 + 1e-6 * numbers[1]
        np.testing.assert_allclose(got, numbers, rtol=1e-6, atol=size, err_msg=word)
