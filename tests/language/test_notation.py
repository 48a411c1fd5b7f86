"""Formulas as people write them: each against NumPy or mpmath; two readings refused."""

from __future__ import annotations

import re

import mpmath as mp
import numpy as np
import pytest
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.explain.notation.latex import latex_name
from gradtutor.graph import check_graph, inputs
from gradtutor.language import SourceError, parse
from gradtutor.language.formula import parse_formula
from gradtutor.language.formula.doubts import AmbiguousError

TABLE = TESTS / "data" / "notation.txt"

NUMBERS = {
    "x": 0.7,
    "y": 1.3,
    "z": 0.4,
    "a": 1.1,
    "b": 0.6,
    "c": 0.25,
    "w": 0.9,
    "r": 1.2,
    "n": 3.0,
    "p": 0.35,
    "x_1": 0.2,
    "x_2": -0.8,
    "w_1": 1.7,
    "w_2": 0.3,
    "theta_1": 1.4,
    "theta_0": -0.3,
    "alpha": 0.45,
    "beta": 1.9,
    "mu": 0.15,
    "epsilon": 0.05,
    "sigma": 1.6,
    "y_hat": 0.95,
    "x_bar": 2.1,
    "λ": 0.65,
}
TENSORS = {
    "x": np.array([0.5, -1.2, 0.8]),
    "y": np.array([1.5, 0.3, -0.7]),
    "A": np.array([[1.0, 0.4, -0.3], [0.2, 2.0, 0.6], [-0.5, 0.1, 1.5]]),
    "B": np.array([[0.3, -1.0, 0.2], [0.7, 0.9, -0.4], [1.1, 0.0, 0.8]]),
    "n": np.array(3.0),
}


def rows(head: str) -> list[tuple[str, str]]:
    section = TABLE.read_text(encoding="utf-8").split(f"## {head}")[1].split("\n##")[0]
    lines = [line for line in section.splitlines()[1:] if line.strip()]
    pairs = [line.partition("\t") for line in lines]
    return [(text.replace("⏎", "\n"), answer) for text, _, answer in pairs]


def witness(expression: str, point: dict[str, np.ndarray]) -> np.ndarray:
    names = {"np": np, "mp": mp, "lam": point.get("λ"), **point}
    return np.array(eval(expression, names), dtype=float)


def shapes_of(point: dict[str, np.ndarray], expression: str) -> dict[str, tuple]:
    """Return the shapes of the values that a row uses, as --at gives them."""
    used = set(re.findall(r"[^\W\d]\w*", expression.replace("lam", "λ")))
    return {name: np.shape(x) for name, x in point.items() if name in used}


def value(text: str, point: dict[str, np.ndarray], expression: str) -> np.ndarray:
    graph = parse(text, shapes_of(point, expression))
    check_graph(graph)
    known = {name: np.asarray(point[name]) for name in inputs(graph)}
    return np.asarray(run(graph, known).values[graph.graph["output"]])


def test_the_table_has_at_least_three_hundred_spellings():
    assert len(rows("numbers")) + len(rows("tensors")) >= 400
    assert len({text for text, _ in rows("numbers")}) == len(rows("numbers"))


@pytest.mark.parametrize("text, expression", rows("numbers"))
def test_a_spelling_has_the_value_that_it_has_on_paper(text, expression):
    expected = witness(expression, NUMBERS)
    assert value(text, NUMBERS, expression) == pytest.approx(
        expected, rel=1e-12, abs=1e-15
    )


@pytest.mark.parametrize("text, expression", rows("tensors"))
def test_a_spelling_of_tensors_has_the_value_that_it_has_in_numpy(text, expression):
    expected, ours = witness(expression, TENSORS), value(text, TENSORS, expression)
    assert ours.shape == expected.shape
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("text, named", rows("two readings"))
def test_two_readings_are_refused_with_both(text, named):
    with pytest.raises(AmbiguousError) as caught:
        parse(text, dict.fromkeys(NUMBERS, ()))
    assert "two readings" in caught.value.message
    assert named in caught.value.hint and " or " in caught.value.hint


READ = [(text, shapes_of(NUMBERS, answer)) for text, answer in rows("numbers")]
READ += [(text, shapes_of(TENSORS, answer)) for text, answer in rows("tensors")]


@pytest.mark.parametrize("text, shapes", READ, ids=[text for text, _ in READ])
def test_what_was_read_is_in_the_language_and_reads_as_itself(text, shapes):
    graph = parse(text, shapes)
    read = graph.graph.get("reading", {}).get("text", "")
    if read:
        again = parse_formula(read.replace("; ", "\n"), shapes)
        assert not again.graph.get("reading", {}).get("text")


LATEX_NAMES = [
    ("λ", r"\lambda"),
    ("lambda_1", r"\lambda_{1}"),
    ("Γ", r"\Gamma"),
    ("Ω_2", r"\Omega_{2}"),
    ("x_λ", r"x_{\lambda}"),
    ("dλ", r"d\lambda"),
    ("ΔW", r"\Delta W"),
    ("_a", r"\mathit{\_a}"),
    ("ŷ", r"\hat{y}"),
    ("y_hat", r"\hat{y}"),
    ("y_hat_1", r"\hat{y}_{1}"),
    ("θ̂", r"\hat{\theta}"),
    ("dŷ", r"d\hat{y}"),
    ("x_bar", r"\bar{x}"),
    ("x_tilde", r"\tilde{x}"),
    ("top_hat", r"\mathit{top}_{hat}"),
]


@pytest.mark.parametrize("name, expected", LATEX_NAMES)
def test_a_name_is_latex_that_compiles(name, expected):
    assert latex_name(name) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lim x", "the word lim is not read"),
        ("x mod 3", "the word mod is not read"),
        ("f'(x)", "f' is what diff works out"),
        (r"x + \frac{d}{dx} x^2", "d/dx is what diff works out"),
    ],
)
def test_what_is_no_product_is_refused(text, said):
    with pytest.raises(SourceError, match=said):
        parse(text)


def test_a_declared_word_is_a_variable():
    assert set(inputs(parse("mod = 3; 2mod x"))) == {"mod", "x"}


# a formula, and its names that may be meant as products
GLUED = [
    ("wx + b", ["wx"]),
    ("a/bc", ["bc"]),
    ("2xy", ["xy"]),
    ("xy + yx", ["xy", "yx"]),
    ("xy*yz", ["xy", "yz"]),
    ("xy*uv", []),  # no letter tells
    ("lr: (2,)\nsum(lr)*g", []),  # declared
    ("rate*x + b1", []),
]


@pytest.mark.parametrize(("text", "names"), GLUED)
def test_a_name_that_may_be_a_product_is_told(text, names):
    notes = (parse_formula(text).graph.get("reading") or {"notes": []})["notes"]
    told = [one.split()[0] for one in notes if "one name" in one]
    assert told == names
