"""Proofs of equality in a child process, which is ended after three seconds.

sympy may take for ever on a harmless looking expression; a child can be killed. It
reads both texts with our own parser, so nothing is evaluated there either.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from gradtutor.messages import tr

LIMIT = 3.0  # seconds for one proof
STARTUP = 30.0  # seconds until the child has imported sympy

_children: list[subprocess.Popen[str]] = []


def prove_equal(
    one: str,
    two: str,
    points: Sequence[Mapping[str, float]],
    positive: Sequence[str] = (),
    limit: float = LIMIT,
) -> bool:
    """Whether sympy proves two expressions equal on the piece around each point.

    Parameters
    ----------
    points : sequence of mapping
        One point in each piece between kinks.
    positive : sequence of str
        Variables that are positive in the domain.
    limit : float
        Seconds; without a proof by then the answer is no.
    """
    request = {"one": one, "two": two, "points": points, "positive": positive}
    try:
        child = _ready_child()
        _write(child.stdin, json.dumps(request))
        reply = _line(child.stdout, limit)
    except OSError:
        reply = None
    if reply is None:
        end_children()
        return False
    return bool(json.loads(reply)["equal"])


def start_child() -> None:
    """Start the child ahead of need; it imports sympy while the answer is read."""
    if not _children:
        command = [sys.executable, "-m", "gradtutor.equality.prover"]
        pipe = subprocess.PIPE
        _children.append(
            subprocess.Popen(
                command,
                stdin=pipe,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        )


def _ready_child() -> subprocess.Popen[str]:
    fresh = not _children
    start_child()
    child = _children[0]
    if fresh or not getattr(child, "is_ready", False):
        if _line(child.stdout, STARTUP) is None:
            raise OSError(tr("the prover does not start"))
        child.is_ready = True  # type: ignore[attr-defined]
    return child


def _write(stream: IO[str] | None, text: str) -> None:
    if stream is not None:
        stream.write(text + "\n")
        stream.flush()


def _line(stream: IO[str] | None, seconds: float) -> str | None:
    """Read one line, or None when it does not come in time."""
    found: list[str] = []
    reader = threading.Thread(
        target=lambda: found.append(stream.readline() if stream else ""), daemon=True
    )
    reader.start()
    reader.join(seconds)
    return found[0] if found and found[0] else None


def end_children() -> None:
    """Kill the child, if there is one."""
    while _children:
        child: Any = _children.pop()
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            stream.close()


atexit.register(end_children)
