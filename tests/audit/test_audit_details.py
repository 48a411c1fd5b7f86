"""Small parts of an audit, each at the border where it changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from audit_here import in_this_process

from gradtutor.audit.compare import COARSE, FLOOR, TOLERANCE, rows, show
from gradtutor.audit.diagnosis.links import repeated_axes, unbroadcast
from gradtutor.audit.diagnosis.rules.relinking import applied, distinct
from gradtutor.audit.paper.derivation import audit_derivation
from gradtutor.audit.program.source import read_program
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.request import Request
from gradtutor.audit.task import Measured
from gradtutor.audit.tasks import make_task, requested

# ---- gradients against finite differences ----


def measured(theirs, numeric, out=1.0):
    theirs = np.asarray(theirs)
    numeric = np.asarray(numeric, dtype=np.float64)
    ones = np.ones(1)
    return Measured(
        {}, out * ones, ones, {"W": theirs}, {"W": numeric}, mutated=(), repeats=True
    )


@pytest.mark.parametrize(
    ("theirs", "numeric", "ok"),
    [
        ([-1.0, 0.5], [-1.7, 0.5], True),  # the first is clipped
        ([-1.0, 0.5], [-0.7, 0.5], False),
        ([-1.0, 0.5], [1.7, 0.5], False),  # at the other bound
        ([-1.0, 0.4], [-1.7, 0.5], False),
        ([-1.0, 1.0], [-1.7, 2.0], False),  # nothing is between the bounds
        ([-1.7, 0.5], [-1.7, 0.5], True),
    ],
)
def test_a_clipped_gradient_is_right_at_the_clip_s_bounds(theirs, numeric, ok):
    clipped = replace(measured(theirs, numeric), clips=((-1.0, 1.0),))
    assert rows([clipped])[0].ok is ok


@pytest.mark.parametrize(
    ("call", "bounds"),
    [
        ("np.clip(g, -5, 5, out=g)", ((-5.0, 5.0),)),
        ("g.clip(-1, 1.5)", ((-1.0, 1.5),)),
        ("torch.clamp(g, min=-2, max=2)", ((-2.0, 2.0),)),
        ("np.clip(g, a_max=3, a_min=0)", ((0.0, 3.0),)),
        ("np.clip(g, -limit, limit)", ()),  # no numbers
        ("np.tanh(g)", ()),
    ],
)
def test_a_clip_s_bounds_are_read_where_they_are_numbers(tmp_path, call, bounds):
    path = tmp_path / "clips.py"
    path.write_text(f"def backward(g):\n    return {call}\n", encoding="utf-8")
    program = read_program(path)
    backward = program.functions["backward"]
    assert clip_bounds(program, backward) == bounds
    assert is_gentle(program, backward) is ("cl" in call)


@pytest.mark.parametrize(
    ("theirs", "numeric", "ok"),
    [
        ([1.0, 2.0], [1.0, 2.0], True),
        ([1.0, 2.0 + 1.9 * TOLERANCE], [1.0, 2.0], True),
        ([1.0, 2.0 + 2.1 * TOLERANCE], [1.0, 2.0], False),  # relative to the largest
        ([1.0 + 1.9 * TOLERANCE, 2.0], [1.0, 2.0], True),
        ([1.0, 5.0], [1.0, np.nan], True),  # not sampled
        ([np.nan, 2.0], [1.0, 2.0], False),
        ([np.inf, 2.0], [1.0, 2.0], False),
        ([0.9 * FLOOR * TOLERANCE], [0.0], True),  # below what differences resolve
        ([1.1 * FLOOR * TOLERANCE], [0.0], False),
    ],
)
def test_how_far_a_gradient_may_be_off(theirs, numeric, ok):
    (row,) = rows([measured(theirs, numeric)])
    assert row.ok is ok, row


def test_a_large_output_hides_small_gradients():
    assert rows([measured([1e-8], [0.0], out=1.0)])[0].ok is False
    assert rows([measured([1e-8], [0.0], out=100.0)])[0].ok is True


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_numbers_of_few_bytes_are_compared_coarsely(kind):
    tolerance = COARSE[np.dtype(kind).itemsize]
    assert tolerance == {2: 2e-2, 4: 1e-3}[np.dtype(kind).itemsize]
    near, far = kind(1 + 0.8 * tolerance), kind(1 + 1.3 * tolerance)
    assert rows([measured([near], [1.0])])[0].ok is True
    (row,) = rows([measured([far], [1.0])])
    assert (row.ok, row.note) == (False, f"computed in {np.dtype(kind)}")
    assert rows([measured(np.array([1]), [1.0 + 1e-4])])[0].ok is False  # integers


def test_the_most_wrong_element_is_told_at_the_first_point_that_shows_it():
    right, wrong = (
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([[1.0, 2.0], [3.0, 4.5]]),
    )
    worse = np.array([[9.0, 2.0], [3.0, 4.0]])
    (row,) = rows([measured(wrong, right), measured(worse, right)])
    assert (row.element, row.theirs, row.numeric) == ("W[1, 1]", 4.5, 4.0)
    assert row.relative_error == pytest.approx(0.5 / 4)  # of these two numbers
    (row,) = rows([measured(right, right), measured(worse, right)])
    assert (row.element, row.theirs, row.numeric) == ("W[0, 0]", 9.0, 1.0)


def test_another_shape_is_wrong_whatever_the_numbers():
    (row,) = rows([measured([[1.0, 2.0]], [1.0, 2.0])])
    assert (row.ok, row.relative_error) == (False, np.inf)
    assert row.note == "its shape is (1, 2); W has (2,)"
    assert show(()) == "a single number"


# ---- derivations ----


@pytest.mark.parametrize(
    ("number", "ok"),
    [
        ("7.39", True), ("7.389", True), ("7.4", True), ("7", False), ("7.38", False),
        ("7.40", False), ("7.3891", True), ("7.3892", False), ("7.3", False),
    ],
)  # fmt: skip
def test_rounded_numbers_are_right_to_their_last_digit(number, ok):
    report = audit_derivation(f"x = 2; f = exp(x); df/dx = {number}")
    assert report.ok is ok


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("x = 2; f = x**2; df/dx = 2*x = 4", True),
        ("x = 2; f = x**2; df/dx = x + 2", False),  # right at the point alone
        ("f = sqrt(-1 - x**2); df/dx = 1", None),
        ("f = log(x); df/dx = 1/x", True),  # half of the points are no use
        ("q = 2*x; f = q + y; dq/dq = 1; dq/dy = 0", True),
        ("q = 2*x; f = q + y; dq/dq = 0", False),
    ],
)
def test_verdicts_of_derivations(text, ok):
    assert audit_derivation(text).ok is ok


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("q = 2*x; f = q*y; dq/dq = 2", "1"),
        ("q = 2*x; f = q*y; dq/dy = 2", "0"),
        ("q = 2*x; f = q*y; df/dq = 2", "y"),
        ("q = 2*x; f = q*y; df/dx = y", "2*y"),
    ],
)
def test_what_a_wrong_line_should_be(text, expected):
    report = audit_derivation(text)
    assert [line.expected for line in report.lines if line.ok is False] == [expected]


def test_on_paper_a_path_is_forgotten_and_not_overwritten():
    report = audit_derivation("a = x**2; b = x*y; f = a + b; df/dx = y")
    assert report.misconception == "forgotten-path"
    assert report.misconception not in report.others


def test_lines_are_proved_where_sympy_can():
    text = "a = x*y; f = a*x; df/da = x; da/da = 1; df/dx = a + x*da/dx"
    lines = audit_derivation(text).lines
    assert [line.proved for line in lines] == [None, None, True, True, True]


# ---- links ----


@pytest.mark.parametrize("small", [(3, 4), (4,), (1, 4), (3, 1), (1, 1), (), (1,)])
def test_a_repeated_values_gradient_is_the_sum(small):
    """Against NumPy's own repeats: each element is counted where it was read."""
    size = int(np.prod(small))
    places = np.broadcast_to(np.arange(size).reshape(small), (3, 4))
    gradient = np.random.default_rng(1).normal(size=(3, 4))
    wanted = np.bincount(places.ravel(), gradient.ravel(), size).reshape(small)
    np.testing.assert_allclose(unbroadcast(gradient, small), wanted, rtol=1e-12)
    summed = gradient.sum(repeated_axes(small, (3, 4)))
    np.testing.assert_allclose(summed.ravel(), wanted.ravel(), rtol=1e-12)


def test_values_that_differ_in_the_eighth_digit_are_one():
    arrays = [np.array([1.0, 1.0 + 1e-9]), np.array([[2.0]])]
    assert distinct(arrays) == {1.0, 2.0}
    assert distinct([np.array([1.0, 1.0 + 1e-6])]) == {1.0, 1.000001}
    with np.errstate(all="raise"):
        (found,) = applied(np.divide, [np.ones(1)], [np.zeros(1)])
    assert np.isinf(found).all()


# ---- arguments that are written to ----


def changed(text: str) -> dict[str, int]:
    """Return the line that first writes into each argument."""
    program = read_program("layer.py", text)
    (pair,) = requested(program, "backward", Request({"x": (3, 2), "y": (3, 2)}))
    with in_this_process():
        task = next(make_task(program, pair, Request({"x": (3, 2), "y": (3, 2)})))
        return task.changed_lines(task.measure()[0])


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["x += 1"], 1),
        (["y = x + 1", "y += 1", "x[0] = 2"], 3),
        (["z = x", "z *= 2"], 2),  # another name for it
        (["z = x + 0", "z *= 2"], 0),
        (["x[0][1] = 2"], 1),
        (["x.sort()"], 1),
        (["np.add.at(x, 0, 1)"], 1),
        (["np.add(x, 1, out=x)"], 1),
        (["y = np.add(x, 1, out=x)"], 1),
        (["y = np.add(x, 1)"], 0),
        (["y = np.sum(a=x)"], 0),  # a keyword, but not out
        (["np.multiply(x, 2, out=y)"], 0),
        (["g *= 2"], 0),
        (["y.sort()", "x = 3"], 0),  # a new value under the old name
    ],
)
def test_the_line_that_changes_an_argument(lines, place):
    body = "\n".join(f"    {line}" for line in lines)
    head = "import numpy as np\ndef forward(x, y):\n    return x * y\n"
    text = f"{head}def backward(x, y, g):\n{body}\n    return g, g\n"
    assert changed(text).get("x", 0) == (place + 4 if place else 0)


def test_the_upstream_gradient_counts_too():
    text = "def forward(x, y):\n    return x * y\ndef backward(x, y, g):\n    g *= 2\n"
    assert changed(text + "    return g, g\n") == {"upstream": 4}


def test_forward_counts_too():
    text = "def forward(x, y):\n    x[x < 0] = 0\n    return x + y\n"
    text += "def backward(x, y, g):\n    return g * (x > 0), g\n"
    assert changed(text) == {"x": 2}
