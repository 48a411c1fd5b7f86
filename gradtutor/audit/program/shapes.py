"""Shapes that arguments probably have, by their names and by what is done with them.

Several readings of the same names are made: examples in rows, in columns, a single
vector, images, sequences, plain numbers. The child process takes the first that the
person's own functions can be called with.

>>> readings({"x": Usage(), "w": Usage(), "b": Usage()})[0]["w"].shape
(3, 2)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

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
HIDDEN = re.compile(
    r"(prev_?)?(h|a|c|hidden|state)_?(prev|0|init|t_?1)?|hprev|h0|prev_[hc]|h_in"
)
SCORES = re.compile(
    r"z|Z|scores?|logits?|s|pred\w*|y_?hat|Y_?hat|y_?pred\w*|probs?|p|output|o|AL|A|a"
)
EMBEDDING = re.compile(r"E|emb\w*|table|W_?e\w*|W|weights?")
POSITIVE = re.compile(r"probs?|p|y_?hat|Y_?hat|y_?pred|AL|q")

Reading = dict[str, Argument]


@dataclass(frozen=True)
class Names:
    """The names of all arguments, with what each is."""

    usages: Mapping[str, Usage]
    weights: bool = False

    def layers(self) -> int:
        """How many numbered layers there are."""
        numbers = [
            int(m[1]) for n in self.usages if (m := WEIGHT.fullmatch(_bare(n))) and m[1]
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
            int(m[1]) for n in self.usages if (m := WEIGHT.fullmatch(_bare(n))) and m[1]
        ]
        return min(numbers, default=1)

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether some name is of this kind."""
        if pattern is WEIGHT and self.weights:
            return True
        return any(pattern.fullmatch(_bare(name)) for name in self.usages)


def _bare(name: str) -> str:
    return name.rpartition(".")[2].removeprefix("self.")


Family = Callable[[str, Usage, Names], Argument]


def _is_target(bare: str, usage: Usage) -> bool:
    return bool(TARGET.fullmatch(bare)) and not usage.graded


def _plain(*shape: int) -> Argument:
    return Argument(tuple(shape))


def _labels(*shape: int, top: int = C) -> Argument:
    return Argument(tuple(shape), (0, top - 1))


def _width(number: str, names: Names) -> tuple[int, int]:
    ladder = names.ladder()
    place = (int(number) - names.first()) if number else 0
    place = min(max(place, 0), len(ladder) - 2)
    return ladder[place], ladder[place + 1]


def _weight(name: str, names: Names, hidden: int) -> tuple[int, int] | None:
    """Return how many a weight takes in and gives out."""
    if INWARD.fullmatch(name):
        return D, hidden
    if RECURRENT.fullmatch(name):
        return H, hidden
    if OUTWARD.fullmatch(name):
        return H, C
    match = WEIGHT.fullmatch(name)
    return _width(match[1], names) if match else None


def _bias(name: str, names: Names, hidden: int) -> int | None:
    if name in BIASES:
        return {"H": H, "C": C}[BIASES[name]]
    match = BIAS.fullmatch(name)
    if not match or (name == "beta" and names.has(re.compile("gamma"))):
        return None
    if names.has(INWARD) or names.has(RECURRENT):
        return hidden
    return _width(match[1], names)[1]


def _rows(
    name: str,
    usage: Usage,
    names: Names,
    *,
    flat: bool = True,
    classes: int = C,
    gates: int = 1,
) -> Argument:
    """Examples in rows."""
    bare, hidden = _bare(name), gates * H
    if usage.indexes:
        return _labels(N)
    if _is_target(bare, usage):
        return Argument((N, classes), kind="binary" if classes == 1 else "onehot")
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return _plain(N, H)
    weight = _weight(bare, names, hidden)
    if weight:
        return _plain(weight[0], classes if weight[1] == C else weight[1])
    bias = _bias(bare, names, hidden)
    if bias:
        bias = classes if bias == C else bias
        return _plain(bias) if flat else _plain(1, bias)
    if SCALE.fullmatch(bare):
        return _plain(D) if flat else _plain(1, D)
    alone = not names.has(WEIGHT)
    if alone and (SCORES.fullmatch(bare) or names.has(TARGET)):
        kind = "prob" if POSITIVE.fullmatch(bare) else "real"
        return Argument((N, classes), kind=kind)
    return _plain(N, D)


def _columns(
    name: str, usage: Usage, names: Names, *, classes: int = 1, units: bool = False
) -> Argument:
    """Examples in columns; with units, a bias is a plain number."""
    bare = _bare(name)
    if usage.indexes:
        return _labels(N)
    if _is_target(bare, usage):
        return Argument((classes, N), kind="binary" if classes == 1 else "onehot0")
    weight = _weight(bare, names, H)
    if weight:
        if names.layers() == 1 and bare == "w":
            return _plain(weight[0], classes)
        return _plain(classes if weight[1] == C else weight[1], weight[0])
    bias = _bias(bare, names, H)
    if bias:
        return _plain() if units else _plain(classes if bias == C else bias, 1)
    if SCALE.fullmatch(bare):
        return _plain(D, 1)
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return _plain(H, N)
    if not names.has(WEIGHT) and names.has(TARGET):
        kind = "prob" if POSITIVE.fullmatch(bare) else "real"
        return Argument((classes, N), kind=kind)
    return _plain(D, N)


def _vector(name: str, usage: Usage, names: Names, *, tall: bool = False) -> Argument:
    """One example."""
    bare, tail = _bare(name), (1,) if tall else ()
    if usage.indexes:
        return _labels()
    if _is_target(bare, usage):
        return Argument((C, *tail), kind="onehot0")
    weight = _weight(bare, names, H)
    if weight:
        return _plain(weight[1], weight[0])
    bias = _bias(bare, names, H)
    if bias:
        return _plain(bias, *tail)
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return _plain(H, *tail)
    if not names.has(WEIGHT) and names.has(TARGET):
        return Argument((C, *tail), kind="prob" if POSITIVE.fullmatch(bare) else "real")
    return _plain(D, *tail)


def _neuron(name: str, usage: Usage, names: Names) -> Argument:
    """One unit: a vector of weights, a number for the rest."""
    bare = _bare(name)
    if usage.indexes:
        return _labels()
    if _is_target(bare, usage):
        return Argument((), kind="binary")
    if BIAS.fullmatch(bare):
        return _plain()
    return _plain(D)


def _regression(name: str, usage: Usage, names: Names) -> Argument:
    """Examples in rows, one number for each."""
    bare = _bare(name)
    if _is_target(bare, usage) or (
        not names.has(WEIGHT) and names.has(TARGET) and SCORES.fullmatch(bare)
    ):
        kind = (
            "binary"
            if _is_target(bare, usage)
            else "prob"
            if POSITIVE.fullmatch(bare)
            else "real"
        )
        return Argument((N,), kind=kind)
    if WEIGHT.fullmatch(bare):
        return _plain(D)
    if BIAS.fullmatch(bare):
        return _plain()
    return _plain(N, D)


def _images(name: str, usage: Usage, names: Names) -> Argument:
    """Images: (examples, channels, height, width)."""
    bare = _bare(name)
    if usage.indexes:
        return _labels(K)
    if _is_target(bare, usage):
        return Argument((K, C), kind="onehot")
    if WEIGHT.fullmatch(bare):
        return _plain(FILTERS, CHANNELS, WINDOW, WINDOW)
    if BIAS.fullmatch(bare) and not names.has(re.compile("gamma")):
        return _plain(FILTERS)
    if SCALE.fullmatch(bare):
        return _plain(CHANNELS)
    return _plain(K, CHANNELS, SIDE, SIDE)


def _groups(name: str, usage: Usage, names: Names) -> Argument:
    """Images; what scales a channel has the rank of the images."""
    if SCALE.fullmatch(_bare(name)):
        return _plain(1, CHANNELS, 1, 1)
    return _images(name, usage, names)


def _channels_last(name: str, usage: Usage, names: Names) -> Argument:
    """Images with the channels last; filters (height, width, channels, filters)."""
    bare = _bare(name)
    if WEIGHT.fullmatch(bare):
        return _plain(WINDOW, WINDOW, CHANNELS, FILTERS)
    if BIAS.fullmatch(bare):
        return _plain(1, 1, 1, FILTERS)
    return _plain(K, SIDE, SIDE, CHANNELS)


def _picture(name: str, usage: Usage, names: Names) -> Argument:
    """One channel of one image."""
    bare = _bare(name)
    if WEIGHT.fullmatch(bare):
        return _plain(WINDOW, 2)
    return _plain() if BIAS.fullmatch(bare) else _plain(5, 4)


def _signal(name: str, usage: Usage, names: Names) -> Argument:
    """One row of numbers and a window."""
    bare = _bare(name)
    if WEIGHT.fullmatch(bare):
        return _plain(WINDOW)
    return _plain() if BIAS.fullmatch(bare) else _plain(7)


def _signals(name: str, usage: Usage, names: Names) -> Argument:
    """Rows of numbers with channels."""
    bare = _bare(name)
    if WEIGHT.fullmatch(bare):
        return _plain(FILTERS, CHANNELS, WINDOW)
    return _plain(FILTERS) if BIAS.fullmatch(bare) else _plain(K, CHANNELS, 7)


def _sequences(name: str, usage: Usage, names: Names, *, gates: int = 1) -> Argument:
    """Sequences: (examples, steps, features)."""
    bare = _bare(name)
    if usage.indexes:
        return _labels(K, T)
    if _is_target(bare, usage):
        return _labels(K, T)
    if bare == "mask":
        return Argument((K, T), kind="binary")
    weight = _weight(bare, names, gates * H)
    if weight:
        return _plain(*weight)
    bias = _bias(bare, names, gates * H)
    if bias:
        return _plain(bias)
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return _plain(K, H)
    if SCALE.fullmatch(bare):
        return _plain(D)
    return _plain(K, T, C if names.has(TARGET) and not names.has(WEIGHT) else D)


def _steps(name: str, usage: Usage, names: Names, *, tall: bool = False) -> Argument:
    """One sequence: (steps, features)."""
    bare, tail = _bare(name), (1,) if tall else ()
    if usage.indexes:
        return _labels(T)
    weight = _weight(bare, names, H)
    if weight:
        return _plain(*(reversed(weight) if tall else weight))
    bias = _bias(bare, names, H)
    if bias:
        return _plain(bias, *tail)
    if HIDDEN.fullmatch(bare):
        return _plain(H, *tail)
    if _is_target(bare, usage):
        return Argument((T, C, *tail), kind="real")
    return _plain(T, D, *tail)


def _lookup(name: str, usage: Usage, names: Names) -> Argument:
    """Rows of a table, picked by whole numbers."""
    if usage.indexes or re.fullmatch(r"ids?|idx|ix|indices|tokens?", _bare(name)):
        return _labels(K, T, top=N)
    return _plain(N, D)


def _numbers(name: str, usage: Usage, names: Names) -> Argument:
    """Plain numbers."""
    return _labels() if usage.indexes else _plain()


def _alike(name: str, usage: Usage, names: Names) -> Argument:
    """Vectors of one length: what works element by element."""
    return _plain(N)


def _matrices(name: str, usage: Usage, names: Names) -> Argument:
    """Matrices of one shape: what works element by element."""
    return _labels(N) if usage.indexes else _plain(N, D)


def _attention(name: str, usage: Usage, names: Names) -> Argument:
    """One head: queries, keys and values."""
    bare = _bare(name).lower()
    if bare in ("q", "query", "queries"):
        return _plain(T, D)
    if bare in ("k", "key", "keys"):
        return _plain(N, D)
    if bare in ("v", "value", "values"):
        return _plain(N, K)
    if bare == "mask":
        return Argument((T, N), kind="binary")
    return _plain(T, D) if not WEIGHT.fullmatch(_bare(name)) else _plain(D, D)


def _self_attention(name: str, usage: Usage, names: Names) -> Argument:
    """Tokens in rows, square projections."""
    bare = _bare(name)
    if re.fullmatch(r"[WwbB]_?\w*", bare):
        return _plain(D, D) if bare[0] in "Ww" else _plain(D)
    return _plain(T, D)


FAMILIES: tuple[Family, ...] = (
    _rows,
    lambda n, u, names: _rows(n, u, names, flat=False),
    _columns,
    lambda n, u, names: _columns(n, u, names, classes=C),
    lambda n, u, names: _columns(n, u, names, units=True),
    lambda n, u, names: _rows(n, u, names, classes=1),
    lambda n, u, names: _rows(n, u, names, classes=1, flat=False),
    lambda n, u, names: _rows(n, u, names, gates=4),
    _regression,
    _lookup,
    _attention,
    _self_attention,
    _vector,
    lambda n, u, names: _vector(n, u, names, tall=True),
    _neuron,
    _images,
    _groups,
    _channels_last,
    _picture,
    _signal,
    _signals,
    _sequences,
    lambda n, u, names: _sequences(n, u, names, gates=4),
    _steps,
    lambda n, u, names: _steps(n, u, names, tall=True),
    _alike,
    _numbers,
)
FIRST: dict[str, tuple[Family, ...]] = {"numbers": (_numbers,), "alike": (_matrices,)}
#: Tried for a name beside the readings, likely ones first.
OTHERS: tuple[tuple[int, ...], ...] = (
    (N, D),
    (D,),
    (),
    (D, C),
    (N,),
    (C,),
    (N, C),
    (H,),
    (D, H),
    (H, C),
    (D, D),
)
OTHERS += (
    (N, 1),
    (1, D),
    (D, 1),
    (N, N),
    (N, D, C),
    (K, T, D),
    (K, CHANNELS, SIDE, SIDE),
)


def readings(
    usages: Mapping[str, Usage], *, first: str = "", weights: bool = False
) -> list[Reading]:
    """Return what the arguments may be, likeliest first; each reading is consistent.

    Parameters
    ----------
    usages : mapping
        The arguments whose shapes are not known, with what is done with them.
    first : str
        What is likelier than all others: ``numbers``, or matrices ``alike``.
    weights : bool
        Whether there are weights beside the names: an object's own.
    """
    known = [Names(usages, own) for own in ((True, False) if weights else (False,))]
    families = (*FIRST.get(first, ()), *FAMILIES)
    found: list[Reading] = []
    for family in families:
        for names in known:
            reading = {
                name: _as_target(name, usage, family(name, usage, names))
                for name, usage in usages.items()
            }
            if reading not in found:
                found.append(reading)
    return sorted(found, key=lambda reading: _contradicts(reading, usages))


def _contradicts(reading: Reading, usages: Mapping[str, Usage]) -> bool:
    """Whether some shape has another rank than its text unpacks."""
    return any(
        usage.rank and len(reading[name].shape) != usage.rank
        for name, usage in usages.items()
    )


def _as_target(name: str, usage: Usage, argument: Argument) -> Argument:
    """Take what is called a target for one: zeros and ones, not any numbers."""
    plain = argument.kind == "real" and not argument.labels
    if not (plain and _is_target(_bare(name), usage)):
        return argument
    return replace(argument, kind="onehot" if len(argument.shape) > 1 else "binary")


def choices(name: str, usage: Usage, made: list[Reading]) -> Iterator[Argument]:
    """Yield every shape of one argument, from the readings and beside them."""
    seen: list[Argument] = []
    for one in [*(reading[name] for reading in made), *map(Argument, OTHERS)]:
        given = _as_target(name, usage, one)
        if given not in seen:
            seen.append(given)
            yield given
