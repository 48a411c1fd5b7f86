r"""Shapes of a recurrent network over characters, whose number a default says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from gradtutor.audit.program.definitions import is_python
from gradtutor.audit.program.shapes.names import HIDDEN, INWARD, OUTWARD, RECURRENT
from gradtutor.audit.program.usage import Usage

COUNT = re.compile(r"(vocab|alphabet)_?size|n_?(chars|letters|vocab)|vocab")


FEW = 6  # words that do


def of_vocabulary(text: str, usages: Mapping[str, Usage]) -> dict[str, list[str]]:
    """Return the shapes of weights where words are picked: ``vocab_size=27`` is a size.

    >>> names = {n: Usage(indexes=n == "X") for n in ("X", "Wax", "Waa", "by")}
    >>> of_vocabulary("def f(X, Wax, Waa, by, vocab_size=9): pass", names)
    {'Wax': ['n_a', '9'], 'Waa': ['n_a', 'n_a'], 'by': ['9', '1']}
    """
    size = _size(text)
    if not size or not any(usage.indexes for usage in usages.values()):
        return {}
    found = {
        name: sizes
        for name, usage in usages.items()
        if not usage.indexes and (sizes := _sizes(name, size))
    }
    weighted = any(INWARD.fullmatch(n) or RECURRENT.fullmatch(n) for n in found)
    return found if weighted else {}


def smaller(text: str) -> str:
    r"""Return the text with fewer words: ``vocab_size=27`` costs much and says no more.

    A number that the text writes elsewhere too stays as it is.

    >>> smaller("def f(X, vocab_size = 27):\n    pass")
    'def f(X, vocab_size = 6):\n    pass'
    >>> smaller("def f(X, vocab_size = 27):\n    return X / 27")
    'def f(X, vocab_size = 27):\n    return X / 27'
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return text
    found = list(_counts(tree))
    own = {id(one) for one in found}
    elsewhere = {
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, int) and id(n) not in own
    }
    lines = text.split("\n")
    found.sort(key=lambda one: (one.lineno, one.col_offset), reverse=True)
    for default in found:
        number = default.value
        if isinstance(number, int) and number > FEW and number not in elsewhere:
            line = lines[default.lineno - 1].encode()
            ends = line[: default.col_offset], line[default.end_col_offset or 0 :]
            lines[default.lineno - 1] = str(FEW).encode().join(ends).decode()
    made = "\n".join(lines)
    return made if is_python(made) else text


def _counts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the defaults of arguments that count words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            args = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            for arg, default in zip(args, node.args.defaults, strict=True):
                if COUNT.fullmatch(arg.arg) and isinstance(default, ast.Constant):
                    yield default


def _size(text: str) -> str:
    """Return the default of an argument that counts words."""
    return next((str(one.value) for one in _counts(ast.parse(text))), "")


def _sizes(name: str, size: str) -> list[str]:
    if INWARD.fullmatch(name):
        return ["n_a", size]
    if RECURRENT.fullmatch(name):
        return ["n_a", "n_a"]
    if OUTWARD.fullmatch(name):
        return [size, "n_a"]
    if re.fullmatch(r"b_?y", name):
        return [size, "1"]
    return (
        ["n_a", "1"] if HIDDEN.fullmatch(name) or re.fullmatch(r"b[ah]?", name) else []
    )
