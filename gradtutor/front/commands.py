"""``gt.run``: any command of the program, by its own words, for its JSON object."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.errors import TutorError
from gradtutor.front.pages import Told
from gradtutor.messages import language


class CommandError(TutorError):
    """A command that ended without a result; it says why."""


def run(*words: Any, **options: Any) -> Told:
    """Run a command as a terminal would, and return the object that it prints.

    Parameters
    ----------
    words
        The command and its arguments: ``"teach", "sheet", "week1.toml"``.
    options
        By their names, dashes as underlines: ``roster="class.csv"``; True for a flag, a
        list for one that may be repeated.

    Raises
    ------
    gradtutor.TutorError
        With the message of the command line.

    Examples
    --------
    >>> run("diff", "x**2", wrt="x")["derivative"]
    '2*x'
    """
    line = [*map(str, words), "--json", "--quiet"]
    if "lang" not in options and words[:1] != ("lesson",):  # which remembers its own
        line += ["--lang", language()]
    for name, value in options.items():
        line += _option(f"--{name.replace('_', '-')}", value)
    done = CliRunner().invoke(main, line)
    try:
        data = json.loads(done.stdout)
    except ValueError:
        raise CommandError(done.stderr.strip() or str(done.exception)) from None
    if "error" in data:
        error = data["error"]
        raise CommandError("\n".join(filter(None, [error["message"], error["hint"]])))
    data.pop("schema", None)
    return Told(json.dumps(data, indent=2, ensure_ascii=False), data)


def _option(flag: str, value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [flag]
    if isinstance(value, list | tuple):
        return [word for one in value for word in (flag, str(one))]
    return [flag, str(value)]
