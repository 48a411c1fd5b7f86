"""The result of a check: a list of rows that says at a glance whether all are right."""

from __future__ import annotations

from html import escape

from gradtutor.evaluate.numeric.comparison import Comparison
from gradtutor.evaluate.report import error_text
from gradtutor.messages import mark, tr
from gradtutor.messages.cells import aligned, cells, padded

WORDS = {True: mark("ok"), False: mark("WRONG"), None: mark("undecided")}
HEAD = (mark("input"), mark("analytic"), mark("numeric"), mark("rel. error"))


class Checked(list[Comparison]):
    """One row a gradient, as ``gradtutor check`` prints them."""

    @property
    def ok(self) -> bool | None:
        """Whether all are right; None where one cannot be decided."""
        found = [row.ok for row in self]
        return False if False in found else None if None in found else True

    def __repr__(self) -> str:
        """Return the table."""
        rows = [_head(), *map(_cells, self)]
        widths = [max(cells(row[i]) for row in rows) for i in range(4)]
        lines = ["  ".join([*_aligned(row, widths), row[4]]).rstrip() for row in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Show the table in a cell."""
        head = "".join(f"<th>{escape(word)}</th>" for word in _head())
        body = "".join(
            "<tr>"
            + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row))
            + "</tr>"
            for row in self
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    right = [aligned(row[i], widths[i]) for i in (1, 2, 3)]
    return [padded(row[0], widths[0]), *right]


def _head() -> tuple[str, ...]:
    return (*map(tr, HEAD), "")


def _cells(row: Comparison) -> tuple[str, ...]:
    word = tr(WORDS[row.ok]) + (f": {row.note}" if row.note else "")
    numbers = f"{row.analytic:.8g}", f"{row.numeric:.8g}"
    return (row.name, *numbers, error_text(row.relative_error), word)
