r"""Write nodes of a graph in a notation: the language, a terminal's, or LaTeX.

>>> from gradtutor.language import parse
>>> graph = parse("exp(-w*x)/(1 + x**2)")
>>> names = {"w": "w", "x": "x"}
>>> write(graph, graph.graph["output"], LANGUAGE.known(names), LANGUAGE)
'exp(-w*x)/(1 + x**2)'
>>> write(graph, graph.graph["output"], LATEX.known(names), LATEX)
'\\frac{e^{-w\\,x}}{1 + x^{2}}'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gradtutor.evaluate.values import Array
from gradtutor.explain.notation.latex import latex_names, node_latex
from gradtutor.explain.notation.latex_text import latex_number
from gradtutor.graph import Graph, arguments, node_data
from gradtutor.language.formula.unparse import ATOM, BINDING, Text, node_text

#: How tightly a product binds.
PRODUCT = BINDING["@"]
#: A part longer than this is written as an ellipsis.
LIMIT = 2000
#: A tensor with more elements than this shows its shape alone.
SHOWN_ELEMENTS = 6


def as_written(names: Iterable[str]) -> dict[str, str]:
    """Write every name as the person did."""
    return {name: name for name in names}


@dataclass(frozen=True)
class Notation:
    """How formulas are written.

    Attributes
    ----------
    gate, names : callable
        Write a gate on its written arguments; and all names on a page, no two alike.
    partial, of, via : str
        Templates: of a derivative; of the derivative of a formula; of the part of it
        that came along one wire, empty where that is said in words.
    number, quote : callable
        What is done to a number, and to a formula that stands in a sentence.
    """

    gate: Callable[[Graph, str, list[Text]], Text]
    names: Callable[[Iterable[str]], dict[str, str]] = as_written
    partial: str = "∂{}/∂{}"
    of: str = "∂/∂{}[{}]"
    via: str = ""
    times: str = " × "
    dot: str = " · "
    arrow: str = " → "
    number: Callable[[str], str] = str
    quote: Callable[[str], str] = str

    def known(self, labels: Mapping[str, str]) -> dict[str, Text]:
        """Return labels as texts that stand for their nodes."""
        names = self.names(labels.values())
        return {node: Text(names[label]) for node, label in labels.items()}

    def value(self, value: Array) -> str:
        """Write a number with six digits; a small tensor as lists, a large as none."""
        value = value + 0.0  # -0 is 0
        if value.ndim == 0:
            return self.number(f"{float(value):.6g}")
        if value.size > SHOWN_ELEMENTS:
            return ""
        return _listed(value)


def _listed(value: Array) -> str:
    """Write a tensor as lists in one line."""
    if value.ndim == 0:
        return f"{float(value):.6g}"
    return f"[{', '.join(map(_listed, value))}]"


def _gate(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write a gate in the language, -1/x without parentheses, kernels of two axes."""
    data = node_data(graph, node)
    if data["gate"] == "neg" and args[0].binding == BINDING["*"]:
        inner = args[0].text
        return Text(f"-({inner})" if inner[:1] == "-" else f"-{inner}", BINDING["*"])
    text = node_text(graph, node, args)
    kernel = data.get("attrs", {}).get("kernel", ())
    if len(kernel) > 1 and "kernel=" not in text.text:  # one number: one axis
        return Text(f"{text.text[:-1]}, kernel={kernel})")
    return text


def _terminal_gate(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write products as in books, h1ᵀ · dz2, and cuts as z[:, 0:4]."""
    data = node_data(graph, node)
    if data["gate"] == "slice":
        cuts = ", ".join(map(_cut, data["attrs"]["cuts"]))
        return Text(f"{args[0].inside(ATOM)}[{cuts}]")
    if data["gate"] == "matmul":
        sides = args[0].inside(PRODUCT), args[1].inside(PRODUCT + 1, right=True)
        return Text(" · ".join(sides), PRODUCT)
    if data["gate"] == "transpose" and not data["attrs"].get("axes"):
        return Text(args[0].inside(ATOM) + "ᵀ")
    return _gate(graph, node, args)


def _cut(cut: tuple[int, int | None, int]) -> str:
    start, stop, step = cut
    ends = f"{start or ''}:{'' if stop is None else stop}"
    return ends if step == 1 else f"{ends}:{step}"


LANGUAGE = Notation(_gate)
TERMINAL = Notation(_terminal_gate)
LATEX = Notation(
    node_latex,
    latex_names,
    r"\frac{{\partial {}}}{{\partial {}}}",
    r"\frac{{\partial}}{{\partial {}}}\left[{}\right]",
    r"\left.{}\right|_{{{}}}",
    r" \times ",
    r" \cdot ",
    r" \rightarrow ",
    number=latex_number,
    quote="${}$".format,
)


def write(
    graph: Graph,
    node: str,
    known: Mapping[str, Text],
    notation: Notation,
    *,
    whole: bool = False,
) -> str:
    """Write a node in terms of the known ones.

    Parameters
    ----------
    whole : bool
        Write the node itself out, even if it is known.
    """
    return write_text(graph, node, known, notation, whole=whole).text


def write_text(
    graph: Graph,
    node: str,
    known: Mapping[str, Text],
    notation: Notation,
    *,
    whole: bool = False,
) -> Text:
    """Do the same, with how tightly the text binds."""
    texts: dict[str, Text] = {}
    opened = node if whole else None
    for item in _needed(graph, node, known, opened):
        if item in known and item != opened:
            texts[item] = known[item]
        else:
            args = [texts[arg] for arg in arguments(graph, item)]
            text = notation.gate(graph, item, args)
            texts[item] = text if len(text.text) <= LIMIT else Text("…")
    return texts[node]


def _needed(
    graph: Graph, node: str, known: Mapping[str, Text], opened: str | None
) -> list[str]:
    """Return the nodes above this one, down to the known ones, arguments first."""
    done: dict[str, None] = {}
    stack = [node]
    while stack:
        item = stack[-1]
        ends = item in done or (item in known and item != opened)
        waiting = [] if ends else arguments(graph, item)
        waiting = [arg for arg in waiting if arg not in done]
        if waiting:
            stack.extend(waiting[::-1])
        else:
            done[stack.pop()] = None
    return list(done)
