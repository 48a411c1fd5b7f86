"""Arrays put together, taken apart, or normalised: stack, vstack, diff, layer_norm.

Each becomes calls and signs that any reader of gates knows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import reduce

from gradtutor.language.errors import ArgumentError
from gradtutor.language.formula.functions.naming import Named
from gradtutor.language.formula.trees import filled, whole_number
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

Form = Callable[[Source, ast.Call, Named], ast.expr | None]
AXES = {1: "a[:, None]", 2: "a[:, :, None]", -1: "a[..., None]"}


def _parts(call: Named) -> list[ast.expr]:
    match call.args:
        case [ast.Tuple(parts) | ast.List(parts), *_]:
            return list(parts)
    return []


def _axis(call: Named, *names: str, default: int = 0) -> int | None:
    """Return the axis; the default where there is none."""
    given = [one.value for one in call.keywords if one.arg in names]
    given += call.args[1:2]
    return whole_number(given[0]) if given else default


def _stack(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read stack([x, y], axis=0): a new axis in each, then one after the other."""
    axis, parts = _axis(call, "axis", "dim"), _parts(call)
    if axis == 0:
        return ast.List(parts) if parts else None
    if axis not in AXES or not parts:
        return None
    wide = [filled(AXES[axis], a=part) for part in parts]
    return _chain(f"concat(a, b, axis={axis})", wide)


def _chain(text: str, parts: list[ast.expr]) -> ast.expr:
    return reduce(lambda left, right: filled(text, a=left, b=right), parts)


def _rows(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    rows = [filled("as_row(a)", a=part) for part in _parts(call)]
    return _chain("concat(a, b, axis=0)", rows) if rows else None


def _columns(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    columns = [filled("as_column(a)", a=part) for part in _parts(call)]
    return _chain("concat(a, b, axis=1)", columns) if columns else None


def _side_by_side(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    parts = _parts(call)
    return _chain("hstack_two(a, b)", parts) if parts else None


def _differences(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read np.diff(x); SymPy's diff(x**2, x) is what this program works out."""
    symbols = call.args[1:] and isinstance(call.args[1], ast.Name)
    if call.prefix in ("sp", "sympy", "sym") or symbols:
        name = ast.unparse(call.args[1]) if len(call.args) > 1 else "x"
        message = tr("{call} is what diff works out", call=source.segment(item))
        hint = tr("write the function alone, and --wrt {name}", name=name)
        raise ArgumentError(message, source.text, source.span(item), hint)
    axis = _axis(call, "axis", "dim", default=-1)
    texts = {-1: "a[..., 1:] - a[..., :-1]", 0: "a[1:] - a[:-1]"}
    if len(call.args) != 1 or axis not in texts:
        return None
    return filled(texts[axis], a=call.args[0])


def _sinc(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read NumPy's sinc, sin(πx)/(πx), and SymPy's, sin(x)/x."""
    if len(call.args) != 1:
        return None
    if not call.prefix and not call.is_method:
        message = tr("sinc has two readings")
        hint = tr("write np.sinc(x) for sin(pi*x)/(pi*x), or sin(x)/x itself")
        raise ArgumentError(message, source.text, source.span(item), hint)
    times = "" if call.prefix in ("sp", "sympy", "sym") else "pi*"
    inner = filled(f"{times}a", a=call.args[0])
    return filled("where(a == 0, 1, sin(a)/a)", a=inner)


def _layer_norm(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read F.layer_norm(x, shape, weight, bias, eps=1e-5) over the last axes."""
    names = ("a", "shape", "weight", "bias", "eps")
    given = dict(zip(names, call.args, strict=False))
    given |= {str(one.arg): one.value for one in call.keywords}
    shape = given.pop("shape", given.pop("normalized_shape", None))
    many = len(shape.elts) if isinstance(shape, ast.Tuple | ast.List) else 1
    kept = {name: one for name, one in given.items() if not _is_none(one)}
    if shape is None or not {*kept} <= {*names} or "a" not in kept:
        return None
    axes = "-1" if many == 1 else str(tuple(range(-many, 0)))
    along = f"axis={axes}, keepdims=True"
    eps = kept.setdefault("eps", filled("1e-5"))
    text = f"(a - mean(a, {along}))/sqrt(variance(a, {along}) + eps)"
    text = f"weight*({text})" if "weight" in kept else text
    return filled(f"{text} + bias" if "bias" in kept else text, **kept | {"eps": eps})


def _unit(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read F.normalize(x) without dim, which PyTorch takes along axis 1."""
    torch = call.prefix in ("torch", "F", "nn", "functional")
    if not torch or len(call.args) != 1 or call.keywords:
        return None
    return filled("unit_rows(a)", a=call.args[0])


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


STACKS: dict[str, Form] = {
    "stack": _stack,
    "vstack": _rows,
    "column_stack": _columns,
    "hstack": _side_by_side,
    "diff": _differences,
    "sinc": _sinc,
    "layer_norm": _layer_norm,
    "normalize": _unit,
}
EXAMPLES_OF_STACKS = {
    "stack": "stack([x, y], axis=0)",
    "vstack": "vstack([x, y])",
    "column_stack": "column_stack([x, y])",
    "hstack": "hstack((x, y))",
    "diff": "diff(x)",
    "sinc": "np.sinc(x)",
    "layer_norm": "layer_norm(x, (3,))",
}
