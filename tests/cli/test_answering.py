"""After a training: new examples are answered, weights go to PyTorch and come back."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from click.testing import CliRunner
from own_data import NET, WORDS, X, Y, net, table, write_table
from safetensors.numpy import load_file, save_file

from gradtutor.cli import main
from gradtutor.language import parse_network
from gradtutor.train import TrainingError
from gradtutor.train.weights import WeightsError, as_pytorch, from_pytorch, weights_of
from gradtutor.train.weights.names import from_theirs


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def trained(network, data, *options):
    done = run("train", network, "--data", data, "--no-pictures", "--out", "run",
               "--epochs", "15", *options)  # fmt: skip
    assert done.exit_code == 0, done.stderr


def answers(*arguments):
    done = run("--json", "predict", *arguments)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def weights(path="run/weights.npz"):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


# ---- predict ----


@pytest.mark.parametrize("scale", ["none", "standard"])
def test_answers_are_those_of_jax_with_the_saved_weights(scale):
    path = write_table(Path("t.csv"), table(WORDS[Y]), "a,b,c,d,kind")
    trained(NET, path, "--scale", scale)
    write_table(Path("new.csv"), X[:7, ::-1].tolist(), "d,c,b,a")  # in another order
    found = answers("run", "new.csv")
    saved, rows = weights(), X[:7]
    if scale == "standard":
        rows = (rows - saved["X_mean"]) / saved["X_deviation"]
    p = jax.nn.softmax(jnp.asarray(rows @ saved["W1"] + saved["b1"]))
    assert found["columns"] == ["class", "p(cat)", "p(dog)", "p(eel)"]
    for row, expected in zip(found["answers"], np.asarray(p), strict=True):
        assert row["class"] == WORDS[expected.argmax()]
        given = [row[f"p({name})"] for name in WORDS]
        np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-6)


def test_the_script_itself_answers_as_the_command_does():
    path = write_table(Path("t.csv"), table(WORDS[Y]), "a,b,c,d,kind")
    trained(NET, path)
    command = [sys.executable, "-W", "error", "run/train.py", "--weights",
               "run/weights.npz", "--predict", "t.csv"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == run("predict", "run", "t.csv").stdout
    assert run("predict", "run", "t.csv", "-o", "answers.csv").stdout == ""
    assert Path("answers.csv").read_text(encoding="utf-8") == done.stdout


def rows_of(text):
    header, *rows = csv.reader(io.StringIO(text))
    return header, rows


@pytest.mark.parametrize(
    ("loss", "y", "header"),
    [
        ("BCEWithLogitsLoss()", np.where(Y > 0, "yes", "no"), ["p(no)", "p(yes)"]),
        ("HingeLoss()", Y > 0, ["score(0)", "score(1)"]),
        ("MSELoss()", Y > 0, ["score(0)", "score(1)"]),
    ],
)
def test_one_output_answers_two_classes(loss, y, header):
    np.savez("t.npz", X=X, y=y)
    trained(net(4, 1, loss), "t.npz")
    np.save("new.npy", X)
    found, rows = rows_of(run("predict", "run", "new.npy").stdout)
    assert found[1:] == header
    saved = weights()
    z = (X @ saved["W1"] + saved["b1"])[:, 0]
    second = z > (0.5 if "MSE" in loss else 0)
    names = [word[word.index("(") + 1 : -1] for word in header]
    assert [row[0] for row in rows] == [names[int(at)] for at in second]
    if header[0] == "p(no)":
        np.testing.assert_allclose(
            [float(r[2]) for r in rows], 1 / (1 + np.exp(-z)), rtol=1e-4
        )


@pytest.mark.parametrize(
    ("name", "more", "header"),
    [
        (
            "t.csv",
            ("--y", "beach,dusk", "--scale", "standard"),
            ["p(beach)", "p(dusk)"],
        ),
        ("t.npz", (), ["p(y1)", "p(y2)"]),
    ],
)
def test_labels_are_answered_with_their_probabilities(name, more, header):
    y = (X[:, :2] > 0).astype(int)
    columns = "a,b,c,d,beach,dusk"
    write_table(Path("t.csv"), np.column_stack([X, y]).tolist(), columns)
    np.savez("t.npz", X=X, y=y)
    trained(net(4, 2, "BCEWithLogitsLoss()"), name, *more, "--learning-rate", "0.5")
    found, rows = rows_of(run("predict", "run", name).stdout)
    saved = weights()
    scaled = (X - saved["X_mean"]) / saved["X_deviation"] if more else X
    z = scaled @ saved["W1"] + saved["b1"]
    assert found == header
    assert not {"y_mean", "y_deviation"} & set(saved)  # labels have no scale
    given = np.array(rows, dtype=float)
    np.testing.assert_allclose(given, 1 / (1 + np.exp(-z)), rtol=1e-3, atol=1e-6)


def test_numbers_come_back_in_their_own_units():
    y = 50_000 + 1000 * X[:, 0]
    write_table(Path("t.csv"), np.column_stack([X, y]).tolist(), "a,b,c,d,price")
    trained(net(4, 1, "MSELoss()"), "t.csv", "--scale", "standard", "--fill", "mean",
            "--learning-rate", "0.05", "--epochs", "200")  # fmt: skip
    write_table(Path("new.csv"), [*X[:5].tolist(), [1, "", 2, ""]], "a,b,c,d")
    header, rows = rows_of(run("predict", "run", "new.csv").stdout)
    assert header == ["price"]
    found = [float(row[0]) for row in rows]
    np.testing.assert_allclose(found[:5], y[:5], atol=60)
    assert 49_000 < found[5] < 56_000


def test_images_are_answered_whatever_their_shape_on_file():
    network = (
        "Sequential([Input(1, 8, 8), Conv2d(3, 3), BatchNorm2d(3), ReLU(), Flatten(), "
        "Linear(10)])\nloss = CrossEntropyLoss()"
    )
    trained(network, "digits", "--epochs", "2")
    images = np.random.default_rng(0).random((300, 8, 8))
    np.save("cubes.npy", images)
    np.savez("rows.npz", X=images.reshape(300, 64))
    one, other = answers("run", "cubes.npy"), answers("run", "rows.npz")
    assert one == other
    assert one["rows"] == 300


BAD = [
    (("run", "no.csv"), 3, "there is no file"),
    (("no", "t.csv"), 3, "is no folder of a training"),
    ((".", "t.csv"), 3, "has no weights.npz: give the folder"),
    (("run", "narrow.csv"), 3, "narrow.csv: the data have no 'c'"),
    (("run", "words.csv"), 3, "words.csv: line 3, 'b': 'two' is no number"),
    (("run", "empty.csv"), 3, "empty.csv"),
    (("lonely.npz", "t.csv"), 3, "the script that reads the data"),
]


def test_what_cannot_be_answered_is_told():
    write_table(Path("t.csv"), table(WORDS[Y]), "a,b,c,d,kind")
    trained(NET, "t.csv")
    write_table(Path("narrow.csv"), [[1, 2]], "a,b")
    write_table(Path("words.csv"), [[1, 2, 3, 4], [1, "two", 3, 4]], "a,b,c,d")
    Path("empty.csv").write_text("")
    Path("lonely.npz").write_bytes(Path("run/weights.npz").read_bytes())
    for arguments, code, message in BAD:
        done = run("predict", *arguments)
        assert (done.exit_code, done.stdout) == (code, ""), (arguments, done.stderr)
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_a_file_of_another_kind_is_told_by_what_the_run_was_trained_on():
    write_table(Path("t.csv"), table(WORDS[Y]), "a,b,c,d,kind")
    np.savez("t.npz", X=X, y=Y)
    np.save("t.npy", X)
    for data, others, message in (
        ("t.csv", ("t.npz", "t.npy", "."), "this run was trained on a table: give a"),
        ("t.npz", ("t.csv", "."), "this run was trained on arrays: give an .npz or"),
    ):
        trained(NET, data, "--epochs", "1")
        for other in others:
            done = run("predict", "run", other)
            assert (done.exit_code, done.stdout) == (3, ""), other
            assert message in done.stderr
        assert run("predict", "run", data).exit_code == 0


# ---- a training that does not end ----


def ending_early(monkeypatch, error, checkpoint):
    """Let trainings end by an error, after their first epoch or before it."""

    def fail(script, *_):
        if checkpoint:
            script.with_name("weights.checkpoint.npz").write_bytes(b"an epoch")
        raise error

    monkeypatch.setattr("gradtutor.train.run_folder.train_script", fail)


EARLY = [KeyboardInterrupt(), TrainingError("no memory")]


def finished_then(monkeypatch, error, checkpoint):
    """Train on a table, then begin to train on arrays."""
    write_table(Path("t.csv"), table(WORDS[Y]), "a,b,c,d,kind")
    np.savez("t.npz", X=X, y=Y)
    trained(NET, "t.csv")
    before = run("predict", "run", "t.csv").stdout
    with monkeypatch.context() as patch:
        ending_early(patch, error, checkpoint)
        done = run("train", NET, "--data", "t.npz", "--out", "run")
    assert done.exit_code in (1, 130), done.stderr
    return before, done.stderr


@pytest.mark.parametrize("error", EARLY, ids=repr)
def test_before_its_first_epoch_a_training_leaves_the_one_before(error, monkeypatch):
    before, said = finished_then(monkeypatch, error, checkpoint=False)
    assert "the training before it is in run, as it was" in said
    assert run("predict", "run", "t.csv").stdout == before
    assert not Path("run/previous-run").exists()


@pytest.mark.parametrize("error", EARLY, ids=repr)
def test_weights_never_answer_by_the_script_of_another_training(error, monkeypatch):
    before, said = finished_then(monkeypatch, error, checkpoint=True)
    assert "the finished training before it is in run/previous-run" in said
    for command in (("predict", "run", "t.npz"), ("export", "run", "out.npz")):
        done = run(*command)
        assert (done.exit_code, done.stdout) == (3, "")
        assert "go on with --resume, or train anew; the one before it" in done.stderr
    assert run("predict", "run/previous-run", "t.csv").stdout == before
    with monkeypatch.context() as patch:  # a third, which ends so, too
        ending_early(patch, error, checkpoint=True)
        run("train", NET, "--data", "t.npz", "--out", "run")
    assert run("predict", "run/previous-run", "t.csv").stdout == before
    trained(NET, "t.npz", "--out", "run")
    assert not Path("run/previous-run").exists()
    assert run("predict", "run", "t.npz").exit_code == 0


def test_weights_beside_a_checkpoint_are_not_used():
    np.savez("t.npz", X=X, y=Y)
    trained(NET, "t.npz")
    Path("run/weights.checkpoint.npz").write_bytes(b"of another training")
    for weights_of_run in ("run", "run/weights.npz"):
        done = run("predict", weights_of_run, "t.npz")
        assert (done.exit_code, done.stdout) == (3, "")
        assert "its training is not finished" in done.stderr


# ---- weights in PyTorch's names ----

CNN = (
    "nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),"
    " nn.Flatten(), nn.Linear(36, 8), nn.LayerNorm(8), nn.Dropout(0.5),"
    " nn.Linear(8, 10, bias=False))\nloss = nn.CrossEntropyLoss()"
)
RESIDUAL = (
    "Sequential([Input(4), Linear(6), Residual(Linear(6), ReLU(), Linear(6)),"
    " Linear(3)])\nloss = CrossEntropyLoss()"
)
LSTM = "Sequential([Input(5, 4), LSTM(3, num_layers=2), Linear(2)])\nloss = MSELoss()"
KERAS = (
    "model = keras.Sequential([layers.Input((8, 8, 1)), layers.Conv2D(2, 3,"
    ' activation="relu"), layers.Flatten(), layers.Dense(3)])\n'
    'model.compile(loss="mse")'
)
#: PyTorch's names and shapes, as its documentation states them.
NAMES = {
    CNN: {
        "0.weight": (4, 1, 3, 3), "0.bias": (4,), "1.weight": (4,), "1.bias": (4,),
        "1.running_mean": (4,), "1.running_var": (4,), "1.num_batches_tracked": (),
        "5.weight": (8, 36), "5.bias": (8,), "6.weight": (8,), "6.bias": (8,),
        "8.weight": (10, 8),
    },
    RESIDUAL: {
        "0.weight": (6, 4), "0.bias": (6,), "1.0.weight": (6, 6), "1.0.bias": (6,),
        "1.2.weight": (6, 6), "1.2.bias": (6,), "2.weight": (3, 6), "2.bias": (3,),
    },
    LSTM: {
        "0.weight_ih_l0": (12, 4), "0.weight_hh_l0": (12, 3), "0.bias_ih_l0": (12,),
        "0.bias_hh_l0": (12,), "0.weight_ih_l1": (12, 3), "0.weight_hh_l1": (12, 3),
        "0.bias_ih_l1": (12,), "0.bias_hh_l1": (12,),
        "1.weight": (2, 3), "1.bias": (2,),
    },
    KERAS: {
        "0.weight": (2, 1, 3, 3), "0.bias": (2,), "3.weight": (3, 72), "3.bias": (3,),
    },
}  # fmt: skip


def drawn(graph):
    rng = np.random.default_rng(3)
    return {
        one.name: rng.normal(size=one.shape).astype(np.float32)
        for one in weights_of(graph)
    }


@pytest.mark.parametrize("network", NAMES, ids=["cnn", "residual", "lstm", "keras"])
def test_a_state_dict_has_pytorch_s_names_and_comes_back_the_same(network):
    graph = parse_network(network, 64 if network is CNN else None, training=False)
    arrays = drawn(graph)
    state = as_pytorch(graph, arrays)
    assert {name: array.shape for name, array in state.items()} == NAMES[network]
    for given in (state, arrays, {f"model.{n}": a for n, a in state.items()}):
        back = from_theirs(graph, given)
        assert back.keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(back[name], array)


MODULE = """import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 8)
        self.body = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.gates = nn.GRU(2, 4, batch_first=True)
        self.fc2 = nn.Linear(8, 3)
    def forward(self, x):
        return self.fc2(self.body(torch.relu(self.fc1(x))))
model = Net()
loss = nn.CrossEntropyLoss()
"""


def test_a_program_s_layers_are_called_as_its_attributes():
    graph = parse_network(MODULE, 4, 3, training=False)
    names = list(as_pytorch(graph, drawn(graph)))
    assert sorted(names) == [
        *("body.0.bias", "body.0.weight", "body.1.bias", "body.1.num_batches_tracked"),
        *("body.1.running_mean", "body.1.running_var", "body.1.weight"),
        *("fc1.bias", "fc1.weight", "fc2.bias", "fc2.weight"),
    ]
    reads = "self.gates(x.reshape(-1, 2, 2))[0].reshape(-1, 8)"
    text = MODULE.replace("self.body(torch.relu(self.fc1(x)))", reads)
    graph = parse_network(text, 4, 3, training=False)
    arrays = drawn(graph)
    state = as_pytorch(graph, arrays)
    assert state["gates.weight_ih_l0"].shape == (12, 2)
    assert {"gates.bias_ih_l0", "gates.bias_hh_l0"} <= state.keys()
    for name, array in from_pytorch(graph, state).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_modules_with_names_are_taken_in_their_order():
    graph = parse_network(NET.replace("Linear(3)", "Linear(5), ReLU(), Linear(3)"))
    arrays = drawn(graph)
    called = {"0": "fc1", "2": "head"}
    state = {
        f"{called[name[0]]}{name[1:]}": array
        for name, array in as_pytorch(graph, arrays).items()
    }
    np.testing.assert_array_equal(from_pytorch(graph, state)["W2"], arrays["W2"])


def test_the_two_biases_of_a_recurrent_layer_are_added():
    graph = parse_network(LSTM)
    state = as_pytorch(graph, drawn(graph))
    state["0.bias_hh_l0"] = state["0.bias_ih_l0"] + 1
    found = from_pytorch(graph, state)["b1"]
    np.testing.assert_allclose(found, 2 * state["0.bias_ih_l0"] + 1, rtol=1e-6)


def test_foreign_weights_are_refused_with_their_name():
    graph = parse_network(RESIDUAL)
    state = as_pytorch(graph, drawn(graph))
    for change, message in (
        ({"2.weight": np.zeros((3, 7))}, r"2.weight is \(3, 7\), .* \(3, 6\)"),
        ({"3.weight": np.zeros((3, 3))}, "the network has no 3.weight"),
    ):
        with pytest.raises(WeightsError, match=message):
            from_pytorch(graph, state | change)
    del state["0.bias"]
    with pytest.raises(WeightsError, match=r"have no 0\.bias"):
        from_pytorch(graph, state)


def test_a_training_starts_from_weights_of_pytorch():
    np.savez("t.npz", X=X, y=Y)
    trained(NET, "t.npz", "--safetensors")
    before = weights()
    theirs = load_file("run/weights.safetensors")
    np.testing.assert_array_equal(theirs["0.weight"], before["W1"].T)
    assert run("export", "run", "own.npz").exit_code == 0
    assert list(weights("own.npz")) == ["0.weight", "0.bias"]
    for start in ("run/weights.safetensors", "own.npz", "run/weights.npz"):
        Path("start" + Path(start).suffix).write_bytes(Path(start).read_bytes())
        done = run("train", NET, "--data", "t.npz", "--no-pictures", "--out", "again",
                   "--epochs", "1", "--learning-rate", "1e-9", "--from",
                   "start" + Path(start).suffix)  # fmt: skip
        assert done.exit_code == 0, done.stderr
        np.testing.assert_allclose(
            weights("again/weights.npz")["W1"], before["W1"], atol=1e-6
        )
    theirs["0.weight"] = theirs["0.weight"] * 0
    save_file(theirs, "zero.safetensors")
    Path("run/weights.safetensors").write_bytes(Path("zero.safetensors").read_bytes())
    found = answers("run/weights.safetensors", "t.npz")["answers"]
    assert len({row["p(0)"] for row in found}) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.pt", 'save_file(torch.load("model.pt", weights_only=True)'),
        ("model.pth", "can run any code"),
        ("model.txt", "weights are an .npz, a .safetensors or a .weights.h5 file"),
        ("no.npz", "there is no file"),
        ("bad.npz", "cannot be read as weights"),
        ("bad.safetensors", "cannot be read as weights"),
        ("objects.npz", "cannot be read as weights"),
    ],
)
def test_weights_that_cannot_be_read_are_refused(name, message):
    np.savez("t.npz", X=X, y=Y)
    for bad in ("model.pt", "model.pth", "model.txt", "bad.npz", "bad.safetensors"):
        Path(bad).write_bytes(b"\x80\x04 no weights")
    np.savez("objects.npz", W1=np.array([{}]))
    done = run("train", NET, "--data", "t.npz", "--from", name, "--out", "run")
    assert (done.exit_code, done.stdout) == (3, "")
    assert message in done.stderr
    assert not Path("run").exists()
