"""Pieces of a syntax tree that are not Python's own, and templates of others.

A function such as ``hypot`` is no gate: a template says it in gates, and the arguments
take the places of its letters.

>>> filled("sqrt(a)", a=ast.Name("x")).args[0].id
'x'
"""

from __future__ import annotations

import ast

from gradtutor.graph import Span


class Beside(ast.operator):
    """A product without a sign: × of numbers, @ of matrices and vectors."""


class Star(ast.operator):
    """A * in a text of matrices: as without a sign, and of two columns ⊙."""


class Hadamard(ast.operator):
    """A product element by element, written ⊙ or .*."""


class Numeral(ast.Constant):
    """A number that does not stand in the text as such: the 2 of x²."""

    def __init__(self, value: float = 0.0, text: str = "") -> None:
        super().__init__(value)
        self.text = text or repr(value)


def numeral_text(node: ast.expr) -> str:
    """Return how a number that does not stand in the text is written; else nothing."""
    match node:
        case Numeral(text=text):
            return text
        case ast.UnaryOp(ast.USub(), Numeral(text=text)):
            return f"-{text}"
    return ""


def whole_number(node: ast.expr | None) -> int | None:
    """Return a whole number with its sign; None of anything else."""
    match node:
        case ast.Constant(int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(ast.USub(), inner):
            found = whole_number(inner)
            return None if found is None else -found
    return None


class Planted(ast.NodeTransformer):
    """Puts arguments in the places of a template's letters."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the argument that a letter stands for; other names stay."""
        return self.given.get(node.id, ast.Name(node.id))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Return a number of the template, which stands in no text."""
        number = isinstance(node.value, int | float) and not isinstance(
            node.value, bool
        )
        return Numeral(node.value) if number else ast.Constant(node.value)  # type: ignore[arg-type]


def filled(text: str, **given: ast.expr) -> ast.expr:
    """Return a template's tree with arguments in the places of letters.

    An argument that stands twice is one part of the tree, so it becomes one node.
    """
    planted: ast.expr = Planted(given).visit(template(text))
    return planted


def template(text: str) -> ast.expr:
    """Return a text's tree without places: it stands nowhere in a person's text."""
    tree = ast.parse(text, mode="eval").body
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            del node.lineno
    return tree


def placed(tree: ast.expr, places: dict[ast.AST, Span], span: Span) -> ast.expr:
    """Give the parts of a tree that have no place this one."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if node not in places and not hasattr(node, "lineno"):
            places[node] = span
            stack.extend(ast.iter_child_nodes(node))
    return tree
