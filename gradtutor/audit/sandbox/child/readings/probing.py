"""Find shapes that a person's functions can be called with."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.program.arguments import Argument, drawn
from gradtutor.audit.program.naming import match_name
from gradtutor.audit.sandbox.child import objects
from gradtutor.audit.sandbox.child.calling import Caller, Results
from gradtutor.audit.sandbox.child.readings.fitting import fitted
from gradtutor.audit.sandbox.child.readings.flat import LONGEST, lengths

Reading = dict[str, Any]
RIGHT_SHAPES, RUNS, FORWARD_ONLY, FAILS = 3, 2, 1, 0
HARDLY = 0.5  # most gradients have other shapes than their arguments
MOST_TRIES = 3000
DOMAINS = 3  # of numbers that are tried: both signs, positive, between 0 and 1


def probe(
    caller: Caller,
    given: Mapping[str, Any],
    readings: Sequence[Reading],
    choices: Mapping[str, Sequence[Any]],
    seconds: float,
    *,
    natural: int,
    flat: Sequence[str] = (),
    ranks: Mapping[str, Sequence[int]] | None = None,
) -> dict[str, Any]:
    """Return the first reading that forward and backward run with.

    Parameters
    ----------
    given : mapping
        Arguments that are known.
    readings : sequence of dict
        Consistent guesses for the others, likely ones first.
    choices : mapping
        All guesses for each argument, for when no reading fits.
    natural : int
        How many readings follow from the names: if one of them runs and some gradient
        has its shape, one of another shape is a mistake, and no others are tried.
    flat : sequence of str
        Arguments that matrices are cut out of: they are as long as forward reads them.
    ranks : mapping, optional
        How many axes each argument can have, where its sizes may be found by trying.

    Returns
    -------
    dict
        ``reading``, how good it is, the error of the best one, and an object's arrays;
        ``fitted``, one with more axes, whose sizes follow from what forward does.
    """
    end = time.process_time() + seconds
    best: tuple[float, Reading | None] = (-1.0, None)
    first_error: BaseException | None = None
    attributes: dict[str, Any] = {}
    fitting = _fitted(caller, given, ranks or {}, 0.15 * seconds, flat)
    for number, reading in enumerate(
        chain(readings[:natural], fitting, readings[natural:], _mixed(choices))
    ):
        if time.process_time() > end or number > MOST_TRIES:
            break
        if number >= len(readings) and best[0] > RUNS:
            break
        if number >= natural and best[0] > RUNS:
            break
        reading = {**reading, **_lengths(caller, {**given, **reading}, flat)}
        score, error, found = _tried(caller, {**given, **reading})
        first_error = first_error or error
        named_runs = number >= natural and best[0] > FORWARD_ONLY + 0.5
        if named_runs and score < RIGHT_SHAPES:
            continue  # backward fails with what the names say: that is it
        if score > best[0]:
            best, attributes = (score, reading), found
        if score >= RIGHT_SHAPES:
            break
    score, reading_ = best
    if reading_ is not None and score <= HARDLY:
        raise first_error or ValueError("nothing fits")
    more = _with_more_axes(reading_, fitting)
    return {
        "reading": reading_,
        "score": score,
        "attributes": attributes,
        "fitted": more,
    }


def _fitted(
    caller: Caller,
    given: Mapping[str, Any],
    ranks: Mapping[str, Sequence[int]],
    seconds: float,
    flat: Sequence[str],
) -> Iterator[Reading]:
    """Yield readings whose sizes follow from what forward does."""
    if not ranks or caller.plan["wrap"] or caller.plan["owner"] or given:
        return

    def long(others: Mapping[str, Any]) -> Reading:
        return _lengths(caller, {**others, **dict.fromkeys(flat)}, flat)

    others = {name: some for name, some in ranks.items() if name not in flat}
    for found in fitted(caller, others, seconds, long):
        reading = {**found, **long(found)}
        if _tried(caller, reading)[0] >= RIGHT_SHAPES:
            yield reading


def _with_more_axes(
    reading: Reading | None, fitting: Iterator[Reading]
) -> Reading | None:
    """Return a fitted reading with more axes than the one that was taken."""
    if reading is None:
        return None
    for other in islice(fitting, 3):
        axes = {n: len(other[n].shape) - len(reading[n].shape) for n in other}
        if sum(axes.values()) > 0 and min(axes.values()) >= 0:
            return other
    return None


def _lengths(caller: Caller, reading: Reading, flat: Sequence[str]) -> Reading:
    """Return flat arguments as long as forward reads them."""
    asked = [name for name in flat if name in reading]
    if not asked:
        return {}
    longer = {name: Argument((LONGEST,)) for name in asked}
    read = lengths(caller, _arguments({**reading, **longer}, 2), asked)
    return {name: Argument((length,)) for name, length in read.items() if length}


def _mixed(choices: Mapping[str, Sequence[Any]]) -> Iterator[Reading]:
    """Yield combinations of guesses, the likelier ones first."""
    names = list(choices)
    heap = [(0, tuple(0 for _ in names))]
    seen = {heap[0][1]}
    while heap and names:
        cost, places = heapq.heappop(heap)
        yield {n: choices[n][i] for n, i in zip(names, places, strict=True)}
        for k in range(len(names)):
            more = (*places[:k], places[k] + 1, *places[k + 1 :])
            if more[k] < len(choices[names[k]]) and more not in seen:
                seen.add(more)
                heapq.heappush(heap, (cost + 1 + places[k], more))


def _tried(
    caller: Caller, reading: Reading
) -> tuple[float, BaseException | None, dict[str, Any]]:
    """Return how well a reading does, the error, and what arrays an object has."""
    error: BaseException | None = None
    best: tuple[float, dict[str, Any]] = (FAILS, {})
    for domain in range(DOMAINS):
        arguments = _arguments(reading, domain)
        try:
            attributes = object_arrays(caller, arguments)
            out = caller.forward({**arguments, **_own(attributes)})
            if not out.size:
                raise ValueError("forward returns an empty array")
        except Exception as raised:
            error = error or raised
            continue
        score = FORWARD_ONLY + 0.5 * bool(np.isfinite(out).all())
        if np.isfinite(out).all():
            score, raised_back = _score(caller, {**arguments, **_own(attributes)}, out)
            error = error or raised_back
        if score > best[0]:
            shapes = {n: list(v.shape) for n, v in attributes.items()}
            best = (score, {"paths": caller.plan["attributes"], "shapes": shapes})
        if np.isfinite(out).all():
            break
    return best[0], error, best[1]


def _arguments(reading: Reading, domain: int) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(domain)
    return {name: drawn(rng, one, domain) for name, one in reading.items()}


def argument_of(data: Any) -> Argument:
    """Read an argument that came as JSON, or as an array."""
    if isinstance(data, np.ndarray):
        return Argument(data.shape, None, data)
    labels = tuple(data["labels"]) if data["labels"] else None
    return Argument(tuple(data["shape"]), labels, kind=data["kind"])


def _score(
    caller: Caller, arguments: dict[str, NDArray[Any]], out: NDArray[Any]
) -> tuple[float, BaseException | None]:
    """Return how well backward does: it runs, and its shapes are forward's."""
    upstream = np.ones(out.shape)
    if caller.plan["has_upstream"]:
        upstream = np.random.default_rng(5).normal(size=out.shape)
    lost = 0.3 * (
        out.size > 1 and not caller.plan["has_upstream"] and len(arguments) > 1
    )
    try:
        outcome = caller.backward(arguments, upstream)
    except Exception as raised:
        return FORWARD_ONLY + 0.9 - lost, raised
    order = () if caller.plan["owner"] else caller.plan["order"]
    if not any(np.any(value) for _, value in outcome.gradients):
        return RUNS, None  # one class, say: of it nothing depends on anything
    fits = list(_fits(arguments, outcome.gradients, order))
    if len(fits) > 2 and sum(fits) < len(fits) / 2:
        return HARDLY, None  # it runs, by accident, with what nobody has meant
    return RUNS + sum(fits) / max(1, len(fits)) - lost, None


def _fits(
    arguments: Mapping[str, NDArray[Any]], gradients: Results, order: Sequence[str]
) -> Iterator[bool]:
    """Yield for each gradient whether it has its argument's shape.

    Where it has no name, each argument is the shape of one gradient.
    """
    shapes = [value.shape for value in arguments.values()]
    for path, value in gradients:
        if path and isinstance(path[-1], str):
            name = match_name(path[-1], list(arguments))
            if name:
                yield value.shape == arguments[name].shape
        elif (place := [*path, 0][0]) < len(order) and order[place] in arguments:
            yield value.shape == arguments[order[place]].shape
        elif value.shape in shapes:
            shapes.remove(value.shape)
            yield True
        else:
            yield False


# ---- the arrays of an object ----


def object_arrays(caller: Caller, arguments: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Make the object and find its own arrays: paths with values.

    The plan gets them as leaves; arrays that it was made with keep their names.
    """
    owner = caller.plan["owner"]
    if not owner:
        return {}
    caller.plan["attributes"] = []  # type: ignore[index]
    bound: dict[str, Any] = {"": {n: a.copy() for n, a in arguments.items()}}
    given = bound[""]
    caller._steps(caller.plan["prepare"], bound)
    thing = bound[owner]
    found: dict[str, Any] = {}
    mine = {id(value) for value in given.values() if isinstance(value, np.ndarray)}
    pairs = []
    for path, value in objects.parameters(thing, caller.module.__name__):
        if id(value) in mine:
            name = next(n for n, v in given.items() if v is value)
            pairs.append([name, list(path)])
            continue
        name = _name(path, [*arguments, *found])
        found[name] = np.asarray(value, dtype=np.float64)
        pairs.append([name, list(path)])
    caller.plan["attributes"] = pairs  # type: ignore[index]
    return found


def _own(attributes: dict[str, Any]) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(3)
    return {name: rng.normal(0, 0.7, value.shape) for name, value in attributes.items()}


def _name(path: tuple[Any, ...], taken: list[str]) -> str:
    """Name a parameter: W1 for params["W1"], weights[0], layers[0].W."""
    last = str(path[-1])
    if isinstance(path[-1], str) and path[-1].isidentifier() and last not in taken:
        return last
    text = str(path[0])
    for key in path[1:]:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text
