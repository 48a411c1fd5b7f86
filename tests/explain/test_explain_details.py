"""Small parts of an explanation, each at the border where it changes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

from gradtutor.calculus.partials import partial
from gradtutor.evaluate.values import node_values
from gradtutor.explain.notation.document import (
    Heading,
    Row,
    Say,
    latex,
    markdown,
    plain,
)
from gradtutor.explain.notation.writing import (
    LANGUAGE,
    LATEX,
    SHOWN_ELEMENTS,
    TERMINAL,
    _cut,
    write,
)
from gradtutor.explain.records.derivation import derive, textbook
from gradtutor.explain.records.derivation_rules import tangents
from gradtutor.explain.records.paths import count_paths, edges_of, paths_from
from gradtutor.explain.records.replay_check import check_replay
from gradtutor.explain.views.fork_view import LONGEST, PARTS, PATHS, _large
from gradtutor.explain.views.gate_view import gate_blocks
from gradtutor.explain.views.notation_view import LINES, View, bracketed
from gradtutor.explain.views.rule_view import rule_blocks
from gradtutor.explain.views.steps_page import closed, steps_page
from gradtutor.explain.views.ways import STEPS, three_ways
from gradtutor.language import parse


def by_gates(text, **given):
    point = given or None
    return plain(gate_blocks(View(derive(parse(text), point=point))))


def by_rules(text, wrt="x"):
    return plain(rule_blocks(View(derive(parse(text), [wrt]))))


# ---- forks and paths ----


def test_a_value_read_twice_by_one_gate_has_two_places():
    text = by_gates("q = x*x\nf = q + y")
    assert "∂f/∂x via q (1) = " in text
    assert "∂f/∂x via q (2) = " in text
    assert "via q (0)" not in text


def test_ways_in_and_on_are_multiplied_or_added():
    text = by_gates("q = x + y\nf = q*sin(q)*cos(q)")
    assert (
        "2 paths lead to q and 3 lead on: 2 × 3 = 6 products; "
        "added here first, 2 + 3 = 5 to follow" in text
    )
    assert "paths lead to" not in by_gates("q = 2*x\nf = q*sin(q)")  # one path in


def used(times):
    return "f = " + " + ".join(f"sin({k}*x)" for k in range(2, 2 + times))


def test_long_sums_and_many_paths_are_cut():
    assert PARTS == PATHS == 6
    whole, cut = by_gates(used(6)), by_gates(used(7))
    assert "terms)" not in whole
    assert "not listed" not in whole
    assert " + ... (7 terms)" in cut
    assert "1 more path, not listed" in cut
    assert "2 more paths, not listed" in by_gates(used(8))


@pytest.mark.parametrize(
    ("factor", "power", "text"),
    [
        (1, 11, "100000000000"),
        (9, 11, "900000000000"),
        (1, 12, "about 10^12"),
        (7, 12, "about 10^12"),
        (1, 13, "about 10^13"),
        (3, 5000, "about 10^5000"),
    ],
)
def test_large_counts_are_powers_of_ten(factor, power, text):
    assert _large(factor * 10**power) == text


def test_paths_of_so_many_edges_are_listed_and_no_longer():
    lines = "\n".join(f"t{k + 1} = sin(t{k})" for k in range(LONGEST - 1))
    text = f"t0 = x\n{lines}\nf = t{LONGEST - 1}*y + 0*x"
    found = derive(parse(text), ["x"])
    lengths = [len(path) for path in paths_from(edges_of(found), "x", 100, 100)]
    assert len(lengths) == 2
    for most in range(1, 16):
        listed = paths_from(edges_of(found), "x", 100, most)
        assert [len(path) for path in listed] == [n for n in lengths if n <= most]
    count = count_paths(found)
    assert (count.paths, count.factors) == (2, sum(lengths))


# ---- lists, numbers, texts ----


def test_a_list_of_so_many_lines_is_whole():
    def chain(count):
        return "\n".join(f"v{k + 1} = 2*v{k}" for k in range(count))

    assert ": --all shows them" not in by_gates(f"v0 = x*1\n{chain(LINES - 1)}")
    assert "and 1 more values: --all" in by_gates(f"v0 = x*1\n{chain(LINES)}")


def test_so_many_elements_are_shown_and_no_more():
    assert TERMINAL.value(np.arange(1.0, SHOWN_ELEMENTS + 1)) == "[1, 2, 3, 4, 5, 6]"
    assert TERMINAL.value(np.arange(SHOWN_ELEMENTS + 1.0)) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x", "x"), ("x*y", "x*y"), ("-1", "(-1)"), ("a + b", "(a + b)"),
        ("a - b", "(a - b)"), ("1e-05", "1e-05"),
    ],
)  # fmt: skip
def test_factors_in_parentheses(text, shown):
    assert bracketed(text) == shown


@pytest.mark.parametrize(
    ("text", "notation", "written"),
    [
        ("-(x*y)", LANGUAGE, "-x*y"),
        ("-(-x*y)", LANGUAGE, "-(-x*y)"),
        ("x - (-y)", LATEX, r"x - \left(-y\right)"),
        ("x*(-2)", LATEX, r"x\,\left(-2\right)"),
        ("(-2)**x", LATEX, r"\left(-2\right)^{x}"),
        ("-(-x)", LATEX, r"-\left(-x\right)"),
        ("(x + y)*z", LATEX, r"\left(x + y\right)\,z"),
        ("x/(y/z)", LATEX, r"\frac{x}{\frac{y}{z}}"),
    ],
)
def test_signs_and_parentheses(text, notation, written):
    graph = parse(text)
    names = {name: name for name in graph if graph.nodes[name]["gate"] == "input"}
    known = notation.known(names)
    assert write(graph, graph.graph["output"], known, notation) == written


@pytest.mark.parametrize(
    ("cut", "text"),
    [
        ((0, 4, 2), ":4:2"),
        ((1, 3, 1), "1:3"),
        ((0, None, 1), ":"),
        ((2, None, 3), "2::3"),
    ],
)
def test_cuts_are_written_as_in_python(cut, text):
    assert _cut(cut) == text


def test_special_signs_are_protected_outside_of_formulas():
    blocks = [Heading("50 % of a_b & #1 in $x_1$"), Row(("x", "1"), note="$y_1$")]
    assert latex(blocks) == (
        "\\paragraph{50 \\% of a\\_b \\& \\#1 in $x_1$}\n\\[ x = 1 \\qquad y_1 \\]"
    )


def test_layouts_join_and_indent():
    row = Row(("x", "", "1", "1"), "rule", "note", indent=2)
    assert row.formula == "x = 1"
    assert plain([Say("so"), row]) == "  so\n    rule  x = 1   note"
    assert markdown([row]) == "  - rule: $x = 1$ note"


# ---- rules ----


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sin(x)", "table entry sin  ∂f/∂x = cos(x)"),  # no chain: x itself
        ("sin(2*x)", "1. table entry sin, chain rule"),
        ("x**3", "1. power rule  ∂f/∂x"),
        ("(2*x)**3", "1. power rule, chain rule"),
        ("(2*x)**x", "1. power rule, both parts vary, chain rule"),
        ("3*x", "1. constant multiple rule"),
        ("x*sin(x)", "1. product rule"),
        ("sin(x)*sin(2*x)", "1. product rule  "),
        ("1/x", "1. quotient rule"),
        ("x/3", "1. constant multiple rule"),
        ("2**x", "1. exponential rule"),
        ("max(x, 2)", "1. by cases, max"),
        ("sin(x) - cos(x)", "∂f/∂x = ∂/∂x[sin(x)] - ∂/∂x[cos(x)]"),  # no + -
        ("x*y - sin(x)", "∂f/∂x = ∂/∂x[x*y] - ∂/∂x[sin(x)]"),
        ("exp(x)*(1 + y - sin(x))", "(1 + y - sin(x)) · ∂/∂x[exp(x)]"),
        ("where(sin(x) > 0, x, 2)", "∂f/∂x = "),
        ("(x > 1)*x", "∂f/∂x = x · 0 + (x > 1)"),  # a comparison's slope is 0
    ],
)
def test_rules_by_what_varies(text, line):
    shown = by_rules(text)
    assert line in shown, shown
    assert "∂/∂x[sin(x) > 0]" not in shown


def test_slopes_replayed_in_numbers():
    point = {"x": 0.7, "y": 1.3}
    found = derive(parse("q = x*y\nf = q*sin(x) + q"), ["x"], point=point)
    slopes = tangents(found)
    labels = {label: node for node, label in found.labels.items()}
    assert slopes[labels["x"]] == 1.0
    assert slopes[labels["q"]] == pytest.approx(1.3)
    exact = 1.3 * math.sin(0.7) + 0.7 * 1.3 * math.cos(0.7) + 1.3
    assert slopes[labels["f"]] == pytest.approx(exact)
    assert tangents(derive(parse("x"), ["x"], point={"x": 2.0})) == {"x": 1.0}


@pytest.mark.parametrize(
    ("gate", "place", "text"),
    [("tanh", 0, "1 - out**2"), ("div", 1, "-a/b**2"), ("sigmoid", 0, "out*(1 - out)")],
)
def test_slopes_are_spelt_as_in_a_book(gate, place, text):
    slope = textbook(gate, partial(gate, place))
    wanted = sympy.sympify(text)
    names = {str(symbol): symbol for symbol in slope.free_symbols}
    assert sympy.expand(slope - wanted.subs(names)) == 0
    assert sympy.count_ops(slope) <= sympy.count_ops(wanted)


# ---- result and verdict ----


def test_an_input_without_influence_has_slope_zero():
    graph = parse("x + 0*where(y > 0, 1, 2)")
    found = derive(graph, ["x", "y"])
    assert (closed(found, "x"), closed(found, "y")) == ("1", "0")
    assert "∂f/∂y = 0" in steps_page(found, graph)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("sin(x)*y", True),
        ("sqrt(-1 - x**2)", None),
        ("x + 1e15", True),
        ("x*1e300*1e300", None),
    ],
)
def test_a_replay_is_right_or_undecided(text, verdict):
    graph = parse(text)
    assert check_replay(derive(graph), graph, "x") is verdict


def test_a_replay_of_other_steps_is_wrong():
    """The steps of x*sin(x) are not the slope of x*cos(x)."""
    assert check_replay(derive(parse("x*sin(x)")), parse("x*cos(x)"), "x") is False
    shifted = parse("sin(x) + 1e-3*x")
    assert check_replay(derive(parse("sin(x)")), shifted, "x") is False


def test_the_errors_are_those_of_the_quotients():
    graph, x = parse("sin(x)*exp(x)"), 0.7
    found = three_ways(graph, {"x": x})
    output = graph.graph["output"]

    def f(at):
        return float(node_values(graph, {"x": at})[output])

    exact = math.exp(x) * (math.sin(x) + math.cos(x))
    for h, row in list(zip(STEPS, found.errors["x"], strict=True))[:6]:
        assert row.forward == pytest.approx(
            abs((f(x + h) - f(x)) / h - exact), abs=1e-9
        )
        central = (f(x + h) - f(x - h)) / (2 * h)
        assert row.central == pytest.approx(abs(central - exact), rel=1e-3, abs=1e-9)
    assert found.gates[1] == 2 * 3  # two evaluations of sin, exp, times
    assert found.gates[2] > 3
