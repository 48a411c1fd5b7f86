"""Recurrent layers as loops over time: values, gradients, and how long a script is."""

import runpy
import time
from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradtutor.calculus import backward_graph
from gradtutor.calculus.composites import open_gates
from gradtutor.calculus.second_order import hessian_map
from gradtutor.codegen import ScriptData, training_script
from gradtutor.codegen.ir.check import BrokenStepError, check_program
from gradtutor.codegen.ir.loop import Loop, Row
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import step_program, training_step
from gradtutor.evaluate import node_values, run
from gradtutor.graph import inputs
from gradtutor.language import parse_formula, parse_network


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


# ---- the layers as PyTorch's documentation has them ----


def over(step):
    """Run a step over the rows of x; the state's first part is what it gives."""

    def states(x, h, *weights):
        def one(state, row):
            state = step(row, state, *weights)
            return state, state[0]

        return jax.lax.scan(one, (h, h), x)[1]

    return states


def plain(activation):
    def step(row, state, w, u, b=0.0):
        return activation(row @ w + state[0] @ u + b), state[1]

    return over(step)


@over
def lstm(row, state, w, u, b=0.0):
    h, c = state
    i, f, g, o = jnp.split(row @ w + h @ u + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
    return sigmoid(o) * jnp.tanh(c), c


@over
def gru(row, state, w, u, b=0.0, c=0.0):
    h, spare = state
    r, z, n = jnp.split(row @ w + b, 3, axis=1)
    hr, hz, hn = jnp.split(h @ u + c, 3, axis=1)
    z = sigmoid(z + hz)
    n = jnp.tanh(n + sigmoid(r + hr) * hn)
    return (1 - z) * n + z * h, spare


CELLS = {
    "RNN": plain(jnp.tanh),
    "SimpleRNN": plain(jnp.tanh),
    "LSTM": lstm,
    "GRU": gru,
}


def layer(kind, p, at, x, *, backwards=False):
    """Run the layer with parameters W1, U1, … over x (T, N, F)."""
    own = [p[f"{stem}{at}"] for stem in "WUbc" if f"{stem}{at}" in p]
    x = x[::-1] if backwards else x
    start = jnp.zeros((x.shape[1], own[1].shape[0]), x.dtype)
    made = CELLS[kind](x, start, *own)
    return made[::-1] if backwards else made


def program(text, framework):
    head = {
        "torch": "import torch\nfrom torch import nn\n",
        "keras": "import keras\nfrom keras import layers\n",
    }[framework]
    return head + text


TORCH = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.{kind}({options})
        self.head = nn.Linear({width}, 2)
    def forward(self, x):
        out = self.first(x)[0]
        return self.head({last})
model = Net()
loss = nn.MSELoss()
"""
KERAS = """
model = keras.Sequential([keras.Input((5, 3)), {layers}, layers.Dense(2)])
model.compile(loss="mse")
"""


def head(p, x):
    last = max(int(name[1:]) for name in p if name[0] == "W")
    return x @ p[f"W{last}"] + p[f"b{last}"]


def torch_net(kind, options, last="out[:, -1]", width=4):
    filled = TORCH.format(kind=kind, options=options, last=last, width=width)
    return program(filled, "torch")


def keras_net(layers):
    return program(KERAS.format(layers=layers), "keras")


def merged(bias):
    """PyTorch's two biases of an LSTM or RNN, b and c, are added."""

    def change(p):
        if f"c{bias}" not in p:
            return p
        rest = {k: v for k, v in p.items() if k != f"c{bias}"}
        return rest | {f"b{bias}": p[f"b{bias}"] + p[f"c{bias}"]}

    return change


def summed(*layers):
    def change(p):
        for one in layers:
            p = merged(one)(p)
        return p

    return change


def sequential(*kinds):
    """Return the answer of layers one after the other, then a linear one."""

    def answer(p, x):
        for at, kind in enumerate(kinds, start=1):
            x = layer(kind, p, at, x)
        return head(p, x[-1])

    return answer


LAYERS = "Sequential([Input({steps}, 3), {layers}, Linear(2)])\nloss = MSELoss()"


def text(layers, steps=5):
    return LAYERS.format(steps=steps, layers=layers)


CASES = {
    "rnn": (text("RNN(4)"), sequential("RNN")),
    "rnn-sigmoid": (
        text("RNN(4, activation='sigmoid')"),
        lambda p, x: head(p, plain(sigmoid)(x, jnp.zeros((x.shape[1], 4)), p["W1"],
                                            p["U1"], p["b1"])[-1]),
    ),
    "rnn-relu": (
        text("RNN(4, nonlinearity='relu')"),
        lambda p, x: head(p, plain(jax.nn.relu)(x, jnp.zeros((x.shape[1], 4)), p["W1"],
                                                p["U1"], p["b1"])[-1]),
    ),
    "lstm": (text("LSTM(4)"), sequential("LSTM")),
    "lstm-of-one": (text("LSTM(1)"), sequential("LSTM")),
    "lstm-17": (text("LSTM(17)", steps=2), sequential("LSTM")),
    "lstm-no-bias": (text("LSTM(4, bias=False)"), sequential("LSTM")),
    "stacked": (text("LSTM(4), LSTM(3), RNN(5)"),
                sequential("LSTM", "LSTM", "RNN")),
    "num-layers": (text("LSTM(4, num_layers=3)"), sequential("LSTM", "LSTM", "LSTM")),
    "backwards": (
        text("LSTM(4, go_backwards=True)"),
        lambda p, x: head(p, layer("LSTM", p, 1, x, backwards=True)[0]),
    ),
    "backwards-then-forwards": (
        text("RNN(4, go_backwards=True), LSTM(3)"),
        lambda p, x: head(
            p, layer("LSTM", p, 2, layer("RNN", p, 1, x, backwards=True)[::-1])[-1]
        ),
    ),
    "torch-gru": (torch_net("GRU", "3, 4, batch_first=True"), sequential("GRU")),
    "torch-gru-no-bias": (
        torch_net("GRU", "3, 4, bias=False, batch_first=True"), sequential("GRU")
    ),
    "torch-lstm": (
        torch_net("LSTM", "3, 4, batch_first=True"),
        lambda p, x: sequential("LSTM")(merged(1)(p), x),
    ),
    "torch-stacked": (
        torch_net("GRU", "3, 4, num_layers=2, batch_first=True"),
        sequential("GRU", "GRU"),
    ),
    "torch-mean-of-states": (
        torch_net("RNN", "3, 4, batch_first=True", "out.mean(dim=1)"),
        lambda p, x: head(p, layer("RNN", merged(1)(p), 1, x).mean(axis=0)),
    ),
    "torch-middle-and-last": (
        torch_net("LSTM", "3, 4, batch_first=True", "out[:, 2] + out[:, -1]"),
        lambda p, x: head(
            p, layer("LSTM", merged(1)(p), 1, x)[np.array([2, -1])].sum(axis=0)
        ),
    ),
    "torch-both-ways": (
        torch_net("LSTM", "3, 4, batch_first=True, bidirectional=True", width=8),
        lambda p, x: (lambda q: head(q, jnp.concatenate(
            [layer("LSTM", q, 1, x)[-1], layer("LSTM", q, 2, x, backwards=True)[-1]],
            axis=1)))(summed(1, 2)(p)),
    ),
    "keras-gru": (keras_net("layers.GRU(4)"), sequential("GRU")),
    "keras-sequences": (
        keras_net("layers.SimpleRNN(4, return_sequences=True), layers.LSTM(6)"),
        sequential("SimpleRNN", "LSTM"),
    ),
    "keras-both-ways": (
        keras_net("layers.Bidirectional(layers.GRU(4))"),
        lambda p, x: head(p, jnp.concatenate(
            [layer("GRU", p, 1, x)[-1], layer("GRU", p, 2, x, backwards=True)[0]],
            axis=1)),
    ),
    "keras-both-ways-added": (
        keras_net("layers.Bidirectional(layers.LSTM(4, return_sequences=True), "
                  "merge_mode='sum'), layers.SimpleRNN(3)"),
        lambda p, x: head(p, layer("SimpleRNN", p, 3, layer("LSTM", p, 1, x)
                                   + layer("LSTM", p, 2, x, backwards=True))[-1]),
    ),
    "keras-backwards": (
        keras_net("layers.GRU(4, go_backwards=True, return_sequences=True), "
                  "layers.GRU(3)"),
        lambda p, x: head(
            p, layer("GRU", p, 2, layer("GRU", p, 1, x, backwards=True)[::-1])[-1]
        ),
    ),
}  # fmt: skip


def values(graph, batch, seed=0):
    """Return numbers for a graph's inputs, and its shapes with N = batch."""
    rng = np.random.default_rng(seed)
    found = {}
    for name in inputs(graph):
        shape = [batch if n == "N" else n for n in graph.nodes[name]["shape"]]
        found[name] = rng.normal(size=shape) * 0.7
    return found


@cache
def expected(name, batch):
    """Return a case's graph, its numbers, its loss and gradients by JAX in float64."""
    text, answer = CASES[name]
    graph = parse_network(text)
    given = values(graph, batch)

    def loss(parameters):
        return jnp.mean((answer(parameters, given["X"]) - given["y"]) ** 2)

    with jax.enable_x64(True):
        parameters = {
            name: jnp.asarray(given[name]) for name in inputs(graph, "parameter")
        }
        found = jax.jit(jax.value_and_grad(loss))(parameters)
    return graph, given, *found


# ---- scripts ----

DATA = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")


def script_of(graph, tmp_path, **settings):
    """Write and load a network's script."""
    path = tmp_path / "script.py"
    path.write_text(training_script(graph, DATA, Settings(**settings)), "utf-8")
    return runpy.run_path(str(path))


def loss_and_gradients(script, given):
    """Run the script's step in float64."""
    size = sum(int(np.prod(shape)) for shape in script["SHAPES"].values())
    theta, gradient = np.empty(size), np.full(size, np.nan)
    for name, view in zip(script["SHAPES"], script["views"](theta), strict=True):
        view[...] = given[name]
    gradients = script["views"](gradient)
    call = script["loss_and_gradients"]
    loss = call(script["views"](theta), gradients, given["X"], given["y"])
    return float(loss), dict(zip(script["SHAPES"], gradients, strict=True))


#: A compiled loop takes seconds: one case for each cell and direction.
COMPILED = ("rnn-relu", "lstm", "stacked", "torch-gru", "keras-both-ways-added")


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    "name, backend",
    [*[(name, "numpy") for name in CASES], *[(name, "numba") for name in COMPILED]],
)
def test_the_scripts_gradients_equal_jax(name, backend, tmp_path):
    script = script_of(expected(name, 3)[0], tmp_path, backend=backend)
    for batch in (3, 1):
        _, given, loss, wanted = expected(name, batch)
        for _ in range(2):  # the second time in arrays that have been used
            found, gradients = loss_and_gradients(script, given)
            assert found == pytest.approx(float(loss), rel=1e-11)
            for one, gradient in gradients.items():
                np.testing.assert_allclose(
                    gradient, wanted[one], rtol=1e-9, atol=1e-11, err_msg=one
                )


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_of_the_graph_equal_jax(name):
    graph, given, loss, wanted = expected(name, 3)
    result = run(graph, given)
    assert float(result.values["loss"]) == pytest.approx(float(loss), rel=1e-12)
    for one, gradient in wanted.items():
        np.testing.assert_allclose(
            result.node_gradients[one], gradient, rtol=1e-9, atol=1e-11
        )


FORMULA = """z: ({steps}, 2, {columns})
U: (3, {reach})
{more}sum(recurrence(z, U{c}, {options})**2)"""


@pytest.mark.parametrize("steps", [1, 2, 4])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("cell", ["tanh", "relu", "sigmoid", "lstm", "gru"])
def test_a_recurrence_opens_into_its_steps(cell, backwards, steps):
    """The closed gate, its gradient, and their opened forms are one thing."""
    width = {"lstm": 12, "gru": 9}.get(cell, 3)
    for bias in (False, True):
        text = FORMULA.format(
            steps=steps, columns=width, reach=width,
            more=f"c: ({width},)\n" * bias, c=", c" * bias,
            options=f"cell='{cell}', backwards={backwards}, bias={bias}",
        )  # fmt: skip
        graph = parse_formula(text)
        given = values(graph, 2)
        closed = run(graph, given)
        opened = run(open_gates(graph, ["recurrence"]), given)
        for name in inputs(graph):
            np.testing.assert_allclose(
                closed.node_gradients[name], opened.node_gradients[name], atol=1e-12
            )
        back = backward_graph(graph).graph
        slopes = [
            n for n, d in back.nodes(data=True) if d["gate"] == "recurrence_slope"
        ]
        assert slopes
        for node in slopes:
            single = back.copy()
            single.graph["output"] = node
            both = single, open_gates(single, ["recurrence_slope"])
            found = [node_values(g, given, [g.graph["output"]]) for g in both]
            one, other = (
                v[g.graph["output"]] for v, g in zip(found, both, strict=True)
            )
            np.testing.assert_allclose(one, other, atol=1e-12)


def test_second_derivatives_go_through_the_steps():
    graph = parse_formula(FORMULA.format(
        steps=3, columns=12, reach=12, more="", c="", options="cell='lstm'"
    ))  # fmt: skip
    given = values(graph, 2)
    linear = hessian_map(graph, "U", "U")
    rng = np.random.default_rng(4)
    v = rng.normal(size=(3, 12))
    found = node_values(linear.graph, given | {linear.direction: v}, [linear.node])

    def loss(u):
        h = lstm(given["z"] @ jnp.eye(12), jnp.zeros((2, 3)), jnp.eye(12), u)
        return jnp.sum(h**2)

    with jax.enable_x64(True):
        wanted = jax.jvp(jax.grad(loss), (given["U"],), (v,))[1]
    np.testing.assert_allclose(found[linear.node], wanted, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("ties", ["torch", "left", "right", "both"])
def test_relu_at_zero_follows_the_rule(ties):
    """All of z is 0, so every step stands at relu's corner."""
    graph = parse_formula(FORMULA.format(
        steps=2, columns=3, reach=3, more="", c="", options="cell='relu'"
    ).replace("**2", ""))  # fmt: skip
    given = {"z": np.zeros((2, 2, 3)), "U": np.eye(3)}
    back = backward_graph(graph, ties=ties)
    dz = node_values(back.graph, given, [back.of_node["z"]])[back.of_node["z"]]
    if ties in ("torch", "left"):
        assert not dz.any()
    else:  # what the last step sends goes through U to the first
        np.testing.assert_array_equal(dz[:, 0, 0], [2, 1])


# ---- how long, and how readable ----


@pytest.mark.parametrize("backend", ["numpy", "numba", "cupy"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_script_of_many_steps_is_short_and_made_quickly(kind, backend):
    kind = "SimpleRNN" if kind == "RNN" else kind
    text = program(
        f"model = keras.Sequential([keras.Input((400, 28)), layers.{kind}(64), "
        "layers.Dense(10)])\nmodel.compile(loss='mse')",
        "keras",
    )
    started = time.process_time()
    graph = parse_network(text)
    script = training_script(graph, DATA, Settings(backend=backend))
    assert time.process_time() - started < 10
    kit = 50 * (backend == "cupy")  # in one file, with what all networks share
    assert len(script.splitlines()) <= 1200 + kit
    assert script.count("for t in range(400):") == 1
    assert script.count("for t in reversed(range(400)):") == 1


def test_every_step_shares_three_products():
    """XW, dW and dU are one product each; a step multiplies by U and its transpose."""
    step = training_step(parse_network(text("LSTM(4)", steps=9)))
    lines = [*step.forward, *step.backward]
    inside = [line for line in lines if line.startswith("    ") and "dot(" in line]
    around = [line for line in lines if not line.startswith(" ") and "1" in line]
    assert [line.strip() for line in inside] == [
        "np.dot(h1[t], U1, out=reach1)",
        "np.dot(dz1[t], U1.T, out=later_h1[t])",
    ]
    for made in ("out=z1", "out=dW1", "out=dU1"):
        assert sum(made in line and "(" in line for line in around) >= 1


# ---- the check of the typed step ----


def loops(graph, **settings):
    _, step, _ = step_program(graph, Settings(**settings))
    return step, [op for op in step.ops if isinstance(op, Loop)]


def test_a_loop_that_reads_what_is_not_yet_written_is_found():
    step, (forward, _) = loops(parse_network(text("LSTM(4)")))
    check_program(step)
    turned = replace(forward, backwards=True)
    with pytest.raises(BrokenStepError, match="read before it is written"):
        check_program(
            step.with_ops([turned if op is forward else op for op in step.ops])
        )


def test_a_loop_beyond_its_rows_is_found():
    step, (forward, _) = loops(parse_network(text("LSTM(4)")))
    longer = replace(forward, count=forward.count + 1)
    with pytest.raises(BrokenStepError, match="row t"):
        check_program(
            step.with_ops([longer if op is forward else op for op in step.ops])
        )


def test_a_loop_whose_row_has_another_shape_is_found():
    step, (forward, _) = loops(parse_network(text("LSTM(4)")))
    z = next(one for one in forward.reads if one.name.startswith("z"))
    other = next(one for one in forward.reads if one.name.startswith("h_"))
    reads = tuple(
        Row(one.name, other.operand) if one is z else one for one in forward.reads
    )
    wrong = replace(forward, reads=reads)
    with pytest.raises(BrokenStepError, match="in a loop"):
        check_program(
            step.with_ops([wrong if op is forward else op for op in step.ops])
        )
