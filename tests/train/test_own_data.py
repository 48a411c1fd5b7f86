"""A person's own files: every form is read, by the program and by its script alike."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from own_data import (
    IMAGES,
    NET,
    ROWS,
    WORDS,
    X,
    Y,
    net,
    read,
    read_by_script,
    table,
    write_table,
)
from PIL import Image

from gradtutor.cli import main
from gradtutor.train import DataError
from gradtutor.train.sources.marks import marks_of

# ---- forms of files ----


def csv_text(folder):
    return write_table(folder / "t.csv", table(WORDS[Y]), "a,b,c,d,kind"), {}


def csv_numbers(folder):
    return write_table(folder / "t.csv", table()), {}


def csv_first(folder):
    rows = [[label, *row] for *row, label in table()]
    return write_table(folder / "t.csv", rows), {}


def csv_named_first(folder):
    rows = [[label, *row] for *row, label in table()]
    return write_table(folder / "t.csv", rows, "label,a,b,c,d"), {}


def csv_by_name(folder):
    rows = [[*row[:2], label, *row[2:]] for *row, label in table(WORDS[Y])]
    return write_table(folder / "t.csv", rows, "a,b,which,c,d"), {"y": ("which",)}


def csv_counted_header(folder):
    return write_table(folder / "t.csv", table(), "0,1,2,3,4"), {}


def csv_of_pandas(folder):
    frame = pd.DataFrame(table(WORDS[Y]), columns=[*"abcd", "kind"])
    frame.to_csv(folder / "t.csv")
    return folder / "t.csv", {}


def csv_of_pandas_without_names(folder):
    pd.DataFrame(table()).to_csv(folder / "t.csv")
    return folder / "t.csv", {}


def csv_of_r(folder):
    rows = [[f'"{i + 1}"', *row] for i, row in enumerate(table(WORDS[Y]))]
    return write_table(folder / "t.csv", rows, '"a","b","c","d","kind"'), {}


def csv_one_hot(folder):
    rows = [[*row, *np.eye(3, dtype=int)[label]] for *row, label in table()]
    return write_table(folder / "t.csv", rows, "a,b,c,d,cat,dog,eel"), {}


def csv_with_marks(folder):
    rows = [[f"${cell}", *rest] for cell, *rest in table(WORDS[Y])]
    return write_table(folder / "t.csv", rows, "a,b,c,d,kind"), {}


def csv_with_semicolons(folder):
    rows = [[str(cell).replace(".", ",") for cell in row] for row in table(WORDS[Y])]
    return write_table(folder / "t.csv", rows, "a;b;c;d;kind", ";"), {}


def csv_utf16(folder):
    path, _ = csv_text(folder)
    path.write_text(path.read_text(), encoding="utf-16")
    return path, {}


def csv_with_cr(folder):
    path, _ = csv_text(folder)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    return path, {}


def tsv(folder):
    return write_table(folder / "t.tsv", table(WORDS[Y]), "a\tb\tc\td\tkind", "\t"), {}


def txt_with_blanks(folder):
    return write_table(folder / "t.txt", table(), "", " "), {}


def txt_of_numpy(folder):
    np.savetxt(folder / "t.txt", np.column_stack([X, Y]), header="a b c d label")
    return folder / "t.txt", {}


def data_with_many_blanks(folder):
    lines = ["   ".join(f"{cell:7.3f}" for cell in row) + " " for row in table()]
    (folder / "t.data").write_text("\n".join(lines))
    return folder / "t.data", {}


def csv_under_a_title(folder):
    path, _ = csv_text(folder)
    path.write_text("# made by me\nMy data\n\n" + path.read_text())
    return path, {}


def csv_with_a_comma_at_the_end(folder):
    rows = [[*row, ""] for row in table(WORDS[Y])]
    return write_table(folder / "t.csv", rows, "a,b,c,d,kind,"), {}


def dropped(folder):
    rows = [[f"name {i}", *row] for i, row in enumerate(table(WORDS[Y]))]
    path = write_table(folder / "t.csv", rows, "who,a,b,c,d,kind")
    return path, {"drop": ("who",)}


def chosen(folder):
    rows = [[*row, 7, label] for *row, label in table()]
    path = write_table(folder / "t.csv", rows, "a,b,c,d,e,kind")
    return path, {"x": tuple("abcd"), "y": ("kind",)}


def parquet(folder):
    frame = pd.DataFrame(X, columns=[*"abcd"]).assign(kind=WORDS[Y])
    frame.to_parquet(folder / "t.parquet")
    return folder / "t.parquet", {}


def npz(folder, **arrays):
    np.savez(folder / "t.npz", **(arrays or {"X": X, "y": Y}))
    return folder / "t.npz", {}


def npz_words(folder):
    return npz(folder, X=X, y=WORDS[Y])


def npz_bytes(folder):
    return npz(folder, X=X, y=WORDS[Y].astype("S"))


def npz_column(folder):
    return npz(folder, X=X, y=Y[:, None])


def npz_one_hot(folder):
    return npz(folder, X=X, y=np.eye(3)[Y])


def npz_from_1(folder):
    return npz(folder, X=X, y=Y + 1)


def npz_floats(folder):
    return npz(folder, X=X, y=Y.astype(float))


def npz_train(folder):
    return npz(folder, X_train=X, y_train=Y)


def npz_parts(folder):
    parts = {"x_train": X[:20], "y_train": Y[:20], "x_test": X[20:], "y_test": Y[20:]}
    return npz(folder, **parts)


def npz_any_names(folder):
    return npz(folder, measured=X, what=Y)


def npz_named(folder):
    path, _ = npz(folder, a=X, b=Y, c=Y[::-1])
    return path, {"x": ("a",), "y": ("b",)}


def npy_pair(folder):
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", Y)
    return f"{folder}/X.npy,{folder}/y.npy", {}


def npy_table(folder):
    np.save(folder / "t.npy", np.column_stack([X, Y]))
    return folder / "t.npy", {}


FORMS = [
    *(csv_text, csv_numbers, csv_first, csv_named_first, csv_by_name, csv_of_r),
    *(csv_counted_header, csv_of_pandas, csv_of_pandas_without_names, csv_one_hot),
    *(csv_with_semicolons, csv_utf16, csv_with_cr, tsv, txt_with_blanks, dropped),
    *(txt_of_numpy, data_with_many_blanks, csv_under_a_title),
    *(csv_with_a_comma_at_the_end, csv_with_marks),
    *(chosen, parquet, npz, npz_words, npz_bytes, npz_column, npz_one_hot, npz_from_1),
    *(npz_floats, npz_train, npz_parts, npz_any_names, npz_named, npy_pair, npy_table),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_of_a_file_holds_the_same_rows(form, tmp_path):
    path, choices = form(tmp_path)
    found, labels, data = read(path, **choices)
    np.testing.assert_allclose(found, X, atol=1e-6)
    np.testing.assert_array_equal(labels, Y)
    assert (found.dtype, labels.dtype) == (np.float32, np.int64)
    again = read_by_script(data, tmp_path)
    np.testing.assert_array_equal(again[0], found)
    np.testing.assert_array_equal(again[1], labels)


MARKED = [
    (["1,200", "850", "12,345,678"], ".", ","),
    (["$1,200.50", "-$3.25", "$ 7"], ".", " $,"),
    (["12.5 %", "3%"], ".", " %"),
    (["1.200,50", "3,5"], ",", "."),
    (["€ 1 200,5", "€ 30,25"], ",", " €"),
    (["1.25", "3.5"], ",", ""),  # points, though semicolons stand between the columns
    (["1,2", "3,4"], ".", ""),  # decimals or two numbers: it is not said
    (["1.5", "2.5"], ".", ""),
    (["flat 12", "flat 7"], ".", ""),
    (["2024-01-05", "2024-02-06"], ".", ""),
    (["$5", "cheap", "dear"], ".", ""),
]


@pytest.mark.parametrize(("cells", "decimal", "marks"), MARKED)
def test_currencies_and_thousands_are_left_out_of_numbers(cells, decimal, marks):
    assert marks_of({"price": cells}, decimal) == ({"price": marks} if marks else {})


def test_a_test_set_of_its_own_stays_one(tmp_path):
    path, _ = npz_parts(tmp_path)
    _, _, data = read(path)
    assert round(ROWS * (1 - data.test_fraction)) == 20
    assert data.raw.held_out


def mixed(folder):
    path = folder / "t.csv"
    path.write_text(MIXED + MIXED.split("\n", 1)[1] * 3)
    return path, ["--fill", "median", "--scale", "standard"], net(5, 1, LOGITS)


def wide(folder):
    names = [f"a rather long name of column {i % 7}{chr(97 + i)}" for i in range(4)]
    classes = [f"the long name of class {i}" for i in "xyz"] + ['a "third" one']
    rows = table(np.array(classes)[np.where(np.arange(ROWS) % 4 == 3, 3, Y)])
    path = folder / "t.parquet"
    pd.DataFrame(rows, columns=[*names, "what is to be told of it"]).to_parquet(path)
    return path, ["--y", "what is to be told of it", "--scale", "standard"], net(4, 4)


def photos(folder):
    np.savez(folder / "t.npz", photos=IMAGES, kinds=np.arange(12) % 2)
    return folder / "t.npz", [], TORCH


def prices(folder):
    path = write_table(folder / "t.csv", table(X[:, 0] * 1e5), "a,b,c,d,price")
    return path, ["--scale", "standard"], net(4, 1, MSE)


def few(folder):
    return write_table(folder / "t.csv", [[0, 0], [1, 1]]), [], net(1, 1, MSE)


def given_back(folder):
    return (
        "digits",
        [],
        (
            "Sequential([Input(1, 8, 8), Conv2d(2, 3, padding=1), ReLU(), "
            "Conv2d(1, 3, padding=1)])\nloss = MSELoss()"
        ),
    )


BACKENDS = {
    "numpy": [],
    "numba": ["--backend", "numba"],
    "cupy": ["--backend", "cupy"],
    "patience": ["--patience", "3"],
    "mpi": ["--parallel", "mpi"],
    "cupy-mpi": ["--backend", "cupy", "--parallel", "mpi"],
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_printed_script_is_formatted_and_names_nothing_unknown(backend, tmp_path):
    for case in (mixed, wide, photos, prices, few, given_back):
        path, options, network = case(tmp_path)
        script = tmp_path / f"{case.__name__}.py"
        arguments = ["gen", network, "--data", str(path), "-o", str(script), *options]
        done = CliRunner().invoke(main, [*arguments, *BACKENDS[backend]])
        assert done.exit_code == 0, (case, done.stderr)
    for words in (["format", "--diff", "--isolated"], ["check", "--isolated"]):
        tool = [sys.executable, "-m", "ruff", *words, *map(str, tmp_path.glob("*.py"))]
        done = subprocess.run(tool, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


# ---- images ----

TORCH = "nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(24, 2))\n"
TORCH += "loss = nn.CrossEntropyLoss()"
KERAS = "Sequential([Input((5, 6, 3)), Conv2D(2, 3), Flatten(), Dense(2)])\n"
KERAS += "loss = SparseCategoricalCrossentropy(from_logits=True)"
FIRST = IMAGES.transpose(0, 3, 1, 2)


@pytest.mark.parametrize("network", [TORCH, KERAS], ids=["torch", "keras"])
@pytest.mark.parametrize("array", [IMAGES, FIRST], ids=["last", "first"])
def test_images_are_read_with_the_channels_first_however_they_lie(
    network, array, tmp_path
):
    path, _ = npz(tmp_path, X=array, y=np.arange(12) % 2)
    found, _, data = read(path, network)
    np.testing.assert_allclose(found, FIRST.reshape(12, -1) / 255, rtol=1e-6)
    np.testing.assert_array_equal(read_by_script(data, tmp_path)[0], found)
    said = " ".join(data.notes)
    assert "divided by 255" in said
    assert ("turned to channels first" in said) == (array is IMAGES)


def test_a_folder_of_images_has_its_folders_as_classes(tmp_path):
    for i, image in enumerate(IMAGES):
        place = tmp_path / "pets" / str(WORDS[i % 2])
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{i:02}.png")
    found, labels, data = read(tmp_path / "pets", TORCH)
    order = [*range(0, 12, 2), *range(1, 12, 2)]
    np.testing.assert_allclose(found, FIRST[order].reshape(12, -1) / 255, rtol=1e-6)
    assert labels.tolist() == [0] * 6 + [1] * 6
    assert data.targets.classes == ("cat", "dog")
    np.testing.assert_array_equal(read_by_script(data, tmp_path)[0], found)
    grey = TORCH.replace("Conv2d(3,", "Conv2d(1,").replace(
        "nn.Conv", "Input(1, 8, 9), nn.Conv"
    )
    found, _, data = read(tmp_path / "pets", grey.replace("24", "84"))
    assert found.shape == (12, 72)
    assert "images of 6x5 are resized to 9x8" in data.notes[0]


# ---- which axis is which ----


def bursts(rows=90):
    """Make three classes of sine bursts of different frequency, 60 samples of 6."""
    rng = np.random.default_rng(0)
    labels, t = np.arange(rows) % 3, np.arange(60)[:, None]
    waves = [
        np.sin(2 * np.pi * [0.05, 0.12, 0.2][y] * t + rng.uniform(0, 6, 6))
        * np.exp(-(((t - rng.uniform(20, 40)) / 10) ** 2))
        for y in labels
    ]
    return np.array(waves) + 0.2 * rng.normal(size=(rows, 60, 6)), labels


BURSTS_KERAS = """model = keras.Sequential([layers.Input((60, 6)),
    layers.Conv1D(8, 7, activation="relu"), layers.GlobalAveragePooling1D(),
    layers.Dense(3, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")"""
BURSTS_TORCH = """nn.Sequential(nn.Conv1d(6, 8, 7), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
    nn.Flatten(), nn.Linear(8, 3))
loss = nn.CrossEntropyLoss()"""


@pytest.mark.parametrize(
    "network", [BURSTS_KERAS, BURSTS_TORCH], ids=["keras", "torch"]
)
def test_bursts_of_different_frequency_are_told_apart(network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    signals, labels = bursts(300)
    np.savez("bursts.npz", X=signals, y=labels)
    done = CliRunner().invoke(
        main,
        ["--json", "train", network, "--data", "bursts.npz", "--epochs", "40",
         "--learning-rate", "0.01", "--no-pictures", "--out", "run"],
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["test_accuracy"] > 0.85
    assert "turned to channels first" in done.stderr


SEQUENCE = "Sequential([Input(60, 6), LSTM(4), Linear(3)])\nloss = CrossEntropyLoss()"
LAZY = BURSTS_TORCH.replace("Conv1d(6, 8, 7)", "Conv1d(8, 7)")
#: Network, an example's axes, what is said, and the order of the axes (None: refused).
AXES = [
    (BURSTS_KERAS, (60, 6), "turned to channels first", (1, 0)),
    (BURSTS_KERAS, (6, 60), "read with the channels first", (0, 1)),
    (BURSTS_KERAS, (360,), "channels last, Keras's order", None),
    (BURSTS_KERAS, (50, 6), r"\(60, 6\).*the data have 300 \(\(50, 6\)\)", "refused"),
    (BURSTS_KERAS, (30, 12), r"\(30, 12\), the network reads \(6, 60\)", "refused"),
    (BURSTS_TORCH, (6, 60), "", (0, 1)),
    (BURSTS_TORCH, (60, 6), "the network reads", (1, 0)),
    (BURSTS_TORCH, (6, 6), r"both orders: read with the channels first", (0, 1)),
    (BURSTS_TORCH.replace("7)", "3)"), (60, 5), "6", "refused"),
    (LAZY, (60, 6), r"Input\(60, 6\) or Input\(6, 60\)", "refused"),
    (LAZY, (60, 1), "", (0, 1)),
    (SEQUENCE, (60, 6), "", (0, 1)),
    (SEQUENCE, (6, 60), "turned to steps first", (1, 0)),
]


@pytest.mark.parametrize(("network", "example", "says", "order"), AXES)
def test_axes_are_told_by_spelling_and_shape(network, example, says, order, tmp_path):
    if example == (6, 6):
        network = network.replace("8, 7", "8, 3")
    array = np.random.default_rng(0).normal(size=(9, *example))
    path, _ = npz(tmp_path, X=array, y=np.arange(9) % 3)
    if order == "refused":
        with pytest.raises(ValueError, match=says):
            read(path, network)
        return
    found, _, data = read(path, network)
    assert re.search(says, " ".join(data.notes))
    if order is None:
        expected = array.reshape(9, 60, 6).transpose(0, 2, 1)
    else:
        expected = array.transpose(0, *(axis + 1 for axis in order))
    np.testing.assert_allclose(found, expected.reshape(9, -1), rtol=1e-6)
    np.testing.assert_array_equal(read_by_script(data, tmp_path)[0], found)


EMBEDDING = """import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(50, 8)
        self.fc = nn.Linear(8, 3)
    def forward(self, x):
        return self.fc(self.emb(x).mean(dim=1))
model = Net()
loss = nn.CrossEntropyLoss()
"""


def test_tokens_are_counted_and_not_scaled(tmp_path):
    tokens = np.arange(ROWS * 12).reshape(ROWS, 12) % 50
    path, _ = npz(tmp_path, X=tokens, y=Y)
    found, _, data = read(path, EMBEDDING)
    np.testing.assert_array_equal(found, tokens)
    assert "scaled" not in " ".join(data.notes)
    with pytest.raises(DataError, match="looked up, not scaled"):
        read(path, EMBEDDING, scale="standard")
    for wrong in (50, -1, 0.5):
        path, _ = npz(tmp_path, X=np.where(tokens == 25, wrong, tokens), y=Y)
        with pytest.raises(
            DataError, match=rf"row 3 of X has {wrong}, no token of 0 to 49"
        ):
            read(path, EMBEDDING)


# ---- what a loss makes of the targets ----

BCE, LOGITS, MSE = "BCELoss()", "BCEWithLogitsLoss()", "MSELoss()"
TWO = Y > 0
#: Loss, outputs, y, what is learnt (None: refused) and what is said.
TARGETS = [
    (LOGITS, 1, np.where(TWO, 8, 3), TWO, "label 3 is class 0, 8 is class 1"),
    (LOGITS, 1, np.where(TWO, 1, -1), TWO, "label -1 is class 0"),
    (LOGITS, 1, np.where(TWO, "yes", "no"), TWO, "no in 10, yes in 20"),
    (LOGITS, 1, np.eye(2)[TWO * 1], TWO, "one-hot"),
    (LOGITS, 1, X[:, 0], None, "from 0 to 1; y has"),
    (LOGITS, 1, Y, None, "y has 0 to 2"),
    (LOGITS, 1, TWO * 0, None, "every row has 0"),
    (LOGITS, 1, Y / 2, Y / 2, "read as probabilities"),
    (LOGITS, 3, np.eye(3)[Y] + np.eye(3)[0] * TWO[:, None], "y", ""),
    (LOGITS, 3, np.eye(3)[Y] * 2, None, "from 0 to 1"),
    ("HingeLoss()", 1, np.where(TWO, 1, -1), TWO, "class 0"),
    ("HingeLoss()", 1, Y, None, "two classes apart"),
    ("CrossEntropyLoss()", 3, Y * 0 + 2, None, "every row has 2"),
    ("CrossEntropyLoss()", 3, Y + 1, Y, "labels 1 to 3 are classes 0 to 2"),
    ("CrossEntropyLoss()", 3, Y * 5, Y, "labels 0 to 10 are classes 0 to 2"),
    ("CrossEntropyLoss()", 4, Y, Y, "no row has class 3"),
    ("CrossEntropyLoss()", 3, WORDS[Y], Y, "cat in 10"),
    ("CrossEntropyLoss()", 3, TWO, TWO, "no row has class 2"),
    ("CrossEntropyLoss()", 2, Y, None, "the data 3 classes"),
    ("CrossEntropyLoss()", 3, Y + 0.5, None, "row 1 has 0.5"),
    ("CrossEntropyLoss()", 3, X[:, :3], None, "not one-hot"),
    ("SVMLoss()", 3, Y + 1, Y, "classes 0 to 2"),
    (MSE, 1, Y * 7 % 5, "y", ""),
    (MSE, 1, X[:, :1], "y", ""),
    (MSE, 1, TWO * 1, TWO, ""),
    (MSE, 1, WORDS[Y], None, "3 classes need Linear(3)"),
    (MSE, 3, Y, Y, ""),
    (MSE, 3, X[:, 0], None, "the network has 3 outputs, y is one column"),
    (MSE, 3, X[:, :3], "y", ""),
    (MSE, 2, X[:, :3], None, "2 outputs, y is 3 columns"),
    (MSE, 4, Y, "X", "y is X"),
    (MSE, 1, np.full(ROWS, 3.5), "y", "3.5 in every row"),
]


@pytest.mark.parametrize(("loss", "outputs", "y", "learnt", "says"), TARGETS)
def test_targets_are_what_the_loss_wants_or_refused(
    loss, outputs, y, learnt, says, tmp_path
):
    path, _ = npz(tmp_path, X=X, y=y)
    network = net(4, outputs, loss)
    if learnt is None:
        with pytest.raises(ValueError, match=re.escape(says)):
            whole = CliRunner().invoke(main, ["gen", network, "--data", str(path)])
            assert whole.exit_code == 3
            raise ValueError(whole.stderr)
        return
    _, found, data = read(path, network)
    expected = {"y": y, "X": X}[learnt] if isinstance(learnt, str) else learnt
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), rtol=1e-6)
    assert says in " ".join(data.notes)
    np.testing.assert_array_equal(read_by_script(data, tmp_path)[1], found)


def test_an_autoencoder_needs_no_targets(tmp_path):
    path, _ = npz(tmp_path, X=X)
    network = net(4, 4, MSE)
    found, y, data = read(path, network)
    np.testing.assert_array_equal(found, y)
    with pytest.raises(DataError, match="name the targets by --y"):
        read(path, net(4, 2, MSE))
    table_path = write_table(tmp_path / "t.csv", X.tolist(), "a,b,c,d")
    found, y, data = read(table_path, network)
    np.testing.assert_array_equal(found, y)
    assert "y is X" in " ".join(data.notes)
    _, y, _ = read("digits", net(64, 64, BCE.replace("BCE", "BCEWithLogits")))
    assert y.shape == (1797, 64)


def test_a_first_column_that_would_be_labels_too_is_told(tmp_path):
    rows = [[(i + i // 7) % 3, *row] for i, row in enumerate(table())]
    path = write_table(tmp_path / "t.csv", rows)
    _, y, data = read(path, net(5, 3))
    assert y.tolist() == Y.tolist()
    assert "the first, 'column 1', would fit, too" in " ".join(data.notes)
    assert "would fit" not in " ".join(read(csv_numbers(tmp_path)[0])[2].notes)


# ---- columns ----

MIXED = "age,sex,port,survived\n22,male,S,0\n38,female,C,1\n,female,S,1\n35,male,?,0\n"


PROGRAM = """import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, OUT)
    def forward(self, x):
        return self.layer(x)
model = Net()
criterion = nn.LOSS()
"""
CLASSES = PROGRAM.replace("OUT", "3").replace("LOSS", "CrossEntropyLoss")
NUMBERS = PROGRAM.replace("OUT", "1").replace("LOSS", "MSELoss")
FOUR = ["1,2,3,4", "2,1,4,3", "3,3,1,2", "1,4,2,2", "2,2,2,1", "4,1,1,3"]
WORDS_BESIDE = list(zip(FOUR, "xyxyxy", strict=True))
LAST = [f"{row},{word}" for row, word in WORDS_BESIDE]
MIDDLE = [row.replace(",", f",{word},", 1) for row, word in WORDS_BESIDE]


@pytest.mark.parametrize(
    ("network", "header", "rows", "message"),
    [
        (NUMBERS, "a,b,c,d,kind", [*LAST, "1,1,1,1,z", "2,2,2,2,z"],
         "kind holds words: 3 classes need"),
        (CLASSES, "a,b,kind", [row[:3] + row[-2:] for row in LAST],
         "the network takes 4 inputs, the data have 2"),
        (CLASSES, "a,b,c,kind", [row[2:] for row in LAST],
         "the network takes 4 inputs, the data have 3"),
        (CLASSES, "a,b,c,color,kind",
         [f"{row[:6]}{word.upper()},{word}" for row, word in WORDS_BESIDE],
         "takes 4 inputs, the data have 5: .*\n'color' becomes 2 columns"),
        (NUMBERS, "a,b,c,d,e,f,price", [f"{row},{row[:5]}" for row in FOUR],
         "the network has 1 output, y is 3 columns"),
        (NUMBERS, "a,b,c,y", FOUR, "the network takes 4 inputs, the data have 3"),
        (NUMBERS, "a,b,c,d", FOUR, "the network takes 4 inputs, the data have 3"),
    ],
)  # fmt: skip
def test_the_width_is_compared_before_the_training(
    network, header, rows, message, tmp_path
):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([header, *rows]))
    with pytest.raises(DataError, match=message):
        read(path, network)


def test_no_column_left_for_y_is_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b,c,y", *FOUR]))
    with pytest.raises(DataError, match="all columns are X and none is left for y"):
        read(path, NUMBERS, x=("a", "b", "c", "y"))


def test_an_array_s_width_is_compared_too(tmp_path):
    np.savez(tmp_path / "t.npz", X=np.ones((9, 6)), y=np.arange(9) % 3)
    with pytest.raises(DataError, match="takes 4 inputs, the data have 6"):
        read(tmp_path / "t.npz", CLASSES)


@pytest.mark.parametrize(
    ("network", "header", "rows"),
    [
        (CLASSES, "a,kind,b,c,d", MIDDLE),
        (CLASSES, "a,b,c,d,kind", LAST),
        ("Sequential([Dense(3)])\nloss = CrossEntropyLoss()", "a,b,c,d,kind", LAST),
    ],
)
def test_the_column_of_words_is_the_label(network, header, rows, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([header, *rows]))
    *_, data = read(path, network)
    assert (data.targets.names, data.targets.classes) == (("kind",), ("x", "y"))
    assert data.features.example == (4,)
    assert any("'kind'" in note for note in data.notes)


def test_words_become_columns_and_missing_numbers_are_filled_if_asked(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(MIXED * 1 + MIXED.split("\n", 1)[1] * 3)
    network = net(5, 1, LOGITS)
    with pytest.raises(DataError, match=r"line 4, column 'age' is missing \(4 of 16"):
        read(path, network)
    found, y, data = read(path, network, fill="mean")
    assert data.features.names == ("age", "sex=female", "sex=male", "port=C", "port=S")
    assert np.isnan(found[2, 0])
    assert found[3].tolist() == [35, 0, 1, 0, 0]
    assert y[:4].tolist() == [0, 1, 1, 0]
    assert "'sex' becomes 2 columns of 0 or 1: female, male" in " ".join(data.notes)
    with pytest.raises(DataError, match="the data have 5"):
        read(path, net(3, 1, LOGITS), fill="mean")


BAD = [
    ("x.csv", "1,2\n3\n5,6\n", "line 2 has 1 columns"),
    ("x.csv", "a,b\n3,1\n4,0\n4,1\nabc,0\n", "line 5, column 'a': 'abc' is no"),
    ("x.csv", "a,b\n3,1\n4,0\ninf,1\n5,0\n", "line 4, column 'a': 'inf' is no"),
    ("x.csv", "a,b\n3,1\n,0\n4,1\n5,0\n", "line 3, column 'a' is missing (1 of 4"),
    ("x.csv", "a,b\n3,1\n2,0\n4,\n5,0\n", "a target cannot be missing"),
    ("x.csv", "", "no rows"),
    ("x.csv", "a,b\n", "has 0 row"),
    ("x.csv", "a,b\n1,2\n", "has 1 row"),
    ("x.csv", "\0\0\0", "no table of text"),
    ("x.npz", "this is no archive", "x.npz"),
    ("x.npy", "this is no array", "x.npy"),
    ("x.parquet", "this is no table", "x.parquet"),
    ("x.xlsx", "PK", "a data file ends with .npz"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_a_bad_file_is_told_with_its_place(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DataError, match=re.escape(message)):
        read(path, net(1, 2))


BAD_ARRAYS = [
    ({"a": X, "b": Y, "c": Y}, {}, "a (30, 4), b (30,), c (30,): say which is X"),
    ({"a": Y, "b": Y}, {}, "say which is X"),
    ({"X": X, "y": Y[:-1]}, {}, "X has 30 rows, y has 29"),
    ({"X": X, "y": Y}, {"y": ("z",)}, "has no array 'z': it has X (30, 4)"),
    ({"X": np.where(X > 3, np.nan, X), "y": Y}, {}, "nan or infinity"),
    ({"X": X, "y": np.where(Y, Y, np.nan)}, {}, "a target cannot be missing"),
    ({"X": X.astype(complex), "y": Y}, {}, "X holds complex128"),
    ({"X": X.astype(str), "y": Y}, {}, "save it as real numbers"),
    ({"X": np.array([{}] * 6), "y": Y}, {}, "holds Python objects"),
]


@pytest.mark.parametrize(("arrays", "choices", "message"), BAD_ARRAYS)
def test_arrays_that_cannot_be_used_are_told(arrays, choices, message, tmp_path):
    path, _ = npz(tmp_path, **arrays)
    with pytest.raises(DataError, match=re.escape(message)):
        read(path, **choices)


def test_files_and_columns_that_are_not_there(tmp_path):
    for name in ("no.csv", "no.npz", "no.npy", "no.parquet"):
        with pytest.raises(DataError, match="there is no file"):
            read(tmp_path / name)
    with pytest.raises(DataError, match="did you mean mnist"):
        read("mnits")
    path, _ = csv_text(tmp_path)
    with pytest.raises(DataError, match="no column 'kinds': did you mean kind"):
        read(path, y=("kinds",))
    names = [[f"person {i}", *row] for i, row in enumerate(table(WORDS[Y]))]
    write_table(path, table())
    for place in ("5", "column 5"):
        assert read(path, y=(place,))[1].tolist() == Y.tolist()
    with pytest.raises(DataError, match="--y is for the names in tables"):
        read("digits", net(64, 10), y=("label",))
    holes, _ = npz(tmp_path, X=np.where(X > 3, np.nan, X), y=Y)
    assert np.isnan(read(holes, fill="mean")[0]).sum() == (X > 3).sum()
    with pytest.raises(DataError, match="--drop is for the names in tables"):
        read(holes, drop=("a",))
    write_table(path, names, "who,a,b,c,d,kind")
    with pytest.raises(DataError, match=r"'who' holds 30 different words.*--drop who"):
        read(path)


# ---- numbers a network learns badly from ----


@pytest.mark.parametrize(
    ("scaled", "y", "says"),
    [
        (X, X[:, 0], ""),
        (X * 1000, X[:, 0], "X is not scaled, it goes up to"),
        (X, X[:, 0] * 1e5, "y is not scaled, it goes from"),
        (IMAGES[..., 0].reshape(12, 30).astype(int), IMAGES[:, 0, 0, 0] / 255,
         "--scale pixels divides by 255"),
    ],
)  # fmt: skip
def test_unscaled_numbers_are_told(scaled, y, says, tmp_path):
    path, _ = npz(tmp_path, X=scaled, y=y)
    network = net(scaled.shape[1], 1, MSE)
    said = " ".join(read(path, network)[2].notes)
    assert says in said
    assert bool(said) == bool(says)
    assert not read(path, network, scale="none")[2].notes


def test_one_class_that_has_nearly_all_rows_is_told(tmp_path):
    path, _ = npz(tmp_path, X=X, y=np.arange(ROWS) == 3)
    said = " ".join(read(path, net(4, 2))[2].notes)
    assert "96.7 % of the rows are class 0" in said


# ---- beside a baseline ----


def trained(path, network, *options):
    """Train in the working folder; return the summary and what was said."""
    done = CliRunner().invoke(
        main,
        ["--json", "train", network, "--data", str(path), "--no-pictures",
         "--out", "run", *options],
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_a_result_stands_beside_its_baseline_and_each_class_s_recall(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path, _ = npz_words(tmp_path)
    summary, said = trained(path, NET, "--epochs", "40", "--learning-rate", "0.05")
    with np.load("run/predictions.npz") as file:
        y, guesses = file["y"], file["prediction"].argmax(axis=1)
    for i, name in enumerate(WORDS):
        share = np.mean(guesses[y == i] == i)
        assert summary["recall"][name] == pytest.approx(share, abs=1e-6)
    assert summary["baseline_accuracy"] == pytest.approx(1 / 3, abs=1e-6)
    assert "baseline: always class cat has accuracy 0.3333" in said
    assert "no better" not in said
    noise = npz(tmp_path, X=np.zeros((ROWS, 4)), y=Y)[0]
    _, said = trained(noise, NET, "--epochs", "1", "--learning-rate", "1e6")
    assert "a learning rate of 1e+06 is 1e+09 times adam's usual 0.001" in said
    assert "no better than always answering class 0" in said


def test_a_regression_is_scaled_as_the_training_part_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    size = rng.uniform(20, 200, (80, 2))
    path, _ = npz(tmp_path, X=size, y=50_000 + size @ [1000, 300])
    network = net(2, 1, MSE)
    summary, said = trained(path, network, "--epochs", "3")
    assert summary["r2"] < 0
    assert "no better than always answering the mean" in said
    options = ["--scale", "standard", "--epochs", "300", "--learning-rate", "0.02"]
    summary, _ = trained(path, network, *options)
    assert summary["r2"] > 0.99
    with np.load("run/predictions.npz") as file:
        y, answers = file["y"].astype(float), file["prediction"]
    error = np.sum((y - answers) ** 2)
    assert 50_000 < y.min() < y.max() < 320_000
    assert summary["r2"] == pytest.approx(1 - error / np.sum((y - y.mean()) ** 2))
    script = runpy.run_path("run/train.py")
    X_train, y_train, _, _ = script["raw_data"]()
    with np.load("run/weights.npz") as file:
        np.testing.assert_allclose(file["X_mean"], X_train.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(file["y_deviation"], y_train.std(), rtol=1e-5)


# ---- a file that changed after gen ----


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X, "y": np.where(Y == 1, 11, Y)}, "row 2: class 11 is not among the 3"),
        ({"X": np.where(X > 3, np.nan, X), "y": Y}, "has nan or infinity"),
        ({"X": X[:, :3], "y": Y}, "an example has the shape (3,), not (4,)"),
        ({"Z": X, "y": Y}, "has no array X"),
        ({"X": X, "y": Y[:-1]}, "X has 30 rows, y has 29"),
    ],
)
def test_a_script_checks_a_file_that_changed(arrays, message, tmp_path):
    path, _ = npz(tmp_path)
    script = tmp_path / "net.py"
    made = CliRunner().invoke(
        main, ["gen", NET, "--data", str(path), "-o", str(script), "--epochs", "1"]
    )
    assert made.exit_code == 0, made.stderr
    npz(tmp_path, **arrays)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(Path(tmp_path).glob("net.npz"))
