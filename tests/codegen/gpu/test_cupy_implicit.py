"""CuPy scripts with ``--conv implicit``: products whose windows are never written.

Witnesses: the NumPy script's losses, and the script's own central differences in
float64. The networks are those of cuDNN's tests.
"""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import epochs, numpy_epochs, run_script
from places import ROOT
from test_cupy_cudnn import NETWORKS, step_of, written
from test_cupy_script import TOLERANCE

from gradtutor.cli import main


@pytest.mark.sampled(3)
@pytest.mark.gpu
@pytest.mark.parametrize("name", NETWORKS)
def test_losses_follow_the_numpy_script(tmp_path, name):
    path = written(tmp_path, name, conv="implicit", epochs=2)
    ours = epochs(run_script(path, "--json"))
    theirs = numpy_epochs(written(tmp_path, name, "numpy", epochs=2))
    for one, other in zip(ours, theirs, strict=True):
        for key in ("train_loss", "test_loss"):
            assert one[key] == pytest.approx(other[key], rel=TOLERANCE), key


@pytest.mark.sampled(3)
@pytest.mark.gpu
@pytest.mark.parametrize("name", [*NETWORKS][1:])
def test_gradients_agree_with_central_differences(tmp_path, name):
    done = run_script(written(tmp_path, name, conv="implicit"), "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "WRONG" not in done.stdout
    assert done.stdout.count("ok") >= 3


def test_the_order_of_threads_changes_nothing(tmp_path):
    path = written(tmp_path, "same-even", conv="implicit", epochs=1)
    said = [
        epochs(run_script(path, "--json", settings={"CUDA_HOST_ORDER": order}))
        for order in ("forward", "reverse", "shuffle:7")
    ]
    assert said[0][-1]["train_loss"] == said[1][-1]["train_loss"]
    assert said[0][-1]["train_loss"] == said[2][-1]["train_loss"]


def test_the_kernels_are_all_there_is_and_compile_with_nvrtc(tmp_path):
    (log := tmp_path / "log").mkdir()
    path = written(tmp_path, "groups", conv="implicit", epochs=1)
    epochs(run_script(path, "--json", log=log))
    launched = kernel_log.graphs(log)[0]
    assert launched.count("implicit_product") == 5  # two layers; none by X
    assert not {"copy_windows", "fold", "pad"} & set(launched)
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    kernels = [k for k in kernel_log.kernels(log) if k.name == "implicit_product"]
    assert len(kernels) == 5
    for kernel, architecture in nvrtc.in_turn(kernels):
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF")


@pytest.mark.parametrize("name", NETWORKS)
def test_no_step_copies_anything_in_another_order(tmp_path, name):
    step = step_of(written(tmp_path, name, conv="implicit"))
    assert "convolve_dw(" in step
    assert not any(word in step for word in ("copy_windows(", "channels_last("))


@pytest.mark.parametrize(
    ("network", "options", "word"),
    [
        ("lenet", ["--backend", "numpy"], "--backend cupy"),
        ("mlp", ["--backend", "cupy"], "no convolution"),
        ("lenet", ["--backend", "cupy", "--precision", "tf32"], "leave out"),
    ],
)
def test_what_does_not_go_together_is_refused(network, options, word):
    path = ROOT / "examples" / f"{network}.net"
    command = ["gen", str(path), "--data", "mnist", "--conv", "implicit", *options]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert word in done.stderr
