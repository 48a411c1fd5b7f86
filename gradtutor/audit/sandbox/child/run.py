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
from gradtutor.audit.sandbox.child.calling import Caller
from gradtutor.audit.sandbox.child.kernel import confine
from gradtutor.audit.sandbox.child.loading import load, load_person
from gradtutor.audit.sandbox.child.readings.own import own_readings
from gradtutor.audit.sandbox.child.readings.probing import argument_of, probe
from gradtutor.audit.sandbox.child.recording.diagnosing import diagnosed, whole_reads
from gradtutor.audit.sandbox.child.recording.measure import measure, upstream_for
from gradtutor.audit.sandbox.child.recording.recorder import Recorder
from gradtutor.audit.sandbox.child.values import ResultError, named_results
from gradtutor.audit.sandbox.child.widening import is_narrow, widen_beside

HELPER = "formula.py"  # the name of the text beside a person's file
Arrays = dict[str, NDArray[Any]]


def main(folder: Path) -> None:
    """Do one job; whatever happens, an answer is written."""
    sys.dont_write_bytecode = True  # ours is kept, for the next child; theirs is not
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with np.load(folder / "job.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    (folder / "started").touch()
    limits.apply_limits(job["timeout"], job["megabytes"])
    os.environ.clear()
    kernel = confine(folder)
    limits.guard()
    answer, written = work(job, arrays)
    answer["kernel"] = kernel
    np.savez(folder / "answer.npz", **written)  # type: ignore[arg-type]
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)  # a thread the code has left behind does not keep us


def work(job: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    """Do one job in this process; what the code raises is part of the answer."""
    out, errors = sys.stdout, sys.stderr
    printed = sys.stdout = sys.stderr = limits.Printed()
    sys.path.append(job["folder"])
    written: Arrays = {}
    try:
        with np.errstate(all="ignore"):
            answer = JOBS[job["kind"]](job, arrays, written)
    except BaseException as error:
        written = {}
        answer = {"error": _error(error, job["path"])}
    limits.stop_clock()
    limits.lift_guard()
    sys.stdout, sys.stderr = out, errors
    answer["printed"] = printed.text
    return answer, written


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
        "told": getattr(error.args[0], "told", None) if error.args else None,
        "line": lines[-1] if lines else None,
        "function": functions[-1] if functions else "",
    }


# ---- jobs ----


def _call_job(job: dict[str, Any], arrays: Arrays, written: Arrays) -> dict[str, Any]:
    module, _, _ = load_person(
        job["text"], job["path"], Path(job["folder"]), None, job["timeout"]
    )
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


def _caller(
    job: dict[str, Any], recorder: Recorder | None, *, wide: bool = False
) -> tuple[Caller, list[Any]]:
    module, sites, passed = load_person(
        job["text"],
        job["path"],
        Path(job["folder"]),
        recorder,
        job["timeout"],
        wide=wide,
    )
    helper = None
    if job["plan"]["helper"]:
        helper, more = load(job["plan"]["helper"], HELPER, recorder, len(sites))
        sites = [*sites, *({**site, "line": 0} for site in more)]
    caller = Caller(job["plan"], module, helper)
    caller.passed_over = passed
    return caller, sites


def _widened(job: dict[str, Any]) -> Caller | None:
    """Return the same calls in double precision, where the file asks for less."""
    try:
        beside = widen_beside(Path(job["folder"]), job["path"])
        if not beside and not is_narrow(job["text"]):
            return None
        return _caller(job, None, wide=True)[0]
    except Exception:  # what the widened text lacks is no fault of the person's
        return None


def _points(arrays: Arrays) -> list[Arrays]:
    """Regroup arrays named ``3.x`` by their points."""
    count = 1 + max(int(name.split(".")[0]) for name in arrays)
    points: list[Arrays] = [{} for _ in range(count)]
    for name, value in arrays.items():
        number, rest = name.split(".", 1)
        points[int(number)][rest] = value
    return points


def _probe_job(job: dict[str, Any], arrays: Arrays, written: Arrays) -> dict[str, Any]:
    """Find shapes that the functions run with."""
    caller, _ = _caller(job, None)
    given = {
        name: argument_of(arrays.get(name, data)) for name, data in job["given"].items()
    }
    readings = [
        {name: argument_of(one) for name, one in reading.items()}
        for reading in job["readings"]
    ]
    choices = {
        n: [argument_of(one) for one in many] for n, many in job["choices"].items()
    }
    own = own_readings(caller.module, readings, job["indexes"])
    found = probe(
        caller,
        given,
        [*own, *readings],
        choices,
        0.4 * job["timeout"],
        natural=job["natural"] + len(own),
        flat=job["flat"],
        ranks=job["ranks"],
    )
    for kind in ("reading", "fitted"):
        found[kind] = found[kind] and {n: a.to_json() for n, a in found[kind].items()}
    return {**found, "passed": caller.passed_over}


def _measure_job(
    job: dict[str, Any], arrays: Arrays, written: Arrays
) -> dict[str, Any]:
    plan = job["plan"]
    caller, _ = _caller(job, None)
    exact = _widened(job)
    rows = measure(caller, _points(arrays), plan, job["timeout"] * 0.6, exact=exact)
    answer = []
    for i, row in enumerate(rows):
        written[f"{i}.out"], written[f"{i}.upstream"] = row["out"], row["upstream"]
        written.update({f"{i}.numeric.{n}": v for n, v in row["numeric"].items()})
        for name, one in row["bounds"].items():
            written[f"{i}.low.{name}"], written[f"{i}.high.{name}"] = one.low, one.high
        written.update({f"{i}.theirs.{k}": v for k, (_, v) in enumerate(row["theirs"])})
        answer.append(
            {
                "point": row["point"],
                "paths": [path for path, _ in row["theirs"]],
                "numeric": list(row["numeric"]),
                "bounds": list(row["bounds"]),
                "mutated": row["mutated"],
                "by_forward": row["by_forward"],
                "repeats": row["repeats"],
            }
        )
    return {"rows": answer, "passed": caller.passed_over}


def _diagnose_job(
    job: dict[str, Any], arrays: Arrays, written: Arrays
) -> dict[str, Any]:
    """Record forward with all its slopes, and what each line of backward assigns."""
    recorder = Recorder()
    caller, sites = _caller(job, recorder, wide=True)
    recorder.passed = whole_reads(sites)
    found = diagnosed(caller, recorder, _points(arrays), written, job["timeout"])
    return {**found, "sites": sites}


def _repair_job(job: dict[str, Any], arrays: Arrays, written: Arrays) -> dict[str, Any]:
    """Look for lines with which every gradient is right."""
    from gradtutor.audit.sandbox.child.repair.job import repaired  # no other job's

    caller, _ = _caller(job, None)
    seconds = 0.8 * job["timeout"]
    return repaired(
        caller,
        job["text"],
        job["path"],
        _points(arrays),
        job["places"],
        job["hint"],
        seconds,
    )


def _changed_job(
    job: dict[str, Any], arrays: Arrays, written: Arrays
) -> dict[str, Any]:
    """Say which line first writes into each argument."""
    recorder = Recorder()
    caller, _ = _caller(job, recorder)
    caller.watch = recorder.watch
    point = _points(arrays)[0]
    inputs = {name: value for name, value in point.items() if name != "upstream"}
    out = caller.forward(inputs)
    upstream = upstream_for(point, out, has_upstream=job["plan"]["has_upstream"])
    caller.changed_by_forward(inputs)
    caller.backward(inputs, upstream)
    return {"changed": recorder.changed}


JOBS = {
    "call": _call_job,
    "probe": _probe_job,
    "measure": _measure_job,
    "diagnose": _diagnose_job,
    "changed": _changed_job,
    "repair": _repair_job,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
