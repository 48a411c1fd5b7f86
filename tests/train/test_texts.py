"""A GPT from scratch: texts as tokens, training on them, and writing new ones."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from formulas import write_arrays
from places import ROOT, TESTS

from gradtutor.cli import main
from gradtutor.codegen import Settings, training_script
from gradtutor.language import parse_network
from gradtutor.train import DataError, data_for, script_data
from gradtutor.train.loaders.texts import encoded, read_lines, read_stream

GPT = (ROOT / "examples" / "gpt.net").read_text(encoding="utf-8")
#: A network of tokens for a text that goes on: 4 steps, so many rows in its table.
STREAM = """ids: (N, 4)
y: target (N, 4)
E: parameter ({0}, 5)
W: parameter (5, {0})
z = E[ids] @ W
loss = cross_entropy(reshape(z, (-1, {0})), reshape(y, (-1,)))
"""


def write_script(folder, network, data, **settings):
    found = data_for(data, network)
    graph = parse_network(network, found.features.example, found.targets.count)
    path = folder / "net.py"
    made = training_script(graph, script_data(found), Settings(**settings), "net.py")
    path.write_text(made, encoding="utf-8")
    return path


def start(path, *arguments):
    command = [sys.executable, "-W", "error", str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


# ---- tokens ----


def test_lines_stand_between_ends(tmp_path):
    (tmp_path / "t.txt").write_text("ab\nc\n\nabcab\n")
    X, y = read_lines(str(tmp_path / "t.txt"), "abc", 4)
    assert X.tolist() == [[3, 0, 1, 3], [3, 2, 3, 3], [3, 0, 1, 2]]
    assert y.tolist() == [[0, 1, 3, -1], [2, 3, -1, -1], [0, 1, 2, 0]]


def test_a_stream_is_cut_into_rows_beside_what_follows(tmp_path):
    (tmp_path / "t.txt").write_text("abcabcab")
    X, y = read_stream(str(tmp_path / "t.txt"), "abc", 3)
    assert X.tolist() == [[0, 1, 2], [0, 1, 2]]
    assert y.tolist() == [[1, 2, 0], [1, 2, 0]]


def test_without_an_alphabet_tokens_are_bytes():
    assert encoded("é!", "").tolist() == [0xC3, 0xA9, 0x21]


@pytest.mark.parametrize(
    ("rows", "text", "said"),
    [
        (3, "abcdefgh" * 9, "needs 9 tokens"),
        (9, "ab\0c" * 9, "no text in UTF-8"),
        (9, "a\r\nb" * 9, "as Windows does"),
        (9, "ab", "too few"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(rows, text, said, tmp_path):
    (tmp_path / "t.txt").write_bytes(text.encode())
    with pytest.raises(DataError, match=said):
        data_for(str(tmp_path / "t.txt"), STREAM.format(rows))


@pytest.mark.parametrize("rows", [9, 256])
def test_a_text_trains_and_is_continued(rows, tmp_path):
    (tmp_path / "t.txt").write_text("abcdefgh\n" * 90 + "a long line, which goes on\n")
    text = "abcdefgh" * 200
    (tmp_path / "t.txt").write_text(text)
    path = write_script(tmp_path, STREAM.format(rows), str(tmp_path / "t.txt"),
                        learning_rate=0.05, epochs=40)  # fmt: skip
    done = start(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    done = start(path, "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    done = start(
        path, "--sample", "2", "--prompt", "abcd", "--length", "4",
        "--temperature", "0.1",
    )  # fmt: skip
    assert done.stdout == "abcdefgh\n\n" * 2, done.stderr


def test_numbers_in_a_txt_file_are_a_table_still(tmp_path):
    rows = np.random.default_rng(0).integers(0, 9, (40, 8))
    (tmp_path / "t.txt").write_text("\n".join(" ".join(map(str, r)) for r in rows))
    assert data_for(str(tmp_path / "t.txt"), STREAM.format(9)).raw.alphabet is None
    name = write_arrays(tmp_path, "ids", {"ids": rows[:, :4], "y": rows[:, 4:]})
    assert data_for(str(name), STREAM.format(9)).raw.alphabet is None


# ---- the example ----


def test_the_gpt_learns_names_and_writes_new_ones(tmp_path):
    adam = {"beta1": 0.85, "beta2": 0.99}
    path = write_script(tmp_path, GPT, "names", batch_size=64, learning_rate=0.01,
                        epochs=3, optimiser_settings=adam)  # fmt: skip
    done = start(path, "--json")
    assert done.returncode == 0, done.stderr
    assert '"test_loss": 2.' in done.stdout.splitlines()[-1]
    known = set((ROOT / "gradtutor/train/datasets/texts/names.txt").read_text().split())
    done = start(path, "--sample", "30", "--seed", "1")
    written = done.stdout.split()
    assert len(written) >= 25 and all(name.islower() for name in written)
    assert len(set(written) - known) >= 5  # not by heart
    assert len(set(written) & known) >= 1
    again = start(path, "--sample", "30", "--seed", "1").stdout
    assert again == done.stdout


def test_a_training_of_tokens_names_its_baseline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_text("abcdefgh" * 100)
    (tmp_path / "s.net").write_text(STREAM.format(9))
    given = ["train", "s.net", "--data", "t.txt", "--epochs", "2", "--json"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["baseline_loss"] == pytest.approx(np.log(8), abs=0.1)


def test_an_autoencoder_draws_what_it_gives_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.net").write_text(
        "Sequential([Input(64), Linear(8), Tanh(), Linear(64)])\nloss = MSELoss()"
    )
    given = ["train", "a.net", "--data", "digits", "--epochs", "1", "--json"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a-run" / "reconstructions.png").stat().st_size > 5000


def test_a_program_with_a_class_at_every_step_trains(tmp_path):
    text = (TESTS / "inputs" / "28-torch-tiny-gpt.py").read_text(encoding="utf-8")
    text = text.replace("48, 6, 3, 24, 40", "12, 3, 1, 16, 40")
    (tmp_path / "t.txt").write_text("hello, world; " * 60)
    path = write_script(tmp_path, text, str(tmp_path / "t.txt"), epochs=3)
    done = start(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "np.tril(np.ones((16, 16))" in path.read_text(encoding="utf-8")
    assert start(path, "--quiet").returncode == 0
    done = start(path, "--sample", "1", "--length", "20", "--prompt", "hello")
    assert done.returncode == 0 and len(done.stdout) == 27, done.stderr


def test_labels_for_none_are_refused_where_the_loss_takes_all_as_classes(tmp_path):
    rows = np.random.default_rng(0).integers(0, 9, (40, 4))
    arrays = {"ids": rows, "y": np.where(rows == 3, -1, rows)}
    path = write_arrays(tmp_path, "ids", arrays)
    with pytest.raises(DataError, match="has -1 for none"):
        data_for(str(path), STREAM.format(9))
