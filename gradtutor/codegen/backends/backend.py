"""What a back end says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gradtutor.codegen.backends.target import Target
from gradtutor.codegen.ir.program import Pass, Program
from gradtutor.codegen.optimisers import Plan
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.codegen.settings import Settings
from gradtutor.graph import Graph


class Backend(ABC):
    """From graph to operations, from operations to text, and what is around them.

    Attributes
    ----------
    extra : str
        Which of this project's extras installs the package of its name, if one must
        be here to run a script.
    on_gpu : bool
        Whether its scripts compute on a GPU.
    tunes : bool
        Whether ``--tune`` finds two ways of a convolution to choose from.
    library : str
        What the script computes with, in words.
    features : tuple of str
        What the script's frame has for it, as in `script.places.FEATURES`.
    after_lowering, before_printing : tuple of callable
        What happens to a program as soon as it is made, and before it is printed.
    function_word : str
        What names its compiled functions have where they get no better ones.
    alignment : int
        Parameters begin at multiples of so many numbers in the flat vector.
    draws_masks : bool
        Whether dropout's masks are arrays, rather than drawn where they are needed.
    prints_calls : bool
        Whether a step is printed as calls, rather than as one kernel.
    owner : tuple of str
        What makes a checkpoint one that no other back end can go on from.
    """

    extra = ""
    on_gpu = False
    tunes = False
    library: str
    features: tuple[str, ...]
    after_lowering: tuple[Pass, ...]
    before_printing: tuple[Pass, ...]
    function_word = "called"
    draws_masks = True
    alignment = 1
    prints_calls = True
    owner: tuple[str, ...] = ()

    # ---- the step ----

    @abstractmethod
    def passes(self, settings: Settings, without: Collection[Rule]) -> tuple[Rule, ...]:
        """Return the rewrites of a graph with its backward half, in order.

        Parameters
        ----------
        without : collection of callable
            Those that must not be among them.
        """

    @abstractmethod
    def program(
        self, graph: Graph, targets: Mapping[str, str], settings: Settings
    ) -> Program:
        """Return the operations that compute a graph's targets."""

    # ---- the script ----

    @abstractmethod
    def optimiser(self, plan: Plan, settings: Settings) -> str:
        """Return the source of an optimiser."""

    @abstractmethod
    def functions(
        self,
        lines: Sequence[str],
        loops: Sequence[str],
        around: Sequence[str],
        settings: Settings,
    ) -> str:
        """Return the text of all functions that a script's lines call.

        Parameters
        ----------
        loops : sequence of str
            Fused loops or kernels, which come last.
        around : sequence of str
            Functions that the script's frame calls.
        """

    def kit(self, settings: Settings) -> str:
        """Return the functions that may stand in a file of their own, or nothing."""
        del settings
        return ""

    def written(self, text: Any) -> Any:
        """Return NumPy text as this library's, in lists and dictionaries too."""
        return text

    def memory(self, text: str) -> str:
        """Return how a step's memory is made, given NumPy's expression of it."""
        return text

    def target(self, labels: str, *, tokens: bool) -> Target:
        """Return how the frame writes what depends on where it computes."""
        del labels, tokens
        return Target()

    def facts(self, graph: Graph, settings: Settings) -> dict[str, Any]:
        """Return what this back end's templates say beyond all others'."""
        del graph, settings
        return {}

    def around(self, graph: Graph, settings: Settings) -> list[str]:
        """Return the functions that the script's frame calls, around its step."""
        del graph, settings
        return []

    def needs(self, settings: Settings) -> list[str]:
        """Return the packages that a script needs, in words."""
        del settings
        return ["NumPy"]

    def imports(self, settings: Settings) -> set[str]:
        """Return import lines of the standard library that it needs besides."""
        del settings
        return set()
