"""What every command shares: options, output, errors and their exit codes."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

DONE, FAILED, USAGE, INVALID, MISSING, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

#: Exit codes by the name of the error's class, so that nothing is imported here.
EXIT_CODES = {
    "MissingEngineError": MISSING,
    "MissingPackageError": MISSING,
    "TrainingError": FAILED,
}

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Session:
    """The options that stand before or after a command's name."""

    json: bool = False
    quiet: bool = False
    seed: int | None = None

    def say(self, message: str) -> None:
        """Print a message to standard error, unless --quiet."""
        if not self.quiet:
            click.echo(message, err=True)

    def result(self, data: dict[str, Any], text: Any) -> None:
        """Print a result: the JSON object, or the text or rich table for a person."""
        if self.json:
            click.echo(json.dumps({"schema": 1} | data, ensure_ascii=False))
        elif isinstance(text, str):
            click.echo(text)
        else:
            from rich.console import Console

            Console(soft_wrap=False).print(text)


def common_options(command: Command) -> Command:
    """Add --json, --quiet and --seed; they may also stand before the command's name."""
    for option in (
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
        run.say(f"reads as: {reading['text']}")
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
                    options += [
                        value for value in [next(rest, None)] if value is not None
                    ]
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
                f"{len(words)} arguments are not one: put them in quotes, "
                f'"{" ".join(words)}"',
                ctx,
            )


def read_text(argument: str) -> str:
    """Return an argument's text: ``-`` is standard input, a path its file's content.

    A path is taken for one when it has a suffix of ours or such a file exists. For a
    network that is not there, an example that comes along may stand in.
    """
    if argument == "-":
        return sys.stdin.read()
    looks_like_file = re.fullmatch(r"[^\n()*+=]+\.(net|txt|formula|py)", argument)
    try:
        exists = len(argument) < 4096 and Path(argument).is_file()
    except (OSError, ValueError):
        exists = False
    if not looks_like_file and not exists:
        return argument
    from gradtutor.cli.examples import example_instead, no_such_file

    try:
        path = Path(argument) if exists else example_instead(argument)
        return (path or Path(argument)).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        fail(no_such_file(argument), INVALID)
    except UnicodeDecodeError:
        fail(f"{argument} is not a text file (UTF-8)", INVALID)


# ---- errors ----


def fail(message: str, code: int) -> NoReturn:
    """Print one error and end with its exit code."""
    click.echo(f"gradtutor: {message}", err=True)
    raise click.exceptions.Exit(code)


class TutorGroup(click.Group):
    """Turns every foreseen error into one message and the right exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run; never show a traceback for a person's mistake."""
        try:
            code = super().main(*args, **extra | {"standalone_mode": False})
            sys.stdout.flush()  # a full disk must be noticed here, not at exit
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            click.echo("gradtutor: interrupted", err=True)
            sys.exit(INTERRUPTED)
        except BrokenPipeError:  # the reader, such as head, has seen enough
            _drop_output()
            sys.exit(DONE)
        except (ValueError, OSError, MemoryError) as error:
            click.echo(f"gradtutor: {describe(error)}", err=True)
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                _drop_output()
            sys.exit(EXIT_CODES.get(type(error).__name__, INVALID))
        sys.exit(code if isinstance(code, int) else DONE)


def _drop_output() -> None:
    """Send what is left in standard output's buffer nowhere; Python would retry it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def describe(error: BaseException) -> str:
    """Say what went wrong and, where the error knows it, where and what to do."""
    from gradtutor.evaluate import MissingValueError
    from gradtutor.graph import ShapeError

    if isinstance(error, ShapeError) and error.source:
        from gradtutor.language import SourceShapeError

        return str(SourceShapeError(str(error), error.source, error.span or (0, 1)))
    if isinstance(error, MissingValueError):
        return f"{error}: add --at {error.name}=..."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full: {error.filename or 'nothing was written'}"
    if isinstance(error, OSError) and error.strerror:
        return (
            f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        )
    if isinstance(error, MemoryError):
        return "not enough memory for this graph"
    return str(error)
