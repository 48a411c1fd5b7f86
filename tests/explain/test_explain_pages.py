"""What people read: golden pages, published numbers, LaTeX, counts, errors, topics."""

from __future__ import annotations

import json
import math
import time

import matplotlib as mpl
import networkx as nx
import numpy as np
import pytest
import sympy
from click.testing import CliRunner
from matplotlib.mathtext import MathTextParser
from places import TESTS

from gradtutor.calculus.partials import partial
from gradtutor.circuit import parse
from gradtutor.cli import main
from gradtutor.explain.notation.document import latex
from gradtutor.explain.notation.latex import latex_name, latex_names, latex_number
from gradtutor.explain.notation.writing import LATEX
from gradtutor.explain.pages.topic_index import find_topic
from gradtutor.explain.records.derivation import derive, textbook
from gradtutor.explain.records.paths import count_paths, edges_of, paths_from
from gradtutor.explain.views.fork_view import MOST_PATHS
from gradtutor.explain.views.gate_view import gate_blocks
from gradtutor.explain.views.notation_view import View
from gradtutor.explain.views.rule_view import rule_blocks
from gradtutor.explain.views.steps_page import steps_page
from gradtutor.explain.views.ways import three_ways
from gradtutor.gates import GATES, Pointwise
from gradtutor.gates.symbols import OUT
from gradtutor.language.layers import LAYERS
from gradtutor.language.layers.training import LOSSES, OPTIMISERS

GOLDEN = TESTS / "golden" / "explain"
PRODUCT = ["(x+y)*z", "--at", "x=-2,y=5,z=-4"]
NEURON = [
    "1/(1+exp(-(w0*x0+w1*x1+w2)))",
    "--at",
    "w0=2,x0=-1,w1=-3,x1=-2,w2=-3",
]
FORK = ["f = max(x*y, x + z)", "--at", "x=2,y=3,z=-1"]
MLP = (
    "Sequential([Input(784), Linear(128), ReLU(), Linear(10)])\n"
    "loss = CrossEntropyLoss()"
)


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def shown(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


PAGES = {
    "product": [*PRODUCT, "--steps"],
    "product-markdown": [*PRODUCT, "--markdown"],
    "neuron": [*NEURON, "--steps"],
    "neuron-rules": [NEURON[0], "--steps", "--wrt", "w0"],
    "neuron-latex": [NEURON[0], "--latex", "--wrt", "w0"],
    "fork": [*FORK, "--steps"],
    "mlp": [MLP, "--steps", "--proof"],
}


@pytest.mark.parametrize("name", PAGES)
def test_golden_pages(name, request):
    text, path = shown("diff", *PAGES[name]), GOLDEN / f"{name}.txt"
    if request.config.getoption("--rewrite"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "line"),
    [  # as CS231n's notes on backpropagation have them
        (PRODUCT, "∂f/∂x = ∂f/∂t1 · ∂t1/∂x = -4 × 1 = -4"),
        (PRODUCT, "∂f/∂z = t1 = 3"),
        (NEURON, "∂f/∂t6 = ∂f/∂t7 · ∂t7/∂t6 = -0.534447 × 1 = -0.534447"),
        (NEURON, "∂f/∂w0 = ∂f/∂t1 · ∂t1/∂w0 = 0.196612 × (-1) = -0.196612"),
        (FORK, "∂f/∂x = ∂f/∂x via t1 + ∂f/∂x via t2 = 3 + 0 = 3"),
        (FORK, "x → t1 → f  3 × 1 = 3"),
    ],
)
def test_lines_of_numbers(page, line):
    assert line in shown("diff", *page, "--steps")


def test_a_layers_lines_have_the_shapes_of_their_product():
    text = shown("diff", MLP, "--steps")
    for line in (
        "dW2 = h1ᵀ · dz2   (128, 10) = (128, N)(N, 10)",
        "dh1 = dz2 · W2ᵀ   (N, 128) = (N, 10)(10, 128)",
        "db1 = sum(dz1, axis=0)   (128,)",
    ):
        assert line in text


# ---- LaTeX ----

FORMULAS = [
    "log(1 + exp(w*x + b))",
    "max(x, y)*abs(x - y)/sqrt(x**2 + y**2)",
    "where(x > 0, x, 0.01*x)*relu(alpha_2)",
    "leaky_relu(x)*sigmoid(beta)**(-x) - asin(x)/2**y",
    "q_1 = x*1e-7\nloss = softplus(-(q_1 - y))*(q_1 - y)*pi",
    "min(x, y)*erf(x)*tan(y)*sinh(x)*atan(y)*log1p(x**2)*gelu(y)",
    "ε*W1 + (x if x <= ε else W1*swish(x))",
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("form", ["rules", "gates", "values"])
@pytest.mark.parametrize("text", FORMULAS)
def test_latex_is_set_by_mathtext(text, form):
    graph = parse(text).graph
    names = [node for node, gate in graph.nodes(data="gate") if gate == "input"]
    point = {name: 0.3 + 0.1 * i for i, name in enumerate(names)}
    found = derive(graph, names[:1], point=point if form == "values" else None)
    blocks = (rule_blocks if form == "rules" else gate_blocks)(View(found, LATEX))
    check_mathtext(latex(blocks), at_least=3)


NETWORKS = [
    MLP,
    "Sequential([Input(1, 12, 12), Conv2d(2, 3), BatchNorm2d(2), ReLU(), MaxPool2d(2), "
    "Flatten(), Linear(3)])\nloss = CrossEntropyLoss()",
    "Sequential([Input(2, 3), LSTM(2), Dropout(0.1), Linear(1)])\nloss = MSELoss()",
]


@pytest.mark.parametrize("text", NETWORKS)
def test_latex_of_networks_is_set_by_mathtext(text):
    graph = parse(text).graph
    check_mathtext(steps_page(derive(graph), graph, form="latex"), at_least=10)


def without_cases(formula):
    """Set the rows of cases, which mathtext has none of, side by side."""
    for sign in (r"\begin{cases}", r"\end{cases}", " & ", r" \\ "):
        formula = formula.replace(sign, r"\,")
    return formula


def check_mathtext(page, at_least):
    parser, rows = MathTextParser("path"), page.split("\\[ ")[1:]
    assert len(rows) >= at_least
    with mpl.rc_context({"mathtext.fontset": "cm"}):
        for row in rows:
            formula = without_cases(row.split(" \\]")[0])
            box = parser.parse(f"${formula}$")
            assert box.width > 0, formula


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"), ("W1", "W_{1}"), ("w_12", "w_{12}"), ("alpha", r"\alpha"),
        ("ε", r"\epsilon"), ("dW2", "dW_{2}"), ("dalpha", r"d\alpha"),
        ("loss", r"\mathit{loss}"), ("z1_2", "z_{1,2}"), ("x_in", "x_{in}"),
        ("_", r"\mathit{\_}"), ("a_b_c", r"\mathit{a\_b}_{c}"), ("h", "h"),
        ("what", r"\mathit{what}"), ("f_", r"\mathit{f\_}"),
    ],
)  # fmt: skip
def test_names_in_latex(name, expected):
    assert latex_name(name).replace(r"\_", "_") == expected.replace(r"\_", "_")


#: Names that a reader must tell apart; letters of a formula beside their functions.
ALIKE = [
    ("x1", "x_1"), ("x_12", "x12", "x1_2", "x_1_2"), ("alpha", "α"),
    ("alpha_1", "alpha1", "α1", "α_1"), ("dalpha", "dα"), ("x", "x_", "x__"),
    ("loss", "loss_", "loss_1", "loss1"), ("x_in", "xin"), ("dx1", "dx_1"),
]  # fmt: skip


def set_by_mathtext(formula):
    """Return the signs as they are drawn: font file, number of the sign, place."""
    with mpl.rc_context({"mathtext.fontset": "cm"}):
        glyphs = MathTextParser("path").parse(f"${formula}$").glyphs
    return [
        (font.fname, sign, round(x, 3), round(y, 3))
        for font, _, sign, *_, x, y in glyphs
    ]


@pytest.mark.parametrize("names", ALIKE)
def test_names_that_differ_are_drawn_differently(names):
    drawn = [set_by_mathtext(text) for text in latex_names(names).values()]
    assert all(drawn)
    for i, one in enumerate(drawn):
        assert one not in drawn[:i], (names, latex_names(names))


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("x1*x_1", r"\mathit{x1}\,\mathit{x\_1}", "x_{1}"),
        ("alpha*sin(α)", r"\mathit{alpha}\,\sin\left(\mathit{{\alpha}}\right)", ""),
        ("x1*y1", r"x_{1}\,y_{1}", r"\mathit"),
        ("X: (2, 2)\nsum(X.T @ X**T)", r"t_{1} = X^{\top} ", r"t_{2} = X^{\top}"),
        ("e*y + exp(y)", r"y + \exp\left(y\right)", "e^{y}"),
        ("sigma*(x + sigmoid(x))", r"\mathrm{sigmoid}\left(x", r"\sigma\left(x\right)"),
        ("sigmoid(x)", r"\sigma\left(x\right)", r"\mathrm"),
        ("e: ()\ne**x*exp(y)", r"e^{x}\,\exp\left(y\right)", "e^{y}"),
    ],
)
def test_distinct_symbols_are_written_differently(text, shown, hidden):
    page = run("diff", text, "--latex").stdout
    assert shown in page
    assert not hidden or hidden not in page


def test_a_gradients_name_is_not_an_inputs():
    text = shown("diff", "sum(x*dx)", "--steps", "--at", "x=[1,2],dx=[3,4]")
    assert "    dx_ = dx = [3, 4]   (2,)\n    ddx = x = [1, 2]   (2,)" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", "2"), ("1e-07", "10^{-7}"), ("-2.5e+10", r"-2.5 \times 10^{10}"),
     ("inf", r"\infty"), ("-inf", r"-\infty"), ("nan", r"\mathrm{nan}")],
)  # fmt: skip
def test_numbers_in_latex(text, expected):
    assert latex_number(text) == expected


# ---- textbook spellings, paths ----


@pytest.mark.parametrize(
    "name", [name for name, gate in GATES.items() if isinstance(gate, Pointwise)]
)
def test_the_textbook_slope_is_the_recorded_one(name):
    gate = GATES[name]
    for position in range(gate.arity[0]):
        slope = partial(name, position)
        difference = (textbook(name, slope) - slope).xreplace({OUT: gate.formula})
        assert sympy.simplify(difference) == 0, (slope, textbook(name, slope))


@pytest.mark.parametrize(
    "text",
    [
        "x*x*x",
        "y = x*sin(x)*cos(x)\ny*exp(y)*tanh(y)",
        "q = x*y\nr = q + x\nmax(q*r, r - y)*q",
    ],
)
def test_paths_are_counted_as_networkx_walks_them(text):
    found = derive(parse(text).graph)
    walked = nx.MultiDiGraph()
    for turn in found.turns:
        for send in turn.sends:
            walked.add_edge(send.source, turn.node)
    paths = [
        path
        for name in found.wrt
        for path in nx.all_simple_edge_paths(walked, name, found.output)
    ]
    count = count_paths(found)
    assert (count.paths, count.factors) == (len(paths), sum(map(len, paths)))
    assert count.edges == walked.number_of_edges()
    for name in found.wrt:
        ours = paths_from(edges_of(found), name, 1000, 100)
        assert len(ours) == count.behind[name]
        short = [path for path in ours if len(path) <= 3]
        assert paths_from(edges_of(found), name, 1000, 3) == short
        assert len({tuple(send.wire for _, send in path) for path in ours}) == len(ours)


def test_a_forks_paths_sum_to_its_gradient():
    point = {"x": 0.7, "y": -1.2}
    found = derive(parse("q = x*y\nr = q + sin(x)\nq*r/(2 + r)").graph, point=point)
    for name, sends in found.arriving.items():
        products = [
            math.prod(float(found.values[send.local]) for _, send in path)
            for path in paths_from(edges_of(found), name, 1000, 100)
        ]
        assert sum(products) == pytest.approx(
            float(found.values[found.gradients[name]])
        )
        assert len(products) >= len(sends)


def test_many_paths_and_a_thousand_gates_take_seconds():
    lines = [f"t{i + 1} = tanh(t{i})*cos(t{i}) + t{i}" for i in range(260)]
    text = "t0 = x*y\n" + "\n".join(lines)
    start = time.process_time()
    graph = parse(text).graph
    assert len(graph) > 1000
    found = derive(graph, point={"x": 0.5, "y": 0.25})
    page = steps_page(found, graph)
    whole = steps_page(found, graph, everything=True)
    rules = steps_page(derive(graph, ["x"]), graph)
    assert count_paths(found).paths == 2 * 3**260
    assert "more steps: --all shows them" in page
    assert len(whole.splitlines()) > 2000 > 500 > len(page.splitlines())
    assert len(rules.splitlines()) < 100
    assert whole.count(" → t260") <= 261 * MOST_PATHS
    assert time.process_time() - start < 15


# ---- the three ways ----


def test_the_three_ways_agree_with_mpmaths_slope():
    import mpmath as mp

    found = three_ways(parse("exp(-x*w)*sin(x)").graph, {"x": 1.2, "w": 0.7})
    exact = float(mp.diff(lambda x: mp.exp(-0.7 * x) * mp.sin(x), 1.2))
    row = found.rows[0]
    assert (row.name, row.symbolic) == ("x", pytest.approx(exact, rel=1e-12))
    assert row.reverse == pytest.approx(exact, rel=1e-12)
    assert abs(row.numeric - exact) < 1e-4
    assert abs(row.numeric - exact) > 1e-7
    assert found.evaluations == 3
    assert found.gates[1] == 3 * 5  # neg, times, exp, sin, times


def test_the_error_falls_with_h_and_h_squared_then_grows():
    errors = three_ways(parse("exp(x)").graph, {"x": 1.0}).errors["x"]
    one, two = errors[1], errors[2]  # h = 1e-2, 1e-3
    assert one.forward == pytest.approx(math.e * 1e-2 / 2, rel=0.01)
    assert one.forward / two.forward == pytest.approx(10, rel=0.01)
    assert one.central == pytest.approx(math.e * 1e-4 / 6, rel=0.01)
    assert one.central / two.central == pytest.approx(100, rel=0.01)
    best = min(error.forward for error in errors)
    assert errors[-1].forward > 1e3 * best


def test_no_machine_s_last_digit_is_in_the_table_of_errors(monkeypatch):
    """Other processors' exp and sin differ by an ulp; the text must not."""
    from gradtutor.explain.views import ways

    exact, seen = ways.node_values, set()
    for seed in range(12):
        rng = np.random.default_rng(seed)

        def nearby(*given, rng=rng):
            values = exact(*given)
            return {
                node: value + rng.integers(-1, 2) * np.spacing(value)
                for node, value in values.items()
            }

        monkeypatch.setattr(ways, "node_values", nearby if seed else exact)
        found = three_ways(parse("exp(-x*w)*sin(x)").graph, {"x": 1.2, "w": 0.7})
        seen.add(ways.ways_text(found))
    assert len(seen) == 1


# ---- the command line ----


def test_json_has_the_records_once():
    data = json.loads(shown("diff", *FORK, "--steps", "--json"))
    assert data["schema"] == 1
    steps = data["steps"]
    assert steps["forks"] == [{"name": "x", "terms": 2, "paths": 2}]
    assert (steps["paths"], steps["factors"], steps["edges"]) == (4, 8, 6)
    assert [row["verified"] for row in data["derivatives"]] == [True] * 3
    sent = {
        (turn["name"], to["name"]): to
        for turn in steps["backward"]
        for to in turn["to"]
    }
    assert (sent["t1", "x"]["local"], sent["t1", "x"]["value"]) == ("y", 3)
    for form in (["--latex"], ["--by", "rules"]):
        assert json.loads(shown("diff", *FORK, "--json", *form))["steps"] == steps


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x*y", "--steps", "--wrt", "q"], 3, "there is no input 'q'"),
        (["x*y", "--steps", "--at", "x=1"], 3, "add --at y=..."),
        (["x*y", "--ways", "--wrt", "x"], 3, "x has no value"),
        (["sum(W @ x)", "--ways", "--at", "W=[[1]],x=[2]"], 3, "not of tensors"),
        (["sum(X)", "--by", "rules", "--at", "X=[1,2]"], 3, "use --by gates"),
        (["x*y", "--latex", "--markdown"], 2, "exclude each other"),
        (["x*y", "--ways", "--latex"], 2, "for the terminal"),
        (["x*y", "--steps", "--order", "2"], 2, "needs one input"),
        (["3*x", "--steps", "--order", "2"], 3, "no step left"),
        (["x*", "--steps"], 3, "missing"),
        (["sqrt(-1 - x**2)", "--steps"], 5, ""),
    ],
)
def test_errors_say_what_to_do(arguments, code, said):
    result = run("diff", *arguments)
    assert (result.exit_code, "Traceback" in result.output) == (code, False), (
        result.output
    )
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x*y", "--order", "2"], 0, "∂²f/∂x² = 0\n  (agrees"),  # the base lacks x
        (["x**2 + 3", "--order", "3"], 0, "∂³f/∂x³ = 0\n  (agrees"),
        (["sum(x)", "--steps"], 0, "    dx = 1\n"),
        (["mean(x**2)", "--steps"], 0, "dx = 2*dt1*x"),
        (["sum(X*b)", "--steps"], 0, "db = X"),
        (
            ["x**2 + y", "--wrt", "x", "--order", "2", "--steps", "--at", "x=1,y=2"],
            0,
            "∂f/∂x = 2",
        ),
        (["2+3", "--ways"], 0, "no input to differentiate by"),
        (["x/0"], 5, "∂f/∂x = 1/0"),
        (["x/0", "--steps"], 5, "∂f/∂x = 1/0"),
        (["x/0", "--ways", "--at", "x=1"], 0, "1e-15                nan"),
        (["x*sin(x)", "--steps", "--at", "x=[1,2]"], 0, "dx via t1 = x*cos(x) = "),
        (["log(x)", "--ways", "--at", "x=0.05"], 0, "< 1e-08 *\n"),
        (["f = x", "--steps"], 0, "The output is this input: 1."),
        (["x+1e15", "--steps"], 0, "∂f/∂x = 1"),
        (["x*y", "--all"], 0, "Rules for"),
        (["sum(1e-6*x)", "--steps", "--at", "x=[1,2]"], 0, "dx = [1e-06, 1e-06]"),
        (["1e-5**x", "--latex"], 0, r"f = \left(10^{-5}\right)^{x}"),
        (["(2e5)**x", "--latex"], 0, r"\left(2 \times 10^{5}\right)^{x}"),
        (["(a/b)**2", "--latex"], 0, r"\left(\frac{a}{b}\right)^{2}"),
        (["x", "--ways", "--order", "2"], 2, "without --order"),
        (["x", "--ways", "--all"], 2, "without --order"),
        (["x", "--ways", "--by", "rules"], 2, "without --order"),
        (["x", "--ways", "--proof"], 2, "without --order"),
    ],
)
def test_findings_of_a_cold_reading(arguments, code, said):
    result = run("diff", *arguments)
    text = result.stdout + result.stderr
    assert (result.exit_code, said in text) == (code, True), text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2 + 3", "--steps"], "no input to differentiate by"),
        (["sign(x)", "--steps"], "does not change with this input"),
        (["x**3", "--steps", "--order", "2"], "∂f/∂x = 6*x"),
        (["where(x > 1, 2, y)*x", "--steps", "--wrt", "x"], "∂f/∂x"),
        (["-x*y", "--steps"], "constant multiple rule"),
        (["y*y", "--steps", "--wrt", "y", "--at", "y=1e-300"], "∂f/∂y = 2*y = 2e-300"),
    ],
)
def test_odd_formulas_are_explained(arguments, said):
    assert said in shown("diff", *arguments)


# ---- pages of rules, layers, losses, optimisers ----

NO_PAGE = {"input", "activation", "log_softmax"}


@pytest.mark.parametrize("kind", ["layer", "loss", "optimiser"])
def test_every_spelling_has_a_page(kind):
    tables = {"layer": LAYERS, "loss": LOSSES, "optimiser": OPTIMISERS}
    for name, spelling in tables[kind].items():
        if spelling.kind not in NO_PAGE:
            page = find_topic(name)
            assert page is not None, name
            assert page.what and page.when and page.pitfalls, name
            assert any(line.strip() for line in page.formula), name
            if kind != "optimiser":
                assert any(line.strip().startswith("d") for line in page.gradient), name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("chain", "cos(x**2) · ∂/∂x[x**2]"),
        ("product", "∂f/∂x = sin(x) + x · ∂/∂x[sin(x)]"),
        ("quotient rule", "1/x · ∂/∂x[sin(x)] - sin(x)/x**2"),
        ("power", "∂f/∂x = 3*x**2"),
        ("sum", "∂/∂x[x**2] - ∂/∂x[sin(x)]"),
        ("fork", "used 2 times"),
        ("copy", "used 2 times"),
        ("Dense", "dW1 = Xᵀ · dz1   (4, 3) = (4, N)(N, 3)"),
        ("CrossEntropyLoss", "(softmax(z1) - one_hot(y, z1))/size(z1, axis=0)"),
        ("AdamW", "theta *= theta_factor"),
        ("relu", "∂relu/∂a"),
    ],
)
def test_explain_takes_all_kinds_of_names(name, said):
    text = shown("explain", name)
    assert said in text
    assert json.loads(shown("explain", name, "--json"))["schema"] == 1


def test_explain_names_what_is_near_and_lists_what_there_is():
    result = run("explain", "chian")
    assert (result.exit_code, result.stderr) == (
        3,
        "gradtutor: there is no page 'chian': did you mean chain?\n",
    )
    data = json.loads(shown("explain", "--json"))
    assert {"gates", "rules", "layers", "losses", "optimisers"} <= data.keys()
