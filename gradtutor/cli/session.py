"""What every command shares: options, arguments, output, and ending with an error."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeVar

import click

from gradtutor.cli.failures import (
    DONE,
    FAILED,
    INVALID,
    KINDS,
    MISSING,
    UNDECIDED,
    USAGE,
    Failed,
    Failure,
)
from gradtutor.cli.streams import decoded, json_text, put
from gradtutor.messages import LANGUAGES, tr
from gradtutor.printable import printable

__all__ = [
    "DONE",
    "FAILED",
    "INVALID",
    "MISSING",
    "UNDECIDED",
    "USAGE",
    "ExpressionCommand",
    "Session",
    "common_options",
    "fail",
    "read_file",
    "read_text",
    "session",
]


Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Session:
    """The options that stand before or after a command's name.

    Attributes
    ----------
    language : str or None
        ``en`` or ``zh``; where a page is not translated, it is in English.
    styled : bool
        Whether results hold escape sequences of our own, for colours.
    """

    json: bool = False
    quiet: bool = False
    seed: int | None = None
    language: str | None = None
    styled: bool = False

    def say(self, message: str) -> None:
        """Print a message to standard error, unless --quiet."""
        if not self.quiet:
            put(printable(message), sys.stderr)

    def wrote(self, path: object) -> None:
        """Say which file was written."""
        self.say(tr("wrote {name}", name=path))

    def result(self, data: dict[str, Any], text: Any) -> None:
        """Print a result: the JSON object, or the text or rich table for a person."""
        if self.json:
            put(json_text({"schema": 1} | data), sys.stdout)
        elif isinstance(text, str):
            put(text if self.styled else printable(text), sys.stdout)
        else:
            from rich.console import Console

            Console(soft_wrap=False).print(text)


def common_options(command: Command) -> Command:
    """Add every command's options; they may also stand before the command's name."""
    for option in (
        click.option(
            "--lang",
            type=click.Choice(LANGUAGES),
            help="Language of what is translated; lessons remember it.",
        ),
        click.option(
            "--seed", type=click.IntRange(min=0), help="Seed of all that is random."
        ),
        click.option("--quiet", is_flag=True, help="No messages on standard error."),
        click.option(
            "--json", "as_json", is_flag=True, help="One JSON object as result."
        ),
    ):
        command = option(command)
    return command


def session(context: click.Context) -> Session:
    """Return the options of this run, from before and after the command's name."""
    given: Session = context.find_root().obj or Session()
    own = context.params
    seed = own.get("seed")
    return Session(
        json=given.json or bool(own.get("as_json")),
        quiet=given.quiet or bool(own.get("quiet")),
        seed=given.seed if seed is None else seed,
        language=own.get("lang") or given.language,
    )


def say_reading(reading: Mapping[str, Any] | None) -> None:
    """Say how a formula was read, where it was not written as it is shown.

    Parameters
    ----------
    reading : mapping or None
        A graph's attribute ``reading``: its text, and notes on what was assumed.
    """
    context = click.get_current_context(silent=True)
    if context is None or not reading:
        return
    run = session(context)
    if reading["text"]:
        run.say(tr("reads as: {text}", text=reading["text"]))
    for note in reading["notes"]:
        run.say(f"({note})")


# ---- arguments ----


class ExpressionCommand(click.Command):
    """A command whose expression may start with a minus sign."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Move what is no option behind ``--``, where click takes it as it is."""
        takes_value = {
            name: not getattr(param, "is_flag", False)
            and not getattr(param, "count", False)
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
            for name in (*param.opts, *param.secondary_opts)
        }
        options: list[str] = []
        others: list[str] = []
        misspelt = False  # click says which option is near
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                others += rest
            elif arg in takes_value:
                options.append(arg)
                if takes_value[arg]:
                    value = next(rest, None)
                    if value is None:
                        said = tr("Option {arg!r} requires an argument.", arg=arg)
                        raise click.BadOptionUsage(arg, said, ctx)
                    options.append(value)
            elif re.fullmatch(r"--[a-z][a-z-]+(=.*)?", arg, re.DOTALL):
                options.append(arg)
                misspelt |= arg.partition("=")[0] not in takes_value
            else:
                others.append(arg)
        if not misspelt:
            self._check_quotes(ctx, others)
        return super().parse_args(ctx, [*options, "--", *others])

    def _check_quotes(self, ctx: click.Context, words: list[str]) -> None:
        """Refuse several words where one expression is meant, as y = x^2."""
        params = self.get_params(ctx)
        counts = [one.nargs for one in params if isinstance(one, click.Argument)]
        if len(words) > 1 and counts == [1]:
            raise click.UsageError(
                tr(
                    '{count} arguments are not one: put them in quotes, "{words}"',
                    count=len(words),
                    words=" ".join(words),
                ),
                ctx,
            )


#: ``net.py:Net``: a model of a program, by its name.
MODEL_OF_FILE = re.compile(r"(?P<path>.+\.(py|ipynb)):(?P<name>[^\W\d]\w*)", re.DOTALL)


def program_text(text: str) -> str:
    """Return a notebook's cells as one program; another text as it is."""
    from gradtutor.language import notebook_text

    program = re.search(r"^\s*(import|from|def|class) ", text, re.MULTILINE)
    return notebook_text(text) if text.lstrip()[:1] == "{" or program else text


def read_text(argument: str) -> str:
    """Return an argument's text: ``-`` is standard input, a path its file's content.

    A path is taken for one when it has a suffix of ours or such a file exists. For a
    network that is not there, an example that comes along may stand in. Of a notebook
    the cells of code are read; ``FILE.py:Net`` chooses a model by a last line.
    """
    if argument == "-":
        if sys.stdin is None:
            fail(
                tr("standard input is closed: - has nothing to read"),
                INVALID,
                kind="file",
            )
        return program_text(_text_of(sys.stdin.buffer, tr("standard input")))
    match = MODEL_OF_FILE.fullmatch(argument)
    if match:
        text = read_text(match["path"]).rstrip("\n")
        return f"{text}\n# model: {match['name']}\n"
    looks_like_file = re.fullmatch(
        r"[^\n()*+=]+\.(net|txt|formula|py|ipynb|onnx)", argument
    )
    path = Path(argument)
    exists = _is_readable(path)
    if re.fullmatch(r"\.{0,2}/.*|\.{1,2}|.*/", argument) and path.is_dir():
        fail(
            tr("{argument} is a folder: name a file in it", argument=argument),
            INVALID,
            kind="file",
        )
    if not looks_like_file and not exists:
        return argument
    from gradtutor.cli.examples import example_instead, no_such_file

    try:
        found = path if exists else example_instead(argument) or path
        if found.suffix.lower() == ".onnx":
            return _model_text(found)
        return program_text(read_file(found))
    except FileNotFoundError:
        fail(no_such_file(argument), INVALID, kind="file")


def _model_text(path: Path) -> str:
    """Return an ONNX model as a formula."""
    from gradtutor.exports.onnx import need_onnx, read_onnx

    need_onnx()
    return read_onnx(path).text


def read_file(path: Path) -> str:
    """Return a text file's content.

    Raises
    ------
    OSError
        When it cannot be read.
    Failed
        When it is no text, or beyond `MAX_BYTES`.
    """
    with path.open("rb") as file:
        return _text_of(file, str(path))


#: No text of ours is longer; a device that never ends must not fill the memory.
MAX_BYTES = 64_000_000


def _text_of(file: BinaryIO, name: str) -> str:
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        fail(
            tr("{name} has more than {limit:,} bytes", name=name, limit=MAX_BYTES),
            INVALID,
            kind="file",
        )
    try:
        return decoded(content)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = tr(
            "line {line}: byte {byte:#04x}", line=line, byte=content[error.start]
        )
        said = tr("{name} is not a text file (UTF-8): {place}", name=name, place=place)
        fail(said, INVALID, kind="file", line=line, hint=tr("save it as UTF-8"))


def _is_readable(path: Path) -> bool:
    """Whether there is such a file, or a pipe, as of ``<(...)`` in a shell."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode)


def no_colour() -> bool:
    """Whether colours are not wanted: https://no-color.org."""
    return bool(os.environ.get("NO_COLOR"))


# ---- errors ----


def fail(
    message: str,
    code: int,
    *,
    kind: str = "",
    line: int | None = None,
    column: int | None = None,
    hint: str = "",
    data: dict[str, Any] | None = None,
) -> NoReturn:
    """End the command with one message and its exit code.

    Parameters
    ----------
    kind : str
        A word for programs; by default it follows from the code.
    line, column : int, optional
        Where in the text, from 1.
    hint : str
        What to do, on a line of its own.
    data : dict, optional
        What else the JSON object holds.
    """
    kind = kind or KINDS[code]
    raise Failed(Failure(kind, message, code, line, column, hint, data=data or {}))
