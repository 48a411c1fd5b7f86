"""The page in a real browser: its numbers are the program's, after every edit."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from browser_page import (
    LENET,
    NEURON,
    NEURON_AT,
    check_wires,
    click,
    on_wires,
    text_of,
    write,
)

import gradtutor as gt
from gradtutor.codegen.text.javascript import runtime
from gradtutor.evaluate.point_text import read_point
from gradtutor.language.errors import SourceError
from gradtutor.render.page.html_file import ASSETS

# ---- what can be typed: in a field of the page as after --at ----

TYPED = {
    "2": 2.0, "-2": -2.0, "+2": 2.0, "--2": 2.0, "- 2": -2.0, " 3 ": 3.0, "−2": -2.0,
    "1e3": 1000.0, "1E+3": 1000.0, ".5": 0.5, "5.": 5.0, "-.5e-3": -0.0005,
    "1_000": 1000.0, "00": 0.0, "007.5": 7.5, "0x10": 16.0, "0b11": 3.0, "0o17": 15.0,
    "2(3)": 6, "1e-400": 0.0, "inf": np.inf, "-inf": -np.inf, "nan": np.nan,
    "1/3": 1 / 3, "-1/3": -1 / 3, "1/-3": -1 / 3, "1/2/3": 1 / 6, "1e5/2": 5e4,
    "0/0": np.nan, "1/0": np.inf, "-1/0": -np.inf, "2-3-4": -5.0, "2+3*4": 14.0,
    "(2+3)*4": 20.0, "-2**2": -4.0, "2**-1": 0.5, "2**3**2": 512.0, "2^3": 8.0,
    "(-8)**(1/3)": np.nan, "1**nan": 1.0, "2×3": 6.0, "6÷4": 1.5, "１２": 12.0,
    "（2＋1）": 3.0, "pi": np.pi, "-2*π": -2 * np.pi, "sqrt(2)": np.sqrt(2),
    "exp(log(3))": 3.0, "sin(pi/2)": 1.0, "abs(-2)": 2.0, "tanh(0)": 0.0,
    "∞": np.inf, "-∞": -np.inf, "½": 0.5, "1½": 1.5, "٣": 3.0, "3²": 9.0, "2⁻¹": 0.5,
    "√9": 3.0, "√(1+3)": 2.0, "¾+¼": 1.0,
    "log(-1)": np.nan, "log(0)": -np.inf, "2*inf": np.inf, "inf-inf": np.nan,
}  # fmt: skip
NO_NUMBER = [
    "", " ", "x", "abc", "007", "0x", "0xg", "0b12", "1__0", "_1", "1_", "1e", "1e 3",
    "1 2", "1,5", "0.1.2", "1/3x", "2x", "1e999", "1/2(3)", "(2", "2)", "()", "1/",
    "*2", "2**",
    "True", "1j", "1L", "Infinity", "NaN", "Inf", "sqrt", "sqrt 2",
    "sqrt()", "pi()", "foo(2)", "constructor", "__proto__", "toString(1)", "$1", "1;2",
    "alert(1)", "1//2", "'1'", "2 pi",
]  # fmt: skip


@pytest.mark.parametrize("text", [*TYPED, *NO_NUMBER])
def test_what_at_takes_as_a_number(text):
    if text in TYPED:
        found = float(read_point(f"x={text}")["x"])
        assert found == pytest.approx(TYPED[text], rel=1e-15, nan_ok=True)
    else:
        with pytest.raises(SourceError):
            read_point(f"x={text}")


def test_a_field_of_the_page_takes_the_same(driver):
    """The script itself, in the browser: NaN and infinity come back as texts."""
    code = "\n".join([runtime(), (ASSETS / "typed.js").read_text("utf-8")])
    script = f"{code}\nreturn arguments[0].map((text) => String(typed(text)));"
    driver.get("about:blank")
    words = driver.execute_script(script, [*TYPED, *NO_NUMBER])
    given = dict(zip([*TYPED, *NO_NUMBER], words, strict=True))
    for text, wanted in TYPED.items():
        assert given[text] != "undefined", text
        found = float(given[text].replace("Infinity", "inf"))
        assert found == pytest.approx(wanted, rel=1e-15, nan_ok=True), text
    taken = {text: given[text] for text in NO_NUMBER if given[text] != "undefined"}
    assert taken == {}


# ---- numbers ----

#: Every pointwise gate, and the ways they are written.
EXPRESSIONS = [
    "q = x + y\nf = q*z",
    "x*y - y/x",
    "x**2 + x**y - 2**x + x**-3",
    "-x*exp(y) + log(x)",
    "sqrt(x)*sin(y)*cos(x)",
    "tan(x) + asin(y) + acos(y)",
    "atan(x)*sinh(y) - cosh(x)*tanh(y)",
    "erf(x) + erf(7*y) + erf(x/100)",
    "log1p(x) + expm1(y)",
    "sigmoid(x)*relu(y)",
    "leaky_relu(x) + leaky_relu(y, 0.2)",
    "softplus(x)*swish(y)",
    "gelu(x) + gelu(5*y)",
    "abs(x)*sign(y)",
    "max(x, y) + min(x, y)",
    "where(x > y, x*y, x - y)",
    "where(x >= y, x, 2*y) + where(x <= y, x, 3*y)",
    "where(x < 0, 1, y) + where(x == y, x, 0) + where(x != y, y, 0)",
    "x*x*x + x*y*x",
    "max(x*y, x + y)",
    "pi*x + 2.5e-3**y",
    "1/x - log(y - x)",
]
SMOOTH = (
    *("exp", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    *("erf", "log1p", "expm1", "sigmoid", "softplus", "swish", "gelu"),
)
POINTS = [
    {"x": 0.7, "y": 0.3},
    {"x": -1.3, "y": 0.25},
    {"x": 0.5, "y": 0.5},
    {"x": 0.0, "y": -0.0},
    {"x": 1e-300, "y": 1e300},
    {"x": np.inf, "y": 1.0},
    {"x": -np.inf, "y": np.inf},
    {"x": np.nan, "y": 2.0},
    {"x": -1000.0, "y": 1.0},
    {"x": 1.0, "y": np.inf},
]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_wire_has_the_programs_numbers_after_edits(text, driver, opened):
    extra = {"z": -4.0} if "z" in gt.parse(text).inputs else {}
    circuit = opened(text, **POINTS[0], **extra)
    for point in POINTS:
        write(driver, point)
        assert check_wires(driver, circuit, point | extra) >= 3


LINES = """const lines = [];
while (!document.getElementById("back").disabled) {
  document.getElementById("back").click();
  for (const one of document.querySelectorAll(".chain")) lines.push(one.textContent);
}
return lines;"""
CHAIN = re.compile(r"= (\S+) × \(?([^ )]+)\)? = (\S+)")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("ties", ["torch", "left", "right", "both"])
def test_upstream_times_local_is_the_gradient_in_every_line(ties, driver, opened):
    """The local derivatives are computed apart from the gradients."""
    text = (
        "max(x, y)*relu(x - y) + abs(y - x) + min(x, y)/(2 + x**3)*where(x > 0, x, y)"
    )
    if ties == "torch":  # the rule says nothing about the smooth ones
        text += "".join(f" + {name}(x/2)" for name in SMOOTH)
    opened(gt.Circuit(gt.parse(text).graph, ties), digits=10, x=0.5, y=0.5)
    for x in (0.5, 0.8, -0.4):
        write(driver, {"x": x})
        click(driver, "last")
        found = [CHAIN.search(line) for line in driver.execute_script(LINES)]
        rows = [list(map(float, match.groups())) for match in found if match]
        assert len(rows) >= 15
        for upstream, local, gradient in rows:
            assert upstream * local == pytest.approx(gradient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("ties", ["torch", "left", "right", "both"])
def test_ties_follow_the_rule(ties, driver, opened):
    circuit = gt.Circuit(gt.parse("max(x, y) + relu(x - y) + abs(x - y)").graph, ties)
    opened(circuit, x=1, y=2)
    write(driver, {"x": 2, "y": 2})
    check_wires(driver, circuit, {"x": 2, "y": 2})
    click(driver, "back")  # the first gate in the backward pass's end is focused
    for _ in range(8):
        click(driver, "back")
        if "max" in text_of(driver, "explain"):
            break
    assert f"the rule “{ties}” decides" in text_of(driver, "explain")


def test_the_neuron_is_the_same_open_and_closed(driver, opened):
    circuit = opened(gt.parse(NEURON).close(), **NEURON_AT)
    check_wires(driver, circuit, NEURON_AT)
    click(driver, "fold")
    assert "1/x" in driver.find_element("css selector", ".view:not([hidden])").text
    for name, value in (("w0", -0.19661193), ("x0", 0.39322387), ("x1", -0.58983580)):
        (shown,) = driver.execute_script(
            """return [...document.querySelectorAll("output")].filter((one) =>
            one.textContent.startsWith(arguments[0])).map((one) => one.dataset.gradient)
            """,
            f"∂f/∂{name} ",
        )
        assert abs(float(shown) - value) < 1e-8, (name, shown, value)


TENSORS = [
    ("sum(tanh(W @ x + b))", {"W": (3, 2), "x": (2,), "b": (3,)}),
    ("cross_entropy(X @ W, y)", {"X": (3, 2), "W": (2, 4), "y": "labels"}),
    ("mean(softmax(A)*log(A*A), axis=0)", {"A": (2, 3)}),
    ("mse_loss(outer(a, b), A)", {"a": (2,), "b": (3,), "A": (2, 3)}),
    ("sum(amax(A, axis=1)*amin(A, axis=1)/logsumexp(A))", {"A": (3, 2)}),
    ("sum(conv(X, K, padding=1)**2)", {"X": (1, 3, 3), "K": (2, 1, 2, 2)}),
    ("sum(max_pool(X, kernel=(2, 2))*avg_pool(X, kernel=(2, 2)))", {"X": (1, 4, 4)}),
    ("sum(standardize(A)*concat(b, c))", {"A": (2, 4), "b": (2,), "c": (2,)}),
    ("sum(cumsum(A, axis=0)*A[1, 2]) + sum(A[:, 1:])", {"A": (2, 3)}),
    ("sum(flip(A, axis=1) @ reshape(A, shape=(3, 2)))", {"A": (2, 3)}),
]


@pytest.mark.parametrize(("text", "shapes"), TENSORS)
def test_tensors_too(text, shapes, driver, opened):
    rng = np.random.default_rng(3)
    at = {
        name: np.array([0.0, 3.0, 1.0])
        if shape == "labels"
        else np.round(rng.normal(size=shape), 2)
        for name, shape in shapes.items()
    }
    circuit = opened(text, **at)
    check_wires(driver, circuit, at)
    name = next((name for name in shapes if at[name].ndim <= 2), "")
    script = """const start = `[aria-label^="${arguments[0]}["]`;
      const field = document.querySelector(start);
      if (!field) return false;
      field.value = "0.625";
      field.dispatchEvent(new Event("input"));
      return true;"""
    if driver.execute_script(script, name):
        at[name].flat[0] = 0.625
        check_wires(driver, circuit, at)


NOISE = [
    ("x + y - z", {"x": 0.1, "y": 0.2, "z": 0.3}, True),
    ("sin(pi*x)", {"x": 1.0}, True),
    ("sum(softmax(z))", {"z": np.array([1.0, 2.0, 3.0])}, True),
    ("exp(-x) + y", {"x": 39.0, "y": 5.0}, False),
    ("x*y + 1", {"x": 1e-17, "y": 1.0}, False),
    ("(1 + x) - 1", {"x": 1e-14}, False),
]


def test_rounding_noise_is_nought_and_a_small_number_is_none(driver, opened):
    for text, at, noisy in NOISE:
        opened(text, **at)
        values = [x for pair in on_wires(driver).values() for one in pair for x in one]
        small = [x for x in values if x != 0 and abs(x) < 1e-13]
        assert bool(small) != noisy, (text, small)


def test_a_label_that_is_no_class_has_no_loss(driver, opened):
    """In the program it is an error; a page says nan, never another class's loss."""
    at = {"z": np.array([0.2, 0.5, 0.9]), "y": np.array(1.0)}
    circuit = opened("cross_entropy(z, y)", **at)
    write(driver, {"y": 2})
    check_wires(driver, circuit, at | {"y": 2.0})
    for label in (-1, 3, 0.5):
        write(driver, {"y": label})
        assert any(np.isnan(value).any() for value, _ in on_wires(driver).values())
    write(driver, {"y": 0})
    check_wires(driver, circuit, at | {"y": 0.0})


def test_a_network_computes_folds_and_opens(driver, opened):
    circuit = opened(LENET)
    data = json.loads(
        driver.execute_script("return document.getElementById('data').textContent")
    )
    at = {
        one["name"]: np.array(one["value"], float).reshape(one["shape"])
        for one in data["inputs"]
    }
    loss = circuit.value(**at)

    def shown() -> float:
        found = on_wires(driver)
        (value,) = [value for (_, target, _), (value, _) in found.items() if target < 0]
        return float(value[0])

    folded = len(on_wires(driver))
    assert abs(shown() - loss) < 1e-12
    badge = "document.querySelector('.view:not([hidden]) circle.badge')"
    driver.execute_script(
        f"{badge}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))"
    )
    assert len(on_wires(driver)) > folded
    assert abs(shown() - loss) < 1e-12
    assert text_of(driver, "phase") == "all steps done"
    frame = "document.querySelector('.view:not([hidden]) .frame > text')"
    assert driver.execute_script(f"return {frame}.textContent") == "Conv2d(2, 3) ×"
    driver.execute_script(
        f"{frame}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))"
    )
    assert len(on_wires(driver)) == folded
    click(driver, "fold")  # all open
    nodes = len(circuit.graph)
    assert len(on_wires(driver)) >= nodes - 1
    check_wires(driver, circuit, at)


def test_the_first_nan_is_marked_and_explained(driver, opened):
    opened("log(x - 1)*y", x=2, y=3)
    write(driver, {"x": 0})
    marked = driver.find_elements("css selector", ".view:not([hidden]) .fault")
    assert [one.text for one in marked] == ["log"]
    assert "log needs a positive number" in text_of(driver, "explain")
    write(driver, {"x": 3})
    assert driver.find_elements("css selector", ".fault") == []
