"""A function of tensors in JavaScript: nested arrays in, nested arrays out.

It is printed as the page's programs are, and brings along what they call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from gradtutor.calculus.backward import backward_graph
from gradtutor.codegen.function.compiled import one_line, safe_name
from gradtutor.codegen.function.lines import NoTextError
from gradtutor.codegen.text.javascript import javascript_program, runtime
from gradtutor.graph import Graph, inputs
from gradtutor.language import expression_text

TEMPLATES = Path(__file__).parent.parent / "templates"
LONGEST = 60


def tensors_javascript(graph: Graph, wrt: Sequence[str], ties: str = "torch") -> str:
    """Return a module with ``valueAndGradient``; node and browsers run it.

    Raises
    ------
    NoTextError
        When a gate has no JavaScript.
    """
    backward = backward_graph(graph, wrt=wrt, ties=ties)
    output = graph.graph["output"]
    slopes = {name: backward.of_node.get(name) for name in wrt}
    targets = [output, *(node for node in slopes.values() if node)]
    names = inputs(graph)
    try:
        program = javascript_program(backward.graph, [*names, *targets])
    except NotImplementedError as error:
        raise NoTextError(str(error)) from None
    slots = program.slots
    given = [f"  v[{slots[name]}] = tensorOf({_argument(name)});" for name in names]
    pairs = ", ".join(
        f"{json.dumps(name)}: {_result(graph, name, slots.get(node or ''), slots)}"
        for name, node in slopes.items()
    )
    return "\n".join(
        [
            f"// The value of {one_line(graph.graph['source'])} and its gradient.",
            "// Tensors are nested arrays, [[1, 2], [3, 4]].",
            f"function valueAndGradient({', '.join(map(_argument, names))}) {{",
            f"  const v = new Array({program.size});",
            *given,
            *_statements(backward.graph, program.lines, slots),
            f"  const value = nested(v[{slots[output]}]);",
            f"  return {{ value, gradient: {{ {pairs} }} }};",
            "}",
            "",
            'if (typeof module !== "undefined") module.exports = { valueAndGradient };',
            "",
            (TEMPLATES / "nested.js").read_text("utf-8"),
            runtime(),
        ]
    )


@cache
def _taken() -> set[str]:
    """Return the names that the module has itself."""
    found = re.findall(r"^(?:function|const) (\w+)", runtime(), re.MULTILINE)
    return {*found, "v", "tensorOf", "nested"}


def _argument(name: str) -> str:
    return f"{name}_" if name in _taken() else safe_name(name)


def _result(graph: Graph, name: str, slot: int | None, slots: dict[str, int]) -> str:
    """Write a gradient in its input's shape; 0 where nothing depends on it."""
    if not graph.nodes[name]["shape"]:
        return "0" if slot is None else f"nested(v[{slot}])"
    like = f"v[{slots[name]}]"
    value = "0" if slot is None else f"v[{slot}]"
    return f"nested(map((a, _) => a, {value}, {like}))"


def _statements(graph: Graph, lines: list[str], slots: dict[str, int]) -> list[str]:
    """Return the statements, each with the formula of its value behind it."""
    nodes = {f"v[{slot}] ": node for node, slot in slots.items() if node in graph}
    written = []
    for line in lines:
        node = next((nodes[key] for key in nodes if line.startswith(key)), "")
        text = expression_text(graph, node, limit=LONGEST) if node else ""
        plain = text and "…" not in text and "\n" not in text
        written.append(f"  {line}" + (f" // {text}" if plain else ""))
    return written
