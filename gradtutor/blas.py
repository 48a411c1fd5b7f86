"""The program's own products are small: BLAS computes them with one thread.

OpenBLAS's threads spin while they wait for each other, which costs seconds where other
programs run. A library must not decide that for its user: only the command line does.
"""

from __future__ import annotations

import os
import sys

#: What BLAS libraries read when they are loaded.
VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)
_ours: set[str] = set()


def take_one_thread() -> None:
    """Give BLAS one thread, unless the user has set a number or NumPy has begun."""
    if "numpy" not in sys.modules and os.environ.keys().isdisjoint(VARIABLES):
        os.environ.update(dict.fromkeys(VARIABLES, "1"))
        _ours.update(VARIABLES)


def users_environment() -> dict[str, str]:
    """Return the environment as the user set it, for a child that decides itself."""
    return {name: value for name, value in os.environ.items() if name not in _ours}
