"""The tables of a diagnosis: forward with all its slopes, what backward assigns."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller
from gradtutor.audit.sandbox.child.recording.measure import upstream_for
from gradtutor.audit.sandbox.child.recording.recorder import Recorder
from gradtutor.audit.sandbox.child.recording.slopes import UnusablePointError
from gradtutor.audit.sandbox.child.recording.tables import (
    MOST_ELEMENTS,
    felt_values,
    seconds_of_a_run,
    table,
)

Arrays = dict[str, NDArray[Any]]
SLOW_RUN = 3e-3  # seconds; then two points must do
FOR_FELT, FOR_ALL = 0.15, 0.7  # of the time


def diagnosed(
    caller: Caller,
    recorder: Recorder,
    points: Sequence[Arrays],
    written: Arrays,
    seconds: float,
) -> dict[str, Any]:
    """Measure at each point; arrays are written beside the answer.

    Parameters
    ----------
    seconds : float
        How long it may take: where one run is slow, later values are left out.

    Returns
    -------
    dict
        ``points``, how many were ``asked`` for, and whether the tables are ``whole``.
    """
    names = caller.plan["differentiable"]
    start = time.process_time()
    one = seconds_of_a_run(caller, recorder, points[0])
    points = points[:2] if one > SLOW_RUN else points
    felt: set[Any] = set()
    for point in points:
        if not felt or time.process_time() - start < FOR_FELT * seconds:
            felt |= felt_values(caller, recorder, point, names)
    left = FOR_ALL * seconds - (time.process_time() - start)
    most = min(MOST_ELEMENTS, int(left / (2 * one * len(points))))
    answer, end = [], start + FOR_ALL * seconds
    for i, point in enumerate(points):
        try:
            now = time.process_time()
            until = now + (end - now) / (len(points) - i)
            found = table(caller, recorder, point, names, felt, most, until)
        except UnusablePointError:
            continue
        written[f"{i}.values"] = found["values"]
        written[f"{i}.jacobian"] = found["jacobian"]
        events = _events(caller, recorder, point, written, i)
        answer.append(
            {"keys": found["keys"], "shapes": found["shapes"], "events": events}
        )
    whole = most == MOST_ELEMENTS
    return {"points": answer, "asked": len(points), "whole": whole}


def whole_reads(sites: Sequence[dict[str, Any]]) -> set[int]:
    """Return the reads of a variable that only pick a part of it: ``x`` in ``x[i]``.

    In a loop they are large, and the part says as much.
    """
    operations = {site["site"]: site["op"] for site in sites}
    return {
        site["site"]
        for site in sites
        if site["op"] == "name" and operations.get(site["parent"]) == "Subscript"
    }


def _events(
    caller: Caller, recorder: Recorder, point: Arrays, written: Arrays, number: int
) -> list[tuple[int, str]]:
    """Return the lines of backward that assign something; the values are written."""
    inputs = {name: value for name, value in point.items() if name != "upstream"}
    out = caller.forward(inputs)
    upstream = upstream_for(point, out, has_upstream=caller.plan["has_upstream"])
    events = _backward_events(caller, recorder, inputs, upstream)
    written[f"{number}.upstream"] = upstream
    written.update(
        {f"{number}.event.{k}": value for k, (_, _, value) in enumerate(events)}
    )
    return [(line, name) for line, name, _ in events]


def _backward_events(
    caller: Caller, recorder: Recorder, inputs: Arrays, upstream: NDArray[Any]
) -> list[tuple[int, str, NDArray[Any]]]:
    """Return what the lines of backward assign, without a forward's before it."""
    ahead = 0
    caller.made = lambda: (
        recorder.events.clear()
    )  # an object's making is no line of backward
    if caller.plan["needs_forward"] and caller.plan["backward"]:
        with recorder.recording():
            caller.forward(inputs)
            ahead = len(recorder.events)
    with recorder.recording():
        caller.backward(inputs, upstream)
    caller.made = lambda: None
    first, last = caller.plan["within"] or (0, math.inf)
    return [one for one in recorder.events[ahead:] if first <= one[0] <= last]
