r"""Markdown of a lesson as HTML; what is HTML in it is shown, not obeyed.

>>> html("2 < 3 and `x*y`")
'<p>2 &lt; 3 and <code>x*y</code></p>\n'
"""

from __future__ import annotations

from markdown_it import MarkdownIt

from gradtutor.course.shown.display import wrapped_markdown

#: Lines are joined as the terminal joins them: Chinese ones without a space.
ANY_WIDTH = 1_000_000
_READER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def html(text: str) -> str:
    """Return Markdown as HTML."""
    return str(_READER.render(wrapped_markdown(text, ANY_WIDTH)))


def inline(text: str) -> str:
    """Return one line of Markdown, without a paragraph around it."""
    return str(_READER.renderInline(wrapped_markdown(text, ANY_WIDTH)))
