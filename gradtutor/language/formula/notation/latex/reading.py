r"""LaTeX to the tokens of the same mathematics, each with its place in the text.

pylatexenc finds commands, groups and environments; what they mean is said here.

>>> "".join(token.text for token in latex_tokens(r"\frac{1}{2} x_{1}^2"))
'((1)/(2))x_1^(2)'
"""

from __future__ import annotations

from typing import Any

from pylatexenc import macrospec
from pylatexenc.latexwalker import (
    LatexWalker,
    LatexWalkerError,
    get_default_latex_context_db,
)

from gradtutor.language.errors import FormulaSyntaxError
from gradtutor.language.formula.notation.latex import words
from gradtutor.language.formula.notation.latex.commands import (
    INDICATOR,
    exploded,
)
from gradtutor.language.formula.notation.latex.nodes import LINES, NodeReader
from gradtutor.language.formula.notation.tokens import (
    Kind,
    Token,
)
from gradtutor.messages import tr

LINES |= {"split", "multline", "eqnarray", "alignat"}


def latex_tokens(text: str) -> list[Token]:
    """Read LaTeX into tokens, an END at last.

    Raises
    ------
    FormulaSyntaxError
        At what is no LaTeX, and at commands that are not read.
    """
    walker = LatexWalker(text, latex_context=_context(), tolerant_parsing=False)
    try:
        nodes, _, _ = walker.get_latex_nodes()
        read = NodeReader(text).read(exploded(nodes))
        found = [token for token in read if token.text != INDICATOR]
    except LatexWalkerError as error:
        place = min(getattr(error, "pos", 0) or 0, max(0, len(text) - 1))
        message = tr("this LaTeX has a group or a command that is never closed")
        raise FormulaSyntaxError(message, text, (place, place + 1)) from None
    except RecursionError:
        raise FormulaSyntaxError(
            tr("this LaTeX nests too deep"), text, (0, 1)
        ) from None
    return [*_lines(found), Token(Kind.END, "", (len(text), len(text)), True)]


def _context() -> Any:
    """Return pylatexenc's table of commands, with the arguments of ours."""
    context = get_default_latex_context_db()
    one = sorted(
        (words.LOOKS | words.WORDS | words.DROPPED | words.ACCENTS.keys())
        - {"displaystyle"}
    )
    macros = [macrospec.std_macro(name, "{") for name in one]
    macros += [macrospec.std_macro(name, "{{") for name in sorted(words.FRACTIONS)]
    macros += [
        macrospec.std_macro(name, "")
        for name in ("left", "right", "middle", "limits", "big", "Big")
    ]
    context.add_context_category("mathematics", macros=macros, prepend=True)
    return context


def _lines(found: list[Token]) -> list[Token]:
    """Drop ends of lines at the start, at the end and after each other."""
    result: list[Token] = []
    for token in found:
        blank = token.kind is Kind.LINE and (not result or result[-1].kind is Kind.LINE)
        result += [] if blank else [token]
    while result and result[-1].kind is Kind.LINE:
        result.pop()
    return result
