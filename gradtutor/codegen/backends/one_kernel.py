"""A GPU that does whole steps, many a launch, in one kernel of a small network."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gradtutor.codegen.backends.device import CuPy
from gradtutor.codegen.ir.names import name_arrays
from gradtutor.codegen.optimisers import Plan
from gradtutor.codegen.optimisers.device import state_class
from gradtutor.codegen.rewrite.passes import DEVICE_PASSES
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.codegen.settings import Settings
from gradtutor.graph import Graph


class OneKernelCuPy(CuPy):
    """One cooperative kernel: all blocks wait for each other between its phases."""

    features = ("device", "one_kernel")
    after_lowering = (name_arrays,)
    before_printing = ()
    prints_calls = False

    def passes(self, settings: Settings, without: Collection[Rule]) -> tuple[Rule, ...]:
        """Return the rewrites of a graph."""
        return tuple(rule for rule in DEVICE_PASSES if rule not in without)

    def optimiser(self, plan: Plan, settings: Settings) -> str:
        """Return the class of its state: the kernel moves the parameters."""
        return state_class(plan)

    def kit(self, settings: Settings) -> str:
        """Return nothing: the script is short, and stands in one file."""
        return ""

    def needs(self, settings: Settings) -> list[str]:
        """Return the packages that a script needs, in words."""
        return ["CuPy", "NumPy"]

    def imports(self, settings: Settings) -> set[str]:
        """Return no further import lines."""
        return set()

    def facts(self, graph: Graph, settings: Settings) -> dict[str, Any]:
        """Return what the templates say of the libraries."""
        found = super().facts(graph, settings)
        return found | {"tried": "import cupy as cp"}
