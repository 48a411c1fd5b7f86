"""What can be wrong with a text: each with its place, a caret and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gradtutor.errors import TutorError
from gradtutor.graph import Span
from gradtutor.messages import tr
from gradtutor.messages.cells import cells
from gradtutor.printable import printable

#: A source line longer than this is shown only around the mistake.
SHOWN_WIDTH = 76


class SourceError(TutorError):
    """A mistake in a person's text.

    Parameters
    ----------
    message : str
        What is wrong, in one line.
    source : str
        The whole text.
    span : tuple of int
        Where in it, as character offsets (start, end).
    hint : str
        What to do about it.
    """

    def __init__(self, message: str, source: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.source, self.span, self.hint = message, source, span, hint

    @property
    def line(self) -> int:
        """Line of the mistake, from 1."""
        return self.source.count("\n", 0, self.span[0]) + 1

    @property
    def column(self) -> int:
        """Column of the mistake, from 1, in characters."""
        return self.span[0] - (self.source.rfind("\n", 0, self.span[0]) + 1) + 1

    def __str__(self) -> str:
        """Return the message, the line it speaks of and a caret under the place."""
        start = self.span[0] - self.column + 1
        text = self.source[start:].split("\n", 1)[0].replace("\t", " ")
        width = max(1, min(self.span[1], start + len(text)) - self.span[0])
        column = self.column - 1
        if len(text) > SHOWN_WIDTH:
            cut = max(0, column - SHOWN_WIDTH // 2)
            text, column = text[cut : cut + SHOWN_WIDTH], column - cut
            width = min(width, SHOWN_WIDTH - column)
        marked = text[column : column + width]
        caret = " " * cells(text[:column]) + "^" * max(1, cells(marked))
        place = tr(
            "line {line}, column {column}: {message}",
            line=self.line,
            column=self.column,
            message=self.message,
        )
        lines = [place, f"  {text}", f"  {caret}", *[self.hint] * bool(self.hint)]
        return printable("\n".join(lines))


class FormulaSyntaxError(SourceError):
    """Text that is no formula: a missing operand, an unclosed parenthesis."""


class NotInLanguageError(SourceError):
    """Python that is not in the language: strings, lambdas, attributes, loops."""


class UnknownNameError(SourceError):
    """A gate, layer or input that does not exist."""


class ArgumentError(SourceError):
    """A call with the wrong arguments."""


class LimitError(SourceError):
    """Text beyond the limits that keep a hostile input harmless."""


class SourceShapeError(SourceError):
    """Shapes that do not fit each other.

    Attributes
    ----------
    widths : tuple of int
        How many features a layer wants and how many it gets, where that is the matter.
    """

    widths: tuple[int, int] | None = None


def near(name: str, names: Iterable[str]) -> str:
    """Return a hint naming the spelling that was probably meant, or nothing.

    >>> near("sigmiod", ["sigmoid", "sin"])
    'did you mean sigmoid?'
    """
    found = near_name(name, names)
    return tr("did you mean {name}?", name=found) if found else ""


def near_name(name: str, names: Iterable[str]) -> str:
    """Return the spelling that was probably meant, or nothing.

    >>> near_name("sigmiod", ["sigmoid", "sin"])
    'sigmoid'
    """
    exact: dict[str, str] = {}
    for one in names:  # of ReLU and relu, the name that comes first
        exact.setdefault(one.lower(), one)
    found = difflib.get_close_matches(name.lower(), exact, n=1)
    return exact[found[0]] if found else ""
