"""Index notation in writing: one printer, and what differs between scripts as data.

>>> h, i, p = sympy.symbols("h i p", integer=True)
>>> N = sympy.Symbol("N", positive=True)
>>> formula = KroneckerDelta(p, h + i) * sympy.exp(-p) / N
>>> written(formula)
'exp(−p) δ[p, h + i] / N'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import KroneckerDelta

from gradtutor.calculus.index.unknowns import matrix_of_determinant, matrix_of_inverse


def _listed(indices: Sequence[str]) -> str:
    """[n,k], or [c, s h + i, n] where an index is composite."""
    gap = ", " if any(" " in index for index in indices) else ","
    return f"[{gap.join(indices)}]"


@dataclass(frozen=True)
class Script:
    """How formulas of entries and of whole matrices are written.

    Attributes
    ----------
    name, function, listed : callable
        Write a name, the name of a function, and the indices of an entry.
    inverse, transposed, inverse_transposed, squared, power : str
        Templates: of a matrix, the last of a base and its exponent.
    over, barred, slope : str
        Templates: the sign of a sum over an index; of a gradient's name; of a slope.
    quote : str
        Template of a formula that stands in a sentence.
    """

    name: Callable[[str], str] = str
    function: Callable[[str], str] = str
    listed: Callable[[Sequence[str]], str] = _listed
    inverse: str = "{}⁻¹"
    transposed: str = "{}ᵀ"
    inverse_transposed: str = "{}⁻ᵀ"
    power: str = "{}^{}"
    squared: str = "{}²"
    over: str = "Σ_{}"
    sum: str = "Σ"
    delta: str = "δ"
    barred: str = "{}\u0304"
    slope: str = "∂{}/∂{}"
    minus: str = "−"
    elementwise: str = "⊙"
    kronecker: str = "⊗"
    quote: str = "{}"

    def tensor(self, name: str) -> str:
        """Write a tensor's name; that of an inverse or a determinant by its matrix."""
        if matrix := matrix_of_inverse(name):
            return self.inverse.format(self.name(matrix))
        if matrix := matrix_of_determinant(name):
            return f"{self.function('det')}({self.name(matrix)})"
        return self.name(name)

    def entry(self, tensor: str, indices: Sequence[Any]) -> str:
        """Write an entry of a tensor, whose name is written already."""
        return tensor + self.listed([written(one, self) for one in indices])


PLAIN = Script()
#: The order of factors in a product; others follow by name.
FIRST = "UXWV"


def written(expr: sympy.Expr, script: Script = PLAIN) -> str:
    """Return a formula as a person writes it."""
    if isinstance(expr, sympy.Sum):
        marks = "".join(
            f"{script.over.format(script.name(index.name))} "
            for index in expr.bound_symbols
        )
        return marks + _bracketed(expr.function, script, sympy.Add)
    if isinstance(expr, sympy.Add):
        return _sum_text(expr, script)
    if isinstance(expr, (sympy.Mul, sympy.Pow)):
        return _product_text(expr, script)
    if isinstance(expr, sympy.Indexed):
        return script.entry(script.tensor(expr.base.name), expr.indices)
    if isinstance(expr, KroneckerDelta):
        places = sorted(expr.args, key=lambda arg: (bool(arg.args), str(arg)))
        return script.entry(script.delta, places)
    if isinstance(expr, sympy.Function):
        args = ", ".join(written(arg, script) for arg in expr.args)
        return f"{script.function(expr.func.__name__)}({args})"
    if isinstance(expr, sympy.Symbol):
        return script.tensor(expr.name)
    return f"{script.minus}{-expr}" if expr.is_negative else str(expr)


def _bracketed(expr: sympy.Expr, script: Script, *kinds: type) -> str:
    text = written(expr, script)
    return f"({text})" if isinstance(expr, kinds) else text


def _sum_text(expr: sympy.Add, script: Script) -> str:
    """Positive terms first; s h + d i − pad."""
    text = ""
    for term in sorted(expr.args, key=_term_place):
        negative = _is_negative(term)
        sign = f" {script.minus} " if negative and text else " + " if text else ""
        if negative and not text:
            sign = script.minus
        body = (
            _bracketed(-term, script, sympy.Add, sympy.Sum)
            if negative
            else written(term, script)
        )
        text += sign + body
    return text


def _is_negative(term: sympy.Expr) -> bool:
    """Whether a term is written with a minus in front."""
    first = sympy.Mul.make_args(term)[0]
    return bool(first.is_number and first.is_negative)


def _term_place(term: sympy.Expr) -> tuple[bool, bool, list[int]]:
    text = written(term)
    product = " " in text
    letters = [-ord(letter) if product else ord(letter) for letter in text]
    return _is_negative(term), not product, letters


def _product_text(expr: sympy.Expr, script: Script) -> str:
    """Write sign, factors, then what is divided by."""
    factors = sympy.Mul.make_args(expr)
    sign = script.minus if _is_negative(expr) else ""
    above = [-f if sign and f is factors[0] else f for f in factors]
    below = [1 / f for f in above if isinstance(f, sympy.Pow) and f.exp.is_negative]
    above = [f for f in above if 1 / f not in below and f != 1]
    top, bottom = (
        " ".join(_factor_text(f, script) for f in sorted(part, key=_place))
        for part in (above, below)
    )
    if not below:
        return sign + (top or "1")
    return f"{sign}{top or '1'} / {f'({bottom})' if len(below) > 1 else bottom}"


def _factor_text(factor: sympy.Expr, script: Script) -> str:
    if isinstance(factor, sympy.Pow):
        base = _bracketed(factor.base, script, sympy.Add, sympy.Mul, sympy.Sum)
        return script.power.format(base, factor.exp)
    return _bracketed(factor, script, sympy.Add, sympy.Sum)


def _place(factor: sympy.Expr) -> tuple[int, int, str]:
    """Numbers, sizes, tensors in the order of FIRST, functions, brackets, deltas."""
    kinds = (sympy.Symbol, sympy.Indexed, sympy.Pow, sympy.Sum, KroneckerDelta)
    kind = next((i for i, one in enumerate(kinds, 1) if isinstance(factor, one)), 3)
    name = str(factor)
    if isinstance(factor, sympy.Symbol):
        return kind, not factor.is_positive, name
    place = FIRST.find(name[0])
    return 0 if factor.is_number else kind, place if place >= 0 else len(FIRST), name
