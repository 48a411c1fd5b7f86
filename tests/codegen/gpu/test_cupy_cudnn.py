"""CuPy scripts with ``--conv cudnn``, on a stand-in for NVIDIA's library.

Witnesses: the NumPy script's losses, the script's own central differences in float64,
and, where it is installed, nvidia-cudnn-frontend itself for every call that is made.
"""

# ruff: noqa: E501 (a table of networks has a line for each)

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import epochs, numpy_epochs, run_script
from places import ROOT, TESTS
from test_cupy_script import IMAGE, IMAGES, SIGNAL, SIGNALS, TOLERANCE, loader

import gradtutor.codegen.gpu.printed
from gradtutor.cli import main
from gradtutor.codegen import Settings, training_script
from gradtutor.language import parse_network

GRAY = loader((1, 6, 6), 3)
NETWORKS = {
    "plain": (IMAGE + "Conv2d(4, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(3)])", IMAGES),
    "strided": (IMAGE + "Conv2d(5, 3, stride=2, padding=1, bias=False), Tanh(), Conv2d(3, 3, stride=2, padding=2), Flatten(), Linear(3)])", IMAGES),
    "same": (IMAGE + "Conv2d(3, 3, padding='same'), ReLU(), Conv2d(4, (5, 3), padding='same'), ReLU(), Flatten(), Linear(3)])", IMAGES),
    "same-even": (IMAGE + "Conv2d(3, (2, 4), padding='same'), ReLU(), Conv2d(4, (4, 3), padding='same', groups=1), ReLU(), Flatten(), Linear(3)])", IMAGES),
    "groups": (IMAGE + "Conv2d(4, 3, groups=2, dilation=2), ReLU(), Conv2d(4, 1, groups=4), Flatten(), Linear(3)])", IMAGES),
    "residual": (IMAGE + "Conv2d(3, 3, padding=1), Residual(Conv2d(3, 3, padding=1), ReLU()), AdaptiveMaxPool2d(1), Flatten(), Linear(3)])", IMAGES),
    "norm": (IMAGE + "Conv2d(4, 3, bias=False), BatchNorm2d(4), ReLU(), Conv2d(1, 1), Flatten(), Linear(3)])", IMAGES),
    "one-channel": ("Sequential([Input(1, 6, 6), Conv2d(1, 3, padding=(1, 0)), Swish(), Conv2d(2, 3), Flatten(), Linear(3)])", GRAY),
    "signal": (SIGNAL + "Conv1d(4, 3, stride=2, padding=1), ReLU(), Conv1d(3, 2, padding='same'), Swish(), Flatten(), Linear(3)])", SIGNALS),
}  # fmt: skip


def written(folder, name, backend="cupy", **more):
    """Write a network's script and return its path."""
    text, data = NETWORKS[name]
    text += "\nloss = CrossEntropyLoss()"
    graphs = [
        parse_network(text, data.features, data.classes, training=training)
        for training in (True, False)
    ]
    usual = {"epochs": 3, "batch_size": 25, "learning_rate": 0.01, "backend": backend}
    usual |= {"conv": "cudnn"} if backend == "cupy" else {}
    path = folder / f"train_{backend}.py"
    made = training_script(
        graphs[0], data, Settings(**usual | more), path.name, graphs[1]
    )
    path.write_text(made)
    return path


def step_of(path):
    """Return the text of a script's step."""
    text = path.read_text()
    (step,) = (
        one for one in ast.parse(text).body
        if isinstance(one, ast.FunctionDef) and one.name == "loss_and_gradients"
    )  # fmt: skip
    return ast.get_source_segment(text, step)


# ---- numbers ----


@pytest.mark.sampled(3)
@pytest.mark.gpu
@pytest.mark.parametrize("name", NETWORKS)
def test_losses_follow_the_numpy_script(tmp_path, name):
    ours = epochs(run_script(written(tmp_path, name), "--json"))
    theirs = numpy_epochs(written(tmp_path, name, "numpy"))
    for one, other in zip(ours, theirs, strict=True):
        for key in ("train_loss", "test_loss"):
            assert one[key] == pytest.approx(other[key], rel=TOLERANCE), key


@pytest.mark.sampled(6)
@pytest.mark.gpu
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_central_differences(tmp_path, name):
    path = written(tmp_path, name)
    done = run_script(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "WRONG" not in done.stdout
    assert done.stdout.count("ok") >= 3


@pytest.mark.sampled(4)
@pytest.mark.gpu
@pytest.mark.parametrize(
    ("name", "precision"),
    [
        ("strided", "float16"),
        ("same-even", "bfloat16"),
        ("groups", "bfloat16"),
        ("signal", "float16"),
    ],
)
def test_16_bits_train_as_32_do(tmp_path, name, precision):
    wide = epochs(run_script(written(tmp_path, name), "--json"))
    path = written(tmp_path, name, precision=precision)
    half = epochs(run_script(path, "--json"))
    assert half[-1]["train_loss"] == pytest.approx(wide[-1]["train_loss"], rel=0.03)
    assert half[-1]["train_loss"] != pytest.approx(wide[-1]["train_loss"], rel=1e-7)
    done = run_script(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_the_stand_in_convolves_as_jax_does():
    """Odd sizes, groups, stride, dilation, padding: forward and both gradients."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import importlib.util
import jax, numpy as np
spec = importlib.util.spec_from_file_location("numbers_here", sys.argv[2])
numbers = importlib.util.module_from_spec(spec); spec.loader.exec_module(numbers)
jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(0)
x, w = rng.normal(size=(3, 4, 7, 9)), rng.normal(size=(6, 2, 3, 2))
attrs = {"padding": [2, 1], "stride": [2, 3], "dilation": [1, 2]}
def conv(x, w):
    return jax.lax.conv_general_dilated(
        x, w, attrs["stride"], [(2, 2), (1, 1)], rhs_dilation=attrs["dilation"],
        feature_group_count=2)
y, back = jax.vjp(conv, x, w)
u = rng.normal(size=y.shape)
dx, dw = back(u)
np.testing.assert_allclose(numbers.conv_fprop(x, w, None, attrs), y, rtol=1e-12)
np.testing.assert_allclose(numbers.conv_dgrad(x, w, u, attrs), dx, rtol=1e-12, atol=1e-12)
np.testing.assert_allclose(numbers.conv_wgrad(x, w, u, attrs), dw, rtol=1e-12)
print("same")
"""
    here = TESTS / "cuda_host" / "fake" / "cudnn" / "_numbers.py"
    done = subprocess.run(
        [sys.executable, "-c", code, str(here.parent.parent.parent.parent), str(here)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "same\n", done.stderr[-2000:]


# ---- what is launched ----


def test_a_step_is_captured_with_its_convolutions_and_replayed(tmp_path):
    (log := tmp_path / "log").mkdir()
    path = written(tmp_path, "strided")
    epochs(run_script(path, "--json", log=log))
    first, last = kernel_log.graphs(log)  # 25 examples, and the 21 that are left
    assert first == last
    calls = [name for name in first if name.startswith("cudnn")]
    assert sorted(name.split("_")[2] for name in calls) == [
        "dgrad", "fprop", "fprop", "wgrad", "wgrad",
    ]  # fmt: skip
    assert not {"copy_windows", "fold"} & set(first)
    assert step_of(path).count("channels_last(X,") == 1  # forward and dW1 share it


@pytest.mark.parametrize(
    ("precision", "engine"), [("float32", "fma"), ("tf32", "tensor_core")]
)
def test_tf32_is_used_where_it_is_asked_for_only(tmp_path, precision, engine):
    (log := tmp_path / "log").mkdir()
    epochs(
        run_script(written(tmp_path, "plain", precision=precision), "--json", log=log)
    )
    calls = [n for n in kernel_log.graphs(log)[0] if n.startswith("cudnn")]
    assert calls and all(name.endswith(engine) for name in calls), calls


@pytest.mark.gpu
def test_without_a_graph_the_losses_are_the_same(tmp_path):
    path = written(tmp_path, "same-even")
    one, other = (
        epochs(run_script(path, "--json", *more)) for more in ([], ["--no-graph"])
    )
    for a, b in zip(one, other, strict=True):
        assert a["test_loss"] == pytest.approx(b["test_loss"], rel=1e-5)


def test_the_kernel_that_swaps_axes_compiles_with_nvrtc(tmp_path):
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    (log := tmp_path / "log").mkdir()
    for precision in ("float32", "bfloat16", "float16"):
        path = written(tmp_path, "plain", precision=precision)
        epochs(run_script(path, "--json", "--epochs", "1", log=log))
    kernels = [one for one in kernel_log.kernels(log) if one.name == "swap_ends"]
    assert len(kernels) >= 3
    for kernel, architecture in nvrtc.in_turn(kernels):
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF")


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("parallel", ["", "mpi"])
def test_the_script_is_formatted(tmp_path, precision, parallel):
    path = written(tmp_path, "signal", precision=precision, parallel=parallel)
    for command in (["format", "--diff"], ["check", "--select", "F"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", NETWORKS)
def test_no_step_copies_windows_into_a_matrix(tmp_path, name):
    step = step_of(written(tmp_path, name))
    assert "convolution_dw(" in step
    assert "copy_windows(" not in step


# ---- what can be missing ----


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("missing", ["cudnnCreate", "pip install nvidia-cudnn-cu12"]),
        ("none", ["conv_fprop in float32", "W1", "(2, 7, 6, 25)", "--conv windows"]),
    ],
)
def test_a_missing_library_or_engine_is_said_in_a_line(tmp_path, state, words):
    done = run_script(written(tmp_path, "plain"), settings={"CUDA_HOST_CUDNN": state})
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_missing_package_is_said_in_a_line(tmp_path, precision):
    path = written(tmp_path, "plain", precision=precision)
    text = path.read_text()
    assert "    import cudnn\n" in text
    path.write_text(text.replace("    import cudnn\n", "    import no_cudnn\n"))
    done = run_script(path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1, done.stderr
    assert "'nvidia-cudnn-frontend<1.28'" in done.stderr


@pytest.mark.parametrize(
    ("network", "options", "word"),
    [
        ("lenet", ["--backend", "numpy"], "--backend cupy"),
        ("mlp", ["--backend", "cupy"], "no convolution"),
    ],
)
def test_what_does_not_go_together_is_refused(network, options, word):
    path = ROOT / "examples" / f"{network}.net"
    command = ["gen", str(path), "--data", "mnist", "--conv", "cudnn", *options]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert word in done.stderr


# ---- the interface ----

REAL = '''
import sys, types
sys.modules["cupy"] = types.SimpleNamespace()
source = open(sys.argv[1]).read()
module = {"PRECISION": "float32"}
exec(compile(source, "printed", "exec"), module)
import cudnn


class Validated(Exception):
    """Everything up to the device went well."""


def stop(graph):
    raise Validated


for name in ("create_execution_plans", "deselect_numeric_notes", "check_support",
             "build_plans", "get_workspace_size", "execute"):
    assert callable(getattr(cudnn.pygraph, name)), name
for name in ("set_stream", "create_handle", "cudnnGraphNotSupportedError"):
    assert callable(getattr(cudnn, name)), name
for note in ("TENSOR_CORE", "DOWN_CONVERT_INPUTS", "NONDETERMINISTIC"):
    assert hasattr(cudnn.numerical_note, note), note
assert cudnn.heur_mode.A != cudnn.heur_mode.FALLBACK
cudnn.pygraph.build_operation_graph = stop
module["cudnn_handle"] = lambda: 1
shapes = (5, 9, 7, 4), (6, 3, 3, 2), (5, 5, 4, 6)  # two groups
for wanted in "xwy":
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        try:
            module["convolution_plan"](wanted, dtype, shapes, (2, 2), (1, 1), (1, 1))
        except Validated:
            print(wanted, dtype)
'''


def test_the_calls_are_the_real_packages(tmp_path):
    """What is printed builds and validates its graphs with NVIDIA's own package."""
    if find_spec("cudnn") is None:
        pytest.skip("nvidia-cudnn-frontend is not installed")
    version = "#include <stddef.h>\nsize_t cudnnGetVersion(void) { return 91400; }\n"
    subprocess.run(  # all of the library that validating asks for
        ["g++", "-xc", "-shared", "-fPIC", "-", "-o", str(tmp_path / "libcudnn.so.9")],
        input=version, text=True, check=True,
    )  # fmt: skip
    printed = Path(gradtutor.codegen.gpu.printed.__file__).parent / "cudnn.py"
    done = subprocess.run(
        [sys.executable, "-c", REAL, str(printed)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.splitlines()) == 12, done.stdout
