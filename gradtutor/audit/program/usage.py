r"""How a function uses its arguments, read off its text: keys, labels, counts.

>>> tree = ast.parse("def f(p, y):\n    return p['W1'][range(3), y]").body[0]
>>> usages(tree, {})["p"].keys, usages(tree, {})["y"].indexes
(('W1',), True)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradtutor.audit.program.usage_parts import bounds, cuts, factors, listed_keys

#: Methods of PyTorch's tensors and of JAX's arrays beside NumPy's; of dicts and lists.
OTHERS = re.compile(
    r"abs|add|amax|bmm|clamp|clone|cos|detach|dim|div|double|eq|exp|expand|expand_as|"
    r"flip|float|gather|ge|gt|half|int|item|le|log|long|lt|masked_fill|matmul|mm|mul|"
    r"neg|numel|numpy|permute|pow|relu|rsqrt|scatter_add_|sigmoid|sin|size|softmax|"
    r"sqrt|square|sub|t|tanh|to|unsqueeze|view|where|add_|mul_|zero_|sub_|clamp_min|"
    r"new_zeros|new_ones|at|log_softmax|logsumexp|requires_grad_|backward|contiguous|"
    r"index_add_|bool|"
    r"get|items|keys|values|setdefault|append|index|pop"
)
#: Words as whole numbers.
TOKENS = re.compile(r"captions?|tokens|(token|input|word)_ids")
DEPTH = 3  # of calls that an argument is followed through


@dataclass
class Usage:
    """What is done with one argument.

    Attributes
    ----------
    keys : tuple of str
        Constant keys it is read with: ``p["W1"]``, ``p.get("mode")``.
    stems : tuple of str
        Beginnings of keys that are put together: ``p["W" + str(l)]``.
    indexes : bool
        Whether it picks elements, as labels do.
    counts : bool
        Whether it is a number of things: ``range(n)``, ``np.zeros((n, m))``.
    walked : bool
        Whether a loop goes over it, or it is read by number.
    words : tuple of str
        What it is compared with: ``activation == "relu"``.
    rank : int
        How many sizes its shape is unpacked into: ``N, D = x.shape``.
    axes : int
        How many axes it has at least: ``b[:, :, :, c]``.
    graded : bool
        Whether its gradient comes back.
    joined : bool
        Whether it is a factor of a matrix product: ``x @ w``, ``np.dot(x, w.T)``.
    read : bool
        Whether it is read at all.
    asked : bool
        Whether a method is called that no array has: ``dataset.sample()``.
    flag : bool
        Whether it says yes or no: ``if activate:``.
    flat : bool
        Whether matrices are cut out of it: ``np.reshape(p[:12], (4, 3))``.
    """

    keys: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    indexes: bool = False
    counts: bool = False
    walked: bool = False
    words: tuple[str, ...] = ()
    rank: int = 0
    axes: int = 0
    graded: bool = False
    joined: bool = False
    read: bool = False
    asked: bool = False
    flag: bool = False
    flat: bool = False

    def join(self, other: Usage) -> None:
        """Add what another function does with it."""
        self.keys = tuple(dict.fromkeys([*self.keys, *other.keys]))
        self.stems = tuple(dict.fromkeys([*self.stems, *other.stems]))
        self.words = tuple(dict.fromkeys([*self.words, *other.words]))
        self.indexes |= other.indexes
        self.counts |= other.counts
        self.walked |= other.walked
        self.joined |= other.joined
        self.asked |= other.asked
        self.flag |= other.flag
        self.flat |= other.flat
        self.rank = max(self.rank, other.rank)
        self.axes = max(self.axes, other.axes)


def usages(
    function: ast.FunctionDef | ast.Lambda,
    functions: Mapping[str, ast.FunctionDef],
    depth: int = DEPTH,
) -> dict[str, Usage]:
    """Return what a function, and those it calls, do with each argument."""
    args = function.args
    names = [a.arg for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]]
    found = {name: Usage(indexes=bool(TOKENS.fullmatch(name))) for name in names}
    for node in ast.walk(function):
        _look(node, found)
        if depth and isinstance(node, ast.Call):
            _follow(node, found, functions, depth)
    return found


def _look(node: ast.AST, found: dict[str, Usage]) -> None:
    match node:
        case ast.Name(name, ast.Load()) if name in found:
            found[name].read = True
        case ast.If(ast.Name(name)) | ast.IfExp(ast.Name(name)) if name in found:
            found[name].flag = True
        case ast.Subscript(ast.Name(name), key) if name in found:
            _key(found[name], key)
            found[name].axes = max(found[name].axes, _axes(key))
        case ast.Call():
            _look_at_call(node, found)
        case ast.Compare():
            _look_at_comparison(node, found)
        case ast.For(_, iterated):
            _mark(found, _iterated(iterated), "walked")
        case ast.Assign(
            [ast.Tuple(targets)],
            ast.Attribute(ast.Name(name), "shape")
            | ast.Call(ast.Attribute(ast.Name(name), "size"), []),
        ) if name in found:
            found[name].rank = max(found[name].rank, len(targets))
    if isinstance(node, ast.Subscript):
        _indexing(node, found)
    for name, text in listed_keys(node):
        if name in found:
            found[name].keys = (*found[name].keys, text)
    _mark(found, bounds(node), "counts")
    _mark(found, cuts(node), "flat")
    _mark(found, factors(node), "joined")


def _mark(found: dict[str, Usage], names: Iterable[str], fact: str) -> None:
    """Note something of those names that are arguments."""
    for name in names:
        if name in found:
            setattr(found[name], fact, True)


def _look_at_call(node: ast.Call, found: dict[str, Usage]) -> None:
    """Note whose method is called, whose key is asked for, what counts something."""
    match node:
        case ast.Call(ast.Attribute(ast.Name(name), method)) if name in found and not (
            hasattr(np.ndarray, method) or OTHERS.fullmatch(method)
        ):
            found[name].asked = True
        case ast.Call(
            ast.Attribute(ast.Name(name), "get" | "setdefault"),
            [ast.Constant(str(key)), *_],
        ) if name in found:
            found[name].keys = (*found[name].keys, key)
        case ast.Call(ast.Name("range"), args):
            _mark(found, _names(args), "counts")
        case ast.Call(ast.Attribute(_, "zeros" | "ones" | "eye" | "empty"), [a, *b]):
            for one in [a, *b]:
                parts = one.elts if isinstance(one, ast.Tuple) else [one]
                sizes = [part.id for part in parts if isinstance(part, ast.Name)]
                _mark(found, sizes, "counts")


def _look_at_comparison(node: ast.Compare, found: dict[str, Usage]) -> None:
    """Note what is compared with words, or with places."""
    match node:
        case ast.Compare(
            ast.Name(name), [ast.Eq() | ast.NotEq()], [ast.Constant(str(w))]
        ) if name in found:
            found[name].words = (*found[name].words, w)
        case ast.Compare(
            ast.Name() | ast.Subscript(ast.Name(), ast.Name()) as one,
            [ast.Eq() | ast.NotEq()],
            [ast.Name() | ast.Subscript(ast.Name(), ast.Name()) as other],
        ):
            sides = [side for side in (one, other) if isinstance(side, ast.Subscript)]
            of = [side.value for side in sides]  # k == y[i]
            names = [value.id for value in of if isinstance(value, ast.Name)]
            _mark(found, names, "indexes")
        case ast.Compare(ast.Name(name), [ast.In()], [ast.Tuple(e) | ast.List(e)]) if (
            name in found
        ):
            words = [c.value for c in e if isinstance(c, ast.Constant)]
            found[name].words = (*found[name].words, *map(str, words))


def _axes(key: ast.expr) -> int:
    """Return how many axes an index takes: none for a list of places."""
    parts = key.elts if isinstance(key, ast.Tuple) else [key]
    taken = [p for p in parts if not isinstance(p, ast.Constant) or p.value is not None]
    return sum(not isinstance(p, ast.Constant) or p.value is not ... for p in taken)


def _key(usage: Usage, key: ast.expr) -> None:
    match key:
        case ast.Constant(str(text)):
            usage.keys = (*usage.keys, text)
        case ast.BinOp(ast.Constant(str(text)), ast.Add()):
            usage.stems = (*usage.stems, text)
        case ast.BinOp(ast.BinOp(ast.Constant(str(text))), ast.Add()):
            usage.stems = (*usage.stems, text)
        case ast.BinOp(ast.Constant(str(text)), ast.Mod()):
            usage.stems = (*usage.stems, text.partition("%")[0])
        case ast.JoinedStr([ast.Constant(str(text)), ast.FormattedValue(), *_]):
            usage.stems = (*usage.stems, text)
        case ast.Call(ast.Attribute(ast.Constant(str(text)), "format")):
            usage.stems = (*usage.stems, text.partition("{")[0])


def _indexing(node: ast.Subscript, found: dict[str, Usage]) -> None:
    """See arguments that pick elements: ``p[np.arange(n), y]``, ``E[ids]``."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for part in parts:
        if isinstance(part, ast.Name) and part.id in found:
            found[part.id].indexes = True
        match part:
            case ast.Call(ast.Attribute(ast.Name(name)), _) if name in found:
                found[name].indexes = True  # y.astype(int), y.ravel()
            case ast.Subscript(ast.Name(name)) if name in found:
                found[name].indexes = True  # y[i]


def _iterated(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(name):
            yield name
        case ast.Call(ast.Name("enumerate" | "zip" | "reversed" | "list"), args):
            for arg in args:
                yield from _iterated(arg)


def _names(args: list[ast.expr]) -> Iterator[str]:
    for arg in args:
        match arg:
            case ast.Name(name):
                yield name
            case ast.BinOp(ast.Name(name)):
                yield name


def _follow(
    node: ast.Call,
    found: dict[str, Usage],
    functions: Mapping[str, ast.FunctionDef],
    depth: int,
) -> None:
    """Look into a function of the file that is given the arguments."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    inner = functions.get(name)
    if inner is None or not any(isinstance(a, ast.Name) for a in node.args):
        return
    there = usages(inner, functions, depth - 1)
    for given, usage in zip(node.args, there.values(), strict=False):
        if isinstance(given, ast.Name) and given.id in found:
            found[given.id].join(usage)
    for keyword in node.keywords:
        match keyword:
            case ast.keyword(arg, ast.Name(own)) if own in found and arg in there:
                found[own].join(there[arg])
