"""Cases that one quantity decides, as the few intervals on which they differ.

Clamping twice decides twice, ``where(x > 0, [max(x, 0) < 1], 0)``; what a textbook
writes are the intervals: ``[0 < x < 1]``.

>>> x = sympy.Symbol("x", real=True)
>>> inner = WHERE(sympy.Function("less")(sympy.Function("max")(x, 0), 1), 1, 0)
>>> by_regions(WHERE(sympy.Function("greater")(x, 0), inner, 0)).form
where(between(0, x, 1), 1, 0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import sympy
from sympy.core.function import AppliedUndef

from gradtutor.gates.symbols import BETWEEN, WHERE

ONE, ZERO = sympy.Integer(1), sympy.Integer(0)
GREATER, LESS, MAX = map(sympy.Function, ("greater", "less", "max"))
#: Most intervals that are written as cases.
MOST = 3
#: Gates that choose by the sign of a difference: what each is where a > b, and a < b.
CHOOSERS: dict[str, Callable[..., tuple[sympy.Expr, sympy.Expr]]] = {
    "greater": lambda a, b: (ONE, ZERO),
    "greater_equal": lambda a, b: (ONE, ZERO),
    "less": lambda a, b: (ZERO, ONE),
    "less_equal": lambda a, b: (ZERO, ONE),
    "equal": lambda a, b: (ZERO, ZERO),
    "not_equal": lambda a, b: (ONE, ONE),
    "max": lambda a, b: (a, b),
    "min": lambda a, b: (b, a),
    "relu": lambda a, b: (a, b),
    "Abs": lambda a, b: (a, -a),
    "sign": lambda a, b: (sympy.Integer(1), sympy.Integer(-1)),
}


@dataclass(frozen=True)
class Piece:
    """An expression on an open interval of what decides."""

    low: sympy.Expr
    high: sympy.Expr
    form: sympy.Expr


@dataclass(frozen=True)
class Regions:
    """An expression by intervals, and the ends at which its value jumps."""

    form: sympy.Expr
    jumps: tuple[sympy.Expr, ...] = ()


def by_regions(expression: sympy.Expr) -> Regions | None:
    """Return an expression's cases as intervals; None where no one quantity decides.

    Parameters
    ----------
    expression : sympy.Expr
        With choices by comparisons, max, min, relu, abs and sign.
    """
    base = _deciding(expression)
    if base is None:
        return None
    whole = Piece(-sympy.oo, sympy.oo, expression)
    pieces = _joined(_split(whole, base))
    if len(pieces) > MOST:
        return None
    ends = [one.low for one in pieces[1:]]
    jumps = tuple(
        base - end
        for end, one, next_ in zip(ends, pieces, pieces[1:], strict=False)
        if _at(one.form, base, end) != _at(next_.form, base, end)
    )
    return Regions(_written(pieces, base), jumps)


# ---- what decides ----


def _sides(part: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Return what a gate compares: relu, |a| and sign compare with 0."""
    return part.args if len(part.args) == 2 else (part.args[0], sympy.Integer(0))


def _is_chooser(part: sympy.Basic) -> bool:
    return bool(part.args) and part.func.__name__ in CHOOSERS


def _innermost(expression: sympy.Expr) -> sympy.Expr | None:
    """Return a gate that chooses and has no other inside."""
    for part in sympy.postorder_traversal(expression):
        if _is_chooser(part):
            return part
    return None


def _deciding(expression: sympy.Expr) -> sympy.Expr | None:
    """Return the quantity v whose multiples and shifts c (v - t) all gates compare."""
    found = [part for part in sympy.preorder_traversal(expression) if _is_chooser(part)]
    plain = [one for one in found if not any(_inner(one))]
    bases = {_affine(one)[1] for one in plain}
    if len(found) < 2 or len(bases) != 1:
        return None
    (base,) = bases
    return base if base.free_symbols else None


def _inner(part: sympy.Expr) -> list[sympy.Basic]:
    return [
        one
        for arg in part.args
        for one in sympy.preorder_traversal(arg)
        if _is_chooser(one)
    ]


def _affine(part: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """Write what a gate compares as c (v - t): c, v with a positive beginning, t."""
    one, other = _sides(part)
    number, rest = sympy.expand(one - other).as_coeff_Add()
    factor, base = rest.as_coeff_Mul()
    if base.is_Add:
        first = base.as_ordered_terms()[0].as_coeff_Mul()[0]
        factor, base = factor * first, sympy.expand(base / first)
    return factor, base, -number / factor if factor else number


# ---- the pieces ----


def _split(piece: Piece, base: sympy.Expr) -> list[Piece]:
    """Decide one gate after the other, and cut the interval where one turns."""
    part = _innermost(piece.form)
    if part is None:
        return [piece]
    factor, own, end = _affine(part)
    if own != base or not factor:
        return [*_constant(piece, part, base)]
    if end <= piece.low:
        return _split(_decided(piece, part, positive=bool(factor > 0)), base)
    if end >= piece.high:
        return _split(_decided(piece, part, positive=bool(factor < 0)), base)
    left, right = replace(piece, high=end), replace(piece, low=end)
    return [*_split(left, base), *_split(right, base)]


def _constant(piece: Piece, part: sympy.Expr, base: sympy.Expr) -> Sequence[Piece]:
    """Decide a gate that compares numbers; another quantity stays undecided."""
    difference = sympy.expand(_sides(part)[0] - _sides(part)[1])
    if not difference.is_number or difference == 0:
        return [*[piece] * (MOST + 1)]
    return _split(_decided(piece, part, positive=bool(difference > 0)), base)


def _decided(piece: Piece, part: sympy.Expr, *, positive: bool) -> Piece:
    chosen = CHOOSERS[part.func.__name__](*_sides(part))[0 if positive else 1]
    form = piece.form.xreplace({part: chosen})
    return replace(piece, form=form.replace(_is_decided, _branch))


def _is_decided(part: sympy.Expr) -> bool:
    known = (ONE, ZERO)
    return bool(part.func == WHERE and part.args[0] in known)


def _branch(choice: sympy.Expr) -> sympy.Expr:
    return choice.args[1] if choice.args[0] == ONE else choice.args[2]


#: What is no rounding of 0 in fifteen digits.
DIFFERENT = 1e-6


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbours that are equal."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and _same(joined[-1].form, piece.form):
            joined[-1] = replace(joined[-1], high=piece.high)
        else:
            joined.append(piece)
    return joined


def _same(one: sympy.Expr, other: sympy.Expr) -> bool:
    difference = one - other
    if difference == 0 or differs(difference):
        return bool(difference == 0)
    return bool(sympy.expand(difference) == 0 or sympy.simplify(difference) == 0)


def differs(difference: sympy.Expr) -> bool:
    """Whether a difference is no 0 at some point: numbers are far quicker than proofs.

    What sympy has no numbers for stands for itself, as in its proofs.
    """
    gates = {one: sympy.Dummy() for one in difference.atoms(AppliedUndef)}
    difference = difference.xreplace(gates)
    names = sorted(difference.free_symbols, key=str)
    for start in (2, 5):
        point = {
            x: sympy.Rational(sympy.prime(start + k), 7) for k, x in enumerate(names)
        }
        found = difference.subs(point).evalf(15)
        if found.is_comparable and abs(found) > DIFFERENT:
            return True
    return False


def _at(form: sympy.Expr, base: sympy.Expr, end: sympy.Expr) -> sympy.Expr:
    """Return a piece's value at an end, where the quantity is one name."""
    return form.subs(base, end) if base.is_Symbol else form


# ---- as text has it ----


def _written(pieces: Sequence[Piece], base: sympy.Expr) -> sympy.Expr:
    """Write pieces as one form: alone, on one interval and 0 elsewhere, or as cases."""
    if len(pieces) == 1:
        return pieces[0].form
    kept = [one for one in pieces if one.form != 0]
    if len(kept) == 1:
        (only,) = kept
        clamped = _clamped(only, base)
        if clamped is not None:
            return clamped
        number, rest = only.form.as_coeff_Mul()
        inside = WHERE(_condition(only, base), rest, 0)
        return number * inside
    form = pieces[0].form
    for piece in pieces[1:]:
        form = WHERE(GREATER(base, piece.low), piece.form, form)
    return form


def _clamped(piece: Piece, base: sympy.Expr) -> sympy.Expr | None:
    """Write k (v - t) where it is positive, and 0 elsewhere, as k max(v - t, 0)."""
    end, sign = (piece.low, 1) if piece.high == sympy.oo else (piece.high, -1)
    if not end.is_finite:
        return None
    factor = sympy.cancel(piece.form / (sign * (base - end)))
    if not factor.is_number:
        return None
    return factor * MAX(sign * (base - end), 0)


def _condition(piece: Piece, base: sympy.Expr) -> AppliedUndef:
    if piece.low == -sympy.oo:
        return LESS(base, piece.high)
    if piece.high == sympy.oo:
        return GREATER(base, piece.low)
    if piece.high <= 0:  # -2 < a - x < 0
        return BETWEEN(-piece.high, -base, -piece.low)
    return BETWEEN(piece.low, base, piece.high)
