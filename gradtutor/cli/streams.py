"""What goes in and out: any encoding, any terminal, never a crash for a character."""

from __future__ import annotations

import codecs
import json
import os
import sys
import unicodedata
from typing import Any, TextIO

import click

HANDLER = "gradtutor"
#: Signs of ours by what a terminal without them shows.
STAND_INS = {
    "∂": "d",
    "·": "*",
    "×": "x",
    "÷": "/",
    "−": "-",
    "≈": "~",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "ᵀ": "^T",
    "√": "sqrt",
    "Σ": "sum",
    "∏": "prod",
    "‖": "||",
    "…": "...",
    "–": "-",
    "—": "-",
    "─": "-",
    "━": "-",
    "│": "|",
    "✓": "+",
    "✗": "x",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks: by a sign like it, or by its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_ascii, lacking)), error.end


def _ascii(char: str) -> str:
    if char in STAND_INS:
        return STAND_INS[char]
    if 0xDC80 <= ord(char) <= 0xDCFF:  # a byte of a name that is no UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    plain = unicodedata.normalize("NFKD", char)
    escaped = char.encode("ascii", "backslashreplace").decode()
    return plain if plain.isascii() else escaped


def prepare_streams() -> None:
    """Let standard output and error replace what their encoding lacks."""
    codecs.register_error(HANDLER, _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)


def put(text: str, stream: TextIO | None) -> None:
    """Print a text; a stream that is closed, as by ``2>&-``, takes none."""
    if stream is not None:
        click.echo(text, stream)


def drop_output() -> None:
    """Send what is left in standard output's buffer nowhere; Python would retry it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def flush_output() -> None:
    """Write what is left; a full disk must be noticed here, not at exit."""
    if sys.stdout is not None:
        sys.stdout.flush()


def json_text(data: dict[str, Any]) -> str:
    """Return one line of JSON that standard output's encoding can hold."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8", "strict")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(data)
    return text


# ---- text that comes in ----

#: What stands for a byte that the locale's encoding does not know.
SURROGATES = "\udc80", "\udcff"

#: Marks at the start of a text that tell its encoding.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16's, which it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decoded(content: bytes) -> str:
    """Return a text in UTF-8, or in what its first bytes say; all ends of lines alike.

    Raises
    ------
    UnicodeDecodeError
        When it is in neither.
    """
    encodings = (MARKS[mark] for mark in MARKS if content.startswith(mark))
    text = content.decode(next(encodings, "utf-8"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def in_utf8(word: str) -> str:
    """Return a word of the command line as a terminal of UTF-8 gives it.

    Where the locale is C, each of its bytes came as a surrogate (PEP 383). The name of
    a file stays as it is, and so do bytes that are no UTF-8.
    """
    if word.isascii() or not any(
        SURROGATES[0] <= char <= SURROGATES[1] for char in word
    ):
        return word
    try:
        text = os.fsencode(word).decode("utf-8")
    except UnicodeError:
        return word
    return word if os.path.lexists(word) else text
