"""Every layer: value and gradients against JAX code that is written out here."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from jax import lax

from gradtutor.evaluate import run
from gradtutor.graph import check_graph, inputs
from gradtutor.language import parse_network
from gradtutor.language.layers import LAYERS
from gradtutor.language.layers.more import ALL_LAYERS

BATCH = 3
LETTERS = {1: ("CWN", "OIW", "CWN"), 2: ("CHWN", "OIHW", "CHWN")}


# ---- what JAX computes ----


def pairs(number, rank):
    """Write one padding, or one for each axis, as (before, after)."""
    numbers = number if isinstance(number, tuple) else (number,) * rank
    return [one if isinstance(one, tuple) else (one, one) for one in numbers]


def each(number, rank):
    return number if isinstance(number, tuple) else (number,) * rank


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    rank = w.ndim - 2
    padding = padding if isinstance(padding, str) else pairs(padding, rank)
    return lax.conv_general_dilated(
        x, w, each(stride, rank), padding, rhs_dilation=each(dilation, rank),
        feature_group_count=groups, dimension_numbers=LETTERS[rank],
    )  # fmt: skip


def window(x, start, join, kernel, stride=None, padding=0):
    rank = x.ndim - 2
    sizes, steps = (each(k, rank) for k in (kernel, stride or kernel))
    rim = [(0, 0), *pairs(padding, rank), (0, 0)]
    return lax.reduce_window(x, start, join, (1, *sizes, 1), (1, *steps, 1), rim)


def max_pool(x, *args, **options):
    return window(x, -jnp.inf, lax.max, *args, **options)


def avg_pool(x, kernel, *args, **options):
    total = window(x, 0.0, lax.add, kernel, *args, **options)
    return total / np.prod(each(kernel, x.ndim - 2))


def inside_mean(x, kernel, stride, padding):
    """Return the mean of what lies inside of each window; a last one may hang over."""
    over = [(padding, padding + n % stride) for n in x.shape[1:-1]]
    rest = (0.0, lax.add, kernel, stride, tuple(over))
    return window(x, *rest) / window(jnp.ones_like(x), *rest)


def dilated_max(x):
    """Kernel 3, dilation 2, stride 1 along one axis."""
    places = x.shape[1] - 4
    return jnp.stack([x[:, i : i + places] for i in (0, 2, 4)]).max(0)


def flat(x):
    return x.reshape(-1, x.shape[-1]).T


def dense(p, h, n):
    return h @ p[f"W{n}"] + p[f"b{n}"]


def biased(p, n=1, **options):
    return conv(p["X"], p[f"W{n}"], **options) + p[f"b{n}"]


def normal(x, axes, eps):
    mean = x.mean(axes, keepdims=True)
    spread = ((x - mean) ** 2).mean(axes, keepdims=True)
    return (x - mean) / jnp.sqrt(spread + eps)


def scaled(p, x, n=1):
    return x * p[f"gamma{n}"] + p[f"beta{n}"]


def running(p, x, eps, n=1):
    return scaled(p, (x - p[f"mean{n}"]) / jnp.sqrt(p[f"var{n}"] + eps), n)


def rnn(p, steps, n=1, f=jnp.tanh):
    h, states = jnp.zeros((BATCH, p[f"U{n}"].shape[0])), []
    for x in steps:
        h = f(x @ p[f"W{n}"] + h @ p[f"U{n}"] + p.get(f"b{n}", 0.0))
        states.append(h)
    return states


def lstm(p, steps, n=1):
    """PyTorch's documentation of LSTM, its two biases as one."""
    units = p[f"U{n}"].shape[0]
    h = c = jnp.zeros((BATCH, units))
    states = []
    for x in steps:
        z = x @ p[f"W{n}"] + h @ p[f"U{n}"] + p.get(f"b{n}", 0.0)
        i, f, g, o = (z[:, k * units : (k + 1) * units] for k in range(4))
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        states.append(h)
    return states


def gelu(x):
    return x * (1 + jax.scipy.special.erf(x / np.sqrt(2))) / 2


# ---- layers, and the same in JAX ----

IMAGE, SIGNAL, ROWS, STEPS = "Input(4, 7, 6)", "Input(4, 9)", "Input(5)", "Input(6, 4)"

CASES = [
    # ---- linear ----
    (f"{ROWS}, Linear(3)", lambda p: dense(p, p["X"], 1)),
    (f"{ROWS}, Linear(3, bias=False)", lambda p: p["X"] @ p["W1"]),
    ("nn.Linear(5, 3), nn.Linear(3, out_features=2)",
     lambda p: dense(p, dense(p, p["X"], 1), 2)),
    # ---- convolution ----
    (f"{SIGNAL}, Conv1d(3, 4)", biased),
    (f"{SIGNAL}, Conv1d(3, 4, stride=2, padding=3)",
     lambda p: biased(p, stride=2, padding=3)),
    (f"{SIGNAL}, Conv1d(3, 4, padding='same')", lambda p: biased(p, padding=((1, 2),))),
    (f"{SIGNAL}, Conv1d(6, 3, dilation=2, groups=2, bias=False)",
     lambda p: conv(p["X"], p["W1"], dilation=2, groups=2)),
    (f"{IMAGE}, Conv2d(3, 3)", biased),
    (f"{IMAGE}, Conv2d(3, (2, 3), stride=(2, 1))", lambda p: biased(p, stride=(2, 1))),
    (f"{IMAGE}, Conv2d(3, 3, padding=(2, 0))", lambda p: biased(p, padding=(2, 0))),
    (f"{IMAGE}, Conv2d(3, 3, padding='same')", lambda p: biased(p, padding=1)),
    (f"{IMAGE}, Conv2d(3, (2, 4), padding='same', dilation=(2, 1))",
     lambda p: biased(p, padding=(1, (1, 2)), dilation=(2, 1))),
    (f"{IMAGE}, Conv2d(3, 3, padding='valid')", biased),
    (f"{IMAGE}, Conv2d(4, 3, groups=4)", lambda p: biased(p, groups=4)),
    (f"{IMAGE}, Conv2d(6, 3, groups=2, stride=2, dilation=2, padding=1, bias=False)",
     lambda p: conv(p["X"], p["W1"], 2, 1, 2, 2)),
    ("Input(7, 6, 4), Conv2D(3, 3, strides=2, padding='same')",
     lambda p: biased(p, stride=2, padding="SAME")),
    ("Input(9, 4), Conv1D(3, 4, strides=3, padding='same')",
     lambda p: biased(p, stride=3, padding="SAME")),
    # ---- pooling ----
    (f"{SIGNAL}, MaxPool1d(2)", lambda p: max_pool(p["X"], 2)),
    (f"{SIGNAL}, MaxPool1d(3, stride=1, dilation=2)", lambda p: dilated_max(p["X"])),
    (f"{SIGNAL}, AvgPool1d(3, stride=2, padding=1)",
     lambda p: avg_pool(p["X"], 3, 2, 1)),
    (f"{IMAGE}, MaxPool2d(2)", lambda p: max_pool(p["X"], 2)),
    (f"{IMAGE}, MaxPool2d(3, stride=2, padding=1)",
     lambda p: max_pool(p["X"], 3, 2, 1)),
    (f"{IMAGE}, MaxPool2d((2, 3), stride=1)", lambda p: max_pool(p["X"], (2, 3), 1)),
    # PyTorch's ceil_mode: a last window begins inside, filled up at the end
    ("Input(2, 8, 7), MaxPool2d(3, ceil_mode=True)",  # to 3 x 3
     lambda p: max_pool(p["X"], 3, padding=((0, 1), (0, 2)))),
    ("Input(2, 8, 7), MaxPool2d(3, 2, 1, ceil_mode=True)",  # to 5 x 4
     lambda p: max_pool(p["X"], 3, 2, ((1, 2), (1, 1)))),
    ("Input(2, 8, 7), MaxPool2d(2, 3, 0, 1, False, True)",  # to 3 x 3
     lambda p: max_pool(p["X"], 2, 3, ((0, 0), (0, 1)))),
    ("Input(2, 5, 8, 7), MaxPool3d(3, 2, ceil_mode=True)",  # to 2 x 4 x 3
     lambda p: max_pool(p["X"], 3, 2, ((0, 0), (0, 1), (0, 0)))),
    ("Input(2, 5, 6, 7), MaxPool3d((1, 2, 1), 1, dilation=(1, 3, 1))",
     lambda p: jnp.maximum(p["X"][:, :, :3], p["X"][:, :, 3:])),
    (f"{IMAGE}, AvgPool2d(2)", lambda p: avg_pool(p["X"], 2)),
    (f"{IMAGE}, AvgPool2d(3, 2, 1)", lambda p: avg_pool(p["X"], 3, 2, 1)),
    (f"{IMAGE}, AvgPool2d((3, 2), (1, 2), (1, 0))",
     lambda p: avg_pool(p["X"], (3, 2), (1, 2), (1, 0))),
    (f"{IMAGE}, MaxPool2d(2, ceil_mode=True)",
     lambda p: max_pool(p["X"], 2, 2, ((0, 1), (0, 0)))),
    (f"{IMAGE}, AvgPool2d(2, ceil_mode=True)", lambda p: inside_mean(p["X"], 2, 2, 0)),
    (f"{IMAGE}, AvgPool2d(3, 2, 1, count_include_pad=False)",
     lambda p: inside_mean(p["X"], 3, 2, 1)),
    ("Input(7, 6, 4), MaxPooling2D(3, strides=2, padding='same')",
     lambda p: max_pool(p["X"], 3, 2, (1, (0, 1)))),
    ("Input(7, 6, 4), MaxPool2D(3, strides=1, padding='same')",
     lambda p: max_pool(p["X"], 3, 1, 1)),
    ("Input(9, 4), AveragePooling1D(3, strides=3, padding='same')",
     lambda p: avg_pool(p["X"], 3)),
    # ---- global pooling ----
    (f"{IMAGE}, AdaptiveAvgPool2d(1), Flatten()", lambda p: p["X"].mean((1, 2)).T),
    (f"{IMAGE}, AdaptiveMaxPool2d((1, 1))",
     lambda p: p["X"].max((1, 2), keepdims=True)),
    (f"{SIGNAL}, AdaptiveAvgPool1d(1)", lambda p: p["X"].mean(1, keepdims=True)),
    (f"{SIGNAL}, AdaptiveMaxPool1d(1), Flatten()", lambda p: p["X"].max(1).T),
    ("Input(7, 6, 4), GlobalAveragePooling2D()", lambda p: p["X"].mean((1, 2)).T),
    ("Input(7, 6, 4), GlobalMaxPooling2D()", lambda p: p["X"].max((1, 2)).T),
    ("Input(9, 4), GlobalAveragePooling1D()", lambda p: p["X"].mean(1).T),
    ("Input(9, 4), GlobalMaxPool1D()", lambda p: p["X"].max(1).T),
    # ---- flatten ----
    (f"{IMAGE}, Conv2d(2, 3), Flatten(), Linear(3)",
     lambda p: dense(p, flat(biased(p)), 2)),
    ("Input(4, 3), Flatten(), Linear(3)", lambda p: dense(p, p["X"], 1)),
    ("Input(5), Flatten(), Linear(3)", lambda p: dense(p, p["X"], 1)),
    # ---- activations ----
    *[(f"{ROWS}, Linear(4), {name}", lambda p, f=f: f(dense(p, p["X"], 1)))
      for name, f in (
          ("ReLU(inplace=True)", lambda x: jnp.maximum(x, 0)),
          ("LeakyReLU()", lambda x: jnp.where(x > 0, x, 0.01 * x)),
          ("LeakyReLU(0.2)", lambda x: jnp.where(x > 0, x, 0.2 * x)),
          ("layers.LeakyReLU()", lambda x: jnp.where(x > 0, x, 0.3 * x)),
          ("Sigmoid()", lambda x: 1 / (1 + jnp.exp(-x))),
          ("Tanh()", jnp.tanh),
          ("Softplus()", lambda x: jnp.log(1 + jnp.exp(x))),
          ("SiLU()", lambda x: x / (1 + jnp.exp(-x))),
          ("Swish()", lambda x: x / (1 + jnp.exp(-x))),
          ("GELU()", gelu),
          ("Softmax()", lambda x: jnp.exp(x) / jnp.exp(x).sum(1, keepdims=True)),
          ("Softmax(dim=-1)", lambda x: jax.nn.softmax(x, 1)),
          ("LogSoftmax(dim=1)", lambda x: jax.nn.log_softmax(x, 1)),
          ("Activation('tanh')", jnp.tanh),
      )],
    (f"{ROWS}, Dense(4, activation='leaky_relu')",
     lambda p: jax.nn.leaky_relu(dense(p, p["X"], 1), 0.2)),
    (f"{IMAGE}, ReLU(), Conv2d(3, 2), Softmax(dim=1)",
     lambda p: jax.nn.softmax(biased({**p, "X": jax.nn.relu(p["X"])}), 0)),
    (f"{IMAGE}, Conv2d(3, 2), LogSoftmax(1)",
     lambda p: jax.nn.log_softmax(biased(p), 0)),
    *[(f"{IMAGE}, Conv2d(3, 2), PReLU({count})", lambda p: jnp.where(
        (z := biased(p)) > 0, z, p["gamma2"].reshape(-1, 1, 1, 1) * z))
      for count in ("", "3")],
    # ---- dropout and normalisation ----
    (f"{ROWS}, Dropout(0.3), Linear(4), Dropout(p=0.5)",
     lambda p: dense(p, p["X"] * p["keep0"], 1) * p["keep1"]),
    (f"{IMAGE}, Dropout(0.3), Conv2d(2, 3)",
     lambda p: biased({**p, "X": p["X"] * p["keep0"]})),
    (f"{ROWS}, BatchNorm1d(5)", lambda p: scaled(p, normal(p["X"], 0, 1e-5))),
    (f"{ROWS}, BatchNormalization()", lambda p: scaled(p, normal(p["X"], 0, 1e-3))),
    (f"{SIGNAL}, BatchNorm1d(4, eps=0.1)",
     lambda p: scaled(p, normal(p["X"], (1, 2), 0.1))),
    (f"{IMAGE}, BatchNorm2d(4)",
     lambda p: scaled(p, normal(p["X"], (1, 2, 3), 1e-5))),
    ("Input(7, 6, 4), BatchNormalization()",
     lambda p: scaled(p, normal(p["X"], (1, 2, 3), 1e-3))),
    (f"{IMAGE}, Conv2d(2, 3, bias=False), BatchNorm2d(2), ReLU()",
     lambda p: jax.nn.relu(
         scaled(p, normal(conv(p["X"], p["W1"]), (1, 2, 3), 1e-5), 2))),
    (f"{ROWS}, LayerNorm(5)", lambda p: scaled(p, normal(p["X"], 1, 1e-5))),
    (f"{ROWS}, LayerNormalization()", lambda p: scaled(p, normal(p["X"], 1, 1e-3))),
    (f"{IMAGE}, LayerNorm((4, 7, 6))",
     lambda p: scaled(p, normal(p["X"], (0, 1, 2), 1e-5))),
    ("Input(7, 6, 4), LayerNormalization()",
     lambda p: scaled(p, normal(p["X"], 0, 1e-3))),
    ("Input(7, 6, 4), LayerNormalization(axis=[1, 2, 3])",
     lambda p: scaled(p, normal(p["X"], (0, 1, 2), 1e-3))),
    # ---- residual ----
    (f"{ROWS}, Residual(Linear(5), Tanh())",
     lambda p: p["X"] + jnp.tanh(dense(p, p["X"], 1))),
    (f"{ROWS}, Residual([Linear(5), Residual(Linear(5))])",
     lambda p: p["X"] + (h := dense(p, p["X"], 1)) + dense(p, h, 2)),
    (f"{ROWS}, Residual(Dense(5, activation='relu')), Linear(2)",
     lambda p: dense(p, p["X"] + jax.nn.relu(dense(p, p["X"], 1)), 2)),
    (f"{IMAGE}, Residual(Conv2d(4, 3, padding=1), ReLU())",
     lambda p: p["X"] + jax.nn.relu(biased(p, padding=1))),
    # ---- recurrent ----
    (f"{STEPS}, RNN(3)", lambda p: rnn(p, p["X"])[-1]),
    (f"{STEPS}, RNN(3, nonlinearity='relu')",
     lambda p: rnn(p, p["X"], f=jax.nn.relu)[-1]),
    (f"{STEPS}, SimpleRNN(3, use_bias=False)", lambda p: rnn(p, p["X"])[-1]),
    (f"{STEPS}, RNN(3), RNN(2)", lambda p: rnn(p, rnn(p, p["X"]), 2)[-1]),
    (f"{STEPS}, LSTM(3)", lambda p: lstm(p, p["X"])[-1]),
    (f"{STEPS}, LSTM(3, bias=False)", lambda p: lstm(p, p["X"])[-1]),
    (f"{STEPS}, LSTM(3), LSTM(2), Linear(2)",
     lambda p: dense(p, lstm(p, lstm(p, p["X"]), 2)[-1], 3)),
    (f"{STEPS}, LSTM(3, return_sequences=True), LSTM(2)",
     lambda p: lstm(p, lstm(p, p["X"]), 2)[-1]),
    (f"{STEPS}, nn.LSTM(4, 3, num_layers=2, batch_first=True)",
     lambda p: lstm(p, lstm(p, p["X"]), 2)[-1]),
    (f"{STEPS}, LSTM(3), RNN(2), ReLU()",
     lambda p: jax.nn.relu(rnn(p, lstm(p, p["X"]), 2)[-1])),
    (f"{SIGNAL}, Conv1d(3, 4, stride=2), LSTM(2)",  # the signal's places are the steps
     lambda p: lstm(p, biased(p, stride=2).transpose(1, 2, 0), 2)[-1]),
    (f"{STEPS}, Dropout(0.2), LSTM(2)", lambda p: lstm(p, p["X"] * p["keep0"])[-1]),
]  # fmt: skip

EVALUATION = [
    (f"{ROWS}, Dropout(0.3), Linear(4)", lambda p: dense(p, p["X"], 1)),
    (f"{ROWS}, BatchNorm1d(5)", lambda p: running(p, p["X"], 1e-5)),
    (f"{ROWS}, Linear(4), BatchNormalization(momentum=0.9, epsilon=0.01)",
     lambda p: running(p, dense(p, p["X"], 1), 0.01, 2)),
    (f"{SIGNAL}, BatchNorm1d(4)", lambda p: running(p, p["X"], 1e-5)),
    (f"{IMAGE}, Conv2d(2, 3), BatchNorm2d(2), ReLU()",
     lambda p: jax.nn.relu(running(p, biased(p), 1e-5, 2))),
    (f"{IMAGE}, LayerNorm((4, 7, 6))",
     lambda p: scaled(p, normal(p["X"], (0, 1, 2), 1e-5))),
]  # fmt: skip


def values_of(graph, seed=0):
    """Return random numbers for every input; a mask drops, a variance is positive."""
    rng, given = np.random.default_rng(seed), {}
    for name in inputs(graph):
        data = graph.nodes[name]
        shape = tuple(BATCH if size == "N" else size for size in data["shape"])
        given[name] = rng.normal(size=shape)
        if data["role"] == "mask":
            kept = rng.random(shape) >= data["rate"]
            given[name] = kept / (1 - data["rate"])
        if name.startswith("var"):
            given[name] = rng.uniform(0.5, 2, shape)
    return given


def same(ours, theirs, what):
    theirs = np.asarray(theirs)
    assert np.shape(ours) == theirs.shape, f"{what}: {np.shape(ours)} {theirs.shape}"
    wrong = abs(ours - theirs) > 1e-9 * np.maximum(1.0, abs(theirs))
    assert not np.any(wrong), f"{what}\ngradtutor {ours}\nJAX       {theirs}"


def compare(layers, function, training=True):
    """Compare the output, and the gradient of its mean square error by every input."""
    text = f"Sequential([{layers}])\nloss = MSELoss()"
    graph = parse_network(text, training=training)
    check_graph(graph)
    given = values_of(graph)
    trace = run(graph, given)
    check_graph(trace.backward.graph)

    @jax.jit
    def theirs(p):
        return function(p), jax.grad(lambda q: ((function(q) - q["y"]) ** 2).mean())(p)

    value, slopes = theirs(given)
    same(trace.values[graph.graph["network"]["prediction"]], value, "value")
    for name in inputs(graph):
        same(trace.node_gradients[name], slopes[name], f"gradient by {name}")


@pytest.mark.sampled(10)
@pytest.mark.parametrize("layers, function", CASES, ids=[case[0] for case in CASES])
def test_a_layer_and_its_gradients_equal_jax(layers, function):
    compare(layers, function)


@pytest.mark.parametrize("layers, function", EVALUATION, ids=[c[0] for c in EVALUATION])
def test_a_layer_at_evaluation_equals_jax(layers, function):
    compare(layers, function, training=False)


def test_every_layer_is_in_the_table_of_cases():
    kinds = {
        ALL_LAYERS[name].kind
        for layers, _ in CASES
        for name in re.findall(r"(\w+)\(", layers)
    }
    assert kinds >= {spelling.kind for spelling in LAYERS.values()}


def test_training_and_evaluation_share_parameters_and_name_the_same_statistics():
    text = """Sequential([Input(2, 8, 8), Conv2d(4, 3), BatchNorm2d(4, momentum=0.2),
    ReLU(), Dropout(0.5), Flatten(), BatchNormalization(), Linear(3)])
loss = CrossEntropyLoss()"""
    training, evaluation = (
        parse_network(text, training=mode) for mode in (True, False)
    )
    assert inputs(training, "parameter") == inputs(evaluation, "parameter")
    facts = training.graph["network"]
    assert facts["statistics"] == evaluation.graph["network"]["statistics"]
    assert facts["statistics"] == ["mean2", "var2", "mean3", "var3"]
    assert facts["momentum"]["mean2"] == 0.2
    assert facts["momentum"]["var3"] == pytest.approx(0.01)
    for name in facts["statistics"]:
        shape = evaluation.nodes[name]["shape"]
        assert training.nodes[name]["shape"] == shape


def test_statistics_of_a_batch_are_its_mean_and_biased_variance():
    graph = parse_network("Sequential([Input(4, 5, 6), BatchNorm2d(4)])\nloss = 'mse'")
    given = values_of(graph)
    values = run(graph, given).values
    same(values["mean1"], given["X"].mean((1, 2, 3), keepdims=True), "mean")
    same(values["var1"], given["X"].var((1, 2, 3), keepdims=True), "variance")


STARTS = [
    ("Linear(5, 3)", "W1", (5, 3), 5),
    ("Input(4, 7, 6), Conv2d(8, 3, groups=2)", "W1", (8, 2, 3, 3), 18),
    ("Input(4, 7, 6), Conv2d(8, 3, groups=2)", "b1", (8, 1, 1, 1), 18),
    ("Input(4, 9), Conv1d(8, 3)", "b1", (8, 1, 1), 12),
    ("Input(6, 4), LSTM(3)", "U1", (3, 12), 3),
]


@pytest.mark.parametrize("layers, name, shape, fan_in", STARTS)
def test_parameters_have_pytorchs_shapes_and_fan_in(layers, name, shape, fan_in):
    node = parse_network(f"Sequential([{layers}])\nloss = 'mse'").nodes[name]
    assert (node["shape"], node["fan_in"]) == (shape, fan_in)
