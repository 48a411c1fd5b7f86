"""Expressions of NumPy in another array library: names change in the tree.

>>> torch = Library("torch", methods={"max": "amax"}, keywords={"keepdims": "keepdim"})
>>> in_library("np.exp(x).max(axis=0, keepdims=True)", torch)
'torch.exp(x).amax(axis=0, keepdim=True)'
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gradtutor.codegen.text.numpy_text import format_expression

#: Functions of a size, which is no array.
MAKERS = ("eye", "arange", "zeros", "ones")


@dataclass(frozen=True)
class Library:
    """What an array library calls the things of NumPy.

    Attributes
    ----------
    module : str
        What stands for ``np``.
    functions : mapping
        NumPy's functions that have another place, dotted: ``concatenate``.
    helpers : mapping
        Functions of a script's own that the library has.
    methods, keywords : mapping
        Those of arrays' methods that have another name.
    counted : collection of str
        Attributes that are methods there, with their name: ``size``.
    number : str
        What makes an array of a constant, where functions take arrays alone.
    """

    module: str
    functions: Mapping[str, str] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)
    number: str = ""


def in_library(text: str, library: Library) -> str:
    """Return an expression or an assignment of NumPy's in a library's names."""
    tree = _Renaming(library).visit(ast.parse(text))
    return format_expression(ast.unparse(tree).replace("'", '"'))


class _Renaming(ast.NodeTransformer):
    """Put a library's names into a tree."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Rename a function of the script's own."""
        return _dotted(self.library.helpers.get(node.id, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Rename a function of NumPy's, or something of an array."""
        path = _path(node)
        if path[:1] == ["np"]:
            name = ".".join(path[1:])
            known = self.library.functions.get(name)
            return _dotted(known or f"{self.library.module}.{name}")
        node.value = self.visit(node.value)
        if node.attr in self.library.counted:
            node.attr = self.library.counted[node.attr]
            return ast.Call(node, [], [])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Rename a call's method and keywords."""
        func = node.func
        own = isinstance(func, ast.Attribute) and _path(func)[:1] != ["np"]
        self.generic_visit(node)
        plain = isinstance(func, ast.Attribute) and func.attr not in MAKERS
        if self.library.number and plain and not own and len(node.args) == 1:
            node.args = [self._array(node.args[0])]
        if isinstance(func, ast.Attribute) and own:
            func.attr = self.library.methods.get(func.attr, func.attr)
        for keyword in node.keywords:
            known = self.library.keywords
            keyword.arg = known.get(keyword.arg or "", keyword.arg)
        return node

    def _array(self, arg: ast.expr) -> ast.expr:
        """Return an argument; a constant, 2 or math.sqrt(2), as an array."""
        names = {one.id for one in ast.walk(arg) if isinstance(one, ast.Name)}
        constant = not isinstance(arg, ast.Tuple | ast.List) and names <= {"math"}
        return ast.Call(ast.Name(self.library.number), [arg], []) if constant else arg


def _path(node: ast.expr) -> list[str]:
    """Return the names of ``np.linalg.inv`` from the left; none of other things."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        above = _path(node.value)
        return [*above, node.attr] if above else []
    return []


def _dotted(name: str) -> ast.expr:
    return ast.parse(name, mode="eval").body


def with_module(source: str, module: str, kept: Collection[str] = ()) -> str:
    """Return source with another module for ``np``; comments and layout stay.

    Parameters
    ----------
    kept : collection of str
        Names that are taken from NumPy still.

    >>> with_module("y = np.exp(x)  # np.exp", "jnp")
    'y = jnp.exp(x)  # np.exp'
    """
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for n in reversed(range(len(tokens) - 2)):
        first, dot, name = tokens[n : n + 3]
        if (first.string, dot.string) == ("np", ".") and name.string not in kept:
            (row, start), (_, end) = first.start, first.end
            line = lines[row - 1]
            lines[row - 1] = line[:start] + module + line[end:]
    return "".join(lines)
