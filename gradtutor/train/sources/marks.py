"""Marks within numbers: currencies, percent signs, what stands between thousands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gradtutor.messages import tr

#: What stands before or behind a number and says its unit.
UNITS = "$€£¥₹￥%"


def _number(thousands: str, decimal: str) -> re.Pattern[str]:
    """Return what a number looks like: a sign, a unit before or behind, decimals."""
    digits = rf"(\d{{1,3}}([{thousands} '’\u00a0\u202f]\d{{3}})+|\d+)"
    before, behind = rf"[-+]?[{UNITS}]?\s?[-+]?", rf"\s?[{UNITS}]?"
    return re.compile(rf"{before}{digits}([{decimal}]\d+)?{behind}")


NUMBERS = {".": _number(",", "."), ",": _number(".", ",")}


def marks_of(
    columns: Mapping[str, Sequence[str]], decimal: str = "."
) -> dict[str, str]:
    """Return the marks that columns of numbers have, such as ``$,`` in $1,250.00.

    Parameters
    ----------
    columns : mapping
        Cells of text by the columns' names.
    decimal : str
        What stands before decimals, a point or a comma.
    """
    found = {name: _marks(cells, decimal) for name, cells in columns.items()}
    return {name: marks for name, marks in found.items() if marks}


def _marks(cells: Sequence[str], decimal: str) -> str:
    """Return the marks of one column: most of its cells must be numbers with them."""
    whole = NUMBERS[decimal]
    texts = [cell.strip() for cell in cells]
    given = [cell for cell in texts if any(map(str.isdigit, cell))]
    read = [cell for cell in given if whole.fullmatch(cell)]
    if not read or len(read) < 0.9 * len(given) or len(given) < 0.5 * len(cells):
        return ""
    if decimal == "," and not any("," in cell for cell in read):
        read = [cell for cell in read if cell.count(".") != 1]  # 1.250: a decimal point
    kept = set("0123456789+-" + decimal)
    return "".join(sorted({mark for cell in read for mark in cell} - kept))


def told_marks(
    table: Mapping[str, Sequence[str]], marks: Mapping[str, str]
) -> Iterator[str]:
    """Say what each column's numbers are read as."""
    for name, left_out in marks.items():
        cell = next(one for one in table[name] if set(one) & set(left_out))
        number = cell.translate(str.maketrans("", "", left_out)).strip()
        yield tr(
            "column {name!r}: {cell} is read as {number}",
            name=name,
            cell=cell.strip(),
            number=number,
        )
