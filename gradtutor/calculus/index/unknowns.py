"""The inverse and the determinant of a matrix in index notation, and their slopes.

Both are known by what they fulfil. X X⁻¹ = I gives, differentiated by X[a,b],
∂X⁻¹[i,j] = −X⁻¹[i,a] X⁻¹[b,j]. Laplace's expansion det X = Σ_j X[a,j] C[a,j] along row
a, whose cofactors hold no entry of that row, gives ∂det X = C[a,b] = det X · X⁻¹[b,a].

>>> X = sympy.IndexedBase("X")
>>> str(inverse(X)), str(determinant(X))
('X⁻¹', 'det(X)')
"""

from __future__ import annotations

import sympy

INVERSE, DETERMINANT = "⁻¹", "det("


def inverse(base: sympy.IndexedBase) -> sympy.IndexedBase:
    """Return the tensor that stands for a matrix's inverse."""
    return sympy.IndexedBase(f"{base}{INVERSE}")


def determinant(base: sympy.IndexedBase) -> sympy.Symbol:
    """Return the number that stands for a matrix's determinant."""
    return sympy.Symbol(f"{DETERMINANT}{base})", real=True)


def matrix_of_inverse(name: str) -> str:
    """Return which matrix a tensor of this name is the inverse of; empty for none.

    >>> matrix_of_inverse(str(inverse(sympy.IndexedBase("X"))))
    'X'
    """
    matrix = name.removesuffix(INVERSE)
    return "" if matrix == name else matrix


def matrix_of_determinant(name: str) -> str:
    """Return which matrix a number of this name is the determinant of."""
    matrix = name.removeprefix(DETERMINANT).removesuffix(")")
    return matrix if name.startswith(DETERMINANT) else ""


def slope_of_unknown(expr: sympy.Expr, target: sympy.Indexed) -> sympy.Expr | None:
    """Return the slope of an entry of the inverse, or of the determinant, else None.

    Parameters
    ----------
    target : sympy.Indexed
        One entry X[a, b] of the matrix.
    """
    known, place = inverse(target.base), target.indices
    if len(place) != 2:
        return None
    a, b = place
    if isinstance(expr, sympy.Indexed) and expr.base == known:
        i, j = expr.indices
        return -known[i, a] * known[b, j]
    if expr == determinant(target.base):
        return expr * known[b, a]
    return None


def depends(expr: sympy.Expr, target: sympy.Indexed) -> bool:
    """Whether a formula has an entry's matrix in it, its inverse or determinant."""
    base = target.base
    return bool(expr.has(base, inverse(base), determinant(base)))
