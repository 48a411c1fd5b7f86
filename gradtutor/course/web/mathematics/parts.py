r"""What a formula is made of, as elements of MathML.

>>> fraction(name("x_1"), number("2")).markup()
'<mfrac><msub><mi>x</mi><mn>1</mn></msub><mn>2</mn></mfrac>'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html import escape

#: Marks above a letter, by their combining characters.
ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯", "\u0307": "˙"}
NAME = re.compile(r"(?P<stem>[^\W\d_]+)_?(?P<below>\d+|(?<=_)\w+)?(?P<prime>'*)")
#: A letter's differential: dx, dW, dw4.
SMALL = re.compile(r"d(?P<of>[^\W\d_](?:_?\d+|_\w)?)")
APPLIED, TIMES = "\u2061", "\u2062"  # what is read out and not drawn


@dataclass(frozen=True)
class Part:
    """An element: its parts, or its text.

    Attributes
    ----------
    inner : Part or None
        What stands in parentheses, where a fraction's bar does without them.
    small : bool
        Whether it is a differential, ∂x or dx.
    """

    tag: str
    children: tuple[Part, ...] = ()
    text: str = ""
    inner: Part | None = None
    small: bool = False

    @property
    def bare(self) -> Part:
        """The part without parentheses around it."""
        return self.inner or self

    def markup(self) -> str:
        """Return the element as text."""
        body = "".join(one.markup() for one in self.children) or escape(self.text)
        return f"<{self.tag}>{body}</{self.tag}>"


def number(text: str) -> Part:
    """Return a number."""
    return Part("mn", text=text)


def words(text: str) -> Part:
    """Return words between formulas."""
    return Part("mtext", text=text)


def sign(text: str) -> Part:
    """Return an operator, a relation, a bracket."""
    return Part("mo", text=text)


def row(*parts: Part) -> Part:
    """Return parts side by side."""
    return parts[0] if len(parts) == 1 else Part("mrow", parts)


def fraction(above: Part, below: Part) -> Part:
    """Return a fraction, whose bar does what parentheses did."""
    return Part("mfrac", (above.bare, below.bare))


def power(base: Part, exponent: Part) -> Part:
    """Return a power."""
    return Part("msup", (base, exponent.bare), small=base.small)


def index(base: Part, below: Part) -> Part:
    """Return an entry: what stands in brackets stands below."""
    return Part("msub", (base, below))


def root(of: Part) -> Part:
    """Return a square root."""
    return Part("msqrt", (of.bare,))


def bracketed(inside: Part, ends: str = "()") -> Part:
    """Return a part in parentheses, as high as it is."""
    return Part("mrow", (sign(ends[0]), inside, sign(ends[1])), inner=inside)


def applied(function: Part, argument: Part) -> Part:
    """Return a function of an argument."""
    return row(function, sign(APPLIED), argument)


def name(text: str) -> Part:
    """Return a name: a letter in italics, a word upright, an index below.

    >>> name("dW").markup(), name("z_true").markup()
    ('<mrow><mi>d</mi><mi>W</mi></mrow>', '<msub><mi>z</mi><mi>true</mi></msub>')
    """
    bare, marks = _marks(text)
    differential = SMALL.fullmatch(bare)
    if differential and not marks:
        found = (Part("mi", text="d"), name(differential["of"]))
        return Part("mrow", found, small=True)
    match = NAME.fullmatch(bare)
    stem = match["stem"] if match else bare
    made = Part("mi", text=stem)
    for mark in marks:
        made = Part("mover", (made, sign(ACCENTS.get(mark, mark))))
    if match and match["below"]:
        made = index(made, _below(match["below"]))
    return row(made, sign("′")) if match and match["prime"] else made


def _below(text: str) -> Part:
    return number(text) if text.isdigit() else Part("mi", text=text)


def _marks(text: str) -> tuple[str, str]:
    """Return a name without the marks above its letter, and the marks."""
    apart = unicodedata.normalize("NFD", text)
    marks = "".join(one for one in apart if one in ACCENTS)
    return ("".join(one for one in apart if one not in ACCENTS), marks)
