"""Streams that work late, as a device does, and graphs that replay.

Work on a stream runs when somebody waits for it: a script that reads too early sees the
old values. The default stream waits for all others but those made ``non_blocking``.
"""

from __future__ import annotations

import itertools
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from cuda_host import kernel_log

from cupy._errors import CUDARuntimeError, require_device
from cupy._work import Operation, Recorded


class Capture:
    """What a capturing stream has recorded, and who has joined it."""

    def __init__(self, origin: Stream) -> None:
        self.origin = origin
        self.work: list[Recorded] = []
        self.forked: set[int] = set()


class Graph:
    """Recorded work that runs again with every launch."""

    def __init__(self, work: list[Recorded]) -> None:
        self.work = work

    def launch(self, stream: Stream | None = None) -> None:
        """Put the whole work on a stream."""
        stream = stream or current()
        for work in self.work:
            stream.add(work)

    def upload(self, stream: Stream | None = None) -> None:
        """Do nothing: the graph is here already."""

    def debug_dot_str(self, flags: int = 0) -> str:
        """Name the nodes as cudaGraphDebugDotPrint does; the work is one chain."""
        names = [f'"graph_1_node_{i}"' for i in range(len(self.work))]
        lines = [
            f'{name}[style="bold" shape="octagon" label="{i}\n{work.name}\n"];'
            for i, (name, work) in enumerate(zip(names, self.work, strict=True))
        ]
        lines += [f"{a} -> {b};" for a, b in itertools.pairwise(names)]
        inner = "\n".join(['label="graph_1" graph[style="dashed"];', *lines])
        return f"digraph dot {{\nsubgraph cluster_1 {{\n{inner}\n}}\n}}\n"


class Event:
    """A mark in a stream."""

    def __init__(
        self, block: bool = False, disable_timing: bool = False, interprocess=False
    ) -> None:
        require_device()
        self.stream: Stream | None = None
        self.capture: Capture | None = None
        self.time: float | None = None

    @property
    def done(self) -> bool:
        """Whether the stream has come here."""
        return self.time is not None

    def record(self, stream: Stream | None = None) -> None:
        """Put the mark at the end of a stream."""
        self.stream = stream or current()
        self.capture, self.time = self.stream.capture, None
        if self.capture is None:
            self.stream.add(self.pass_by)

    def pass_by(self) -> None:
        """Note the time."""
        self.time = time.perf_counter()

    def synchronize(self) -> None:
        """Run the stream up to the mark."""
        if self.capture is not None:
            raise CUDARuntimeError(900, "an event of a capture is waited for")
        while self.stream is not None and self.time is None:
            self.stream.step()


def get_elapsed_time(start: Event, end: Event) -> float:
    """Return milliseconds between two events that have passed."""
    if start.time is None or end.time is None:
        raise CUDARuntimeError(600, "cudaErrorNotReady: wait for the events first")
    return (end.time - start.time) * 1000


class Stream:
    """A queue of work.

    Parameters
    ----------
    null : bool
        Whether this is the default stream.
    non_blocking : bool
        Whether the default stream does not wait for this one.
    """

    numbers = itertools.count(0x1000, 16)
    null: Stream
    all: ClassVar[weakref.WeakSet[Stream]] = weakref.WeakSet()

    def __init__(
        self,
        null: bool = False,
        non_blocking: bool = False,
        ptds: bool = False,
        priority=0,
    ) -> None:
        if not null:
            require_device()
        self.ptr = 0 if null else next(self.numbers)
        self.non_blocking = self.is_non_blocking = non_blocking
        self.device_id = -1 if null else 0
        self.queue: deque[Callable[[], None]] = deque()
        self.capture: Capture | None = None
        self.all.add(self)

    def add(self, work: Operation | Recorded | Callable[[], None]) -> None:
        """Queue work, or record it in the graph that is captured."""
        if self.capture is not None:
            recorded = Recorded(work) if isinstance(work, Operation) else work
            self.capture.work.append(recorded)
        elif self.ptr:
            self.queue.append(work)
        else:
            for stream in list(self.all):
                if stream.capture is not None and not stream.non_blocking:
                    raise CUDARuntimeError(906, "the default stream joins a capture")
                if not stream.non_blocking:
                    stream.drain()
            work()

    def step(self) -> None:
        """Do the next piece of work."""
        if self.queue:
            self.queue.popleft()()

    def drain(self) -> None:
        """Do all that is queued."""
        while self.queue:
            self.step()

    def synchronize(self) -> None:
        """Wait for all work; an error while it is capturing."""
        if self.capture is not None:
            raise CUDARuntimeError(
                900, "operation not permitted when stream is capturing (a host wait)"
            )
        if not self.ptr:
            self.add(lambda: None)
        self.drain()

    @property
    def done(self) -> bool:
        """Whether nothing is queued."""
        return not self.queue

    def begin_capture(self, mode: int | None = None) -> None:
        """Record what follows instead of running it."""
        if not self.ptr:
            raise RuntimeError("cannot capture on the default (legacy) stream")
        if self.capture is not None:
            raise CUDARuntimeError(1, "the stream is capturing already")
        self.capture = Capture(self)

    def end_capture(self) -> Graph:
        """Return what was recorded."""
        if self.capture is None or self.capture.origin is not self:
            raise CUDARuntimeError(1, "the stream has begun no capture")
        capture, self.capture = self.capture, None
        for stream in self.all:
            if stream.capture is capture:
                stream.capture = None
        if capture.forked:
            raise CUDARuntimeError(
                904, "a stream that joined the capture did not return"
            )
        kernel_log.note_graph([work.name for work in capture.work])
        return Graph(capture.work)

    def is_capturing(self) -> bool:
        """Whether work is being recorded."""
        return self.capture is not None

    def record(self, event: Event | None = None) -> Event:
        """Mark the end of the queue."""
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        """Let what follows wait for another stream's mark; joins its capture."""
        if event.capture is None:
            self.add(event.synchronize)
        elif self.capture is None:
            self.capture = event.capture
            self.capture.forked.add(self.ptr)
        elif event.stream is not None:
            self.capture.forked.discard(event.stream.ptr)

    def use(self) -> Stream:
        """Make this the current stream."""
        stack[-1] = self
        return self

    def __enter__(self) -> Stream:
        stack.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        stack.pop()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self.ptr == other.ptr

    def __hash__(self) -> int:
        return self.ptr


Stream.null = Stream(null=True)
stack: list[Stream] = [Stream.null]


def current(device_id: int = -1) -> Stream:
    """Return the current stream."""
    return stack[-1]


def by_pointer(pointer: int) -> Stream:
    """Return the stream that a library was given.

    Raises
    ------
    CUDARuntimeError
        When there is none.
    """
    for stream in Stream.all:
        if stream.ptr == pointer:
            return stream
    raise CUDARuntimeError(1, f"{pointer:#x} is no stream")
