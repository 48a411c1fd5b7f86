"""ReLU and its gradient inside products (RELU_AUX_BIAS, DRELU), on the stand-in.

The library's bit is 1 at z = 0, so they serve the tie rules right and both. Witnesses:
NumPy scripts of the same rule, NumPy by hand at z = 0, central differences in float64.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import environment, epochs, numpy_epochs, run_script
from networks import BLOB_DATA
from places import TESTS

from gradtutor.cli import main
from gradtutor.codegen import Settings, training_script
from gradtutor.codegen.gpu import printed
from gradtutor.language import parse_network

TOLERANCE = {"float32": 2e-4, "bfloat16": 16 * 2**-9, "float16": 16 * 2**-12}
NETWORKS = {  # the layers, and how many ReLUs go into products
    "deep": ("Linear(130), ReLU(), Linear(7), ReLU(), Linear(3)", 2),
    "one wide": ("Linear(9), ReLU(), Linear(1), ReLU(), Linear(3)", 2),
    "tanh between": ("Linear(9), Tanh(), Linear(9), ReLU(), Linear(3)", 1),
    "small": ("Linear(9), ReLU(), Linear(3)", 1),
    "dropout after": ("Linear(9), ReLU(), Dropout(0.3), Linear(3)", 0),
    "no bias": ("Linear(9, bias=False), ReLU(), Linear(3)", 0),
    "residual": ("Linear(6), ReLU(), Residual(Linear(6)), Linear(3)", 0),
}
#: Epilogues that the heuristic does not offer: forward's, backward's, both, all.
WITHOUT = ["", "134", "136", "134 136", "4 6 134 136 256"]


def written(folder, name, backend="cupy", **more):
    """Write a network's script and return its path."""
    text = f"Sequential([Input(4), {NETWORKS[name][0]}])\nloss = CrossEntropyLoss()"
    graph, evaluation = (parse_network(text, 4, 3, training=on) for on in (True, False))
    usual = {"epochs": 3, "batch_size": 25, "learning_rate": 0.01, "ties": "right"}
    settings = Settings(**usual | more, backend=backend)
    path = folder / f"train_{backend}_{more.get('ties', '')}.py"
    path.write_text(training_script(graph, BLOB_DATA, settings, path.name, evaluation))
    return path


def on_device_without(epilogues):
    """Return the settings of a stand-in that lacks some epilogues."""
    return {"CUDA_HOST_NO_EPILOGUES": epilogues}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """Return the epochs of a network's NumPy script, run once."""

    @functools.cache
    def run(name):
        return numpy_epochs(written(tmp_path_factory.mktemp("numpy"), name, "numpy"))

    return run


CASES = [(name, "", "float32") for name in NETWORKS if name != "dropout after"]
CASES += [("deep", without, "float32") for without in WITHOUT[1:]]
CASES += [("deep", "", "bfloat16"), ("one wide", "134 136", "float16")]
CASES = [(*case, "ctypes") for case in CASES]
CASES += [("deep", "", "float32", "nvmath"), ("one wide", "136", "bfloat16", "nvmath")]


@pytest.mark.sampled(3)
@pytest.mark.gpu
@pytest.mark.parametrize(("name", "without", "precision", "products"), CASES)
def test_losses_follow_the_numpy_script(
    tmp_path, theirs, name, without, precision, products
):
    path = written(tmp_path, name, precision=precision, products=products)
    ours = epochs(run_script(path, "--json", settings=on_device_without(without)))
    for one, other in zip(ours, theirs(name), strict=True):
        for key in ("train_loss", "test_loss"):
            close = pytest.approx(other[key], rel=TOLERANCE[precision])
            assert one[key] == close, key


@pytest.mark.sampled(4)
@pytest.mark.gpu
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_central_differences(tmp_path, name):
    done = run_script(written(tmp_path, name), "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "WRONG" not in done.stdout and done.stdout.count("ok") >= 2


@pytest.mark.gpu
def test_gradients_by_nvmath(tmp_path):
    path = written(tmp_path, "deep", products="nvmath", precision="tf32")
    assert "ctypes." not in path.read_text().replace(".ctypes.data", "")
    done = run_script(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "WRONG" not in done.stdout


AT_ZERO = """
import importlib.util, json, sys
import numpy as np

spec = importlib.util.spec_from_file_location("script", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
xp = getattr(script, "cp", np)
theta = xp.asarray(script.initial_parameters(np.random.default_rng(0)))
W1, b1, W2, b2 = script.views(theta)
W1[...] = 0
b1[...] = 0  # so z1 = 0
gradient = xp.zeros_like(theta)
X, y, _, _ = script.load_data()
X, y = xp.asarray(X[:20]), xp.asarray(y[:20].astype(np.int32))
script.loss_and_gradients(script.views(theta), script.views(gradient), X, y)
print(json.dumps([x.tolist() for x in (W2, b2, script.views(gradient)[1], y)]))
"""


@pytest.mark.sampled(4)
@pytest.mark.gpu
@pytest.mark.parametrize("backend", ["numpy", "numba", "cupy"])
@pytest.mark.parametrize(("ties", "slope"), [("torch", 0), ("right", 1)])
def test_the_gradient_at_a_kink_is_the_rule_s(tmp_path, backend, ties, slope):
    path = written(tmp_path, "small", backend, ties=ties)
    (driver := tmp_path / "driver.py").write_text(AT_ZERO)
    command = [sys.executable, str(driver), str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=100
    )
    assert done.returncode == 0, done.stderr[-3000:]
    W2, b2, db1, y = (np.array(one) for one in json.loads(done.stdout))
    share = np.exp(b2) / np.exp(b2).sum()  # h1 = 0: every example has these logits
    dz2 = (share - np.eye(3)[y]) / len(y)
    assert np.abs(dz2 @ W2.T).max() > 1e-3
    np.testing.assert_allclose(db1, slope * (dz2 @ W2.T).sum(0), rtol=1e-4, atol=1e-7)


def graph_of(folder, name, **more):
    """Return the names of the kernels of a recorded step."""
    (log := folder / f"log{len(list(folder.iterdir()))}").mkdir()
    epochs(run_script(written(folder, name, epochs=1, **more), "--json", log=log))
    return kernel_log.graphs(log)[0]


@pytest.mark.parametrize("name", NETWORKS)
def test_which_relus_go_into_products(tmp_path, name):
    text = written(tmp_path, name).read_text()
    for call in ("    matmul_relu(", "    matmul_where("):
        assert text.count(call) == NETWORKS[name][1], call
    text = written(tmp_path, name, ties="torch").read_text()
    assert "matmul_relu" not in text and "_mask" not in text.replace("draw_mask", "")


@pytest.mark.parametrize("name", ["deep", "one wide"])
def test_each_takes_one_kernel_less(tmp_path, name):
    by_hand = graph_of(tmp_path, name, ties="torch")
    products = graph_of(tmp_path, name, ties="both")
    fallbacks = products.count("where_mask")  # of sums of one term
    assert fallbacks == (name == "one wide")
    assert len(by_hand) - len(products) == NETWORKS[name][1] - fallbacks, products
    assert "relu_with_mask" not in products


# ---- the two products by themselves ----

DRIVER = """
import importlib.util, json, sys
import cupy as cp
import numpy as np

spec = importlib.util.spec_from_file_location("script", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
script.GRAPH, dtype = sys.argv[2] == "graph", np.dtype(sys.argv[3])
random = np.random.default_rng(7)

def whole(*shape):  # whole numbers: sums are exact, and 0 is among them
    return cp.asarray(random.integers(-3, 4, shape), dtype)

worst, zeros = [], 0
for N, K, H in ((5, 3, 1), (3, 4, 130), (1, 2, 8), (4, 1, 9), (33, 2, 256)):
    a, b, bias, mask = whole(N, K), whole(K, H), whole(H), cp.empty(
        (N, 16 * -(-H // 128)), np.uint8)
    out, up, w = cp.empty((N, H), dtype), whole(N, K), whole(K, H)
    into = cp.empty((N, H), dtype)
    script.matmul_relu(a, b, bias=bias, mask=mask, out=out)
    script.matmul_where(up, w, mask=mask, out=into)
    a, b, bias, up, w = (x.get().astype("f8") for x in (a, b, bias, up, w))
    z = a @ b + bias
    zeros += int((z == 0).sum())
    wanted = np.maximum(z, 0), np.where(z >= 0, up @ w, 0)
    for one, other in zip((out, into), wanted, strict=True):
        worst.append(float(np.abs(one.get().astype("f8") - other).max()))
print(json.dumps([max(worst), zeros]))
"""


ALONE = [("graph", "float32", without) for without in WITHOUT]
ALONE += [("graph", "float16", without) for without in ("", "134 136")]
ALONE += [("graph", "float64", ""), ("launches", "float32", "")]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("mode", "dtype", "without"), ALONE)
def test_forward_and_backward_agree_at_zero(tmp_path, mode, dtype, without):
    precision = "float16" if dtype == "float16" else "float32"
    path = written(tmp_path, "deep", precision=precision)
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(driver), str(path), mode, dtype],
        capture_output=True,
        text=True,
        env=environment(**on_device_without(without)),
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    worst, zeros = json.loads(done.stdout)
    assert worst == 0.0
    assert zeros > 50  # there is something to decide


def test_their_kernels_compile_with_nvrtc(tmp_path):
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    (log := tmp_path / "log").mkdir()
    for precision in TOLERANCE:
        path = written(tmp_path, "deep", precision=precision, epochs=1)
        settings = on_device_without("134 136")
        epochs(run_script(path, "--json", log=log, settings=settings))
    names = ("relu_with_mask", "where_mask")
    kernels = [one for one in kernel_log.kernels(log) if one.name in names]
    assert len(kernels) == 2 * len(TOLERANCE)
    for kernel, architecture in nvrtc.in_turn(kernels):
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF"), kernel.name


# ---- nvmath-python ----


def test_without_nvmath_it_says_what_to_install(tmp_path):
    path = written(tmp_path, "deep", products="nvmath")
    (tmp_path / "nvmath.py").write_text("raise ImportError('no nvmath here')")
    folders = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    for settings in ({"PYTHONPATH": folders}, {"CUDA_HOST_BLAS": ""}):
        done = run_script(path, settings=settings)
        assert done.returncode == 4, done.stderr
        assert done.stderr.count("\n") == 1 and "pip install" in done.stderr
    assert "nvmath-python" in path.read_text()


def test_the_script_is_formatted(tmp_path):
    path = written(tmp_path, "deep", products="nvmath", precision="bfloat16")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("options", "code", "part"),
    [
        (["--products", "nvmath"], 2, "--products is for a GPU: add --backend cupy"),
        (["--backend", "cupy", "--products", "nvmath"], 0, "import cublas, cublasLt"),
        (["--backend", "cupy", "--ties", "right"], 0, "matmul_where("),
        (["--backend", "cupy"], 0, "h1 > 0"),
        (["--ties", "both"], 0, ">= 0"),
        (["--ties", "up"], 2, "'up' is not one of 'torch', 'left', 'right', 'both'"),
    ],
)
def test_the_command_line(tmp_path, monkeypatch, options, code, part):
    monkeypatch.chdir(tmp_path)
    y = np.arange(30) % 3
    np.savez("own.npz", X=np.eye(3, 4)[y], y=y)
    text = f"Sequential([Input(4), {NETWORKS['small'][0]}])\nloss = CrossEntropyLoss()"
    Path("own.net").write_text(text)
    command = ["gen", "own.net", "--data", "own.npz", *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == code, result.stderr
    assert part in (result.stderr if code else result.stdout)


def stand_in(file):
    """Return a module of the stand-in for nvmath-python."""
    path = TESTS / "cuda_host" / "fake" / "nvmath" / file
    spec = importlib.util.spec_from_file_location("stand_in", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stand_in_has_nvmath_s_signatures_and_numbers():
    """The real package is imported without a GPU; only create() needs its driver."""
    real = pytest.importorskip("nvmath.bindings.cublasLt")
    ours = stand_in("bindings/cublasLt.py")
    above, cublas = (
        pytest.importorskip(name) for name in ("nvmath", "nvmath.bindings.cublas")
    )
    pairs = [
        (stand_in("__init__.py").CudaDataType, above.CudaDataType),
        (stand_in("bindings/cublas.py").ComputeType, cublas.ComputeType),
    ]
    for name in ("MatmulDescAttribute", "MatmulPreferenceAttribute", "Epilogue"):
        pairs.append((getattr(ours, name), getattr(real, name)))
    for one, other in pairs:
        for member in one:
            assert other[member.name] == member, member
    text = (Path(printed.__path__[0]) / "nvmath.py").read_text()
    calls = set(re.findall(r"cublasLt\.(\w+)\(", text))
    assert len(calls) == 10
    for name in calls:
        names = [list(inspect.signature(getattr(module, name)).parameters)
                 for module in (ours, real)]  # fmt: skip
        assert names[0] == names[1], name
    for kind in ("desc", "preference"):
        read = f"get_matmul_{kind}_attribute_dtype"
        for member in getattr(ours, f"Matmul{kind.title()}Attribute"):
            sizes = [np.dtype(getattr(module, read)(member)).itemsize
                     for module in (ours, real)]  # fmt: skip
            assert sizes[0] == sizes[1], member
    assert ours.matmul_heuristic_result_dtype == real.matmul_heuristic_result_dtype
    assert issubclass(real.cuBLASLtError, Exception)
