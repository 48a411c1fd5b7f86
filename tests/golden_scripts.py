"""Golden scripts: one whole a back end, and of the others what differs from it.

A script's parts are what two blank lines part: functions, classes, tables. A part that
stands in the whole script word for word is told by its first line and `AS_THERE`, so
that a golden text still says which parts a script has, and in which order. Write them
anew by one process (``pytest --rewrite -n 0``): the whole ones come first.
"""

from __future__ import annotations

from places import TESTS

GOLDEN = TESTS / "golden" / "scripts"
AS_THERE = "  # as in "
BETWEEN = "\n\n\n"


def assert_golden(text: str, name: str, base: str | None, rewrite: bool) -> None:
    """Compare a script with the golden text of this name, or write that anew."""
    told = differing(text, base) if base else text
    golden = GOLDEN / f"{name}.py.txt"
    if rewrite:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def differing(text: str, base: str) -> str:
    """Return a script with those parts told by a line that the base has as well."""
    whole = (GOLDEN / f"{base}.py.txt").read_text(encoding="utf-8")
    known = set(whole.rstrip("\n").split(BETWEEN))
    parts = text.rstrip("\n").split(BETWEEN)
    return BETWEEN.join(_told(part, base, known) for part in parts) + "\n"


def _told(part: str, base: str, known: set[str]) -> str:
    lines = part.splitlines()
    first = next((line for line in lines if line[:1] != "@"), lines[0])
    return f"{first}{AS_THERE}{base}" if part in known and len(lines) > 1 else part
