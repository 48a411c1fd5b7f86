"""Sizes of axes: what a product, a sum or a function says of the letters in it."""

from __future__ import annotations

import ast
import unicodedata

from gradtutor.gates import Shape
from gradtutor.language.formula.trees import Beside, Hadamard, Star
from gradtutor.language.greek import LETTERS

#: Functions whose value is a number.
TOTALS = {"norm", "norm_1", "norm_inf", "norm_squared", "sum", "mean", "trace", "det"}
TOTALS |= {
    "matrix_norm",
    "vector_norm",
    "tr",
    "logdet",
    "log_det",
    "prod",
    "norm1",
    "norm2",
    "logsumexp",
    "cond",
}
#: Norms that are made of a matrix's singular values.
OF_SINGULAR_VALUES = {"spectral_norm", "nuclear_norm", "trace_norm", "singular_value"}
OF_SINGULAR_VALUES |= {f"{s}_{end}" for s in ("sigma", "σ") for end in ("max", "min")}
TOTALS |= OF_SINGULAR_VALUES
#: Functions that need a square matrix.
SQUARE = {"inv", "inverse", "trace", "tr", "det", "logdet", "log_det", "cofactor"}
#: Greek letters that are tensors by custom: a mean, coefficients, a covariance.
GREEK_TENSORS = {"mu", "μ", "µ", "theta", "θ", "beta", "β", "Sigma", "Σ", "Lambda", "Λ"}
SIZES = "nmkpqrst"
#: Small letters that are numbers where they stand beside a vector, as c in c*x.
NUMBERS = "abcdefg"

Sizes = tuple[int, ...]


class MismatchError(ValueError):
    """Letters whose shapes do not fit: nothing is said of them."""


def rank_of(name: str) -> int:
    """Return 2 for a capital, 1 for a small letter, 0 for words and most of Greek."""
    stem = name.split("_")[0]
    latin = len(stem) == 1 and unicodedata.name(stem, "").startswith("LATIN")
    return (2 if stem[:1].isupper() else 1) if latin or stem in GREEK_TENSORS else 0


def is_greek(name: str) -> bool:
    """Whether a name is a Greek letter, perhaps with an index: alpha_1, λ."""
    stem = name.split("_")[0]
    letter = len(stem) == 1 and unicodedata.name(stem, "").startswith("GREEK")
    return letter or stem.lower() in LETTERS


def function_name(node: ast.Call) -> str:
    """Return what is called, without its module: inv of np.linalg.inv(A)."""
    match node.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


class Letters:
    """The letters' axes, those that must be equal joined.

    Parameters
    ----------
    tensors : set of str
        The letters that are vectors and matrices; the others are numbers.
    """

    def __init__(self, tensors: set[str]) -> None:
        self.tensors = tensors
        self.same: list[int] = []
        self.known: dict[str, Sizes] = {}

    def read(self, tree: ast.Module) -> Sizes:
        """Read all lines; return the shape of the last one."""
        last: Sizes = ()
        for statement in tree.body:
            match statement:
                case ast.Expr(value):
                    last = self.shape(value)
                case ast.Assign(targets=[ast.Name(name)], value=value):
                    last = self.known[name] = self.shape(value)
        return last

    def fresh(self) -> int:
        """Return a size of its own."""
        self.same.append(len(self.same))
        return len(self.same) - 1

    def root(self, size: int) -> int:
        """Return the size that stands for all that are equal to this one."""
        while self.same[size] != size:
            size = self.same[size]
        return size

    def join(self, one: Sizes, other: Sizes) -> Sizes:
        """Make the last axes of two shapes the same; a number fits every shape."""
        if not one or not other:
            return one or other
        for a, b in zip(one[::-1], other[::-1], strict=False):
            first, second = sorted((self.root(a), self.root(b)))
            self.same[second] = first
        return max(one, other, key=len)

    def shape(self, node: ast.expr) -> Sizes:
        """Return the sizes of an expression's axes."""
        match node:
            case ast.Name(name):
                return self.letter(name)
            case ast.Attribute(value, "T"):
                return self.shape(value)[::-1]
            case ast.UnaryOp(_, operand):
                return self.shape(operand)
            case ast.BinOp(left, op, right):
                return self.operation(left, op, right)
            case ast.Subscript(value):
                return self.indexed(self.shape(value), node.slice)
            case ast.Compare(left, _, [right]):
                return self.join(self.shape(left), self.shape(right))
            case ast.IfExp(_, body, orelse):
                return self.join(self.shape(body), self.shape(orelse))
            case ast.Call(args=args):
                return self.call(function_name(node), args)
        return ()

    def operation(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Sizes:
        """Return the sizes of what an operator makes."""
        match op:
            case Beside() | Star() | ast.MatMult():
                return self.product(left, op, right)
            case ast.Pow():
                return self.power(left, right)
            case ast.Add() | ast.Sub() | Hadamard() | ast.Mult() | ast.Div():
                return self.together(left, op, right)
        return self.join(self.shape(left), self.shape(right))

    @staticmethod
    def indexed(sizes: Sizes, index: ast.expr) -> Sizes:
        """Return the sizes that are left after positions such as [0]."""
        places = index.elts if isinstance(index, ast.Tuple) else [index]
        kept = [
            size
            for size, place in zip(sizes, places, strict=False)
            if isinstance(place, ast.Slice)
        ]
        return (*kept, *sizes[len(places) :])

    def letter(self, name: str) -> Sizes:
        """Return a letter's sizes, fresh ones at its first use."""
        if name not in self.known:
            rank = (rank_of(name) or 1) if name in self.tensors else 0
            self.known[name] = tuple(self.fresh() for _ in range(rank))
        return self.known[name]

    def together(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Sizes:
        """Join both sides; a lone letter has the shape of the other side."""
        for one, other in ((left, right), (right, left)):
            inner = one.operand if isinstance(one, ast.UnaryOp) else one
            if isinstance(inner, ast.Name) and self._is_open(inner.id, op):
                sizes = self.shape(other)
                lone = inner.id not in self.tensors or isinstance(op, ast.Add | ast.Sub)
                if inner.id not in self.known and sizes and lone:
                    self.known[inner.id] = sizes[-rank_of(inner.id) :]
        return self.join(self.shape(left), self.shape(right))

    def _is_open(self, name: str, op: ast.operator) -> bool:
        """Whether a letter has no shape yet, and may have that of its neighbour."""
        scales = isinstance(op, ast.Mult | ast.Div) and name[:1] in NUMBERS
        return name not in self.known and bool(rank_of(name)) and not scales

    def power(self, base: ast.expr, exponent: ast.expr) -> Sizes:
        """Return a power's sizes; a matrix to the power -1 is square."""
        sizes = self.shape(base)
        if is_minus_one(exponent) and len(sizes) == 2:
            self.join(sizes[:1], sizes[1:])
        return sizes

    def product(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Sizes:
        """Return the sizes of a matrix product, an outer one, or one by a number."""
        a, b = self.shape(left), self.shape(right)
        if not a or not b:
            return a or b
        if len(a) == len(b) == 1 and not isinstance(op, ast.MatMult):
            if self.is_row(right) and not self.is_row(left):
                return (*a, *b)
            if isinstance(op, Star) and not self.is_row(left):
                return self.join(a, b)
        self.join(a[-1:], b[:1])
        return (*a[:-1], *b[1:])

    def is_row(self, node: ast.expr) -> bool:
        """Whether a vector lies: it was transposed, or is such a one times others."""
        match node:
            case ast.Attribute(value, "T"):
                return len(self.shape(value)) == 1 and not self.is_row(value)
            case ast.UnaryOp(operand=value):
                return self.is_row(value)
            case ast.BinOp(left, Beside() | Star() | ast.Mult() | ast.MatMult(), right):
                return self.is_row(left) or (
                    not self.shape(left) and self.is_row(right)
                )
        return False

    def call(self, name: str, args: list[ast.expr]) -> Sizes:
        """Return the sizes of a function's value."""
        sizes = [self.shape(arg) for arg in args]
        first: Sizes = sizes[0] if sizes else ()
        if name in SQUARE and len(first) == 2:
            self.join(first[:1], first[1:])
        elif name in SQUARE and first:
            raise MismatchError
        if name in TOTALS or not sizes:
            return ()
        if name in BUILDERS:
            return BUILDERS[name](self, sizes)
        total: Sizes = ()
        for one in sizes:
            total = self.join(total, one)
        return total

    def shapes(self) -> dict[str, Shape]:
        """Return the shapes with a letter for each size: n, m, k, ..."""
        letters: dict[int, str] = {}
        named: dict[str, Shape] = {}
        for name, sizes in self.known.items():
            if not sizes or (name not in self.tensors and not rank_of(name)):
                continue
            for size in sizes:
                count = len(letters)
                spare = SIZES[count] if count < len(SIZES) else f"n{count}"
                letters.setdefault(self.root(size), spare)
            named[name] = tuple(letters[self.root(size)] for size in sizes)
        return named


def is_minus_one(exponent: ast.expr) -> bool:
    """Whether an exponent is -1."""
    match exponent:
        case ast.UnaryOp(ast.USub(), ast.Constant(1)):
            return True
    return False


def _solve(letters: Letters, sizes: list[Sizes]) -> Sizes:
    if len(sizes) != 2 or len(sizes[0]) != 2 or not sizes[1]:
        raise MismatchError
    letters.join(sizes[0][:1], sizes[0][1:])
    letters.join(sizes[0][:1], sizes[1][:1])
    return sizes[1]


def _kron(letters: Letters, sizes: list[Sizes]) -> Sizes:
    return tuple(letters.fresh() for _ in sizes[0])


def _diag(_letters: Letters, sizes: list[Sizes]) -> Sizes:
    (one,) = sizes
    return one * 2 if len(one) == 1 else one[:1]


def _outer(_letters: Letters, sizes: list[Sizes]) -> Sizes:
    return tuple(size for one in sizes for size in one)


BUILDERS = {"solve": _solve, "kron": _kron, "diag": _diag, "outer": _outer}
BUILDERS |= {"eye": _diag, "diagonal": _diag}
