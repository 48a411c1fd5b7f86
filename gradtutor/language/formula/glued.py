"""Names that may be products: wx + b has the one input wx, and a person may mean w*x.

>>> from gradtutor.language import parse
>>> parse("wx + b").graph["reading"]["notes"]
['wx is read as one name; a product is w*x']
"""

from __future__ import annotations

import re

from gradtutor.graph import Graph
from gradtutor.messages import tr

#: Two letters that are one name by custom: dx, a learning rate, Greek letters.
CUSTOM = {"lr", "wd", "mu", "nu", "xi", "pi", "id", "fx", "lo", "hi", "tp", "fp", "tn"}
CUSTOM |= {
    "ln",
    "lg",
    "tg",
    "tr",
    "fn",
    "kg",
    "ms",
    "to",
    "in",
    "no",
    "up",
    "va",
    "yy",
    "xx",
    "zz",
    "ab",
}
PAIR = re.compile(r"[a-zA-Z][a-z]")
#: Three letters without a vowel are no word: kxy.
TRIPLE = re.compile(r"[a-zA-Z][b-df-hj-np-tv-z]{2}")


def glued_notes(graph: Graph, declared: set[str]) -> list[str]:
    """Return a note on each input that may be meant as a product of letters.

    That is where all other inputs are single letters, as in a formula of mathematics.
    """
    inputs = [
        name
        for name, data in graph.nodes(data=True)
        if data["gate"] == "input" and data.get("value") is None
    ]
    plain = [name for name in inputs if name not in declared]
    found = [name for name in plain if _may_be_product(name)]
    others = [name for name in inputs if name not in found]
    text = graph.graph["source"]
    lone = all(len(name) == 1 or name[1:2] == "_" for name in others)
    letters = "".join(found)  # xy + yx, ab*bc: letters that stand in several names
    several = len(found) > 1 and len(set(letters)) < len(letters)
    if not lone or not (others or several or _is_counted(found, text)):
        return []
    return [
        tr(
            "{name} is read as one name; a product is {product}",
            name=name,
            product=_product(name),
        )
        for name in found
    ]


def _may_be_product(name: str) -> bool:
    letters = PAIR.fullmatch(name) or TRIPLE.fullmatch(name)
    return bool(letters) and not (name in CUSTOM or name[0] in "dD")


def _is_counted(names: list[str], text: str) -> bool:
    """Whether a number stands before one of them: 2xy."""
    signs = r"[\d½⅓¼]\s*|\be\s*\^\s*[({]?\s*[-−]?\s*"
    return any(re.search(rf"(?:{signs}){name}", text) for name in names)


def _product(name: str) -> str:
    """Write w*x, and W @ x of a matrix and a vector."""
    matrix = PAIR.fullmatch(name) and name[0].isupper()
    return f"{name[0]} @ {name[1]}" if matrix else "*".join(name)
