"""The CuPy script, run on the host's stand-in for a GPU: as NumPy's, and to the letter.

Every kernel body is compiled by the host's C++ compiler, products go through a library
with cuBLASLt's interface, and a captured step is replayed (see cuda_host/README.md).
The witnesses are the NumPy script, which tests/codegen/test_script.py confirms by JAX, and the
script's own central differences in float64.
"""

# ruff: noqa: E501 (a table of networks has a line for each)

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import epochs, numpy_epochs, run_script
from golden_scripts import assert_golden
from networks import BLOB_DATA, LINE_DATA, NETWORKS
from philox_twin import with_philox

from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.language import parse_network

WHOLE = "relu-crossentropy-adam"  # its golden text is a whole script
#: Largest relative difference of an epoch's loss between the two back ends, float32.
TOLERANCE = 2e-4


def loader(shape, classes, answer="y"):
    """Return a data set as a script prints it: noisy patterns, 90 + 30 examples."""
    size = int(np.prod(shape))
    text = f'''def load_patterns():
    """Noisy patterns, one for each class."""
    rng = np.random.default_rng(3)
    y = np.arange(120) % {max(classes, 2)}
    X = rng.normal(size=({max(classes, 2)}, {size}))[y] + rng.normal(size=(120, {size}))
    X = X.astype(np.float32)
    return X, {answer}


def split(X, y, test_fraction, seed):
    """Hold out the last rows."""
    kept = round(len(X) * (1 - test_fraction))
    return X[:kept], y[:kept], X[kept:], y[kept:]'''
    return ScriptData(
        "patterns", text, "load_patterns()", size, classes or None, "Random data."
    )


IMAGES = loader((2, 7, 6), 3)
SIGNALS = loader((2, 12), 3)
STEPS = loader((5, 4), 3)
YES_NO = loader((4,), 2)
MANY = loader(
    (4,), 0, "(X[:, :3] > 0.5).astype(np.float32)"
)  # labels that may all hold
IMAGE = "Sequential([Input(2, 7, 6), "
SIGNAL = "Sequential([Input(2, 12), "
LAYERS = {
    "conv-maxpool": (IMAGE + "Conv2d(4, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(3)])", IMAGES),
    "conv-padded-strided": (IMAGE + "Conv2d(5, 3, stride=2, padding=1, bias=False), Tanh(), AvgPool2d(2), Flatten(), Linear(3)])", IMAGES),
    "conv-same-twice": (IMAGE + "Conv2d(3, 3, padding='same'), ReLU(), Conv2d(4, 3, padding=1), ReLU(), MaxPool2d(3, stride=2, padding=1), Flatten(), Linear(3)])", IMAGES),
    "conv-grouped": (IMAGE + "Conv2d(4, 3, groups=2, dilation=2), ReLU(), Flatten(), Linear(3)])", IMAGES),
    "batch-norm": (IMAGE + "Conv2d(4, 3, bias=False), BatchNorm2d(4), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(3)])", IMAGES),
    "residual": (IMAGE + "Conv2d(3, 3, padding=1), Residual(Conv2d(3, 3, padding=1), ReLU()), AdaptiveMaxPool2d(1), Flatten(), Linear(3)])", IMAGES),
    "signal": (SIGNAL + "Conv1d(4, 3), ReLU(), MaxPool1d(2), Conv1d(3, 3, padding=1), Swish(), Flatten(), Linear(3)])", SIGNALS),
    "all-conv": (IMAGE + "Conv2d(4, 3), ReLU(), Conv2d(3, (5, 4)), Flatten()])", IMAGES),
    "global-pool": (IMAGE + "Conv2d(3, 3), AdaptiveAvgPool2d(1), Flatten()])", IMAGES),
    "flat-norm": (IMAGE + "Conv2d(3, 3), Flatten(), LayerNorm(60), Linear(3)])", IMAGES),
    "hidden-log-softmax": ("Sequential([Input(4), Linear(5), LogSoftmax(), Linear(3)])", BLOB_DATA),
    "layer-norm": ("Sequential([Input(4), Linear(6), LayerNorm(6), GELU(), Linear(3)])", BLOB_DATA),
    "softmax-nll": ("Sequential([Input(4), Linear(6), Sigmoid(), Linear(3), LogSoftmax()])\nloss = NLLLoss()", BLOB_DATA),
    "lstm": ("Sequential([Input(5, 4), LSTM(6), Linear(3)])", STEPS),
    "rnn": ("Sequential([Input(5, 4), RNN(6), RNN(5), Linear(3)])", STEPS),
    "svm": ("Sequential([Input(4), Linear(5), LeakyReLU(0.1), Linear(3)])\nloss = SVMLoss()", BLOB_DATA),
    "l2": ("Sequential([Input(4), Linear(5), Tanh(), Linear(2)])\nloss = MSELoss()\nregularization = L2(0.01)", LINE_DATA),
}  # fmt: skip
LOSSES = {
    "bce": ("Sequential([Input(4), Linear(5), GELU(), Linear(1), Sigmoid()])\nloss = BCELoss()", YES_NO),
    "bce-of-probabilities": ("Sequential([Input(4), Linear(5), Softplus(), Linear(3), Softmax()])\nloss = BCELoss()", BLOB_DATA),
    "bce-logits-two-classes": ("Sequential([Input(4), Linear(5), SiLU(), Linear(2)])\nloss = BCEWithLogitsLoss()", YES_NO),
    "multi-label": ("Sequential([Input(4), Linear(6), Tanh(), Linear(3)])\nloss = MultiLabelSoftMarginLoss()", MANY),
    "hinge-one-output": ("Sequential([Input(4), Linear(5), ReLU(), Linear(1)])\nloss = HingeLoss()", YES_NO),
    "hinge-classes-l1": ("Sequential([Input(4), Linear(5), Sigmoid(), Linear(3)])\nloss = HingeLoss()\nregularization = L1(0.01)", BLOB_DATA),
    "keras-probabilities": ("Sequential([Input(4), Dense(6, activation='gelu'), Dense(3, activation='softmax')])\nloss = SparseCategoricalCrossentropy(from_logits=False)", BLOB_DATA),
    "quadratic-signal": (SIGNAL + "Conv1d(3, 3, bias=False), BatchNorm1d(3), GELU(), Flatten(), Linear(3)])\nloss = QuadraticCost()", SIGNALS),
}  # fmt: skip
CNN = IMAGE + "Conv2d(4, 3, padding=1, bias=False), BatchNorm2d(4), "
PLAIN = "Sequential([Input(4), Linear(8), ReLU(), Linear(3)])\n"
#: Settings on a network that all of them change.
OPTIONS = {
    "gd": {"optimiser": "gd", "batch_size": 10**6, "learning_rate": 0.1},
    "sgd": {"optimiser": "sgd", "optimiser_settings": {"weight_decay": 0.1}, "schedule": "warmup", "learning_rate": 0.1},
    "momentum": {"optimiser": "momentum", "clip": 0.2, "optimiser_settings": {"momentum": 0.5, "weight_decay": 0.1}, "learning_rate": 0.1},
    "nesterov": {"optimiser": "nesterov", "clip": 0.2, "schedule": "step", "schedule_settings": {"step_size": 2, "gamma": 0.3}},
    "adagrad": {"optimiser": "adagrad", "clip": 0.2, "optimiser_settings": {"epsilon": 1e-3}},
    "rmsprop": {"optimiser": "rmsprop", "clip": 0.2, "optimiser_settings": {"decay": 0.9, "epsilon": 1e-3}},
    "adam": {"clip": 0.2, "optimiser_settings": {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}},
    "adamw": {"optimiser": "adamw", "optimiser_settings": {"weight_decay": 0.5}},
    "adadelta": {"optimiser": "adadelta", "learning_rate": 1.0, "optimiser_settings": {"epsilon": 1e-3}},
    "lion": {"optimiser": "lion", "optimiser_settings": {"weight_decay": 0.1}},
    "clip-cosine": {"clip": 0.5, "schedule": "cosine"},
    "patience": {"patience": 1, "epochs": 8, "optimiser": "sgd", "learning_rate": 1.0},
}  # fmt: skip
#: What people write: several at once. Masks and moves are Philox's in NumPy too.
TOGETHER = {
    "cnn-dropout": (IMAGE + "Conv2d(3, 3), GELU(), Dropout(0.2), Conv2d(4, 3), Swish(), Dropout(0.5), Flatten(), Linear(8), LeakyReLU(), Dropout(0.3), Linear(3)])", IMAGES, {"shift": 2, "seed": 5}),
    "resnet-like": (CNN + "ReLU(), Residual(Conv2d(4, 3, padding=1, bias=False), BatchNorm2d(4), ReLU(), Dropout(0.1)), AdaptiveAvgPool2d(1), Flatten(), Linear(3)])\nregularization = L2(0.001)", IMAGES,
                    {"optimiser": "adamw", "optimiser_settings": {"weight_decay": 0.05}, "clip": 1.0, "schedule": "cosine", "shift": 1, "patience": 3}),
    "mlp-norm-dropout": ("Sequential([Input(4), Linear(9, bias=False), BatchNorm1d(9, momentum=0.3), Softplus(), Dropout(0.4), Residual(Linear(9), Tanh()), LayerNorm(9), Dropout(0.1), Linear(3)])", BLOB_DATA,
                         {"optimiser": "momentum", "optimiser_settings": {"weight_decay": 0.01}, "clip": 0.5, "schedule": "step", "batch_size": 32}),
    "lstm-dropout": ("Sequential([Input(5, 4), LSTM(6), Dropout(0.3), Linear(5), SiLU(), Linear(3)])", STEPS, {"optimiser": "rmsprop", "clip": 0.5, "schedule": "warmup"}),
}  # fmt: skip
PROGRAM = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 6)
        self.outer = nn.Linear(6, 3)
    def forward(self, x):
        z = self.inner(x)
        return self.outer({})
model = Net()
loss = nn.CrossEntropyLoss()
"""
#: A branch that is not taken has an infinite slope, or nan: the kernels select.
ROUTED = {
    "root-of-relu": (PROGRAM.format("torch.sqrt(torch.relu(z))"), BLOB_DATA),
    "untaken-root": (PROGRAM.format("torch.where(z > 0, torch.sqrt(z), z)"), BLOB_DATA),
    "untaken-logarithm": (PROGRAM.format("torch.where(z > 1, torch.log(z), z - 1)"), BLOB_DATA),
}  # fmt: skip
CASES = {
    name: (*case, {})
    for name, case in {**NETWORKS, **LAYERS, **LOSSES, **ROUTED}.items()
}
CASES |= {name: (PLAIN, BLOB_DATA, settings) for name, settings in OPTIONS.items()}
CASES |= TOGETHER


def written(folder, name, backend, **more):
    """Write a case's script and return its path."""
    text, data, settings = CASES.get(name) or OWN[name]
    if "loss" not in text:
        text += "\nloss = CrossEntropyLoss()"
    graph = parse_network(text, data.features, data.classes)
    evaluation = parse_network(text, data.features, data.classes, training=False)
    usual = {"epochs": 3, "batch_size": 25, "learning_rate": 0.01}
    chosen = Settings(**usual | settings | more, backend=backend)
    path = folder / f"train_{backend}.py"
    script = training_script(graph, data, chosen, path.name, evaluation)
    if backend == "numpy" and ("Dropout" in text or chosen.shift):
        script = with_philox(script, graph)
    path.write_text(script)
    return path


@pytest.mark.sampled(20)
@pytest.mark.gpu
@pytest.mark.parametrize("name", CASES)
def test_losses_follow_the_numpy_script(tmp_path, name):
    ours = epochs(run_script(written(tmp_path, name, "cupy"), "--json"))
    theirs = numpy_epochs(written(tmp_path, name, "numpy"))
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for key in ("train_loss", "test_loss", "valid_loss"):
            if key in other:
                assert one[key] == pytest.approx(other[key], rel=TOLERANCE), key


@pytest.mark.sampled(20)
@pytest.mark.gpu
@pytest.mark.parametrize("name", [*NETWORKS, *LAYERS, *LOSSES, *ROUTED, "cnn-dropout"])
def test_gradients_agree_with_central_differences(tmp_path, name):
    done = run_script(written(tmp_path, name, "cupy"), "--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "WRONG" not in done.stdout
    assert done.stdout.count("ok") >= 2


# ---- what only a GPU script has ----

DROPOUT = "Sequential([Input(4), Linear(40), Dropout(0.3), ReLU(), Linear(3)])"
OWN = {"dropout": (DROPOUT, BLOB_DATA, {})}


@pytest.mark.gpu
def test_dropout_draws_new_masks_every_step_and_repeats_with_the_seed(tmp_path):
    path = written(tmp_path, "dropout", "cupy")
    one, again = (epochs(run_script(path, "--json")) for _ in range(2))
    other = epochs(run_script(path, "--json", "--seed", "1"))
    losses = [[row["train_loss"] for row in rows if "epoch" in row]
              for rows in (one, again, other)]  # fmt: skip
    assert losses[0] == losses[1] != losses[2]
    assert len(set(losses[0])) == len(losses[0])


@pytest.mark.gpu
def test_resume_goes_on_to_the_bit(tmp_path):
    path = written(tmp_path, "dropout", "cupy")
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    epochs(run_script(path, "--json", "--epochs", "4", "--weights", str(whole)))
    last = "unlink(missing_ok=True)  # the work is done"
    assert last in path.read_text()
    path.write_text(path.read_text().replace(last, "exists()"))  # keeps the checkpoint
    epochs(run_script(path, "--json", "--epochs", "2", "--weights", str(parts)))
    done = run_script(
        path, "--json", "--epochs", "4", "--resume", "--weights", str(parts)
    )
    epochs(done)
    with np.load(whole) as one, np.load(parts) as other:
        for name in one.files:
            np.testing.assert_array_equal(one[name], other[name])


def test_without_a_device_it_says_so(tmp_path):
    path = written(tmp_path, "dropout", "cupy")
    done = run_script(path, settings={"CUDA_HOST_DEVICE": "none"})
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "no CUDA device" in done.stderr and "--backend numpy" in done.stderr


def test_a_step_is_captured_once_for_each_batch_size_and_replayed(tmp_path):
    (log := tmp_path / "log").mkdir()
    path = written(tmp_path, "relu-crossentropy-adam", "cupy")
    epochs(run_script(path, "--json", log=log))
    graphs = kernel_log.graphs(log)
    assert len(graphs) == 2  # 25 examples, and the 21 that are left
    assert graphs[0] == graphs[1]
    assert len(graphs[0]) <= 12, graphs[0]


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["relu-crossentropy-adam", "conv-maxpool"])
def test_without_graph_the_losses_are_the_same(tmp_path, name):
    path = written(tmp_path, name, "cupy")
    one, other = (
        epochs(run_script(path, "--json", *more)) for more in ([], ["--no-graph"])
    )
    for a, b in zip(one, other, strict=True):
        assert a["test_loss"] == pytest.approx(b["test_loss"], rel=1e-5)


@pytest.mark.parametrize("name", ["relu-crossentropy-adam", "conv-maxpool", "lstm"])
def test_golden_text(tmp_path, name, request):
    text = written(tmp_path, name, "cupy").read_text()
    base = None if name == WHOLE else f"{WHOLE}-cupy"
    assert_golden(text, f"{name}-cupy", base, request.config.getoption("--rewrite"))


@pytest.mark.parametrize("name", ["lstm", "l2", "resnet-like", "mlp-norm-dropout"])
def test_the_script_is_formatted(tmp_path, name):
    for parallel, precision in (
        ("", "float32"),
        ("mpi", "float32"),
        ("mpi", "float16"),
    ):
        path = written(tmp_path, name, "cupy", parallel=parallel, precision=precision)
        for words in (["format", "--isolated", "--diff"], ["check", "--isolated"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *words, str(path)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout


def test_all_kernels_of_all_layers_compile_with_nvrtc(tmp_path):
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    (log := tmp_path / "log").mkdir()
    for name in ("conv-maxpool", "conv-grouped", "batch-norm", "lstm", "dropout",
                 "layer-norm", "clip-cosine"):  # fmt: skip
        epochs(run_script(written(tmp_path, name, "cupy"), "--json", log=log))
    kernels = kernel_log.kernels(log)
    assert len(kernels) > 25
    for kernel, architecture in nvrtc.in_turn(kernels):
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF"), kernel.name
