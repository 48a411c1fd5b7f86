"""Shapes by letters, where a formula transposes: A is a matrix, x a vector, λ a number.

>>> from gradtutor.language.formula.notation.parser import read_notation
>>> lettered(read_notation("xᵀAx").tree, ())
{'x': ('n',), 'A': ('n', 'n')}
>>> lettered(read_notation("‖Xw - y‖² + λ‖w‖²").tree, ())
{'X': ('n', 'm'), 'w': ('m',), 'y': ('n',)}
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Collection, Iterator

from gradtutor.gates import Shape
from gradtutor.language.formula.trees import Beside

#: Functions whose value is a number.
TOTALS = {"norm", "norm_1", "norm_inf", "norm_squared", "sum", "mean", "trace", "det"}
TOTALS |= {"tr", "logdet", "prod"}
PRODUCTS = (Beside, ast.MatMult)
SIZES = "nmkpqrst"
#: Functions that need a square matrix, and give one of that shape.
SQUARE = {"inv", "trace", "tr", "det", "logdet"}

Sizes = tuple[int, ...]


class MismatchError(ValueError):
    """Letters whose shapes do not fit: nothing is said of them."""


def lettered(tree: ast.Module, declared: Collection[str]) -> dict[str, Shape]:
    """Return the shapes that letters have by custom, where the formula is of tensors.

    Parameters
    ----------
    declared : collection of str
        Names with a shape of their own; with any of them nothing is assumed.
    """
    targets = {name.id for name in _targets(tree)}
    tensors = set(_tensors(tree)) - targets
    if not tensors or tensors & set(declared) or targets & tensors:
        return {}
    letters = _Letters(tensors)
    try:
        for statement in tree.body:
            letters.read(statement)
    except MismatchError:
        return {}
    return letters.shapes()


def _targets(tree: ast.Module) -> Iterator[ast.Name]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name() as name]):
                yield name
            case ast.AnnAssign(target=ast.Name() as name):
                yield name


def _tensors(tree: ast.Module) -> Iterator[str]:
    """Yield the names that stand under ᵀ, in a norm, or in a product with such."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value, "T"):
                yield from _factors(value)
            case ast.Call(ast.Name(name), [inner]) if name in TOTALS | SQUARE - {"sum"}:
                yield from _factors(inner)
            case ast.BinOp(left, Beside() | ast.MatMult(), right):
                both = [*_factors(left), *_factors(right)]
                if _has_transpose(node) or isinstance(node.op, ast.MatMult):
                    yield from both


def _has_transpose(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) for part in ast.walk(node))


def _factors(node: ast.expr) -> Iterator[str]:
    """Yield the names of a product or a sum that are vectors or matrices by letter."""
    match node:
        case ast.Name(name) if _rank(name):
            yield name
        case ast.BinOp(left, Beside() | ast.MatMult() | ast.Add() | ast.Sub(), right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.Attribute(value, "T") | ast.UnaryOp(operand=value):
            yield from _factors(value)


def _rank(name: str) -> int:
    """Return 2 for a capital, 1 for a small letter, 0 for Greek and words."""
    stem = name.split("_")[0]
    latin = len(stem) == 1 and unicodedata.name(stem, "").startswith("LATIN")
    return (2 if stem.isupper() else 1) if latin else 0


class _Letters:
    """Sizes of axes, those that must be equal joined."""

    def __init__(self, tensors: set[str]) -> None:
        self.tensors = tensors
        self.same: list[int] = []
        self.known: dict[str, Sizes] = {}

    def fresh(self) -> int:
        self.same.append(len(self.same))
        return len(self.same) - 1

    def root(self, size: int) -> int:
        while self.same[size] != size:
            size = self.same[size]
        return size

    def join(self, one: Sizes, other: Sizes) -> Sizes:
        """Make two shapes the same; a number fits every shape."""
        if not one or not other:
            return one or other
        if len(one) != len(other):
            raise MismatchError
        for a, b in zip(one, other, strict=True):
            first, second = sorted((self.root(a), self.root(b)))
            self.same[second] = first
        return one

    def read(self, statement: ast.stmt) -> None:
        """Read a line; its name has the shape of its value."""
        match statement:
            case ast.Expr(value):
                self.shape(value)
            case ast.Assign(targets=[ast.Name(name)], value=value):
                self.known[name] = self.shape(value)

    def shape(self, node: ast.expr) -> Sizes:
        """Return the sizes of an expression's axes."""
        match node:
            case ast.Name(name):
                return self.letter(name)
            case ast.Attribute(value, "T"):
                return self.shape(value)[::-1]
            case ast.UnaryOp(_, operand):
                return self.shape(operand)
            case ast.BinOp(left, Beside() | ast.MatMult(), right):
                return self.product(left, right)
            case ast.BinOp(left, ast.Pow(), right):
                return self.shape(left)
            case ast.BinOp(left, ast.Add() | ast.Sub(), right):
                return self.total(left, right)
            case ast.BinOp(left, _, right):
                return self.join(self.shape(left), self.shape(right))
            case ast.Call(ast.Name(name), args):
                return self.call(name, args)
        return ()

    def letter(self, name: str) -> Sizes:
        if name not in self.known:
            rank = _rank(name) if name in self.tensors else 0
            self.known[name] = tuple(self.fresh() for _ in range(rank))
        return self.known[name]

    def total(self, left: ast.expr, right: ast.expr) -> Sizes:
        """Join the sides of a sum; a lone letter has the shape of the other side."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, ast.Name) and one.id not in self.known:
                sizes = self.shape(other)
                if len(sizes) == 0 or one.id not in self.tensors:
                    self.known[one.id] = sizes if _rank(one.id) else ()
        return self.join(self.shape(left), self.shape(right))

    def product(self, left: ast.expr, right: ast.expr) -> Sizes:
        a, b = self.shape(left), self.shape(right)
        if not a or not b:
            return a or b
        row = isinstance(right, ast.Attribute) and len(a) == len(b) == 1
        if row and not isinstance(left, ast.Attribute):
            return (*a, *b)
        self.join(a[-1:], b[:1])
        return (*a[:-1], *b[1:])

    def call(self, name: str, args: list[ast.expr]) -> Sizes:
        sizes = [self.shape(arg) for arg in args]
        if name in SQUARE and sizes and len(sizes[0]) == 2:
            self.join(sizes[0][:1], sizes[0][1:])
        if name in TOTALS or not sizes:
            return ()
        total: Sizes = ()
        for one in sizes:
            total = self.join(total, one)
        return total

    def shapes(self) -> dict[str, Shape]:
        """Return the shapes with a letter for each size: n, m, k, ..."""
        letters: dict[int, str] = {}
        named: dict[str, Shape] = {}
        for name, sizes in self.known.items():
            if not sizes or (name not in self.tensors and not _rank(name)):
                continue
            for size in sizes:
                count = len(letters)
                spare = SIZES[count] if count < len(SIZES) else f"n{count}"
                letters.setdefault(self.root(size), spare)
            named[name] = tuple(letters[self.root(size)] for size in sizes)
        return named
