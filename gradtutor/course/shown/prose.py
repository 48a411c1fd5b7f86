r"""What reads the Markdown of lessons: 2*3 + 4*5 are products there, and no emphasis.

>>> prose_reader().renderInline("2*3 + (-7)*x, x**2 is *not* **2x**")
'2*3 + (-7)*x, x**2 is <em>not</em> <strong>2x</strong>'
"""

from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline

#: What stands before a product's sign or a power's, and what behind it.
BEFORE = re.compile(r"[A-Za-z0-9Α-ωη)\]}²³̄̂]")
BEHIND = {1: re.compile(r"[A-Za-z0-9Α-ω({\[√-]"), 2: re.compile(r"[A-Za-z0-9{]")}


def prose_reader(renderer: type[RendererProtocol] | None = None) -> MarkdownIt:
    """Return a reader of Markdown, tables too, HTML shown as it is typed."""
    options: dict[str, Any] = {"html": False, "linkify": False}
    chosen = {"renderer_cls": renderer} if renderer else {}
    made = MarkdownIt("commonmark", options, **chosen).enable("table")
    made.inline.ruler.before("emphasis", "product", _product)
    return made


def _product(state: StateInline, silent: bool) -> bool:
    """Take * between numbers, names and brackets as it is written."""
    run = re.compile(r"\*{1,2}(?!\*)").match(state.src, state.pos)
    if not run or state.src[state.pos - 1 : state.pos] == "*":
        return False
    before, behind = state.src[: state.pos][-1:], state.src[run.end() :][:1]
    if not (BEFORE.match(before) and BEHIND[len(run[0])].match(behind)):
        return False
    if not silent:
        state.pending += run[0]
    state.pos = run.end()
    return True
