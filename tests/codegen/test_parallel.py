"""Ranks that share each batch: the same training as one process, and how it ends."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from networks import BLOB_DATA, LINE_DATA

from gradtutor.blas import VARIABLES
from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.codegen.script import threads
from gradtutor.language import parse_network

MPIEXEC = str(Path(sys.executable).with_name("mpiexec"))

PLAIN = (
    "Sequential([Input(4), Linear(6), Tanh(), Linear(3)])\nloss = CrossEntropyLoss()"
)
CNN = (
    "Sequential([Input(1, 2, 2), Conv2d(3, 2, padding=1, bias=False), BatchNorm2d(3),"
    " ReLU(), Dropout(0.2), Flatten(), Linear(6, bias=False), BatchNorm1d(6), Tanh(),"
    " Linear(3)])\nloss = CrossEntropyLoss()"
)
MEAN_SQUARE = (
    "Sequential([Input(4), Linear(6), Dropout(0.3), ReLU(), Linear(2)])\n"
    "loss = MSELoss()\nregularization = L2(0.01)"
)
STEPS = "Sequential([Input(2, 2), LSTM(5), Linear(3)])\nloss = CrossEntropyLoss()"
SIGNALS = (
    "Sequential([Input(1, 4), Conv1d(3, 3, padding=1), AdaptiveAvgPool1d(1),"
    " Flatten(), Linear(3)])\nloss = CrossEntropyLoss()"
)

#: Name: network, data and settings; 120 training examples, 30 to test.
CASES: dict[str, tuple[str, ScriptData, dict]] = {
    "mlp-adam": (PLAIN, BLOB_DATA, {"batch_size": 7}),  # the last batch is of one
    "cnn": (
        CNN,
        BLOB_DATA,
        {"batch_size": 26, "optimiser": "momentum", "shift": 1, "learning_rate": 0.1},
    ),
    "regression": (MEAN_SQUARE, LINE_DATA, {"batch_size": 50, "clip": 0.5}),
    "signals-numba": (SIGNALS, BLOB_DATA, {"batch_size": 25, "backend": "numba"}),
    "sequence": (STEPS, BLOB_DATA, {"batch_size": 50, "patience": 1}),
    "gd": (PLAIN, BLOB_DATA, {"batch_size": 10**6, "optimiser": "gd"}),
}


def script(folder, name, parallel="mpi", kind="float64", **changed):
    network, data, settings = CASES[name]
    graph = parse_network(network, 4, data.classes)
    evaluation = parse_network(network, 4, data.classes, training=False)
    wanted = {"epochs": 4, "learning_rate": 0.02, "parallel": parallel}
    options = Settings(**wanted | settings | changed)
    path = folder / f"{parallel or 'plain'}.py"
    text = training_script(graph, data, options, path.name, evaluation)
    path.write_text(text.replace("np.float32", f"np.{kind}"), encoding="utf-8")
    return path


def command(path, *arguments, ranks=0):
    start = [MPIEXEC, "-n", str(ranks)] * (ranks > 0)
    return [*start, sys.executable, "-W", "error", str(path), *map(str, arguments)]


def run(path, *arguments, ranks=0, environment=None, timeout=60):
    return subprocess.run(
        command(path, *arguments, ranks=ranks),
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=path.parent,
        env=os.environ | (environment or {}),
        check=False,
    )


def trained(path, *arguments, ranks=0):
    """Return the epochs' losses and the weights."""
    weights = path.with_name(f"{path.stem}{ranks}.npz")
    done = run(path, "--json", "--weights", weights, *arguments, ranks=ranks)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return losses(done.stdout), arrays(weights)


def losses(text):
    rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    timed = {"seconds", "step_ms"}
    return [
        {k: v for k, v in row.items() if k not in timed and v is not None}
        for row in rows
    ]


def arrays(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def assert_close(found, expected, tolerance):
    rows, weights = found
    wanted_rows, wanted = expected
    assert len(rows) == len(wanted_rows)
    for row, other in zip(rows, wanted_rows, strict=True):
        assert row == pytest.approx(other, rel=tolerance, abs=tolerance)
    assert weights.keys() == wanted.keys()
    for name, array in weights.items():
        np.testing.assert_allclose(
            array, wanted[name], rtol=tolerance, atol=tolerance, err_msg=name
        )


# ---- the same training ----


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", CASES)
def test_ranks_train_as_one_process_does(name, tmp_path):
    expected = trained(script(tmp_path, name, parallel=""))
    path = script(tmp_path, name)
    assert expected[0][0]["train_loss"] > expected[0][-1]["train_loss"]
    for ranks in (2, 4) if name in ("mlp-adam", "cnn") else (3,):
        assert_close(trained(path, ranks=ranks), expected, 1e-10)


@pytest.mark.parametrize("name", ["mlp-adam", "cnn"])
def test_in_float32_they_agree_to_rounding(name, tmp_path):
    expected = trained(script(tmp_path, name, parallel="", kind="float32"))
    found = trained(script(tmp_path, name, kind="float32"), ranks=2)
    assert_close(found, expected, 2e-4)


def test_one_rank_with_batch_normalisation_agrees_to_rounding(tmp_path):
    """Ranks keep a mean in the gradient that one process takes out of the sum."""
    expected = trained(script(tmp_path, "cnn", parallel=""))
    assert_close(trained(script(tmp_path, "cnn")), expected, 1e-12)


@pytest.mark.parametrize("name", ["mlp-adam", "regression", "sequence"])
def test_one_rank_is_the_plain_script_to_the_bit(name, tmp_path):
    expected = trained(script(tmp_path, name, parallel=""))
    rows, weights = trained(script(tmp_path, name))
    assert rows == expected[0]
    for array, other in zip(weights.values(), expected[1].values(), strict=True):
        assert array.tobytes() == other.tobytes()


def test_what_is_not_summed_is_noticed(tmp_path):
    """The comparison above, and the script's own check, can fail."""
    path = script(tmp_path, "mlp-adam", batch_size=40)
    text = path.read_text(encoding="utf-8")
    line = "    COMM.Allreduce(MPI.IN_PLACE, x)\n"
    assert text.count(line) == 1
    path.write_text(text.replace(line, "    return\n"), encoding="utf-8")
    expected = trained(script(tmp_path, "mlp-adam", parallel="", batch_size=40))
    with pytest.raises(AssertionError):
        assert_close(trained(path, ranks=2), expected, 1e-3)
    done = run(path, "--check", ranks=2)
    assert done.returncode == 1
    assert "WRONG" in done.stdout


@pytest.mark.parametrize("ranks", [1, 3])
def test_the_scripts_own_check_is_of_all_ranks_gradients(ranks, tmp_path):
    done = run(script(tmp_path, "cnn"), "--check", ranks=ranks)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok") == 8  # one line for each parameter, by rank 0 alone


@pytest.mark.parametrize("name", CASES)
def test_the_script_is_formatted(name, tmp_path):
    path = script(tmp_path, name, kind="float32")
    tool = [sys.executable, "-m", "ruff"]
    for words in (["format", "--diff", "--isolated"], ["check", "--isolated"]):
        done = subprocess.run(
            [*tool, *words, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


# ---- going on ----


def broken_off(path, *arguments, ranks, rank=0, epoch=2):
    """Run until one rank is killed after an epoch; return how it ended, and seconds."""
    text = path.read_text(encoding="utf-8")
    line = "        report(result, settings)\n"
    assert text.count(line) == 1
    deadly = (
        f"if epoch == {epoch} and RANK == {rank}:\n            os.kill(os.getpid(), 9)"
    )
    other = path.with_name("killed.py")
    other.write_text(text.replace(line, f"{line}        {deadly}\n"), encoding="utf-8")
    began = time.monotonic()
    done = run(other, "--json", *arguments, ranks=ranks)
    return done, time.monotonic() - began


def test_resume_is_the_same_to_the_bit_and_with_other_ranks_to_rounding(tmp_path):
    path, plain = script(tmp_path, "cnn"), script(tmp_path, "cnn", parallel="")
    expected = trained(path, ranks=2)
    checkpoint = path.with_name("mpi2.checkpoint.npz")
    done, _ = broken_off(path, "--weights", tmp_path / "mpi2.npz", ranks=2)
    assert done.returncode != 0
    saved = checkpoint.read_bytes()
    rows, weights = trained(path, "--resume", ranks=2)
    assert not checkpoint.exists()
    assert rows == expected[0][2:]
    for name, array in weights.items():
        assert array.tobytes() == expected[1][name].tobytes(), name
    for other, ranks in ((path, 3), (plain, 0)):
        other.with_name(f"{other.stem}{ranks}.checkpoint.npz").write_bytes(saved)
        found = trained(other, "--resume", ranks=ranks)
        assert_close(found, (expected[0][2:], expected[1]), 1e-10)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_rank_ends_the_job_with_a_message(rank, tmp_path):
    path = script(tmp_path, "mlp-adam", epochs=10**6)
    weights = tmp_path / "net.npz"
    done, seconds = broken_off(path, "--weights", weights, ranks=2, rank=rank)
    assert done.returncode == signal.SIGKILL
    assert "Killed (signal 9)" in done.stdout
    assert seconds < 15
    assert "theta" in arrays(tmp_path / "net.checkpoint.npz")
    assert not weights.exists()


# ---- how it ends ----


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_fails_alone_says_why_and_ends_the_job(rank, tmp_path):
    path = script(tmp_path, "mlp-adam", epochs=10**6)
    text = path.read_text(encoding="utf-8")
    fault = f"            if RANK == {rank} and steps == 20:\n                1 / 0\n"
    line = "            all_reduce(gradient)\n"
    path.write_text(text.replace(line, fault + line, 1), encoding="utf-8")
    began = time.monotonic()
    done = run(path, ranks=3)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr.splitlines()[-1]
    assert done.stderr.startswith("rank 1: Traceback" if rank else "Traceback")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--epochs", "0"], 2, "--epochs must be greater than 0"),
        (["--resume"], 1, "there is no"),
        (["--weights", "/nowhere/net.npz"], 1, "there is no folder"),
        (["--weights", "/dev/full/net.npz"], 1, "there is no folder"),
    ],
)
def test_what_all_ranks_refuse_is_said_once(arguments, code, words, tmp_path):
    done = run(script(tmp_path, "mlp-adam"), *arguments, ranks=3)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count(words) == 1
    assert "Abort" not in done.stderr
    assert "rank 1:" not in done.stderr


def test_a_full_disk_ends_all_ranks(tmp_path):
    path = script(tmp_path, "mlp-adam", epochs=10**6)
    (tmp_path / "mpi.checkpoint.npz.partial").symlink_to("/dev/full")
    done = run(path, "--json", ranks=2)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_ctrl_c_says_how_to_go_on(tmp_path):
    path = script(tmp_path, "cnn", epochs=10**6)
    child = subprocess.Popen(
        command(path, "--json", ranks=2),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert time.monotonic() - began < 10
    assert child.returncode == 130
    assert errors.endswith(
        "interrupted: the last epoch is saved: go on with --resume\n"
    )
    assert errors.count("\n") == 1
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.parametrize("ranks", [0, 2])
def test_without_mpi4py_it_says_so(ranks, tmp_path):
    path = script(tmp_path, "mlp-adam")
    blocker = "raise ImportError('No module named mpi4py')"
    (tmp_path / "mpi4py.py").write_text(blocker, encoding="utf-8")
    done = run(path, ranks=ranks)
    assert done.returncode == 4
    assert done.stderr == "No module named mpi4py: pip install mpi4py mpich\n"


def test_the_mpiexec_of_another_mpi_is_refused(tmp_path):
    path = script(tmp_path, "mlp-adam")
    done = subprocess.run(
        [sys.executable, path],
        env=os.environ | {"OMPI_COMM_WORLD_SIZE": "4"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "another MPI" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("large", [True, False])
def test_ranks_share_the_cores_where_products_are_large(
    ranks, large, tmp_path, monkeypatch
):
    monkeypatch.setattr(threads, "LARGE", 0 if large else math.inf)
    path = script(tmp_path, "mlp-adam")
    text = path.read_text(encoding="utf-8")
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
    shown = f"print(COMM.gather([os.environ[name] for name in {names}]))"
    changed = re.sub(r"    run_rank\(main\)\n", f"    {shown}\n", text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    environment = {name: x for name, x in os.environ.items() if name not in VARIABLES}
    found = subprocess.run(
        command(path, ranks=ranks),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    each = str(max(1, len(os.sched_getaffinity(0)) // ranks) if large else 1)
    assert str([[each, each]] * ranks) in found.stdout
