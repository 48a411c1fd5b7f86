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
    assert new == "dz = upstream * (1 - h ** 2)"
    text = example.read_text(encoding="utf-8")
    path = tmp_path / "layer.py"
    path.write_text(text.replace("dz = upstream * (1 - h)", new), encoding="utf-8")
    with in_this_process():
        assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0
