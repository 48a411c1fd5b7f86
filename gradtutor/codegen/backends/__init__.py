"""What a step and its script are made for: a class for each, with all that differs."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from gradtutor.codegen.backends.backend import Backend
from gradtutor.codegen.backends.one_kernel import OneKernelCuPy
from gradtutor.codegen.optimisers import optimiser_plan
from gradtutor.codegen.settings import Settings


def _named(base: type[Any]) -> Iterator[type[Any]]:
    """Yield the classes below this one that have a name of their own."""
    for one in base.__subclasses__():
        if "name" in vars(one):
            yield one
        yield from _named(one)


for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)

#: Every class of this folder by the name that the command line has, the CPU's first.
BACKENDS: dict[str, Backend] = {
    one.name: one() for one in sorted(_named(Backend), key=lambda one: one.on_gpu)
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
