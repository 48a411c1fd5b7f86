"""What a script for ranks says, and how gradtutor writes and starts one."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from networks import BLOB_DATA

from gradtutor.cli import main
from gradtutor.codegen import Settings, training_script
from gradtutor.codegen.parallel import (
    UnknownStatisticError,
    batch_statistics,
    synchronise,
    with_share,
)
from gradtutor.codegen.script.places import environment
from gradtutor.codegen.step import step_program
from gradtutor.graph import add_gate, add_input, new_graph
from gradtutor.language import parse_network
from gradtutor.train import MissingPackageError, mpiexec_command, ranks

NET = "Sequential([Input(4), Linear(6), Tanh(), Linear(3)])\nloss = CrossEntropyLoss()"

# ---- the step ----


def program_of(network):
    graph = parse_network(network, 4, 3)
    statistics = graph.graph["network"]["statistics"]
    return step_program(with_share(graph), statistics=statistics)[1]


@pytest.mark.parametrize(
    ("layers", "count"),
    [
        ("Linear(6), Tanh(), Linear(3)", 0),
        ("Linear(6), BatchNorm1d(6), Tanh(), Linear(3)", 4),  # µ, σ² and two backward
        ("BatchNorm1d(4), Linear(6), BatchNorm1d(6), Linear(3)", 8 - 2),  # X needs none
        ("Linear(6), LayerNorm(6), Tanh(), Linear(3)", 0),  # means of each example
    ],
)
def test_means_over_the_batch_are_the_ranks_together(layers, count):
    program = program_of(f"Sequential([Input(4), {layers}])\nloss = CrossEntropyLoss()")
    assert len(batch_statistics(program)) == count
    program = synchronise(program)
    lines = [program.statement(op) for op in program.ops if op.outputs]
    assert sum(line.startswith("mean_of_ranks(") for line in lines) == count


def test_pooling_over_an_image_is_each_examples_own():
    program = program_of(
        "Sequential([Input(1, 2, 2), Conv2d(3, 2, padding=1), BatchNorm2d(3),"
        " AdaptiveAvgPool2d(1), Flatten(), Linear(3)])\nloss = CrossEntropyLoss()"
    )
    assert len(batch_statistics(program)) == 4
    means = [program.statement(op) for op in program.ops if op.outputs]
    assert sum(".mean(axis=(1, 2)," in line for line in means) == 1


def test_a_statistic_that_is_no_mean_is_refused():
    graph = new_graph("scaled by the batch's largest")
    x = add_input(graph, "X", ("N", 4))
    w = add_input(graph, "W", (4,), role="parameter")
    top = add_gate(graph, "amax", x, axis=(0,), keepdims=True)
    scaled = add_gate(graph, "mul", add_gate(graph, "sub", x, top), w)
    square = add_gate(graph, "mul", scaled, scaled)
    graph.graph["output"] = add_gate(graph, "mean", square, name="loss")
    program = step_program(with_share(graph))[1]
    with pytest.raises(UnknownStatisticError, match="takes amax of the whole batch"):
        synchronise(program)


def test_the_share_stands_in_the_step_and_nowhere_else():
    graph = parse_network(NET, 4, 3)
    scripts = [
        training_script(graph, BLOB_DATA, Settings(parallel=kind), "net.py")
        for kind in ("", "mpi")
    ]
    plain, parallel = scripts
    assert "share " not in plain.replace("share a block", "")
    assert "mpi4py" not in plain
    assert parallel.count("dz2 *= share") == 1
    assert len(parallel.splitlines()) - len(plain.splitlines()) < 130


# ---- NCCL, by its documented calls ----


class Communicator:
    """CuPy's NcclCommunicator with its documented signatures, for one rank."""

    def __init__(self, ndev, commId, rank, /):
        assert isinstance(commId, tuple)
        self.made, self.calls = (ndev, commId, rank), []

    def allReduce(self, sendbuf, recvbuf, count, kind, op, stream, /):  # noqa: N802
        self.calls.append((sendbuf, recvbuf, count, kind, op, stream))


def test_the_nccl_part_calls_as_cupy_documents():
    used = []
    device = SimpleNamespace(use=lambda: used.append("device"))
    cuda = SimpleNamespace(
        runtime=SimpleNamespace(getDeviceCount=lambda: 2),
        Device=lambda number: used.append(number) or device,
        get_current_stream=lambda: SimpleNamespace(ptr=77),
    )
    nccl = SimpleNamespace(
        NcclCommunicator=Communicator, NCCL_FLOAT32=7, NCCL_FLOAT64=8, NCCL_SUM=0,
        get_unique_id=lambda: (1, 2, 3),
    )  # fmt: skip
    names = {
        "functools": functools,
        "cp": SimpleNamespace(cuda=cuda),
        "nccl": nccl,
        "machine": SimpleNamespace(size=2, rank=1),
        "COMM": SimpleNamespace(bcast=lambda value: value or (1, 2, 3)),
        "RANK": 1,
        "RANKS": 4,
    }
    ranks = environment().get_template("features/place/ranks.j2")
    text = ranks.blocks["all_reduce__device"](ranks.new_context())
    exec("".join(text), names)
    assert names["ring"]().made == (4, (1, 2, 3), 1)
    assert used == [1, "device"]  # the device is chosen before NCCL starts on it
    for dtype, kind in ((np.float32, 7), (np.float64, 8)):
        array = SimpleNamespace(
            data=SimpleNamespace(ptr=4096), size=10, dtype=np.dtype(dtype)
        )
        names["all_reduce"](array)
        assert names["ring"]().calls[-1] == (4096, 4096, 10, kind, 0, 77)


# ---- the command line ----


def cli(*arguments, folder):
    return subprocess.run(
        [sys.executable, "-m", "gradtutor", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
        check=False,
    )


@pytest.fixture
def own_data(tmp_path):
    rng = np.random.default_rng(5)
    y = np.arange(100) % 3
    X = np.eye(3, 4)[y] * 3 + rng.normal(size=(100, 4))
    np.savez(tmp_path / "own.npz", X=X, y=y)
    (tmp_path / "own.net").write_text(NET, encoding="utf-8")
    return tmp_path


def test_train_starts_the_ranks(own_data):
    words = ["train", "own.net", "--data", "own.npz", "--json", "--seed", "1"]
    results = []
    for extra in ([], ["--parallel", "mpi", "--ranks", "2"]):
        folder = f"run{len(results)}"
        done = cli(*words, "--out", folder, *extra, folder=own_data)
        assert done.returncode == 0, done.stderr
        results.append(json.loads(done.stdout))
    for key in ("train_loss", "test_loss", "test_accuracy"):
        assert results[1][key] == pytest.approx(results[0][key], rel=1e-4)
    script = (own_data / "run1" / "train.py").read_text(encoding="utf-8")
    assert "COMM.Allreduce(MPI.IN_PLACE, x)" in script
    kept = json.loads((own_data / "run1" / "settings.json").read_text())
    assert (kept["parallel"], kept["ranks"]) == ("mpi", 2)


def test_a_killed_rank_is_told_and_the_training_goes_on_with_other_ranks(own_data):
    words = ["train", "own.net", "--data", "own.npz", "--epochs", "5", "--out", "run",
             "--parallel", "mpi"]  # fmt: skip
    assassin = own_data / "sitecustomize.py"
    assassin.write_text(
        "import os, threading, time\n"
        "def strike():\n"
        "    while not os.path.exists('run/weights.checkpoint.npz'):\n"
        "        time.sleep(0.01)\n"
        "    os.kill(os.getpid(), 9)\n"
        "if os.environ.get('PMI_RANK') == '1':\n"
        "    threading.Thread(target=strike, daemon=True).start()\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["env", f"PYTHONPATH={own_data}", sys.executable, "-m", "gradtutor", *words,
         "--epochs", "1000000"],
        capture_output=True, text=True, timeout=60, cwd=own_data, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == (
        "gradtutor: the training failed: a rank was ended: Killed (signal 9); "
        "if an epoch was done, --resume goes on"
    )
    assassin.unlink()
    last = json.loads((own_data / "run" / "history.json").read_text())[-1]["epoch"]
    done = cli(*words, "--resume", "--ranks", "3", "--epochs", last + 1, "--json",
               folder=own_data)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] in (last + 1, last + 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", NET, "--ranks", "2"], "--ranks needs --parallel mpi"),
        (["train", NET, "--parallel", "mpi", "--ranks", "0"], "0 is not in the range"),
        (["gen", NET, "--parallel", "mpi", "--threads", "2"], "leave one"),
        (["gen", NET, "--parallel", "gloo"], "'gloo' is not 'mpi'"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(arguments, words, own_data):
    data = ["--data", str(own_data / "own.npz")]
    result = CliRunner().invoke(main, [*arguments, *data])
    assert result.exit_code == 2
    assert words in result.output


def test_gen_says_how_to_start_the_ranks(own_data):
    path = own_data / "net.py"
    data = ["--data", str(own_data / "own.npz"), "--parallel", "mpi", "-o", str(path)]
    result = CliRunner().invoke(main, ["gen", NET, *data])
    assert result.exit_code == 0, result.output
    assert f"mpiexec -n 2 python {path}" in result.output


@pytest.mark.parametrize("missing", ["mpi4py", "mpiexec"])
def test_what_is_missing_is_named(missing, monkeypatch, tmp_path):
    if missing == "mpi4py":
        monkeypatch.setattr(ranks, "find_spec", lambda _: None)
    else:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        monkeypatch.setattr(ranks.shutil, "which", lambda _: None)
    with pytest.raises(MissingPackageError, match=f"needs {missing}: pip install"):
        mpiexec_command(2)


def test_mpiexec_beside_python_goes_first(monkeypatch, tmp_path):
    monkeypatch.setattr(ranks.shutil, "which", lambda _: "/usr/bin/mpiexec")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert mpiexec_command(3) == ["/usr/bin/mpiexec", "-n", "3"]
    (tmp_path / "mpiexec").touch()
    assert mpiexec_command(3) == [str(tmp_path / "mpiexec"), "-n", "3"]
