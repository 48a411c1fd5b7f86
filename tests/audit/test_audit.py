"""The audit: calling conventions, hostile code, the command's contract, the pages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from audit_here import in_this_process
from audit_mutants import SOLUTIONS
from click.testing import CliRunner

from gradtutor.audit import (
    OutOfTimeError,
    ProgramError,
    audit_function,
    misconceptions,
    run_function,
)
from gradtutor.cli import main
from gradtutor.evaluate.point import read_points

FORWARD = "import numpy as np\n\n\ndef forward(x):\n    return x * x\n\n\n"
SHAPES = "x=3x4,W=4x2,b=2"
LAYER = """import numpy as np


def forward(x, W, b):
    return np.tanh(x @ W + b)


def backward(x, W, b, upstream):
    dz = upstream * (1 - np.tanh(x @ W + b) ** 2)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
"""


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "layer.py") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, list(arguments), input=stdin)


# ---- how functions are called ----

CONVENTIONS = {
    "its name, upstream": "def backward(x, upstream):\n    return 2 * x * upstream\n",
    "upstream first": "def backward(dout, x):\n    return 2 * x * dout\n",
    "an unknown name is upstream": "def backward(what, x):\n    return 2 * x * what\n",
    "a dict": "def backward(x, g):\n    return {'dx': 2 * x * g}\n",
    "a list of one": "def backward(x, g):\n    return [2 * x * g]\n",
    "a default": "def backward(x, g, verbose=False):\n    return 2 * x * g\n",
    "a lambda": "backward = lambda x, g: 2 * x * g\n",
    "a Python float": "def backward(x, g):\n    return float(2 * x * g)\n",
}


@pytest.mark.parametrize("text", CONVENTIONS.values(), ids=CONVENTIONS)
def test_a_convention_is_understood(text):
    assert audit_function(write(FORWARD + text)).ok is True


def test_order_by_names_by_returns_and_by_position():
    text = LAYER.replace(
        "return dz @ W.T, x.T @ dz, dz.sum(axis=0)",
        "dW, db = x.T @ dz, dz.sum(axis=0)\n    return dW, db",
    )
    shapes = {"x": (3, 4), "W": "4x2", "b": [2]}
    report = audit_function(write(text), arguments=shapes)
    assert report.ok
    assert [row.name for row in report.gradients] == ["W", "b"]
    unnamed = text.replace("return dW, db", "return x.T @ dz, dz.sum(axis=0)")
    report = audit_function(write(unnamed), arguments=shapes)
    assert (report.ok, [row.name for row in report.gradients]) == (True, ["W", "b"])
    alike = {"x": (3, 3), "W": "3x3", "b": [3]}
    with pytest.raises(ProgramError, match="--returns W,b"):
        audit_function(write(unnamed), arguments=alike)
    assert audit_function(write(unnamed), arguments=alike, returns=["W", "b"]).ok


def test_a_formula_stands_in_for_forward_or_checks_it():
    _, _, tail = LAYER.partition("def backward")
    alone = "import numpy as np\n\n\ndef backward" + tail
    shapes = {"x": (3, 4), "W": (4, 2), "b": (2,)}
    right = audit_function(write(alone), arguments=shapes, formula="tanh(x @ W + b)")
    assert right.ok is True
    wrong = audit_function(write(alone), arguments=shapes, formula="sigmoid(x @ W + b)")
    assert wrong.ok is False
    differs = audit_function(write(LAYER), arguments=shapes, formula="sin(x @ W + b)")
    assert differs.ok is False
    assert "forward does not compute sin(x @ W + b)" in differs.reason


def test_numeric_and_given_numbers_agree_with_a_hand_calculation():
    text = FORWARD + "def backward(x, upstream):\n    return x * upstream\n"
    report = audit_function(write(text), arguments={"x": np.array([3.0])})
    (row,) = report.gradients
    assert row.theirs / row.numeric == pytest.approx(0.5, rel=1e-9)
    assert report.misconception == "power-rule"


def test_two_mistakes_one_is_named_and_the_other_told():
    text = LAYER.replace("x.T @ dz, dz.sum", "x.T @ dz * 0.3, -dz.sum")
    report = audit_function(
        write(text), arguments={"x": (3, 4), "W": (4, 2), "b": (2,)}
    )
    assert report.misconception == "sign"
    assert "the gradient of W is wrong besides" in report.reason


def test_state_that_is_added_to_is_found():
    text = FORWARD + (
        "total = np.zeros(2)\n\n\ndef backward(x, upstream):\n"
        "    total[:] += 2 * x * upstream\n    return total.copy()\n"
    )
    report = audit_function(write(text), arguments={"x": (2,)})
    assert report.ok is False


def test_a_point_where_forward_is_not_finite_is_passed_over():
    body = "def forward(x):\n    return np.sqrt(-1 - x * x)\n\n\n"
    text = "import numpy as np\n" + body + "def backward(x, g):\n    return g\n"
    report = audit_function(write(text))
    assert report.ok is None
    assert run("check", "layer.py:backward").exit_code == 5


# ---- hostile code ----

HOSTILE = {
    "raise KeyboardInterrupt('no')": "line 9: KeyboardInterrupt",
    "sys.exit(0)": "line 9: SystemExit: the code ends the program",
    "os._exit(0)": "ended with exit code 0, without a result",
    "np.ones((10**6, 10**5))": "line 9: MemoryError: more than 2 GB",
    "os.fork()": "os.fork is not allowed",
    "os.system('sleep 9')": "os.system is not allowed",
    "subprocess.run(['sleep', '9'])": "subprocess.Popen is not allowed",
    "open('evil.txt', 'w')": "writing to a file is not allowed",
    "os.remove('layer.py')": "os.remove is not allowed",
    "backward(x, g)": "RecursionError",
    "1 / 0": "line 9: ZeroDivisionError",
    "return 'hello'": "backward returns str, not numbers",
    "return None": "backward returns nothing",
    "raise Broken": "line 9: Broken",
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_code_gets_one_error_with_its_line(line):
    text = (
        "import os, subprocess, sys\nimport numpy as np\n"
        "class Broken(BaseException):\n    def __str__(self): return 1 / 0\n\n"
        "def forward(x):\n    return x * x\ndef backward(x, g):\n"
        f"    {line}\n    return 2 * x * g\n"
    )
    path = write(text)
    with pytest.raises(ProgramError) as error:
        audit_function(path, timeout=5)
    assert HOSTILE[line] in str(error.value)
    assert Path(path).read_text(encoding="utf-8") == text
    assert not Path("evil.txt").exists()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("while True:\n        pass", ", line 10"),
        (
            "while True:\n        try:\n            time.sleep(0.01)\n"
            "        except BaseException:\n            pass",
            "",
        ),
    ],
)
def test_an_endless_loop_is_ended(body, where):
    text = f"import time\n{FORWARD}def backward(x, g):\n    {body}\n"
    start = time.monotonic()
    with pytest.raises(OutOfTimeError, match="did not end within 1 s") as error:
        audit_function(write(text), timeout=1)
    assert where in str(error.value)
    assert time.monotonic() - start < 20


def test_a_flood_of_output_is_cut_and_stays_off_standard_output():
    body = "    for _ in range(2000):\n        print('x' * 99)\n"
    path = write(FORWARD + f"def backward(x, g):\n{body}    return 2 * x * g\n")
    report = audit_function(path)
    assert report.ok
    assert len(report.printed) == 10_000
    result = run("--json", "check", f"{path}:backward")
    assert json.loads(result.stdout)["ok"] is True
    assert result.stderr.count("\n") < 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def backward(x, g)\n    return g\n", "line 1: expected ':'\n  def backward"),
        ("from nonsense_module import tanh\n", "ModuleNotFoundError: No module named"),
        (
            "def forward(x):\n    return x\n",
            "has no function 'backward'; it has: forward",
        ),
        (
            "def backward(x, g):\n    return g\n",
            "no function 'forward' to differentiate",
        ),
        (FORWARD + "def backward(a, b):\n    return a\n", "what is the argument 'a'"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_so(text, message):
    if "nonsense" in text:
        text += LAYER.replace("np.tanh(", "tanh(")
    result = run("check", f"{write(text)}:backward")
    assert result.exit_code == 3
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_interrupted_audit_leaves_no_process():
    path = write(FORWARD + "def backward(x, g):\n    while True: pass\n")
    command = [sys.executable, "-m", "gradtutor", "check", f"{path}:backward"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not _children(child.pid):
        assert child.poll() is None
        time.sleep(0.05)
    inner = _children(child.pid)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=20)
    assert (child.returncode, errors.strip()) == (130, "gradtutor: interrupted")
    deadline = time.monotonic() + 5  # a killed process is taken away by the system
    while any(map(_runs, inner)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_runs, inner))


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    except OSError:
        return []
    return [int(one) for one in text.split()]


# ---- run_function ----


def test_run_function_returns_what_the_function_returns():
    body = "    x[0] = 9\n    print(n)\n    return {'twice': 2 * x, 'n': n}\n"
    text = "def f(x, n):\n" + body
    results = run_function(write(text), "f", {"x": np.array([1.0, 2.0]), "n": 3})
    assert results.names == ("twice", "n")
    np.testing.assert_array_equal(results.values[0], [18.0, 4.0])
    assert (results.mutated, results.printed) == (("x",), "3\n")
    with pytest.raises(ProgramError, match="has no function 'g'; it has: f"):
        run_function("layer.py", "g", {})


# ---- the command ----


@pytest.mark.parametrize("shapes", [[], ["--shapes", "x=3x4,b=2"]])
def test_a_missing_shape_is_found(shapes):
    assert run("check", write(LAYER), *shapes).exit_code == 0


def test_a_wrong_product_is_named_without_shapes():
    result = run("check", write(LAYER.replace("dz @ W.T", "dz @ W")))
    assert result.exit_code in (1, 3)
    assert "line 10" in result.output


def test_the_shapes_that_were_tried_are_told_where_the_code_fails():
    broken = LAYER.replace("dz @ W.T", "dz @ np.ones((7, 9))")
    result = run("check", write(broken))
    assert result.exit_code == 3
    assert "had no shape and got these: x 5x3, W 3x2, b 2" in result.stderr
    given = run("check", write(broken), "--shapes", "x=3x4,W=4x2,b=2")
    assert "had no shape" not in given.stderr


def test_the_command_names_line_misconception_and_page():
    path = write(LAYER.replace(" * (1 - np.tanh(x @ W + b) ** 2)", ""))
    result = run("check", f"{path}:backward", "--shapes", SHAPES)
    assert result.exit_code == 1
    assert "first wrong line: layer.py, line 9\n  dz = upstream\n" in result.stdout
    assert "gradtutor explain dropped-inner-derivative" in result.stdout
    data = json.loads(
        run("--json", "check", f"{path}:backward", "--shapes", SHAPES).stdout
    )
    assert (data["schema"], data["ok"]) == (1, False)
    assert data["place"]["line"] == 9
    assert data["misconception"] == "dropped-inner-derivative"
    assert data["gradients"]["W"]["ok"] is False


def test_the_command_says_that_all_is_right():
    path = write(LAYER)
    result = run("check", f"{path}:backward", "--shapes", SHAPES)
    assert (result.exit_code, result.stdout.count("ok\n")) == (0, 3)
    assert run("check", path, "--shapes", SHAPES).exit_code == 0  # by its content


def test_a_product_that_does_not_fit_is_a_missing_transpose():
    path = write(LAYER.replace("dz @ W.T", "dz @ W"))
    result = run("check", f"{path}:backward", "--shapes", SHAPES)
    assert result.exit_code == 3
    assert "layer.py, line 10: ValueError: matmul" in result.stderr
    assert "likely: missing-transpose" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--shapes", "x=3by4"],
        ["--shapes", "x"],
        ["--shapes", "x=0x2"],
        ["--shapes", "q=3"],
        ["--at", "x=[1,2"],
        ["--formula", "tanh(x +"],
        ["--returns", "z"],
    ],
)
def test_a_mistaken_option_is_one_error(options):
    result = run("check", f"{write(LAYER)}:backward", *options)
    assert result.exit_code == 3
    assert result.stderr.startswith("gradtutor: ")
    assert result.stdout == ""


def test_labels_by_range_or_by_value():
    path = str(SOLUTIONS / "crossentropy.py") + ":backward"
    assert run("check", path).exit_code == 0
    at = ["--at", "y=[0,3,1,1,2]"]
    assert run("check", path, "--shapes", "y=5:0..3", *at).exit_code == 0


def test_a_formula_is_checked_as_before():
    assert run("check", "x*y", "--at", "x=2,y=3").exit_code == 0
    write("f = x*y\n", "formula.py")
    assert run("check", "formula.py").exit_code == 0


# ---- kinks, arguments that are written to, many files ----

RELU = "import numpy as np\ndef forward(x):\n    return np.maximum(0, x)\n"
XOR = (
    "import numpy as np\ndef forward(X, W, b):\n    return np.maximum(0, X @ W + b)\n"
    "def backward(X, W, b, dout):\n    dz = dout * (X @ W + b > 0)\n"
    "    return dz @ W.T, X.T @ dz, dz.sum(axis=0)\n"
)
ROWS = "X=[[0,0],[0,1],[1,0],[1,1]],W=[[1,1],[1,1]],b=[0,-1]"


@pytest.mark.parametrize(
    ("text", "at", "ok"),
    [
        (RELU + "def backward(x, g):\n    return g * (x > 0)\n", "x=[0,1,-1,2]", True),
        (RELU + "def backward(x, g):\n    return g * (x >= 0)\n", "x=[0,1,-1,2]", True),
        (RELU + "def backward(x, g):\n    return g * 3.0\n", "x=[0,1,-1,2]", False),
        (XOR, ROWS, True),
        (XOR.replace("> 0", "< 0"), ROWS, False),
    ],
)
def test_at_a_kink_every_slope_between_is_right(text, at, ok):
    with in_this_process():
        assert audit_function(write(text), arguments=dict(read_points((at,)))).ok is ok


def test_a_forward_that_changes_its_argument_is_told():
    text = "def forward(x):\n    x[x < 0] = 0\n    return x\n"
    text += "def backward(x, g):\n    return g * (x > 0)\n"
    with in_this_process():
        report = audit_function(write(text), arguments={"x": (4,)})
    assert (report.ok, report.misconception) == (True, "mutated-input")
    assert report.place.line == 2


def test_names_that_a_formula_lacks_are_one_error():
    tail = LAYER.partition("def backward")[2]
    path = write("import numpy as np\n\ndef backward" + tail)
    result = run(
        "check", f"{path}:backward", "--formula", "tanh(x @ W)", "--shapes", SHAPES
    )
    assert result.exit_code == 3
    assert "what is the argument 'b'" in result.stderr


def test_many_files_give_one_table():
    write(LAYER, "right.py")
    write(LAYER.replace("dz.sum(axis=0)", "dz"), "wrong.py")
    write("x = (\n", "broken.py")
    write("def other(x):\n    return x\n", "empty.py")
    names = ["right.py", "wrong.py", "broken.py", "empty.py"]
    with in_this_process():
        result = run("check", *names, "--against", "right.py", "--csv", "t.csv")
    assert result.exit_code == 1
    rows = Path("t.csv").read_text(encoding="utf-8").splitlines()
    verdicts = [row.split(",")[2] for row in rows[1:]]
    assert verdicts == ["right", "wrong", "error", "missing"]
    assert "1 x bias-not-summed in backward" in result.stdout


# ---- the pages ----


def test_every_page_is_whole_in_both_languages():
    assert len(misconceptions.names()) >= 12
    for name in misconceptions.names():
        for language in misconceptions.LANGUAGES:
            page = misconceptions.page(name, language)
            texts = (page.title, page.what, page.why, page.see, page.wrong, page.right)
            assert all(text.strip() for text in texts), (name, language)
            chinese = any("\u4e00" <= sign <= "\u9fff" for sign in page.what)
            assert chinese == (language == "zh"), name
            shown = misconceptions.page_text(page, language)
            widest = max(_width(line) for line in shown.splitlines())
            assert widest <= 80, (name, language, shown)


def _width(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in line)
    return len(line) + wide


def test_explain_shows_a_page_and_lists_all(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    shown = run("explain", "overwritten-gradient")
    assert (shown.exit_code, "+=" in shown.stdout) == (0, True)
    listed = run("explain", "misconceptions").stdout.splitlines()
    assert len(listed) == len(misconceptions.names())
    data = json.loads(run("--json", "explain", "sign").stdout)
    assert data["misconception"]["title"] == "The sign is wrong"  # and a gate
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "符号错了" in run("explain", "sign").stdout


def test_the_child_imports_neither_sympy_nor_networkx():
    program = (
        "import sys, gradtutor.audit.sandbox.child.run\n"
        "print([m for m in ('sympy', 'networkx', 'click') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout == "[]\n"
