"""A scripted learner goes through the whole course by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audit_here import in_this_process
from click.testing import CliRunner

from gradtutor.circuit import parse
from gradtutor.cli import main
from gradtutor.course.content.variants import filled_question, parameters
from gradtutor.course.kinds.graders.blanks import output_label, read_blanks
from gradtutor.course.kinds.graders.expressions import wrong_answers
from gradtutor.course.kinds.graders.numbers import wrong_number
from gradtutor.course.kinds.order import any_order
from gradtutor.course.library.courses import find_lesson, read_course
from gradtutor.course.lint.words import right_options
from gradtutor.equality.proving import end_children

COURSE = read_course()
WRITTEN = [name for name in COURSE.names if (COURSE.folder / name).is_dir()]


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(autouse=True, scope="module")
def prover():
    """Run the lessons' code here; that children do the same is for other tests."""
    with in_this_process():
        yield
    end_children()


def lesson(*words, code=0):
    """Run a lesson command; return the one object that it prints."""
    done = CliRunner().invoke(main, ["lesson", *words, "--json"])
    assert done.exit_code == code, f"{words}: {done.exit_code}\n{done.output}"
    data = json.loads(done.stdout)
    assert data["schema"] == 1
    return data


def right_answer(question):
    """Return a right answer from what lesson.toml says; wires from the trace."""
    fields = question.fields
    if question.kind == "circuit":
        at = {name: parse(text).value() for name, text in fields["at"].items()}
        trace = parse(fields["formula"]).trace(**at)
        found = {"value": trace.values, "gradient": trace.node_gradients}
        blanks = read_blanks(fields["blanks"], output_label(trace.graph))
        return [f"{b.label}={float(found[b.kind][b.name])!r}" for b in blanks]
    if question.kind == "order":
        return list(any_order(fields["items"], fields["before"]))
    if question.kind == "choice":
        return list(right_options(question))
    return [fields["answer"]]


def wrong_answers_of(question):
    """Yield typical wrong answers with the feedback that each must get."""
    fields = question.fields
    for mistake in question.mistakes:
        if question.kind == "expression":
            for text in wrong_answers(question, mistake):
                yield [text], mistake.name
        if question.kind == "number":
            wanted = parse(fields["answer"]).value() if mistake.derive else 0
            number = wrong_number(mistake, wanted)
            yield [repr(number)], mistake.name
    if question.kind == "choice":
        for option in fields["options"]:
            if option not in right_options(question):
                yield [option], option
    if question.kind == "order":
        yield list(any_order(fields["items"], fields["before"]))[::-1], None
    if question.kind == "circuit":
        blank, _, number = right_answer(question)[-1].partition("=")
        others = right_answer(question)[:-1]
        yield [*others, f"{blank}={float(number) + 37}"], None


def questions(name, variant):
    found = find_lesson(COURSE, name)
    numbers = parameters(found, variant)
    return found, [filled_question(one, numbers) for one in found.questions]


@pytest.mark.sampled(18)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", WRITTEN)
def test_answering_right(name, language, tmp_path):
    started = lesson("start", name, "--lang", language, "--seed", "3")
    found, asked = questions(name, started["variant"])
    assert started["language"] == language
    assert {one["question"] for one in started["questions"]} == {q.id for q in asked}
    for question in asked:
        due = lesson("next")
        assert (due["lesson"], due["status"]) == (name, "open")
        question = next(one for one in asked if one.id == due["question"])
        place = f"{name}/{question.id}"
        if question.kind == "code":
            file = tmp_path / "gradtutor-lessons" / name / question.fields["file"]
            solution = found.folder / "solution" / file.name
            file.write_bytes(solution.read_bytes())
            data = lesson("answer", place)
        else:
            data = lesson("answer", place, *right_answer(question))
        assert data["verdict"] == "correct"
    assert lesson("next")["done"] is True
    status = {row["name"]: row for row in lesson("status")["lessons"]}
    assert status[name]["right"] == len(asked)


@pytest.mark.sampled(18)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", WRITTEN)
def test_answering_wrong(name, language, tmp_path):
    started = lesson("start", name, "--lang", language, "--seed", "4")
    found, asked = questions(name, started["variant"])
    for question in asked:
        place = f"{name}/{question.id}"
        words = found.text(language).questions[question.id]
        for given, mistake in wrong_answers_of(question):
            data = lesson("answer", place, *given, code=1)
            assert data["feedback"], place
            if mistake:
                assert data["mistakes"] == [mistake], f"{place}: {given}"
            if mistake in words.feedback and "{" not in words.feedback[mistake]:
                assert words.feedback[mistake] in data["feedback"][0]
        if question.kind == "code":
            check_code(found, question, place, tmp_path, language)
        tiers = [lesson("hint", place)["text"] for _ in range(3)]
        assert len(set(tiers)) == 3
        lesson("solution", place)
        assert lesson("show", place)["status"] == "shown"
    assert lesson("next")["done"] is True
    assert lesson("status")["right"] == 0


def check_code(found, question, place, tmp_path, language):
    """See the starter fail, and a mutant be told which mistake it makes."""
    file = tmp_path / "gradtutor-lessons" / found.name / question.fields["file"]
    if language == "en":
        done = CliRunner().invoke(main, ["lesson", "answer", place, "--json"])
        assert done.exit_code in (1, 3), done.output
    mutant = question.mutants[-1 if language == "en" else 0]
    solution = (found.folder / "solution" / file.name).read_text("utf-8")
    file.write_text(solution.replace(mutant.old, mutant.new), encoding="utf-8")
    done = CliRunner().invoke(main, ["lesson", "answer", place, "--json"])
    assert done.exit_code in (1, 3), done.output
    if done.exit_code == 1:
        assert json.loads(done.stdout)["mistakes"] == [mutant.name]


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("np.where(x @ w + b > 0, 1, 0)", ""),
        ("((x @ w + b) >= 0) * 1.0", "exactly 0"),
        ("x @ w + b > 0", "it should be a number: 1.0 or 0.0"),
    ],
)
def test_a_neuron_decides_at_zero_and_returns_numbers(returned, said):
    started = lesson("start", "neuron", "--lang", "en")
    text = f"import numpy as np\n\ndef fires(x, w, b):\n    return {returned}\n"
    Path(started["folder"], "neuron.py").write_text(text, encoding="utf-8")
    data = lesson("answer", "neuron/code", code=int(bool(said)))
    assert data["verdict"] == ("wrong" if said else "correct")
    assert said in " ".join(data["feedback"])


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", WRITTEN)
def test_every_line_fits_eighty_columns(name):
    from rich.cells import cell_len

    for language in ("en", "zh"):
        done = CliRunner().invoke(main, ["lesson", "show", name, "--lang", language])
        assert done.exit_code == 0, done.output
        commands = ("  gradtutor", "  Answer", "  回答")
        long = [
            line
            for line in done.stdout.splitlines()
            if cell_len(line) > 80 and not line.startswith((*commands, "|"))
        ]
        assert long == [], f"{name} ({language})"
