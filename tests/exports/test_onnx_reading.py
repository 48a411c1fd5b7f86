"""ONNX models as formulas: the published node tests, our own exports, and refusals."""

from __future__ import annotations

import json
import warnings

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.loader import load_model_tests
from trained_models import TEXTS, model

from gradtutor.cli import main
from gradtutor.evaluate import node_values
from gradtutor.exports.onnx import OnnxError, prediction_model, read_onnx
from gradtutor.exports.onnx.operators import READERS
from gradtutor.exports.onnx.reading import read_graph, trainable
from gradtutor.graph import inputs
from gradtutor.language import parse_formula, parse_network

#: Published tests that must come out; the others are refused, none is wrong.
AT_LEAST = 284
#: What no model asks of us: training mode, whole numbers that wrap or truncate.
NOT_NUMBERS = ("training_", "int8", "int16", "int32", "int64", "bool", "mod_", "string")


def published():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own casts overflow on purpose
        tests = load_model_tests(kind="node")
    for test in tests:
        (node, *more) = test.model.graph.node
        ours = node.op_type in READERS and node.domain == "" and not more
        if ours and "_expanded" not in test.name:
            yield test


def answer_of(program, first):
    """Return the value of a formula that was read, given the model's first input."""
    graph = parse_formula(program.text)
    point = {name: array.astype(float) for name, array in program.weights.items()}
    for name in inputs(graph):
        if name not in point:
            point[name] = np.asarray(first, float)
    output = graph.graph["output"]
    return node_values(graph, point, [output])[output]


def test_the_published_values_come_out_or_the_operator_is_refused():
    right, wrong = 0, []
    for test in published():
        if any(word in test.name for word in NOT_NUMBERS):
            continue
        given, expected = test.data_sets[0]
        if not all(isinstance(one, np.ndarray) for one in (*given, *expected)):
            continue  # a sequence, or nothing
        graph = onnx.GraphProto()
        graph.CopyFrom(test.model.graph)
        names = [one.name for one in graph.input]
        try:
            for name, array in zip(names[1:], given[1:], strict=False):
                stored = numpy_helper.from_array(np.asarray(array), name)
                graph.initializer.append(stored)
            found = answer_of(read_graph(graph, test.name, fixed=True), given[0])
        except (ValueError, TypeError, AttributeError):
            continue
        close = found.shape == expected[0].shape and np.allclose(
            found, expected[0], rtol=2e-5, atol=2e-6, equal_nan=True
        )
        right += close
        wrong += [] if close else [test.name]
    assert not wrong
    assert right >= AT_LEAST, right


@pytest.mark.parametrize("name", [n for n in TEXTS if n not in ("factors", "gpt")])
def test_our_own_models_come_back(name, tmp_path):
    one = model(name)
    proto = prediction_model(one.answering, one.weights)
    onnx.save(proto, tmp_path / "m.onnx")
    found = answer_of(read_onnx(tmp_path / "m.onnx"), one.rows("X"))
    np.testing.assert_allclose(found, one.answers(), rtol=1e-5, atol=1e-6)


def torch_like():
    """Return a model as PyTorch writes one: dots in names, a shape worked out."""
    nodes = [
        helper.make_node("Conv", ["input", "conv.weight", "conv.bias"], ["c"],
                         pads=[1] * 4),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["g"]),
        helper.make_node("Shape", ["g"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["n"]),
        helper.make_node("Unsqueeze", ["n", "axes"], ["n1"]),
        helper.make_node("Concat", ["n1", "rest"], ["to"], axis=0),
        helper.make_node("Reshape", ["g", "to"], ["f"]),
        helper.make_node("Gemm", ["f", "fc.weight", "fc.bias"], ["logits"], transB=1),
    ]  # fmt: skip
    rng = np.random.default_rng(0)
    arrays = {
        "conv.weight": rng.normal(size=(4, 1, 3, 3)).astype(np.float32),
        "conv.bias": rng.normal(size=4).astype(np.float32),
        "fc.weight": rng.normal(size=(3, 4)).astype(np.float32),
        "fc.bias": rng.normal(size=3).astype(np.float32),
        "zero": np.array(0),
        "axes": np.array([0]),
        "rest": np.array([4]),
    }
    stored = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    given = helper.make_tensor_value_info(
        "input", TensorProto.FLOAT, ["batch", 1, 8, 8]
    )
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])
    graph = helper.make_graph(nodes, "torch", [given], [out], stored)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def test_a_model_as_pytorch_writes_it(tmp_path):
    proto = torch_like()
    onnx.save(proto, tmp_path / "m.onnx")
    program = read_onnx(tmp_path / "m.onnx")
    assert "conv_weight: parameter (4, 1, 3, 3)" in program.text
    x = np.random.default_rng(1).normal(size=(5, 1, 8, 8)).astype(np.float32)
    from onnx.reference import ReferenceEvaluator

    (wanted,) = ReferenceEvaluator(proto).run(None, {"input": x})
    np.testing.assert_allclose(answer_of(program, x), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("outputs", "line"),
    [(3, "loss = cross_entropy(prediction, y)"), (1, "mean((prediction - y)**2)")],
)
def test_a_model_gets_the_loss_that_it_lacks(outputs, line):
    text = trainable(
        "# ONNX model m.onnx\nx: (N, 4)\n"
        f"w: parameter (4, {outputs})\nprediction = x @ w\n"
    )
    assert line in text
    assert parse_network(text).graph["network"]["target"] == "y"


def test_a_model_is_drawn_trained_and_starts_from_its_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    onnx.save(torch_like(), "m.onnx")
    rng = np.random.default_rng(2)
    np.savez("d.npz", X=rng.normal(size=(60, 1, 8, 8)), y=rng.integers(0, 3, 60))
    run = CliRunner()
    done = run.invoke(main, ["render", "m.onnx", "-o", "m.svg"])
    assert done.exit_code == 0, done.output
    given = ["train", "m.onnx", "--data", "d.npz", "--epochs", "1", "--no-pictures"]
    done = run.invoke(main, [*given, "--learning-rate", "1e-9", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["epochs"] == 1
    with np.load("m-run/weights.npz") as saved:
        stored = read_onnx(tmp_path / "m.onnx").weights
        for name, array in stored.items():
            np.testing.assert_allclose(saved[name], array, atol=1e-6)


@pytest.mark.parametrize(
    ("operator", "settings", "said"),
    [
        ("Hardmax", {}, "Hardmax is not read"),
        ("Cast", {"to": TensorProto.INT8}, "Cast to type 3"),
        ("MaxPool", {"kernel_shape": [2, 2], "ceil_mode": 1}, "ceil_mode"),
        ("Gelu", {"approximate": "tanh"}, "Gelu by tanh"),
    ],
)
def test_what_is_not_read_is_named(operator, settings, said):
    node = helper.make_node(operator, ["x"], ["y"], **settings)
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 4, 4])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    with pytest.raises(OnnxError, match=said):
        read_graph(helper.make_graph([node], "g", [given], [out]), "m.onnx")


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "m.onnx").write_text("no model")
    done = CliRunner().invoke(main, ["render", str(tmp_path / "m.onnx")])
    assert done.exit_code == 3
    assert "is no ONNX model" in done.output
