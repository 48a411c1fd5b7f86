"""Which letters are tensors: those that a transpose, a @, a norm or det asks for.

>>> import ast
>>> lettered(ast.parse("norm(A @ x - y)**2"), ())
{'A': ('n', 'm'), 'x': ('m',), 'y': ('n',)}
>>> lettered(ast.parse("log(det(inv(X)))"), ())
{'X': ('n', 'n')}
>>> lettered(ast.parse("A*exp(x)"), ())
{}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from itertools import combinations

from gradtutor.gates import Shape
from gradtutor.language.formula.letters.sizes import (
    NUMBERS,
    OF_SINGULAR_VALUES,
    SQUARE,
    TOTALS,
    Letters,
    MismatchError,
    function_name,
    is_greek,
    rank_of,
)
from gradtutor.language.formula.trees import Beside, Hadamard, Star

#: Functions of tensors alone: of a number they say nothing.
MATRIX_FUNCTIONS = {*SQUARE, "solve", "kron", "norm1", "norm2", "outer", "cond"}
MATRIX_FUNCTIONS |= OF_SINGULAR_VALUES
OF_TENSORS = MATRIX_FUNCTIONS | {"norm", "norm_1", "norm_squared", "norm_inf"}
OF_TENSORS |= {
    "matrix_norm",
    "vector_norm",
    "softmax",
    "logsumexp",
    "log_softmax",
    "normalize",
}
WORD = re.compile(r"\w+")
#: Most letters whose kind is tried out.
MOST = 6
Product = Beside | Star


def speaks_of_tensors(text: str) -> bool:
    """Whether a text has a sign or a word of tensors: a quick look at all of it."""
    if "." in text or "@" in text or not text.isascii():
        return True
    return not (OF_TENSORS | TOTALS).isdisjoint(WORD.findall(text))


def lettered(
    tree: ast.Module,
    declared: Collection[str],
    *,
    mathematics: bool = False,
    capitals: bool = False,
) -> dict[str, Shape]:
    """Return the shapes that letters have by custom, where the formula is of tensors.

    A small letter in a product may be a number as well: it is a vector where a number
    comes out then, and a number where that way one does.

    Parameters
    ----------
    declared : collection of str
        Names with a shape of their own; with any of them nothing is assumed.
    mathematics : bool
        Whether a bare sum or mean asks for a vector, too.
    capitals : bool
        Whether every capital is a matrix, and h to z are vectors, as on
        matrixcalculus.org: A*exp(x).
    """
    targets = {name.id for name in _targets(tree)}
    asking = OF_TENSORS | (TOTALS if mathematics else set())
    letters_used = set(_letters(tree)) if capitals else set()
    sure = set(_sure(tree, asking)) - targets
    sure |= {name for name in letters_used if rank_of(name) == 2} - targets
    if not sure or sure & set(declared) or _assigned(tree) & sure:
        return {}
    maybe = set(_doubtful(tree)) | {n for n in letters_used if n[:1] not in NUMBERS}
    doubtful = sorted(maybe - sure - targets - set(declared))[:MOST]
    fallback: dict[str, Shape] | None = None
    for tensors in _choices(sure, doubtful):
        letters = Letters(tensors)
        try:
            rank = len(letters.read(tree))
        except MismatchError:
            continue
        if rank == 0:
            return letters.shapes()
        fallback = letters.shapes() if fallback is None else fallback
    return fallback or {}


def calls_matrices(tree: ast.Module, names: Collection[str] = ()) -> bool:
    """Whether a product with * is one of matrices: tr(A*B), norm2(A*x - y).

    That is where a function of matrices is called on it, and nothing says otherwise:
    no @, and no .T, as NumPy has them.

    Parameters
    ----------
    names : collection of str
        More functions that count.
    """
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.MatMult | ast.Attribute) for node in nodes):
        return False
    inside = [arg for node in nodes for arg in _matrix_arguments(node, names)]
    return any(
        isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult)
        for arg in inside
        for part in ast.walk(arg)
    )


def _matrix_arguments(node: ast.AST, names: Collection[str]) -> list[ast.expr]:
    known = {*MATRIX_FUNCTIONS, *names}
    named = isinstance(node, ast.Call) and function_name(node) in known
    return node.args if named and isinstance(node, ast.Call) else []


def _choices(sure: set[str], doubtful: list[str]) -> Iterator[set[str]]:
    """Yield sets of tensors, those with the most vectors first."""
    for count in range(len(doubtful) + 1):
        for numbers in combinations(doubtful, count):
            yield sure | (set(doubtful) - set(numbers))


def _targets(tree: ast.Module) -> Iterator[ast.Name]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name() as name]):
                yield name
            case ast.AnnAssign(target=ast.Name() as name):
                yield name


def _letters(tree: ast.Module) -> Iterator[str]:
    """Yield the names that are vectors or matrices by their letters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and rank_of(node.id):
            yield node.id


def _assigned(tree: ast.Module) -> set[str]:
    """Return the names that a line declares or gives a list."""
    return {
        statement.target.id
        for statement in tree.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
    }


def _sure(tree: ast.Module, asking: set[str]) -> Iterator[str]:
    """Yield the names that stand under ᵀ, in a norm, in A @ x, and all capitals so."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ast.Name(name), "T") if is_greek(name):
                yield name
            case ast.Attribute(value, "T"):
                yield from _factors(value)
            case ast.Call(args=args) if function_name(node) in asking:
                for arg in args:
                    yield from _factors(arg)
            case ast.BinOp(left, ast.MatMult() | Hadamard(), right):
                yield from _factors(left)
                yield from _factors(right)
            case ast.BinOp(_, Beside() | Star(), _) if _has_transpose(node):
                yield from (name for name in _factors(node) if rank_of(name) == 2)


def _doubtful(tree: ast.Module) -> Iterator[str]:
    """Yield the small letters of products beside a transpose: c or x of c yᵀ x."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(_, Beside() | Star(), _) if _has_transpose(node):
                yield from _factors(node)


def _has_transpose(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) for part in ast.walk(node))


PRODUCTS = (Beside, Star, Hadamard, ast.MatMult)


def _factors(node: ast.expr) -> Iterator[str]:
    """Yield the names of a product or a sum that are vectors or matrices by letter."""
    match node:
        case ast.Name(name) if rank_of(name):
            yield name
        case ast.BinOp(left, op, right) if isinstance(
            op, (*PRODUCTS, ast.Add, ast.Sub)
        ):
            yield from _factors(left)
            yield from _factors(right)
        case ast.BinOp(left, ast.Pow(), _):
            yield from _factors(left)
        case ast.BinOp(left, ast.Mult(), right):
            yield from (name for name in _factors(left) if rank_of(name) == 2)
            yield from (name for name in _factors(right) if rank_of(name) == 2)
        case ast.BinOp(left, ast.Div(), _):
            yield from _factors(left)
        case ast.Attribute(value, "T") | ast.UnaryOp(operand=value):
            yield from _factors(value)
        case ast.Call(args=[inner]) if function_name(node) not in TOTALS:
            yield from _factors(inner)
