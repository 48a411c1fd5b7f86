"""Names of arguments: weights, biases, labels, and the sizes that go with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.usage import Usage

# All different, so that what does not fit shows.
N, D, H, K, C, T = 5, 3, 4, 2, 2, 3
CHANNELS, SIDE, FILTERS, WINDOW = 2, 4, 3, 3

WEIGHT = re.compile(
    r"(?:W|w|weights?_?|theta_?|Theta_?|kernels?|filters?|mat|W_|w_|k)(\d*)"
)
RECURRENT = re.compile(r"(W|w|U|weights?)_?(h|hh|rec|hidden)|U|Whh|W_hh|W_aa|Waa")
INWARD = re.compile(r"(W|w|weights?)_?(x|xh|ih|in|ax)|Wax")
OUTWARD = re.compile(r"(W|w|weights?)_?(y|hy|ho|out|ya)|Wya")
BIAS = re.compile(r"(?:b|bias(?:es)?_?|B|b_|beta|c)(\d*)")
BIASES = {"bh": "H", "ba": "H", "b_h": "H", "by": "C", "b_y": "C", "bo": "C"}
SCALE = re.compile(r"gamma|beta|scale|shift|g|alpha|gain|ln_\w+|bn_\w+")
PARAMETER = re.compile(rf"{WEIGHT.pattern}|{BIAS.pattern}|{SCALE.pattern}")
HIDDEN = re.compile(
    r"(prev_?)?(h|a|c|hidden|state)_?(prev|0|init|t_?1)?|hprev|h0|prev_[hc]|h_in"
)
SCORES = re.compile(
    r"z|Z|scores?|logits?|s|pred\w*|y_?hat|Y_?hat|y_?pred\w*|probs?|p|output|o|AL|A|a"
)
EMBEDDING = re.compile(r"E|emb\w*|table|W_?e\w*|W|weights?")
QUERY = re.compile(r"[qQ]|query|queries|[Ww]_?[qQ]")
POSITIVE = re.compile(r"probs?|p|y_?hat|Y_?hat|y_?pred|AL|q")


@dataclass(frozen=True)
class Names:
    """The names of all arguments, with what each is."""

    usages: Mapping[str, Usage]
    weights: bool = False

    def layers(self) -> int:
        """How many numbered layers there are."""
        numbers = [
            int(m[1])
            for n in self.usages
            if (m := WEIGHT.fullmatch(last_part(n))) and m[1]
        ]
        return max(numbers, default=1) or 1

    def ladder(self) -> list[int]:
        """Return the widths of the layers, from input to output."""
        count = self.layers()
        first = [D, H, 6, 5, 3, 2][:count]
        return [*first, *[2 + i % 3 for i in range(count - len(first))], C]

    def first(self) -> int:
        """Return the number of the first layer: 0 or 1."""
        numbers = [
            int(m[1])
            for n in self.usages
            if (m := WEIGHT.fullmatch(last_part(n))) and m[1]
        ]
        return min(numbers, default=1)

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether some name is of this kind."""
        if pattern is WEIGHT and self.weights:
            return True
        return any(pattern.fullmatch(last_part(name)) for name in self.usages)


def last_part(name: str) -> str:
    """Return a name without what it belongs to: W of ``self.W``."""
    return name.rpartition(".")[2].removeprefix("self.")


def is_target(bare: str, usage: Usage) -> bool:
    """Whether a name is that of a target whose gradient nobody asks for."""
    return bool(TARGET.fullmatch(bare)) and not usage.graded


def plain(*shape: int) -> Argument:
    """Return an argument of any numbers."""
    return Argument(tuple(shape))


def labels(*shape: int, top: int = C) -> Argument:
    """Return an argument of whole numbers from 0 to top - 1."""
    return Argument(tuple(shape), (0, top - 1))


def _width(number: str, names: Names) -> tuple[int, int]:
    ladder = names.ladder()
    place = (int(number) - names.first()) if number else 0
    place = min(max(place, 0), len(ladder) - 2)
    return ladder[place], ladder[place + 1]


def weight_of(name: str, names: Names, hidden: int) -> tuple[int, int] | None:
    """Return how many a weight takes in and gives out."""
    if INWARD.fullmatch(name):
        return D, hidden
    if RECURRENT.fullmatch(name):
        return H, hidden
    if OUTWARD.fullmatch(name):
        return H, C
    match = WEIGHT.fullmatch(name)
    return _width(match[1], names) if match else None


def bias_of(name: str, names: Names, hidden: int) -> int | None:
    """Return how many numbers a bias has."""
    if name in BIASES:
        return {"H": H, "C": C}[BIASES[name]]
    match = BIAS.fullmatch(name)
    if not match or (name == "beta" and names.has(re.compile("gamma"))):
        return None
    if names.has(INWARD) or names.has(RECURRENT):
        return hidden
    return _width(match[1], names)[1]
