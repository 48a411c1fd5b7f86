"""The table of slopes is sympy's, plain texts are those of sympy's forms, no import."""

import subprocess
import sys

import numpy as np
import pytest

from gradtutor.calculus import backward_graph
from gradtutor.calculus.forms import ShownForms
from gradtutor.calculus.slopes import TABLE, table_text
from gradtutor.language import parse

WITHOUT_SYMPY = """
import sys
sys.modules["sympy"] = None  # an import of it raises
from gradtutor.cli import main
for words in (
    ["render", "x*y+3"],
    ["render", "(x + y)*z", "--at", "x=-2,y=5,z=-4"],
    ["--json", "render", "x*y+3"],
    ["render", "1/(1+exp(-w*x))", "--at", "w=1,x=2"],
    ["check", "x*y**2", "--at", "x=1,y=2"],
):
    assert main(words, standalone_mode=False) in (0, None)
"""


def test_the_table_is_what_sympy_says(pytestconfig):
    """Every slope and formula of a built-in gate, printed once more by sympy."""
    if pytestconfig.getoption("rewrite"):
        TABLE.write_text(table_text(), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table_text()


def plain_formula(rng):
    """Return a formula of + - * and whole powers over four names."""
    terms = []
    for _ in range(rng.integers(1, 4)):
        factors = rng.choice(["x", "y", "z2", "alpha", "3", "-2", "x**2", "y**3"], 3)
        factors = factors[: rng.integers(1, 4)]
        terms.append("*".join(f"({one})" for one in factors))
    text = "".join(rng.choice([" + ", " - "]) + term for term in terms)[3:]
    whole = rng.choice(["({})", "({})*y", "({})**2", "w = {}\nw*x", "({})*(x - y + 1)"])
    return str(whole).format(text)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("seed", range(60))
def test_plain_texts_are_those_of_sympy(seed):
    """What is written without sympy is the text that its forms give."""
    graph = parse(plain_formula(np.random.default_rng(seed)))
    backward = backward_graph(graph)
    named = [node for node, data in graph.nodes(data=True) if data["name"]]
    for stops in ([], named):
        forms = ShownForms(backward.graph, stops)
        for node in backward.of_node.values():
            assert forms.text(node) == forms.symbolic_text(node), graph.graph["source"]


def test_plain_arithmetic_imports_no_sympy():
    """A command that only adds and multiplies starts without 0.3 s of import."""
    subprocess.run([sys.executable, "-c", WITHOUT_SYMPY], check=True, timeout=60)
