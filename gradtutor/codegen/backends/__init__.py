"""What a step and its script are made for: a class for each, with all that differs."""

from __future__ import annotations

from importlib import import_module

from gradtutor.codegen.backend_names import backend_names
from gradtutor.codegen.backends.backend import Backend
from gradtutor.codegen.backends.one_kernel import OneKernelCuPy
from gradtutor.codegen.optimisers import optimiser_plan
from gradtutor.codegen.settings import Settings

#: By the name that the command line has: ``BACKEND`` of every module in ``named``.
BACKENDS: dict[str, Backend] = {
    name: import_module(f"{__name__}.named.{name}").BACKEND for name in backend_names()
}
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
