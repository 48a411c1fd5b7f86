"""Which output of a program each target is compared with."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.training import LOSSES
from gradtutor.language.network.losses.loss import LABELLED
from gradtutor.language.program.array_values import Data, Work
from gradtutor.language.program.values import (
    Function,
    Instance,
    Library,
    Setting,
    Tensor,
)

if TYPE_CHECKING:
    from gradtutor.language.program.reading import Program


def is_own(made: Any) -> bool:
    """Whether a value is what a function or module of the text's own gave."""
    return isinstance(made, Work) and isinstance(made.call, Instance | Function)


def is_output(program: Program, value: Any) -> bool:
    """Whether a value is what the model gave, or a part of it."""
    if not isinstance(value, Data) or value.of is not program.model:
        return False
    work = value.work
    return work is OUTPUT or (work is not None and work.call is program.model)


def leaves(program: Program, work: Work) -> dict[int, Data]:
    """Return the data that a loss is worked out of, by identity, as far as outputs."""
    seen: dict[int, Data] = {}
    waiting: list[Any] = [*work.args, *work.keywords.values()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, Data) and id(one) not in seen:
            seen[id(one)] = one
            if one.work is not None and not is_output(program, one):
                waiting += [*one.work.args, *one.work.keywords.values()]
    return seen


def pairs(program: Program, work: Work, known: Places) -> dict[int, tuple[int, bool]]:
    """Return for each target, by identity, the output that it meets, and as what.

    What is multiplied with the losses of an output whose target is known weighs its
    examples: its place is `WEIGHT`.
    """
    found: dict[int, tuple[int, bool]] = {}
    factors: set[int] = set()
    waiting: list[tuple[Work, list[int]]] = [(work, [])]
    while waiting:
        one, before = waiting.pop(0)
        given = _flat([*one.args, *one.keywords.values()])
        places = [_output_of(program, part) for part in given if isinstance(part, Data)]
        met = [place for place in places if place is not None] or before
        for part in given:
            if id(part) in known:
                continue
            if _is_leaf(program, part) and met:
                setting = _is_loss(one.call)
                labelled = setting and _kind_of(one.call) in OF_LABELS
                place = NO_PLACE if len(set(met)) > 1 and not setting else met[0]
                factors |= {id(part)} if isinstance(one.call, ast.Mult) else set()
                found.setdefault(id(part), (place, labelled))
            elif isinstance(part, Data) and part.work is not None:
                waiting += [(part.work, met)] * (not is_output(program, part))
    return _sorted_out(found, factors)


def _sorted_out(
    found: dict[int, tuple[int, bool]], factors: set[int]
) -> dict[int, tuple[int, bool]]:
    """Return targets in the order of their outputs, then what weighs the examples."""
    targets = {key: one for key, one in found.items() if key not in factors}
    outputs = {place for place, _ in found.values()}
    if len(outputs) < len(found):  # several data for one output
        if len(targets) != 1 or len(found) != 2 or NO_PLACE in outputs:
            raise NotItsOwnError
        return targets | dict.fromkeys(found.keys() - targets, (WEIGHT, False))
    if NO_PLACE in outputs and len(found) > 1:
        raise NotItsOwnError
    return dict(sorted(found.items(), key=lambda pair: pair[1][0]))


#: Stands for what weighs the examples of an output.
WEIGHT = -2
#: Stands for the outputs that a function takes together, as those of a pair.
NO_PLACE = -1


#: Losses whose target says which class is right.
OF_LABELS = (*LABELLED, "log_likelihood")


def _is_leaf(program: Program, value: Any) -> bool:
    """Whether a value is data of the program, or a name that stands nowhere in it."""
    if isinstance(value, Library):
        return program.run.is_free(value.root)
    return isinstance(value, Data) and value.of is None and value.work is None


def _flat(values: Sequence[Any]) -> list[Any]:
    """Return values, those of lists one by one."""
    return [
        part
        for one in values
        for part in (one if isinstance(one, list | tuple) else [one])
    ]


def _is_loss(call: Any) -> bool:
    """Whether a call is a library's loss."""
    return bool(_kind_of(call))


def _kind_of(call: Any) -> str:
    if isinstance(call, Setting):
        return str(call.item.kind)
    known = LOSSES.get(call.name) if isinstance(call, Library) else None
    return known.kind if known is not None else ""


def _within(program: Program, value: Data) -> list[Data]:
    """Return what a value was worked out of."""
    if value.work is None or is_output(program, value):
        return []
    return list(leaves(program, value.work).values())


def _output_of(program: Program, value: Data) -> int | None:
    """Return which output alone a value is worked out of."""
    found = {
        one.path[0] if one.path else 0
        for one in [value, *_within(program, value)]
        if is_output(program, one)
    }
    return found.pop() if len(found) == 1 else None


Places = dict[int, Tensor]


class NotItsOwnError(Exception):
    """What a program minimises cannot be worked out from its outputs and targets."""


#: Stands for the call of the model where Keras makes it.
OUTPUT = Work(None, (), {}, ast.Constant(0))
