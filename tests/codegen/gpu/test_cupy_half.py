"""Scripts with factors of 16 bits, on the host's stand-in for a GPU.

The witnesses are the NumPy script in float32 (which tests/codegen/test_script.py
confirms by JAX), central differences in float64, and arithmetic done by hand.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import environment, epochs, numpy_epochs, run_script
from golden_scripts import assert_golden
from test_cupy_script import written

from gradtutor.codegen import gpu

#: Largest relative difference of an epoch's loss from the float32 NumPy script's. One
#: rounding to bfloat16 errs by 2**-9, to float16 by 2**-12; a loss is the outcome of
#: tens of roundings in turn (activations, gradients, 15 steps of Adam), so 16 of them.
TOLERANCES = {"bfloat16": 16 * 2**-9, "float16": 16 * 2**-12}
MLP = "relu-crossentropy-adam"
NAMES = (MLP, "leaky-gelu-mse", "conv-maxpool", "batch-norm", "residual", "signal",
         "conv-grouped", "lstm", "softmax-nll", "l2", "clip-cosine")  # fmt: skip
CASES = [(name, "bfloat16") for name in NAMES]
CASES += [(name, "float16") for name in (MLP, "conv-maxpool", "l2", "clip-cosine")]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """Return the epochs of a case's NumPy script, run once."""

    @functools.cache
    def run(name):
        return numpy_epochs(written(tmp_path_factory.mktemp("numpy"), name, "numpy"))

    return run


@pytest.mark.sampled(6)
@pytest.mark.gpu
@pytest.mark.parametrize(("name", "precision"), CASES)
def test_losses_follow_the_numpy_script(tmp_path, theirs, name, precision):
    path = written(tmp_path, name, "cupy", precision=precision)
    ours = epochs(run_script(path, "--json"))
    assert len(ours) == len(theirs(name))
    for one, other in zip(ours, theirs(name), strict=True):
        for key in ("train_loss", "test_loss"):
            close = pytest.approx(other[key], rel=TOLERANCES[precision])
            assert one[key] == close, key


@pytest.mark.gpu
@pytest.mark.parametrize("name", [MLP, "conv-same-twice", "batch-norm", "dropout"])
def test_gradients_agree_with_central_differences(tmp_path, name):
    path = written(tmp_path, name, "cupy", precision="float16")
    done = run_script(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "WRONG" not in done.stdout
    assert done.stdout.count("ok") >= 2


# ---- inside a script: a driver imports it and looks ----


def driven(path, code, *arguments):
    """Run code on the stand-in; `script` is the script, imported; return its JSON."""
    driver = path.with_name("driver.py")
    driver.write_text(
        "import importlib.util, json, sys\nimport cupy as cp\nimport numpy as np\n"
        f"spec = importlib.util.spec_from_file_location('script', {str(path)!r})\n"
        "script = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(script)\n" + code
    )
    command = [sys.executable, "-W", "error", str(driver), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("precision", TOLERANCES)
@pytest.mark.parametrize("name", [MLP, "lstm"])
def test_every_product_multiplies_16_bits(tmp_path, name, precision):
    path = written(tmp_path, name, "cupy", precision=precision, epochs=1)
    code = """
seen, plan = set(), script.product_plan
script.product_plan = lambda *key: seen.add(key[:2]) or plan(*key)
script.main()
print(json.dumps(sorted(seen)))
"""
    found = driven(path, code, "--quiet")
    assert found == sorted([[precision, precision], [precision, "float32"]])


def test_a_step_with_an_infinite_gradient_is_none(tmp_path):
    """Good, bad, good is good, good: to the bit, Adam's count of steps included."""
    path = written(tmp_path, MLP, "cupy", precision="float16")
    code = """
def trained(gradients):
    theta = cp.asarray(np.linspace(-1, 1, 5), np.float32)
    clock = cp.zeros(3, cp.uint64)
    optimiser, scaler = script.Adam(theta, 0.1), script.LossScale(theta.dtype)
    for g in gradients:
        gradient = cp.asarray(np.array(g, np.float32)) * scaler.scale
        scaler.unscale(gradient)
        optimiser.step(theta, gradient, clock, scaler.counts)
        scaler.update()
        clock[:1] += 1
    return [theta.tolist(), optimiser.m.tolist(), float(scaler.scale),
            scaler.counts.tolist()]
one, two = [1, -2, 0.5, 0, 3], [-1, 1, 2, 4, 0.25]
bad, worse = [1, 1, np.inf, 1, 1], [np.nan, 1, 1, 1, 1]
print(json.dumps([trained([one, two]), trained([one, bad, worse, two])]))
"""
    plain, disturbed = driven(path, code)
    assert disturbed[:2] == plain[:2]
    assert plain[2:] == [2.0**16, [0, 2, 0]]
    assert disturbed[2:] == [2.0**14, [0, 1, 2]]  # halved twice, one good since


def kept_checkpoint(path, *changes):
    """Change a script so that its last checkpoint stays; return where that will be."""
    text = path.read_text()
    last = "unlink(missing_ok=True)  # the work is done"
    for old, new in ((last, "exists()"), *changes):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)
    return path.with_suffix(".checkpoint.npz")


START = "START, INTERVAL = 2.0**16, 2_000"


def test_an_overflow_halves_the_scale_and_skips_the_step(tmp_path):
    path = written(tmp_path, MLP, "cupy", precision="float16", epochs=1)
    checkpoint = kept_checkpoint(path, (START, "START, INTERVAL = 2.0**60, 2_000"))
    epochs(run_script(path, "--json"))
    start = driven(path, """
rng = np.random.default_rng(script.SEED)
print(json.dumps(script.initial_parameters(rng).tolist()))
""")  # fmt: skip
    with np.load(checkpoint) as state:
        assert state["scale"] == 2.0**55  # five steps
        assert state["counts"].tolist() == [0, 0, 5]
        assert state["theta"].tolist() == start
        assert not state["m"].any() and not state["v"].any()


def test_good_steps_in_a_row_double_the_scale(tmp_path):
    path = written(tmp_path, MLP, "cupy", precision="float16", epochs=2)
    checkpoint = kept_checkpoint(path, (START, "START, INTERVAL = 2.0**4, 3"))
    epochs(run_script(path, "--json"))
    with np.load(checkpoint) as state:
        assert state["scale"] == 2.0**7  # ten steps
        assert state["counts"].tolist() == [0, 1, 0]


def test_scaling_keeps_gradients_that_float16_loses(tmp_path):
    """A confident answer's gradient, e**-16 / 25, is 0 in float16 unless scaled."""
    code = """
rng = np.random.default_rng(0)
start, (X, y, _, _) = script.initial_parameters(rng), script.load_data()
script.views(start)[-1][:] = 16, 0, 0  # the last layer's bias: class 0, surely
y = cp.zeros(25, np.int32)
norms = []
for dtype, scale in ((np.float64, 1), (np.float32, 1), (np.float32, 2**16)):
    theta = cp.asarray(start, dtype)
    half, gradient = cp.empty(theta.shape, script.narrow(dtype)), cp.zeros_like(theta)
    script.convert(theta, half)
    batch = cp.asarray(X[:25], script.narrow(dtype))
    lists = [script.views(one) for one in (theta, gradient, half)]
    script.loss_and_gradients(*lists[:2], batch, y, lists[2], cp.full((), scale, dtype))
    norms.append(float(np.linalg.norm(cp.asnumpy(gradient) / scale)))
print(json.dumps(norms))
"""
    path = written(tmp_path, MLP, "cupy", precision="float16")
    exact, lost, kept = driven(path, code)
    assert 0 < exact < 1e-6
    # softmax - 1 errs in float32 by up to 2**-25, of about 2e-7
    assert kept == pytest.approx(exact, rel=0.15)
    assert lost < 0.5 * exact, (lost, exact)


def test_gradients_that_never_fit_stop_the_training(tmp_path):
    path = written(tmp_path, MLP, "cupy", precision="float16")
    line = "        scaler.unscale(gradient)\n"
    path.write_text(
        path.read_text()
        .replace(line, f"        gradient.fill(np.inf)\n{line}")
        .replace(START, "START, INTERVAL = 2.0, 2_000")
    )
    done = run_script(path)
    assert done.returncode == 1
    assert done.stderr == "epoch 1: gradients overflow float16; take bfloat16\n"


# ---- around the step ----


@pytest.mark.sampled(2)
@pytest.mark.gpu
@pytest.mark.parametrize("precision", TOLERANCES)
def test_resume_goes_on_to_the_bit(tmp_path, precision):
    path = written(tmp_path, "dropout", "cupy", precision=precision)
    changes = [(START, "START, INTERVAL = 2.0**18, 7")] * (precision == "float16")
    kept_checkpoint(path, *changes)
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    epochs(run_script(path, "--json", "--epochs", "3", "--weights", str(whole)))
    for more in (["--epochs", "1"], ["--epochs", "3", "--resume"]):
        epochs(run_script(path, "--json", *more, "--weights", str(parts)))
    ends = [name.with_suffix(".checkpoint.npz") for name in (whole, parts)]
    with np.load(ends[0]) as one, np.load(ends[1]) as other:
        assert sorted(one.files) == sorted(other.files)
        for name in set(one.files) - {"small"}:  # which holds the seconds
            np.testing.assert_array_equal(one[name], other[name])


def test_a_checkpoint_of_another_precision_is_refused(tmp_path):
    path = written(tmp_path, MLP, "cupy", precision="bfloat16", epochs=1)
    kept_checkpoint(path)
    epochs(run_script(path, "--json"))
    written(tmp_path, MLP, "cupy", precision="float16")  # the same file
    done = run_script(path, "--resume")
    assert done.returncode == 1
    assert "of another network or optimiser" in done.stderr


def test_without_graph_the_losses_are_the_same(tmp_path):
    path = written(tmp_path, "conv-maxpool", "cupy", precision="float16")
    one, other = (
        epochs(run_script(path, "--json", *more)) for more in ([], ["--no-graph"])
    )
    for a, b in zip(one, other, strict=True):
        assert a["test_loss"] == b["test_loss"]


def test_the_whole_step_is_one_graph(tmp_path):
    (log := tmp_path / "log").mkdir()
    path = written(tmp_path, MLP, "cupy", precision="float16")
    epochs(run_script(path, "--json", log=log))
    graph = kernel_log.graphs(log)[0]
    outer = ["gather_batch", "convert", "unscale", "adam", "rescale"]
    assert [name for name in graph if name in outer] == outer
    assert len(graph) <= 17, graph


def test_without_ml_dtypes_it_says_what_to_install(tmp_path):
    path = written(tmp_path, MLP, "cupy", precision="bfloat16")
    (tmp_path / "ml_dtypes.py").write_text("raise ImportError('no ml_dtypes')")
    folders = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    done = run_script(path, settings={"PYTHONPATH": folders})
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "pip install" in done.stderr and "ml_dtypes" in done.stderr


COMPILED = {
    "bfloat16": ("conv-padded-strided", "batch-norm", "conv-same-twice"),
    "float16": ("dropout", "conv-maxpool"),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("precision", COMPILED)
def test_all_kernels_compile_with_nvrtc(tmp_path, precision):
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    (log := tmp_path / "log").mkdir()
    for name in COMPILED[precision]:
        path = written(tmp_path, name, "cupy", precision=precision, epochs=1)
        epochs(run_script(path, "--json", log=log))
    done = run_script(path, "--check", log=log)  # its kernels in float64, too
    assert done.returncode == 0, done.stderr
    kernels = {kernel.source: kernel for kernel in kernel_log.kernels(log)}
    assert any(precision in source for source in kernels)
    assert len(kernels) > 25
    for kernel, architecture in nvrtc.in_turn(kernels.values()):
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF"), kernel.name


# ---- text ----


def test_ranks_add_their_gradients_before_they_are_unscaled(tmp_path):
    path = written(tmp_path, MLP, "cupy", precision="float16", parallel="mpi")
    text = path.read_text()
    compile(text, path.name, "exec")
    step = text[text.index("def step(stepper, N)") :]
    order = ["convert(", "loss_and_gradients(", "all_reduce(", "unscale(", "update("]
    places = [step.index(call) for call in order]
    assert places == sorted(places)


def test_golden_text(tmp_path, request):
    text = written(tmp_path, MLP, "cupy", precision="float16").read_text()
    rewrite = request.config.getoption("--rewrite")
    assert_golden(text, f"{MLP}-cupy-float16", f"{MLP}-cupy", rewrite)


@pytest.mark.parametrize("name", [MLP, "conv-same-twice", "batch-norm", "lstm"])
def test_functions_are_the_same_whatever_the_factors_are(tmp_path, name):
    """Kernels name their types, so that one text serves 32 and 16 bits."""
    texts = []
    for precision in ("float32", "float16"):
        folder = tmp_path / precision
        folder.mkdir()
        path = written(folder, name, "cupy", precision=precision)
        texts.append(printed_items(path.read_text(encoding="utf-8")))
    wide, narrow = texts
    shared = [key for key in wide if key in narrow]
    assert {"reduction", "typedefs", "gemm", "product_plan"} <= set(shared)
    for key in shared:
        assert wide[key] == narrow[key], key


def printed_items(script):
    """Return the text of what a script prints from gradtutor's own files, by name."""
    files = (Path(gpu.__file__).parent / "printed").glob("*.py")
    own = {
        name
        for file in files
        for item in ast.parse(file.read_text(encoding="utf-8")).body
        for name in names_of(item)
    }
    return {
        name: ast.unparse(item)
        for item in ast.parse(script).body
        for name in names_of(item)
        if name in own
    }


def names_of(item):
    """Return the names that a statement at the top of a file sets."""
    if isinstance(item, ast.FunctionDef | ast.ClassDef):
        return [item.name]
    targets = item.targets if isinstance(item, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
