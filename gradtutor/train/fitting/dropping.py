"""Rows with a missing cell, left out as a program's dropna() does it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.loaders.columns import missing, without_gaps
from gradtutor.train.model import DataError, Raw

DROP = "drop"


def without_gaps_in(raw: Raw, choices: Choices) -> tuple[Raw, Choices, tuple[str, ...]]:
    """Return the data and the choices without rows that miss a cell, where asked.

    The third is the columns that were looked at; none where no row was left out.

    Raises
    ------
    DataError
        When every row misses one.
    """
    if choices.fill != DROP:
        return raw, choices, ()
    choices = replace(choices, fill="")
    names = tuple(name for name in raw.columns if name not in choices.drop)
    names = names or tuple(name for name in raw.table if name)
    gone = np.logical_or.reduce([missing(raw.table, name) for name in names])
    if not gone.any():
        return raw, choices, ()
    if gone.all():
        raise DataError(tr("every row misses a cell: --fill mean fills them"))
    note = tr(
        "{gone} of {rows} rows miss a cell and are left out", gone=gone.sum(),
        rows=len(gone),
    )  # fmt: skip
    table = without_gaps(raw.table, names)
    return replace(raw, table=table, notes=(*raw.notes, note)), choices, names
