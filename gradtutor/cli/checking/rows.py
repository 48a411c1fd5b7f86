"""A gradient beside finite differences, as a row: of a formula, of a person's code."""

from __future__ import annotations

from gradtutor.messages import tr
from gradtutor.messages.cells import aligned, padded


def head(name: str, given: str) -> str:
    """Write the heads of the columns: what is compared, and whose gradient it is."""
    heads = ((given, 14), (tr("numeric"), 14), (tr("rel. error"), 11))
    return " ".join([padded(name, 12), *(aligned(h, w) for h, w in heads)])


def row_text(
    name: str,
    given: float,
    numeric: float,
    relative_error: float,
    *,
    ok: bool | None,
    note: str = "",
) -> str:
    """Write a gradient, its finite difference, how far they are apart, the verdict."""
    from gradtutor.evaluate.report import error_text

    word = {True: tr("ok"), False: tr("WRONG"), None: tr("undecided")}[ok]
    numbers = f"{given:>14.8g} {numeric:>14.8g} {error_text(relative_error):>11}"
    return f"{name:<12} {numbers}  {word}{f'  {note}' if note else ''}"
