"""What a generated script does as it trains: stops, goes on, keeps its files."""

from __future__ import annotations

import json
import os
import random
import re
import runpy
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from networks import BLOB_DATA, LINE_DATA

from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.language import parse_network

# ---- scripts, run as a stranger would ----

PLAIN = (
    "Sequential([Input(4), Linear(6), Tanh(), Linear(3)])\nloss = CrossEntropyLoss()"
)
DROPOUT = PLAIN.replace("Tanh()", "ReLU(), Dropout(0.3)")
NORMED = PLAIN.replace("Tanh()", "BatchNorm1d(6), ReLU()")
BOTH = PLAIN.replace("Tanh()", "BatchNorm1d(6), ReLU(), Dropout(0.2)")
IMAGES = (
    "Sequential([Input(1, 2, 2), Conv2d(3, 2, padding=1), ReLU(), Flatten(),"
    " Linear(3)])\nloss = CrossEntropyLoss()"
)
SIGNALS = IMAGES.replace("(1, 2, 2), Conv2d(3, 2", "(1, 4), Conv1d(3, 2")
STEPS = "Sequential([Input(2, 2), LSTM(5), Linear(3)])\nloss = CrossEntropyLoss()"
LINEAR = "Sequential([Input(4), Linear(2)])\nloss = MSELoss()"

#: Labels that have nothing to do with X, so that the validation loss soon rises.
NOISE = replace(
    BLOB_DATA,
    functions=BLOB_DATA.functions.replace(
        "y = np.arange(150) % 3", "y = rng.permutation(np.arange(150) % 3)"
    ).replace("np.eye(3, 4)[y] * 3", "0 * np.eye(3, 4)[y]"),
)

#: Name: network, data and settings.
CASES: dict[str, tuple[str, ScriptData, dict]] = {
    "sgd": (PLAIN, BLOB_DATA, {"optimiser": "sgd", "learning_rate": 0.1}),
    "gd": (LINEAR, LINE_DATA, {"optimiser": "gd", "batch_size": 1_000_000}),
    "momentum-step": (
        *(PLAIN, BLOB_DATA),
        {"optimiser": "momentum", "schedule": "step",
         "schedule_settings": {"step_size": 2, "gamma": 0.5}},
    ),
    "adam-l2-clip": (
        *(PLAIN, BLOB_DATA),
        {"clip": 0.1, "optimiser_settings": {"weight_decay": 0.01}},
    ),
    "adamw-cosine": (LINEAR, LINE_DATA, {"optimiser": "adamw", "schedule": "cosine"}),
    "rmsprop-warmup": (
        PLAIN, BLOB_DATA, {"optimiser": "rmsprop", "schedule": "warmup"},
    ),
    "dropout": (DROPOUT, BLOB_DATA, {}),
    "batch-norm": (NORMED, BLOB_DATA, {"batch_size": 7}),  # 120 = 17 * 7 + 1
    "dropout-batch-norm-patience": (BOTH, NOISE, {"patience": 50}),
    "patience-held-out": (PLAIN, replace(NOISE, held_out=True), {"patience": 50}),
    "images-shift": (IMAGES, BLOB_DATA, {"shift": 1}),
    "images-threads": (IMAGES, BLOB_DATA, {"threads": 2}),
    "signals": (SIGNALS, BLOB_DATA, {}),
    "sequence-threads": (STEPS, BLOB_DATA, {"threads": 3, "patience": 9}),
}  # fmt: skip


def script(folder, network, data, settings, name="net.py"):
    graph = parse_network(network, 4, data.classes)
    evaluation = parse_network(network, 4, data.classes, training=False)
    options = Settings(**{"epochs": 6, "learning_rate": 0.02, **settings})
    path = folder / name
    text = training_script(graph, data, options, name, evaluation)
    path.write_text(text, encoding="utf-8")
    (folder / "gradtutor.py").write_text("raise ImportError('not in a script')")
    return path


def case(name, folder):
    return script(folder, *CASES[name])


def command(path, *arguments):
    return [sys.executable, "-W", "error", str(path), "--json", *map(str, arguments)]


def start(path, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        command(path, *arguments),
        capture_output=True,
        text=True,
        timeout=120,
        cwd=path.parent,
        env=environment,
        check=False,
    )


def results(done):
    """Return the epochs' objects and the summary."""
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    *epochs, summary = map(json.loads, done.stdout.splitlines())
    return epochs, summary


def losses(rows):
    timed = {"seconds", "step_ms"}
    return [{k: v for k, v in row.items() if k not in timed} for row in rows]


def broken_off(path, epoch, *arguments):
    """Run until kill -9 after an epoch; return what it printed."""
    text = path.read_text(encoding="utf-8")
    line = "        report(result, settings)\n"
    assert text.count(line) == 1
    deadly = f"        if epoch == {epoch}:\n            os.kill(os.getpid(), 9)\n"
    other = path.with_name("killed.py")
    other.write_text(text.replace(line, line + deadly), encoding="utf-8")
    done = start(other, *arguments)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def one_line(done, *words):
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", CASES)
def test_the_script_is_formatted_and_its_own_check_passes(name, tmp_path):
    path = case(name, tmp_path)
    tool = [sys.executable, "-m", "ruff"]
    for words in (["format", "--diff", "--isolated"], ["check", "--isolated"]):
        done = subprocess.run(
            [*tool, *words, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    done = start(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


# ---- going on ----


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", CASES)
def test_a_resumed_training_is_the_same_to_the_bit(name, tmp_path):
    path = case(name, tmp_path)
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    epochs, summary = results(start(path, "--weights", whole))
    before = broken_off(path, 3, "--weights", parts)
    assert not parts.exists()
    after, again = results(start(path, "--weights", parts, "--resume"))
    assert [row["epoch"] for row in before + after] == [1, 2, 3, 4, 5, 6]
    assert losses(before + after) == losses(epochs)
    assert losses([again]) == losses([summary])
    assert parts.read_bytes() == whole.read_bytes()
    left = {one.name for one in tmp_path.iterdir() if one.suffix == ".npz"}
    assert left == {"whole.npz", "parts.npz"}


def test_a_training_killed_after_its_last_epoch_only_has_to_save(tmp_path):
    path = case("sgd", tmp_path)
    _, summary = results(start(path, "--weights", tmp_path / "whole.npz"))
    broken_off(path, 6, "--weights", tmp_path / "parts.npz")
    after, again = results(start(path, "--weights", tmp_path / "parts.npz", "--resume"))
    assert after == []
    assert losses([again]) == losses([summary])
    files = (tmp_path / "whole.npz", tmp_path / "parts.npz")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_kill_9_at_any_moment_leaves_a_whole_checkpoint(tmp_path):
    wide = PLAIN.replace("Linear(6)", "Linear(30000)")  # a save takes a while
    path = script(tmp_path, wide, BLOB_DATA, {"optimiser": "adam", "batch_size": 120})
    checkpoint, last = tmp_path / "net.checkpoint.npz", 0
    moments = random.Random(4)
    for attempt in range(8):
        resume = ["--resume"] * (attempt > 0)
        child = subprocess.Popen(
            command(path, "--epochs", 10**6, *resume),
            stdout=subprocess.PIPE,
            cwd=tmp_path,
        )
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b'{"epoch"')
        time.sleep(moments.uniform(0, 0.25))
        child.kill()
        child.communicate(timeout=60)
        with np.load(checkpoint) as file:
            arrays = {name: file[name] for name in file.files}  # checks every CRC
        epoch = json.loads(str(arrays["small"]))["result"]["epoch"]
        assert epoch > last
        last = epoch
    epochs, _ = results(start(path, "--epochs", last + 1, "--resume"))
    assert [row["epoch"] for row in epochs] == [last + 1]
    assert not checkpoint.exists()
    pieces = path.with_suffix(".npz").read_bytes()
    results(start(path, "--epochs", last + 1, "--weights", tmp_path / "whole.npz"))
    assert (tmp_path / "whole.npz").read_bytes() == pieces
    assert list(tmp_path.glob("*.partial")) == []


def test_ctrl_c_says_how_to_go_on(tmp_path):
    path = case("sgd", tmp_path)
    child = subprocess.Popen(
        command(path, "--epochs", 10**6),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130
    assert errors == "interrupted: the last epoch is saved: go on with --resume\n"
    assert list(tmp_path.glob("*.partial")) == []


# ---- checkpoints that are of no use ----


def unfinished(folder, network=PLAIN, **settings):
    """Return a script and its checkpoint after a kill."""
    folder.mkdir(exist_ok=True)
    path = script(folder, network, BLOB_DATA, settings)
    broken_off(path, 1, "--weights", folder / "net.npz")
    return path, folder / "net.checkpoint.npz"


@pytest.mark.parametrize(
    "other",
    [
        {"network": PLAIN.replace("Linear(6)", "Linear(7)")},
        {"network": NORMED},
        {"optimiser": "sgd"},
        {"patience": 2},
    ],
    ids=str,
)
def test_a_checkpoint_of_another_network_is_refused(other, tmp_path):
    _, foreign = unfinished(tmp_path / "other", **other)
    path, own = unfinished(tmp_path / "own")
    own.write_bytes(foreign.read_bytes())
    one_line(start(path, "--resume"), "another network or optimiser", "--resume")
    assert own.read_bytes() == foreign.read_bytes()


def test_a_damaged_checkpoint_is_one_line_and_stays(tmp_path):
    path, own = unfinished(tmp_path)
    whole = own.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 255
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "weights.npz", W1=np.zeros(3))
    for content in (
        *(whole[: len(whole) * i // 7] for i in range(7)),
        *(bytes(flipped), b"no archive at all"),
        *((tmp_path / name).read_bytes() for name in ("array.npy", "weights.npz")),
    ):
        own.write_bytes(content)
        one_line(start(path, "--resume"), "is damaged", "leave out --resume")
        assert own.read_bytes() == content
    own.unlink()
    one_line(start(path, "--resume"), "there is no", "leave out --resume")


# ---- a full disk, folders that are missing ----


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path):
    path, checkpoint = unfinished(tmp_path)
    (tmp_path / "net.npz").write_bytes(b"the weights of before")
    before = checkpoint.read_bytes()
    full = tmp_path / "net.checkpoint.npz.partial"
    full.symlink_to("/dev/full")
    one_line(start(path, "--resume"), "No space left", "go on with --resume")
    assert checkpoint.read_bytes() == before
    assert (tmp_path / "net.npz").read_bytes() == b"the weights of before"
    assert not full.is_symlink()
    full = tmp_path / "net.npz.partial"  # full only when the weights are saved
    full.symlink_to("/dev/full")
    done = start(path, "--resume")
    assert "go on with --resume" in done.stderr.splitlines()[-1]
    assert (tmp_path / "net.npz").read_bytes() == b"the weights of before"
    results(start(path, "--resume"))
    assert sorted(one.name for one in tmp_path.glob("net.*")) == ["net.npz", "net.py"]


def test_a_folder_that_is_missing_is_told_before_the_training(tmp_path):
    path = case("sgd", tmp_path)
    for option in ("--weights", "--predictions"):
        done = start(path, "--epochs", 10**7, option, tmp_path / "no" / "file.npz")
        one_line(done, "there is no folder")
        done = start(path, "--epochs", 10**7, option, tmp_path)
        assert done.returncode == 2
        assert "is a folder" in done.stderr
        done = start(path, "--epochs", 10**7, option, "/dev/null")
        assert done.returncode == 2 and not Path("/dev/null").is_file()


# ---- early stopping ----


def loaded(path, weights=None):
    """Return the script as a module, its parameters and its running statistics."""
    module = runpy.run_path(str(path))
    with np.load(weights or path.with_suffix(".npz")) as file:
        arrays = {name: file[name] for name in file.files}
    parameters = [arrays.pop(name) for name in module["SHAPES"]]
    return module, parameters, arrays


@pytest.mark.parametrize("network", [PLAIN, BOTH], ids=["plain", "batch-norm"])
@pytest.mark.parametrize("data", [NOISE, replace(NOISE, held_out=True)], ids=str)
def test_early_stopping_restores_the_best_weights(network, data, tmp_path):
    settings = {"patience": 4, "epochs": 500, "learning_rate": 0.05}
    path = script(tmp_path, network, data, settings)
    epochs, summary = results(start(path))
    valid = [row["valid_loss"] for row in epochs]
    best = int(np.argmin(valid)) + 1
    assert len(epochs) == summary["epochs"] == best + 4 < 500
    assert summary["best_epoch"] == best
    for key in ("train_loss", "valid_loss", "test_loss", "test_accuracy"):
        assert summary[key] == epochs[best - 1][key]
    module, parameters, statistics = loaded(path)
    given = [statistics] if network is BOTH else []
    X, y, X_test, y_test = module["load_data"]()
    if data.held_out:
        X_valid, y_valid = X[108:], y[108:]
    else:
        _, _, X_valid, y_valid = module["split"](X, y, 0.1, 0)
    assert len(X_valid) == 12
    assert module["evaluate"](parameters, *given, X_valid, y_valid)[0] == min(valid)
    loss, accuracy = module["evaluate"](parameters, *given, X_test, y_test)
    assert (loss, accuracy) == (summary["test_loss"], summary["test_accuracy"])


def test_a_stopped_training_that_was_killed_does_not_go_on(tmp_path):
    settings = {"patience": 4, "epochs": 500, "learning_rate": 0.05}
    path = script(tmp_path, PLAIN, NOISE, settings)
    epochs, summary = results(start(path, "--weights", tmp_path / "whole.npz"))
    broken_off(path, len(epochs), "--weights", tmp_path / "parts.npz")
    after, again = results(start(path, "--weights", tmp_path / "parts.npz", "--resume"))
    assert after == []
    assert losses([again]) == losses([summary])


def test_too_few_examples_to_validate_by_is_one_line(tmp_path):
    functions = BLOB_DATA.functions.replace("150", "4")
    few = replace(BLOB_DATA, functions=functions)
    path = script(tmp_path, PLAIN, few, {"patience": 3})
    one_line(start(path), "too few examples")


# ---- clipping, batches ----


def first_step(folder, **settings):
    """Return the weights before and after one step on all examples."""
    folder.mkdir()
    wanted = {"optimiser": "sgd", "learning_rate": 1, "epochs": 1, "batch_size": 200}
    path = script(folder, LINEAR, LINE_DATA, wanted | settings)
    results(start(path))
    module, parameters, _ = loaded(path)
    before = module["initial_parameters"](np.random.default_rng(0))
    return before, np.concatenate([array.ravel() for array in parameters])


def test_clipping_bounds_the_norm_of_the_gradient(tmp_path):
    before, free = first_step(tmp_path / "free")
    _, clipped = first_step(tmp_path / "clipped", clip=0.25)
    _, loose = first_step(tmp_path / "loose", clip=1e6)
    norm = np.linalg.norm(free - before)
    assert norm > 1
    assert np.linalg.norm(clipped - before) == pytest.approx(0.25, rel=1e-4)
    np.testing.assert_allclose(
        clipped - before, (free - before) * 0.25 / norm, rtol=1e-3
    )
    np.testing.assert_array_equal(loose, free)


def test_gradient_descent_takes_all_examples_at_once(tmp_path):
    _, sgd = first_step(tmp_path / "sgd")
    _, gd = first_step(tmp_path / "gd", optimiser="gd", batch_size=1_000_000)
    np.testing.assert_array_equal(sgd, gd)


# ---- evaluation: no dropout, running statistics ----


def by_hand(arrays, X, *, normed):
    """Evaluate the network with its saved arrays, not looking at the script."""
    last = max(int(name[1:]) for name in arrays if name.startswith("W"))
    z = X @ arrays["W1"] + arrays["b1"]
    if normed:
        mean, var = (np.ravel(arrays[name]) for name in ("mean2", "var2"))
        z = (z - mean) / np.sqrt(var + 1e-5) * arrays["gamma2"] + arrays["beta2"]
    return np.maximum(z, 0) @ arrays[f"W{last}"] + arrays[f"b{last}"]


@pytest.mark.parametrize("network", [DROPOUT, NORMED, BOTH])
def test_evaluation_has_no_dropout_and_takes_running_statistics(network, tmp_path):
    path = script(tmp_path, network, BLOB_DATA, {})
    _, summary = results(start(path, "--predictions", tmp_path / "answers.npz"))
    with np.load(tmp_path / "net.npz") as file:
        arrays = {name: file[name].astype(float) for name in file.files}
    with np.load(tmp_path / "answers.npz") as file:
        X, y, answers = file["X"], file["y"], file["prediction"]
    expected = by_hand(arrays, X, normed=network is not DROPOUT)
    np.testing.assert_allclose(answers, expected, rtol=1e-4, atol=1e-5)
    p = np.exp(expected) / np.exp(expected).sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(y)), y]))
    assert summary["test_loss"] == pytest.approx(loss, rel=1e-4)
    assert summary["test_accuracy"] == np.mean(expected.argmax(axis=1) == y)


def test_running_statistics_are_those_of_pytorch(tmp_path):
    path = script(tmp_path, NORMED, BLOB_DATA, {"epochs": 1, "batch_size": 120})
    results(start(path))
    module, _, statistics = loaded(path)
    X, _, _, _ = module["load_data"]()
    W, b, *_ = module["views"](module["initial_parameters"](np.random.default_rng(0)))
    z = X.astype(float) @ W + b
    mean, var = (np.ravel(statistics[name]) for name in ("mean2", "var2"))
    np.testing.assert_allclose(mean, 0.1 * z.mean(axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(var, 0.9 + 0.1 * z.var(axis=0, ddof=1), rtol=1e-4)


def test_dropout_drops_its_share_and_keeps_the_mean(tmp_path):
    path = script(tmp_path, DROPOUT, BLOB_DATA, {})
    module = runpy.run_path(str(path))
    rng = np.random.default_rng(1)
    module["draw_masks"](rng, 20000, np.dtype(np.float32))
    *_, keep = module["arrays"](20000, np.dtype(np.float32))
    values, counts = np.unique(keep, return_counts=True)
    np.testing.assert_allclose(values, [0, 1 / 0.7], rtol=1e-6)
    assert counts[0] / counts.sum() == pytest.approx(0.3, abs=0.01)
    assert keep.mean() == pytest.approx(1, abs=0.01)


def test_a_batch_of_one_is_refused_where_it_has_no_variance(tmp_path):
    done = start(case("batch-norm", tmp_path), "--batch-size", 1)
    assert done.returncode == 2
    assert "batch normalisation" in done.stderr


IMAGES_NORMED = IMAGES.replace("ReLU()", "BatchNorm2d(3), ReLU()")


def test_an_image_alone_has_a_variance_and_is_not_left_out(tmp_path):
    settings = {"batch_size": 7, "epochs": 1}  # 120 = 17 * 7 + 1
    images = script(tmp_path, IMAGES_NORMED, BLOB_DATA, settings, "images.py")
    rows = script(tmp_path, NORMED, BLOB_DATA, settings, "rows.py")
    left_out = "order = order[:-1]"
    assert left_out not in images.read_text(encoding="utf-8")
    assert left_out in rows.read_text(encoding="utf-8")
    results(start(images))
    epochs, _ = results(start(images, "--batch-size", 1))
    assert np.isfinite(epochs[0]["train_loss"])


# ---- threads, moved images, predictions ----


@pytest.mark.sampled(2)
@pytest.mark.parametrize("network", [PLAIN, IMAGES, SIGNALS, STEPS])
@pytest.mark.parametrize("threads", [2, 7])
def test_threads_change_nothing_but_the_rounding(network, threads, tmp_path):
    found = []
    for count in (1, threads):
        settings = {"threads": count, "optimiser": "momentum", "batch_size": 16}
        path = script(tmp_path, network, BLOB_DATA, settings, f"net{count}.py")
        epochs, _ = results(start(path, "--epochs", 3))
        found.append((loaded(path)[1], [row["train_loss"] for row in epochs]))
    (one, losses_one), (many, losses_many) = found
    np.testing.assert_allclose(losses_one, losses_many, rtol=1e-5)
    for a, b in zip(one, many, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_moved_images_are_the_images_moved(tmp_path):
    module = runpy.run_path(str(script(tmp_path, IMAGES, BLOB_DATA, {"shift": 2})))
    rng = np.random.default_rng(3)
    X = rng.normal(size=(3, 5, 6, 400))
    moved = module["shifted_images"](X, np.random.default_rng(8))
    offsets = set()
    for n in range(400):
        wide = np.pad(X[..., n], ((0, 0), (2, 2), (2, 2)))
        fits = [
            (i, j)
            for i in range(5)
            for j in range(5)
            if np.array_equal(wide[:, i : i + 5, j : j + 6], moved[..., n])
        ]
        assert len(fits) == 1
        offsets.add(fits[0])
    assert len(offsets) == 25


def test_only_training_images_are_moved(tmp_path):
    path = case("images-shift", tmp_path)
    epochs, summary = results(start(path, "--predictions", tmp_path / "answers.npz"))
    module, parameters, _ = loaded(path)
    _, _, X, y = module["load_data"]()
    assert module["evaluate"](parameters, X, y) == (
        *(summary["test_loss"], summary["test_accuracy"]),
    )
    plain = script(tmp_path, IMAGES, BLOB_DATA, {}, "plain.py")
    assert results(start(plain))[0][0]["train_loss"] != epochs[0]["train_loss"]


@pytest.mark.parametrize("name", ["sgd", "gd", "images-shift", "sequence-threads"])
def test_predictions_are_the_test_set_with_the_answers(name, tmp_path):
    path, answers = case(name, tmp_path), tmp_path / "answers.npz"
    results(start(path, "--predictions", answers))
    module, parameters, _ = loaded(path)
    _, _, X, y = module["load_data"]()
    with np.load(answers) as file:
        assert set(file.files) == {"X", "y", "prediction"}
        np.testing.assert_array_equal(file["X"], X)
        np.testing.assert_array_equal(file["y"], y)
        prediction = file["prediction"]
    given = module["take"](X, y, slice(None))[0] if "take" in module else X
    expected = module["predict"](parameters, given)
    np.testing.assert_allclose(prediction, expected, rtol=1e-5, atol=1e-6)
    assert len(prediction) == len(X)


def test_the_lines_for_a_person_name_what_they_show(tmp_path):
    path = script(tmp_path, PLAIN, NOISE, {"patience": 50, "epochs": 2})
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=True
    )
    number = r"\d+\.\d+"
    line = (
        rf"epoch   1   train loss {number}   test loss {number}"
        rf"   validation loss {number}   test accuracy {number}   {number} s"
    )
    assert re.fullmatch(line, done.stdout.splitlines()[0])
