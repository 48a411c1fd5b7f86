"""Files of weights say of which network they are, and are not taken for another's."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from trained_models import TEXTS

from gradtutor.cli import main
from gradtutor.graph import outline
from gradtutor.language import parse_network

NETWORKS = {
    "relu": "Sequential([Input(64), Linear(8), ReLU(), Linear(10)])",
    "tanh": "Sequential([Input(64), Linear(8), Tanh(), Linear(10)])",
    "wide": "Sequential([Input(64), Linear(9), ReLU(), Linear(10)])",
}
SPELT = [
    "Sequential([Input(64), Linear(8), ReLU(), Linear(10)])\nloss = CrossEntropyLoss()"
    "\noptimizer = SGD(lr=0.3)",
    "model = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))\n"
    "loss_fn = nn.CrossEntropyLoss()",
    "Sequential([Input(64), Dense(8, activation='relu'), Dropout(0.5), Dense(10)])\n"
    "loss = CrossEntropyLoss()",
]
OTHER = "is of another network, W1 (64, 8), b1 (8,), tanh, W2 (8, 10), b2 (10,);"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("owner")
    for name, text in NETWORKS.items():
        (folder / f"{name}.net").write_text(f"{text}\nloss = CrossEntropyLoss()")
        words = ["train", folder / f"{name}.net", "--data", "digits", "--epochs", "1"]
        done = called(*words, "--no-pictures", "--out", folder / name)
        assert done.exit_code == 0, done.stderr
    np.savez(folder / "new.npz", X=np.ones((2, 64)))
    return folder


def called(*words):
    return CliRunner().invoke(main, list(map(str, words)))


def said(text):
    graph = parse_network(text, training=False)
    return outline(graph, graph.graph["network"]["prediction"])


def test_the_arrays_are_the_same_and_the_note_stands_beside_them(runs):
    path = runs / "relu" / "weights.npz"
    with np.load(path) as file, zipfile.ZipFile(path) as archive:
        assert file.files == ["W1", "b1", "W2", "b2"]
        assert archive.comment.decode() == said(SPELT[0])


def test_the_note_does_not_depend_on_spelling_or_training():
    assert len({said(text) for text in SPELT}) == 1


def test_no_two_networks_have_the_same_note():
    texts = [text for text, _, _ in TEXTS.values()]
    own = [f"{text}\nloss = CrossEntropyLoss()" for text in NETWORKS.values()]
    notes = {said(text) for text in [*texts, *own]}
    assert len(notes) == len(texts) + len(NETWORKS)
    assert all("\n" not in note and '"' not in note for note in notes)


@pytest.mark.parametrize("other", ["tanh", "wide"])
def test_weights_of_another_network_are_refused_by_name(runs, other, monkeypatch):
    monkeypatch.chdir(runs)
    Path("relu/other.npz").write_bytes(Path(other, "weights.npz").read_bytes())
    for words in (
        ("predict", "relu/other.npz", "new.npz"),
        ("export", f"{other}/weights.npz", "o.onnx", "--network", "relu.net"),
    ):
        done = called(*words)
        assert done.exit_code == 3 and "is of another network, W1" in done.stderr
    script = [sys.executable, "relu/train.py", "--weights", f"{other}/weights.npz"]
    done = subprocess.run([*script, "--predict", "new.npz"], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 1 and "is of another network, W1" in done.stderr
    assert not Path("o.onnx").exists() and done.stdout == ""


def test_a_training_may_start_from_another_network_and_says_so(runs, monkeypatch):
    monkeypatch.chdir(runs)
    start = ["train", "relu.net", "--data", "digits", "--epochs", "1", "--no-pictures"]
    done = called(*start, "--from", "tanh/weights.npz", "--out", "started")
    assert done.exit_code == 0 and OTHER in done.stderr
    done = called(*start, "--from", "wide/weights.npz", "--out", "none")
    assert done.exit_code == 3 and "W1 (64, 9), b1 (9,), relu" in done.stderr
    done = called(*start, "--from", "relu/weights.npz", "--out", "again")
    assert done.exit_code == 0 and "another network" not in done.stderr


def test_weights_without_a_note_are_taken_as_they_are(runs, monkeypatch):
    monkeypatch.chdir(runs)
    assert called("export", "tanh", "relu/plain.npz").exit_code == 0
    assert called("predict", "relu/plain.npz", "new.npz").exit_code == 0
