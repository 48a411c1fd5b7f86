"""Run a generated CuPy script on the host, with the stand-ins for what a GPU needs.

With ``GRADTUTOR_DEVICE=1`` it runs on this machine's GPU instead, with the real CuPy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cuda_host import blas

HERE = Path(__file__).parent
ON_DEVICE = bool(os.environ.get("GRADTUTOR_DEVICE"))


def environment(log: Path | None = None, **settings: str) -> dict[str, str]:
    """Return the variables under which ``import cupy`` finds the stand-in.

    Parameters
    ----------
    log : Path, optional
        An existing folder in which compiled kernels and captured graphs are noted.
    settings : str
        Other variables: ``CUDA_HOST_ORDER="shuffle:2"``, ``CUDA_HOST_DEVICE="none"``.
    """
    if ON_DEVICE:
        return {**os.environ, **settings}
    given = os.environ.get("PYTHONPATH")
    folders = [str(HERE / "fake"), str(HERE.parent), *([given] if given else [])]
    made = {
        "PYTHONPATH": os.pathsep.join(folders),
        "CUDA_HOST_BLAS": str(blas.library()),
    }
    if log is not None:
        made["CUDA_HOST_LOG"] = str(log)
    return {**os.environ, **made, **settings}


def run_script(
    path: Path | str,
    *arguments: str,
    log: Path | None = None,
    timeout: float = 120,
    cwd: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a script in a Python of its own and return what came of it.

    Parameters
    ----------
    path : Path or str
        The script.
    arguments : str
        Its arguments.
    log : Path, optional
        See ``environment``.
    timeout : float
        Seconds.
    cwd : Path, optional
        Where it runs.
    settings : mapping, optional
        Further variables of its environment.
    """
    strict = [] if ON_DEVICE else ["-W", "error"]  # CuPy has warnings of its own
    return subprocess.run(
        [sys.executable, *strict, str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env=environment(log, **(settings or {})),
    )


def epochs(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Return the objects that a script with ``--json`` printed."""
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def numpy_epochs(path: Path | str) -> list[dict[str, Any]]:
    """Run a NumPy script, which needs no device, and return its epochs."""
    command = [sys.executable, str(path), "--json"]
    return epochs(subprocess.run(command, capture_output=True, text=True, check=False))
