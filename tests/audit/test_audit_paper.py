"""Derivations as they are written on paper: right ones pass, a slip is found."""

from __future__ import annotations

import re

import pytest
from audit_here import in_this_process
from places import TESTS

from gradtutor.audit.paper.derivation import audit_derivation
from gradtutor.audit.paper.text import is_derivation
from gradtutor.cli.checking.audit_text import derivation_text
from gradtutor.language import SourceError

#: In a text whose name ends in _w the last claim, or that on the line said, is wrong.
TEXTS = sorted((TESTS / "audit" / "paper").glob("*.txt"), key=lambda p: p.stem)
WRONG_LINE = {"nn_w": 5, "alias_w": 4}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_a_derivation_is_read_as_it_is_written(path):
    text = path.read_text(encoding="utf-8")
    assert is_derivation(text)
    report = audit_derivation(text)
    assert report.ok is not path.stem.endswith("_w")
    assert any(line.ok is not None for line in report.lines)
    if report.place:
        last = max(line.line for line in report.lines if line.ok is not None)
        assert report.place.line == WRONG_LINE.get(path.stem, last)
        assert report.place.text in text.replace("$", "")


#: A derivation whose last claim is wrong, and what it is called.
NAMED = [
    ("f = (x+1)/(x-1)\nf'(x) = ((x-1) - (x+1))/(x-1)", "quotient-rule"),
    ("f = x^2 y\n∂f/∂x = 2x", "dropped-inner-derivative"),
    ("f = exp(x y)\n∂²f/∂x∂y = x y exp(x y)", "forgotten-path"),
    ("z: (3)\nc: (3)\np = softmax(z)\nL = sum(c*p)\ndL/dz = c*p*(1 - p)", "softmax"),
    ("x: (5)\nm = mean(x)\nv = mean((x - m)^2)\ndv/dx = 2(x - m)", "mean-forgotten"),
    ("X: (4,3)\nW: (3,2)\nL = sum((X W)^2)\ndL/dW = X.T X W", "power-rule"),
    ("X: (4,3)\nW: (3,3)\nG: (4,3)\nZ = X W\nL = sum(G*Z)"
     "\ndL/dX = G W", "missing-transpose"),
    ("x: (3)\nA: (2,3)\nr = A x\nf = r^T r\ndf/dx = 2 A r", "missing-transpose"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "label"), NAMED, ids=[n for _, n in NAMED])
def test_a_wrong_line_of_vectors_too_has_its_label(text, label):
    with in_this_process():
        report = audit_derivation(text)
    assert report.ok is False
    assert report.misconception.startswith(label)


VECTORS = "z: (3)\ny: (3)\ns = softmax(z)\nL = -sum(y*log(s))\n"
#: A line that is right under a condition, the condition, and what is right.
CONDITIONAL = [
    (VECTORS + "dL/dz = s - y", "sum(y) = 1", "-y/s"),
    (VECTORS + "dL/ds = -y/s\ndL/dz = s - y", "sum(y) = 1", "dL/ds"),
    ("A: (3,3)\nx: (3)\nf = x.T A x\ndf/dx = 2 A x", "A.T = A", "A @ x"),
    (
        "Z: (4,3)\nY: (4,3)\nS = softmax(Z, axis=1)\nL = -1/4 sum(Y*log(S))\n"
        "dL/dZ = (S - Y)/4",
        "sum(Y, axis=1) = 1",
        "Y/S",
    ),
    ("x: (3)\nr = norm(x)\nL = sum(x/r)\ndL/dx = 1 - x sum(x)", "norm(x) = 1", "/r"),
    (VECTORS + "dL/dz = y - s", "", "-y/s"),
    ("f = x*y\ndf/dx = x", "", "y"),
]


@pytest.mark.parametrize(("text", "condition", "part"), CONDITIONAL)
def test_a_line_that_is_right_under_a_condition_says_so(text, condition, part):
    report = audit_derivation(text)
    wrong = next(line for line in report.lines if line.ok is False)
    assert (report.ok, wrong.condition) == (False, condition)
    assert part in wrong.expected
    assert not re.search(r"broadcast|routed|\b(?<!/)d[sSxzZ]\b", wrong.expected)
    said = f"right where {condition}," in derivation_text(report)
    assert said is bool(condition)


MATRICES = "X: (4,3)\nW: (3,2)\nY: (4,2)\n"
ROWS = "X: (5,3)\nw: (3,)\ny: (5,)\n"
#: Halves and means as they stand on paper, and what they are read as.
HALVES = [
    ("f = 1/2 x^2\ndf/dx = x", "1/2"),
    ("L = 1/2 (y-t)^2\ndL/dy = y - t", "1/2"),
    ("L = 1/2(y-t)^2\ndL/dy = y - t", "1/2"),
    (MATRICES + "L = 1/2 ||X W - Y||^2\ndL/dW = X.T (X W - Y)", "1/2"),
    (ROWS + "L = 1/(2N) sum((X w - y)^2)\ndL/dw = 1/N X.T (X w - y)", "1/N"),
    ("E = 3/2 sin(x)^2 - 1/4 x\ndE/dx = 3 sin(x) cos(x) - 1/4", "3/2"),
]


@pytest.mark.parametrize(("text", "half"), HALVES)
def test_a_half_before_a_factor_is_read_and_noted(text, half):
    report = audit_derivation(text)
    assert report.ok is True
    assert any(f"({half}) times" in note for note in report.notes)


@pytest.mark.parametrize("half", ["1/2x", "y/2 x", "2/x y"])
def test_a_quotient_with_two_readings_stays_refused(half):
    with pytest.raises(SourceError, match="two readings"):
        audit_derivation(f"f = {half}\ndf/dx = 1/2")
