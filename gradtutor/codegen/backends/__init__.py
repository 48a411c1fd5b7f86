"""What a step and its script are made for: a class for each, with all that differs."""

from __future__ import annotations

from gradtutor.codegen.backends.backend import Backend
from gradtutor.codegen.backends.device import CuPy
from gradtutor.codegen.backends.host import Numba, NumPy
from gradtutor.codegen.backends.one_kernel import OneKernelCuPy
from gradtutor.codegen.optimisers import optimiser_plan
from gradtutor.codegen.settings import Settings

#: By the name that the command line has.
BACKENDS: dict[str, Backend] = {one.name: one for one in (NumPy(), Numba(), CuPy())}
ONE_KERNEL = OneKernelCuPy()


def backend_of(settings: Settings) -> Backend:
    """Return what settings are for."""
    return ONE_KERNEL if settings.one_kernel else BACKENDS[settings.backend]


def optimiser_text(settings: Settings) -> str:
    """Return the source of the optimiser that a script has.

    Raises
    ------
    ValueError
        When a constant of the optimiser or of the schedule is not usable.
    """
    return backend_of(settings).optimiser(optimiser_plan(settings), settings)
