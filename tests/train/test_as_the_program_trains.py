"""What a program does around its network: training does it too, or warns that not."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.language import asked_of, parse_network

#: A network with its loss, and what stands before it in the file.
FILE = """import torch, numpy as np; X = x = df = np.load("x.npy")
from torch import nn
from torchvision import transforms
import tensorflow as tf
{lines}
model = nn.Sequential(nn.Linear(4, 3))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.{optimizer}
for epoch in range(3):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        {clip}
        optimizer.step()
"""


def program(lines="", clip="pass", optimizer="Adam(model.parameters())"):
    return FILE.format(lines=lines, clip=clip, optimizer=optimizer)


#: What the file says, what training takes of it.
ASKED = [
    (program("sc = sklearn.preprocessing.StandardScaler()"), {"scale": "standard"}),
    (program("X = scipy.stats.zscore(X)"), {"scale": "standard"}),
    (program("X = (X - X.mean(axis=0)) / X.std(axis=0)"), {"scale": "standard"}),
    (
        program("X -= X.mean(axis=0)\nX /= X.std(axis=0) + 1e-8"),
        {"scale": "standard"},
    ),
    (program("X = (X - np.mean(X, 0)) / np.std(X, 0)"), {"scale": "standard"}),
    (program("x = x.astype('float32') / 255"), {"scale": "pixels"}),
    (program("x = x * (1. / 255)"), {"scale": "pixels"}),
    (program("df = df.dropna()"), {"fill": "drop"}),
    (program("df = df.fillna(df.median())"), {"fill": "median"}),
    (program("df = df.fillna(0)"), {"fill": "0"}),
    (
        program("t = transforms.Normalize((0.5,), (0.25,))"),
        {"normal": ((0.5,), (0.25,))},
    ),
    (program("t = transforms.RandomCrop(32, padding=4)"), {"shift": 4}),
    (
        program(clip="nn.utils.clip_grad_norm_(model.parameters(), 0.5)"),
        {"clip": "0.5"},
    ),
    (
        program(clip="accelerator.clip_grad_norm_(model.parameters(), max_norm=2)"),
        {"clip": "2"},
    ),
    (program(clip="g, _ = tf.clip_by_global_norm(g, 5.0)"), {"clip": "5"}),
    (program("y = loss / 4"), {}),
]


@pytest.mark.parametrize(("text", "asked"), ASKED)
def test_training_takes_what_the_program_does(text, asked):
    found = {
        key: str(one) if key in ("fill", "clip") else one
        for key, one in asked_of(text).items()
    }
    assert found == asked
    notes = parse_network(text).graph["network"]["notes"]
    said = [note for note in notes if "gradtutor train" in note]
    assert len(said) == len(asked), notes


#: What has no equal here: a warning, with the line and the nearest option.
WARNED = [
    (program("t = transforms.RandomHorizontalFlip()"), "line 5, RandomHor", "--shift"),
    (program("t = transforms.ColorJitter(0.2)"), "line 5, ColorJitter", "--shift"),
    (program("t = transforms.RandomCrop(24)"), "line 5, RandomCrop", "--shift"),
    (
        program("s = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)"),
        "line 5, ReduceLROnPlateau",
        "--schedule",
    ),
    (program("p = sklearn.decomposition.PCA(2)"), "line 5, PCA", "--data"),
    (program("s = sklearn.preprocessing.MinMaxScaler()"), "MinMaxScaler", "--scale"),
    (
        program(clip="nn.utils.clip_grad_value_(model.parameters(), 1.0)"),
        "clip_grad_value_",
        "--clip",
    ),
    (program("x = tf.keras.utils.normalize(x, axis=1)"), "normalize", "--data"),
    (
        program("w = torch.utils.data.WeightedRandomSampler(weights, 9)"),
        "WeightedRandomSampler",
        "counts the same",
    ),
]


@pytest.mark.parametrize(("text", "place", "nearest"), WARNED)
def test_a_warning_says_what_is_not_done(text, place, nearest):
    notes = parse_network(text).graph["network"]["notes"]
    said = [one for one in notes if one.startswith("warning") and place in one]
    assert len(said) == 1, notes
    assert nearest in said[0]
    assert place.rpartition(" ")[2] not in "".join(
        one for one in notes if one.startswith("passed over")
    )


def invoke(*args):
    return CliRunner().invoke(main, list(map(str, args)))


def images(path, dtype=np.uint8):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (40, 6, 6, 3)).astype(dtype)
    np.savez(path, X=X, y=(X[..., 0].mean((1, 2)) > 127).astype(int))
    return X


IMAGES = """import torch
from torch import nn
from torchvision import transforms
transform = transforms.Compose([transforms.ToTensor(),
    transforms.Normalize((0.5, 0.4, 0.3), (0.2, 0.25, 0.5))])
model = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2))
loss = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""


def test_pixels_are_normalised_and_an_export_does_it_too(tmp_path):
    """The ONNX model takes the bytes; the witness is torchvision's formula."""
    onnxruntime = pytest.importorskip("onnxruntime")
    X = images(tmp_path / "rgb.npz")
    (tmp_path / "net.py").write_text(IMAGES)
    run = tmp_path / "run"
    done = invoke("train", tmp_path / "net.py", "--data", tmp_path / "rgb.npz", "--out",
                  run, "--epochs", 1, "--no-pictures", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    done = invoke("export", run, tmp_path / "net.onnx")
    assert "pixels / 255" in done.output
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"))
    bytes_in = X.transpose(0, 3, 1, 2).astype(np.float32)
    (got,) = session.run(None, {"X": bytes_in})
    with np.load(run / "weights.npz") as file:
        weights = dict(file)
    mean, deviation = (
        np.array(one, np.float32)[:, None, None]
        for one in ((0.5, 0.4, 0.3), (0.2, 0.25, 0.5))
    )
    x = (bytes_in / 255 - mean) / deviation
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    made = np.einsum("nchwij,ocij->nohw", windows, weights["W1"])
    made = np.maximum(made + weights["b1"].reshape(1, -1, 1, 1), 0)
    want = made.reshape(len(x), -1) @ weights["W2"] + weights["b2"]
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)


def test_rows_that_miss_a_cell_are_dropped(tmp_path):
    rows = ["a,b,y", "1,2,0", "?,2,1", "3,4,1", "5,,0"] + [
        f"{i},{i % 3},{i % 2}" for i in range(20)
    ]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    net = "Sequential([Linear(2, 2)])\nloss = CrossEntropyLoss()\n"
    (tmp_path / "n.net").write_text(net)
    args = ["train", tmp_path / "n.net", "--data", tmp_path / "t.csv", "--no-pictures",
            "--out", tmp_path / "run", "--epochs", 1]  # fmt: skip
    assert "--fill drop" in invoke(*args).output
    done = invoke(*args, "--fill", "drop")
    assert done.exit_code == 0, done.output
    assert "2 of 24 rows miss a cell" in done.output
    assert (
        'without_gaps(table, ["a", "b", "y"])'
        in (tmp_path / "run" / "train.py").read_text()
    )


@pytest.mark.parametrize(
    ("given", "shown"), [([], "CLIP = 0.5"), (["--clip", 2], "CLIP = 2")]
)
def test_the_command_line_wins(given, shown, tmp_path):
    text = program(clip="nn.utils.clip_grad_norm_(model.parameters(), 0.5)")
    (tmp_path / "net.py").write_text(text)
    np.savez(tmp_path / "d.npz", X=np.ones((9, 4)), y=np.arange(9) % 3)
    done = invoke("gen", tmp_path / "net.py", "--data", tmp_path / "d.npz", *given,
                  "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    script = json.loads(done.stdout)["script"]
    assert shown in script, script[:3000]
