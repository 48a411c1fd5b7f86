"""A script for a GPU in two files: the network, and what any network needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner
from cuda_host.scripts import epochs, run_script
from networks import NETWORKS
from test_cupy_script import LAYERS, written

from gradtutor.cli import main
from gradtutor.codegen import Settings, training_files
from gradtutor.language import parse_network

MLP = "relu-crossentropy-adam"


def files_of(name, **settings):
    """Return a network's two files by name."""
    text, data = (LAYERS | NETWORKS)[name]
    text += "" if "loss" in text else "\nloss = CrossEntropyLoss()"
    graph, evaluation = (
        parse_network(text, data.features, data.classes, training=training)
        for training in (True, False)
    )
    options = Settings(backend="cupy", epochs=3, batch_size=25, **settings)
    return training_files(graph, data, options, "net.py", evaluation)


def saved(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "net.py"


def test_the_kit_is_the_same_text_whatever_the_network():
    kits = {files_of(name)["gpu_kit.py"] for name in (MLP, "conv-maxpool", "lstm")}
    assert len(kits) == 1


def test_the_network_is_short_and_prints_no_product():
    script = files_of(MLP)["net.py"]
    assert script.count("\n") <= 500
    assert "cublasLt" not in script
    assert "def loss_and_gradients(" in script


def generated(folder, network):
    """Write a network's two files for MNIST; return the one that is shown."""
    words = ["gen", network, "--data", "mnist", "--backend", "cupy"]
    done = CliRunner().invoke(main, [*words, "-o", f"{folder}/"])
    assert done.exit_code == 0, done.output
    return (folder / "net.py").read_text(encoding="utf-8")


def test_the_mlp_of_a_lecture_is_short_and_all_it_needs_is_there(tmp_path):
    script = generated(tmp_path, "mlp.net")
    assert script.count("\n") <= 500
    assert "import importlib.util\n" in script
    assert max(map(len, script.splitlines())) <= 88
    assert "    h1, dz1, z2, dh1, dz2, loss = arrays(N, X.dtype)\n" in script


def test_many_arrays_are_attributes_of_one_object(tmp_path):
    script = generated(tmp_path, "lenet.net")
    assert "    at = arrays(N, X.dtype)\n" in script
    assert "matmul(at.dz3, W3.T, out=at.df2)\n" in script
    assert "from types import SimpleNamespace\n" in script


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", [MLP, "lstm", "batch-norm"])
@pytest.mark.parametrize(
    "settings", [{}, {"precision": "bfloat16", "parallel": "mpi"}, {"conv": "cudnn"}]
)
def test_both_are_formatted_and_import_what_they_use(tmp_path, name, settings):
    saved(tmp_path, files_of(name, **settings))
    for command in (["format", "--check", "--isolated"], ["check", "--isolated"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.gpu
def test_two_files_train_as_one_to_the_bit(tmp_path):
    two = saved(tmp_path, files_of(MLP, learning_rate=0.01))
    one = written(tmp_path, MLP, "cupy")
    ours, theirs = (epochs(run_script(path, "--json")) for path in (one, two))
    assert len(ours) >= 3
    for row, other in zip(ours, theirs, strict=True):
        assert row["train_loss"] == other["train_loss"]
        assert row["test_loss"] == other["test_loss"]


@pytest.mark.parametrize(
    ("more", "names"),
    [
        (["--backend", "cupy"], ["gpu_kit.py", "net.py"]),
        (["--backend", "cupy", "--single-file"], ["net.py"]),
        ([], ["net.py"]),
    ],
)
def test_a_folder_gets_the_files(tmp_path, more, names):
    words = ["gen", "line.net", "--data", "line", "-o", f"{tmp_path}/out/", *more]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
