"""The lowered step: every pass keeps the values, every script equals its own graph."""

from __future__ import annotations

import runpy

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from golden_scripts import assert_golden

from gradtutor.calculus import backward_graph
from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.codegen.cpu.numba_into import NUMBA_INTO
from gradtutor.codegen.ir.operands import arrays_read
from gradtutor.codegen.rewrite.passes import FORWARD_PASSES, PASSES
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.codegen.runtime.numbers import erf
from gradtutor.codegen.script.frame import NothingToTrainError
from gradtutor.codegen.step import step_program, training_step
from gradtutor.evaluate import node_values, run
from gradtutor.graph import check_graph, inputs, with_shapes
from gradtutor.language import SourceError, parse_network

CE = "\nloss = CrossEntropyLoss()"
NETWORKS = {
    "mlp": "Sequential([Input(6), Linear(5), ReLU(), Linear(4), Tanh(), Linear(3)])"
    + CE,
    "sigmoid-quadratic": "Sequential([Input(4), Linear(5), Sigmoid(), Linear(3)])\n"
    "loss = QuadraticCost()",
    "activations": "Sequential([Input(4), Linear(5), GELU(), Linear(5), SiLU(),"
    " Linear(5), LeakyReLU(0.1), Linear(5), Softplus(), Linear(3)])\nloss = MSELoss()",
    "lenet": "Sequential([Input(1, 12, 12), Conv2d(4, 3), ReLU(), MaxPool2d(2),"
    " Conv2d(6, 2), ReLU(), MaxPool2d(2), Flatten(), Linear(3)])" + CE,
    "same-strided": "Sequential([Input(2, 9, 8), Conv2d(4, 3, padding='same'), Tanh(),"
    " AvgPool2d(2), Conv2d(4, 3, stride=2, padding=1, groups=2), Sigmoid(),"
    " Flatten(), Linear(3)])" + CE,
    "overlapping-pools": "Sequential([Input(2, 9, 9), Conv2d(3, 2), MaxPool2d(3, 2, 1),"
    " ReLU(), AvgPool2d(3, 1, 1), AdaptiveAvgPool2d(1), Flatten(), Linear(3)])" + CE,
    "global-average": "Sequential([Input(2, 6, 6), Conv2d(4, 3), ReLU(),"
    " GlobalAveragePooling2D(), Linear(3)])" + CE,
    "signal": "Sequential([Input(1, 16), Conv1d(5, 5, padding='same'), ReLU(),"
    " Conv1d(5, 5, padding='same'), ReLU(), Conv1d(1, 5, padding='same')])\n"
    "loss = MSELoss()",
    "signal-classes": "Sequential([Input(1, 20), Conv1d(4, 3), ReLU(), MaxPool1d(2),"
    " Conv1d(5, 3, dilation=2), ReLU(), MaxPool1d(2), Flatten(), Linear(3)])" + CE,
    "signal-norm": "Sequential([Input(2, 8), Conv1d(4, 1, padding='same'),"
    " MaxPool1d(2), LeakyReLU(), Conv1d(4, 2, padding=1), SiLU(), Flatten(), SiLU(),"
    " Dropout(0.1), LayerNorm(), Linear(1)])\nloss = MSELoss()"
    "\nregularization = L2(1e-4)",
    "same-average": "Sequential([Input(2, 12), Conv1d(4, 4, padding='same'), SiLU(),"
    " AvgPool1d(2), Conv1d(3, 3, padding='same'), LayerNorm(), Flatten(), Linear(2)])"
    "\nloss = MSELoss()",
    "norms": "Sequential([Input(6), Linear(5), BatchNorm1d(5), ReLU(), LayerNorm(5),"
    " Linear(3)])" + CE,
    "image-norms": "Sequential([Input(2, 6, 6), Conv2d(4, 3), BatchNorm2d(4), ReLU(),"
    " Flatten(), LayerNorm(64), Linear(3)])" + CE,
    "dropout": "Sequential([Input(6), Linear(8), ReLU(), Dropout(0.5), Linear(3)])"
    + CE,
    "residual": "Sequential([Input(6), Linear(5), Residual(Linear(5), Tanh(),"
    " Linear(5)), ReLU(), Linear(3)])" + CE,
    "lstm": "Sequential([Input(4, 3), LSTM(5), Linear(3)])" + CE,
    "stacked-rnn": "Sequential([Input(4, 3), RNN(4), RNN(5), Linear(3)])" + CE,
    "regularised": "Sequential([Input(6), Linear(5), Tanh(), Linear(3)])" + CE
    + "\nregularization = L2(0.3)",
    "l1": "Sequential([Input(6), Linear(5), Tanh(), Linear(3)])" + CE
    + "\nregularization = L1(0.3)",
    "binary": "Sequential([Input(6), Linear(5), Tanh(), Linear(2), Sigmoid()])\n"
    "loss = BCELoss()",
    "softmax-inside": "Sequential([Input(6), Linear(5), Softmax(), Linear(3)])" + CE,
    "softmax-mse": "Sequential([Input(6), Linear(5), Softmax()])\nloss = MSELoss()",
    "one-logit": "Sequential([Input(6), Linear(4), ReLU(), Linear(1)])\n"
    "loss = BCEWithLogitsLoss()",
    "conv-without-bias": "Sequential([Input(2, 8, 8), MaxPool2d(2), Conv2d(4, 3,"
    " bias=False), Tanh(), MaxPool2d(2), Flatten(), Linear(3)])" + CE,
    "svm": "Sequential([Input(6), Linear(3)])\nloss = SVMLoss()",
    "hinge": "Sequential([Input(6), Linear(4), ReLU(), Linear(2)])\nloss = HingeLoss()",
}  # fmt: skip


def values_for(graph, batch=7, seed=0):
    """Return random values of every input, labels where labels are due."""
    rng = np.random.default_rng(seed)
    given = {}
    for name in inputs(graph):
        data = graph.nodes[name]
        shape = tuple(batch if size == "N" else size for size in data["shape"])
        if data["role"] == "label" and len(shape) == 1:
            given[name] = rng.integers(0, 3, shape)
        elif data["role"] == "mask":
            given[name] = 2.0 * (rng.random(shape) < 0.5)
        else:
            given[name] = rng.normal(size=shape)
    return given


def sized(graph, given):
    return with_shapes(graph, {name: np.shape(x) for name, x in given.items()})


@pytest.mark.parametrize("name", NETWORKS)
def test_every_pass_keeps_every_target(name):
    """One pass after the other: loss and gradients stay what the first graph gives."""
    graph = parse_network(NETWORKS[name])
    given = values_for(graph)
    backward = backward_graph(graph, wrt=inputs(graph, "parameter"))
    names = inputs(graph, "parameter")
    targets = [graph.graph["output"], *(backward.of_node[name] for name in names)]
    expected = at(backward.graph, given, targets)
    lowered = backward.graph
    for rule in PASSES:
        lowered, targets = apply_passes(lowered, targets, [rule])
        for before, after in zip(expected, at(lowered, given, targets), strict=True):
            np.testing.assert_allclose(after, before, rtol=1e-10, atol=1e-12)


def at(graph, given, targets):
    """Evaluate targets; the script's vectors of ones get their values here."""
    batch = len(given["y"]) if np.ndim(given["y"]) < 3 else given["y"].shape[-1]
    known = dict(given)
    for name, data in graph.nodes(data=True):
        if data.get("role") == "ones":
            known[name] = np.ones(size_of(data["shape"][0], batch))
    values = node_values(graph, known, targets)
    return [values[target] for target in targets]


def size_of(size, batch):
    parts = [batch if part == "N" else int(part) for part in str(size).split("*")]
    return int(np.prod(parts))


STOPPED = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 3)
    def forward(self, x):
        h = torch.tanh(self.a(x))
        return self.b(h * h.detach())
criterion = nn.CrossEntropyLoss()
"""


def test_the_passes_do_something():
    """A pass that never fires would keep every value too."""
    fired = {rule.__name__: 0 for rule in (*PASSES, *FORWARD_PASSES)}
    for text in (*NETWORKS.values(), STOPPED):
        graph = parse_network(text)
        target = [graph.graph["output"]]
        for rule in FORWARD_PASSES:
            fired[rule.__name__] += changes(graph, rule, target)
            graph, target = apply_passes(graph, target, [rule])
        graph.graph["output"] = target[0]
        backward = backward_graph(graph, wrt=inputs(graph, "parameter"))
        parameters = inputs(graph, "parameter")
        lowered = backward.graph
        targets = [*target, *(backward.of_node[one] for one in parameters)]
        for rule in PASSES:
            fired[rule.__name__] += changes(lowered, rule, targets)
            lowered, targets = apply_passes(lowered, targets, [rule])
    assert all(fired.values()), fired


def changes(graph, rule, targets):
    """Count the nodes for which a rule has an answer."""
    count = 0

    def counted(tape, data, args):
        nonlocal count
        answer = rule(tape, data, args)
        count += answer is not None
        return answer

    apply_passes(graph, targets, [counted])
    return count


def test_pooling_before_the_activation_keeps_values_and_gradients():
    graph = parse_network(NETWORKS["lenet"])
    given = values_for(graph)
    before = run(graph, given)
    lowered, (loss,) = apply_passes(graph, [graph.graph["output"]], FORWARD_PASSES)
    lowered.graph["output"] = loss
    check_graph(lowered)
    after = run(lowered, given)
    gates = [data["gate"] for _, data in lowered.nodes(data=True)]
    assert gates.index("max_pool") < gates.index("relu")
    np.testing.assert_allclose(after.values[loss], before.values["loss"], rtol=1e-12)
    for name in inputs(graph, "parameter"):
        np.testing.assert_allclose(
            after.node_gradients[name], before.node_gradients[name], atol=1e-12
        )


def test_a_falling_activation_stays_before_the_pooling():
    text = NETWORKS["lenet"].replace("ReLU()", "LeakyReLU(-0.5)")
    graph = parse_network(text)
    given = values_for(graph)
    lowered, (loss,) = apply_passes(graph, [graph.graph["output"]], FORWARD_PASSES)
    lowered.graph["output"] = loss
    before, after = run(graph, given), run(lowered, given)
    np.testing.assert_allclose(after.values[loss], before.values["loss"], rtol=1e-12)


def test_a_network_without_parameters_is_refused():
    graph = parse_network("Sequential([Input(3), Tanh()])\nloss = MSELoss()")
    data = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
    with pytest.raises(NothingToTrainError, match="no parameters"):
        training_script(graph, data, Settings())


def test_a_sequence_of_one_step_is_refused():
    with pytest.raises(SourceError, match="nothing recurs"):
        parse_network("Sequential([Input(1, 4), LSTM(5), Linear(3)])" + CE)


# ---- the script's own step ----


def script_of(name, tmp_path, **settings):
    """Write and load a network's script."""
    graph = parse_network(NETWORKS[name])
    data = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
    path = tmp_path / f"{name}.py"
    path.write_text(
        training_script(graph, data, Settings(**settings)), encoding="utf-8"
    )
    return graph, runpy.run_path(str(path))


def gradients_of(graph, script, given, batch=7, backend="numpy"):
    """Run the script's step in float64 on these values."""
    size = sum(int(np.prod(shape)) for shape in script["SHAPES"].values())
    theta, gradient = np.empty(size), np.full(size, np.nan)
    for name, view in zip(script["SHAPES"], script["views"](theta), strict=True):
        view[...] = given[name]
    if inputs(graph, "mask"):
        fill_masks(graph, script, given, batch, backend)
    gradients = script["views"](gradient)
    loss = script["loss_and_gradients"](
        script["views"](theta), gradients, given["X"], given["y"]
    )
    return loss, dict(zip(script["SHAPES"], gradients, strict=True))


def fill_masks(graph, script, given, batch, backend):
    """Put our masks where the script would draw its own."""
    arrays = script["arrays"](batch, np.dtype(float))
    facts = graph.graph["network"]
    names = training_step(graph, Settings(backend=backend), facts["statistics"]).names
    for name in inputs(graph, "mask"):
        arrays[names.index(name)][...] = given[name]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("batch", [7, 1])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_scripts_step_equals_the_graph(name, batch, tmp_path):
    graph, script = script_of(name, tmp_path)
    given = values_for(graph, batch)
    expected = run(graph, given)
    for _ in range(2):  # the second time in arrays that have been used
        loss, gradients = gradients_of(graph, script, given, batch)
        assert loss == pytest.approx(float(expected.values["loss"]), rel=1e-11)
        for parameter, gradient in gradients.items():
            theirs = expected.node_gradients[parameter]
            np.testing.assert_allclose(gradient, theirs, rtol=1e-8, atol=1e-11)


#: All but those that are unrolled: dozens of loops, each compiled for a second.
COMPILED = [name for name in NETWORKS if name not in ("lstm", "stacked-rnn")]


@pytest.mark.sampled(20)
@pytest.mark.parametrize("name", COMPILED)
def test_the_compiled_step_equals_the_graph(name, tmp_path):
    pytest.importorskip("numba")
    graph, script = script_of(name, tmp_path, backend="numba")
    given = values_for(graph)
    expected = run(graph, given)
    for _ in range(2):
        loss, gradients = gradients_of(graph, script, given, backend="numba")
        assert loss == pytest.approx(float(expected.values["loss"]), rel=1e-11)
        for parameter, gradient in gradients.items():
            theirs = expected.node_gradients[parameter]
            np.testing.assert_allclose(gradient, theirs, rtol=1e-8, atol=1e-11)


def test_compiled_adam_equals_plain_adam(tmp_path):
    pytest.importorskip("numba")
    rng = np.random.default_rng(1)
    thetas = []
    for backend in ("numpy", "numba"):
        _, script = script_of("mlp", tmp_path, backend=backend)
        rng = np.random.default_rng(1)
        theta = rng.normal(size=50)
        optimiser = script["Adam"](theta, 0.01)
        for _ in range(20):
            optimiser.step(theta, rng.normal(size=50))
        thetas.append(theta)
    np.testing.assert_allclose(*thetas, rtol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_the_convolutional_script_is_the_golden_text(backend, request):
    graph = parse_network(NETWORKS["lenet"])
    data = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
    text = training_script(graph, data, Settings(backend=backend))
    base = "relu-crossentropy-adam" if backend == "numpy" else None
    rewrite = request.config.getoption("--rewrite")
    assert_golden(text, f"lenet-{backend}", base, rewrite)


# ---- memory ----


@pytest.mark.parametrize("name", NETWORKS)
def test_arrays_that_share_a_block_are_never_needed_at_once(name):
    """Replay the calls; nothing that is still to be read is overwritten."""
    from gradtutor.codegen.ir.memory import plan_memory

    graph = parse_network(NETWORKS[name])
    _, program, _ = step_program(graph, statistics=graph.graph["network"]["statistics"])
    blocks = plan_memory(program)
    block_of = {a: i for i, block in enumerate(blocks) for a in block.arrays}
    holder = {}
    for op in program.ops:
        for array in (array for arg in op.inputs for array in arrays_read(arg)):
            if array in block_of:
                assert holder[block_of[array]] is array, array.name
        for array in op.written:
            if array in block_of:
                holder[block_of[array]] = array


def test_sharing_saves_memory():
    step = training_step(parse_network(NETWORKS["lenet"]))
    assert step.peak_bytes(64) < 0.9 * step.unshared_bytes(64)


# ---- 200 steps beside JAX ----


def jax_lenet(p, X, y):
    """Return the loss of the small LeNet as JAX's user would write it."""
    W1, b1, W2, b2, W3, b3 = p

    def conv(x, w, b):
        axes = ("CHWN", "OIHW", "CHWN")
        x = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=axes)
        x = jax.nn.relu(x + b)
        window = (1, 2, 2, 1)
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")

    h = conv(conv(X, W1, b1), W2, b2)
    z = h.reshape(-1, h.shape[-1]).T @ W3 + b3
    return -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(len(y)), y])


def test_the_loss_follows_jax_for_200_steps_of_adam(tmp_path):
    """Same weights, same batches, float64: losses agree to 1e-8 all the way."""
    _, script = script_of("lenet", tmp_path)
    rng = np.random.default_rng(2)
    theta = script["initial_parameters"](rng).astype(float)
    parameters = script["views"](theta)
    p = [jnp.asarray(one) for one in parameters]
    m, v = [0 * one for one in p], [0 * one for one in p]
    gradient = np.empty_like(theta)
    optimiser = script["Adam"](theta, 2e-3)
    step = jax.jit(jax.value_and_grad(jax_lenet))
    for t in range(1, 201):
        y = rng.integers(0, 3, 16)
        X = rng.normal(size=(1, 12, 12, 16)) + y  # something to learn
        ours = script["loss_and_gradients"](parameters, script["views"](gradient), X, y)
        optimiser.step(theta, gradient)
        theirs, g = step(p, X, y)
        m = [0.9 * a + 0.1 * b for a, b in zip(m, g, strict=True)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g, strict=True)]
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        p = [
            a - 2e-3 * (b / c1) / (jnp.sqrt(c / c2) + 1e-8)
            for a, b, c in zip(p, m, v, strict=True)
        ]
        assert ours == pytest.approx(float(theirs), rel=1e-8), t
    assert ours < 0.6


# ---- the error function ----


@pytest.mark.parametrize(("dtype", "ulp"), [(np.float64, 4), (np.float32, 4)])
def test_erf_is_mpmaths_to_a_few_last_digits(dtype, ulp):
    rng = np.random.default_rng(3)
    points = [rng.uniform(-7, 7, 300), rng.uniform(-0.6, 0.6, 300)]
    points += [10.0 ** rng.uniform(-30, 0, 60), [0.0, 0.46875, -0.46875, 4, 6, 30]]
    x = np.concatenate(points).astype(dtype)
    exact = np.array([float(mpmath.erf(mpmath.mpf(float(one)))) for one in x])
    found = erf(x)
    assert found.dtype == dtype
    off = np.abs(found - exact) / np.spacing(np.abs(exact).astype(dtype))
    assert off.max() < ulp, x[off.argmax()]


def test_erf_of_what_is_no_usual_array():
    np.testing.assert_array_equal(erf(np.array([np.inf, -np.inf])), [1, -1])
    assert np.isnan(erf(np.nan)) and np.signbit(erf(-0.0))
    assert erf(0.3) == pytest.approx(0.32862675945912744, rel=1e-15)
    x = np.random.default_rng(0).normal(size=(3, 5, 4000))
    np.testing.assert_array_equal(erf(x.T), erf(x).T)  # in pieces, and turned
    assert erf(np.empty((0, 3))).shape == (0, 3)


# ---- windows that no compiled loop is made for ----


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
@pytest.mark.parametrize("gate", sorted(NUMBA_INTO))
def test_compiled_loops_are_for_signals_and_images_only(gate, rank):
    window = {"kernel": (2,) * rank, "stride": (2,) * rank, "dilation": (1,) * rank}
    attrs = window | ({"padding": 0} if "pool" in gate else {})
    image, cut = (3, *(4,) * rank, "N"), (3, *(2,) * 2 * rank, "N")
    shapes = [cut, image] if gate == "fold" else [image, cut, cut]
    made = NUMBA_INTO[gate](attrs, shapes)
    assert (made is not None) == (rank in (1, 2))
