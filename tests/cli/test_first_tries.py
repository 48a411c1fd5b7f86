"""What newcomers type first, and what they are told."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner

from gradtutor.cli import main

TOLD = [
    ("erfi(x) + erfi(y)", "did you mean erf?"),
    ("dropout(x)", "layer of a network"),
    ("expp(x)", "did you mean exp?"),
    ("a = 1, b = 2, a*b", "a = 1; b = 2"),
    ("x!", "factorial"),
    ("∫ x^2 dx", "nothing integrates"),
    ("2 + ∇ x^2", "gradient"),
    ("softmax(x)[0]", "x: (3,)"),
    ("det(x)", "square"),
]


@pytest.mark.parametrize(("text", "told"), TOLD, ids=[text for text, _ in TOLD])
def test_what_is_refused_says_what_to_do(text, told):
    done = CliRunner().invoke(main, ["diff", text])
    assert (done.exit_code, told in done.stderr) == (3, True), done.stderr


READ = [
    ("{ x if x > 0, 0 otherwise", "[x > 0]"),
    ("[x > 0]*x^2", "2*x*(x > 0)"),
    ("sinx cosx", "cos(x)**2 - sin(x)**2"),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_what_is_read(text, expected):
    done = CliRunner().invoke(main, ["diff", text, "--json"])
    assert json.loads(done.stdout)["derivative"] == expected


def value(*arguments):
    done = CliRunner().invoke(main, ["diff", *arguments, "--json"])
    return json.loads(done.stdout)["value"]


def test_rounding_noise_is_zero_and_a_small_value_is_not():
    assert value("z: (3,)\nsoftmax(z)", "--at", "z=[1,2,3]") == [0, 0, 0]
    assert value("1e-17*x", "--at", "x=1") == 1e-17
    assert value("x^2", "--at", "x=1e-20") == 2e-20


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("log(1 + exp(x))", "x=1000", 1.0),
        ("exp(x)/(1 + exp(x))", "x=1000", 0.0),
        ("sqrt(x**2 + 1e300)", "x=1e200", 1.0),
        ("log(exp(x) + exp(999))", "x=1000", 1 / (1 + math.exp(-1))),
        ("((x > 0) + (x > -1))*x", "x=1", 2.0),
    ],
)
def test_a_value_behind_an_overflow_is_worked_out_in_more_digits(text, at, expected):
    assert value(text, "--at", at) == pytest.approx(expected, rel=1e-14)
