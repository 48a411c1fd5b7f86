"""Each command and its twin in Python say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from places import ROOT

import gradtutor as gt
from gradtutor.cli import COMMANDS, main
from gradtutor.cli.training.network import gen
from gradtutor.front.options import GenOptions

NET = (
    "Sequential([Input(64), Linear(8), ReLU(), Linear(10)])\nloss = CrossEntropyLoss()"
)
FORM = "tanh(w*x)**2"
AT = {"w": 0.5, "x": 2}
MATRIX = "x: (n,)\nA: (n, n)\nx @ A @ x"
POINT = {"x": [1.0, 2.0], "A": [[1.0, 2.0], [3.0, 4.0]]}
SOLUTION = "def forward(x):\n    return x**3\n\ndef backward(x, dout):\n    return {}\n"


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def told(*words: str) -> dict:
    """Run a command for its JSON object."""
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.stdout, done.output
    return json.loads(done.stdout)


def given(**at) -> list[str]:
    return ["--at", ",".join(f"{name}={json.dumps(one)}" for name, one in at.items())]


def same(ours, theirs) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


def render():
    data = told("render", FORM, *given(**AT))
    found = gt.circuit(FORM, **AT)
    same(found.value(), data["value"])
    grads = {name: one["grad"] for name, one in data["inputs"].items()}
    same(list(found.gradients().values()), list(grads.values()))
    CliRunner().invoke(main, ["render", FORM, *given(**AT), "-o", "cli.svg"])
    found.save("own.svg")
    assert Path("cli.svg").read_bytes() == Path("own.svg").read_bytes()
    assert found.show().svg.encode() == Path("own.svg").read_bytes()
    CliRunner().invoke(main, ["render", FORM, *given(**AT), "-o", "cli.html"])
    assert found.page().html.encode() == Path("cli.html").read_bytes()


def diff():
    data = told("diff", FORM, "--wrt", "w", "--form", "stable", *given(**AT))
    found = gt.circuit(FORM, **AT)
    assert found.diff("w") == data["derivative"]
    same(found.derivative("w"), data["value"])
    twice = told("diff", FORM, "--wrt", "w", "--order", "2", "--form", "stable")
    assert found.diff("w", "w") == twice["derivative"]


def hessian():
    data = told("diff", MATRIX, "--wrt", "x", "--order", "2", *given(**POINT))
    found = gt.circuit(MATRIX, **POINT).hessian("x")
    assert found.text == data["derivative"] and found.verified is data["verified"]
    same(found, data["value"])


def jacobian():
    data = told("diff", "A @ x", "--jacobian", "--wrt", "x", *given(**POINT))
    found = gt.circuit("A @ x", **POINT).jacobian("x")
    assert found.text == data["derivative"]
    same(found.value, data["value"])


def steps():
    data = told("diff", FORM, "--steps", *given(**AT))
    found = gt.circuit(FORM, **AT).steps()
    assert json.loads(json.dumps(found.to_json())) == data["steps"]
    shown = CliRunner().invoke(main, ["diff", FORM, "--steps", *given(**AT)]).stdout
    assert str(found) == shown.rstrip("\n")


def check():
    data = told("check", FORM, *given(**AT))
    found = gt.circuit(FORM).check(**AT)
    rows = {row.name: row.analytic for row in found}
    assert rows == {name: one["analytic"] for name, one in data["inputs"].items()}
    assert found.ok is data["ok"] is True


def audit():
    for slope, ok in (("3*x**2*dout", True), ("2*x**2*dout", False)):
        Path("own.py").write_text(SOLUTION.format(slope))
        data = told("check", "own.py:backward", "--shapes", "x=3")
        found = gt.audit("own.py:backward", shapes={"x": (3,)})
        assert found.ok is data["ok"] is ok
        assert found.misconception == data["misconception"]
        assert found.report.to_json()["gradients"] == data["gradients"]


def gen_script():
    Path("a.net").write_text(NET)
    data = told("gen", "a.net", "--data", "digits", "--epochs", "3")
    found = gt.network("a.net").script("digits", epochs=3)
    assert found == data["script"]
    data = told("gen", "a.net", "--data", "digits", "--comments", "zh")
    assert gt.network("a.net").script("digits", comments="zh") == data["script"]


def train():
    Path("a.net").write_text(NET)
    options = ["--data", "digits", "--epochs", "2", "--no-pictures", "--seed", "3"]
    data = told("train", "a.net", *options)
    found = gt.network("a.net").train("digits", "own", epochs=2, seed=3, quiet=True)
    same(found.summary["test_loss"], data["test_loss"])
    assert found.accuracy == data["test_accuracy"]
    assert found.summary["recall"] == data["recall"]
    X = gt.data("digits")[0][:4]
    np.savez("new.npz", X=X)
    answers = told("predict", "a-run", "new.npz")["answers"]
    assert found.predict(X) == found.predict("new.npz") == answers
    assert gt.trained("own").predict("new.npz") == answers
    arrays = told("export", "a-run", "cli.npz")["arrays"]
    assert found.export("own.npz")["arrays"] == arrays
    assert found.export("own.onnx")["operators"] > 1
    with np.load("own.npz") as ours, np.load("cli.npz") as theirs:
        for name in arrays:
            same(ours[name], theirs[name])


def data():
    assert told("data", "list")["datasets"] == gt.data()["datasets"]
    told("data", "fetch", "digits")
    X, y = gt.data("digits")
    with np.load("digits.npz") as fetched:
        assert (fetched["X"] == X).all() and (fetched["y"] == y).all()


def explain():
    for name in ("relu", "softmax", "Adam", "chain", "wrong-table-entry"):
        data = told("explain", name)
        assert json.loads(json.dumps(dict(gt.explain(name)))) == without(data)
    assert set(gt.explain()) == set(without(told("explain")))


def doctor():
    ours = gt.doctor()["findings"]
    assert [one["name"] for one in ours] == [
        one["name"] for one in told("doctor")["findings"]
    ]


def lesson():
    shown = told("lesson", "show", "gates")
    found = gt.lesson("gates")
    assert [one["text"] for one in shown["questions"]] == [
        found.question(number) for number in range(1, len(found.questions) + 1)
    ]
    for answer in ("999", "-2", "?"):
        data = told("lesson", "answer", "gates/1", answer)
        graded = gt.lesson("gates").answer(1, answer)
        verdict = data.get("verdict", "invalid")
        assert graded.verdict == verdict
        if "feedback" in data:
            assert graded.feedback == data["feedback"]
    assert gt.lesson("gates").status["add"] == "right"
    first = gt.lesson("gates").hint(2)
    assert (first["tier"], told("lesson", "hint", "gates/2")["tier"]) == (1, 2)
    worked = told("lesson", "solution", "gates/2")["text"]
    assert gt.lesson("gates").solution(2)["text"] == worked
    rows = {row["name"]: row for row in gt.lessons()["lessons"]}
    assert (rows["gates"]["right"], rows["gates"]["started"]) == (1, True)


def teach():
    spec = next((ROOT / "examples" / "sheets").glob("*.toml"))
    data = told("teach", "sheet", str(spec), "-o", "cli", "--versions", "2")
    found = gt.run("teach", "sheet", spec, output="own", versions=2)
    assert [found[key] for key in ("copies", "points")] == [
        data[key] for key in ("copies", "points")
    ]
    names = [Path(one).relative_to("own") for one in found["files"]]
    assert names == [Path(one).relative_to("cli") for one in data["files"]]
    for name in names:
        assert Path("own", name).read_bytes() == Path("cli", name).read_bytes()
    with pytest.raises(gt.TutorError):
        gt.run("teach", "sheet", "none.toml", output="own")


def without(data: dict) -> dict:
    return {key: one for key, one in data.items() if key != "schema"}


TWINS = {
    "render": (render,),
    "diff": (diff, hessian, jacobian, steps),
    "check": (check, audit),
    "gen": (gen_script,),
    "train": (train,),
    "predict": (train,),
    "export": (train,),
    "data": (data,),
    "explain": (explain,),
    "lesson": (lesson,),
    "teach": (teach,),
    "doctor": (doctor,),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("twin", dict.fromkeys(sum(TWINS.values(), ())))
def test_a_command_and_its_twin_say_the_same(twin):
    twin()


def test_every_command_has_a_twin():
    assert {command.name for command in COMMANDS} == TWINS.keys()


def test_the_typed_options_are_those_of_the_command():
    names = {param.name for param in gen.params}
    own = {"network", "output", "single_file", "dataset", "as_json", "quiet", "lang"}
    assert names - own == set(GenOptions.__annotations__)


def test_each_option_of_a_script_is_taken():
    found = gt.network(NET).script(
        "digits", epochs=3, batch_size=7, learning_rate=0.25, optimizer="sgd", seed=5
    )
    for setting in ("EPOCHS = 3", "BATCH_SIZE = 7", "0.25", "SEED = 5"):
        assert re.search(setting, found), setting
