"""Take a script apart into code and comments; say the comments in Chinese."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from gradtutor.codegen.comments.sentences import messages, said
from gradtutor.codegen.text.wrapping import WIDTH
from gradtutor.messages.cells import paragraph

RULER = re.compile(r"# ---- (.*) ----")
#: A command with what it does, columns apart: `python train.py      train`.
USAGE = re.compile(r"(\s*\S.*?\s{2,})(\S.*)")
#: A string on one line, and whether it holds code.
STRING = re.compile(r'(?P<f>f?)"(?P<text>[^"\\]*)"')
START = 'if __name__ == "__main__":\n'
#: Chinese never ends a script on a terminal that has no such letters.
SAFE = """\
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # 终端没有的字写成转义
"""
#: Arguments of argparse that a person reads.
READ = {"help", "description"}


@dataclass(frozen=True)
class Edit:
    """Lines of a script, from 1 and with both ends, and what stands there instead."""

    first: int
    last: int
    lines: tuple[str, ...]


def in_chinese(script: str) -> str:
    """Return a script with its comments, --help and messages in Chinese.

    Every other token stays as it is, and so does the code inside of a message. A
    comment that the list of sentences lacks, as `z1 = X @ W1`, stays too.

    Parameters
    ----------
    script : str
        Python, as `training_script` makes it.
    """
    lines = _with_messages(script).split("\n")
    lines = _edited(lines, _help_edits(lines, ast.parse("\n".join(lines))))
    script = "\n".join(lines)
    edits = [*_docstring_edits(lines, ast.parse(script)), *_comment_edits(script)]
    return "\n".join(_edited(lines, edits))


def _edited(lines: list[str], edits: Sequence[Edit]) -> list[str]:
    for edit in sorted(edits, key=lambda edit: -edit.first):
        lines = [*lines[: edit.first - 1], *edit.lines, *lines[edit.last :]]
    return lines


# ---- what is said as it runs ----


def _with_messages(script: str) -> str:
    """Say the strings that are messages in Chinese; their code stays."""
    lines = script.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(script).readline))
    for token in reversed(tokens):
        match = (
            STRING.fullmatch(token.string) if token.type == tokenize.STRING else None
        )
        chinese = messages().get(match["text"]) if match else None
        if match and chinese is not None:
            row, (start, end) = token.start[0] - 1, (token.start[1], token.end[1])
            said_anew = f'{match["f"]}"{chinese}"'
            lines[row] = lines[row][:start] + said_anew + lines[row][end:]
    return "\n".join(lines).replace(START, START + SAFE)


# ---- docstrings ----


def _docstring_edits(lines: list[str], tree: ast.Module) -> Iterator[Edit]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            continue
        match node.body[:1]:
            case [ast.Expr(ast.Constant(str())) as found]:
                last = found.end_lineno or found.lineno
                text = "\n".join(lines[found.lineno - 1 : last])
                new = _docstring(text, found.col_offset)
                yield Edit(found.lineno, last, tuple(new.split("\n")))


def _docstring(text: str, indent: int) -> str:
    """Say each paragraph of a docstring anew; its quotes stay."""
    start = text.index('"""') + 3
    body, margin = text[start : text.rindex('"""')], " " * indent
    closed = "\n" + margin if body.rstrip(" ").endswith("\n") else ""
    parts = re.split(r"\n[ ]*\n", body.rstrip())
    new = [_paragraph(part, margin) for part in parts]
    return text[:start] + "\n\n".join(new).removeprefix(margin) + closed + '"""'


def _paragraph(text: str, margin: str) -> str:
    """Say a paragraph, or each of its lines where those are commands."""
    chinese = said(" ".join(text.split()))
    if chinese is None:
        return "\n".join(_usage(line) for line in text.split("\n"))
    return "\n".join(_line(line, margin) for line in chinese.split("\n"))


def _line(text: str, margin: str) -> str:
    own = text[: len(text) - len(text.lstrip())]
    return paragraph(text.lstrip(), WIDTH - 3, margin + own)


def _usage(line: str) -> str:
    match = USAGE.fullmatch(line)
    chinese = said(match[2]) if match else None
    return match[1] + chinese if match and chinese else line


# ---- comments ----


def _comment_edits(script: str) -> Iterator[Edit]:
    """Yield comments of their own, those below each other as one, and others."""
    lines = script.split("\n")
    tokens = tokenize.generate_tokens(io.StringIO(script).readline)
    found = [t for t in tokens if t.type == tokenize.COMMENT]
    alone = [t for t in found if not lines[t.start[0] - 1][: t.start[1]].strip()]
    for token in found:
        chinese = said(token.string.lstrip("# ")) if token not in alone else None
        if chinese:
            line = lines[token.start[0] - 1][: token.start[1]]
            yield Edit(token.start[0], token.start[0], (f"{line}# {chinese}",))
    for _, group in groupby(enumerate(alone), lambda pair: pair[1].start[0] - pair[0]):
        yield from _block([token for _, token in group])


def _block(tokens: list[tokenize.TokenInfo]) -> Iterator[Edit]:
    """Yield what stands for comment lines below each other: as one text, or each."""
    first, margin = tokens[0].start[0], " " * tokens[0].start[1]
    for count in (len(tokens), *range(len(tokens) - 1, 0, -1)):
        chinese = _comment([token.string for token in tokens[:count]])
        if chinese:
            new = paragraph(chinese, WIDTH, f"{margin}# ").split("\n")
            yield Edit(first, first + count - 1, tuple(new))
            break
    else:
        count = 1
    if tokens[count:]:
        yield from _block(tokens[count:])


def _comment(texts: list[str]) -> str | None:
    ruler = RULER.fullmatch(texts[0]) if len(texts) == 1 else None
    chinese = said(ruler[1] if ruler else " ".join(t.lstrip("# ") for t in texts))
    return f"---- {chinese} ----" if ruler and chinese else chinese


# ---- --help ----


def _help_edits(lines: list[str], tree: ast.Module) -> list[Edit]:
    """Return the lines whose help text is said in Chinese."""
    new: dict[int, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg, ast.Constant(str() as text) as value) if arg in READ:
                chinese, row = said(text), value.lineno
                if chinese and value.end_lineno == row:
                    old = new.get(row, lines[row - 1])
                    new[row] = old.replace(json.dumps(text), f'"{chinese}"')
    return [Edit(row, row, (line,)) for row, line in new.items()]
