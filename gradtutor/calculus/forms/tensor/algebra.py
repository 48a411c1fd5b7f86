"""Products of matrices as symbols of an algebra that commutes, element by element.

A value is a sympy expression: + and * act on each element, and a product of matrices,
A @ x, is one symbol, which knows its factors. So like terms are collected by sympy, and
only what matrices need is written here: chains, transposes, inverses, inner products.

>>> algebra = Algebra()
>>> A, x = algebra.named("A", 2), algebra.named("x", 1)
>>> algebra.text(algebra.matmul(x, algebra.matmul(A, x)))
'x @ A @ x'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sympy

from gradtutor.calculus.forms.quotients import whole_numbers
from gradtutor.calculus.forms.tensor.factors import Chain, Factor
from gradtutor.calculus.forms.tensor.like_terms import collected
from gradtutor.calculus.forms.tensor.writing import Writer
from gradtutor.calculus.forms.textbook import bare

ONE = sympy.Integer(1)


class NoFormError(Exception):
    """A part that no product of matrices stands for."""


class Algebra:
    """The symbols of one formula: their ranks, and the chains that they stand for."""

    def __init__(self, order: Sequence[str] = ()) -> None:
        self.ranks: dict[sympy.Symbol, int] = {}
        self.chains: dict[sympy.Symbol, Chain] = {}
        #: Sums as counts times means.
        self.means: dict[sympy.Symbol, sympy.Expr] = {}
        self.averaged: dict[str, tuple[sympy.Expr, sympy.Expr, sympy.Expr]] = {}
        self.writer = Writer(self.ranks, self.chains, order)

    # ---- symbols ----

    def named(self, text: str, rank: int, *, positive: bool = False) -> sympy.Symbol:
        """Return the symbol of a part that is written so."""
        symbol = sympy.Symbol(text, real=True, positive=positive or None)
        self.ranks.setdefault(symbol, rank)
        return symbol

    def text(self, expression: sympy.Expr) -> str:
        """Write an expression in the language, in its shortest form."""
        return self.writer.shortest(self.forms(expression))

    def forms(self, expression: sympy.Expr) -> list[sympy.Expr]:
        """Return equal forms of an expression."""
        expression = self.with_means(whole_numbers(bare(expression)))
        expression = expression.replace(lambda part: part.is_Mul, self._softmax)
        gathered = collected(self, sympy.expand(expression))
        return [
            sympy.factor_terms(collected(self, expression)),
            sympy.factor_terms(gathered),
            expression,
            gathered,
        ]

    def _softmax(self, product: sympy.Mul) -> sympy.Expr:
        """Write exp(z)/sum(exp(z)) of a vector as softmax(z)."""
        for one in product.args:
            if isinstance(one, sympy.exp) and self.rank(one) == 1:
                total = self.named(f"sum({self.text(one)})", 0)
                if 1 / total in product.args:
                    name = self.named(f"softmax({self.text(one.args[0])})", 1)
                    return product * total / one * name
        return product

    def with_means(self, expression: sympy.Expr) -> sympy.Expr:
        """Write sums over counts as means, where that is shorter."""
        found = expression.free_symbols & self.means.keys()
        means = expression.xreplace({one: self.means[one] for one in found})
        return min((expression, means), key=sympy.count_ops)

    def rank(self, expression: sympy.Expr) -> int:
        """Return the rank of a value; of a number, and of ones everywhere, 0."""
        ranks = [self.ranks.get(one, 0) for one in expression.free_symbols]
        return max(ranks, default=0)

    def parted(self, expression: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
        """Split a value into a number and what is left."""
        whole = sympy.factor_terms(expression)
        factors = sympy.Mul.make_args(whole)
        numbers = [one for one in factors if self.rank(one) == 0]
        rest = [one for one in factors if self.rank(one) > 0]
        return sympy.Mul(*numbers), sympy.Mul(*rest)

    # ---- products ----

    def chain(self, expression: sympy.Expr, rank: int) -> tuple[sympy.Expr, Chain]:
        """Return a value as a number times factors."""
        number, rest = self.parted(expression)
        if rest == 1:
            raise NoFormError
        if rest in self.chains:
            return number, self.chains[rest]
        if rest.is_Add:
            gathered = collected(self, rest)
            if gathered != rest:
                return self._times(number, self.chain(gathered, rank))
        return number, (Factor(self.with_means(rest), rank),)

    @staticmethod
    def _times(
        number: sympy.Expr, found: tuple[sympy.Expr, Chain]
    ) -> tuple[sympy.Expr, Chain]:
        return number * found[0], found[1]

    def value(self, factors: Iterable[Factor], number: sympy.Expr = ONE) -> sympy.Expr:
        """Return a chain as a value: numbers inside it are taken out."""
        scalar, chain = self._normal(tuple(factors))
        scalar *= number
        if not chain:
            return scalar * self.identity()
        if chain[0].is_row and not chain[-1].is_row:
            chain = tuple(one.transposed for one in reversed(chain))
        if len(chain) == 1 and chain[0] == Factor(chain[0].value, chain[0].rank):
            return scalar * chain[0].value
        rank = 1 if chain[-1].is_column else 2
        symbol = self.named(self.writer.chain_text(chain), rank)
        self.chains[symbol] = chain
        return scalar * symbol

    def identity(self) -> sympy.Symbol:
        """Return the identity matrix; its size is found where it is written."""
        return self.named("eye", 2)

    def _normal(self, chain: Chain) -> tuple[sympy.Expr, Chain]:
        """Cancel A inv(A), drop identities, take inner products out."""
        scalar, kept = ONE, list[Factor]()
        for one in chain:
            if one.value == self.identity():
                continue
            if kept and kept[-1] == replace(one, inverted=not one.inverted):
                kept.pop()
                continue
            kept.append(one)
            start = self._inner(kept)
            if start is not None:
                scalar *= self.inner(tuple(kept[start:]))
                del kept[start:]
        return scalar, tuple(kept)

    @staticmethod
    def _inner(kept: list[Factor]) -> int | None:
        """Return where an inner product begins that ends with the last factor."""
        if not kept[-1].is_column:
            return None
        rows = [i for i, one in enumerate(kept) if one.is_row]
        return rows[-1] if rows else None

    def inner(self, chain: Chain) -> sympy.Expr:
        """Return the number that a row, matrices and a column make."""
        turned = tuple(one.transposed for one in reversed(chain))
        texts = {self.writer.chain_text(one): one for one in (chain, turned)}
        text = min(texts, key=lambda text: (text.count(".T"), len(text), text))
        if len(chain) == 2 and chain[0].value == chain[1].value:
            return self.norm(chain[1].value) ** 2
        return self.named(text, 0)

    def norm(self, value: sympy.Expr) -> sympy.Expr:
        """Return the Euclidean norm of a vector, the Frobenius norm of a matrix."""
        number, rest = self.parted(value)
        spread = self._deviation(rest)
        if spread is not None:
            return abs(number) * spread
        return abs(number) * self.named(f"norm({self.text(rest)})", 0, positive=True)

    def _deviation(self, value: sympy.Expr) -> sympy.Expr | None:
        """Return the norm of x - mean(x), which is √n std(x)."""
        for text, (one, total, count) in self.averaged.items():
            if sympy.expand(value - one + total / count) == 0:
                return sympy.sqrt(count) * self.named(f"std({text})", 0, positive=True)
        return None

    def matmul(
        self,
        left: sympy.Expr,
        right: sympy.Expr,
        wanted: tuple[int, int] | None = None,
    ) -> sympy.Expr:
        """Return a product of vectors and matrices; ``wanted`` are their ranks."""
        ranks = self.rank(left), self.rank(right)
        if 0 in ranks:
            if wanted is not None and wanted[ranks.index(0)] == 2:
                raise NoFormError  # a matrix of ones
            return self._with_ones(left, right, ranks)
        first, a = self.chain(left, ranks[0])
        second, b = self.chain(right, ranks[1])
        if ranks[0] == 1:
            a = tuple(one.transposed for one in reversed(a))
        if ranks == (1, 1):
            scalar, rest = self._normal((*a, *b))
            if rest:
                raise NoFormError
            return first * second * scalar
        return self.value((*a, *b), first * second)

    def _with_ones(
        self, left: sympy.Expr, right: sympy.Expr, ranks: tuple[int, int]
    ) -> sympy.Expr:
        """Return a product with a vector of ones: a sum over an axis."""
        if ranks == (1, 0):
            return right * self.total(left)
        if ranks == (0, 1):
            return left * self.total(right)
        number, tensor = (left, right) if ranks[0] == 0 else (right, left)
        if self.rank(tensor) != 2:
            raise NoFormError
        axis = 0 if ranks[0] == 0 else 1
        scalar, rest = self.parted(tensor)
        text = f"sum({self.text(rest)}, axis={axis})"
        return number * scalar * self.named(text, 1)

    def outer(self, left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
        """Return the outer product of two vectors."""
        first, a = self.chain(left, 1)
        second, b = self.chain(right, 1)
        turned = tuple(one.transposed for one in reversed(b))
        return self.value((*a, *turned), first * second)

    # ---- what sums, transposes and inverts ----

    def total(
        self, expression: sympy.Expr, count: sympy.Expr | None = None
    ) -> sympy.Expr:
        """Return the sum of all elements, of which there are ``count``."""
        number, rest = self.parted(expression)
        if rest.is_Add and count is not None:
            terms = sympy.Add.make_args(rest)
            if any(self.rank(one) == 0 for one in terms):
                each = (self.total(one, count) for one in terms)
                return number * sum(each, sympy.S.Zero)
        if rest == 1 and count is not None:
            return number * count
        factors = sympy.Mul.make_args(rest)
        if rest == 1:
            raise NoFormError
        if rest.is_Pow and rest.exp == 2:
            return number * self.norm(rest.base) ** 2
        two = len(factors) == 2 and not any(one.is_Pow for one in factors)
        if two and [self.rank(one) for one in factors] == [1, 1]:
            return number * self.matmul(*factors)
        text = self.text(rest)
        symbol = self.named(f"sum({text})", 0)
        if count is not None and not count.is_number:
            self.means[symbol] = count * self.named(f"mean({text})", 0)
            self.averaged[text] = rest, symbol, count
        return number * symbol

    def transpose(self, expression: sympy.Expr) -> sympy.Expr:
        """Return a matrix transposed: every matrix in it is."""
        if self.rank(expression) < 2:
            return expression
        if any(self.ranks.get(one) == 1 for one in expression.free_symbols):
            raise NoFormError
        matrices = [one for one in expression.free_symbols if self.ranks.get(one) == 2]
        return expression.xreplace({one: self._turned(one) for one in matrices})

    def _turned(self, symbol: sympy.Symbol) -> sympy.Expr:
        if symbol == self.identity():
            return symbol
        chain = self.chains.get(symbol, (Factor(symbol, 2),))
        return self.value(tuple(one.transposed for one in reversed(chain)))

    def inverse(self, expression: sympy.Expr) -> sympy.Expr:
        """Return the inverse of a matrix."""
        number, chain = self.chain(expression, 2)
        if len(chain) == 1 and not chain[0].diagonal:
            one = replace(chain[0], inverted=not chain[0].inverted)
            return self.value((one,), 1 / number)
        symbol = self.named(self.writer.chain_text(chain), 2)
        return self.value((Factor(symbol, 2, inverted=True),), 1 / number)

    def determinant(self, expression: sympy.Expr) -> sympy.Expr:
        """Return a determinant; that of an inverse is one over another."""
        chain = self.chains.get(expression, ())
        if len(chain) == 1 and chain[0].inverted:
            inner = replace(chain[0], inverted=False, turned=False)
            return 1 / self.determinant(self.value((inner,)))
        return self.named(f"det({self.text(expression)})", 0)
