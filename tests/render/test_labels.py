"""Class labels: whole numbers from 0 to K - 1; there is no derivative by them."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import LabelError
from gradtutor.gates import GATES, Structural
from gradtutor.language import parse

LOSSES = ["cross_entropy", "nll_loss", "svm_loss", "cross_entropy_slope"]
TEXTS = [*(f"{name}(z, y)" for name in LOSSES), "one_hot(y, z)*z"]
SCORES = np.array([[0.2, 0.3, 0.5], [0.7, 0.1, 0.2]])


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_the_table_knows_which_gates_take_labels():
    taking = {
        name
        for name, gate in GATES.items()
        if getattr(gate, "labels", None) is not None
    }
    assert taking == {*LOSSES, "one_hot"}
    assert all(isinstance(GATES[name], Structural) for name in taking)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("wrong", [-1, 3, 0.5, -0.5, np.nan, np.inf, 1e300])
def test_what_is_no_class_is_refused(text, wrong):
    circuit = gt.parse(text, {"z": (2, 3), "y": (2,)})
    with pytest.raises(LabelError, match=re.escape(f"{wrong:g} is no class: with 3")):
        circuit.value(z=SCORES, y=[0, wrong])


@pytest.mark.parametrize("text", TEXTS)
def test_every_class_is_taken_and_the_gradients_agree(text):
    circuit = gt.parse(text, {"z": (2, 3), "y": (2,)})
    for labels in ([0, 1], [2, 0], [1, 2]):
        rows = circuit.check(z=SCORES, y=labels)
        assert [row.name.split("[")[0] for row in rows] == ["z"] * 6
        assert [row.ok for row in rows] == [True] * 6, rows
    assert circuit.verify("z", circuit.diff("z")) is True


@pytest.mark.parametrize("command", ["render", "check"])
def test_the_command_line_says_which_labels_there_are(command):
    result = run(command, "cross_entropy(z, y)", "--at", "z=[1,2,3],y=-1")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "gradtutor: cross_entropy: -1 is no class: with 3 scores, labels are whole "
        "numbers from 0 to 2\n"
    )


def test_a_row_that_is_not_there_is_refused():
    result = run("render", "gather(T, i)", "--at", "T=[1,2,3],i=7")
    assert (result.exit_code, "out of bounds" in result.stderr) == (3, True)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("z: (2, 3)\ny: (2,)\ncross_entropy(z, y) + svm_loss(2*z, y)", ["y"]),
        ("z: (2, 3)\ny: (2,)\ncross_entropy(z, y) + sum(y)", []),
        ("z: (2, 3)\ny: (2,)\ncross_entropy(z, y - 1)", []),
        ("z: (2, 3)\none_hot(y, z)*one_hot(y, 2*z)", ["y"]),
        ("x*y", []),
    ],
)
def test_inputs_read_as_labels_alone_have_the_role(text, labels):
    circuit = gt.Circuit(parse(text, {"y": (2,)} if "one_hot" in text else {}))
    roles = {name: circuit.graph.nodes[name]["role"] for name in circuit.inputs}
    assert [name for name, role in roles.items() if role == "label"] == labels
    assert circuit.variables == [name for name in roles if name not in labels]
    point = random_point(circuit.graph, 4)
    assert all(not point[name].any() for name in labels)


@pytest.mark.parametrize("more", [[], ["--steps"], ["--latex"]])
def test_no_derivative_by_labels(more):
    shaped = "z: (2, 3)\ny: (2,)\ncross_entropy(z, y)"
    data = json.loads(run("diff", shaped, "--json", *more).stdout)
    rows = data.get("derivatives", [data])
    assert [(row["wrt"], row["verified"]) for row in rows] == [("z", True)]
    result = run("diff", shaped, "--wrt", "y", *more)
    assert (result.exit_code, "y holds class labels" in result.stderr) == (3, True)


def test_a_networks_numbers_to_predict_are_no_class_labels():
    text = "Sequential([Input(2), Linear(1)])\nloss = MSELoss()"
    assert run("diff", text, "--wrt", "y").exit_code == 0


def test_labels_that_are_computed_leave_the_check_undecided():
    result = run("diff", "z: (2, 3)\ny: (2,)\ncross_entropy(z, y - 1)", "--wrt", "z")
    assert (result.exit_code, "undecided" in result.stdout) == (5, True)


def test_probabilities_are_among_the_random_points():
    result = run("diff", "a: (3, 4)\nb: (3, 4)\nbce(a, b)", "--steps", "--wrt", "a")
    assert result.exit_code == 0, result.output
    drawn = [random_point(parse("x: (50,)\nsum(x)"), seed)["x"] for seed in range(4)]
    assert [bool((x > 0).all()) for x in drawn] == [False, True, False, True]
    assert [bool((x < 1).all()) for x in drawn] == [False, False, False, True]
