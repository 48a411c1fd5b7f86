"""Values at a point: where nan begins, what checks decide, which shapes are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradtutor as gt
from gradtutor.calculus.composites import composites
from gradtutor.evaluate import MissingValueError
from gradtutor.evaluate.check import compare_at
from gradtutor.evaluate.point import PointError, read_points
from gradtutor.evaluate.point_text import read_point
from gradtutor.graph import ShapeError, check_graph
from gradtutor.language import SourceError

FAULTS = [
    ("log(x - 1)*y", {"x": 0, "y": 2}, "log", "log needs a positive number"),
    ("q = 1/x\nf = q*0", {"x": 0}, "div", "division by zero"),
    ("exp(x)/exp(x)", {"x": 1000}, "exp", "overflows"),
    ("sqrt(x)", {"x": -1}, "sqrt", "not negative"),
    ("x**0.5", {"x": -4}, "pow", "negative base"),
    ("asin(x)", {"x": 2}, "asin", "from -1 to 1"),
]


@pytest.mark.parametrize(("text", "at", "gate", "reason"), FAULTS)
def test_the_first_gate_with_nan_is_named_with_its_reason(text, at, gate, reason):
    trace = gt.parse(text).trace(**at)
    assert trace.graph.nodes[trace.fault]["gate"] == gate
    assert reason in trace.fault_message()


def test_nan_given_by_a_person_is_no_gate_s_fault():
    trace = gt.parse("x + 1").trace(x=math.nan)
    assert trace.fault is None
    assert math.isnan(float(trace.values[trace.output]))


CHECKS = [
    ("x**3", {"x": 2}, [True]),
    ("relu(x)", {"x": 0}, [True]),  # 0 lies between the slopes 0 and 1
    ("abs(x)*y", {"x": 0, "y": 3}, [True, True]),
    ("sqrt(x)", {"x": 0}, [None]),
    ("exp(x)", {"x": 1000}, [None]),
    ("log(1+exp(w*x+b))", {"w": 2, "x": -1, "b": 0.5}, [True] * 3),
]


@pytest.mark.parametrize(("text", "at", "oks"), CHECKS)
def test_checks_tell_right_from_undecided(text, at, oks):
    assert [row.ok for row in gt.parse(text).check(**at)] == oks


KINKS = [
    ("abs(x)", {"x": 0}, "kink: slope -1 from the left, 1 from the right"),
    ("max(x, 2*x)*-3", {"x": 0}, "kink: slope -3 from the left, -6 from the right"),
    ("relu(x)", {"x": 0}, "kink: slope 0 from the left, 1 from the right"),
    ("sum(relu(x))", {"x": [0.0]}, "kink: slope 0 from the left, 1 from the right"),
    ("min(x, 1)", {"x": 1}, "kink: slope 1 from the left, 0 from the right"),
    ("x**4", {"x": 0}, ""),
    ("x**2 + 1e9", {"x": 0}, ""),
    ("x**3 - 1e-9*x", {"x": 0}, ""),
    ("abs(x)", {"x": 1e-3}, ""),
    ("log(x)", {"x": -1}, "no finite value here; move the point"),
    ("sqrt(x)", {"x": 0}, "no finite slope here; move the point"),
]


@pytest.mark.parametrize(("text", "at", "note"), KINKS)
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_every_kink_is_told_in_the_same_words(text, at, note):
    for ties in ("torch", "left", "right"):
        circuit = gt.Circuit(gt.parse(text).graph, ties)
        assert [row.note for row in circuit.check(**at)] == [note]


UNDEFINED = [
    ("log(x)*y", {"x": -1, "y": 2}, True),
    ("log(x) + y", {"x": [1, -1], "y": 2}, False),  # the element beside has its slope
    ("0*y + x/(1 + y)", {"x": math.nan, "y": 2}, True),
    ("where(x > 0, log(x), 3*y)", {"x": -1, "y": 2}, False),
    ("log(x)*y", {"x": 0, "y": 2}, False),  # minus infinity, with slope infinity
]


@pytest.mark.parametrize(("text", "at", "undefined"), UNDEFINED)
def test_where_the_output_has_no_value_there_is_no_gradient(text, at, undefined):
    trace = gt.parse(text).trace(**at)
    every = [*trace.gradients.values(), *trace.node_gradients.values()]
    assert all(np.isnan(one).all() == undefined for one in every), every
    lost = "no gradient" in trace.fault_message()
    assert lost == (undefined and trace.fault is not None)


@pytest.mark.parametrize("wrong", [1.001, 0.999, -1.0, 0.0, 2.0])
def test_a_wrong_gradient_is_found(wrong):
    assert compare_at("x", 3 * 4.0 * wrong, lambda x: x**3, 2.0).ok is False
    assert compare_at("x", 12.0, lambda x: x**3, 2.0).ok is True


def test_nan_on_both_sides_is_undecided_not_equal():
    nan = float("nan")
    assert compare_at("x", nan, lambda x: nan, 1.0).ok is None
    assert compare_at("x", nan, lambda x: x, 1.0).ok is None
    assert compare_at("x", 1.0, lambda x: nan, 1.0).ok is None


def test_a_gradient_outside_the_slopes_of_a_kink_is_wrong():
    assert compare_at("x", 0.3, abs, 0.0).ok is True
    assert compare_at("x", 1.3, abs, 0.0).ok is False


def test_published_numbers_of_a_quadratic_cost_chain():
    """J = ½((wx + b) - y)² by hand: d = wx + b - y = 5, ∂J/∂w = d·x, ∂J/∂b = d."""
    circuit = gt.parse("c = w*x\na = c + b\nd = a - y\nJ = d**2/2")
    trace = circuit.trace(w=2, x=3, b=1, y=2)
    assert float(trace.values["J"]) == 12.5
    found = {name: float(trace.node_gradients[name]) for name in "JdacwxbyJ"}
    assert found == {"J": 1, "d": 5, "a": 5, "c": 5, "w": 15, "x": 10, "b": 5, "y": -5}


def test_a_missing_value_is_named():
    with pytest.raises(MissingValueError, match="y has no value"):
        gt.parse("x*y").value(x=1)
    with pytest.raises(PointError, match="did you mean weight"):
        gt.parse("weight*x").value(wieght=1, x=2)


def test_declared_shapes_hold_and_a_size_has_one_meaning():
    circuit = gt.parse("x: (N, 3)\ny: (N,)\nsum(x) + sum(y)")
    assert circuit.value(x=np.ones((2, 3)), y=[1, 2]) == 9
    with pytest.raises(ShapeError, match=r"x is declared \(N, 3\).*\(2, 4\)"):
        circuit.value(x=np.ones((2, 4)), y=[1, 2])
    with pytest.raises(ShapeError, match=r"with N = 2.*\(5,\)"):
        circuit.value(x=np.ones((2, 3)), y=np.ones(5))
    with pytest.raises(SourceError, match=r"x is \(3,\), its value \(2,\)"):
        gt.parse("x: (3,)\nx = [1, 2]\nsum(x)")
    assert gt.parse("x: (N,)\nx = [1, 2]\nsum(x)").value() == 3


def test_values_in_the_text_are_inputs_that_may_be_given_anew():
    circuit = gt.parse("x = -2\ny = 5\nz = -4\nf = (x + y)*z")
    assert circuit.gradients() == {"x": -4, "y": -4, "z": 3}
    assert circuit.value(x=0) == -20


# ---- points ----


def test_points_are_numbers_formulas_of_numbers_and_lists():
    point = read_point("x=-2, k=1/3, p=2*π, W=[[1,2],[3,4]], b=1e-3")
    assert float(point["k"]) == pytest.approx(1 / 3)
    assert float(point["p"]) == pytest.approx(math.tau)
    np.testing.assert_array_equal(point["W"], [[1, 2], [3, 4]])
    assert read_point("权重＝２，x₁＝３") == {"权重": 2, "x_1": 3}
    assert read_point("lambda = 2, lambda_1=3") == {"λ": 2, "λ_1": 3}


@pytest.mark.parametrize(
    "text",
    ["x", "x=", "x==2", "1=2", "x=y", "x=[1,[2]]", "x='a'", "x=open('f')", "x=1)"],
)
def test_a_malformed_point_is_an_error_with_its_place(text):
    with pytest.raises(SourceError):
        read_point(text)


def test_files_of_points(tmp_path):
    np.savez(tmp_path / "p.npz", x=np.arange(3), y=2)
    point = read_points([str(tmp_path / "p.npz"), "y=5"])
    assert point["x"].tolist() == [0, 1, 2]
    assert float(point["y"]) == 5
    with pytest.raises(PointError, match="there is no file"):
        read_points([str(tmp_path / "no.npz")])
    np.savez(tmp_path / "o.npz", x=np.array([{}]))
    with pytest.raises(PointError, match="Python objects"):
        read_points([str(tmp_path / "o.npz")])


# ---- composites ----


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "swish", "gelu"])
def test_a_composite_opens_and_closes_with_its_leaf_gradients(name):
    circuit = gt.parse(f"a = {name}(w*x + b)\nf = a*x")
    at = {"w": 0.7, "x": -1.3, "b": 0.2}
    opened = circuit.open(name)
    closed = opened.close()
    for form in (opened, closed):
        check_graph(form.graph)
        for leaf, gradient in form.gradients(**at).items():
            assert gradient == pytest.approx(circuit.gradients(**at)[leaf], rel=1e-12)
    gates = [data["gate"] for _, data in opened.graph.nodes(data=True)]
    assert name not in gates
    again = [data["gate"] for _, data in closed.graph.nodes(data=True)]
    assert again.count(name) == 1
    assert len(closed.graph) == len(circuit.graph)


def test_sigmoid_opens_into_the_four_gates_of_the_course():
    opened = gt.parse("sigmoid(x)").open("sigmoid").graph
    gates = [data["gate"] for _, data in opened.nodes(data=True)]
    assert [gate for gate in gates if gate not in ("input", "number")] == [
        *("neg", "exp", "add", "div")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1/(1+exp(-x))",
        "1/(exp(-x)+1)",
        "log(1+exp(x))",
        "x/(1+exp(-x))",
    ],
)
def test_a_spelled_out_composite_closes(text):
    assert len(gt.parse(text).close().graph) == 2


@pytest.mark.parametrize(
    "text", ["1/(2+exp(-x))", "1/(1+exp(x))", "e = exp(-x)\n1/(1+e)", "2/(1+exp(-x))"]
)
def test_what_is_no_composite_stays_open(text):
    circuit = gt.parse(text)
    assert len(circuit.close().graph) == len(circuit.graph)


def test_every_tensor_composite_opens_to_a_sound_graph():
    assert {"softmax", "logsumexp", "cross_entropy"} <= set(composites())
    with pytest.raises(ShapeError, match="once its shapes are declared"):
        gt.parse("cross_entropy(z, y)").open()
    circuit = gt.parse("z: (N, 3)\ny: (N,)\ncross_entropy(z, y)").open()
    at = {"z": [[1.0, -2.0, 0.5], [0.1, 0.2, 0.3]], "y": [2, 0]}
    closed = gt.parse("cross_entropy(z, y)").gradients(**at)["z"]
    np.testing.assert_allclose(circuit.gradients(**at)["z"], closed, rtol=1e-12)


VALUES = [
    # values as people write them, and what is read; None where they are refused
    ("x=½,y=2", {"x": 0.5, "y": 2}),
    ("x=1½, y=−¾", {"x": 1.5, "y": -0.75}),
    ("x=2², y=10⁻³", {"x": 4, "y": 1e-3}),
    ("x=√2", {"x": 2**0.5}),
    ("x=[½,2],y=(⅓, 1)", {"x": [0.5, 2], "y": [1 / 3, 1]}),
    ("W=[[1/2,2],[1,√9]]", {"W": [[0.5, 2], [1, 3]]}),
    ("x₁=½，λ=max(½, 1)", {"x_1": 0.5, "λ": 1}),
    ("x=-∞,y=2π", {"x": -np.inf, "y": 2 * np.pi}),
    ("x=1,5;y=2", "write 1.5"),
    ("x=1;y=½", "a comma stands between values"),
    ("x=½ y=2", "a comma stands between values"),
    ("x=x²", "x needs a number"),
    ("x=½,x=1", "x is given twice"),
    ("x=1,x=1", "x is given twice"),
    ("x=[[½,2],[1]]", "differ in length"),
    ("x=1 ½", "invalid character"),
    ("x={½,2}", "x needs a number"),
    ("x=[½;2]", "x needs a number"),
    ("x=½%", "column 4"),
    ("x: ½", "write x=½"),
]


@pytest.mark.parametrize(("text", "found"), VALUES)
def test_values_are_read_as_people_write_them(text, found):
    if isinstance(found, str):
        with pytest.raises(SourceError, match=found):
            read_point(text)
    else:
        point = read_point(text)
        assert list(point) == list(found)
        for name, value in found.items():
            np.testing.assert_allclose(point[name], value, rtol=1e-15)
