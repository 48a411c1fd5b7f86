"""Formulas as they stand in homework, papers and programs, each against NumPy."""

from __future__ import annotations

import re

import numpy as np
import pytest
from places import TESTS
from scipy import special

from gradtutor.evaluate.values import node_values
from gradtutor.language import SourceError, parse
from gradtutor.language.formula.doubts import AmbiguousError

TABLES = ("notation_pasted.txt", "notation_answers.txt", "notation_fresh.txt")
TABLE = "\n".join(
    (TESTS / "data" / name).read_text(encoding="utf-8") for name in TABLES
)
FUNCTIONS = """
    sin cos tan exp log log1p expm1 sqrt abs arcsin arccos arctan arctan2 sinh cosh tanh
    log2 log10 cbrt sign floor maximum minimum where sum mean std var amax dot trace
    linalg outer cumsum prod pi logaddexp hypot clip einsum array diag kron round
    arcsinh arctanh triu cross
"""
NUMPY = {name: getattr(np, name) for name in FUNCTIONS.split()} | {"special": special}
NUMPY |= {"max": np.max, "min": np.min, "len": len}
#: Where a name's own value would leave the domain of a formula of the table.
NUMBERS = {"x": 0.7, "y": 0.3, "a": 0.7, "b": 1.8, "n": 3.0, "c": 0.5, "p": 0.35}
POSITIVE = ("x", "y", "z", "p", "q", "y_hat", "sigma")


def sections() -> dict[str, list[list[str]]]:
    found = {}
    for part in TABLE.split("\n## ")[1:]:
        head, *lines = part.splitlines()
        rows = [line.split("\t") for line in lines if line and line[0] != "#"]
        found[head] = [[*row, ""][:3] for row in rows]
    return found


def number(name: str) -> float:
    return NUMBERS.get(name, 0.2 + sum(map(ord, name)) * 0.6180339887 % 0.7)


def tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(sum(map(ord, name)))
    if name in POSITIVE:
        return rng.uniform(0.15, 0.9, shape)
    value = rng.normal(size=shape)
    square = name in ("A", "Sigma") and len(set(shape)) == 1 and len(shape) == 2
    return value @ value.T + np.eye(shape[0]) if square else value


def fault(text: str, expression: str, spec: str) -> str:
    """Return what is wrong with the reading of one row, or nothing."""
    parts = [item.rsplit(":", 1) for item in spec.split()]
    shapes = {name: tuple(map(int, sizes.split(","))) for name, sizes in parts}
    try:
        graph = parse(text, shapes)
    except AmbiguousError as error:
        said = f"{error.message}: {error.hint}"
        return "" if expression in ("?", "X") else f"{text}: {said}"
    except SourceError as error:
        return "" if expression == "X" else f"{text}: {error.message}"
    reading = graph.graph.get("reading") or {"text": "", "notes": []}
    if expression in ("?", "X"):
        return f"{text} was read: {reading}"
    if expression == "N":
        return "" if reading["notes"] else f"{text} was read without a note"

    def value(name: str) -> np.ndarray | float:
        return tensor(name, shapes[name]) if name in shapes else number(name)

    names = set(re.findall(r"[^\W\d]\w*", expression)) - NUMPY.keys()
    inputs = [
        node
        for node, data in graph.nodes(data=True)
        if data["gate"] == "input" and data.get("role") != "constant"
    ]
    given = {name: value(name) for name in inputs}
    expected = eval(expression, NUMPY | {name: value(name) for name in names})
    actual = node_values(graph, given)[graph.graph["output"]]
    if np.shape(actual) != np.shape(expected):
        return f"{text}: shape {np.shape(actual)}, not {np.shape(expected)}"
    close = np.allclose(actual, expected, rtol=1e-9, atol=1e-11)
    return "" if close else f"{text}: {actual}, not {expected}; {reading}"


@pytest.mark.parametrize("head", sections())
def test_pasted_formulas_are_read_as_they_are_meant(head):
    with np.errstate(all="ignore"):
        faults = [found for row in sections()[head] if (found := fault(*row))]
    assert not faults, "\n".join(faults)
