"""A network's answers to new examples: rows, labels, and a table in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from gradtutor.train.answering import cell_value

SHOWN = 10  # rows in a cell


class Answers(list[dict[str, Any]]):
    """One dict an example, by the columns of ``gradtutor predict``."""

    @classmethod
    def read(cls, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Answers:
        """Read the rows of a table of text; what is a number becomes one."""
        return cls(dict(zip(header, map(cell_value, row), strict=True)) for row in rows)

    @property
    def labels(self) -> list[Any]:
        """The answers alone: the first column."""
        return [next(iter(row.values())) for row in self]

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in (self[0] if self else ()))
        cells = [
            "".join(f"<td>{escape(_shown(one))}</td>" for one in row.values())
            for row in self[:SHOWN]
        ]
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        more = f"<p>{len(self)} rows in all</p>" if len(self) > SHOWN else ""
        return (
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
        )


def _shown(cell: Any) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
