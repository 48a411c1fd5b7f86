"""What a script compiled and captured, for tests to read: files in CUDA_HOST_LOG."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Kernel:
    """A text that CuPy would hand to NVRTC.

    Parameters
    ----------
    name : str
        The kernel, or all kernels of the text.
    source : str
        CUDA C++, without the headers that CuPy puts first.
    options : tuple of str
        The script's own options for the compiler.
    expressions : tuple of str
        Instances of templates that are wanted.
    headers : bool
        Whether CuPy puts its headers first: all but raw texts.
    """

    name: str
    source: str
    options: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    headers: bool = True


def folder() -> Path | None:
    """Return where to write; None when nobody asked."""
    named = os.environ.get("CUDA_HOST_LOG")
    return Path(named) if named else None


def note_kernel(kernel: Kernel) -> None:
    """Write a kernel down."""
    if where := folder():
        text = json.dumps(asdict(kernel), indent=1)
        name = f"kernel-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
        (where / name).write_text(text)


def note_graph(names: list[str]) -> None:
    """Write the names of a graph's nodes down."""
    if where := folder():
        number = len(list(where.glob("graph-*.json")))
        (where / f"graph-{number}.json").write_text(json.dumps(names))


def kernels(where: Path) -> list[Kernel]:
    """Read the kernels of a log."""
    found = [
        json.loads(path.read_text()) for path in sorted(where.glob("kernel-*.json"))
    ]
    tuples = ("options", "expressions")
    return [
        Kernel(**{**row, **{key: tuple(row[key]) for key in tuples}}) for row in found
    ]


def graphs(where: Path) -> list[list[str]]:
    """Read the graphs of a log: the names of their nodes in order."""
    return [json.loads(path.read_text()) for path in sorted(where.glob("graph-*.json"))]
