"""A person's file with double precision in place of single and half.

Finite differences of a forward that rounds to 24 bits are good for three digits, and
flat between its steps; the same forward in double precision has the same gradient.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

NARROW = frozenset(
    ("float32", "float16", "bfloat16", "single", "half", "f4", "f2", "<f4", "<f2", "f")
)
WIDE = "float64"
#: Names of a kind wherever they stand: ``f`` may be a function elsewhere.
AS_ATTRIBUTE = frozenset(("float32", "float16", "bfloat16", "single", "half"))
#: PyTorch's conversions and kinds.
CONVERSIONS = {"float": "double", "half": "double", "bfloat16": "double"}
TENSORS = {"FloatTensor": "DoubleTensor", "HalfTensor": "DoubleTensor"}
WORDS = ("float32", "float16", "bfloat16")
LIMITS = ("finfo", "iinfo")  # the constants that these give are kept
CASTS = ("astype", "dtype", "asarray", "array", "view", "type")


class Widened(ast.NodeTransformer):
    """Write double precision where a text asks for less.

    Attributes
    ----------
    count : int
        How many places were changed.

    >>> tree = ast.parse("x.astype(np.float32) + np.zeros(3, dtype='f4') + t.float()")
    >>> ast.unparse(Widened().visit(tree))
    "x.astype(np.float64) + np.zeros(3, dtype='float64') + t.double()"
    """

    def __init__(self) -> None:
        self.count = 0

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # noqa: D102
        self.generic_visit(node)
        if (node.attr in AS_ATTRIBUTE and isinstance(node.value, ast.Name)) or (
            node.attr == "float" and ast.unparse(node.value) == "torch"
        ):
            node.attr = self._wide(WIDE)
        elif node.attr in TENSORS:
            node.attr = self._wide(TENSORS[node.attr])
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:  # noqa: D102
        for one in node.names:
            if one.name in AS_ATTRIBUTE:
                one.asname = one.asname or one.name
                one.name = self._wide(WIDE)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:  # noqa: D102
        self.generic_visit(node)
        if node.arg == "dtype":
            node.value = self._constant(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: D102
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in LIMITS:
            return node
        if name in CONVERSIONS and not node.args and not node.keywords:
            assert isinstance(node.func, ast.Attribute)
            node.func.attr = self._wide(CONVERSIONS[name])
        self.generic_visit(node)
        if name in CASTS:
            node.args = [self._constant(one) for one in node.args]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:  # noqa: D102
        if node.value in WORDS:
            node.value = self._wide(WIDE)
        return node

    def _constant(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Constant) and node.value in NARROW:
            node.value = self._wide(WIDE)
        return node

    def _wide(self, name: str) -> str:
        self.count += 1
        return name


def widen_beside(folder: Path, own: str) -> int:
    """Execute narrow modules of a folder again, wide; return how many there are.

    Parameters
    ----------
    own : str
        The person's file, which is widened in its own way.
    """
    count = 0
    for module in list(sys.modules.values()):
        file = Path(getattr(module, "__file__", None) or "/")
        if file.parent != folder or not file.is_file() or str(file) == own:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        widened = Widened()
        widened.visit(tree)
        if widened.count and module.__name__ != "__main__":
            exec(compile(tree, str(file), "exec"), vars(module))
            count += 1
    return count


def is_narrow(text: str) -> bool:
    """Whether a file asks for less than double precision anywhere."""
    widened = Widened()
    widened.visit(ast.parse(text))
    return widened.count > 0
