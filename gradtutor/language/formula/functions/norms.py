"""Which norm an order means: of a vector, or of a matrix, where it is another one.

NumPy, JAX, ``torch.linalg`` and mathematics take the order 1 of a matrix as its largest
column sum, 2 as its largest singular value; ``torch.norm`` and ``x.norm`` take all of
its numbers as one vector. The rank is known once the argument has been read.

>>> norm_text(1.0, 1), norm_text(1.0, 2)
('sum(abs(a), axis=axis, keepdims=keepdims)', 'amax(sum(abs(a), axis=0))')
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping

from gradtutor.errors import TutorError
from gradtutor.gates import Shape
from gradtutor.language.formula.functions.ranked import HELD
from gradtutor.language.formula.trees import filled
from gradtutor.messages import tr

#: The order of a norm: a number, or Frobenius' or the nuclear norm.
Order = float | str
#: What a call with an order is called until the rank of its argument is known.
BY_RANK = "norm_by_rank"
WORDS: dict[str, Order] = {"f": "fro", "F": "fro", "inf": math.inf, "-inf": -math.inf}
ALONG = ", axis=axis, keepdims=keepdims)"
#: Norms of a vector, or of the rows along an axis.
OF_VECTORS: dict[Order, str] = {
    0.0: f"sum(a != 0{ALONG}",
    1.0: f"sum(abs(a){ALONG}",
    2.0: f"sqrt(sum(a**2{ALONG})",
    "fro": f"sqrt(sum(a**2{ALONG})",
    math.inf: f"amax(abs(a){ALONG}",
    -math.inf: f"amin(abs(a){ALONG}",
}
POWERS = f"sum(abs(a)**n{ALONG}**(1/n)"
#: Norms of a matrix.
OF_MATRICES: dict[Order, str] = {
    1.0: "amax(sum(abs(a), axis=0))",
    -1.0: "amin(sum(abs(a), axis=0))",
    math.inf: "amax(sum(abs(a), axis=1))",
    -math.inf: "amin(sum(abs(a), axis=1))",
    "fro": "sqrt(sum(a**2))",
    2.0: "singular_value(a)",
    -2.0: "singular_value(a, place=-1)",
    "nuc": "nuclear_norm(a)",
}
#: Norms of singular values.
SPECTRAL: tuple[Order, ...] = (2.0, -2.0, "nuc")


class NormError(TutorError):
    """An order that has no meaning here, or no gates."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def norm_tree(said: Mapping[str, ast.expr], shape: Shape) -> ast.expr:
    """Return a norm of ``HELD``, an argument of this shape, as a tree of gates.

    Parameters
    ----------
    said : mapping
        ``order``, ``axis`` and ``keepdims`` as written; ``flat``: whether a matrix
        counts as one vector; ``squared``: whether its square is asked for.

    Raises
    ------
    NormError
        Where gates have none.
    """
    order, rank = order_of(said["order"]), len(shape)
    if order in SPECTRAL and 1 in shape and rank == 2:
        order = "fro"  # a column's only singular value is its length
    text = norm_text(order, 2 if rank == 2 and is_of_rank(said) else 1)
    if not text:
        raise _refused(said["order"])
    if rank > 2 and is_of_rank(said) and order != "fro":
        message = tr("a tensor of {rank} axes has no norm of an order", rank=rank)
        raise NormError(message, tr("give the axis: norm(A, 2, axis=-1)"))
    squared = isinstance(said["squared"], ast.Constant) and said["squared"].value
    if squared:
        inner = text.removeprefix("sqrt(")
        text = inner[:-1] if inner != text else f"({text})**2"
    along = {
        "axis": said.get("axis", ast.Constant(None)),
        "keepdims": said.get("keepdims", ast.Constant(False)),
    }
    return filled(text, a=ast.Name(HELD), n=said["order"], **along)


def is_of_rank(said: Mapping[str, ast.expr]) -> bool:
    """Whether a matrix has another norm than its numbers in a row."""
    flat = isinstance(said["flat"], ast.Constant) and said["flat"].value
    one_axis = "axis" in said and not isinstance(said["axis"], ast.Tuple)
    order = order_of(said["order"])
    return not one_axis and order != "fro" and (order == "nuc" or not flat)


def order_of(tree: ast.expr) -> Order | None:
    """Read an order that is a number or a word; None where it is a formula."""
    match tree:
        case ast.Constant(str() as word):
            return WORDS.get(word, word)
        case ast.Constant(int() | float() as number):
            return float(number)
        case ast.UnaryOp(ast.USub(), inner):
            found = order_of(inner)
            return -found if isinstance(found, float) else None
        case ast.Name("inf" | "oo") | ast.Attribute(attr="inf"):
            return math.inf
        case ast.Call(ast.Name("float"), [inner]):
            return order_of(inner)
    return None


def norm_text(order: Order | None, rank: int) -> str:
    """Return a norm as a formula of ``a`` (and its order, ``n``); empty without one."""
    if rank == 2:
        return "" if order is None else OF_MATRICES.get(order, "")
    if isinstance(order, str):
        return OF_VECTORS.get(order, "")
    return POWERS if order is None else OF_VECTORS.get(order, POWERS)


def _refused(written: ast.expr) -> NormError:
    """Say what an order would mean, and what can be written."""
    entrywise = tr("all its numbers as one vector: norm(flatten(A), 2), or norm(A)")
    message = tr("a matrix has no norm of order {order}", order=ast.unparse(written))
    return NormError(message, entrywise)
