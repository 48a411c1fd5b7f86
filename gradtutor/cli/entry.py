"""The way in and out: one place where every error becomes a message and a code."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NoReturn

import click

from gradtutor.cli.failures import DONE, Failure, failure_of
from gradtutor.cli.helping import helping
from gradtutor.cli.streams import (
    drop_output,
    flush_output,
    in_utf8,
    json_text,
    prepare_streams,
    put,
)
from gradtutor.messages import LANGUAGES, chosen, speaking
from gradtutor.printable import printable


class TutorGroup(click.Group):
    """Turns every error into one message, with --json one object, and an exit code."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command; nobody is shown a traceback."""
        prepare_streams()
        if args is None and not sys.warnoptions:  # a person's shell, and no test
            warnings.simplefilter("ignore")
        words = [in_utf8(word) for word in (sys.argv[1:] if args is None else args)]
        with speaking(asked_language(words)), helping(self):
            self._run(words, *rest, **extra)

    def _run(self, words: list[str], *rest: Any, **extra: Any) -> NoReturn:
        try:
            code = super().main(words, *rest, **extra | {"standalone_mode": False})
            flush_output()
        except BrokenPipeError:  # the reader, such as head, has seen enough
            drop_output()
            sys.exit(DONE)
        except BaseException as error:
            if isinstance(error, SystemExit) and not isinstance(error.code, str):
                raise
            sys.exit(report(error, as_json=wants_json(words)))
        sys.exit(code if isinstance(code, int) else DONE)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a stray end of file is not a person's Ctrl-D."""
        try:
            return super().invoke(ctx)
        except EOFError as error:
            raise RuntimeError("a file ended too early") from error


def wants_json(words: Sequence[str]) -> bool:
    """Whether --json stands among the options; known before they are read."""
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def asked_language(words: Sequence[str]) -> str:
    """Return the language of --lang, known before the options are read, or the other's.

    >>> asked_language(["diff", "--lang=zh", "x^2"])
    'zh'
    """
    options = words[: words.index("--")] if "--" in words else words
    asked = [
        one.removeprefix("--lang=") for one in options if one.startswith("--lang=")
    ]
    asked += [value for option, value in pairwise(options) if option == "--lang"]
    return next((one for one in asked if one in LANGUAGES), chosen(None, os.environ))


def report(error: BaseException, *, as_json: bool) -> int:
    """Print why a command ends, and return its exit code."""
    failure = failure_of(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        drop_output()
    try:
        put(printable(failure.shown()), sys.stderr)
        if as_json:
            _print_object(failure)
    except OSError:  # nobody reads, or nothing fits
        pass
    return failure.code


def _print_object(failure: Failure) -> None:
    put(json_text(failure.to_json()), sys.stdout)
    flush_output()
