"""What a layer's box is called: its kind, sizes and activation, as they were written.

>>> short_call('layers.Conv2D(32, kernel_size=(3, 3), activation="relu", name="a")')
'Conv2D(32, 3×3), relu'
>>> short_call("Linear(10)"), short_call("ReLU()"), short_call('"mean_squared_error"')
('Linear(10)', 'ReLU', 'mean squared error')
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtutor.graph import Graph, has_network
from gradtutor.language.formula.unparse import expression_text
from gradtutor.render.style import elided

TITLE_WIDTH = 36


def group_title(graph: Graph, nodes: tuple[str, ...]) -> str:
    """Return the title of a layer, or of a group of gates for one named value."""
    if not has_network(graph):
        name = graph.nodes[nodes[-1]]["name"]
        text = _written(graph, nodes[-1])
        return elided(f"{name} = {text}" if name else text, TITLE_WIDTH)
    return elided(short_call(_written(graph, nodes[0])), TITLE_WIDTH)


def _written(graph: Graph, node: str) -> str:
    """Return the text that a node was read from, on one line."""
    span = graph.nodes[node]["span"]
    if span is None:
        return expression_text(graph, node, limit=2 * TITLE_WIDTH)
    return " ".join(graph.graph["source"][slice(*span)].split())


def short_call(text: str) -> str:
    """Write a call without its module and without what is no size."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return text.removesuffix("()")
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        return tree.value.replace("_", " ")
    if not isinstance(tree, ast.Call) or not isinstance(
        tree.func, ast.Name | ast.Attribute
    ):
        return text
    func = tree.func
    name = func.id if isinstance(func, ast.Name) else func.attr
    sizes = ", ".join(_sizes(tree))
    return (f"{name}({sizes})" if sizes else name) + _activation(tree)


def _sizes(call: ast.Call) -> Iterator[str]:
    """Yield what stands in a call by its place, and the numbers that have names."""
    for part in call.args:
        yield _size(part) or ast.unparse(part)
    for word in call.keywords:
        if word.arg and not isinstance(word.value, ast.Constant | ast.Name):
            if size := _size(word.value):
                yield size
        elif isinstance(word.value, ast.Constant) and _is_number(word.value.value):
            yield f"{word.arg}={ast.unparse(word.value)}"


def _size(part: ast.expr) -> str:
    """Return a tuple of numbers as 3×3; empty for anything else."""
    if not isinstance(part, ast.Tuple | ast.List) or not part.elts:
        return ""
    if not all(isinstance(n, ast.Constant) and _is_number(n.value) for n in part.elts):
        return ""
    return "×".join(map(ast.unparse, part.elts))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _activation(call: ast.Call) -> str:
    for word in call.keywords:
        if word.arg == "activation" and isinstance(word.value, ast.Constant):
            return f", {word.value.value!s}"
    return ""
