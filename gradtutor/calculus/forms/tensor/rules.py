"""What each gate on vectors and matrices is in the algebra; None: written as a call."""

from __future__ import annotations

import sympy

from gradtutor.calculus.forms.domains import Condition
from gradtutor.calculus.forms.tensor.algebra import NoFormError
from gradtutor.calculus.forms.tensor.factors import Factor
from gradtutor.calculus.forms.tensor.values import Rule, Values
from gradtutor.calculus.forms.textbook import bare
from gradtutor.graph import inputs


def _linear(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    """Add or subtract."""
    left, right = (values.known[arg] for arg in args)
    return left - right if values.graph.nodes[node]["gate"] == "sub" else left + right


def _product(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    left, right = (values.known[arg] for arg in args)
    return bare(left * right)


def _matmul(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    left, right = (values.known[arg] for arg in args)
    first, second = map(values.rank, args)
    return values.algebra.matmul(left, right, (first, second))


def _outer(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    left, right = (values.known[arg] for arg in args)
    return values.algebra.outer(left, right)


def _transpose(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    if values.graph.nodes[node]["attrs"].get("axes"):
        return None
    return values.algebra.transpose(values.known[args[0]])


def _whole(values: Values, node: str, arg: str) -> bool:
    """Whether a reduction goes over all axes, or over none of a number's."""
    attrs = values.graph.nodes[node]["attrs"]
    axis, rank = attrs.get("axis"), values.rank(arg)
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return len(set(axes)) == rank  # kept axes change no value


def _sum(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    (arg,) = args
    value = values.known[arg]
    if values.rank(arg) == 0:
        return value
    if not _whole(values, node, arg):
        return None
    if 0 < values.algebra.rank(value) < values.rank(arg):
        return None
    return values.algebra.total(value, _count(values, arg))


def _mean(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    total = _sum(values, node, args)
    return None if total is None else total / _count(values, args[0])


def _size(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    axis = values.graph.nodes[node]["attrs"].get("axis")
    return _count(values, args[0], axis)


def _count(
    values: Values, like: str, axis: int | tuple[int, ...] | None = None
) -> sympy.Expr:
    """Return how many elements there are: a number, or the size of an input."""
    shape = values.graph.nodes[like]["shape"]
    if axis is not None:
        axes = axis if isinstance(axis, tuple) else (axis,)
        shape = tuple(shape[one] for one in axes)
    if all(isinstance(size, int) for size in shape):
        return sympy.Integer(int(sympy.prod(shape)))
    for name in inputs(values.graph):
        own = values.graph.nodes[name]["shape"]
        if own == shape:
            return values.algebra.named(f"size({name})", 0, positive=True)
        if len(shape) == 1 and own and own[0] == shape[0]:
            return values.algebra.named(f"len({name})", 0, positive=True)
    raise NoFormError


def _broadcast(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    """Return a copied number as it is: each element is that number."""
    rank = values.rank(args[0])
    leading = values.graph.nodes[node]["attrs"]["axis"] in ((0,), ())
    if rank == 0 or (rank == 1 and leading):
        return values.known[args[0]]
    return None


def _inv(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    return values.algebra.inverse(values.known[args[0]])


def _solve(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    matrix, right = (values.known[arg] for arg in args)
    return values.algebra.matmul(values.algebra.inverse(matrix), right)


def _det(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    return values.algebra.determinant(values.known[args[0]])


def _cofactor(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    """Write cof(A) as det(A) A⁻ᵀ, which holds where A has an inverse."""
    algebra, value = values.algebra, values.known[args[0]]
    determinant = algebra.determinant(value)
    named = determinant if determinant.is_Symbol else 1 / determinant
    values.domain.append(Condition((algebra.text(named), "0"), ("!=",)))
    return determinant * algebra.transpose(algebra.inverse(value))


def _variance(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    """Write a variance as the square of a deviation."""
    (arg,) = args
    if not _whole(values, node, arg) or values.algebra.rank(values.known[arg]) == 0:
        return None
    number, rest = values.algebra.parted(values.known[arg])
    text = f"std({values.algebra.text(rest)})"
    return number**2 * values.algebra.named(text, 0, positive=True) ** 2


def _kron_part(values: Values, node: str, args: list[str]) -> sympy.Expr | None:
    """Return, where each element of the product gets the same, a sum."""
    sent, other = (values.known[arg] for arg in args)
    if values.algebra.rank(sent) or not values.algebra.rank(other):
        return None
    return sent * values.algebra.total(other, _count(values, args[1]))


def _eye(values: Values, _node: str, _args: list[str]) -> sympy.Expr | None:
    return values.algebra.identity()


def _diag(values: Values, _node: str, args: list[str]) -> sympy.Expr | None:
    (arg,) = args
    if values.rank(arg) == 2:
        return None
    value = values.known[arg]
    if values.algebra.rank(value) == 0:
        return value * values.algebra.identity()
    number, rest = values.algebra.parted(value)
    return values.algebra.value((Factor(rest, 1, diagonal=True),), number)


RULES: dict[str, Rule] = {
    "add": _linear,
    "sub": _linear,
    "mul": _product,
    "routed": _product,
    "matmul": _matmul,
    "outer": _outer,
    "transpose": _transpose,
    "sum": _sum,
    "mean": _mean,
    "size": _size,
    "broadcast": _broadcast,
    "inv": _inv,
    "solve": _solve,
    "det": _det,
    "cofactor": _cofactor,
    "eye": _eye,
    "variance": _variance,
    "kron_left": _kron_part,
    "kron_right": _kron_part,
    "diag": _diag,
}
