"""Derivatives in the textbook's form: equal to what is computed, where it says."""

from __future__ import annotations

import json

import mpmath as mp
import pytest
from click.testing import CliRunner

from gradtutor.circuit import parse
from gradtutor.cli import main

FORMS = [
    ("x^x", "x", "x**x*(log(x) + 1)", ["x > 0"]),
    ("tanh x", "x", "1 - tanh(x)**2", []),
    ("tanh(x^2)", "x", "2*x*(1 - tanh(x**2)**2)", []),
    ("tanh(w x)", "w", "x*(1 - tanh(w*x)**2)", []),
    ("sigmoid(x)", "x", "sigmoid(x)*(1 - sigmoid(x))", []),
    ("softplus(x)", "x", "sigmoid(x)", []),
    ("|x|", "x", "sign(x)", []),
    ("relu(x)", "x", "[x > 0]", []),
    ("where(y, x, z)", "x", "where(y, 1, 0)", []),
    ("x^y", "x", "y*x**(y - 1)", []),
    ("x^y", "y", "x**y*log(x)", ["x > 0"]),
    ("x^sin x", "x", "x**sin(x)*(log(x)*cos(x) + sin(x)/x)", ["x > 0"]),
    ("asin x", "x", "1/sqrt(1 - x**2)", []),
    ("acos x", "x", "-1/sqrt(1 - x**2)", []),
    ("x^3", "x", "3*x**2", []),
    ("a^x", "x", "a**x*log(a)", ["a > 0"]),
    ("x/(1+x^2)", "x", "(1 - x**2)/(1 + x**2)**2", []),
    ("(x+1)/(x-1)", "x", "-2/(x - 1)**2", []),
    ("sin(x)/x", "x", "(x*cos(x) - sin(x))/x**2", []),
    ("x ln x", "x", "log(x) + 1", []),
    ("x^2 ln x", "x", "2*x*log(x) + x", []),
    ("e^x sin x", "x", "exp(x)*(sin(x) + cos(x))", []),
    ("e^(-x^2/2)", "x", "-x*exp(-x**2/2)", []),
    ("x e^(-x)", "x", "exp(-x)*(1 - x)", []),
    ("x^2 e^x", "x", "x*exp(x)*(x + 2)", []),
    ("sqrt(x^2+1)", "x", "x/sqrt(x**2 + 1)", []),
    ("1/sqrt(x)", "x", "-1/(2*x**(3/2))", []),
    ("x^(2/3)", "x", "2/(3*x**(1/3))", []),
    ("max(x, y)^(1/2)", "x", "where(x - y > 0, 1/sqrt(x), 0)/2", ["x != y"]),
    ("max(x, y)^sqrt(4)", "x", "where(x > y, 2*max(x, y), 0)", ["x != y"]),
    ("cot x", "x", "-1/sin(x)**2", []),
    ("cos^3(2x)", "x", "-6*sin(2*x)*cos(2*x)**2", []),
    ("sin(x)cos(x)", "x", "cos(x)**2 - sin(x)**2", []),
    ("arctan(x/2)", "x", "2/(x**2 + 4)", []),
    ("arcsin(x/2)", "x", "1/sqrt(4 - x**2)", []),
    ("ln(x + sqrt(x^2+1))", "x", "1/sqrt(x**2 + 1)", []),
    ("ln|x|", "x", "1/x", []),
    ("2^x", "x", "2**x*log(2)", []),
    ("tanh(3x)", "x", "3*(1 - tanh(3*x)**2)", []),
    ("sigmoid(2x)", "x", "2*sigmoid(2*x)*(1 - sigmoid(2*x))", []),
    ("(2x+1)^5", "x", "10*(2*x + 1)**4", []),
    ("(a*x+b)/(c*x+d)", "x", "(a*d - b*c)/(c*x + d)**2", []),
    ("a/(b+x)", "x", "-a/(b + x)**2", []),
    ("-y ln x - (1-y) ln(1-x)", "x", "(1 - y)/(1 - x) - y/x", []),
    ("x^3 - 3x^2 + 2x - 1", "x", "3*x**2 - 6*x + 2", []),
    ("(x^2-1)/(x^2+1)", "x", "4*x/(x**2 + 1)**2", []),
    ("x/sqrt(1+x^2)", "x", "1/(1 + x**2)**(3/2)", []),
    ("erf(x)", "x", "2*exp(-x**2)/sqrt(pi)", []),
    # ---- the order that was written ----
    ("exp(-λ*x)", "λ", "-x*exp(-λ*x)", []),
    ("A*sin(ω*t + φ)", "ω", "A*t*cos(ω*t + φ)", []),
    ("V*S/(K + S)", "S", "V*K/(K + S)**2", []),
    ("r*N*(1 - N/K)", "N", "r - 2*r*N/K", []),
    ("L/(1 + exp(-k*(x - x_0)))", "L", "1/(1 + exp(-k*(x - x_0)))", []),
    ("x*sigmoid(β*x)", "β", "x**2*sigmoid(β*x)*(1 - sigmoid(β*x))", []),
    ("0.5*k*x**2", "x", "k*x", []),
    ("x*sqrt(1 - x^2)", "x", "(1 - 2*x**2)/sqrt(1 - x**2)", []),
    ("p*log(p) + (1 - p)*log(1 - p)", "p", "log(p) - log(1 - p)", []),
    ("x^p*(1 - x)^(p - 1)", "p", "x**p*(1 - x)**(p - 1)*(log(x) + log(1 - x))",
     ["0 < x < 1"]),
    ("x^(x - y)", "y", "-x**(x - y)*log(x)", ["x > 0"]),
    ("x*tanh(x)", "x", "x*(1 - tanh(x)**2) + tanh(x)", []),
    ("relu(w*x+b)", "x", "w*[w*x + b > 0]", []),
]  # fmt: skip


def diff(text: str, *args: str) -> dict:
    result = CliRunner().invoke(main, ["diff", text, "--json", *args])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text, by, expected, domain", FORMS)
def test_a_derivative_is_written_as_in_a_textbook(text, by, expected, domain):
    data = diff(text, "--wrt", by)
    assert data["derivative"] == expected
    assert data.get("domain", []) == domain
    assert data["verified"] is True


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text, by", [row[:2] for row in FORMS])
def test_both_forms_have_the_slope_that_mpmath_finds(text, by):
    point = {"x": 0.6, "y": 1.7, "w": 0.4, "a": 2.5, "b": 0.8, "c": 1.2, "d": 0.3}
    circuit = parse(text)
    known = {name: point.get(name, 0.7) for name in circuit.inputs}

    def value(at):
        return circuit.value(**{**known, by: float(at)})

    slope = float(mp.diff(value, known[by], h=1e-5))
    for form in ("textbook", "stable"):
        shown = parse(diff(text, "--wrt", by, "--form", form)["derivative"])
        given = {name: known[name] for name in shown.inputs}
        assert shown.value(**given) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("text", ["x**(2/3)", "(x*y)**(-1/3)", "sin(x)**(3/2 - 1/3)"])
def test_a_constant_exponent_is_compared_with_nothing(text):
    assert "==" not in CliRunner().invoke(main, ["diff", text, "--steps"]).stdout


def test_a_path_of_product_zero_has_no_sign():
    words = ["diff", "where(x > 0, x**2, -x)", "--at", "x=-2", "--steps"]
    assert "= -0" not in CliRunner().invoke(main, words).stdout


def test_the_stable_form_is_printed_when_asked_and_computes_the_value():
    stable = diff("tanh x", "--form", "stable")["derivative"]
    assert stable == "(1 - tanh(x))*(tanh(x) + 1)"
    data = diff("tanh x", "--at", "x=18")
    assert data["stable"] == stable
    assert data["value"] == pytest.approx(float(mp.sech(18) ** 2), rel=1e-3)
