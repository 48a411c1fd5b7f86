"""How the classes share the rows of a data set, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradtutor.messages import tr

SHOWN = 6  # classes that a note names one by one
#: From this share of the rows on, one class hides how the others do.
MOST = 0.9


def balance(labels: Sequence[str | float]) -> str:
    """Say how many rows each class has, and whether one has nearly all.

    >>> balance([0, 1, 1])
    '2 classes: 0 in 1, 1 in 2 rows'
    """
    counts = Counter(labels)
    most, many = counts.most_common(1)[0]
    share = many / len(labels)
    if share >= MOST:
        return tr(
            "{many:.3g} % of the rows are class {shown}: answering so always "
            "has accuracy {many2:.4f}; look at each class's recall",
            many=100 * share,
            shown=repr(most) if isinstance(most, str) else _named(most),
            many2=share,
        )
    if len(counts) <= SHOWN:
        rows = ((tr("{label} in {count}", label=_named(label), count=count))
                for label, count in sorted(counts.items()))  # fmt: skip
        return tr(
            "{count} classes: {each} rows", count=len(counts), each=", ".join(rows)
        )
    low, high = min(counts.values()), max(counts.values())
    each = f"{low:,}" if low == high else tr("{low:,} to {high:,}", low=low, high=high)
    return tr("{count} classes of {each} rows", count=len(counts), each=each)


def _named(label: str | float) -> str:
    if isinstance(label, str):
        return label
    return str(int(label)) if label == int(label) else f"{label:g}"
