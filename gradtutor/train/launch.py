"""Run a training script as a child process and hand on what it reports."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from gradtutor.blas import users_environment
from gradtutor.codegen.comments import printed_as_spoken
from gradtutor.errors import TutorError
from gradtutor.messages import tr
from gradtutor.train.datasets import MissingPackageError
from gradtutor.train.ranks import how_a_rank_ended

MISSING = 4  # a script's exit code where a package or a device is missing
SHOWN_LINES = 3  # of a failing script's last words
GRACE = 10  # seconds for an interrupted child to end by itself
HEARD = 1  # seconds in which a child ends that the same Ctrl-C has reached


class TrainingError(TutorError):
    """A script that failed; the message has its own last words."""


def train_script(
    script: Path,
    arguments: Sequence[str],
    on_epoch: Callable[[dict[str, Any]], None],
    launcher: Sequence[str] = (),
    lock: IO[str] | None = None,
) -> dict[str, Any]:
    """Run a generated script and return its summary.

    Parameters
    ----------
    arguments : sequence of str
        More arguments for the script; ``--json`` is added.
    on_epoch : callable
        Called with each epoch's object.
    launcher : sequence of str
        What starts several processes: mpiexec and its options.
    lock : file, optional
        A lock that the script is to hold too, should this process be killed.

    Raises
    ------
    TrainingError
        When the script fails, or ends without a summary.
    """
    command = [*launcher, sys.executable, str(script), "--json", *arguments]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            command,
            stdout=pipe,
            stderr=errors,
            encoding="utf-8",
            env=users_environment(),
            pass_fds=[lock.fileno()] if lock and sys.platform != "win32" else [],
        ) as child,
    ):
        try:
            summary, others = _follow(child, on_epoch)
        except BaseException:
            _stop(child)
            raise
        if child.wait() == -signal.SIGINT or child.returncode == 130:
            raise KeyboardInterrupt
        if child.returncode == MISSING:  # the script says which package, or device
            raise MissingPackageError(_last_words(errors))
        if child.returncode != 0 or summary is None:
            words = how_a_rank_ended(others) or _how_it_ended(child, errors)
            raise TrainingError(tr("the training failed: {words}", words=words))
    return summary


def _follow(
    child: subprocess.Popen[str], on_epoch: Callable[[dict[str, Any]], None]
) -> tuple[dict[str, Any] | None, list[str]]:
    """Read a line an epoch; the line with a schema is the summary.

    Lines that are no objects, such as mpiexec's of a rank that was killed, are
    returned too.
    """
    assert child.stdout is not None
    summary, others = None, []
    for line in child.stdout:
        if not line.startswith("{"):
            others.append(line)
            continue
        result = json.loads(line)
        if "schema" in result:
            summary = result
        else:
            on_epoch(result)
    return summary, others


def _stop(child: subprocess.Popen[str]) -> None:
    """End the child: as Ctrl-C does, so that it tidies up, and only then for good."""
    try:
        child.wait(HEARD)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _how_it_ended(child: subprocess.Popen[str], errors: IO[str]) -> str:
    """Return a failed script's last words, or by which signal it was ended."""
    if child.returncode >= 0:
        return _last_words(errors)
    name = signal.strsignal(-child.returncode) or f"signal {-child.returncode}"
    killed = -child.returncode == signal.Signals["SIGKILL"]
    why = tr(", perhaps for want of memory") if killed else ""
    return tr(
        "it was ended ({name}{why}); if an epoch was done, --resume goes on",
        name=name,
        why=why,
    )


def _last_words(errors: IO[str]) -> str:
    errors.seek(0)
    lines = [line for line in errors.read().splitlines() if line.strip()]
    said = map(printed_as_spoken, lines[-SHOWN_LINES:])
    return "\n".join(said) or tr("it said nothing")
