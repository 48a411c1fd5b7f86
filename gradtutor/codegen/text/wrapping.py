"""Break long lines as the formatter does, so that a script is formatted at once."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable

WIDTH = 88


def wrapped(lines: Iterable[str], indent: int = 4) -> list[str]:
    """Return lines of at most 88 characters with this indent in front."""
    result: list[str] = []
    for line in lines:
        margin = len(line) - len(line.lstrip())
        short = len(line) <= WIDTH - indent
        broken = [line] if short else _broken(line.lstrip(), indent + margin)
        result += broken if short else [" " * margin + part for part in broken]
    return result


def _broken(line: str, indent: int) -> list[str]:
    """Break a call or an assignment at its outermost brackets, as ruff format does."""
    if line.startswith("#"):
        return _comment(line, WIDTH - indent)
    head, inside, tail = _last_bracket(line)
    if not inside:
        return [line]
    middle = f"    {inside}"
    if len(middle) <= WIDTH - indent:
        return [head, middle, tail]
    if head.endswith("= ("):  # no call: a comma would make a tuple
        return [head, *_terms(inside), tail]
    parts = [f"    {part}," for part in _arguments(inside)]
    broken = [one for part in parts for one in _inner(part, indent)]
    return [head, *broken, tail]


def _terms(inside: str) -> list[str]:
    """Break a sum before its outer signs."""
    lines, start, depth = list[str](), 0, 0
    for place, char in enumerate(inside):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and place and inside[place : place + 3] in (" + ", " - "):
            lines.append(inside[start:place])
            start = place + 1
    return [f"    {part}" for part in [*lines, inside[start:]]]


def _comment(line: str, width: int) -> list[str]:
    """Break a comment; the shape at its end, after two blanks, stays whole."""
    text, _, shape = line.rpartition("  ")
    lines = textwrap.wrap(text or line, width, subsequent_indent="#   ")
    if text and len(lines[-1]) + 2 + len(shape) <= width:
        return [*lines[:-1], f"{lines[-1]}  {shape}"]
    return [*lines, f"#   {shape}"] if text else lines


def _inner(part: str, indent: int) -> list[str]:
    """Break one argument again if it is still too long."""
    if len(part) <= WIDTH - indent:
        return [part]
    head, inside, tail = _last_bracket(part.strip().removesuffix(","))
    return [f"    {head}", f"        {inside}", f"    {tail},"] if inside else [part]


def _last_bracket(line: str) -> tuple[str, str, str]:
    """Split ``f(a, b)`` into ``f(``, ``a, b`` and ``)``, at the line's last bracket."""
    if not line.endswith(")"):
        return (
            (f"{line.split(' = ', 1)[0]} = (", line.split(" = ", 1)[1], ")")
            if (" = " in line)
            else ("", "", "")
        )
    depth = 0
    for place in range(len(line) - 1, -1, -1):
        depth += {")": 1, "]": 1, "(": -1, "[": -1}.get(line[place], 0)
        if depth == 0:
            return line[: place + 1], line[place + 1 : -1], ")"
    return "", "", ""


def _arguments(inside: str) -> list[str]:
    """Split the text of arguments at its outer commas."""
    call = ast.parse(f"f({inside})", mode="eval").body
    assert isinstance(call, ast.Call)
    source = f"f({inside})"
    nodes = [*call.args, *(keyword for keyword in call.keywords)]
    return [ast.get_source_segment(source, node) or "" for node in nodes]
