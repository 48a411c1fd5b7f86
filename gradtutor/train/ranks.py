"""Several processes for one training: how mpiexec starts them, and how they ended."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from gradtutor.messages import tr
from gradtutor.train.datasets import MissingPackageError


def mpiexec_command(ranks: int) -> list[str]:
    """Return what stands before ``python script.py`` to run it on several ranks.

    The program that the package mpich puts beside Python goes before others: it must
    be of the same MPI as mpi4py's.

    Raises
    ------
    MissingPackageError
        When there is no mpiexec, or no mpi4py.
    """
    beside = Path(sys.executable).with_name("mpiexec")
    found = str(beside) if beside.exists() else shutil.which("mpiexec")
    missing = "mpi4py" if find_spec("mpi4py") is None else "mpiexec"
    if found is None or missing == "mpi4py":
        raise MissingPackageError(
            tr(
                '--parallel mpi needs {missing}: pip install "gradtutor[mpi]"',
                missing=missing,
            )
        )
    return [found, "-n", str(ranks)]


def how_a_rank_ended(lines: Iterable[str]) -> str:
    """Return what mpiexec says of a rank that was killed; nothing if none was.

    >>> how_a_rank_ended(["=  EXIT CODE: 9", "... EXIT STRING: Killed (signal 9)"])
    'a rank was ended: Killed (signal 9); if an epoch was done, --resume goes on'
    """
    found = re.search(r"EXIT STRING: (.*\S)", "\n".join(lines))
    return (
        tr(
            "a rank was ended: {found}; if an epoch was done, --resume goes on",
            found=found[1],
        )
        if found
        else ""
    )
