"""The lint: every lesson passes it, and every rule of it can fail."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from audit_here import in_this_process
from click.testing import CliRunner
from course_lesson import write_lesson

from gradtutor.cli import main
from gradtutor.cli.lesson.authoring import run_command
from gradtutor.course.kinds.code import Code
from gradtutor.course.library.courses import read_course, shipped_folder
from gradtutor.course.lint import lint_lesson

COURSE = read_course()
RUN = partial(run_command, main)
WRITTEN = [name for name in COURSE.names if (COURSE.folder / name).is_dir()]


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("name", WRITTEN)
def test_lesson(name):
    """Code runs in this process; the tiny lesson's, below, in children."""
    with in_this_process():
        assert list(map(str, lint_lesson(COURSE.folder / name, RUN))) == []


def test_the_course_names_the_folders_that_there_are():
    folders = {path.parent.name for path in shipped_folder().glob("*/lesson.toml")}
    assert folders <= set(COURSE.names), "a lesson that course.toml does not name"


def test_the_tiny_lesson_passes(tmp_path):
    assert list(map(str, lint_lesson(write_lesson(tmp_path), RUN))) == []


#: File, what is replaced by what, and what the lint must say, with file and line.
BROKEN = {
    "no TOML": ("lesson.toml", "minutes = 5", "minutes = ", "lesson.toml:5: no TOML"),
    "schema": ("lesson.toml", "schema = 1", "schema = 2", "toml:1: schema must be 1"),
    "name": ("lesson.toml", '"tiny"', '"other"', "toml:2: name must be 'tiny'"),
    "title": ("lesson.toml", 'title.zh = "小课"\n', "", "title.zh is missing"),
    "unknown key": (
        "lesson.toml",
        "tolerance = 0.01",
        "tolerence = 0.01",
        "toml:39: there is no key 'tolerence' here; did you mean tolerance?",
    ),
    "kind": ("lesson.toml", 'kind = "order"', 'kind = "sort"', "kind must be one of"),
    "domain": ("lesson.toml", "[-3, 3]", "[3, -3]", "domain x must be an interval"),
    "too many": (
        "lesson.toml",
        "a = [2, 3]",
        f"a = {list(range(40))}",
        "80 combinations; the limit is 64",
    ),
    "twice": (
        "lesson.toml",
        'id = "value"',
        'id = "slope"',
        "there are two named slope",
    ),
    "cycle": ("lesson.toml", '["dz", "dw"]]', '["dz", "dloss"]]', "it has a cycle"),
    "parameter in TOML": (
        "lesson.toml",
        '"2*{a}*x"',
        '"2*{d}*x"',
        "toml:26: there is no parameter {d}",
    ),
    "derived": ("lesson.toml", '"a*b + 1"', '"a*e + 1"', "e is no variable"),
    "parameter in text": (
        "text.zh.md",
        "{c:.1f}",
        "{k}",
        "zh.md:3: there is no parameter",
    ),
    "no text": ("text.zh.md", None, None, "zh.md:1: there is no such file"),
    "hint": ("text.en.md", "### hint 2\n", "### hint 4\n", "no text under ### hint 2"),
    "solution": (
        "text.zh.md",
        "### solution\n",
        "### right2\n",
        "unexpected: ### right2",
    ),
    "feedback": (
        "text.en.md",
        "### feedback kept\n",
        "### feedback keep\n",
        "no text under ### feedback kept",
    ),
    "foreign feedback": (
        "text.en.md",
        "### feedback product\n",
        "### feedback product\nx\n### feedback nobody\n",
        "question value has no feedback nobody; it has product",
    ),
    "option": ("text.zh.md", "### option mul\n", "### option mull\n", "### option mul"),
    "item": ("text.zh.md", "### item dz\n", "### item dy\n", "### item dz"),
    "empty part": (
        "text.zh.md",
        "hint 1 of slope (zh)",
        "",
        "question slope has no text under ### hint 1",
    ),
    "question missing": (
        "text.en.md",
        "## question steps",
        "## question stepps",
        "text.en.md has no ## question steps",
    ),
    "anchors": (
        "text.zh.md",
        "### right\nright of value (zh)\n",
        "",
        "question value right stands in text.en.md only",
    ),
    "picture": (
        "text.en.md",
        "{{picture curve}}",
        "{{picture curv}}",
        "no picture curv",
    ),
    "never shown": ("text.en.md", "{{picture curve}}", "", "curve is never shown"),
    "other order": (
        "text.zh.md",
        "{{question value}}\n\n{{picture curve}}",
        "{{picture curve}}\n\n{{question value}}",
        "shows {{picture curve}} where text.en.md has {{question value}}",
    ),
    "indented code": (
        "text.en.md",
        "```console",
        "    dz = 1\n\n```console",
        "text.en.md:11: an indented block; use a fence",
    ),
    "unread formula": (
        "text.en.md",
        "```console",
        "```math\nx + = 1\n```\n\n```console",
        "text.en.md:12: a formula that is not read: x + = 1; use a fence",
    ),
    "in a line": (
        "text.en.md",
        "{{question value}}",
        "Now {{question value}}",
        "{{question value}} must be alone on its line",
    ),
    "order of questions": (
        "text.en.md",
        None,
        "swap slope and value",
        "the questions are in another order than in lesson.toml",
    ),
    "starter": ("starter/layer.py", "TODO", "", "starter/layer.py needs a TODO"),
    "no solution": ("solution/layer.py", None, None, "there is no solution/layer.py"),
    "solution TODO": (
        "solution/layer.py",
        "A layer",
        "TODO",
        "solution/layer.py still has a TODO",
    ),
    "mutant text": ("lesson.toml", "x.T @ dz", "x.t @ dz", "is not in the solution"),
    # ---- the content ----
    "answer unreadable": (
        "lesson.toml",
        '"2*{a}*x"',
        '"2*{a}*x*"',
        "slope: cannot be graded",
    ),
    "mistake is right": (
        "lesson.toml",
        '"{a}*x**2"',
        '"{a}*x + {a}*x"',
        "toml:28: slope: mistake kept equals the right answer (with a = 2, b",
    ),
    "mistake is another": (
        "lesson.toml",
        '"{a}*x**2"',
        '"-2*{a}*x"',
        "mistake sign: -4*x is taken for kept",
    ),
    "in one variant only": (
        "lesson.toml",
        'answer = "{a}*{b}"',
        'answer = "{a} + 9"',
        "mistake product equals the right answer: 11 (with a = 2, b = 5",
    ),
    "no rule": (
        "lesson.toml",
        'derive = "sign"',
        'derive = "sighn"',
        "there is no rule sighn",
    ),
    "tolerance": (
        "lesson.toml",
        "tolerance = 0.01",
        "tolerance = 30",
        "the tolerance 30.0 is above the answer",
    ),
    "blank": ("lesson.toml", '"gradient z"', '"gradient p"', "no wire is called p"),
    "symmetric": (
        "lesson.toml",
        "at = { x = -2, y = 5, z = -4 }",
        "at = { x = 2, y = 2, z = 4 }",
        "toml:54: wires: q: 2 and 2 give the same with mul as with add",
    ),
    "swapped is right": (
        "lesson.toml",
        "at = { x = -2, y = 5, z = -4 }",
        "at = { x = -2, y = 5, z = 3 }",
        "the mistake swapped is right in every blank",
    ),
    "solution fails": (
        "solution/layer.py",
        "dz @ W.T",
        "-dz @ W.T",
        "code: the solution is graded wrong",
    ),
    "mutant passes": (
        "lesson.toml",
        '"dz.mean(axis=0)"',
        '"dz.sum(0)"',
        "code: mutant mean-bias is graded correct",
    ),
    "starter passes": (
        "starter/layer.py",
        None,
        "solution with TODO",
        "code: the starter passes as it is",
    ),
    "shape": (
        "lesson.toml",
        "W = [4, 2]",
        "W = [5, 2]",
        "code: the expected value cannot be computed",
    ),
    "plot": ("lesson.toml", "x*0.2", "y*0.2", "picture curve cannot be drawn"),
    "command fails": (
        "text.en.md",
        'diff "x**2"',
        'diff "x**"',
        'gradtutor diff "x**" exits with 3, not 0',
    ),
    "command prints": (
        "text.zh.md",
        "∂f/∂x = 2*x",
        "∂f/∂x = 3*x",
        "does not print the line '∂f/∂x = 3*x'",
    ),
}


def break_lesson(own: Path, file: str, old: str | None, new: str | None) -> None:
    path = own / file
    text = path.read_text(encoding="utf-8")
    if old is None and new is None:
        path.unlink()
        return
    if new == "swap slope and value":
        head, one, two, rest = split_questions(text)
        changed = head + two + one + rest
    elif new == "solution with TODO":
        solution = (own / "solution" / "layer.py").read_text(encoding="utf-8")
        changed = solution.replace("A layer", "TODO")
    else:
        assert old is not None
        assert old in text, f"{old!r} is not in {file}"
        changed = text.replace(old, str(new), 1)
    path.write_text(changed, encoding="utf-8")


def split_questions(text: str) -> tuple[str, str, str, str]:
    first, second, third = (
        text.index(f"## question {name}") for name in ("slope", "value", "gate")
    )
    return text[:first], text[first:second], text[second:third], text[third:]


@pytest.mark.parametrize("rule", BROKEN)
def test_rule(rule, tmp_path, monkeypatch):
    file, old, new, message = BROKEN[rule]
    if not message.startswith("code:"):  # children need not be started
        monkeypatch.setattr(Code, "proof", lambda *_: iter(()))
    own = write_lesson(tmp_path)
    break_lesson(own, file, old, new)
    found = "\n".join(map(str, lint_lesson(own, RUN)))
    assert message in found


def test_a_new_lesson_passes_the_lint_in_all_variants(tmp_path):
    folder = tmp_path / "my-lesson"
    done = CliRunner().invoke(main, ["lesson", "author", "new", str(folder)])
    assert done.exit_code == 0, done.output
    own = ["my-lesson", "--lessons", str(tmp_path)]
    for words in (["lint", *own], ["try", *own]):
        done = CliRunner().invoke(main, ["lesson", "author", *words])
        assert done.exit_code == 0, done.output
    assert done.stdout.count("correct") == 12  # 3 questions of 4 variants
    again = CliRunner().invoke(main, ["lesson", "author", "new", str(folder)])
    assert again.exit_code == 3
    assert "there already" in again.stderr
