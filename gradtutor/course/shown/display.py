"""Markdown for people: wrapped by display width, styled on a terminal, plain elsewhere.

>>> wrap("梯度 is a vector", 8)
['梯度 is', 'a vector']
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

WIDTH = 80
#: Signs that must not begin, or end, a line of Chinese.
CLOSING = "，。！？；：、）】》〉”’,.;:!?)]}…"
OPENING = "（【《〈“‘([{"
PUNCTUATION = "，。！？；：、）】》〉”’（【《〈“‘…—"
WIDE = "\u2e80-\u303f\u3040-\u9fff\uac00-\ud7af\uff00-\uff60“”‘’…—"
TOKEN = re.compile(rf"`[^`]+`|\s+|[{WIDE}]|[^\s{WIDE}`]+|`")
#: What Markdown would read as the beginning of a list, a quotation or a heading.
MARK = re.compile(r"[-+*>#=|]+|\d+[.)]|[a-z]\)")
ITEM = re.compile(r"(\s*)([-*+]|\d+[.)]|[a-z]\))(\s+)(.*)")
FENCE = re.compile(r" {0,3}(```|~~~)")


def wrap(text: str, width: int) -> list[str]:
    """Break a paragraph into lines of at most so many columns.

    A line begins with no closing sign and with nothing that Markdown takes for the
    mark of a list or heading, and it ends with no opening sign.
    """
    lines: list[list[str]] = [[]]
    used = 0
    for token in TOKEN.findall(" ".join(text.split())):
        size = cell_len(token)
        if lines[-1] and used + cell_len(token.rstrip()) > width:
            lines.append(_carried(lines[-1], token))
            used = sum(map(cell_len, lines[-1]))
        if lines[-1] or token.strip():
            lines[-1].append(token)
            used += size
    return ["".join(line).strip() for line in lines if "".join(line).strip()] or [""]


def _carried(line: list[str], token: str) -> list[str]:
    """Take from a line's end what has to stand before the token that does not fit."""
    taken: list[str] = []
    first = token
    while len(line) > 1 and (_stays(first) or not _ends(line[-1])):
        taken.insert(0, line.pop())
        first = taken[0]
    if not line[0].strip() or (len(line) == 1 and not _ends(line[0])):
        line += taken  # nowhere to break: the line is too long, as it must be
        taken = []
    return taken


def _stays(token: str) -> bool:
    """Whether a token cannot begin a line; a space would vanish there."""
    return not token.strip() or token[0] in CLOSING or bool(MARK.fullmatch(token))


def _ends(token: str) -> bool:
    """Whether a line can be broken after a token."""
    return token[-1] not in OPENING and (token.isspace() or _is_wide(token[-1]))


def _is_wide(char: str) -> bool:
    return re.match(f"[{WIDE}]", char) is not None


def wrapped_markdown(text: str, width: int = WIDTH, end: str = "") -> str:
    """Wrap the paragraphs and lists of Markdown; tables, code and headings stay.

    Parameters
    ----------
    end : str
        What ends a line that was broken: two spaces make Markdown keep the break.
    """
    lines = []
    for first, rest, body in _blocks(text):
        if body is None:
            lines += broken_command(first, width)
            continue
        pieces = wrap(body, width - cell_len(first)) or [""]
        shown = [first + pieces[0], *[rest + piece for piece in pieces[1:]]]
        last = end if first.rstrip().endswith(")") else ""  # no list of Markdown's
        lines += [f"{line}{end}" for line in shown[:-1]] + [shown[-1] + last]
    return "\n".join(lines)


def broken_command(line: str, width: int) -> list[str]:
    r"""Break a long shell command at its blanks, so that a shell reads it as before.

    A backslash at a line's end joins it to the next, in double quotes too.

    >>> broken_command('$ gradtutor render "q = x + y; f = q*z" --at x=1', 30)
    ['$ gradtutor render "q = x + \\', '  y; f = q*z" --at x=1']
    """
    if not line.startswith("$ ") or cell_len(line) <= width or "'" in line:
        return [line]
    first, *words = line.split(" ")
    lines = [first]
    for word in words:
        if cell_len(f"{lines[-1]} {word} \\") > width:
            lines[-1] += " \\"
            lines.append(" ")
        lines[-1] += f" {word}"
    return lines


def _blocks(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield what stands before a block's first line, before the others, and its words.

    A line that is not to be wrapped comes alone, its words None.
    """
    before, rest, words = "", "", ""
    fenced = False
    for line in [*text.splitlines(), ""]:
        mark = FENCE.match(line)
        item = ITEM.fullmatch(line)
        fixed = fenced or mark or not line.strip() or line.lstrip()[:1] in "#|>"
        fixed = fixed or (not words and line.startswith("    "))  # indented code
        if (fixed or item) and words:
            yield before, rest, words
            before, rest, words = "", "", ""
        if mark:
            fenced = not fenced
        if fixed:
            yield line, "", None
        elif item:
            before = f"{item[1]}{item[2]}{item[3]}"
            rest, words = " " * len(before), item[4]
        else:
            words = _joined(words, line.strip())


def _joined(words: str, line: str) -> str:
    """Join two lines of a paragraph; beside Chinese punctuation comes no space."""
    if not words:
        return line
    ends = words[-1], line[0]
    tight = all(map(_is_wide, ends)) or any(char in PUNCTUATION for char in ends)
    return f"{words}{line}" if tight else f"{words} {line}"
