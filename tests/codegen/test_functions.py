"""`diff -o`: the function in each language, run, against JAX's gradients."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import math
import shutil
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.codegen.text.javascript import javascript_program
from gradtutor.language import parse

NUMBERS = [
    ("tanh(w*x + b)**2", {"w": 0.5, "x": 2.0, "b": -0.3},
     lambda w, x, b: jnp.tanh(w * x + b) ** 2),
    ("where(x > 0, x**2, sin(x))*y/3", {"x": -1.2, "y": 0.7},
     lambda x, y: jnp.where(x > 0, x**2, jnp.sin(x)) * y / 3),
    ("where(x > 0, x**2, sin(x))*y/3", {"x": 1.2, "y": 0.7},
     lambda x, y: jnp.where(x > 0, x**2, jnp.sin(x)) * y / 3),
    ("softplus(x)*max(x, y)/sqrt(1 + x^2)", {"x": 0.4, "y": 0.1},
     lambda x, y: jax.nn.softplus(x) * jnp.maximum(x, y) / jnp.sqrt(1 + x**2)),
    ("x^y + log(x) - 3", {"x": 1.7, "y": 2.5}, lambda x, y: x**y + jnp.log(x) - 3),
    ("relu(x) + 2", {"x": 0.6}, lambda x: jax.nn.relu(x) + 2),
    ("gelu(x)*sign(y)*y + 1/x", {"x": 0.6, "y": -2.0},
     lambda x, y: jax.nn.gelu(x, approximate=False) * jnp.sign(y) * y + 1 / x),
    ("atan2(y, x)*exp(-x) + |y|", {"y": 0.3, "x": -0.8},
     lambda y, x: jnp.arctan2(y, x) * jnp.exp(-x) + jnp.abs(y)),
    ("int_*new + double_", {"int_": 2.0, "new": 3.0, "double_": 1.0},
     lambda a, b, c: a * b + c),
    ("x*y", {"x": 2.0, "y": 3.0}, lambda x, y: x * y),
    ("λ*θ^3", {"λ": 2.0, "θ": 1.5}, lambda lam, t: lam * t**3),
    ("bce(p, y)*mean(y)", {"p": 0.3, "y": 1.0},
     lambda p, y: -y * (y * jnp.log(p) + (1 - y) * jnp.log(1 - p))),
    ("-(-x)*y - -(-(-3))*-sin(-x)", {"x": 0.7, "y": 2.0},
     lambda x, y: x * y + 3 * jnp.sin(x)),
    ("huber(p, y) + 2**p*log(2)", {"p": 0.3, "y": 2.0},
     lambda p, y: abs(p - y) - 0.5 + 2**p * jnp.log(2.0)),
]  # fmt: skip
RNG = np.random.default_rng(5)
A, X, W = RNG.normal(size=(3, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))
x3, w3, y4, u3 = (RNG.normal(size=n) for n in (3, 3, 4, 3))
TENSORS = [
    ("xᵀAx", {"x": x3, "A": A}, lambda x, A: x @ A @ x),
    ("‖Xw − y‖² + λ‖w‖²", {"X": X, "w": w3, "y": y4, "λ": 0.3},
     lambda X, w, y, lam: ((X @ w - y) ** 2).sum() + lam * (w**2).sum()),
    ("mean((X@w - y)^2)", {"X": X, "w": w3, "y": y4},
     lambda X, w, y: ((X @ w - y) ** 2).mean()),
    ("logdet(A @ A.T) + tr(A)", {"A": A},
     lambda A: jnp.linalg.slogdet(A @ A.T)[1] + jnp.trace(A)),
    ("solve(A, b) @ b", {"A": A, "b": x3}, lambda A, b: jnp.linalg.solve(A, b) @ b),
    ("z: (N, K)\ny: (N,)\ncross_entropy(z, y)", {"z": X, "y": np.array([0, 2, 1, 1.0])},
     lambda z, y: (jax.nn.logsumexp(z, 1) - z[jnp.arange(4), y.astype(int)]).mean()),
    ("X: (N, D)\nW: (D, K)\nb: (K,)\nsum(softplus(X @ W + b))",
     {"X": X, "W": W, "b": np.array([0.3, -0.1])},
     lambda X, W, b: jax.nn.softplus(X @ W + b).sum()),
    ("x: (n,)\nu: (n,)\nsum(u*(x - mean(x))/std(x))", {"x": x3, "u": u3},
     lambda x, u: (u * (x - x.mean()) / x.std()).sum()),
    ("x: (n,)\nmax(x) + sum(cumsum(x)**2)", {"x": x3},
     lambda x: x.max() + (jnp.cumsum(x) ** 2).sum()),
    ("x: (n,)\nsum(x)", {"x": x3}, jnp.sum),
    ("z: (3,)\nlogsumexp(z)*softmax(z)[1]", {"z": x3},
     lambda z: jax.nn.logsumexp(z) * jax.nn.softmax(z)[1]),
]  # fmt: skip


def written(tmp_path, text, language):
    suffix = {"c": ".c", "js": ".js", "latex": ".tex"}.get(language, ".py")
    path = tmp_path / f"grad{suffix}"
    done = CliRunner().invoke(
        main, ["diff", text, "-o", str(path), "--lang", language, "--quiet"]
    )
    assert done.exit_code == 0, done.output
    return path


def expected(at, function):
    """Return JAX's value and gradients of what is no class label."""
    values = [jnp.asarray(one, float) for one in at.values()]
    wanted = [i for i, name in enumerate(at) if not (name == "y" and "z" in at)]
    slopes = jax.grad(function, wanted)(*values)
    named = {list(at)[i]: slope for i, slope in zip(wanted, slopes, strict=True)}
    return function(*values), named


def close(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours, float), theirs, rtol=1e-9, atol=1e-12)


def check_python(path, at, function):
    spec = importlib.util.spec_from_file_location("grad", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    value, gradients = module.value_and_gradient(**at)
    ours, slopes = expected(at, function)
    close(value, ours)
    assert set(gradients) == set(slopes)
    for name, slope in slopes.items():
        assert np.shape(gradients[name]) == np.shape(slope)
        close(gradients[name], slope)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("language", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("case", [*NUMBERS, *TENSORS], ids=lambda case: case[0])
def test_a_function_in_python(tmp_path, language, case):
    if language == "torch":
        pytest.importorskip("torch")
    text, at, function = case
    check_python(written(tmp_path, text, language), at, function)


#: Formulas, points of Python's own numbers, and the gradient by x: 0 where none goes.
ROUTED = [
    ("where(x > 0, sqrt(x), x)", {"x": -4.0}, 1),
    ("where(x > 2, log(x)/log(2), 2*x)", {"x": 0.0}, 2),
    ("min(x**-2, 4) + x", {"x": 0.0}, 1),
    ("exp(-x**2)", {"x": 1e200}, 0),
    ("where(x > 0, x**x, 3*x)", {"x": 0.0}, 3),
    ("relu(-1/x**2)", {"x": 0.0}, 0),
]


@pytest.mark.parametrize(("text", "at", "slope"), ROUTED)
def test_python_s_own_numbers_are_taken_at_a_pole_too(tmp_path, text, at, slope):
    spec = importlib.util.spec_from_file_location(
        "grad", written(tmp_path, text, "numpy")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.errstate(all="ignore"):
        assert module.value_and_gradient(**at)[1]["x"] == slope


def test_no_minus_stands_before_a_minus_in_a_page_s_program():
    """``--x`` takes 1 from x in JavaScript, and ``--2`` is no text of it."""
    for text in ("x*(-(-2))", "-(-3)*x", "-(-(-(-2)))*x - -(-x)"):
        graph = parse(text)
        program = javascript_program(graph, [graph.graph["output"]])
        assert "--" not in "".join(program.lines)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
@pytest.mark.parametrize("case", NUMBERS, ids=lambda case: case[0])
def test_a_function_in_c(tmp_path, case):
    text, at, function = case
    path, library = written(tmp_path, text, "c"), tmp_path / "grad.so"
    flags = ["-std=c99", "-Wall", "-Werror", "-shared", "-fPIC"]
    done = subprocess.run(
        ["gcc", *flags, str(path), "-o", str(library), "-lm"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    call = ctypes.CDLL(str(library)).value_and_gradient
    call.restype = ctypes.c_double
    slots = [ctypes.c_double() for _ in at]
    given = [ctypes.c_double(value) for value in at.values()]
    value = call(*given, *map(ctypes.byref, slots))
    ours, slopes = expected(at, function)
    close(value, ours)
    for slot, slope in zip(slots, slopes.values(), strict=True):
        close(slot.value, slope)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_functions_of_tensors_in_c(tmp_path):
    for count, (text, at, function) in enumerate(TENSORS):
        np.savez(tmp_path / "at.npz", **at)
        options = ["--at", str(tmp_path / "at.npz"), "--quiet"]
        path, library = tmp_path / "grad.c", tmp_path / f"grad{count}.so"
        done = CliRunner().invoke(main, ["diff", text, "-o", str(path), *options])
        if "det" in text or "solve" in text:
            assert (done.exit_code, "C has no loop" in done.stderr) == (3, True)
            continue
        assert done.exit_code == 0, done.output
        flags = ["-std=c99", "-Wall", "-Werror", "-shared", "-fPIC"]
        done = subprocess.run(
            ["gcc", *flags, str(path), "-o", str(library), "-lm"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (text, done.stderr)
        call = ctypes.CDLL(str(library)).value_and_gradient
        call.restype = ctypes.c_double
        ours, slopes = expected(at, function)
        given = {
            name: np.asarray(one, np.float64, order="C") for name, one in at.items()
        }
        found = {name: np.empty(np.shape(at[name])) for name in slopes}
        pointers = [one.ctypes.data_as(ctypes.c_void_p) for one in given.values()]
        pointers += [one.ctypes.data_as(ctypes.c_void_p) for one in found.values()]
        close(call(*pointers), ours)
        for name, slope in slopes.items():
            close(found[name], slope)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_function_in_javascript_takes_any_name(tmp_path):
    path = written(tmp_path, "v: (2,)\nmap: (2,)\nv @ map", "js")
    script = (
        f"const {{ valueAndGradient }} = require({json.dumps(str(path))});"
        "console.log(JSON.stringify(valueAndGradient([1, 2], [3, 4])));"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found == {"value": 11, "gradient": {"v": [3, 4], "map": [1, 2]}}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("case", [*NUMBERS, *TENSORS], ids=lambda case: case[0])
def test_a_function_in_javascript(tmp_path, case):
    text, at, function = case
    path = written(tmp_path, text, "js")
    given = ", ".join(json.dumps(np.asarray(one).tolist()) for one in at.values())
    script = (
        f"const {{ valueAndGradient }} = require({json.dumps(str(path))});"
        f"console.log(JSON.stringify(valueAndGradient({given})));"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    ours, slopes = expected(at, function)
    close(found["value"], ours)
    for name, slope in slopes.items():
        close(found["gradient"][name], slope)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("case", [*NUMBERS, *TENSORS], ids=lambda case: case[0])
def test_a_document_in_latex_compiles(tmp_path, case):
    path = written(tmp_path, case[0], "latex")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name],
        cwd=tmp_path,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-1500:]


def test_the_function_is_printed_and_says_what_it_needs():
    run = CliRunner().invoke
    done = run(main, ["diff", "x*y", "--as", "numpy", "--wrt", "x"])
    assert "return f, dict(x=y)" in done.stdout
    done = run(main, ["diff", "x*y", "-o", "grad.f90"])
    assert (done.exit_code, "--as" in done.stderr) == (2, True)
    done = run(main, ["diff", "xᵀAx", "--as", "c"])
    assert (done.exit_code, "declare it as x: (3,)" in done.stderr) == (3, True)
    done = run(main, ["diff", "x*y", "--lang", "zh", "--wrt", "x"])
    assert "∂f/∂x = y" in done.stdout


def test_shared_parts_are_worked_out_once():
    done = CliRunner().invoke(main, ["diff", "exp(x*y)*sin(exp(x*y))", "--as", "numpy"])
    assert done.stdout.count("np.exp(") == 1
    assert math.isfinite(len(done.stdout))


def test_the_module_runs_without_this_project(tmp_path):
    path = written(tmp_path, "xᵀAx", "numpy")
    code = (
        "import grad, numpy as np; "
        "print(grad.value_and_gradient(np.ones(2), np.eye(2))[1]['x'].tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (path.exists(), done.stdout.strip()) == (True, "[2.0, 2.0]")
