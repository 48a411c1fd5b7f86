"""Any graph trains: a formula with parameters, its own data by name, one script."""

from __future__ import annotations

import json
import runpy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from click.testing import CliRunner
from formulas import (
    ATTENTION,
    FACTORS,
    FORMULAS,
    LINE,
    LOGISTIC,
    NUMBERS,
    PHYSICS,
    SIAMESE,
    TWO_LAYERS,
    X,
    write_arrays,
)

from gradtutor.cli import main
from gradtutor.codegen import Settings, training_script
from gradtutor.language import SourceError, parse_network
from gradtutor.train import Choices, DataError, data_for, script_data

jax.config.update("jax_enable_x64", True)


def script_of(folder, name, text=None, arrays=None, **settings):
    """Write a formula's script and return its names, as of a module."""
    text = text or FORMULAS[name][0]
    data = data_for(str(write_arrays(folder, name, arrays)), text)
    graph = parse_network(text, data.features.example, data.targets.count)
    made = training_script(graph, script_data(data), Settings(**settings), f"{name}.py")
    path = folder / f"{name}.py"
    path.write_text(made, encoding="utf-8")
    return runpy.run_path(str(path))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_passes_its_own_check(name, backend, tmp_path, capsys):
    found = script_of(tmp_path, name, backend=backend)
    assert found["check"](0) == 0, capsys.readouterr().out


# ---- the same formulas, written again by hand for JAX ----


def ce(z, y):
    return -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(len(y)), y.astype(int)])


def line(p, x, y):
    return jnp.mean((p["w"] * x + p["b"] - y) ** 2)


def logistic(p, x, y):
    s = jax.nn.sigmoid(x @ p["w"] + p["b"])
    return -jnp.mean(y * jnp.log(s) + (1 - y) * jnp.log(1 - s))


def two_layers(p, x, y):
    return ce(jnp.tanh(x @ p["W"] + p["b"]) @ p["V"], y)


def siamese(p, a, b, t):
    one, two = (jnp.tanh(x @ p["W"] + p["v"]) for x in (a, b))
    d = jnp.sum((one - two) ** 2, axis=1)
    near = jnp.mean(t * d + (1 - t) * jax.nn.relu(1 - d))
    return near + 0.001 * jnp.sum(p["W"] ** 2)


def factors(p, user, item, rating):
    rows = p["P"][user.astype(int)] * p["Q"][item.astype(int)]
    error = jnp.sum(rows, axis=1) + p["mu"] - rating
    return jnp.mean(error**2) + jnp.sum(p["P"] ** 2) / len(user)


def physics(p, x):
    def u(s):
        return (1 - s**2) * (jnp.tanh(s * p["a"] + p["c"]) @ p["v"])

    bent = jax.vmap(jax.grad(jax.grad(u)))(x)  # our formula writes this out
    return jnp.mean((bent + jnp.pi**2 * jnp.sin(jnp.pi * x)) ** 2)


def attention(p, ids, y):
    table, n = p["E"], 4
    x = table[ids.astype(int)]
    x = x + jnp.cumsum(x, axis=1) / 4
    s = x @ p["K"] @ x.transpose(0, 2, 1)
    s = jnp.where(jnp.tril(jnp.ones((n, n))) > 0, s, -1e9)
    z = jax.nn.softmax(s / jnp.sqrt(6), axis=-1) @ x @ table.T
    return ce(z.reshape(-1, 5), y.reshape(-1))


WITNESS = {
    "line": line,
    "logistic": logistic,
    "two-layers": two_layers,
    "siamese": siamese,
    "factors": factors,
    "physics": physics,
    "attention": attention,
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", WITNESS)
def test_the_step_is_that_of_jax(name, tmp_path):
    found = script_of(tmp_path, name)
    rng = np.random.default_rng(3)
    theta = found["initial_parameters"](rng).astype(np.float64)
    theta += 0.1 * rng.normal(size=theta.shape)
    gradient = np.empty_like(theta)
    text, arrays = FORMULAS[name]
    X, y = data_for(str(tmp_path / f"{name}-data.npz"), text).arrays()
    rows = slice(0, 16)
    X, y = X[rows].astype(np.float64), y.reshape(len(y), -1)[rows].astype(np.float64)
    y = y.reshape(-1) if name == "two-layers" else y
    loss = found["loss_and_gradients"](
        found["views"](theta), found["views"](gradient), X, y
    )
    given = [np.float32(one).astype(np.float64)[rows] for one in arrays.values()]
    p = dict(zip(found["SHAPES"], found["views"](theta), strict=True))
    wanted, slopes = jax.value_and_grad(WITNESS[name])(p, *given)
    assert loss == pytest.approx(float(wanted), rel=1e-9)
    for key, ours in zip(found["SHAPES"], found["views"](gradient), strict=True):
        np.testing.assert_allclose(ours, slopes[key], rtol=1e-7, atol=1e-10)


# ---- how a formula is read ----


def facts(text):
    return parse_network(text).graph["network"]


@pytest.mark.parametrize(
    ("text", "inputs", "target", "loss"),
    [
        (LINE, ["x"], "y", "formula"),
        (TWO_LAYERS, ["x"], "y", "cross_entropy"),
        (SIAMESE, ["a", "b"], "t", "formula"),
        (FACTORS, ["user", "item"], "rating", "formula"),
        (PHYSICS, ["x"], "", "formula"),
        (ATTENTION, ["ids"], "y", "cross_entropy"),
    ],
)
def test_data_and_target_are_told_apart(text, inputs, target, loss):
    found = facts(text)
    assert (found["inputs"], found["target"], found["loss"]) == (inputs, target, loss)


@pytest.mark.parametrize(
    ("text", "answer"),
    [(LINE, "p"), (LOGISTIC, "p"), (TWO_LAYERS, "z"), (SIAMESE, "d"),
     (PHYSICS, "prediction"), (ATTENTION, "z_flat")],
)  # fmt: skip
def test_what_is_answered_has_a_name(text, answer):
    graph = parse_network(text)
    name = graph.nodes[graph.graph["network"]["prediction"]]["name"]
    assert name == answer or answer == "z_flat"


def test_settings_stand_in_the_formula():
    found = facts(LINE)
    assert (found["optimiser"], found["learning_rate"], found["epochs"]) == (
        *("adam", 0.05), 3,
    )  # fmt: skip


def starts(text):
    graph = parse_network(text)
    return {
        name: (data["start"], round(data["start_scale"], 4))
        for name, data in graph.nodes(data=True)
        if data.get("role") == "parameter"
    }


def test_parameters_begin_as_the_text_says_or_by_their_use():
    assert starts(TWO_LAYERS) == {
        "W": ("uniform", round((6 / 10) ** 0.5, 4)),
        "b": ("constant", 0),
        "V": ("uniform", round(7**-0.5, 4)),
    }
    assert starts(FACTORS) == {
        "P": ("normal", 0.1), "Q": ("normal", 0.3), "mu": ("constant", 0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("= zeros", ("constant", 0.0)),
        ("= ones", ("constant", 1.0)),
        ("= 0.5", ("constant", 0.5)),
        ("= -2", ("constant", -2.0)),
        ("= normal(0.02)", ("normal", 0.02)),
        ("= uniform(3)", ("uniform", 3.0)),
        ("= he", ("normal", round((2 / 3) ** 0.5, 4))),
        ("= glorot", ("uniform", round((6 / 7) ** 0.5, 4))),
        ("", ("uniform", round(3**-0.5, 4))),
    ],
)
def test_starts(line, start):
    text = f"x: (N, 3)\nw: parameter (3, 4) {line}\nloss = mean(x @ w)"
    assert starts(text)["w"] == start


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("x: (N, 3)\nloss = mean(x)", "there is no parameter", 2),
        ("x*y", "there is no parameter", 1),
        ("x: (N, 3)\nw: parameter (3,)\nx @ w", "it is (N,)", 3),
        ("x: (N, 3)\nw: parameter (4,)\nloss = mean(x @ w)", "sizes 3 and 4", 3),
        ("x: (5, 3)\nw: parameter (3,)\nmean(x @ w)", "no axis of examples", 1),
        ("w: parameter (3,)\nsum(w**2)", "there are no data", 2),
        ("x: (N,)\nw: parameter ()\nv: parameter ()\nmean(w*x)", "v is not used", 3),
        ("x: (N,)\nw: parameter (k,)\nmean(x)*w", "whole numbers", 2),
        ("x: (N,)\nw: parameter (3,) = norml(1)\nmean(x)*w", "norml is no start", 2),
        ("x: (N,)\nw: parameter (3,) = normal\nmean(x)*w", "takes a number", 2),
        ("x: (N,)\nw: parameter (3,) = zeros(2)\nmean(x)*w", "takes no number", 2),
        ("x: (N,)\nw: parameter (3,) = normal(-1)\nmean(x)*w", "above 0", 2),
        ("x: (N,)\nw: parameter ()\nmean(w*x - c)", "c () has no axis", 3),
        ("x: (N, k)\nw: parameter ()\nw*mean(x)", "sizes are whole numbers", 1),
    ],
)
def test_mistakes_point_at_their_place(text, said, line):
    with pytest.raises(SourceError) as error:
        parse_network(text)
    assert said in str(error.value)
    assert error.value.line == line


# ---- data by name ----


def test_columns_are_chosen_by_the_formulas_names(tmp_path):
    path = tmp_path / "r.csv"
    rows = [
        f"{a},{b},{a + b},{b}" for a, b in zip(range(6), range(5, -1, -1), strict=True)
    ]
    path.write_text("rating,user,other,item\n" + "\n".join(rows))
    X, y = data_for(str(path), FACTORS).arrays()
    np.testing.assert_array_equal(X[:, 0], range(5, -1, -1))
    np.testing.assert_array_equal(X[:, 1], range(5, -1, -1))
    np.testing.assert_array_equal(y[:, 0], range(6))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"a": X, "t": np.ones(120)}, "has no array 'b'"),
        ({"a": X, "b": X[:, :2], "t": np.ones(120)}, "b has 2 numbers an example"),
        ({"a": X, "b": X[:50], "t": np.ones(120)}, "a has 120 rows, b 50"),
        ({"a": X, "b": np.full((120, 3), "k"), "t": np.ones(120)}, "real numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_named(arrays, said, tmp_path):
    with pytest.raises(DataError, match=said):
        data_for(str(write_arrays(tmp_path, "siamese", arrays)), SIAMESE, Choices())


def test_a_formula_trains_predicts_and_says_what_it_answers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_arrays(tmp_path, "siamese")
    (tmp_path / "pair.txt").write_text(SIAMESE)
    run = CliRunner()
    given = ["train", "pair.txt", "--data", "siamese-data.npz", "--no-pictures"]
    done = run.invoke(main, [*given, "--epochs", "2", "--json"])
    assert done.exit_code == 0, done.output
    assert "data a, b; target t; predict answers d (N,)" in done.stderr
    assert json.loads(done.stdout)["epochs"] == 2
    told = run.invoke(main, ["predict", "pair-run", "siamese-data.npz"])
    assert told.exit_code == 0, told.output
    rows = told.stdout.splitlines()
    assert rows[0] == "y" and len(rows) == 121


def test_data_are_not_replaced_by_the_weights_of_a_script_beside_them(tmp_path):
    np.savez(tmp_path / "net.npz", **FORMULAS["line"][1])
    data = data_for(str(tmp_path / "net.npz"), LINE)
    text = training_script(parse_network(LINE), script_data(data), Settings(epochs=1))
    (tmp_path / "net.py").write_text(text)
    before = (tmp_path / "net.npz").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["net.py", "--quiet"])
        runpy.run_path(str(tmp_path / "net.py"), run_name="__main__")
    assert (tmp_path / "net.npz").read_bytes() == before
    assert (tmp_path / "net.weights.npz").is_file()


def test_numbers_of_a_formula_stand_at_the_top(tmp_path):
    found = script_of(tmp_path, "numbers")
    np.testing.assert_array_equal(found["k"], [1, -2, 1])
    assert "k: parameter" not in NUMBERS
