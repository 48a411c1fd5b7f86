r"""Markdown of a lesson as HTML; what is HTML in it is shown, not obeyed.

>>> html("less < more, `x*y`")
'<p>less &lt; more, <code>x*y</code></p>\n'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from gradtutor.course.shown.display import wrapped_markdown
from gradtutor.course.shown.prose import prose_reader
from gradtutor.course.web.mathematics import display, in_sentence

#: Lines are joined as the terminal joins them: Chinese ones without a space.
ANY_WIDTH = 1_000_000


class _Renderer(RendererHTML):
    def text(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        """Set the formulas of a sentence as mathematics."""
        return in_sentence(tokens[idx].content)

    def fence(self, tokens: Sequence[Token], idx: int, *others: Any) -> str:
        """Set a block of formulas as mathematics, other blocks as they are written."""
        if tokens[idx].info.strip() == "math":
            return display(tokens[idx].content)
        return super().fence(tokens, idx, *others)


_READER = prose_reader(_Renderer)


def html(text: str) -> str:
    """Return Markdown as HTML."""
    return str(_READER.render(wrapped_markdown(text, ANY_WIDTH)))


def inline(text: str) -> str:
    """Return one line of Markdown, without a paragraph around it."""
    return str(_READER.renderInline(wrapped_markdown(text, ANY_WIDTH)))
