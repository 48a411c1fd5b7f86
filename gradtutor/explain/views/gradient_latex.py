"""A formula and its gradient as a LaTeX document, in the textbook's form."""

from __future__ import annotations

from collections.abc import Mapping

from gradtutor.explain.notation.writing import LATEX, write
from gradtutor.gates import Shape, show_shape
from gradtutor.graph import Graph, inputs
from gradtutor.language import parse_formula

HEAD = r"""\documentclass{article}
\usepackage{amsmath, amssymb}
\begin{document}
\begin{align*}
"""
TAIL = r"""
\end{align*}
\end{document}
"""


def gradient_document(graph: Graph, output: str, gradients: Mapping[str, str]) -> str:
    """Return a document with the value and each gradient, a line each.

    Parameters
    ----------
    gradients : mapping
        For each input its derivative in the language; shared parts come first.
    """
    shapes = {name: graph.nodes[name]["shape"] or () for name in inputs(graph)}
    names = LATEX.names([*shapes, output])
    known = LATEX.known({name: name for name in shapes})
    rows = [f"{names[output]} &= {write(graph, graph.graph['output'], known, LATEX)}"]
    for name, text in gradients.items():
        left = LATEX.partial.format(names[output], names[name])
        rows.append(f"{left} &= {latex_of(text, shapes)}")
    return HEAD + " \\\\\n".join(f"  {row}" for row in rows) + TAIL


def latex_of(text: str, shapes: Mapping[str, Shape]) -> str:
    r"""Return a text of the language as LaTeX.

    >>> latex_of("x/norm(x)", {"x": ("n",)})
    '\\frac{x}{\\left\\|x\\right\\|}'
    """
    declared = "".join(f"{n}: {show_shape(shape)}\n" for n, shape in shapes.items())
    graph = parse_formula(declared + text)
    known = LATEX.known({name: name for name in shapes})
    return write(graph, graph.graph["output"], known, LATEX)
