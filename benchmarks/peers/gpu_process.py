"""Contenders as processes that answer a line with a JSON line, or are given up."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Process:
    """A running contender, and the file that takes its messages."""

    running: subprocess.Popen[str]
    messages: IO[str]


def started(command: list[str]) -> Process:
    """Start a script of this folder."""
    messages = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `stopped`
    script, *arguments = command
    running = subprocess.Popen(
        [sys.executable, str(HERE / script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=messages,
        text=True,
    )
    return Process(running, messages)


def ask(process: Process, command: str | None, seconds: float) -> dict[str, Any]:
    """Send a command and return the answer, or {"skipped": why} in the end.

    Parameters
    ----------
    command : str or None
        None waits for the first answer, which needs no command.
    seconds : float
        How long to wait; then the process is killed.
    """
    running = process.running
    assert running.stdin is not None and running.stdout is not None
    try:
        if command:
            print(command, file=running.stdin, flush=True)
    except BrokenPipeError:
        return {"skipped": last_message(process)}
    with selectors.DefaultSelector() as selector:
        selector.register(running.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            running.kill()
            return {"skipped": f"{command or 'start'}: no answer in {seconds:.0f} s"}
    line = running.stdout.readline()
    if not line:
        return {"skipped": last_message(process)}
    answer: dict[str, Any] = json.loads(line)
    return answer


def last_message(process: Process) -> str:
    """Return why a process has ended: the last line of its messages."""
    process.running.wait()
    process.messages.seek(0)
    lines = process.messages.read().strip().splitlines()
    return lines[-1] if lines else f"exit code {process.running.returncode}"


def stopped(process: Process) -> None:
    """End a process that has answered all, or end it by force."""
    running = process.running
    assert running.stdin is not None and running.stdout is not None
    if running.poll() is None:
        running.kill()
    running.wait()
    for file in (running.stdin, running.stdout, process.messages):
        file.close()
