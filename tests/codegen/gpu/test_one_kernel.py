"""A whole training step as one cooperative kernel: its steps are the NumPy script's.

The kernel runs on the host's stand-in, three blocks at once, in float64; so what is
compared is the mathematics, to 1e-9, after an epoch with a batch that is left over, and
one without.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import epochs, numpy_epochs, run_script
from golden_scripts import assert_golden
from test_cupy_script import CASES, OWN, TOLERANCE, loader, written

from gradtutor.codegen.gpu.one_kernel import OneKernelError

#: Cases with a sum that several threads share, and one for a mean of many.
OWN |= {
    "wide": (
        "Sequential([Input(150), Linear(40), ReLU(), Linear(3)])",
        loader((150,), 3),
        {},
    ),
    "wide-mse": (
        "Sequential([Input(130), Linear(7), Tanh(), Linear(130)])\nloss = MSELoss()",
        loader((130,), 0, "X"),
        {"optimiser": "rmsprop"},
    ),
}
FEW = {"CUDA_HOST_MULTIPROCESSORS": "3"}
#: Case, batch size, order of threads and blocks: of 90 examples, 90 % 25 are left over.
STEPS = [
    ("relu-crossentropy-adam", 25, "forward"),
    ("relu-crossentropy-adam", 1, "reverse"),
    ("deep-tanh-crossentropy-sgd", 45, "reverse"),
    ("sigmoid-quadratic", 30, "shuffle:3"),
    ("leaky-gelu-mse", 7, "forward"),
    ("swish-softplus-nobias-mse-labels", 25, "reverse"),
    ("linear", 90, "forward"),
    ("layer-norm", 25, "shuffle:2"),
    ("l2", 25, "reverse"),
    ("bce", 31, "forward"),
    ("softmax-nll", 25, "forward"),
    ("hinge-one-output", 25, "reverse"),
    ("wide", 25, "reverse"),
    ("wide-mse", 200, "shuffle:5"),
    ("momentum", 25, "forward"),
    ("nesterov", 25, "forward"),
    ("adagrad", 25, "forward"),
    ("adadelta", 25, "forward"),
    ("lion", 25, "forward"),
    ("adamw", 25, "forward"),
]
#: Trains an epoch by both scripts in float64 and prints the largest difference of each.
COMPARE = """
import importlib.util, json, os, sys
import cupy as cp
import numpy as np

def module(path):
    spec = importlib.util.spec_from_file_location("script", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made

found = []
for folder, N, order in json.loads(sys.argv[1]):
    os.environ["CUDA_HOST_ORDER"] = order
    ours, theirs = (module(f"{folder}/train_{one}.py") for one in ("cupy", "numpy"))
    X, y, _, _ = theirs.load_data()
    X, rng = X.astype(np.float64), np.random.default_rng(1)
    start = theirs.initial_parameters(np.random.default_rng(0)).astype(np.float64)
    title = json.loads(ours.owner())[1]
    places, total = rng.permutation(len(X)), 0.0

    theta, gradient = start.copy(), np.zeros_like(start)
    optimiser = getattr(theirs, title)(theta, 0.01)
    for first in range(0, len(X), N):
        rows = places[first : first + N]
        given = theirs.views(theta), theirs.views(gradient), X[rows], y[rows]
        total += theirs.loss_and_gradients(*given) * len(rows)
        optimiser.step(theta, gradient)

    flat = np.zeros_like(ours.initial_parameters(np.random.default_rng(0)), np.float64)
    for to, one in zip(ours.views(flat), theirs.views(start), strict=True):
        to[...] = one
    flat = cp.asarray(flat)
    optimiser = getattr(ours, title)(flat, 0.01)
    targets = ours.on_device(y)
    targets = targets if targets.dtype == np.int32 else cp.asarray(y.astype(np.float64))
    stepper = ours.Stepper(cp.asarray(X), targets, flat, cp.zeros_like(flat), optimiser)
    stepper.run_epoch(places, N)
    moved = [cp.asnumpy(one) for one in ours.views(flat)]
    pairs = zip(moved, theirs.views(theta), strict=True)
    worst = max(abs(one - other).max() for one, other in pairs)
    assert stepper.done == -(-len(X) // N)
    found.append([float(worst), abs(float(stepper.total[0]) - total) / len(X)])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def differences(tmp_path_factory):
    """Return the differences of all cases: one process trains them all."""
    folders = []
    for name, size, order in STEPS:
        folder = tmp_path_factory.mktemp(name)
        more = {"batch_size": size, "clip": 0.0, "schedule": "constant"}
        written(folder, name, "cupy", one_kernel=True, **more)
        written(folder, name, "numpy", **more)
        folders.append([str(folder), size, order])
    path = tmp_path_factory.mktemp("compare") / "compare.py"
    path.write_text(COMPARE)
    done = run_script(path, json.dumps(folders), settings=FEW, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("row", range(len(STEPS)), ids=[name for name, *_ in STEPS])
def test_an_epoch_moves_the_parameters_as_numpy_does(differences, row):
    moved, loss = differences[row]
    assert moved < 1e-9
    assert loss < 1e-9


@pytest.mark.gpu
def test_a_script_trains_goes_on_and_checks_its_gradients(tmp_path):
    path = written(tmp_path, "relu-crossentropy-adam", "cupy", one_kernel=True)
    ours = epochs(run_script(path, "--json", settings=FEW))
    theirs = numpy_epochs(written(tmp_path, "relu-crossentropy-adam", "numpy"))
    for one, other in zip(ours, theirs, strict=True):
        for key in ("train_loss", "test_loss"):
            assert one[key] == pytest.approx(other[key], rel=TOLERANCE), key
    done = run_script(path, "--check", settings=FEW)
    assert done.returncode == 0 and done.stdout.count("ok") == 4, done.stderr[-2000:]


def test_all_steps_of_an_epoch_are_one_launch_and_those_left_over_another(tmp_path):
    text = written(tmp_path, "relu-crossentropy-adam", "cupy", one_kernel=True)
    text = text.read_text()
    assert "grid.sync();" in text and "enable_cooperative_groups=True" in text
    assert "begin_capture" not in text and "cublasLt" not in text


def test_the_kernel_compiles_with_nvrtc(tmp_path):
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    (log := tmp_path / "log").mkdir()
    path = written(tmp_path, "wide", "cupy", one_kernel=True, epochs=1)
    epochs(run_script(path, "--json", log=log, settings=FEW))
    (kernel,) = [one for one in kernel_log.kernels(log) if "grid.sync" in one.source]
    for architecture in nvrtc.ARCHITECTURES:
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF")


def test_golden_text(tmp_path, request):
    text = written(tmp_path, "wide", "cupy", one_kernel=True).read_text()
    start, end = text.index('TRAIN = r"""'), text.index("BLOCKS =")
    kernel = text[start:end]
    assert len(kernel.splitlines()) < 140  # a page or two to read
    assert_golden(kernel, "one-kernel", None, request.config.getoption("--rewrite"))


def test_the_script_is_formatted(tmp_path):
    for name in ("wide", "layer-norm", "patience"):
        path = written(tmp_path, name, "cupy", one_kernel=True)
        for words in (["format", "--isolated", "--diff"], ["check", "--isolated"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *words, str(path)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout


REFUSED = {
    "dropout": {},
    "conv-maxpool": {},
    "batch-norm": {},
    "lstm": {},
    "clip-cosine": {},
    "bce-of-probabilities": {},
    "linear": {"precision": "bfloat16"},
    "l2": {"parallel": "mpi"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_one_kernel_does_not_have_is_refused(tmp_path, name):
    assert name in CASES or name in OWN
    with pytest.raises(OneKernelError, match="--one-kernel"):
        written(tmp_path, name, "cupy", one_kernel=True, **REFUSED[name])
