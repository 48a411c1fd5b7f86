"""The line in place of theirs, found by running it; two mistakes, two lines."""

from __future__ import annotations

import pytest
from audit_here import in_this_process
from audit_styles import STYLES
from click.testing import CliRunner
from places import TESTS

from gradtutor.audit.functions import audit_function
from gradtutor.cli import main

#: File, function, edits, and for each the line that mends it with its label.
TWO = {
    "tanh and its bias": (
        "cs231n_rnn.py",
        "rnn_step_backward",
        {
            "(1 - next_h ** 2)": ("(1 - next_h)", "wrong-table-entry"),
            "db = dtanh.sum(axis=0)": ("db = dtanh.mean(axis=0)", "bias-not-summed"),
        },
    ),
    "two gates": (
        "cs231n_rnn.py",
        "lstm_step_backward",
        {
            "df = dc * prev_c": ("df = dc * next_c", "another-variable"),
            "db = da.sum(axis=0)": ("db = -da.sum(axis=0)", "sign"),
        },
    ),
    "weights and bias of a layer": (
        "dlfs_conv.py",
        "Convolution.backward",
        {
            "self.db = np.sum(dout, axis=0)": (
                "self.db = np.mean(dout, axis=0)",
                "bias-not-summed",
            ),
            "dcol = np.dot(dout, self.col_W.T)": (
                "dcol = -np.dot(dout, self.col_W.T)",
                "sign",
            ),
        },
    ),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", TWO)
def test_two_mistakes_are_both_named(tmp_path, name):
    file, function, edits = TWO[name]
    text = (STYLES / file).read_text(encoding="utf-8")
    place = text.index(f"def {function.rpartition('.')[2]}", text.index(function[:5]))
    head, tail = text[:place], text[place:]
    for old, (new, _) in edits.items():
        assert old in tail
        tail = tail.replace(old, new, 1)
    path = tmp_path / file
    path.write_text(head + tail, encoding="utf-8")
    with in_this_process():
        report = audit_function(path, function)
    lines = (head + tail).splitlines()
    found = {fix.line: fix.misconception for fix in report.fixes}
    wanted = {
        next(i for i, line in enumerate(lines, 1) if new in line): label
        for new, label in edits.values()
    }
    assert report.ok is False
    assert found == wanted
    assert report.place.line == min(wanted)


def test_the_line_that_mends_is_shown_and_right(tmp_path):
    example = TESTS / "audit" / "example" / "layer.py"
    with in_this_process():
        wrong = CliRunner().invoke(main, ["check", str(example)])
    assert "with this line every gradient is right:" in wrong.stdout
    new = wrong.stdout.split("every gradient is right:")[1].split(": ", 1)[1].strip()
    assert new == "dz = upstream * (1 - h**2)"
    text = example.read_text(encoding="utf-8")
    path = tmp_path / "layer.py"
    path.write_text(text.replace("dz = upstream * (1 - h)", new), encoding="utf-8")
    with in_this_process():
        assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0


NORMALISED = """import numpy as np


def norm_forward(x, gamma, beta, eps=1e-5):
    xhat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * xhat + beta, (x, xhat, gamma, eps)


def norm_backward(dout, cache):
    x, xhat, gamma, eps = cache
    N = x.shape[0]
    mu, var = x.mean(axis=0), x.var(axis=0)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mu) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmu = np.sum(-dxhat / np.sqrt(var + eps), axis=0)
    dx = dxhat / np.sqrt(var + eps) + dvar * (x - mu) / N + dmu / N
    return dx, dgamma, dbeta
"""
NAMED = NORMALISED.replace(
    "    xhat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)",
    "    mu = x.mean(axis=0)\n    var = x.var(axis=0)\n"
    "    xhat = (x - mu) / np.sqrt(var + eps)",
)


@pytest.mark.parametrize("text", [NORMALISED, NAMED], ids=["without names", "named"])
def test_a_right_intermediate_is_not_changed_for_its_use(text, tmp_path):
    path = tmp_path / "norm.py"
    path.write_text(text, encoding="utf-8")
    with in_this_process():
        report = audit_function(path, "norm_backward")
    line = 1 + text.splitlines().index(
        "    dx = dxhat / np.sqrt(var + eps) + dvar * (x - mu) / N + dmu / N"
    )
    assert report.place.line == line
    assert [fix.line for fix in report.fixes] == [line]
    assert "2 * dvar * (x - mu) / N" in report.fixes[0].new
