"""gradtutor as a library: what a notebook's user does, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import gradtutor as gt
from gradtutor.messages import speaking

SCALE = 3.0
MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


# ---- functions of Python ----


def lines(x, y):
    """Say something first."""
    q = np.sin(x) + y * SCALE
    q *= 2
    return q * y


def squared(z):
    return z**2


def loops(x):
    h = x
    for i in range(3):
        h = squared(h) + i
    return h


def indexed(x):
    return x[0] * x[1] + np.sum(x[:1])


FUNCTIONS = [
    (lines, {"x": 1.0, "y": 2.0}),
    (loops, {"x": 0.3}),
    (indexed, {"x": [2.0, 5.0]}),
    (lambda x: np.maximum(x, 0.1) * 2, {"x": 0.7}),
    (lambda x: x @ MATRIX @ x, {"x": [1.0, -2.0]}),
    (lambda w, x, b=0.5: np.tanh(w * x + b), {"w": 1.5, "x": 0.2}),
    (lambda a, b: np.where(a > b, a * b, a / b), {"a": 1.0, "b": 2.0}),
    (lambda z: np.log(np.sum(np.exp(z))), {"z": [0.1, 0.2, 0.3]}),
    (lambda x: np.mean((x - np.mean(x)) ** 2), {"x": [1.0, 2.0, 4.0]}),
    (lambda x: float(SCALE) * x.sum(), {"x": [1.0, 2.0]}),
]


@pytest.mark.parametrize(("function", "at"), FUNCTIONS)
def test_a_function_is_its_formula(function, at):
    found = gt.circuit(function, **at)
    arrays = {name: np.asarray(one, float) for name, one in at.items()}
    np.testing.assert_allclose(found.value(), function(**arrays), rtol=1e-12)
    for name, gradient in found.gradients().items():
        if name not in arrays:
            continue
        for place in np.ndindex(arrays[name].shape):
            step = np.zeros_like(arrays[name])
            step[place] = 1e-6
            sides = [
                function(**{**arrays, name: arrays[name] + sign * step})
                for sign in (1, -1)
            ]
            slope = np.sum(sides[0] - sides[1]) / 2e-6
            assert np.asarray(gradient)[place] == pytest.approx(slope, rel=1e-6)


def branches(x):
    if x > 0:
        return x
    return -x


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (branches, "np.where"),
        (lambda x: x * int(x), "plain number"),
        (lambda *x: x, "name each"),
        (lambda x: "text", "line 1"),
    ],
)
def test_a_function_that_is_no_formula_is_told(function, word):
    with pytest.raises(gt.TutorError, match=word):
        gt.circuit(function, x=2.0).value()


# ---- errors ----


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: gt.circuit("x*"),
        lambda: gt.circuit("x*y").gradients(x=1),
        lambda: gt.circuit("x*y", z=1),
        lambda: gt.circuit("x*y", x="three"),
        lambda: gt.circuit("none.net"),
        lambda: gt.circuit("x*y").diff("z"),
        lambda: gt.circuit("x*y").diff(),
        lambda: gt.circuit("x*y").jacobian(),
        lambda: gt.circuit("3").diff(),
        lambda: gt.network("x*y").script("digits"),
        lambda: gt.network("mlp.net").script("digits", epochs=0),
        lambda: gt.network("mlp.net").script("no-such-data"),
        lambda: gt.network("mlp.net").script(3.0),
        lambda: gt.audit("none.py"),
        lambda: gt.audit(np.tanh),
        lambda: gt.explain("rellu"),
        lambda: gt.data("digit"),
        lambda: gt.lesson("gate"),
        lambda: gt.lesson("gates").answer(99, 1),
        lambda: gt.trained("nowhere"),
        lambda: gt.circuit("x*y").save("picture.bmp"),
    ],
)
def test_every_error_is_one_clear_exception(wrong):
    with pytest.raises(gt.TutorError) as caught:
        wrong()
    shown = caught.value._render_traceback_()
    assert len(shown) == 1 and str(caught.value) in shown[0]
    assert str(caught.value).count("\n") < 6 and "Traceback" not in shown[0]


# ---- values as people have them ----


def test_data_frames_and_text_labels_are_taken():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    found = gt.circuit("sum(X @ w)", X=frame, w=pd.Series([1.0, 2.0]))
    np.testing.assert_array_equal(found.gradients()["w"], [3.0, 7.0])
    network = gt.network("Sequential([Input(2), Linear(2)])\nloss = CrossEntropyLoss()")
    at = {"X": frame, "W1": np.eye(2), "b1": [0.0, 0.0]}
    assert network.circuit.value(**at, y=["cat", "dog"]) == network.circuit.value(
        **at, y=[0, 1]
    )


def test_a_frame_trains_with_words_as_labels_and_answers_in_words():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    frame["kind"] = np.where(frame.a > frame.b, "above", "below")
    text = "Sequential([Input(2), Linear(2)])\nloss = CrossEntropyLoss()"
    found = gt.network(text).train(
        frame, y="kind", epochs=60, learning_rate=0.1, quiet=True
    )
    assert found.accuracy > 0.9
    answers = found.predict(pd.DataFrame({"a": [3.0, -3.0], "b": [-3.0, 3.0]}))
    assert answers.labels == ["above", "below"]
    assert "above" in answers._repr_html_()


def test_ties_are_taken_everywhere():
    assert gt.circuit("relu(x)", ties="right", x=0).gradients() == {"x": 1.0}
    assert gt.circuit("relu(x)", x=0).with_ties("left").gradients() == {"x": 0.0}
    text = "Sequential([Input(64), Linear(9), ReLU(), Linear(10)])"
    text += "\nloss = CrossEntropyLoss()"
    scripts = {gt.network(text).script("digits", ties=one) for one in ("left", "right")}
    assert len(scripts) == 2


# ---- what a cell shows ----


def test_a_cell_shows_values_mathematics_and_a_frame():
    found = gt.circuit("tanh(w*x)**2").at(w=0.5, x=2)
    assert "0.58" in found.show()._repr_svg_() and "0.58" in found._repr_svg_()
    assert "tanh" in found.diff("w")._repr_latex_()
    assert found.steps()._repr_markdown_().count("$") > 10
    frame = found.page()._repr_html_()
    assert frame.startswith("<iframe srcdoc=") and 'sandbox="allow-scripts"' in frame
    assert repr(found) == "Circuit('tanh(w*x)**2')"
    assert "ok" in repr(found.check()) and "<table>" in found.check()._repr_html_()
    assert found.hessian().value.shape == (2, 2) and found.hessian().verified is True


def test_a_film_and_frames_are_saved(tmp_path):
    found = gt.circuit("x*y", x=1, y=2)
    assert found.save("a.svg") == []
    frames = found.frames()
    assert len(found.save(f"{tmp_path}/frames/")) == len(frames)
    assert repr(frames) == "Frames(3 steps)" and "<animate" in frames._repr_svg_()
    assert frames.save("own.svg") == ["own.svg"]
    found.save("page.html")
    assert "<html" in (tmp_path / "page.html").read_text()


def test_what_is_typed_into_the_page_comes_back():
    page = gt.circuit("sum(x)*y", x=[1.0, 2.0], y=3).page()
    page.widget.values = {"x": ["4", "5"], "y": ["0.5"]}
    np.testing.assert_array_equal(page.values["x"], [4.0, 5.0])
    assert page.values["y"] == 0.5


def test_the_names_are_complete_and_nothing_is_imported_before_its_use():
    code = """if True:
    import sys
    import gradtutor as gt
    heavy = {"numpy", "sympy", "networkx", "click", "IPython", "anywidget"}
    assert not heavy & set(sys.modules), heavy & set(sys.modules)
    gt.parse("x*y"), gt.audit, gt.explain, gt.circuit
    import gradtutor.audit, gradtutor.explain, gradtutor.circuit
    assert not {"IPython", "anywidget", "matplotlib"} & set(sys.modules)
    for name in dir(gt):
        found = getattr(gt, name)
        assert name == "__version__" or found.__doc__, name
        assert type(found).__name__ != "module", name
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_that_is_said_is_said_in_the_language_asked_for():
    relu = gt.explain("relu").text
    assert "公式" in gt.explain("relu", lang="zh").text and "公式" not in relu
    with speaking("en"):
        gt.speak("zh")
        assert "公式" in gt.explain("relu").text
        assert "前向" in str(gt.circuit("x*y", x=1, y=2).steps())
        with pytest.raises(gt.TutorError, match="请说明对谁求导"):
            gt.circuit("x*y").diff()
        with pytest.raises(gt.TutorError, match="没有"):
            gt.run("explain", "rellu")
    assert gt.explain("relu").text == relu
    with pytest.raises(gt.TutorError, match="en or zh"):
        gt.speak("de")


# ---- audits ----


def forward(x, W):
    return np.tanh(x @ W)


def backward(x, W, dout):
    h = forward(x, W)
    dz = dout * (1 - h)
    return dz @ W.T, x.T @ dz


class Square:
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, dout):
        return dout * 2 * self.x


def test_a_function_of_a_cell_is_audited_with_what_it_uses():
    found = gt.audit(backward, shapes={"x": (3, 4), "W": (4, 2)})
    assert found.ok is False and found.misconception == "wrong-table-entry"
    assert "dz = dout * (1 - h)" in repr(found)
    assert gt.audit(Square).ok is True
    assert gt.audit("f = x**2\ndf/dx = 3*x").ok is False


def test_a_users_typed_file_passes_mypy(tmp_path):
    own = tmp_path / "own.py"
    own.write_text(
        "import gradtutor as gt\n\n"
        "c: gt.Circuit = gt.circuit('x*y', x=1, y=2)\n"
        "slopes: dict[str, float] = c.gradients()\n"
        "word: str = c.diff('x')\n"
        "right: bool | None = c.check().ok\n"
        "n: gt.Network = gt.network('mlp.net')\n"
        "t: gt.Training = n.train('digits', epochs=2, backend='numba')\n"
        "a: float | None = t.accuracy\n"
        "text: str = gt.explain('relu').text\n"
        "v: str = gt.lesson('gates').answer(1, 3).verdict\n"
        "d: gt.Audit = gt.audit(lambda x: x)\n"
        "p: list[float] = n.predict([[0.0]], {'W1': 1.0}).tolist()\n"
        "f: list[str] = c.frames().save('film.svg')\n"
        "gt.network(b'').export('m.c', 'w.npz')\n"
        "gt.speak('zh')\n"
        "h: str = gt.lesson('gates').page().html\n"
        "n.train('digits', epoch=2)  # a slip\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(own)],
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    (error,) = errors
    assert "own.py:18" in error and "epoch" in error, done.stdout
