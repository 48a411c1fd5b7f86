"""The generated script: worth printing, confirmed by JAX, and it trains."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from golden_scripts import assert_golden
from networks import NETWORKS

from gradtutor.codegen import Settings, training_script
from gradtutor.language import parse_network

jax.config.update("jax_enable_x64", True)

WHOLE = "relu-crossentropy-adam"  # its golden text is a whole script

ACTIVATIONS = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "leaky_relu": lambda z: jnp.where(z > 0, z, 0.1 * z),
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "swish": jax.nn.silu,
    "softplus": jax.nn.softplus,
}


def jax_loss(name, prediction, y, classes):
    """Return the loss as JAX's user would write it, not looking at ours."""
    if "crossentropy" in name:
        log_p = jax.nn.log_softmax(prediction)
        return -jnp.mean(log_p[jnp.arange(len(y)), y])
    target = jax.nn.one_hot(y, classes) if classes else y
    if "quadratic" in name:
        return jnp.sum((prediction - target) ** 2) / (2 * len(y))
    return jnp.mean((prediction - target) ** 2)


#: The layers of each network, written again by hand for the witness.
WITNESS = {
    "relu-crossentropy-adam": ["linear", "relu", "linear"],
    "deep-tanh-crossentropy-sgd": [
        *("linear", "tanh", "linear", "sigmoid", "linear", "relu", "linear")
    ],
    "sigmoid-quadratic": ["linear", "sigmoid", "linear", "sigmoid"],
    "leaky-gelu-mse": ["linear", "leaky_relu", "linear", "gelu", "linear"],
    "swish-softplus-nobias-mse-labels": [
        *("linear-nobias", "swish", "linear", "softplus", "linear")
    ],
    "linear": ["linear"],
}


def script(name, tmp_path, **settings):
    text, data = NETWORKS[name]
    graph = parse_network(text, 4, data.classes)
    optimiser = graph.graph["network"]["optimiser"]
    options = Settings(**{"optimiser": optimiser, **settings})
    path = tmp_path / "net.py"
    path.write_text(training_script(graph, data, options, "net.py"), encoding="utf-8")
    return path


def start(path, *arguments):
    """Run a script as a stranger would, where gradtutor cannot be imported."""
    blocker = path.parent / "gradtutor.py"
    blocker.write_text("raise ImportError('a script must not import gradtutor')")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "-W", "error", str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=path.parent,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_the_script_is_the_golden_text(name, tmp_path, request):
    text = script(name, tmp_path).read_text(encoding="utf-8")
    base = None if name == WHOLE else WHOLE
    assert_golden(text, name, base, request.config.getoption("--rewrite"))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_script_is_formatted(name, tmp_path):
    path = script(name, tmp_path)
    tool = [sys.executable, "-m", "ruff"]
    for command in (["format", "--check", "--isolated"], ["check", "--isolated"]):
        done = subprocess.run(
            [*tool, *command, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_jax(name, tmp_path):
    _, data = NETWORKS[name]
    module = runpy.run_path(str(script(name, tmp_path)))
    rng = np.random.default_rng(3)
    size = sum(int(np.prod(shape)) for shape in module["SHAPES"].values())
    theta = rng.normal(size=size) * 0.7
    gradient = np.full(size, np.nan)
    X, y, _, _ = module["load_data"]()
    X, y = X[:11].astype(float), y[:11]
    parameters = module["views"](theta)
    loss = module["loss_and_gradients"](parameters, module["views"](gradient), X, y)

    def forward(flat):
        arrays, h = iter(module["views"](flat)), X
        for layer in WITNESS[name]:
            if layer.startswith("linear"):
                h = h @ next(arrays)
                h = h if layer.endswith("nobias") else h + next(arrays)
            else:
                h = ACTIVATIONS[layer](h)
        return jax_loss(name, h, y, data.classes)

    expected, slope = jax.value_and_grad(forward)(jnp.asarray(theta))
    assert loss == pytest.approx(float(expected), rel=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_script_trains_where_gradtutor_cannot_be_imported(name, tmp_path):
    rate = 0.5 if "sgd" in name else 0.02
    path = script(name, tmp_path, epochs=25, batch_size=16, learning_rate=rate)
    done = start(path, "--json")
    assert done.returncode == 0, done.stderr
    *epochs, summary = map(json.loads, done.stdout.splitlines())
    assert [row["epoch"] for row in epochs] == list(range(1, 26))
    assert summary["schema"] == 1
    assert epochs[-1]["train_loss"] < 0.75 * epochs[0]["train_loss"]
    keys = {"schema", "epochs", "train_loss", "test_loss", "test_accuracy", "seconds"}
    assert set(summary) == keys | {"step_ms"}
    assert (summary["test_accuracy"] is None) == (NETWORKS[name][1].classes is None)
    with np.load(path.with_suffix(".npz")) as file:
        weights = dict(file)
    assert {f: weights[f].shape for f in weights} == runpy.run_path(str(path))["SHAPES"]
    assert without_times(start(path, "--json").stdout) == without_times(done.stdout)


def without_times(text):
    return re.sub(r'"(seconds|step_ms)": [\d.]+', "", text)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_scripts_own_check_passes(name, tmp_path):
    done = start(script(name, tmp_path), "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    shapes = runpy.run_path(str(script(name, tmp_path)))["SHAPES"]
    assert done.stdout.count("ok") == len(shapes) + 1  # and the loss by predict


def test_the_scripts_own_check_finds_a_wrong_gradient(tmp_path):
    path = script("relu-crossentropy-adam", tmp_path)
    right = "np.greater(h1, 0, out=mask1)"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, right.replace("0", "-1")), encoding="utf-8")
    done = start(path, "--check")
    assert done.returncode == 1
    assert re.search(r"W1 .*WRONG", done.stdout)
    assert re.search(r"W2 .*ok", done.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--epochs", "0"],
        ["--batch-size", "-1"],
        ["--learning-rate", "0"],
        ["--sed", "1"],
    ],
)
def test_bad_settings_are_usage_errors(arguments, tmp_path):
    done = start(script("linear", tmp_path), *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_check_compares_the_step_with_predict(tmp_path):
    path = script("relu-crossentropy-adam", tmp_path)
    done = start(path, "--check")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^loss  .* (0\.0e\+00|\S*e-1\d)  ok$", done.stdout, re.M)
    text = path.read_text(encoding="utf-8")
    line = "    h1 = np.maximum(z1, 0)"
    before, found, after = text.partition("def predict(")
    assert found and line in after
    broken = after.replace(line, "    h1 = np.maximum(z1, 0.01)", 1)
    path.write_text(before + found + broken, encoding="utf-8")
    done = start(path, "--check")
    assert done.returncode == 1
    assert "loss  relative difference" in done.stdout.splitlines()[-1]
    assert done.stdout.splitlines()[-1].endswith("WRONG")


def test_a_diverging_run_says_so(tmp_path):
    path = script("linear", tmp_path, optimiser="sgd", learning_rate=1e30, epochs=3)
    text = path.read_text(encoding="utf-8")
    quiet = "import numpy as np\n\nnp.seterr(all='ignore')\n"
    path.write_text(text.replace("import numpy as np\n", quiet, 1), encoding="utf-8")
    done = start(path)
    assert done.returncode == 1
    assert "lower --learning-rate" in done.stderr
    assert not path.with_suffix(".npz").exists()


def test_unwritable_weights_give_one_line(tmp_path):
    path = script("linear", tmp_path, epochs=1)
    done = start(path, "--weights", str(tmp_path / "no" / "folder.npz"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nothing was saved" in done.stderr
