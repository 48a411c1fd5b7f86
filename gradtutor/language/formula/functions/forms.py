"""Calls whose arguments have a form of their own: lists, pairs, generators, words.

``concatenate((a, b))``, SymPy's ``Piecewise``, ``sum(v**2 for v in x)``,
``mse_loss(a, b, reduction="sum")`` become calls that any reader of gates knows.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import reduce

from gradtutor.language.errors import ArgumentError
from gradtutor.language.formula.functions.diagonals import einsum_form
from gradtutor.language.formula.functions.losses import ENTRIES, OF_GATES, reduced
from gradtutor.language.formula.functions.naming import Named
from gradtutor.language.formula.functions.stacks import AXES, EXAMPLES_OF_STACKS, STACKS
from gradtutor.language.formula.trees import filled, whole_number
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

MOST_FACTORIAL = 20
Form = Callable[[Source, ast.Call, Named], ast.expr | None]


def form_of(call: Named) -> Form | None:
    """Return what reads a call of this name, if its arguments have a form."""
    return FORMS.get(call.name)


def _joined(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read concatenate((a, b, c), axis=0) as concat of two, twice."""
    match call.args:
        case [ast.Tuple(parts) | ast.List(parts), *axis]:
            keywords = list(call.keywords)
            keywords += [ast.keyword("axis", value) for value in axis]
            return reduce(
                lambda left, right: _called("concat", [left, right], keywords), parts
            )
    return None


def _called(
    name: str, args: list[ast.expr], keywords: list[ast.keyword] | None = None
) -> ast.Call:
    return ast.Call(ast.Name(name), args, keywords or [])


def _piecewise(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read SymPy's Piecewise((x, x > 0), (0, True))."""
    pairs = [arg.elts for arg in call.args if isinstance(arg, ast.Tuple)]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        return None
    *cases, (value, condition) = pairs
    if not (isinstance(condition, ast.Constant) and condition.value is True):
        message = tr("the last case has the condition True: what holds otherwise")
        raise ArgumentError(message, source.text, source.span(item))
    return chosen([(one, test) for one, test in cases], value)


def chosen(cases: list[tuple[ast.expr, ast.expr]], otherwise: ast.expr) -> ast.expr:
    """Return cases, each a value and its condition, as where inside where."""
    for value, condition in reversed(cases):
        otherwise = _called("where", [condition, value, otherwise])
    return otherwise


def _selected(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read np.select([c1, c2], [a, b], default)."""
    match call.args:
        case [ast.List(tests), ast.List(values), *rest]:
            rest += [one.value for one in call.keywords if one.arg == "default"]
            otherwise = rest[0] if rest else filled("0")
            return chosen(list(zip(values, tests, strict=False)), otherwise)
    return None


def _fraction(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read SymPy's Rational(1, 2)."""
    if len(call.args) != 2:
        return None
    return filled("a/b", a=call.args[0], b=call.args[1])


def _keyword(call: Named, *names: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg in names), None)


def _summed(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read sum(v**2 for v in x): the sum of the same of the whole x."""
    match call.args:
        case [ast.GeneratorExp(body, [loop]) | ast.ListComp(body, [loop])] if (
            not loop.ifs
        ):
            pass
        case _:
            return None
    places = _pairs(loop.target, loop.iter)
    if not places:
        message = tr("this loop is not read: a sum runs over the entries of vectors")
        hint = tr("as in sum(v**2 for v in x), or sum(a*b for a, b in zip(x, y))")
        raise ArgumentError(message, source.text, source.span(item), hint)
    return _called("sum", [Renamed(places).visit(body)])


class Renamed(ast.NodeTransformer):
    """Puts tensors in the places of a loop's names."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the tensor that a loop's name runs through; other names stay."""
        return self.given.get(node.id, node)


def _pairs(target: ast.expr, over: ast.expr) -> dict[str, ast.expr]:
    """Return which tensor each name of a loop runs through."""
    match target, over:
        case ast.Name(name), ast.Name() | ast.Attribute() | ast.Subscript():
            return {name: over}
        case ast.Tuple(names), ast.Call(ast.Name("zip"), tensors):
            if len(names) == len(tensors):
                pairs = zip(names, tensors, strict=True)
                return {a.id: b for a, b in pairs if isinstance(a, ast.Name)}
    return {}


def _matmul(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read TensorFlow's transpose_a and transpose_b."""
    turned = [one for one in call.keywords if (one.arg or "")[:9] == "transpose"]
    if len(call.args) != 2 or not turned:
        return None
    sides = dict(zip("ab", call.args, strict=True))
    for one in turned:
        side = str(one.arg)[-1]
        if isinstance(one.value, ast.Constant) and one.value.value and side in sides:
            sides[side] = filled("a.T", a=sides[side])
    return filled("a @ b", **sides)


def _tensordot(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read tensordot(a, b, axes=1) as a product of matrices."""
    axes = _keyword(call, "axes", "dims") or next(iter(call.args[2:]), None)
    one = isinstance(axes, ast.Constant) and axes.value == 1
    return filled("a @ b", a=call.args[0], b=call.args[1]) if one else None


def _chained(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read multi_dot([A, B, C]) as A @ B @ C."""
    match call.args:
        case [ast.List(parts) | ast.Tuple(parts)] if parts:
            return reduce(lambda left, right: filled("a @ b", a=left, b=right), parts)
    return None


def _scaled(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read PyTorch's softplus(x, beta=2)."""
    beta = _keyword(call, "beta")
    if beta is None or len(call.args) != 1:
        return None
    return filled("softplus(beta*a)/beta", a=call.args[0], beta=beta)


def _swapped(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read x.transpose(-2, -1) as PyTorch does: these two axes change places."""
    match call.args:
        case [x, first, second] if call.is_method or call.prefix == "torch":
            last = {whole_number(first), whole_number(second)}
            if last == {-1, -2}:
                return filled("a.mT", a=x)
            return filled("swapaxes(a, b, c)", a=x, b=first, c=second)
    return None


def _widened(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read unsqueeze(x, 1) and expand_dims(x, 1) as x[:, None]."""
    axis = _keyword(call, "dim", "axis") or next(iter(call.args[1:]), None)
    texts = {0: "a[None]", **AXES}
    place = whole_number(axis)
    text = texts.get(place) if place is not None else None
    return filled(text, a=call.args[0]) if text else None


def _number_of(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read float('-inf') and float(x)."""
    match call.args:
        case [ast.Constant("inf" | "-inf" as word)]:
            return filled(word)
        case [inner] if not isinstance(inner, ast.Constant):
            return inner
    return None


def _same(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read (x > 0).astype(float) as it is: a type changes no number here."""
    types = [ast.unparse(one) for one in call.args[1:]]
    floats = all("float" in one or "double" in one for one in types)
    return call.args[0] if call.args and floats and not call.keywords else None


def _factorial(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read 4! as 24; of a variable there is none."""
    value = whole_number(call.args[0]) if len(call.args) == 1 else None
    if value is None or not 0 <= value <= MOST_FACTORIAL:
        message = tr("a factorial is that of a small whole number")
        hint = tr("of a variable it has no slope; write the product, as in 3*2*1")
        raise ArgumentError(message, source.text, source.span(item), hint)
    return ast.Constant(math.factorial(value))


def _array(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read np.array([1, 2]) as the list, and torch.tensor(x) as x."""
    kept = {str(one.arg) for one in call.keywords}
    whole = kept <= {"dtype", "device", "requires_grad"}
    match call.args:
        case [ast.List() as inner] if whole or not kept:
            return inner
        case [inner] if whole and not isinstance(inner, ast.Tuple):
            return inner
    return None


#: How those are called that have no other form.
EXAMPLES = {
    "concatenate": "concatenate((a, b), axis=0)",
    "Piecewise": "Piecewise((x, x > 0), (0, True))",
    "select": "select([x > 0, x < -1], [x, -x], 0)",
    "Rational": "Rational(1, 2)",
    "float": "float('inf')",
    "astype": "x.astype(float)",
    "factorial": "factorial(3)",
    "array": "array([1, 2])",
    "multi_dot": "multi_dot([A, B, C])",
    "tensordot": "tensordot(A, B, axes=1)",
    "unsqueeze": "unsqueeze(x, 0)",
    "expand_dims": "expand_dims(x, 0)",
    **EXAMPLES_OF_STACKS,
}
FORMS: dict[str, Form] = {
    "float": _number_of,
    "array": _array,
    "astype": _same,
    "factorial": _factorial,
    **dict.fromkeys(("unsqueeze", "expand_dims"), _widened),
    "concat": _joined,
    "concatenate": _joined,
    "Piecewise": _piecewise,
    "select": _selected,
    "Rational": _fraction,
    **dict.fromkeys((*ENTRIES, *OF_GATES), reduced),
    **STACKS,
    "sum": _summed,
    "einsum": einsum_form,
    **dict.fromkeys(("matmul", "matrix_product"), _matmul),
    "tensordot": _tensordot,
    "multi_dot": _chained,
    "softplus": _scaled,
    "transpose": _swapped,
}
