"""Every way a command can fail: one message, one object with --json, one exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import networkx
import numpy as np
import pytest
import sympy
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.cli.failures import failure_of

PROGRAM = [sys.executable, "-m", "gradtutor"]
NETWORK = (
    "Sequential([Input(4), Linear(6), ReLU(), Linear(3)])\nloss = CrossEntropyLoss()"
)
DIGITS = NETWORK.replace("Input(4)", "Input(64)").replace("Linear(3)", "Linear(10)")
KEYS = ["kind", "message", "line", "column", "hint"]

#: The module, whose name is a function's in ``gt``.
CIRCUIT = import_module("gradtutor.circuit")


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, list(arguments), input=stdin)


# ---- one object on standard output ----

FAILING = [
    # arguments, exit code, kind, part of the message, (line, column)
    (["render", "x*"], 3, "formula-syntax", "not a formula", (1, 2)),
    (["render", "y = x\nsigmiod(y)"], 3, "unknown-name", "sigmiod", (2, 1)),
    (["render", "x*y", "--at", "x=1"], 3, "missing-value", "y has no value", None),
    (["render", "x*y", "--at", "x=1,z=2"], 3, "point", "z", None),
    (["render", "x@y", "--at", "x=[1,2],y=[1,2,3]"], 3, "source-shape", "2", (1, 1)),
    (["render", "x*y", "--at", "none.npz"], 3, "point", "none.npz", None),
    (["render", "none.net"], 3, "file", "there is no file none.net", None),
    (["render", "x*y", "-o", "a.bmp"], 3, "picture", "a.bmp", None),
    (["render", "x*y", "-o", "no/such/a.svg"], 3, "file", "No such file", None),
    (["render", "x*y", "--digits", "many"], 2, "usage", "--digits", None),
    (["render", "x", "*", "y"], 2, "usage", "quotes", None),
    (["render"], 2, "usage", "EXPRESSION", None),
    (["rendr", "x"], 2, "usage", "Did you mean", None),
    (["render", "x*y", "--opne", "relu"], 2, "usage", "--opne", None),
    (["render", "sigmoid(x)", "--open", "sigmiod"], 2, "usage", "does not open", None),
    (["diff", "x*y", "--wrt", "z"], 3, "point", "z", None),
    (["diff", "x*", "--steps"], 3, "formula-syntax", "not a formula", (1, 2)),
    (["diff", "x", "--latex", "--markdown"], 2, "usage", "exclude", None),
    (["diff", "sum(x)", "--ways", "--at", "x=[1,2]"], 3, "tensor", "--ways", None),
    (["check", "none.py:backward"], 3, "program", "none.py", None),
    (["check", "x*y", "--lang", "fr"], 2, "usage", "--lang", None),
    (["check", "x*", "--seed", "-1"], 2, "usage", "--seed", None),
    (["gen", NETWORK], 2, "usage", "--data", None),
    (["gen", NETWORK, "--data", "mnits"], 3, "data", "mnits", None),
    (["gen", NETWORK, "--data", "none.csv"], 3, "data", "none.csv", None),
    (["gen", "Sequential([", "--data", "digits"], 3, "formula-syntax", "", (1, 12)),
    (["gen", DIGITS, "--data", "digits", "--conv", "cudnn"], 2, "usage", "GPU", None),
    (["train", "none.net", "--data", "digits"], 3, "file", "none.net", None),
    (["train", NETWORK, "--data", "digits", "--epochs", "0"], 2, "usage", "0", None),
    (["data", "fetch", "nothing"], 3, "data", "nothing", None),
    (["explain", "reul"], 3, "unknown-gate", "relu", None),
    (["lesson", "show", "none"], 3, "course", "none", None),
    (["lesson", "answer", "neuron/99", "1"], 3, "course", "99", None),
    (["lesson", "answer", "neuron/1"], 2, "usage", "", None),
    (["lesson", "start", "neuron", "--variant", "999"], 2, "usage", "1 to 8", None),
]


@pytest.mark.parametrize(("arguments", "code", "kind", "part", "place_"), FAILING)
def test_a_failing_command_prints_one_object(arguments, code, kind, part, place_):
    done = run(*arguments, "--json")
    assert done.exit_code == code, done.output
    data = json.loads(done.stdout)
    assert data["schema"] == 1 and list(data["error"]) == KEYS
    assert data["error"]["kind"] == kind
    assert part in data["error"]["message"] and data["error"]["message"]
    assert (data["error"]["line"], data["error"]["column"]) == (place_ or (None, None))
    assert "Traceback" not in done.output
    plain = run(*arguments)
    assert (plain.exit_code, plain.stdout) == (code, "")
    assert data["error"]["message"] in plain.stderr == done.stderr


def test_json_before_the_command_counts_and_behind_two_dashes_not():
    assert json.loads(run("--json", "render", "x*").stdout)["error"]["line"] == 1
    assert "∂f/∂json" in run("render", "--", "--json").stdout  # twice negated


def test_an_answer_that_cannot_be_read_keeps_its_verdict():
    done = run("lesson", "answer", "chain-rule/1", "2*", "--json")
    data = json.loads(done.stdout)
    assert (done.exit_code, data["verdict"]) == (3, "invalid")
    assert list(data["error"]) == KEYS and data["error"]["message"]


# ---- faults of ours ----

FAULTS = [
    KeyError("I"),
    TypeError("Invalid NaN comparison"),
    sympy.SympifyError("x"),
    networkx.NetworkXError("no path"),
    np.linalg.LinAlgError("Singular matrix"),
    ZeroDivisionError("division by zero"),
    RecursionError("maximum recursion depth exceeded"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ValueError("operands could not be broadcast together"),
    AssertionError(),
    StopIteration("one\ntwo"),
    EOFError("marshal data too short"),
    OverflowError("x" * 500),
]


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("command", ["render", "diff", "check"])
def test_a_fault_is_one_line_and_a_log(monkeypatch, error, command):
    def broken(*_arguments):
        raise error

    monkeypatch.setattr(CIRCUIT, "parse", broken)
    done = run(command, "x*y", "--json")
    (line,) = done.stderr.splitlines()
    assert done.exit_code == 70
    assert line.startswith("gradtutor: a fault of gradtutor, not of your input: ")
    assert "please report it with the file" in line and len(line) < 400
    told = json.loads(done.stdout)["error"]
    assert told["kind"] == "fault" and told["hint"] in line
    log = Path(told["hint"].removeprefix("please report it with the file "))
    assert log.parent == Path("home/faults").resolve()
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text and type(error).__name__ in text and "broken" in text


def test_a_log_that_cannot_be_written_is_said(monkeypatch):
    Path("home").write_text("a file where the folder should be")
    monkeypatch.setattr(CIRCUIT, "parse", lambda *_: {}["x"])
    done = run("render", "x*y")
    assert done.exit_code == 70 and done.stderr.count("\n") == 1
    assert "its log could not be written" in done.stderr and "home" in done.stderr


def test_numpys_own_value_error_is_a_fault_and_ours_is_not():
    def raised(function):
        with pytest.raises(ValueError) as caught:
            function()
        return failure_of(caught.value).kind

    assert raised(lambda: np.zeros(2) + np.zeros(3)) == "fault"
    assert raised(lambda: float("x")) == "fault"
    assert raised(lambda: gt.parse("x*")) == "formula-syntax"
    from gradtutor.train.report.curve import write_curve

    assert raised(lambda: write_curve([], Path("a.txt"), "")) == "invalid"


def test_memory_that_is_not_there_is_no_fault(monkeypatch):
    monkeypatch.setattr(CIRCUIT, "parse", lambda *_: np.zeros(10**15))
    done = run("render", "x*y", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["error"]["kind"] == "memory"


# ---- the system ----


def test_control_c_ends_with_130():
    code = "x = sigmoid(x0)\n" + "\n".join(f"x{k} = sin(x{k - 1})" for k in range(1, 9))
    for arguments in (["check", "-"], ["render", "-", "--json"]):
        child = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        child.stdin.write(code)
        child.stdin.flush()  # it waits for more
        time.sleep(1.5)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=20)
        assert child.returncode == 130 and err.strip() == "gradtutor: interrupted"
        if "--json" in arguments:
            assert json.loads(out)["error"]["kind"] == "interrupted"


def full(arguments, target, **environment):
    with Path(target).open("w") as file:
        return subprocess.run(
            [*PROGRAM, *arguments],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
            check=False,
        )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_full_disk_is_said(options):
    done = full(["render", "x*y", "--at", "x=1,y=2", *options], "/dev/full")
    assert done.returncode == 3
    assert done.stderr == "gradtutor: the disk is full: nothing was written\n"


def test_a_reader_that_leaves_is_no_error():
    shell = f"{sys.executable} -m gradtutor diff 'x*y' --steps | true"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        ("render 'x*y' >&-", 0, "", ""),
        ("render 'x*y' --json >&-", 0, "", ""),
        ("render 'x*' 2>&-", 3, "", ""),
        ("render 'x*' --json 2>&-", 3, '{"schema": 1, "error": {"kind": "formula', ""),
        ("render - <&-", 3, "", "gradtutor: standard input is closed"),
        ("render - </dev/null", 3, "", "gradtutor: line 1, column 1: there is no f"),
    ],
)
def test_a_stream_that_is_closed_is_no_fault(words, code, out, err):
    shell = f"{sys.executable} -m gradtutor {words}"
    done = subprocess.run(
        shell, shell=True, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert done.stdout.startswith(out) and done.stderr.startswith(err)
    assert bool(done.stdout) == bool(out) and bool(done.stderr) == bool(err)


def test_a_loaders_last_words_are_a_message(monkeypatch):
    def ends(*_arguments):
        raise SystemExit("the data need the package nowhere: pip install nowhere")

    monkeypatch.setattr(CIRCUIT, "parse", ends)
    done = run("render", "x*y", "--json")
    assert done.exit_code == 3
    assert "pip install nowhere" in json.loads(done.stdout)["error"]["message"]


def test_an_unwritable_folder_leaves_the_old_file():
    folder = Path("locked")
    folder.mkdir()
    (folder / "a.svg").write_text("old")
    folder.chmod(0o500)
    try:
        done = run("render", "x*y", "-o", "locked/a.svg", "--json")
        assert (folder / "a.svg").read_text() in ("old",) or os.geteuid() == 0
        assert done.exit_code == (0 if os.geteuid() == 0 else 3)
    finally:
        folder.chmod(0o700)


# ---- standard input, minus signs, languages, colours ----


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "-", "--at", "x=2,y=3"],
        ["diff", "-"],
        ["diff", "-", "--steps"],
        ["check", "-"],
    ],
)
def test_a_dash_is_standard_input(arguments):
    piped = run(*arguments, stdin="-x*y")
    given = run(*["-x*y" if word == "-" else word for word in arguments])
    assert piped.exit_code == given.exit_code == 0
    assert piped.stdout == given.stdout != ""


def test_a_network_comes_through_standard_input():
    done = run("gen", "-", "--data", "digits", stdin=DIGITS)
    assert done.exit_code == 0 and "def loss_and_gradients" in done.stdout


@pytest.mark.parametrize("text", ["-x", "-x*y", "-(x+y)**2", "--x", "-2*x", "-sin(x)"])
@pytest.mark.parametrize("command", ["render", "diff", "check"])
def test_an_expression_may_begin_with_a_minus_sign(text, command):
    for options in ([], ["--json"], ["--seed", "3", "--quiet", "--lang", "zh"]):
        assert run(command, text, *options).exit_code == 0
        assert run(command, *options, text).exit_code == 0


def commands(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


@pytest.mark.parametrize(("words", "command"), list(commands(main)))
def test_every_command_has_the_common_options(words, command):
    names = {name for param in command.params for name in param.opts}
    assert {"--json", "--quiet", "--seed", "--lang"} <= names, words


def test_colours_are_for_a_terminal_that_wants_them(monkeypatch):
    arguments = ["lesson", "answer", "chain-rule/1", "7"]
    runner = CliRunner()
    assert "\x1b[" not in runner.invoke(main, arguments).stdout
    assert "\x1b[" in runner.invoke(main, arguments, color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in runner.invoke(main, arguments, color=True).stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from gradtutor.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'sympy', 'networkx', 'rich', 'jinja2', 'graphviz'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
