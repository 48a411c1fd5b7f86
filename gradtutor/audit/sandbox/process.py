"""Run a person's Python function in a child process, with limits on time and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.program.source import (
    OutOfTimeError,
    Program,
    ProgramError,
    excerpt,
    read_program,
)
from gradtutor.audit.sandbox.child.limits import LOADED
from gradtutor.messages import tr

MEGABYTES = 2048  # of address space
GRACE = 2.0  # seconds beyond the limit until the child is ended from outside
START_UP = 20.0  # seconds that a busy machine may need to start Python
STARTED = "started"  # the file by which the child says that it has
CHILD = Path(__file__).parent / "child" / "run.py"
#: One thread: the arrays are small, and threads would count against the limits.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

#: Of the environment: where libraries are, and what Windows cannot start without.
NEEDED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Results:
    """What a function returned.

    Attributes
    ----------
    values : tuple of arrays
        One array for each returned value: a tuple's items, or the one value.
    names : tuple of str
        The keys where a dict was returned; otherwise empty strings.
    mutated : tuple of str
        Arguments that the function changed in place.
    printed : str
        The first 10,000 characters that the code printed.
    """

    values: tuple[NDArray[Any], ...]
    names: tuple[str, ...]
    mutated: tuple[str, ...] = ()
    printed: str = ""


def run_function(
    path: str | Path,
    function: str,
    arguments: Mapping[str, NDArray[np.generic] | float | int],
    *,
    timeout: float = 10.0,
) -> Results:
    """Call a function of a person's file once, in a child process.

    Parameters
    ----------
    path : str or Path
        The person's file.
    function : str
        The function's name.
    arguments : mapping from str to array or number
        Passed by position in the mapping's order (the names need not be the
        function's own); numbers arrive as Python numbers, arrays as arrays.
    timeout : float
        Seconds.

    Raises
    ------
    ProgramError
        A syntax error, an exception, ``sys.exit``, too much memory, something returned
        that is no number: one message with the line.
    OutOfTimeError
        When it does not end in time.
    """
    program = read_program(path)
    program.check_function(function)
    arrays = {name: np.asarray(value) for name, value in arguments.items()}
    job = {"kind": "call", "function": function, "arguments": list(arrays)}
    answer, written = run_job(program, job, arrays, timeout)
    values = tuple(written[f"value{i}"] for i in range(len(answer["names"])))
    return Results(
        values, tuple(answer["names"]), tuple(answer["mutated"]), answer["printed"]
    )


def run_job(
    program: Program, job: Mapping[str, Any], arrays: Arrays, timeout: float
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Give a child process one job and return its answer.

    Raises
    ------
    ProgramError, OutOfTimeError
        As ``run_function``.
    """
    full = {
        "path": program.path,
        "text": program.text,
        "folder": str(Path(program.path).absolute().parent),
        "timeout": timeout,
        "megabytes": MEGABYTES,
    }
    with tempfile.TemporaryDirectory(prefix="gradtutor-") as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps(full | dict(job)), encoding="utf-8")
        np.savez(folder / "job.npz", **arrays)  # type: ignore[arg-type]
        status = _run_child(folder, timeout)
        if status is None:
            raise _late(timeout)
        try:
            answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
            with np.load(folder / "answer.npz", allow_pickle=False) as file:
                written = {key: file[key] for key in file.files}
        except (OSError, ValueError, zipfile.BadZipFile):
            raise ProgramError(_ended(status, program.path)) from None
    if "error" in answer:
        raise _raised(answer["error"], program, timeout)
    return answer, written


def _run_child(folder: Path, timeout: float) -> int | None:
    """Run the child to its end; None if it had to be ended. Nothing of it is left."""
    child = None
    try:
        with _interrupts_later():
            child = subprocess.Popen(
                [sys.executable, "-I", str(CHILD), str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=_environment(),
                start_new_session=True,
            )
        return _wait(child, folder / STARTED, timeout)
    finally:
        if child is not None:
            with suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg"):
                    os.killpg(child.pid, signal.SIGKILL)  # and whatever it has started
            child.kill()
            child.wait()


def _environment() -> dict[str, str]:
    """Return what Python itself needs; the rest is nobody's business."""
    return {n: os.environ[n] for n in NEEDED if n in os.environ} | ENVIRONMENT


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Let Ctrl-C wait until a child that is being started is known, to be ended."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt


def _wait(child: subprocess.Popen[bytes], started: Path, timeout: float) -> int | None:
    """Wait for the child's end; its time runs from when Python has started."""
    limit = time.monotonic() + START_UP
    while not started.exists() and time.monotonic() < limit:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(0.01)
    with suppress(subprocess.TimeoutExpired):
        return child.wait(LOADED * timeout + GRACE)
    return None


# ---- errors ----


def _late(timeout: float, where: str = "", line: int | None = None) -> OutOfTimeError:
    said = tr(
        "the code did not end within {timeout:g} s{where}\n"
        "is there an endless loop? --timeout gives it more time",
        timeout=timeout,
        where=where,
    )
    return OutOfTimeError(said, line)


def _ended(status: int, path: str) -> str:
    if -status == getattr(signal, "SIGXCPU", 0):
        how = tr("having used its processor time")
    elif status < 0:
        how = tr("by signal {number}", number=-status)
    else:
        how = tr("with exit code {number}", number=status)
    return tr("{path}: the process ended {how}, without a result", path=path, how=how)


def _said(told: str | list[Any]) -> str:
    """Say a sentence of the child, whose values may be sentences."""
    if isinstance(told, str):
        return told
    sentence, values = told
    return tr(sentence, **{name: _said(one) for name, one in values.items()})


def _raised(error: Mapping[str, Any], program: Program, timeout: float) -> ProgramError:
    """Turn what the child caught into one message with the line."""
    line, kind, message = error["line"], error["kind"], error["message"]
    path = program.path
    shown = f"\n{excerpt(program.shown, line)}" if line else ""
    place = f", {program.where(line)}" if line else ""
    if kind == "TimeUp":
        where = tr("; it was at {place}", place=f"{path}{place}{shown}")
        return _late(timeout, where, line)
    if error["ours"]:
        said = _said(error["told"]) if error.get("told") else message
        return ProgramError(f"{path}: {said}", line)
    if kind == "MemoryError":
        limit = tr("more than {count} GB of memory.", count=MEGABYTES // 1024)
        message = f"{limit} {message}".strip()
    if kind == "SystemExit":
        message = tr("the code ends the program ({message})", message=message)
    said = f"{kind}: {message}" if message else kind
    return ProgramError(f"{path}{place}: {said}{shown}", line, kind)
