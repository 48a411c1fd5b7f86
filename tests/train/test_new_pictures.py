"""predict into a folder: the table, and pictures where the examples are images."""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

import gradtutor as gt
from gradtutor.train.report.new_pictures import images_of

COUNT = 7
RNG = np.random.default_rng(0)
GREY = RNG.random((60, 8, 8)).astype(np.float32)
COLOUR = RNG.integers(0, 60, (60, 9, 9, 3), dtype=np.uint8)
HUES = RNG.integers(0, 3, 60)
for image, hue in zip(COLOUR, HUES, strict=True):
    image[3:6, 3:6, hue] += 190
CASES = {
    "classes": ("Sequential([Input(64), Linear(2)])\nloss = CrossEntropyLoss()",
                (GREY, (GREY.mean((1, 2)) > 0.5).astype(int)), 1),
    "colours": ("Sequential([Input(3, 9, 9), Conv2d(4, 3), ReLU(), Flatten(), "
                "Linear(3)])\nloss = CrossEntropyLoss()",
                (COLOUR, np.array(["red", "green", "blue"])[HUES]), 1),
    "autoencoder": ("Sequential([Input(64), Linear(9), ReLU(), Linear(64)])\n"
                    "loss = MSELoss()", (GREY.reshape(60, 64),) * 2, 1 + COUNT),
    "images to images": ("Sequential([Input(1, 8, 8), Conv2d(1, 3, padding=1)])\n"
                         "loss = MSELoss()", (GREY[:, None], GREY[:, None]), 1 + COUNT),
    "a table": ("Sequential([Input(5), Linear(2)])\nloss = CrossEntropyLoss()",
                (RNG.normal(size=(60, 5)), np.arange(60) % 2), 0),
    "sequences": ("Sequential([Input(8, 8), LSTM(3), Linear(2)])\n"
                  "loss = CrossEntropyLoss()", (GREY, np.arange(60) % 2), 0),
}  # fmt: skip


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", CASES)
def test_answers_lie_in_a_folder_with_their_pictures(name):
    text, (X, y), count = CASES[name]
    run = gt.network(text).train((X, y), "run", epochs=2, quiet=True)
    np.savez("new.npz", X=X[:COUNT])
    told = gt.run("predict", "run", "new.npz", output="out/")
    assert [Path(one).parent.name for one in told["pictures"]] == ["out"] * count
    assert all(Path(one).stat().st_size > 60 for one in told["pictures"])
    with Path("out/answers.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 1 + COUNT
    assert run.predict(X[:COUNT], pictures="own/") == told["answers"]
    assert len(list(Path("own").glob("*.png"))) == count


def test_an_answer_is_the_image_that_the_network_makes():
    text, (X, y), _ = CASES["images to images"]
    run = gt.network(text).train((X, y), epochs=3, quiet=True)
    run.predict(X[:COUNT], pictures="out/")
    drawn = matplotlib.image.imread("out/answer-3.png")[..., 0]
    made = gt.network(text).predict(X[:COUNT], run.weights)[2, 0]
    low, high = X[:COUNT].min(), X[:COUNT].max()
    grey = 1 - ((made - low) / (high - low)).clip(0, 1)  # the largest is black
    assert np.corrcoef(drawn.ravel(), grey.ravel())[0, 1] > 0.99


def test_colours_come_out_where_they_are():
    rows = np.moveaxis(COLOUR / 255, -1, 1).reshape(60, -1)
    found = images_of(rows, (3, 9, 9))
    np.testing.assert_array_equal(found, COLOUR / 255)
    assert images_of(rows, (243,)) is None and images_of(rows, (27, 9)) is None
