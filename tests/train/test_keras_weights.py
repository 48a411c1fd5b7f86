"""Weights by Keras's paths and layouts: there and back, and the axes by hand.

benchmarks/weights_in_keras.py compares answers with Keras itself.
"""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.graph import inputs
from gradtutor.language import parse_network
from gradtutor.train.weights import (
    WeightsError,
    as_keras,
    from_theirs,
    read_weights,
    write_weights,
)

CONV = """Sequential([Input(8, 6, 1), Conv2D(4, (3, 3)), BatchNormalization(),
    MaxPooling2D((2, 2)), Flatten(), Dense(5), LayerNormalization(), Dense(3)])
loss = SparseCategoricalCrossentropy(from_logits=True)"""
LSTM = """Sequential([Input(5, 4), LSTM(6), Dense(3)])
loss = SparseCategoricalCrossentropy(from_logits=True)"""
MLP = "Sequential([Input(4), Linear(3), ReLU(), Linear(2)])\nloss = MSELoss()"


def random_arrays(graph):
    rng = np.random.default_rng(0)
    names = inputs(graph, "parameter", "statistic")
    return {
        name: rng.normal(size=graph.nodes[name]["shape"]).astype(np.float32)
        for name in names
    }


@pytest.mark.parametrize("text", [CONV, LSTM, MLP])
def test_what_is_written_comes_back(text, tmp_path):
    graph = parse_network(text, training=False)
    arrays = random_arrays(graph)
    write_weights(tmp_path / "m.weights.h5", as_keras(graph, arrays))
    found = from_theirs(graph, read_weights(tmp_path / "m.weights.h5"))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_axes_are_those_of_keras():
    graph = parse_network(CONV, training=False)
    arrays = random_arrays(graph)
    theirs = as_keras(graph, arrays)
    assert {path: array.shape for path, array in theirs.items()} == {
        "layers/conv2d/vars/0": (3, 3, 1, 4),
        "layers/conv2d/vars/1": (4,),
        "layers/batch_normalization/vars/0": (4,),
        "layers/batch_normalization/vars/1": (4,),
        "layers/batch_normalization/vars/2": (4,),
        "layers/batch_normalization/vars/3": (4,),
        "layers/dense/vars/0": (24, 5),
        "layers/dense/vars/1": (5,),
        "layers/layer_normalization/vars/0": (5,),
        "layers/layer_normalization/vars/1": (5,),
        "layers/dense_1/vars/0": (5, 3),
        "layers/dense_1/vars/1": (3,),
    }
    kernel = theirs["layers/conv2d/vars/0"]
    assert kernel[2, 1, 0, 3] == arrays["W1"][3, 0, 2, 1]
    rows = theirs["layers/dense/vars/0"]  # (h, w, c) of 3 x 2 x 4 pooled images
    assert rows[(2 * 2 + 1) * 4 + 3, 0] == arrays["W3"][(3 * 3 + 2) * 2 + 1, 0]


def test_a_cell_of_an_lstm_has_kernel_recurrent_and_bias():
    paths = as_keras(*(lambda g: (g, random_arrays(g)))(parse_network(LSTM)))
    assert [p for p in paths if "lstm" in p] == [
        f"layers/lstm/cell/vars/{i}" for i in range(3)
    ]


def test_an_optimisers_variables_are_passed_over(tmp_path):
    graph = parse_network(MLP)
    arrays = random_arrays(graph)
    write_weights(tmp_path / "m.h5", as_keras(graph, arrays))
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file["optimizer/vars/0"] = np.zeros(3)
    assert from_theirs(graph, read_weights(tmp_path / "m.h5")).keys() == arrays.keys()


def test_weights_of_another_network_are_refused(tmp_path):
    graph = parse_network(MLP)
    theirs = as_keras(graph, random_arrays(graph))
    theirs["layers/dense/vars/0"] = np.zeros((5, 3), np.float32)
    with pytest.raises(WeightsError, match=r"is \(5, 3\), the network has \(4, 3\)"):
        from_theirs(graph, theirs)
    del theirs["layers/dense_1/vars/1"]
    with pytest.raises(WeightsError, match="have no layers/dense_1/vars/1"):
        from_theirs(graph, theirs)


def test_a_file_of_weights_is_exported_with_its_network(tmp_path):
    graph = parse_network(MLP)
    arrays = random_arrays(graph)
    np.savez(tmp_path / "w.npz", **arrays)
    (tmp_path / "m.net").write_text(MLP)
    run = CliRunner()
    for name in ("m.weights.h5", "m.safetensors", "m.onnx", "m.c"):
        given = [str(tmp_path / "w.npz"), str(tmp_path / name)]
        done = run.invoke(
            main, ["export", *given, "--network", str(tmp_path / "m.net")]
        )
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).is_file()
    found = from_theirs(graph, read_weights(tmp_path / "m.weights.h5"))
    np.testing.assert_array_equal(found["W1"], arrays["W1"])
    done = run.invoke(main, ["export", *given])
    assert done.exit_code == 3 and "--network" in done.output


@pytest.mark.parametrize("name", ["m.safetensors", "m.onnx", "m.c", "m.weights.h5"])
def test_an_export_that_fails_leaves_the_old_file(name, tmp_path, monkeypatch):
    np.savez(tmp_path / "w.npz", **random_arrays(parse_network(MLP)))
    (tmp_path / "m.net").write_text(MLP)
    (tmp_path / name).write_text("old")
    given = ["export", str(tmp_path / "w.npz"), str(tmp_path / name)]
    given += ["--network", str(tmp_path / "m.net")]

    def killed(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", killed)
    monkeypatch.setattr("pathlib.Path.replace", killed)
    assert CliRunner().invoke(main, given).exit_code == 130
    assert (tmp_path / name).read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["w.npz", "m.net", name]
    )
