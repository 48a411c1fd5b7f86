"""The class's grades: a table, totals, and which misconceptions are most frequent."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from html import escape

from gradtutor.teach.misconceptions import title
from gradtutor.teach.words import before, say
from gradtutor.teach.work import Row

MOST = 12  # bars in the picture
BAR, LEFT, WIDTH = 26, 330, 820  # pixels


@dataclass(frozen=True)
class Summary:
    """What a teacher looks at first.

    Attributes
    ----------
    totals : dict
        Points of each student.
    misconceptions : list
        Each with how many students have it, the most frequent first.
    titles : dict
        What each misconception is called in the language of the sheets.
    """

    students: int
    of: float
    totals: dict[str, float]
    verdicts: dict[str, int]
    misconceptions: list[tuple[str, int]]
    titles: dict[str, str]


def report_csv(rows: Sequence[Row], language: str) -> str:
    """Return a line for each student and exercise; no cell starts a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([say(language, f"head {field.name}") for field in fields(Row)])
    for row in rows:
        named = row.misconception and title(row.misconception, language, row.feedback)
        verdict = say(language, f"verdict {row.verdict}")
        told = replace(row, verdict=verdict, misconception=named)
        writer.writerow([_cell(value) for value in astuple(told)])
    return stream.getvalue()


def _cell(value: object) -> object:
    """Return a cell that a spreadsheet shows as text and does not compute."""
    if isinstance(value, float):
        return f"{value:g}"
    starts = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t")
    return f"'{value}" if starts else value


def summary(rows: Sequence[Row], of: float, language: str) -> Summary:
    """Count points, verdicts and misconceptions; strangers are no students."""
    totals: dict[str, float] = {}
    titles: dict[str, str] = {}
    pairs = set()
    for row in rows:
        if not row.exercise:
            continue
        totals[row.student] = round(totals.get(row.student, 0.0) + row.points, 2)
        if row.misconception:
            name = row.misconception
            titles.setdefault(name, title(name, language, row.feedback))
            pairs.add((name, row.student))
    counted = Counter(name for name, _ in pairs)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    verdicts = dict(Counter(row.verdict for row in rows))
    return Summary(len(totals), of, totals, verdicts, ordered, titles)


def summary_svg(found: Summary, language: str) -> str:
    """Draw the most frequent misconceptions as bars, with their counts."""
    bars = found.misconceptions[:MOST]
    height = 70 + BAR * max(len(bars), 1)
    most = max((count for _, count in bars), default=1)
    scale = (WIDTH - LEFT - 60) / most
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="14">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="16" y="30" font-size="17">{escape(say(language, "common"))}</text>',
    ]
    for n, (name, count) in enumerate(bars):
        y, long = 50 + BAR * n, max(count * scale, 2)
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">'
            f"{escape(found.titles[name])}</text>",
            f'<rect x="{LEFT}" y="{y}" width="{long:.0f}" height="{BAR - 8}" '
            'fill="#2a78b8"/>',
            f'<text x="{LEFT + long + 8:.0f}" y="{y + 14}">{count}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])


def summary_text(found: Summary, language: str) -> str:
    """Return the summary for a terminal."""
    points = list(found.totals.values())
    mean = sum(points) / len(points) if points else 0.0
    lines = [
        say(language, "students", count=found.students),
        say(language, "mean", mean=f"{mean:.3g}", of=f"{found.of:g}"),
    ]
    if found.misconceptions:
        lines.append(before(say(language, "common")).rstrip())
        lines += [
            f"  {count:>4}  {found.titles[name]}"
            for name, count in found.misconceptions[:MOST]
        ]
    return "\n".join(lines)
