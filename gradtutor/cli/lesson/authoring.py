"""lesson author: begin, try and prove lessons that you write."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from gradtutor.cli.session import DONE, FAILED, common_options, session
from gradtutor.messages import mark, tr
from gradtutor.messages.cells import padded


@click.group()
def author() -> None:
    """Begin, try and check lessons that you write."""


@author.command("lint")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--lessons", type=click.Path(path_type=Path), metavar="FOLDER")
@common_options
@click.pass_context
def lint(
    context: click.Context, /, names: tuple[str, ...], lessons: Path | None, **_: Any
) -> int:
    """Prove the content of the lessons NAME, or of all, over all their variants."""
    from gradtutor.course.library.courses import read_course
    from gradtutor.course.lint import lint_lesson

    run = session(context)
    run_example = partial(run_command, context.find_root().command)
    course = read_course(lessons)
    found = []
    for name in names or course.names:
        problems = lint_lesson(course.folder / name, run_example)
        found += problems
        run.say(f"{name}: {len(problems)}")
    rows = [
        {
            "file": str(one.path),
            "line": one.line,
            "message": one.message,
            "hint": one.hint,
        }
        for one in found
    ]
    text = "\n".join(map(str, found)) or tr("no problems")
    run.result({"problems": rows}, text)
    return FAILED if found else DONE


@author.command("new")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@common_options
@click.pass_context
def new(context: click.Context, /, folder: Path, **_: Any) -> int:
    """Write a small lesson to FOLDER, named as the folder, to write over.

    It passes the lint; gradtutor lesson show NAME --lessons PARENT shows it.
    """
    from gradtutor.course.lint.skeleton import write_skeleton

    run = session(context)
    paths = [str(path) for path in write_skeleton(folder)]
    own = shlex.quote(str(folder.parent))
    run.say(f"gradtutor lesson show {folder.name} --lessons {own}")
    run.result({"files": paths}, "\n".join(paths))
    return DONE


@author.command("try")
@click.argument("name")
@click.option("--lessons", type=click.Path(path_type=Path), metavar="FOLDER")
@common_options
@click.pass_context
def try_all(
    context: click.Context, /, name: str, lessons: Path | None, **_: Any
) -> int:
    """Print every question of NAME in all variants, its answer and its verdict."""
    from gradtutor.course.content.variants import variants
    from gradtutor.course.kinds import grade
    from gradtutor.course.library.courses import find_lesson, read_course
    from gradtutor.course.shown.asking import shown_lesson
    from gradtutor.messages import language as spoken
    from gradtutor.teach.solved import answer_text

    run = session(context)
    lesson = find_lesson(read_course(lessons), name)
    language = run.language or spoken()
    rows: list[dict[str, Any]] = []
    for variant in range(variants(lesson)):
        shown = shown_lesson(lesson, language, variant)
        for one in lesson.questions:
            question = shown.question(one.id)
            if question.kind == "code":
                continue
            answer = answer_text(shown, question).strip("`")
            verdict = grade(question, [answer], shown.choices(question))
            row = {"variant": variant, "parameters": dict(shown.numbers)}
            row |= {"question": one.id, "text": shown.body(question)}
            rows.append(row | {"answer": answer, "verdict": verdict.status})
    told = {word: tr(said) for word, said in VERDICTS.items()}
    lines = [
        f"{row['variant']:>3}  {row['question']:<16} "
        f"{padded(told[row['verdict']], 10)} {row['answer']}"
        for row in rows
    ]
    run.result({"lesson": lesson.name, "rows": rows}, "\n".join(lines))
    return FAILED if any(row["verdict"] != "correct" for row in rows) else DONE


#: What the grader can say of an answer, by the word of the data.
VERDICTS = {
    "correct": mark("correct"),
    "wrong": mark("wrong"),
    "invalid": mark("not readable"),
    "undecided": mark("undecided"),
}


def run_command(root: click.Command, command: str, language: str) -> tuple[int, str]:
    """Run a gradtutor command in this process, in an empty folder.

    Parameters
    ----------
    root : click.Command
        The program, as the context knows it.
    command : str
        A line of a lesson's console: ``gradtutor`` and its words.
    language : str
        ``en`` or ``zh``: what it is to speak.

    Returns
    -------
    code : int
        Its exit code.
    output : str
        Standard output and standard error.
    """
    from click.testing import CliRunner

    words = shlex.split(command, comments=True)
    with _working_folder():
        done = CliRunner().invoke(root, ["--lang", language, *words[1:]])
    return done.exit_code, done.output


@contextmanager
def _working_folder() -> Iterator[None]:
    """Work in an empty folder with the examples' networks, 80 columns, its own log."""
    examples = Path(__file__).parents[3] / "examples"
    with tempfile.TemporaryDirectory() as name:
        if examples.is_dir():
            (Path(name) / "examples").symlink_to(examples)
        wanted = {
            "COLUMNS": "80",
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
            "GRADTUTOR_HOME": str(Path(name) / "state"),
        }
        before = {key: os.environ.get(key) for key in wanted}
        place = Path.cwd()
        os.environ.update(wanted)
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(place)
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value
