"""A text and its tree: as Python where it is Python, as mathematics where it is not.

>>> source = read_source("2x + 1", ())
>>> source.segment(source.tree.body[0].value.left)
'2x'
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError, LimitError, SourceError
from gradtutor.language.formula.doubts import AmbiguousError
from gradtutor.language.formula.notation.mathematica import CALL
from gradtutor.language.formula.notation.parser import Notation, read_notation
from gradtutor.language.formula.notation.tokens import Token
from gradtutor.language.syntax import Source
from gradtutor.messages import key, tr

#: Longest text that is read as mathematics rather than as Python.
MAX_NOTATION = 20_000
#: What makes a text LaTeX.
LATEX = re.compile(r"\\[a-zA-Z,;:!|{\[(]|\$|[_^]\{")
#: The end of a row of LaTeX, after which nothing stands.
LAST_ROW = re.compile(r"\\\\\s*\Z")
COMMENT = re.compile(r"#[^\n]*")
#: Marks of code at the ends of a text: `x**2`.
CODE = re.compile(r"\A\s*`+(?=[^`]*`+\s*\Z)|(?<=[^`])`+\s*\Z")
#: What Python would read as a name or a power, and people mean otherwise.
MEANT_OTHERWISE = re.compile(
    r"𝔼|[ᵀᵃ-ᶻᶜᶠⁿⁱʰʲʳʷʸˡˢˣᴬ-ᵂᵢ-ᵪₐ-ₜ]|\^\s*[({]?\s*T\b|\^\s*⊤"
    # x^1/3 and x^-2/3, which may be roots
    r"|\^\s*(?:1|-\s*\d+)\s*/\s*\d"
)
#: What Python's reading asks for, and mathematics does not.
ONLY_PYTHON = (
    *("the argument of", "bars are not", "a raised digit", "LaTeX is read"),
    *("an operator or a comma is missing", "invalid character"),
)


class NotedSource(Source):
    """A text that was read as mathematics."""

    def __init__(self, text: str, notation: Notation) -> None:
        self.text = text
        self.tree = notation.tree
        self.places = notation.places
        self.opened = {}
        self.names = set()
        self.notes = list(notation.notes)
        #: Shapes that indices and letters give: x_i of a sum is a vector's.
        self.shapes = dict(notation.shapes)
        #: Whether anything was read that Python would not read so.
        self.implied = notation.implied
        #: Indices that no sum runs over: the output has a value for each.
        self.free = notation.free
        #: By what d/dx before the whole asks to differentiate, and how often.
        self.asked = notation.asked

    def span(self, node: ast.AST) -> Span:
        """Return a node's place in the text."""
        return self.places[node]


def read_source(text: str, declared: Collection[str]) -> Source:
    """Read a text as Python, or else as mathematics.

    Raises
    ------
    gradtutor.language.SourceError
        That of the mathematics where that is what was written.
    """
    text = CODE.sub(lambda mark: " " * len(mark[0]), text)
    said = COMMENT.sub("", text)
    if any(one.search(said) for one in (LATEX, MEANT_OTHERWISE, CALL)):
        return noted(text, declared)
    try:
        return Source(text)
    except FormulaSyntaxError as error:
        try:
            return noted(text, declared)
        except (AmbiguousError, LimitError):
            raise
        except SourceError as other:
            raise _clearer(error, other) from None


def noted(
    text: str,
    declared: Collection[str],
    *,
    of_matrices: bool = False,
    capitals: bool = False,
) -> NotedSource:
    """Read a text as people write mathematics; LaTeX too. See ``read_notation``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = LAST_ROW.sub(lambda mark: " " * len(mark[0]), text)
    if len(text) > MAX_NOTATION:
        message = tr(
            "a text of more than {limit:,} characters is read as Python",
            limit=MAX_NOTATION,
        )
        raise FormulaSyntaxError(message, text, (0, 1), tr("write products with *"))
    found: list[Token] | None = None
    if LATEX.search(COMMENT.sub("", text)):
        from gradtutor.language.formula.notation.latex import latex_tokens

        found = latex_tokens(text)
    try:
        notation = read_notation(
            text, declared, found, of_matrices=of_matrices, capitals=capitals
        )
    except RecursionError:
        message = tr("a line of so many terms is read as Python only")
        hint = tr("write products with *, or split it into several lines")
        raise FormulaSyntaxError(message, text, (0, 1), hint) from None
    return NotedSource(text, notation)


def _clearer(python: SourceError, mathematics: SourceError) -> SourceError:
    """Return the error that knows more: Python's, unless it only says "no formula"."""
    said = key(python.message)
    if said.startswith(ONLY_PYTHON):
        return mathematics
    vague = said in ("this is not a formula", "an operator is missing here")
    told = key(mathematics.message) != "this is not a formula"
    return mathematics if vague and told else python
