r"""Shapes as a program's text makes arrays with them: ``W = np.random.randn(n, k)``.

>>> tree = ast.parse("n, d = X.shape\nW = rng.normal(size=(d, 4))\nb = 0.0")
>>> made_shapes([tree], {"X", "W", "b"})
{'X': ['n', 'd'], 'W': ['d', '4'], 'b': []}
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

#: Functions that take the sizes one by one, and such that take them as a tuple.
APART = ("randn", "rand")
TOGETHER = ("zeros", "ones", "empty", "full", "random", "standard_normal")
SIZED = ("normal", "uniform", "randint", "standard_normal", "random")


def made_shapes(nodes: Iterable[ast.AST], names: set[str]) -> dict[str, list[str]]:
    """Return the sizes of arrays by name, as texts, as far as they are written out."""
    found: dict[str, list[str]] = {}
    nodes = list(nodes)
    kept = dict(pair for node in nodes for pair in _kept(node))
    counted = dict(pair for node in nodes for pair in _counted(node))
    for node in nodes:
        for name, sizes in _made(node):
            if name in names:
                sizes = [counted.get(size, size) for size in sizes]
                found.setdefault(name, [_of(kept, size) for size in sizes])
    asked = {size for sizes in found.values() for size in sizes}
    for name in names - set(found):
        own = [f"{name}_{i}_" for i in range(2)]
        if asked & set(own):
            found = {name: own, **found}
    return found


def _counted(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names of single axes: ``k = Y.shape[1]``."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                [ast.Name(name)],
                ast.Subscript(
                    ast.Attribute(ast.Name(of), "shape"), ast.Constant(int(place))
                ),
            ):
                yield name, f"{of}_{place}_"


def _kept(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the attributes that only keep an argument: ``self.input = x``."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                [ast.Attribute(ast.Name("self"), name)],
                ast.Name(of) | ast.Call(_, [ast.Name(of)]),
            ):
                yield name, of


def _of(kept: Mapping[str, str], size: str) -> str:
    """Return an axis of an attribute as one of the argument that it keeps."""
    name, place, end = [*size.rsplit("_", 2), "", ""][:3]
    return f"{kept[name]}_{place}_" if end == "" and name in kept and place else size


def _made(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Tuple(sizes)], ast.Attribute(ast.Name(name), "shape")):
                yield name, [_size(s) for s in sizes]
            case ast.Assign([target], value):
                name = _name(target)
                sizes_ = _sizes(value)
                if name and sizes_ is not None:
                    yield name, sizes_


def _name(target: ast.expr) -> str:
    match target:
        case ast.Name(name) | ast.Attribute(ast.Name("self"), name):
            return name
    return ""


def _size(node: ast.expr) -> str:
    """Return a size as text; a name for what is no name and no number."""
    match node:
        case ast.Attribute(ast.Name("self"), name):
            return name
        case ast.Subscript(ast.Attribute(of, "shape"), ast.Constant(int(place))):
            return f"{_name(of) or 'x'}_{place}_"
        case ast.Name() | ast.Constant(int()):
            return ast.unparse(node)
    return "_".join(n.id for n in ast.walk(node) if isinstance(n, ast.Name)) or "n_"


def _sizes(node: ast.expr) -> list[str] | None:
    """Return the shape that an expression makes an array of; None: not known."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.Div() | ast.Sub() | ast.Add(), right):
            sides = [_sizes(left), _sizes(right)]
            return next((s for s in sides if s), sides[0])
        case ast.Constant(float() | int()):
            return []
        case ast.Call(ast.Attribute(_, word), args, keywords):
            sized = next(
                (k.value for k in keywords if k.arg in ("size", "shape")), None
            )
            if sized is None and word in APART:
                return [_size(a) for a in args]  # randn() is a number
            if sized is None and word in TOGETHER and args:
                sized = args[0]
            if sized is None and word in SIZED and len(args) > 2:
                sized = args[2]
            if sized is None and word in ("normal", "uniform"):
                return []
            return _tuple(sized) if sized is not None else None
    return None


def _tuple(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Tuple | ast.List):
        return [_size(item) for item in node.elts]
    return [_size(node)]
