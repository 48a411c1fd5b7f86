"""Formulas: what you write is what you see, precedence, names, places of mistakes."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mistakes import MISTAKES

from gradtutor.evaluate import node_values, run
from gradtutor.gates import SPELLINGS
from gradtutor.graph import check_graph, inputs, operands, topological_order
from gradtutor.language import SourceError
from gradtutor.language.errors import (
    FormulaSyntaxError,
    LimitError,
    UnknownNameError,
    near,
)
from gradtutor.language.formula import parse_formula


def gates(text: str) -> list[str]:
    """Return the gates of a formula in order, copies aside."""
    graph = parse_formula(text)
    check_graph(graph)
    order = [graph.nodes[node]["gate"] for node in topological_order(graph)]
    return [gate for gate in order if gate not in ("input", "number", "copy")]


def value(text: str, **point) -> float:
    graph = parse_formula(text)
    check_graph(graph)
    return float(node_values(graph, point)[graph.graph["output"]])


# ---- what you write is what you see ----

SEEN = [
    ("x + x", ["add"]),
    ("a - b", ["sub"]),
    ("a/b", ["div"]),
    ("x*x", ["mul"]),
    ("x - x", ["sub"]),
    ("1*x", ["mul"]),
    ("x + 0", ["add"]),
    ("2 + 3", ["add"]),
    ("x^1", ["pow"]),
    ("-x", ["neg"]),
    ("--x", ["neg", "neg"]),
    ("+x", []),
    ("(a + b)*(a + b)", ["add", "add", "mul"]),
    ("a + b + c", ["add", "add"]),
    ("exp(log(x))", ["log", "exp"]),
    ("max(a, b, c)", ["max", "max"]),
    ("max(a)", ["amax"]),
    ("max(a, b)", ["max"]),
    ("min(a)", ["amin"]),
    ("a if a > b else c", ["greater", "where"]),
    ("np.exp(torch.relu(F.sin(x)))", ["sin", "relu", "exp"]),
    ("nn.functional.silu(x)", ["swish"]),
    ("ln(x) + σ(y) + arcsin(z)", ["log", "sigmoid", "add", "asin", "add"]),
    ("relu(x) # a comment", ["relu"]),
    ("# above\n\n\nsin(x)\n\n", ["sin"]),
    ("(sin(\n  x +\n  y))", ["add", "sin"]),
    ("sin(x); cos(x)", ["sin", "cos"]),
]


@pytest.mark.parametrize("text, expected", SEEN)
def test_what_you_write_is_what_you_see(text, expected):
    assert gates(text) == expected


def test_a_number_keeps_the_text_it_was_written_as():
    graph = parse_formula("1e-3*x + 1_000 + 0.10 + −7 + pi + π")
    texts = [d["text"] for _, d in graph.nodes(data=True) if d["gate"] == "number"]
    assert texts == ["1e-3", "1_000", "0.10", "-7", "pi", "π"]


# ---- precedence ----

PRECEDENCE = [
    ("-x^2", -9.0),
    ("(-x)^2", 9.0),
    ("-x**2", -9.0),
    ("2^x^2", 512.0),
    ("2^-x", 0.125),
    ("-2^2", -4.0),
    ("2 - 3 - 4", -5.0),
    ("24/4/2", 3.0),
    ("2 + 3*x", 11.0),
    ("6/2*x", 9.0),
    ("2*-x", -6.0),
    ("x - -x", 6.0),
    ("2 × x ÷ 4 − 1", 0.5),
    ("2·x⋅x", 18.0),
    ("x⁄2", 1.5),
    ("（ｘ＋１）＊２＾２－１．５", 14.5),
    ("ｙ　＝　ｘ／２；ｅｘｐ（ｙ－１．５）", 1.0),
    ("1 + 1 > 1", 1.0),
    ("x == 3", 1.0),
    ("x != 3", 0.0),
    ("1 if x >= 3 else 2", 1.0),
    ("1 if x < 3 else 2 if x <= 3 else 5", 2.0),
    ("0.1 + 0.2", 0.1 + 0.2),
    ("0x10 + 0b11", 19.0),
]


@pytest.mark.parametrize("text, expected", PRECEDENCE)
def test_precedence_is_mathematics(text, expected):
    assert value(text, x=3.0) == expected


@st.composite
def arithmetic(draw, depth: int = 4) -> str:
    """Draw an expression; parentheses only some of the time."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(["x", "y", "2", "0.5", "3"]))
    left, right = draw(arithmetic(depth=depth - 1)), draw(arithmetic(depth=depth - 1))
    form = draw(
        st.sampled_from(
            [
                "{}+{}",
                "{} - {}",
                "{}*{}",
                "{}/{}",
                "({}){}",
                "-{}",
                "({})**2",
                "{}^2",
                "+{}",
            ]
        )
    )
    if form == "({}){}":
        return f"({left})*({right})" if draw(st.booleans()) else f"({left} - {right})"
    return form.format(left, right)


def often(count: int) -> settings:
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def by_python(text: str) -> float:
    """Python's own reading of the same text, ^ written as **."""
    names = {"x": np.float64(0.75), "y": np.float64(-1.3)}
    source = text.replace("^", "**")
    numbers = ast.parse(source, mode="eval")
    for node in ast.walk(numbers):  # 2 is a float64 here, as everywhere
        if isinstance(node, ast.Constant):
            node.value = float(node.value)
    with np.errstate(all="ignore"):
        return float(eval(compile(numbers, "", "eval"), {"__builtins__": {}}, names))


@given(arithmetic())
@often(400)
def test_random_expressions_mean_what_they_mean_in_python(text):
    try:
        expected = by_python(text)
    except (ZeroDivisionError, OverflowError):
        return
    try:
        ours = value(text, x=0.75, y=-1.3)
    except LimitError:
        return
    both_nan = math.isnan(ours) and math.isnan(expected)
    assert both_nan or ours == pytest.approx(expected, rel=1e-12), text


# ---- names ----


@pytest.mark.parametrize(
    "name",
    [
        "α",
        "β₁"[:1],
        "θ",
        "λ",
        "x1",
        "W_2",
        "x_ij",
        "größe",
        "重み",
        "σ2",
        "Δx",
        "µ",
        "ñ",
    ],
)
def test_greek_and_other_letters_are_names(name):
    graph = parse_formula(f"{name}*2 + {name}")
    assert len(inputs(graph)) == 1


def test_inputs_keep_the_order_in_which_they_are_written():
    assert inputs(parse_formula("z*b + a*x + b")) == ["z", "b", "a", "x"]


def test_a_name_is_a_gate_only_where_it_is_called():
    assert value("exp = 2\nexp(exp)") == pytest.approx(math.exp(2))


def test_pi_is_a_number_unless_the_text_says_otherwise():
    assert value("2*pi*r", r=1.0) == pytest.approx(2 * math.pi)
    assert value("π = 3\n2*π") == 6.0
    assert inputs(parse_formula("pi: (3,)\npi*2")) == ["pi"]


# ---- assignments ----


def test_the_last_line_is_the_output_and_earlier_lines_name_intermediates():
    graph = parse_formula("q = x + y\nf = q*z")
    assert graph.graph["output"] == "f"
    assert operands(graph, "f") == ["q", "z"]


def test_a_number_of_its_own_gives_an_input_its_value():
    graph = parse_formula("x = 2\ny = -3.5\nx*y")
    assert graph.nodes["x"]["value"] == 2.0
    assert inputs(graph) == ["x", "y"]
    trace = run(graph, {})
    assert float(trace.values[trace.output]) == -7.0
    assert float(run(graph, {"x": 4.0}).values[trace.output]) == -14.0


def test_a_list_of_numbers_is_a_tensor_input():
    graph = parse_formula("W = [[1, 2, 3], [4, 5, -6]]\nx = (1, 0, 2)\nW@x")
    assert graph.nodes["W"]["shape"] == (2, 3)
    trace = run(graph, {})
    assert trace.values[trace.output].tolist() == [7.0, -8.0]


def test_a_declaration_gives_an_input_its_shape():
    graph = parse_formula("x: (N, 3)\nw: 3\ns: ()\nx@w*s")
    assert [graph.nodes[n]["shape"] for n in "xws"] == [("N", 3), (3,), ()]
    assert graph.nodes[graph.graph["output"]]["shape"] == ("N",)


def test_a_name_given_several_times_means_the_latest():
    trace = run(parse_formula("x = x*sin(x)\n" * 3), {"x": 1.2})
    expected = 1.2
    for _ in range(3):
        expected *= math.sin(expected)
    assert float(trace.values[trace.output]) == expected
    assert inputs(trace.graph) == ["x"]


REASSIGNED = [
    ("x = x*2\nx_2 + x", {"x": 3.0, "x_2": 10.0}, 16.0),
    ("x = x*2\nx_2 = 7\nx_2 + x", {"x": 3.0}, 13.0),
    ("x_2 = x*2\nx = x*3\nx = x*5\nx_2 + x", {"x": 1.0}, 17.0),
    ("x = x + 1\nx = x + x_2\nx_2 = x + x_2\nx_2*1", {"x": 1.0, "x_2": 5.0}, 12.0),
    ("y = x\ny = y*y\ny", {"x": 3.0}, 9.0),
    ("x = 2\nx = x*x\nx = x*x", {}, 16.0),
]


@pytest.mark.parametrize("text, point, expected", REASSIGNED)
def test_names_that_look_like_later_versions_stay_apart(text, point, expected):
    assert value(text, **point) == expected


def test_many_assignments_to_one_name_cost_no_more_than_to_many():
    graph = parse_formula("x = sin(x)\n" * 20_000)  # was quadratic
    assert len(graph) == 20_001


# ---- every class of mistake, and exactly where ----


@pytest.mark.parametrize(
    "text, kind, marked, words", MISTAKES, ids=[repr(row[0][:30]) for row in MISTAKES]
)
def test_a_mistake_has_its_class_its_place_and_what_to_do(text, kind, marked, words):
    with pytest.raises(SourceError) as caught:
        parse_formula(text)
    error = caught.value
    assert type(error) is kind, error
    assert words in f"{error.message} {error.hint}"
    start, end = error.span
    assert 0 <= start < end
    if marked:
        # of a place below, only the start is exact; a caret marks one character
        assert text[start:end] == marked


def test_the_largest_things_within_the_limits_are_read():
    assert value("+".join("x" * 1900), x=1.0) == 1900.0
    assert value("x^1000", x=1.0) == 1.0
    assert value("(" * 200 + "x" + ")" * 200, x=2.0) == 2.0
    assert value("1" + "0" * 300) == 1e300
    assert value("max(" + "x," * 999 + "y)", x=1.0, y=2.0) == 2.0


CARETS = [
    ("x^2 + y^2 + sigmiod(z)", 1, 13, 7),
    ("α^2·β + sigmiod(z)", 1, 9, 7),
    ("a = x^2\nb = β^2^γ + foo(x)\nc = a", 2, 13, 3),
    ("x = 重^2 + foo(y)", 1, 11, 3),
    ("𝛼^2 + foo(y)", 1, 7, 3),
    ("x\r\ny^2 + foo(x)", 2, 7, 3),
    ("x\ry^2 + foo(x)", 2, 7, 3),
    ("x +\t\tfoo(x)", 1, 6, 3),
    ("# é^^\n\n  \nfoo(x)", 4, 1, 3),
    ("sin(x +\n    foo(y))", 2, 5, 3),
]


@pytest.mark.parametrize("text, line, column, width", CARETS)
def test_the_caret_stands_under_the_mistake(text, line, column, width):
    with pytest.raises(UnknownNameError) as caught:
        parse_formula(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    _, shown, caret, *_ = str(error).split("\n")
    before = shown[: column + 1]
    assert caret == " " * (len(before) + before.count("重")) + "^" * width
    assert shown[len(before) :][:width] in ("sigmiod", "foo")


SYNTAX_CARETS = [
    ("α^2 + * 3", 1, 7),
    ("x^2^2 + )", 1, 9),
    ("a = 1\nb = α^2 )", 2, 9),
    ("β = (x^2", 1, 5),
    ("x*2 if y else", 1, 13),
]


@pytest.mark.parametrize("text, line, column", SYNTAX_CARETS)
def test_a_syntax_error_points_at_the_text_as_it_was_written(text, line, column):
    with pytest.raises(FormulaSyntaxError) as caught:
        parse_formula(text)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)


def test_a_long_line_is_shown_around_the_mistake():
    with pytest.raises(UnknownNameError) as caught:
        parse_formula("+".join(["x"] * 300) + "+foo(y)" + "+x" * 300)
    _, shown, caret, *_ = str(caught.value).split("\n")
    assert len(shown) <= 80
    assert shown[caret.index("^") :].startswith("foo(y)")


def test_every_node_points_back_at_its_text():
    text = "q = α^2·x + exp(−y)\nf = max(q, 0.5)/q"
    graph = parse_formula(text)
    seen = {
        text[slice(*data["span"])]: data["gate"]
        for _, data in graph.nodes(data=True)
        if data["gate"] != "copy"
    }
    assert seen["α^2·x + exp(−y)"] == "add"
    assert seen["α^2"] == "pow"
    assert seen["α^2·x"] == "mul"
    assert seen["exp(−y)"] == "exp"
    assert seen["max(q, 0.5)/q"] == "div"
    assert seen["0.5"] == "number"


@pytest.mark.parametrize("spelling", sorted(SPELLINGS))
def test_a_slip_of_the_finger_finds_every_gate(spelling):
    if len(spelling) > 4:
        slip = spelling[:2] + spelling[3] + spelling[2] + spelling[4:]
        if slip not in SPELLINGS:
            assert near(slip, SPELLINGS).startswith("did you mean")
    if spelling.isascii():
        meant = near(spelling.upper(), SPELLINGS).lower()
        assert meant == f"did you mean {spelling.lower()}?"


# ---- hostile text ----

HOSTILE = [
    "__import__('os').system('echo no')",
    "import os",
    "from os import *",
    "exec(x)",
    "eval('1')",
    "open(x)",
    "x.__class__.__mro__",
    "().__class__",
    "(lambda: x)()",
    "[x for x in y]",
    "{x: y}",
    "{*x}",
    "f'{x}'",
    "f'{__import__(\"os\")}'",
    "b'x'",
    "(x := 3)",
    "x if (y := 2) else z",
    "*x",
    "x = *y",
    "sin(*x)",
    "max(*x)",
    "exp(x for x in y)",
    "await x",
    "yield x",
    "@sin\ndef f(): pass",
    "def f(x): return x",
    "class A: pass",
    "while x: pass",
    "for x in y: x",
    "with x: y",
    "try: x\nfinally: y",
    "assert x",
    "del x",
    "raise x",
    "global x",
    "match x:\n case 1: y",
    "x: int = 5",
    "x = y = 2",
    "x[0] = 2",
    "x.y = 2",
    "...",
    "None",
    "x is y",
    "x in y",
    "not x",
    "~x",
    "x << 1000000000",
    "x | y",
    "x\x00y",
    "\x00",
    "\ud800",
    "x + \udfff",
    "\ufeffx",
    "x\u200b + y",
    "x = \\",
    "\\",
    "'",
    '"""',
    "x = [1, [2]]",
    "x = [[[[[[1]]]], 2]]",
    "x = []",
    "x = [True]",
    "x = ['a']",
    "sum(x, axis=0x" + "f" * 5000 + ")",
    "sum(x, axis=-0x" + "f" * 5000 + ")",
    "x: (0x" + "f" * 5000 + ",)\ny: (3,)\nx@y",
    "x + 0x" + "f" * 5000,
    "x^0x" + "f" * 5000,
    "0b" + "1" * 20_000,
    "[" * 300 + "]" * 300,
    "x" + ".T" * 5000,
    "x" + ".a" * 5000 + "(y)",
    "sin(" * 5000 + "x" + ")" * 5000,
    "not " * 5000 + "x",
    "x if y else " * 3000 + "z",
    "x**" * 3000 + "y",
    "x = " * 3000 + "1",
    "if x:\n" + "".join(" " * i + "if x:\n" for i in range(1, 150)) + " " * 150 + "y",
    "a" * 100_000 + "(x)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:24]))
def test_hostile_text_is_a_source_error_and_nothing_else(text):
    with pytest.raises(SourceError) as caught:
        parse_formula(text)
    error = caught.value
    assert error.line >= 1 and error.column >= 1
    shown = str(error)
    assert len(shown) < 1000 + len(error.message) + len(error.hint)


def test_a_wide_line_of_foreign_letters_costs_no_more_than_one_of_ascii():
    def tree(depth: int) -> str:
        return "α" if depth == 0 else f"({tree(depth - 1)}+{tree(depth - 1)})"

    assert len(parse_formula(tree(14))) == 2**14 + 1  # was quadratic: 2.5 s


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_ending_reads_the_same(newline):
    text = newline.join(["# c", "q = x^2", "", "f = q*2 # end", ""])
    assert value(text, x=3.0) == 18.0


WORDS = """x y 2 1e9 0x1f ( ) [ ] , = : + - * ** ^ / @ sin( sum( axis= keepdims= None
True if else lambda .T max( softmax( < >= == α 重 ^2 ' # \\ f' cross_entropy( one_hot(
x:(3,) A=[[1,2],[3,4]] where( int import def"""
BLANKS = ["\n", " ", "\r", "\r\n", "\t", "\x00", "\ufeff", "\u2028", "\x0c", "x = "]
SIGNS = "xyαβ0123456789.+-*/^@()[]{},=<>!: \n\r\t#'\"\\_eEjσ×−%&|~;\x00\x0c\ud800"
ALPHABET = st.one_of(
    st.text(),
    st.text(SIGNS),
    st.lists(st.sampled_from(WORDS.split() + BLANKS), max_size=25).map("".join),
)


@given(ALPHABET)
@often(3000)
def test_any_text_at_all_is_a_graph_or_a_source_error(text):
    try:
        graph = parse_formula(text)
    except SourceError as error:
        assert error.line >= 1 and error.column >= 1 and str(error)
        assert 0 <= error.span[0] <= len(error.source)
    else:
        check_graph(graph)
        for _, data in graph.nodes(data=True):
            if data["span"]:
                start, end = data["span"]
                assert 0 <= start < end <= len(graph.graph["source"])


def test_nothing_in_a_text_is_ever_evaluated(monkeypatch):
    import builtins

    def forbidden(*args, **kwargs):
        raise AssertionError("a text was evaluated")

    monkeypatch.setattr(builtins, "eval", forbidden)
    monkeypatch.setattr(builtins, "exec", forbidden)
    parse_formula("q = x^2 + sin(y)\nf = sum(q, axis=None)")
    for text in HOSTILE[:12]:
        with pytest.raises(SourceError):
            parse_formula(text)
