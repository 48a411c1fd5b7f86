"""The CPU: NumPy's calls, and numba's compiled loops among them."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence

from gradtutor.codegen.backends.backend import Backend
from gradtutor.codegen.cpu.direct import direct_loops
from gradtutor.codegen.cpu.direct_passes import direct_passes
from gradtutor.codegen.cpu.lowering import HostLowering
from gradtutor.codegen.cpu.numba_into import NUMBA, compiled_helpers
from gradtutor.codegen.cpu.numba_text import compile_loops
from gradtutor.codegen.cpu.writers import NUMPY
from gradtutor.codegen.ir.names import name_arrays
from gradtutor.codegen.ir.program import Pass, Program
from gradtutor.codegen.ir.side_by_side import side_by_side
from gradtutor.codegen.optimisers import Plan, class_text, loop_text
from gradtutor.codegen.parallel import synchronise
from gradtutor.codegen.rewrite.masks import masks_as_numbers
from gradtutor.codegen.rewrite.passes import PASSES
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.codegen.runtime import called, names_in
from gradtutor.codegen.settings import Settings
from gradtutor.graph import Graph

RULER = "# ---- functions of the network ----"


class NumPy(Backend):
    """Calls of NumPy that write into arrays made once."""

    library = "NumPy"
    features: tuple[str, ...] = ("host",)
    after_lowering: tuple[Pass, ...] = (name_arrays,)
    before_printing: tuple[Pass, ...] = (synchronise, side_by_side)
    lowering = HostLowering(NUMPY)

    def passes(self, settings: Settings, without: Collection[Rule]) -> tuple[Rule, ...]:
        """Return the rewrites of a graph with its backward half, in order."""
        del settings
        return (*(rule for rule in PASSES if rule not in without), masks_as_numbers)

    def program(
        self, graph: Graph, targets: Mapping[str, str], settings: Settings
    ) -> Program:
        """Return the operations that compute a graph's targets."""
        return self.lowering.program(graph, targets, settings.step_batch)

    def optimiser(self, plan: Plan, settings: Settings) -> str:
        """Return a class of NumPy calls."""
        del settings
        return class_text(plan, compiled=False)

    def functions(
        self,
        lines: Sequence[str],
        loops: Sequence[str],
        around: Sequence[str],
        settings: Settings,
    ) -> str:
        """Return the functions of `gradtutor.codegen.runtime`, and compiled loops."""
        del settings
        helpers = called([*lines, *around])
        texts = {one.__name__: inspect.getsource(one).rstrip() for one in helpers}
        texts |= self._compiled(lines)
        found = [*texts.values(), *loops]
        return "\n\n\n".join([RULER, *found] if found else [])

    def _compiled(self, lines: Sequence[str]) -> dict[str, str]:
        """Return compiled twins of functions, by name."""
        del lines
        return {}


class Numba(NumPy):
    """The same lines, with runs of them compiled."""

    extra = "numba"
    tunes = True
    library = "NumPy and numba"
    features = ("host", "compiled")
    after_lowering = (direct_loops, name_arrays)
    before_printing = (synchronise, compile_loops, side_by_side)
    lowering = HostLowering(NUMBA)

    def passes(self, settings: Settings, without: Collection[Rule]) -> tuple[Rule, ...]:
        """Return NumPy's rewrites, which leave convolutions of few channels whole."""
        usual = super().passes(settings, without)
        return direct_passes(usual, settings.step_batch, settings.rows)

    def memory(self, text: str) -> str:
        """Return memory at a line of the cache: loops read across none then."""
        return f"aligned({text})"

    def around(self, graph: Graph, settings: Settings) -> list[str]:
        """Return the functions that the script's frame calls, around its step."""
        del graph, settings
        return ["aligned"]

    def optimiser(self, plan: Plan, settings: Settings) -> str:
        """Return a class that calls a compiled loop."""
        del settings
        return f"{loop_text(plan)}\n\n\n{class_text(plan, compiled=True)}"

    def _compiled(self, lines: Sequence[str]) -> dict[str, str]:
        used = set(names_in("\n".join(lines)))
        return {n: text for n, text in compiled_helpers().items() if n in used}
