"""The two kinds of gate: pointwise (a formula) and structural (a linear map)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from gradtutor.errors import TutorError

if TYPE_CHECKING:
    import sympy

Dimension = int | str
Shape = tuple[Dimension, ...]
Attributes = Mapping[str, Any]

#: The rules of ``--ties``, the default first.
TIE_RULES = ("torch", "left", "right", "both")


class ShapeMismatchError(TutorError):
    """Shapes that do not fit a gate; the text names both."""


class NoDerivativeError(TutorError):
    """A gate that is differentiated more often than its slopes are known."""


#: Mathematics in sympy's terms: a function of a, b, c and out, as far as it names them.
#: It is called when it is first asked for: a command that needs none of it does without
#: sympy.
Formula = Callable[..., "sympy.Basic"]


def written(formula: Formula) -> sympy.Basic:
    """Return a formula as sympy's expression.

    >>> written(lambda a, out: out / a)
    out/a
    """
    from gradtutor.gates import symbols

    known = dict(zip("abc", symbols.ARGUMENTS, strict=True)) | {"out": symbols.OUT}
    return formula(*(known[name] for name in _names(formula)))


def _names(formula: Formula) -> tuple[str, ...]:
    code = formula.__code__
    return tuple(code.co_varnames[: code.co_argcount])


@dataclass(frozen=True)
class Kink:
    """Where a gate's partials jump, and what each tie rule answers there.

    ``place`` is the condition of the kink; each rule holds one number per argument, or
    a formula.
    ``torch`` is PyTorch's choice, ``left`` and ``right`` take the derivative from that
    side (for two arguments: the left or right argument wins), ``both`` is CS231n's
    indicator with >= on either side.
    """

    place: Formula
    torch: tuple[Formula | float, ...]
    left: tuple[Formula | float, ...]
    right: tuple[Formula | float, ...]
    both: tuple[Formula | float, ...]

    @property
    def at(self) -> sympy.Basic:
        """The condition, ``Eq(a, 0)``."""
        return written(self.place)

    def answers(self, ties: str) -> tuple[sympy.Expr, ...]:
        """Return a rule's partials at the kink, as sympy's expressions."""
        import sympy

        rule = getattr(self, ties)
        return tuple(written(r) if callable(r) else sympy.sympify(r) for r in rule)


@dataclass(frozen=True)
class Pointwise:
    """A gate applied element by element: its formula is all that must be said.

    Parameters
    ----------
    name : str
        What a person writes to call it.
    rule : function of a, b, c
        Its mathematics, in sympy's functions; sympy derives the partials from it.
    sign : str
        What stands in the circle of the picture.
    infix, prefix : str
        The operator it is written with, when it is not a call.
    numpy : str
        A numerically stabler NumPy expression than the formula's own.
    stable : mapping from argument position to function of a, b, c and out
        A stabler form of that partial; a test has sympy prove that it equals the
        derived one.
    kink : Kink
        The tie rules, for a formula with a corner.
    defaults : tuple of float
        Values of trailing arguments that a caller may leave out.
    domain : str
        What its arguments must be, for the message when it gives nan or infinity.
    role : str
        What the gate does to a gradient, in a caption's words.
    aliases : tuple of str
        Other accepted spellings.
    """

    name: str
    rule: Formula
    sign: str
    infix: str = ""
    prefix: str = ""
    numpy: str = ""
    stable: Mapping[int, Formula] = field(default_factory=dict)
    kink: Kink | None = None
    defaults: tuple[float, ...] = ()
    domain: str = ""
    role: str = "scales the gradient by its slope"
    aliases: tuple[str, ...] = ()

    @cached_property
    def arity(self) -> tuple[int, int]:
        """Smallest and largest number of arguments: here both the same."""
        count = len(_names(self.rule))
        return count, count

    @cached_property
    def formula(self) -> sympy.Expr:
        """Its mathematics as sympy's expression in a, b and c."""
        return written(self.rule)

    @cached_property
    def via_output(self) -> dict[int, sympy.Expr]:
        """The stabler partials as sympy's expressions, which may use ``out``."""
        return {place: written(form) for place, form in self.stable.items()}


class Tape(Protocol):
    """What an adjoint may use: ``gate`` appends a gate and returns its id."""

    def gate(self, name: str, *args: str, **attrs: Any) -> str:
        """Append gate ``name`` on ``args``."""

    def number(self, value: float) -> str:
        """Append a constant."""

    def shape(self, node: str) -> Shape:
        """Shape of a node's output."""


@dataclass(frozen=True)
class Call:
    """One use of a structural gate: its arguments, output, attributes, rule at ties."""

    args: tuple[str, ...]
    out: str
    attrs: Attributes
    ties: str = "torch"


Adjoint = Callable[[Tape, Call, str], "tuple[str | None, ...]"]


@dataclass(frozen=True)
class Structural:
    """A linear or routing map on whole tensors.

    Parameters
    ----------
    name : str
        What a person writes to call it.
    shape : callable
        ``shape(shapes, attrs)``: the output's shape; raises ShapeMismatchError.
    numpy : callable
        ``numpy(attrs)``: NumPy text in ``a``, ``b``, ``c``.
    adjoint : callable
        ``adjoint(tape, call, u)``: per argument the node of its gradient given the
        upstream gradient ``u``, or None where no gradient flows. A gate without one
        is opened before it is differentiated.
    arity : tuple of int
        Smallest and largest number of arguments.
    opened : callable
        ``opened(tape, call)``: the same value as a sub-graph of simpler gates.
    keywords : mapping
        Keyword arguments it accepts, with their defaults.
    labels : int, optional
        Which of two arguments holds class labels, whole numbers below the other one's
        last size: nothing is differentiated by it.
    routes : bool
        Whether backward some elements get a gradient of exactly 0: those that it did
        not choose.
    clamps : callable, optional
        ``clamps(*values)``: whether its declared gradient is bounded there, and no
        longer its slope.
    """

    name: str
    shape: Callable[[tuple[Shape, ...], Attributes], Shape]
    numpy: Callable[[Attributes], str]
    adjoint: Adjoint | None
    sign: str
    arity: tuple[int, int] = (1, 1)
    infix: str = ""
    postfix: str = ""
    #: What stands behind its operand instead of a call: x[0].
    suffix: Callable[[Attributes], str] | None = None
    opened: Callable[[Tape, Call], str] | None = None
    keywords: Mapping[str, Any] = field(default_factory=dict)
    labels: int | None = None
    routes: bool = False
    clamps: Callable[..., bool] | None = None
    #: Keywords for a page about the gate, where the defaults say nothing.
    example: Mapping[str, Any] = field(default_factory=dict)
    role: str = "carries the gradient back through its transpose"
    aliases: tuple[str, ...] = ()


Gate = Pointwise | Structural
