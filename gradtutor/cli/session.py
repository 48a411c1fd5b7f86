"""What every command shares: options, arguments, output, and ending with an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

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
from gradtutor.cli.streams import json_text, put
from gradtutor.messages import LANGUAGES, tr
from gradtutor.printable import printable

__all__ = [
    "DONE",
    "FAILED",
    "INVALID",
    "MISSING",
    "UNDECIDED",
    "USAGE",
    "Session",
    "common_options",
    "fail",
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
