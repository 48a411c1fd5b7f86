"""The blanks of a circuit question: what they are called, and how they are filled.

>>> blanks = read_blanks(["value q", "gradient x"], "f")
>>> [blank.label for blank in blanks]
['q', 'df/dx']
>>> fill_blanks(["q=3 df/dx=1/2"], blanks)
{'value q': 3.0, 'gradient x': 0.5}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradtutor.course.kinds.answer_text import PickError, half_width
from gradtutor.course.kinds.graders.numbers import read_number
from gradtutor.graph import Graph
from gradtutor.language.errors import near_name
from gradtutor.messages import tr

BLANK = re.compile(r"(value|gradient)\s+(\S+)")
#: name=, value name=, gradient name=, df/dname= (∂f/∂name=) before a number.
FILLED = re.compile(
    r"(?:(value|gradient|grad|梯度|值)\s+)?"
    r"((?:[d∂][^\W\d]\w*\s*/\s*[d∂])?[^\W\d]\w*)\s*[=:]\s*"
)


@dataclass(frozen=True)
class Blank:
    """A blank: the value or the gradient of a named wire.

    Attributes
    ----------
    key : str
        As in lesson.toml, ``gradient q``.
    label : str
        As the learner sees it, ``df/dq``.
    """

    key: str
    kind: str
    name: str
    label: str


def output_label(graph: Graph) -> str:
    """Return the output's name, which gradients are called after."""
    from gradtutor.calculus.symbols import output_name

    return output_name(graph)


def read_blanks(keys: Sequence[str], output: str) -> list[Blank]:
    """Read the blanks that lesson.toml lists.

    Raises
    ------
    ValueError
        At one that is neither ``value NAME`` nor ``gradient NAME``.
    """
    blanks = []
    for key in keys:
        match = BLANK.fullmatch(key.strip())
        if match is None:
            raise ValueError(
                tr('{key!r} is no blank: "value q" or "gradient q"', key=key)
            )
        label = match[2] if match[1] == "value" else f"d{output}/d{match[2]}"
        blanks.append(Blank(f"{match[1]} {match[2]}", match[1], match[2], label))
    return blanks


def fill_blanks(answer: Sequence[str], blanks: Sequence[Blank]) -> dict[str, float]:
    """Read what a learner put in each blank.

    Parameters
    ----------
    answer : sequence of str
        ``q=3 df/dq=-4``, in any order, in one word or many; or bare numbers in the
        order of the blanks.

    Raises
    ------
    PickError
        When a blank is unknown, missing or given twice, or its number unreadable.
    """
    text = half_width(" ".join(answer)).replace("、", ",")
    heads = list(FILLED.finditer(text))
    if not heads:
        return _bare(text, blanks)
    if text[: heads[0].start()].strip(" ,;"):
        raise PickError("blank-form", example=f"{blanks[0].label}=1")
    names = _names(blanks)
    found: dict[str, float] = {}
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        name = re.sub(r"\s", "", head[2]).replace("∂", "d")
        kind = {"梯度": "gradient", "grad": "gradient", "值": "value"}
        key = names.get((kind.get(head[1], head[1]) or "", name))
        if key is None:
            labels = [blank.label for blank in blanks]
            close = near_name(name, labels)
            raise PickError(
                "blank-unknown", name=name, blanks=[close] if close else labels
            )
        if key in found:
            raise PickError("blank-twice", name=name)
        found[key] = _number(name, text[head.end() : end])
    missing = [blank.label for blank in blanks if blank.key not in found]
    if missing:
        raise PickError("blanks-missing", blanks=missing)
    return found


def _names(blanks: Sequence[Blank]) -> Mapping[tuple[str, str], str]:
    """Return each blank's spellings.

    ``q``, ``value q``, ``gradient q``, ``df/dq``, and ``dq`` as programs call it.
    """
    spellings = {
        ("", f"d{blank.name}"): blank.key for blank in blanks if blank.kind != "value"
    }
    spellings |= {(blank.kind, blank.name): blank.key for blank in blanks}
    return spellings | {("", blank.label): blank.key for blank in blanks}


def _bare(text: str, blanks: Sequence[Blank]) -> dict[str, float]:
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if len(words) != len(blanks):
        raise _miscounted(words, blanks)
    pairs = zip(blanks, words, strict=True)
    return {blank.key: _number(blank.label, word) for blank, word in pairs}


def _miscounted(words: Sequence[str], blanks: Sequence[Blank]) -> PickError:
    """Say how many numbers are wanted, or how to write what are no numbers."""
    try:
        for word in words:
            read_number(word)
    except PickError:
        return PickError("blank-form", example=f"{blanks[0].label}=1")
    counts = {"given": len(words), "wanted": len(blanks)}
    labels = [blank.label for blank in blanks]
    return PickError("blanks-count", **counts, blanks=labels)


def _number(name: str, text: str) -> float:
    try:
        return read_number(text.strip().strip(",;").strip())
    except PickError as error:
        values = {"name": name, "key": error.key, "values": error.values}
        raise PickError("blank-number", **values) from None
