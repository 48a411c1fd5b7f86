"""What stands on the command line as EXPRESSION: a text, a file, standard input."""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path
from typing import BinaryIO

import click

from gradtutor.cli.session import INVALID, fail
from gradtutor.cli.streams import decoded
from gradtutor.messages import tr


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
