"""Mistakes planted in files that the rules had not seen, labels written down first.

A row: the file, the function, the labels that are right for it, and one edit or two.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit_styles import STYLES

Edit = tuple[str, str]


@dataclass(frozen=True)
class Unseen:
    """Some edits in one file.

    Attributes
    ----------
    labels : str
        The misconceptions that it may be called, apart by spaces.
    """

    file: str
    pair: str
    labels: str
    edits: tuple[Edit, ...]

    def __str__(self) -> str:
        return f"{self.pair}-{self.labels.split()[0]}"

    @property
    def source(self) -> str:
        return (STYLES / self.file).read_text(encoding="utf-8")

    @property
    def begin(self) -> int:
        """Where the function begins in the text."""
        start = 0
        for name in self.pair.split("."):
            heads = (f"class {name}", f"def {name}(")
            found = [p for p in (self.source.find(h, start) for h in heads) if p >= 0]
            start = min(found, default=start)
        return start

    def _place(self, old: str) -> int:
        place = self.source.find(old, self.begin)
        assert place >= 0, (self.file, self.pair, old)
        return place

    @property
    def text(self) -> str:
        text = self.source
        edits = [(self._place(old), old, new) for old, new in self.edits]
        for place, old, new in sorted(edits, reverse=True):
            text = text[:place] + new + text[place + len(old) :]
        return text

    @property
    def lines(self) -> list[set[int]]:
        """The lines of each edit in the edited text; if deleted, the ones around."""
        found, shift = [], 0
        for place, old, new in sorted((self._place(o), o, n) for o, n in self.edits):
            pairs = zip(old + "\n", new + "\n", strict=False)
            same = next((i for i, (a, b) in enumerate(pairs) if a != b), 0)
            line = self.source.count("\n", 0, place + same) + 1 + shift
            more = max(new.rstrip().count("\n", same), 0)
            gone = not new.strip()
            found.append(
                {line - 1, line} if gone else set(range(line, line + more + 1))
            )
            shift += new.count("\n") - old.count("\n")
        return found


def _of(file: str, pair: str, *rows: tuple[str, *tuple[Edit, ...]]) -> list[Unseen]:
    return [Unseen(file, pair, row[0], tuple(row[1:])) for row in rows]
