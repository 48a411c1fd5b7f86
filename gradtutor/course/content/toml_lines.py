"""A TOML file with the line of every key, so that a message can point at it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtutor.course.content.problems import ContentError, Problem
from gradtutor.messages import tr

#: A place in a file: keys, and positions in arrays of tables.
Place = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]")
KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


@dataclass(frozen=True)
class TomlFile:
    """What a file says, and where.

    Attributes
    ----------
    data : dict
        The content, as ``tomllib`` reads it.
    lines : dict
        The line of each key and table.
    """

    path: Path
    data: dict[str, Any]
    lines: dict[Place, int]

    def line(self, *place: str | int) -> int:
        """Return the line of a key, or of the nearest table around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, message: str, hint: str = "") -> Problem:
        """Make a finding that points at a key."""
        return Problem(self.path, self.line(*place), message, hint)


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file.

    Raises
    ------
    ContentError
        When it is missing or no TOML, with the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ContentError([Problem(path, 1, tr("there is no such file"))]) from None
    except UnicodeDecodeError:
        raise ContentError([Problem(path, 1, tr("not a text file (UTF-8)"))]) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = re.sub(r" \(at .*\)$", "", str(error))
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise ContentError(
            [Problem(path, line, tr("no TOML: {message}", message=message))]
        ) from None
    return TomlFile(path, data, _lines(text))


def _lines(text: str) -> dict[Place, int]:
    """Find the lines of headers and keys; TOML's own reader does not tell them."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = _table(header[2].split("."), header[1] == "[[", counts)
            lines.setdefault(table, number)
        elif key := KEY.match(line):
            parts = tuple(part.strip("\"'") for part in key[1].split("."))
            for end in range(1, len(parts) + 1):
                lines.setdefault((*table, *parts[:end]), number)
    return lines


def _table(names: list[str], repeated: bool, counts: dict[Place, int]) -> Place:
    """Return a header's place: ``[[question.mistake]]`` is in the last question."""
    place: Place = ()
    for position, name in enumerate(names):
        place = (*place, name.strip("\"'"))
        if repeated and position == len(names) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place
