"""Shapes that arguments probably have, by their names and by what is done with them.

Several readings of the same names are made: examples in rows, in columns, a single
vector, images, sequences, plain numbers. The child process takes the first that the
person's own functions can be called with.

>>> readings({"x": Usage(), "w": Usage(), "b": Usage()})[0][0]["w"].shape
(3, 2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.naming import DATA
from gradtutor.audit.program.shapes.gates import as_gates
from gradtutor.audit.program.shapes.names import (
    BIAS,
    CHANNELS,
    SIDE,
    WEIGHT,
    C,
    D,
    H,
    K,
    N,
    Names,
    T,
    is_target,
    labels,
    last_part,
    plain,
)
from gradtutor.audit.program.shapes.rows import (
    as_columns,
    as_neuron,
    as_regression,
    as_rows,
    as_scores,
    as_small,
    as_tied,
    as_vector,
)
from gradtutor.audit.program.shapes.tensors import (
    as_alike,
    as_attention,
    as_channels_last,
    as_groups,
    as_images,
    as_lookup,
    as_matrices,
    as_numbers,
    as_picture,
    as_scaled,
    as_scaled_steps,
    as_self_attention,
    as_sequences,
    as_signal,
    as_signals,
    as_steps,
    as_tokens,
)
from gradtutor.audit.program.usage import Usage

Reading = dict[str, Argument]
Family = Callable[[str, Usage, Names], Argument]

#: Many examples at once.
NATURAL: tuple[Family, ...] = (
    as_rows,
    lambda n, u, names: as_rows(n, u, names, flat=False),
    as_columns,
    lambda n, u, names: as_columns(n, u, names, classes=C),
    lambda n, u, names: as_columns(n, u, names, units=True),
    lambda n, u, names: as_rows(n, u, names, classes=1),
    lambda n, u, names: as_rows(n, u, names, classes=1, flat=False),
    as_scores,
    lambda n, u, names: as_small(as_rows(n, u, names, gates=4)),
    as_scaled,
    as_scaled_steps,
    as_tied,
    lambda n, u, names: as_tied(n, u, names, visible="b"),
    as_regression,
    as_lookup,
    as_attention,
    as_self_attention,
    as_tokens,
    as_gates,
    lambda n, u, names: as_gates(n, u, names, columns=True),
    as_images,
    as_groups,
    as_channels_last,
    as_picture,
    as_signal,
    as_signals,
    as_sequences,
    lambda n, u, names: as_small(as_sequences(n, u, names, gates=4)),
    as_steps,
    lambda n, u, names: as_steps(n, u, names, tall=True),
)
#: One example.
SINGLE: tuple[Family, ...] = (
    as_vector,
    lambda n, u, names: as_vector(n, u, names, tall=True),
    as_neuron,
    lambda n, u, names: as_gates(n, u, names, alone=True),
)
#: What fits where nothing has a shape of its own.
GENERIC: tuple[Family, ...] = (as_matrices, as_alike, as_numbers)
FIRST: dict[str, tuple[Family, ...]] = {
    "numbers": (as_numbers,),
    "alike": (as_matrices,),
    "product": (lambda n, u, names: _of_product(n, names),),
}


def _of_product(name: str, names: Names) -> Argument:
    first = next(iter(names.usages))
    return plain(N, D) if name == first else plain(D, C)


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
    usages: Mapping[str, Usage],
    *,
    first: str = "",
    weights: bool = False,
    batched: bool = False,
    matrices: bool = False,
) -> tuple[list[Reading], int]:
    """Return what the arguments may be, likeliest first; each reading is consistent.

    Parameters
    ----------
    usages : mapping
        The arguments whose shapes are not known, with what is done with them.
    first : str
        What is likelier than all others: ``numbers``, matrices ``alike``; two matrices
        with a ``product`` alone.
    weights : bool
        Whether there are weights beside the names: an object's own.
    batched : bool
        Whether the text counts examples, so that one alone is unlikely.
    matrices : bool
        Whether the text transposes weights, so that they are no neuron's.

    Returns
    -------
    tuple
        The readings, and how many of them follow from the names alone. More may be
        tried where weights are named and none of these runs.
    """
    single = tuple(f for f in SINGLE if not (matrices and f is as_neuron))
    ours = [NATURAL, single, GENERIC] if not batched else [NATURAL, GENERIC, single]
    known = [Names(usages, own) for own in ((True, False) if weights else (False,))]
    groups = [FIRST.get(first, ()), *(ours if first != "product" else ((), (), ()))]
    found: list[Reading] = []
    counts = []
    for families in groups:
        made = (_reading(f, usages, names) for f in families for names in known)
        new: list[Reading] = []
        for reading in made:
            if reading not in (*found, *new):
                new.append(reading)
        found += sorted(new, key=lambda reading: _contradicts(reading, usages))
        counts.append(len(found))
    natural = counts[1 if batched else 2]
    named = weights or Names(usages).has(WEIGHT)
    return found, natural if named else len(found)


def _reading(family: Family, usages: Mapping[str, Usage], names: Names) -> Reading:
    return {
        name: _as_target(name, usage, family(name, usage, names))
        for name, usage in usages.items()
    }


def _contradicts(reading: Reading, usages: Mapping[str, Usage]) -> bool:
    """Whether some shape has another rank than its text unpacks, or too few axes."""
    return any(
        (usage.rank and len(reading[name].shape) != usage.rank)
        or len(reading[name].shape) < usage.axes
        for name, usage in usages.items()
    )


def _as_target(name: str, usage: Usage, argument: Argument) -> Argument:
    """Take what is called a target for one: zeros and ones, not any numbers."""
    plain = argument.kind == "real" and not argument.labels
    if not (plain and is_target(last_part(name), usage)):
        return argument
    return replace(argument, kind="onehot" if len(argument.shape) > 1 else "binary")


def as_stated(name: str, usage: Usage, shape: tuple[int, ...]) -> Argument:
    """Return an argument of a shape that is stated; labels where it picks elements."""
    return labels(*shape) if usage.indexes else _as_target(name, usage, plain(*shape))


def choices(name: str, usage: Usage, made: list[Reading]) -> Iterator[Argument]:
    """Yield every shape of one argument, from the readings and beside them."""
    seen: list[Argument] = []
    every = [*(reading[name] for reading in made), *map(Argument, OTHERS)]
    axes = max(2, usage.rank, usage.axes)
    for one in sorted(every, key=lambda argument: len(argument.shape) > axes):
        given = _as_target(name, usage, one)
        if given not in seen:
            seen.append(given)
            yield given


def ranks(usages: Mapping[str, Usage]) -> dict[str, list[int]]:
    """Return how many axes each argument can have, likely numbers first.

    Empty where an argument picks elements: its numbers would say what fits.
    """
    if any(usage.indexes for usage in usages.values()):
        return {}
    return {name: _ranks(name, usage) for name, usage in usages.items()}


def _ranks(name: str, usage: Usage) -> list[int]:
    if usage.rank:
        return [usage.rank]
    if name.endswith("0") or name == "intercept":
        likely = [0, 1]
    elif BIAS.fullmatch(name):
        likely = [1, 2, 0]
    elif name[:1].isupper() or DATA.fullmatch(name):
        likely = [2, 1, 0]
    else:
        likely = [1, 2, 0]
    return [rank for rank in likely if rank >= usage.axes] or [usage.axes]
