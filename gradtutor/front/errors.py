"""One clear exception: what the command line would say, as a ``TutorError``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from gradtutor.errors import TutorError

P = ParamSpec("P")
R = TypeVar("R")


class UsageError(TutorError):
    """Arguments that do not go together."""


def in_words(function: Callable[P, R]) -> Callable[P, R]:
    """Turn the command line's errors, and ends of programs, into ``TutorError``."""

    @wraps(function)
    def told(*args: P.args, **keywords: P.kwargs) -> R:
        try:
            return function(*args, **keywords)
        except click.ClickException as error:
            raise UsageError(error.format_message()) from None
        except SystemExit as error:  # of a loader, whose text goes into scripts
            raise UsageError(str(error.code)) from None

    return told
