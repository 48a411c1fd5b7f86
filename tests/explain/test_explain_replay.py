"""The steps replay to the derivative: 1,000 random formulas, 50 random networks.

The formulas are drawn here. Python itself reads them, with JAX's functions for the
witness and NumPy's for the replay of the records: nothing of the engine is used.
"""

from __future__ import annotations

import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)

from gradtutor.evaluate import node_values
from gradtutor.explain.records.derivation import derive
from gradtutor.explain.records.derivation_rules import tangents
from gradtutor.explain.records.replay import replay
from gradtutor.explain.records.replay_check import check_replay
from gradtutor.explain.records.steps_json import steps_json
from gradtutor.graph import inputs
from gradtutor.language import parse_formula, parse_network

FORMULAS, BATCH = 1000, 100
NAMES = ("x", "y", "z")

JAX = {
    **{
        name: getattr(jnp, name)
        for name in ("sin", "cos", "tanh", "exp", "log", "sqrt")
    },
    **{name: getattr(jnp, name) for name in ("abs", "where", "sinh", "cosh")},
    "max": jnp.maximum,
    "min": jnp.minimum,
    "atan": jnp.arctan,
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "softplus": jax.nn.softplus,
}
NUMPY = {
    **{
        name: getattr(np, name) for name in ("sin", "cos", "tanh", "exp", "log", "sqrt")
    },
    **{name: getattr(np, name) for name in ("abs", "where", "sinh", "cosh", "sign")},
    "max": np.maximum,
    "min": np.minimum,
    "atan": np.arctan,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "softplus": lambda x: np.logaddexp(0, x),
}
UNARY = [
    *("tanh({})", "sin({})", "cos({})", "abs({})", "sigmoid({})", "relu({})", "-{}"),
    *("exp(-{}**2)", "log(1 + {}**2)", "sqrt(2 + sin({}))", "softplus({})", "atan({})"),
    *(
        "tanh({})**3",
        "(1 + {}**2)**0.5",
        "2**tanh({})",
        "1/(2 + cos({}))",
        "cosh(sin({}))",
    ),
]
BINARY = [
    *("({} + {})", "({} - {})", "{}*{}", "{}/(1.5 + tanh({}))", "max({}, {})"),
    *("min({}, {})", "where({} > {}, {}, 0.5*{})", "(2 + sin({}))**tanh({})"),
]


def drawn(rng, depth, atoms):
    """Draw a formula as text; with its parentheses any reader agrees."""
    if depth == 0 or rng.random() < 0.12:
        return atoms[rng.integers(len(atoms))]
    template = UNARY[rng.integers(len(UNARY))]
    if rng.random() < 0.55:
        template = BINARY[rng.integers(len(BINARY))]
    parts = [drawn(rng, depth - 1, atoms) for _ in range(template.count("{}"))]
    return template.format(*(f"({part})" for part in parts))


def formula(seed):
    """Lines with named values that are used again, so that there are forks."""
    rng = np.random.default_rng(seed)
    atoms, lines = [*NAMES, "0.7"], []
    for i in range(rng.integers(0, 3)):
        lines.append(f"q{i} = {drawn(rng, 2, atoms[:3] + atoms[4:])} + x*0.1")
        atoms.append(f"q{i}")
    last = drawn(rng, int(rng.integers(1, 5)), atoms)
    return [*lines, f"{last} + 0.5*x"], rng.normal(size=3)


def by_jax(lines, at):
    def value(x, y, z):
        scope = {"x": x, "y": y, "z": z}
        for line in lines[:-1]:
            name, text = line.split(" = ", 1)
            scope[name] = eval(text, JAX, scope)
        return eval(lines[-1], JAX, scope)

    return jax.value_and_grad(value, (0, 1, 2))(*map(jnp.float64, at))


def replayed(steps, point):
    """Walk the records in reverse mode, with Python's eval and NumPy."""
    scope = dict(point)
    for row in steps["values"]:
        scope[row["name"]] = eval(row["formula"], dict(NUMPY), scope)
    slopes = {steps["output"]: 1.0}
    for turn in steps["backward"]:
        for send in turn["to"]:
            part = slopes[turn["name"]] * eval(send["local"], dict(NUMPY), scope)
            assert send["value"] == pytest.approx(float(part), rel=1e-9, abs=1e-12)
            slopes[send["name"]] = slopes.get(send["name"], 0.0) + part
    return scope, slopes


def pushed(steps, scope, wrt):
    """Walk the same records from the input on, as the rules of calculus do."""
    slopes = {wrt: 1.0}
    for turn in reversed(steps["backward"]):
        slopes[turn["name"]] = sum(
            eval(send["local"], dict(NUMPY), scope) * slopes.get(send["name"], 0.0)
            for send in turn["to"]
        )
    return slopes.get(steps["output"], 0.0)


@pytest.mark.sampled(10)
@pytest.mark.parametrize("batch", range(FORMULAS // BATCH))
def test_steps_of_random_formulas_replay_to_jaxs_derivative(batch):
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        lines, at = formula(seed)
        text = "\n".join(lines)
        graph = parse_formula(text)
        point = {name: at[NAMES.index(name)] for name in inputs(graph)}
        steps = steps_json(derive(graph, point=point))
        value, slopes = by_jax(lines, at)
        scope, ours = replayed(steps, point)
        assert scope[steps["output"]] == pytest.approx(float(value), rel=1e-9), text
        for name, slope in zip(NAMES, slopes, strict=True):
            message = f"d/d{name}: steps {ours.get(name)}, JAX {slope}\n{text}"
            close = pytest.approx(float(slope), rel=1e-8, abs=1e-11)
            assert ours.get(name, 0.0) == close, message
            assert pushed(steps, scope, name) == close, message


def test_the_generator_draws_what_it_should():
    texts = ["\n".join(formula(seed)[0]) for seed in range(FORMULAS)]
    for word in ("tanh(", "max(", "min(", "abs(", "where(", "q0", "**", "/", "relu("):
        assert sum(word in text for text in texts) > 50, word
    forks = [len(steps_json(derive(parse_formula(t)))["forks"]) for t in texts[:100]]
    assert sum(count > 0 for count in forks) > 50


@pytest.mark.parametrize("seed", range(40))
def test_the_replayed_program_and_the_rules_have_jaxs_value(seed):
    lines, at = formula(seed)
    graph = parse_formula("\n".join(lines))
    point = {name: at[NAMES.index(name)] for name in inputs(graph)}
    slopes = dict(zip(NAMES, by_jax(lines, at)[1], strict=True))
    for name in point:
        found = derive(graph, [name], point=point)
        program = parse_formula(replay(found, name))
        given = {one: point[one] for one in inputs(program)}
        value = float(node_values(program, given)[program.graph["output"]])
        wanted = pytest.approx(float(slopes[name]), rel=1e-8, abs=1e-11)
        assert value == wanted, replay(found, name)
        assert tangents(found)[found.output] == wanted


def test_a_wrong_record_does_not_replay():
    graph = parse_formula("q = x*y\nf = q*sin(x)")
    found = derive(graph)
    assert check_replay(found, graph, "x") is True
    (turn,) = [turn for turn in found.turns if turn.node == "q"]
    first, second = turn.sends
    swapped = (replace(first, local=second.local), replace(second, local=first.local))
    turns = [replace(one, sends=swapped) if one is turn else one for one in found.turns]
    arriving = {
        node: tuple(
            next((new for new in swapped if new.wire == send.wire), send)
            for send in sends
        )
        for node, sends in found.arriving.items()
    }
    wrong = replace(found, turns=tuple(turns), arriving=arriving)
    assert check_replay(wrong, graph, "x") is False


# ---- networks ----

ACTIVATIONS = {
    "ReLU": jax.nn.relu,
    "Tanh": jnp.tanh,
    "Sigmoid": jax.nn.sigmoid,
    "GELU": lambda x: jax.nn.gelu(x, approximate=False),
    "SiLU": jax.nn.silu,
    "Softplus": jax.nn.softplus,
}


class Net:
    """A random network as text, and the same in JAX, parameter by parameter."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.layers, self.functions, self.count = [], [], 0
        self.drops, self.masks = 0, []
        kind = ("rows", "rows", "rows", "signal", "sequence")[seed % 5]
        self.width = int(self.rng.integers(3, 6))
        getattr(self, kind)()
        self.loss = ("CrossEntropyLoss", "MSELoss", "BCEWithLogitsLoss")[seed % 3]
        decay = "\nregularization = L2(0.01)" if seed % 4 == 0 else ""
        self.decay = 0.01 if decay else 0.0
        self.text = (
            f"Sequential([{', '.join(self.layers)}])\nloss = {self.loss}(){decay}"
        )

    def add(self, text, function):
        self.layers.append(text)
        self.functions.append(function)

    def linear(self, units):
        self.count += 1
        w, b = f"W{self.count}", f"b{self.count}"
        self.add(f"Linear({units})", lambda x, p: x @ p[w] + p[b])
        self.width = units

    def activation(self):
        name = list(ACTIVATIONS)[self.rng.integers(len(ACTIVATIONS))]
        self.add(f"{name}()", lambda x, _: ACTIVATIONS[name](x))

    def norm(self, axis):
        self.count += 1
        g, b = f"gamma{self.count}", f"beta{self.count}"
        name = f"BatchNorm1d({self.width})" if axis == 0 else f"LayerNorm({self.width})"

        def apply(x, p):
            centred = x - x.mean(axis, keepdims=True)
            spread = jnp.sqrt((centred**2).mean(axis, keepdims=True) + 1e-5)
            return centred / spread * p[g] + p[b]

        self.add(name, apply)

    def residual(self):
        self.count += 1
        w, b, units = f"W{self.count}", f"b{self.count}", self.width
        text = f"Residual([Linear({units}), Tanh()])"
        self.add(text, lambda x, p: x + jnp.tanh(x @ p[w] + p[b]))

    def dropout(self):
        place, self.drops = self.drops, self.drops + 1
        self.add("Dropout(0.3)", lambda x, p: x * p[self.masks[place]])

    def rows(self):
        self.add(f"Input({self.width})", lambda x, _: x)
        self.linear(int(self.rng.integers(3, 6)))
        for _ in range(self.rng.integers(1, 4)):
            pick = int(self.rng.integers(6))
            options = [
                self.activation, self.residual, self.dropout,
                lambda: self.norm(0), lambda: self.norm(1), lambda: self.linear(4),
            ]  # fmt: skip
            options[pick]()
            self.activation()
        self.linear(3)

    def signal(self):
        channels, length = 2, 9
        self.add(f"Input({channels}, {length})", lambda x, _: x)
        self.count += 1

        def convolve(x, p):  # (C, L, N) by (O, C, K)
            out = jax.lax.conv_general_dilated(
                x, p["W1"], (1,), "VALID", dimension_numbers=("CWN", "OIW", "CWN")
            )
            return out + p["b1"]

        self.add("Conv1d(3, 2)", convolve)
        self.activation()
        pools = {"MaxPool1d(2)": jnp.max, "AvgPool1d(2)": jnp.mean}
        name = list(pools)[self.rng.integers(2)]
        self.add(name, lambda x, _: pools[name](x.reshape(3, 4, 2, -1), axis=2))
        self.add("Flatten()", lambda x, _: x.reshape(12, -1).T)
        self.linear(3)

    def sequence(self):
        self.add("Input(3, 2)", lambda x, _: x)
        self.count += 1
        if self.rng.random() < 0.5:
            self.add("RNN(3)", recurrent)
        else:
            self.add("LSTM(3)", long_memory)
        self.linear(3)

    def value(self, p):
        x = p["X"]
        for function in self.functions:
            x = function(x, p)
        y = p["y"]
        if self.loss == "CrossEntropyLoss":
            rows = jnp.arange(len(x))
            loss = -jax.nn.log_softmax(x)[rows, y.astype(int)].mean()
        elif self.loss == "MSELoss":
            loss = ((x - y) ** 2).mean()
        else:
            loss = (jnp.logaddexp(0, x) - x * y).mean()
        weights = [w for name, w in p.items() if name[0] in "WU"]
        return loss + self.decay * sum((w**2).sum() for w in weights)


def recurrent(x, p):
    h = jnp.zeros((x.shape[1], 3))
    for step in x:
        h = jnp.tanh(step @ p["W1"] + h @ p["U1"] + p["b1"])
    return h


def long_memory(x, p):
    h = c = jnp.zeros((x.shape[1], 3))
    for step in x:
        i, f, g, o = jnp.split(step @ p["W1"] + h @ p["U1"] + p["b1"], 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return h


@pytest.mark.sampled(28)
@pytest.mark.parametrize("seed", range(50))
def test_steps_of_random_networks_replay_to_jaxs_gradients(seed):
    net = Net(seed)
    graph = parse_network(net.text)
    net.masks = inputs(graph, "mask")
    rng = np.random.default_rng(seed)
    point = {
        name: rng.normal(size=[4 if size == "N" else size for size in shape])
        for name, shape in (
            (name, graph.nodes[name]["shape"]) for name in inputs(graph)
        )
    }
    if net.loss == "CrossEntropyLoss":
        point["y"] = np.array([0.0, 2.0, 1.0, 2.0])
    found = derive(graph)
    slopes = jax.grad(lambda p: net.value(p))(
        {k: jnp.asarray(v) for k, v in point.items()}
    )
    assert set(found.wrt) == set(inputs(graph, "parameter"))
    for name in found.wrt:
        program = parse_formula(
            replay(found, name), {one: x.shape for one, x in point.items()}
        )
        given = {one: point[one] for one in inputs(program)}
        ours = node_values(program, given)[program.graph["output"]]
        theirs = np.asarray(slopes[name])
        assert ours.shape == theirs.shape, (name, net.text)
        worst = float(np.max(abs(ours - theirs)))
        scale = max(1.0, float(np.max(abs(theirs))))
        assert worst <= 1e-9 * scale, f"{net.text}\nd{name}: {ours}\nJAX: {theirs}"
        assert not math.isnan(worst)


def test_the_random_networks_have_every_kind_of_layer():
    texts = " ".join(Net(seed).text for seed in range(50))
    for word in (
        *("BatchNorm1d", "LayerNorm", "Residual", "Dropout", "Conv1d", "MaxPool1d"),
        *("AvgPool1d", "Flatten", "RNN", "LSTM", "L2", "MSELoss", "GELU"),
    ):
        assert word in texts, word
