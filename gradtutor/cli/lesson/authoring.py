"""lesson author lint: prove lessons that you write."""

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


@click.group()
def author() -> None:
    """Check lessons that you write."""


@author.command("lint")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--lessons", type=click.Path(path_type=Path), metavar="FOLDER")
@common_options
@click.pass_context
def lint(
    context: click.Context, /, names: tuple[str, ...], lessons: Path | None, **_: Any
) -> int:
    """Prove the content of the lessons NAME, or of all, over all their variants."""
    from gradtutor.course.content.library import read_course
    from gradtutor.course.lint import lint_lesson

    run = session(context)
    run_example = partial(run_command, context.find_root().command)
    course = read_course(lessons)
    found = []
    for name in names or course.names:
        problems = lint_lesson(course.folder / name, run_example)
        found += problems
        run.say(f"{name}: {len(problems) or 'no'} problem(s)")
    rows = [
        {
            "file": str(one.path),
            "line": one.line,
            "message": one.message,
            "hint": one.hint,
        }
        for one in found
    ]
    text = "\n".join(map(str, found)) or "no problems"
    run.result({"problems": rows}, text)
    return FAILED if found else DONE


def run_command(root: click.Command, command: str) -> tuple[int, str]:
    """Run a gradtutor command in this process, in an empty folder.

    Parameters
    ----------
    root : click.Command
        The program, as the context knows it.
    command : str
        A line of a lesson's console: ``gradtutor`` and its words.

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
        done = CliRunner().invoke(root, words[1:])
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
