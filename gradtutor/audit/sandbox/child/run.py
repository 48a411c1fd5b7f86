"""The child process: read a job, run the person's code within limits, write an answer.

Started as ``python run.py FOLDER``; the folder holds ``job.json`` and ``job.npz``, and
gets ``answer.json`` and ``answer.npz``. Nothing is pickled on the way.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # started by path, in isolated mode
    sys.path.insert(0, str(Path(__file__).parents[4]))

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child import limits
from gradtutor.audit.sandbox.child.calling import (
    Caller,
    ResultError,
    load,
    named_results,
)
from gradtutor.audit.sandbox.child.measure import (
    UnusablePointError,
    measure,
    table,
    upstream_for,
)
from gradtutor.audit.sandbox.child.recorder import Recorder

Arrays = dict[str, NDArray[Any]]


def main(folder: Path) -> None:
    """Do one job; whatever happens, an answer is written."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with np.load(folder / "job.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    out, errors = sys.stdout, sys.stderr
    printed = sys.stdout = sys.stderr = limits.Printed()
    sys.path.append(str(Path(job["path"]).resolve().parent))
    written: Arrays = {}
    (folder / "started").touch()
    limits.apply_limits(job["timeout"], job["megabytes"])
    limits.guard()
    np.seterr(all="ignore")
    try:
        answer = JOBS[job["kind"]](job, arrays, written)
    except BaseException as error:
        written = {}
        answer = {"error": _error(error, job["path"])}
    limits.stop_clock()
    limits.lift_guard()
    sys.stdout, sys.stderr = out, errors
    answer["printed"] = printed.text
    np.savez(folder / "answer.npz", **written)  # type: ignore[arg-type]
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)  # a thread the code has left behind does not keep us


def _error(error: BaseException, path: str) -> dict[str, Any]:
    """Say what was raised, and on which line of the person's file."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    functions = [frame.name for frame in frames if frame.filename == path]
    try:
        message = str(error)
    except BaseException:  # the person's own exception class can be broken too
        message = ""
    return {
        "kind": type(error).__name__,
        "ours": isinstance(error, ResultError | limits.TimeUp),
        "message": message[:500],
        "line": lines[-1] if lines else None,
        "function": functions[-1] if functions else "",
    }


# ---- jobs ----


def _call_job(job: dict[str, Any], arrays: Arrays, written: Arrays) -> dict[str, Any]:
    module, _ = load(job["text"], job["path"], None)
    limits.reseed()
    given = [arrays[name] for name in job["arguments"]]
    before = [value.copy() for value in given]
    passed = [value.item() if value.ndim == 0 else value for value in given]
    results = named_results(
        _function(module, job["function"])(*passed), job["function"]
    )
    changed = [
        name
        for name, old, new in zip(job["arguments"], before, given, strict=True)
        if not np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
    ]
    written.update({f"value{i}": value for i, (_, value) in enumerate(results)})
    return {"names": [name for name, _ in results], "mutated": changed}


def _function(module: Any, name: str) -> Any:
    found = module
    for part in name.split("."):
        found = getattr(found, part)
        if isinstance(found, type):
            found = found()
    return found


def _caller(job: dict[str, Any], recorder: Recorder | None) -> tuple[Caller, list[Any]]:
    module, sites = load(job["text"], job["path"], recorder)
    forward_module = module
    if job["plan"]["formula"]:
        text = job["plan"]["formula"]
        forward_module, sites = load(text, "formula.py", recorder, len(sites))
    return Caller(job["plan"], module, forward_module), sites


def _points(arrays: Arrays) -> list[Arrays]:
    """Regroup arrays named ``3.x`` by their points."""
    count = 1 + max(int(name.split(".")[0]) for name in arrays)
    points: list[Arrays] = [{} for _ in range(count)]
    for name, value in arrays.items():
        number, rest = name.split(".", 1)
        points[int(number)][rest] = value
    return points


def _measure_job(
    job: dict[str, Any], arrays: Arrays, written: Arrays
) -> dict[str, Any]:
    plan = job["plan"]
    caller, _ = _caller(job, None)
    rows = measure(caller, _points(arrays), plan, job["timeout"] * 0.6)
    answer = []
    for i, row in enumerate(rows):
        written[f"{i}.out"], written[f"{i}.upstream"] = row["out"], row["upstream"]
        written.update({f"{i}.numeric.{n}": v for n, v in row["numeric"].items()})
        written.update({f"{i}.theirs.{k}": v for k, (_, v) in enumerate(row["theirs"])})
        answer.append(
            {
                "point": row["point"],
                "keys": [key for key, _ in row["theirs"]],
                "mutated": row["mutated"],
                "repeats": row["repeats"],
            }
        )
    return {"rows": answer}


def _diagnose_job(
    job: dict[str, Any], arrays: Arrays, written: Arrays
) -> dict[str, Any]:
    """Record forward with all its slopes, and what each line of backward assigns."""
    recorder = Recorder()
    caller, sites = _caller(job, recorder)
    answer = []
    for i, point in enumerate(_points(arrays)):
        inputs = {name: value for name, value in point.items() if name != "upstream"}
        try:
            found = table(caller, recorder, point, job["plan"]["differentiable"])
        except UnusablePointError:
            continue
        out = caller.forward(inputs)
        upstream = upstream_for(point, out, has_upstream=job["plan"]["has_upstream"])
        events = _backward_events(caller, recorder, inputs, upstream)
        written[f"{i}.values"], written[f"{i}.jacobian"] = (
            found["values"],
            found["jacobian"],
        )
        written[f"{i}.upstream"] = upstream
        written.update(
            {f"{i}.event.{k}": value for k, (_, _, value) in enumerate(events)}
        )
        answer.append(
            {
                "keys": found["keys"],
                "shapes": found["shapes"],
                "events": [(line, name) for line, name, _ in events],
            }
        )
    return {"points": answer, "sites": sites}


def _backward_events(
    caller: Caller, recorder: Recorder, inputs: Arrays, upstream: NDArray[Any]
) -> list[tuple[int, str, NDArray[Any]]]:
    """Return what the lines of backward assign, without a forward's before it."""
    with recorder.recording():
        if caller.plan["needs_forward"] and not caller.plan["formula"]:
            caller.forward(inputs)
        ahead = len(recorder.events)
    with recorder.recording():
        caller.backward(inputs, upstream)
    return recorder.events[ahead:]


JOBS = {"call": _call_job, "measure": _measure_job, "diagnose": _diagnose_job}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
