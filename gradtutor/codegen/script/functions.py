"""The functions that a script prints: helpers and compiled loops."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence

from gradtutor.codegen.cpu.numba_into import compiled_helpers
from gradtutor.codegen.runtime import called
from gradtutor.codegen.script.device_functions import device_functions
from gradtutor.codegen.settings import Settings


def printed_functions(
    lines: Sequence[str],
    loops: Sequence[str],
    settings: Settings,
    around: Sequence[str] = (),
) -> str:
    """Return the text of all functions that a script's lines call.

    Parameters
    ----------
    loops : sequence of str
        Fused loops or kernels, which come last.
    around : sequence of str
        Helpers that the script's frame calls.
    """
    if settings.backend == "cupy":
        return device_functions(lines, loops, around, settings.products)
    texts = {call.__name__: inspect.getsource(call).rstrip() for call in called(lines)}
    if settings.backend == "numba":
        used = set(re.findall(r"\b\w+(?=\()", "\n".join(lines)))
        texts |= {n: text for n, text in compiled_helpers().items() if n in used}
    return "\n\n\n".join([*texts.values(), *loops])
