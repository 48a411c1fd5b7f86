"""Limits that keep a person's mistake harmless: time, memory, disk, processes, output.

They guard against accidents (an endless loop, a huge array, a fork), not against
somebody who sets out to break in: what runs here is the person's own code.
"""

from __future__ import annotations

import contextlib
import copy
import os
import random
import signal
import sys
import types
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

try:
    import resource
except ImportError:  # Windows has no limits; the parent still ends the child in time
    resource = None  # type: ignore[assignment]

PRINTED = 10_000  # characters of output that are kept
MEGABYTE = 1 << 20
LOADED = 3  # times as long as on a machine that does nothing else
FORBIDDEN = (
    "os.fork",
    "os.forkpty",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.kill",
    "os.killpg",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.truncate",
    "shutil.rmtree",
    "subprocess.Popen",
    "socket.connect",
    "socket.bind",
    "pty.spawn",
)


class TimeUp(BaseException):
    """The time is over; a BaseException, so that ``except Exception`` lets it pass."""


class ForbiddenError(RuntimeError):
    """The code asks for what an audit does not give: a process, a connection."""


class Printed:
    """Stands in for standard output: keeps the beginning, forgets the rest."""

    def __init__(self) -> None:
        self.text = ""
        self.encoding = "utf-8"

    def write(self, text: str) -> int:
        """Keep the text while there is room."""
        self.text += str(text)[: PRINTED - len(self.text)]
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """No terminal."""
        return False


def apply_limits(seconds: float, megabytes: int) -> None:
    """Set the limits of this process; the time runs from now."""
    if resource is not None:
        sizes = {
            "RLIMIT_AS": megabytes * MEGABYTE,
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": 512 * MEGABYTE,
            "RLIMIT_CPU": int(seconds) + 2,
        }
        for name, size in sizes.items():
            with contextlib.suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, name), (size, size))
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _time_up)
        signal.signal(signal.SIGPROF, _time_up)
    start_clock(seconds)


def start_clock(seconds: float) -> None:
    """Let the time run anew from now: seconds of the processor, more of the clock."""
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is _time_up:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)  # again, if it is swallowed
        signal.setitimer(signal.ITIMER_REAL, LOADED * seconds, 0.2)


def _time_up(*_: Any) -> NoReturn:
    raise TimeUp


def stop_clock() -> None:
    """No more interruptions: the results are being written."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def guard() -> None:
    """Refuse processes, connections and writing to files, from now on."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in FORBIDDEN:
            raise ForbiddenError(f"{event} is not allowed in an audit")
        if event == "open" and _writes(args):
            raise ForbiddenError(f"writing to a file is not allowed: {args[0]}")

    hook.__cantrace__ = True  # type: ignore[attr-defined]
    sys.addaudithook(lambda event, args: hook(event, args) if _Guard.on else None)


class _Guard:
    on = True


def lift_guard() -> None:
    """Let the results be written."""
    _Guard.on = False


def _writes(args: tuple[Any, ...]) -> bool:
    mode, flags = args[1], args[2]
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def reseed() -> None:
    """Start the global random generators anew, so that a forward can be repeated."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (it is the person's generator)


def generators(module: types.ModuleType) -> list[tuple[Any, Any]]:
    """Return a module's own random generators, with how they are now."""
    own = [v for v in vars(module).values() if isinstance(v, np.random.Generator)]
    return [(g.bit_generator, copy.deepcopy(g.bit_generator.state)) for g in own]


def rewind(states: Sequence[tuple[Any, Any]]) -> None:
    """Put generators back to how they were."""
    for generator, state in states:
        generator.state = state
