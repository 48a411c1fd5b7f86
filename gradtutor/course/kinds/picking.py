"""Options picked by name, by the number or by the letter that was shown.

>>> picks(["b", "copy"], ["add", "mul", "copy"])
('mul', 'copy')
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Mapping, Sequence

from gradtutor.course.kinds.answer_text import PickError, half_width

#: Words around a pick that are none: "option b", 答案：b.
AROUND = ("option", "options", "answer", "and", "选", "选项", "答案", "和", "与")
SEPARATORS = re.compile(r"[\s,;>→，、；]+")


def shuffled(names: Sequence[str], seed: str) -> list[str]:
    """Return names in an order that depends on the seed only."""
    shown = list(names)
    random.Random(seed).shuffle(shown)
    return shown


def picks(
    answer: Sequence[str], shown: Sequence[str], texts: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return the names that an answer picks, in its order.

    Parameters
    ----------
    answer : sequence of str
        Words of the command line; several may stand in one: ``"a,c"``.
    shown : sequence of str
        The names as shown, so that ``b`` and ``2`` mean the second.
    texts : mapping, optional
        What stands beside each name: an option's text picks it too.

    Raises
    ------
    PickError
        When a word is no option, picks one twice, or can be read in two ways.
    """
    plain = [half_width(part) for part in answer]
    by_text = _by_text(" ".join(plain), plain, shown, texts or {})
    if by_text:
        return by_text
    words = [word for part in plain for word in SEPARATORS.split(part) if word]
    words = [w for w in words if w.strip(":.").casefold() not in AROUND or w in shown]
    if not words:
        raise PickError("nothing")
    found: list[str] = []
    for word in words:
        name = _pick(word, shown)
        if name in found:
            raise PickError("picked-twice", word=word)
        found.append(name)
    return tuple(found)


def _by_text(
    whole: str, parts: Sequence[str], shown: Sequence[str], texts: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the options whose texts the answer is, none where it is no such text."""
    names = {_bare(texts[name]): name for name in texts}
    found = [names.get(_bare(part)) for part in parts]
    if _bare(whole) in names:
        found = [names[_bare(whole)]]
    if not found or None in found or len(set(found)) < len(found):
        return ()
    picked = tuple(name for name in found if name)
    _refuse_two_readings(parts, picked, shown)
    return picked


def _refuse_two_readings(
    parts: Sequence[str], picked: Sequence[str], shown: Sequence[str]
) -> None:
    """Raise where ``2`` is one option's text and another's number."""
    for part, name in zip(parts, picked, strict=False):
        try:
            other = _pick(part, shown)
        except PickError:
            continue
        if other != name:
            letters = [
                string.ascii_lowercase[shown.index(one)] for one in (name, other)
            ]
            raise PickError("two-options", word=part, options=letters)


def _bare(text: str) -> str:
    """Return a text as it is compared: no spaces, marks of Markdown, or capitals."""
    return re.sub(r"[\s`*$_]", "", half_width(text)).rstrip(".").casefold()


def _pick(word: str, shown: Sequence[str]) -> str:
    bare = word.strip("()[].、:").lower()
    bare = bare if bare in shown else re.sub(r"^(选项?|答案|answer|option):?", "", bare)
    if bare in shown:
        return bare
    letters = string.ascii_lowercase[: len(shown)]
    if len(bare) == 1 and bare in letters:
        return shown[letters.index(bare)]
    if bare.isdecimal() and 1 <= int(bare) <= len(shown):
        return shown[int(bare) - 1]
    raise PickError("no-option", word=word, letters=f"a–{letters[-1]}")
