"""Every loss in PyTorch's and Keras's spellings: value and gradients against JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import witness  # noqa: F401 (JAX in float64)

from gradtutor.evaluate import run
from gradtutor.graph import check_graph, inputs
from gradtutor.language import SourceError, parse_network

ROWS = 6
CLASSES = 3
LABELS = np.array([2, 0, 1, 1, 2, 0])
BITS = np.array([1, 0, 1, 1, 0, 0])


# ---- what JAX computes: of outputs z, rows (N, K), and the target y ----


def mse(z, y):
    return ((z - y) ** 2).mean()


def quadratic(z, y):
    return ((z - y) ** 2).sum() / (2 * len(z))


def cross_entropy(z, y):
    return -jax.nn.log_softmax(z, 1)[jnp.arange(len(z)), y].mean()


def likelihood(p, y):
    return -jnp.log(p[jnp.arange(len(p)), y]).mean()


def bce(p, y):
    return -(y * jnp.log(p) + (1 - y) * jnp.log(1 - p)).mean()


def bce_logits(z, y):
    return (jnp.logaddexp(0, z) - y * z).mean()


def bce_one(z, y):
    """Labels (N,) for one output (N, 1)."""
    return bce_logits(z, y[:, None])


def hinge(z, y):
    return jnp.maximum(0, 1 - y * z).mean()


def hinge_classes(z, y):
    return hinge(z, 2 * jax.nn.one_hot(y, CLASSES) - 1)


def svm(z, y):
    """CS231n: the sum over the wrong classes, the mean over the rows."""
    margins = jnp.maximum(0, z - z[jnp.arange(len(z)), y][:, None] + 1)
    return margins.sum(1).mean() - 1


def softmax(z):
    return jax.nn.softmax(z, 1)


def sigmoid(z):
    return jax.nn.sigmoid(z)


def divided(p):
    """Keras: output / sum(output), before the logarithm."""
    return p / p.sum(1, keepdims=True)


def one_hot(y):
    return jax.nn.one_hot(y, CLASSES)


LOGITS, SOFT, SQUASHED = "", ", Softmax()", ", Sigmoid()"
FREE, MANY, YES_NO, SIGNS = "numbers", "classes", "bits", "signs"

# the loss's text, the last layer, what y is, what JAX computes, the note's words
CASES = [
    # ---- numbers ----
    *[(text, LOGITS, FREE, mse, "")
      for text in ("nn.MSELoss()", "MeanSquaredError()", "'mse'", "'MSE'",
                   "keras.losses.MeanSquaredError()", "'mean_squared_error'",
                   "nn.MSELoss(reduction='mean')")],
    *[(text, LOGITS, FREE, quadratic, "")
      for text in ("QuadraticCost()", "'quadratic_cost'")],
    *[(text, LOGITS, FREE, lambda z, y: abs(z - y).mean(), "")
      for text in ("nn.L1Loss()", "'mae'", "MeanAbsoluteError()")],
    *[(text, LOGITS, FREE, lambda z, y: optax.huber_loss(z, y).mean(), "")
      for text in ("nn.HuberLoss()", "'huber'", "nn.SmoothL1Loss()")],
    ("nn.HuberLoss(delta=0.5)", LOGITS, FREE,
     lambda z, y: optax.huber_loss(z, y, delta=0.5).mean(), ""),
    ("nn.SmoothL1Loss(beta=0.5)", LOGITS, FREE,
     lambda z, y: optax.huber_loss(z, y, delta=0.5).mean() / 0.5, ""),
    ("'log_cosh'", LOGITS, FREE, lambda z, y: optax.log_cosh(z, y).mean(), ""),
    ("'mse'", LOGITS, MANY, lambda z, y: mse(z, one_hot(y)), ""),
    ("QuadraticCost()", SQUASHED, MANY,
     lambda z, y: quadratic(sigmoid(z), one_hot(y)), ""),
    # ---- one class of several ----
    *[(text, LOGITS, MANY, cross_entropy, "")
      for text in ("nn.CrossEntropyLoss()", "'cross_entropy'",
                   "SparseCategoricalCrossentropy(from_logits=True)",
                   "CategoricalCrossentropy(from_logits=True)")],
    *[(text, LOGITS, MANY, cross_entropy, "logits")
      for text in ("'sparse_categorical_crossentropy'",
                   "SparseCategoricalCrossentropy()")],
    *[(text, SOFT, MANY, lambda z, y: cross_entropy(softmax(z), y), "applied twice")
      for text in ("nn.CrossEntropyLoss()", "'cross_entropy'", "F.cross_entropy()")],
    *[(text, SOFT, MANY, cross_entropy, "Softmax is computed inside")
      for text in ("'sparse_categorical_crossentropy'",
                   "'categorical_crossentropy'", "SparseCategoricalCrossentropy()",
                   "SparseCategoricalCrossentropy(from_logits=False)")],
    *[(text, ", LogSoftmax(dim=1)", MANY, cross_entropy, "LogSoftmax is computed")
      for text in ("nn.NLLLoss()", "F.nll_loss()")],
    ("CrossEntropyLoss()", ", LogSoftmax(dim=1)", MANY, cross_entropy, "mistake"),
    ("SparseCategoricalCrossentropy(from_logits=True)", SOFT, MANY,
     lambda z, y: cross_entropy(softmax(z), y), "squashes them first"),
    *[(text, SQUASHED, MANY, lambda z, y: likelihood(divided(sigmoid(z)), y),
       "divides them by their sum")
      for text in ("SparseCategoricalCrossentropy(from_logits=False)",
                   "'categorical_crossentropy'", "CategoricalCrossentropy()")],
    ("CategoricalCrossentropy(from_logits=False)", ", Softplus()", MANY,
     lambda z, y: likelihood(divided(jax.nn.softplus(z)), y), "divides them"),
    # ---- two classes, and several labels at once ----
    *[(text, SQUASHED, YES_NO, bce_logits, "Sigmoid is computed inside")
      for text in ("nn.BCELoss()", "'binary_crossentropy'", "BinaryCrossentropy()",
                   "BinaryCrossentropy(from_logits=False)")],
    *[(text, LOGITS, YES_NO, bce_logits, "")
      for text in ("nn.BCEWithLogitsLoss()", "'bce_with_logits'",
                   "BinaryCrossentropy(from_logits=True)",
                   "nn.MultiLabelSoftMarginLoss()")],
    *[(text, SOFT, YES_NO, lambda z, y: bce(softmax(z), y), "")
      for text in ("nn.BCELoss()", "'binary_crossentropy'")],
    ("nn.BCEWithLogitsLoss()", SQUASHED, YES_NO,
     lambda z, y: bce_logits(sigmoid(z), y), "squashes them first"),
    ("nn.BCELoss()", SQUASHED, MANY, lambda z, y: bce_logits(z, one_hot(y)), "Sigmoid"),
    # ---- margins ----
    *[(text, LOGITS, SIGNS, hinge, "")
      for text in ("Hinge()", "HingeLoss()", "'hinge'")],
    ("'hinge'", LOGITS, MANY, hinge_classes, ""),
    *[(text, LOGITS, MANY, svm, "") for text in ("SVMLoss()", "'svm'")],
]  # fmt: skip
IDS = [f"{loss}{last}-{kind}" for loss, last, kind, *_ in CASES]


def target(kind):
    rng = np.random.default_rng(2)
    return {
        FREE: rng.normal(size=(ROWS, CLASSES)),
        MANY: LABELS,
        YES_NO: rng.integers(0, 2, (ROWS, CLASSES)) * 1.0,
        SIGNS: rng.integers(0, 2, (ROWS, CLASSES)) * 2.0 - 1,
    }[kind]


def same(ours, theirs, what):
    theirs = np.asarray(theirs)
    assert np.shape(ours) == theirs.shape, f"{what}: {np.shape(ours)} {theirs.shape}"
    wrong = abs(ours - theirs) > 1e-9 * np.maximum(1.0, abs(theirs))
    assert not np.any(wrong), f"{what}\ngradtutor {ours}\nJAX       {theirs}"


def compare(text, classes, y, function):
    """Compare the loss of a linear layer, and its gradients, with JAX's."""
    graph = parse_network(text, classes=classes)
    check_graph(graph)
    rng = np.random.default_rng(3)
    outputs = graph.nodes["b1"]["shape"][0]
    given = {
        "X": rng.normal(size=(ROWS, 4)),
        "W1": rng.normal(size=(4, outputs)),
        "b1": rng.normal(size=outputs),
    }
    trace = run(graph, {**given, "y": y})
    assert inputs(graph) == ["X", "W1", "b1", "y"]

    def loss(p):
        return function(p["X"] @ p["W1"] + p["b1"], y, p)

    value, slopes = jax.value_and_grad(loss)(given)
    same(trace.values["loss"], value, "loss")
    for name in given:
        same(trace.node_gradients[name], slopes[name], f"gradient by {name}")
    return graph.graph["network"]


@pytest.mark.parametrize(
    "loss, last, kind, function, words",
    CASES,
    ids=[f"{c[0]}{c[1]}-{c[2]}" for c in CASES],
)
def test_a_loss_and_its_gradients_equal_jax(loss, last, kind, function, words):
    text = f"Sequential([Input(4), Linear({CLASSES}){last}])\nloss = {loss}"
    classes = CLASSES if kind == MANY else None
    network = compare(text, classes, target(kind), lambda z, y, _: function(z, y))
    notes = " ".join(network["notes"])
    assert words in notes
    assert bool(notes) == bool(words), notes


@pytest.mark.parametrize("classes", [2, None])
@pytest.mark.parametrize(
    "loss, last",
    [("BCELoss()", SQUASHED), ("BCEWithLogitsLoss()", LOGITS),
     ("'binary_crossentropy'", SQUASHED)],
)  # fmt: skip
def test_one_output_for_two_classes(classes, loss, last):
    text = f"Sequential([Input(4), Linear(1){last}])\nloss = {loss}"
    y = BITS if classes else BITS[:, None] * 1.0
    compare(text, classes, y, lambda z, y, _: bce_logits(z, y.reshape(-1, 1)))


def test_hinge_of_one_output_takes_labels_0_and_1_as_signs():
    text = "Sequential([Input(4), Linear(1)])\nloss = 'hinge'"
    compare(text, 2, BITS, lambda z, y, _: hinge(z, (2.0 * y - 1)[:, None]))


PENALTIES = [
    ("L2(1e-4)", lambda w: 1e-4 * (w**2).sum()),
    ("keras.regularizers.l2(0.1)", lambda w: 0.1 * (w**2).sum()),
    ("L1(0.01)", lambda w: 0.01 * abs(w).sum()),
    ("L2(0)", lambda w: 0.0),
]


@pytest.mark.parametrize("text, penalty", PENALTIES, ids=[c[0] for c in PENALTIES])
@pytest.mark.parametrize("word", ["regularization", "regularisation", "regularizer"])
def test_a_penalty_is_on_weights_alone(text, penalty, word):
    network = (
        f"Sequential([Input(4), Linear(3)])\nloss = CrossEntropyLoss()\n{word} = {text}"
    )
    compare(network, 3, LABELS, lambda z, y, p: cross_entropy(z, y) + penalty(p["W1"]))


def test_a_penalty_reaches_every_weight_of_a_recurrent_and_normalised_network():
    text = """Sequential([Input(3, 4), LSTM(2), LayerNorm(2), Linear(2)])
loss = CrossEntropyLoss()
regularization = L2(0.5)"""
    graph = parse_network(text)
    rng, given = np.random.default_rng(0), {"y": BITS}
    for name in inputs(graph):
        sizes = graph.nodes[name]["shape"]
        given.setdefault(
            name, rng.normal(size=tuple(ROWS if s == "N" else s for s in sizes))
        )
    values = run(graph, given).values
    weights = [given[name] for name in ("W1", "U1", "W3")]
    penalty = 0.5 * sum((w**2).sum() for w in weights)
    assert values["loss"] == pytest.approx(values["data_loss"] + penalty, rel=1e-12)


def test_no_overflow_where_logits_are_huge():
    for last, loss, y in (
        (SOFT, "CrossEntropyLoss()", np.array([0, 1])),
        (SQUASHED, "BCELoss()", np.array([[1.0, 0.0], [0.0, 1.0]])),
    ):
        graph = parse_network(f"Sequential([Input(2), Linear(2){last}])\nloss = {loss}")
        given = {"X": np.eye(2) * 1e4, "W1": np.eye(2), "b1": np.zeros(2), "y": y}
        trace = run(graph, given)
        assert np.isfinite(trace.values["loss"])
        assert all(np.isfinite(g).all() for g in trace.node_gradients.values())


MISTAKES = [
    ("Linear(3)", "'crossentropy'", "did you mean cross_entropy"),
    ("Linear(3)", "MSELoss", "write MSELoss()"),
    ("Linear(3)", "CrossEntropyLoss(label_smoothing=0.1)", "label_smoothing=0 only"),
    ("Linear(3)", "CrossEntropyLoss(reduction='sum')", "means over the batch"),
    ("Linear(3)", "NLLLoss()", "end with LogSoftmax"),
    ("Linear(3)", "BinaryCrossentropy(from_logits=3)", "True or False, not 3"),
    ("Linear(1)", "CrossEntropyLoss()", "BCELoss()"),
    (
        "Dense(1, activation='softmax')",
        "'sparse_categorical_crossentropy'",
        "BCELoss()",
    ),
    ("Linear(3)", "MSELoss()\nregularization = L2('a')", "a number, not 'a'"),
    ("Linear(3)", "MSELoss()\nregularization = L2(-1)", "from 0 on"),
    ("Linear(3)", "MSELoss()\nregularization = L2(1e999)", "too large for float64"),
    ("Linear(3)", "MSELoss()\nregularization = 1e-4", "there is L1"),
    ("ReLU()", "MSELoss()\nregularization = L2(1)", "no weights to regularise"),
]


@pytest.mark.parametrize("layer, loss, words", MISTAKES)
def test_a_mistake_in_a_loss_is_told(layer, loss, words):
    with pytest.raises(SourceError) as caught:
        parse_network(f"Sequential([Input(4), {layer}])\nloss = {loss}")
    assert words in str(caught.value)
