"""Ranks with a GPU each: as one process with the same batch, on the host's stand-in.

NCCL's all-reduce is stood in for by MPI's sum, in the recorded step too.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cuda_host import kernel_log
from cuda_host.scripts import environment, epochs, run_script
from test_cupy_script import written

from gradtutor.codegen.gpu.dropout import place_in_batch

#: Name of a case, ranks, more settings, and how close losses are.
RANKS = {
    "mlp": ("relu-crossentropy-adam", 2, {}, 1e-5),
    "last-batch-of-one": ("relu-crossentropy-adam", 3, {"batch_size": 17}, 1e-5),
    "cnn-all": ("resnet-like", 2, {}, 1e-5),  # all that ranks have to agree on
    "cnn-all-float16": ("resnet-like", 2, {"precision": "float16"}, 2e-2),
    "rows-norm-dropout": ("mlp-norm-dropout", 2, {}, 1e-5),
}  # fmt: skip
#: What ends an epoch of a script: here each rank's weights are compared as well.
LINE = "        report(result, settings)\n"
SAME = "        assert len(set(COMM.allgather(cp.asnumpy(theta).tobytes()))) == 1\n"
#: CuPy's module where the library is missing: it has this name and no other.
NO_NCCL = """import cupy as cp
    import types
    cp.cuda.nccl = types.SimpleNamespace(available=False)
"""


def run_ranks(path, ranks, *arguments, log=None):
    """Run a script on several ranks."""
    mpiexec = Path(sys.executable).with_name("mpiexec")
    return subprocess.run(
        [str(mpiexec), "-n", str(ranks), sys.executable, str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(log) | {"CUDA_HOST_DEVICES": str(ranks)},
    )


def assert_close(found, expected, tolerance):
    """Compare the losses of every epoch."""
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        for key in ("train_loss", "test_loss", "valid_loss"):
            if key in other:
                assert row[key] == pytest.approx(other[key], rel=tolerance), key


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", RANKS)
def test_ranks_train_as_one_process(tmp_path, name):
    case, ranks, settings, tolerance = RANKS[name]
    (tmp_path / "one").mkdir()
    one = epochs(
        run_script(written(tmp_path / "one", case, "cupy", **settings), "--json")
    )
    path = written(tmp_path, case, "cupy", parallel="mpi", **settings)
    text = path.read_text()
    assert text.count(LINE) == 1
    path.write_text(text.replace(LINE, LINE + SAME))
    assert_close(epochs(run_ranks(path, ranks, "--json")), one, tolerance)


def test_the_scripts_own_check_is_of_all_ranks_gradients(tmp_path):
    path = written(tmp_path, "mlp-norm-dropout", "cupy", parallel="mpi")
    done = run_ranks(path, 2, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok") == 9, done.stdout  # a line each, by rank 0 alone


def test_means_of_one_ranks_examples_are_noticed(tmp_path):
    """The comparison above can fail."""
    one = epochs(run_script(written(tmp_path, "mlp-norm-dropout", "cupy"), "--json"))
    path = written(tmp_path, "mlp-norm-dropout", "cupy", parallel="mpi")
    text, lines = path.read_text(), "share / sides(x, axes)[1])\n    all_reduce(out)\n"
    assert text.count(lines) == 1
    path.write_text(text.replace(lines, "1 / sides(x, axes)[1])\n"))
    both = epochs(run_ranks(path, 2, "--json"))
    with pytest.raises(AssertionError):
        assert_close(both, one, 1e-5)


def test_all_sums_of_ranks_are_in_the_recorded_step(tmp_path):
    (log := tmp_path / "log").mkdir()
    path = written(tmp_path, "resnet-like", "cupy", parallel="mpi", epochs=1)
    epochs(run_ranks(path, 1, "--json", log=log))
    graphs = kernel_log.graphs(log)
    # two normalisations with µ, σ² and two means backward; the gradient
    assert {graph.count("all_reduce") for graph in graphs} == {2 * 4 + 1}


@pytest.mark.parametrize("shape", [("N", 4), (2, 3, "N"), (3, "N", 4)])
def test_a_ranks_elements_have_their_places_in_the_whole_batch(shape):
    text, parameters = place_in_batch(shape)
    whole, first, N = 7, 2, 3
    axis = shape.index("N")
    every = np.arange(np.prod([whole if size == "N" else size for size in shape]))
    every = every.reshape([whole if size == "N" else size for size in shape])
    expected = np.take(every, range(first, first + N), axis).ravel()
    names = {"i": np.arange(len(expected)), "N": N, "first": first, "whole": whole}
    assert {key.split()[1] for key in parameters} <= names.keys()
    found = eval(text.replace("/", "//"), {}, names)  # integers, as in C
    np.testing.assert_array_equal(found, expected)


def test_without_nccl_it_says_what_to_install(tmp_path):
    path = written(tmp_path, "relu-crossentropy-adam", "cupy", parallel="mpi")
    lines = path.read_text().replace("import cupy as cp\n", NO_NCCL)
    path.write_text(lines)
    done = run_script(path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1, done.stderr
    assert "no NCCL" in done.stderr and "pip install" in done.stderr
    assert "nvidia-nccl-cu12" in done.stderr
