"""Fused loops and kernels of a step: equal ones are printed once, under one name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gradtutor.codegen.comments.made import comment
from gradtutor.codegen.ir.ops import Op

#: Stands for a function's name until all functions are known.
NAME = "KERNEL"


@dataclass(frozen=True)
class Launch:
    """A function's text and the operation that calls it, both without its name.

    Attributes
    ----------
    stem : str
        What its name begins with.
    pattern : str
        The text with neutral names: equal functions have equal ones.
    general : bool
        Whether no name in it is this network's.
    """

    stem: str
    text: str
    pattern: str
    op: Op
    general: bool = False

    def words(self) -> list[str]:
        """Return what its name is made of: ``fused``, ``tanh2`` and ``h1_2``."""
        if self.general:
            return [self.stem]
        written = dict.fromkeys(array.name for array in self.op.written)
        return [self.stem, *list(written)[-2:]]


def named(launches: Sequence[Launch], word: str) -> tuple[list[str], dict[Op, str]]:
    """Return the text of each different function, and each operation's by name.

    Parameters
    ----------
    word : str
        What is done to such a function: it is called, or launched.
    """
    equal: dict[tuple[str, ...], list[Launch]] = {}
    for launch in launches:
        words = launch.words()
        if not launch.general:
            words = [re.sub(r"_?\d+$", "", one) for one in words]
        stems = dict.fromkeys(words)
        equal.setdefault((launch.pattern, *stems), []).append(launch)
    texts: dict[str, str] = {}
    names: dict[Op, str] = {}
    for (_, *kinds), group in equal.items():  # z1_2 and z1_3 are made by fused_z1
        words = kinds if len(group) > 1 else list(dict.fromkeys(group[0].words()))
        name = _free("_".join(words), texts)
        times = f"{word} {{n}} times; its names are those of the first"
        said = f"# {comment(times, n=len(group))}\n"
        text = group[0].text.replace(NAME, name)
        texts[name] = said * (len(group) > 1 and not group[0].general) + text
        names |= {launch.op: name for launch in group}
    return list(texts.values()), names


def _free(stem: str, taken: dict[str, str]) -> str:
    """Return a name that no function has yet."""
    name, count = stem, 2
    while name in taken:
        name, count = f"{stem}_{count}", count + 1
    return name
