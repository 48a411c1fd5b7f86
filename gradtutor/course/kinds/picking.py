"""Options picked by name, by the number or by the letter that was shown.

>>> picks(["b", "copy"], ["add", "mul", "copy"])
('mul', 'copy')
"""

from __future__ import annotations

import random
import re
import string
import unicodedata
from collections.abc import Sequence
from typing import Any

SEPARATORS = re.compile(r"[\s,;>→，、；]+")


class PickError(ValueError):
    """A pick that is none; ``key`` and ``values`` say it in the learner's language."""

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def shuffled(names: Sequence[str], seed: str) -> list[str]:
    """Return names in an order that depends on the seed only."""
    shown = list(names)
    random.Random(seed).shuffle(shown)
    return shown


def picks(answer: Sequence[str], shown: Sequence[str]) -> tuple[str, ...]:
    """Return the names that an answer picks, in its order.

    Parameters
    ----------
    answer : sequence of str
        Words of the command line; several may stand in one: ``"a,c"``.
    shown : sequence of str
        The names as shown, so that ``b`` and ``2`` mean the second.

    Raises
    ------
    PickError
        When a word is no option, or picks one twice.
    """
    plain = [unicodedata.normalize("NFKC", part) for part in answer]  # Ａ is A
    words = [word for part in plain for word in SEPARATORS.split(part) if word]
    if not words:
        raise PickError("nothing")
    found: list[str] = []
    for word in words:
        name = _pick(word, shown)
        if name in found:
            raise PickError("picked-twice", word=word)
        found.append(name)
    return tuple(found)


def _pick(word: str, shown: Sequence[str]) -> str:
    bare = word.strip("()[]").lower()
    if bare in shown:
        return bare
    letters = string.ascii_lowercase[: len(shown)]
    if len(bare) == 1 and bare in letters:
        return shown[letters.index(bare)]
    if bare.isdecimal() and 1 <= int(bare) <= len(shown):
        return shown[int(bare) - 1]
    raise PickError("no-option", word=word, letters=f"a–{letters[-1]}")
