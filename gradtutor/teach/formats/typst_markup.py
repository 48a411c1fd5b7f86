"""Markdown to typst's markup, from the tokens that markdown-it reads.

>>> of_markdown("the **rate** is `x_1`, *not* 2")
'the #strong[rate]; is #raw("x_1");, #emph[not]; 2'
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

#: Letters that mean something in typst's markup.
SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in "\\#*_`$<>@[]~=-+/\"'"})

#: What stands for a token; a semicolon ends what # began, whatever follows.
OPENED = {
    "strong_open": "#strong[",
    "em_open": "#emph[",
    "strong_close": "];",
    "em_close": "];",
    "softbreak": " ",
    "hardbreak": " \\\n",
    "paragraph_close": "\n\n",
    "bullet_list_open": "",
    "list_item_open": "- ",
    "heading_open": "#strong[",
    "heading_close": "];\n\n",
}


def quoted(text: str) -> str:
    """Return a text as typst prints it, letter for letter."""
    return text.translate(SPECIAL)


def code(text: str) -> str:
    """Return a string of typst's own language."""
    return json.dumps(text, ensure_ascii=False)


def of_markdown(text: str) -> str:
    """Return Markdown as typst's markup."""
    from gradtutor.course.shown.prose import prose_reader

    tokens = prose_reader().parse(text)
    parts: list[str] = []
    for token in tokens:
        inner = token.children if token.type == "inline" else None
        parts += [_one(one) for one in inner] if inner else [_one(token)]
    return "".join(parts).strip()


def _one(token: Token) -> str:
    if token.type == "code_inline":
        return f"#raw({code(token.content)});"
    if token.type in ("fence", "code_block"):
        return f"#raw(block: true, {code(token.content.rstrip())})\n\n"
    if token.type == "text":
        return quoted(token.content)
    return OPENED.get(token.type, "")
