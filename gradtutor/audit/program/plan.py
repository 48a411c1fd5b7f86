"""A plan: how a person's functions are called, what is differentiated, what comes back.

Every style of writing a gradient ends in a plan; the child process carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.audit.program.calls import Bind, Expr, refers
from gradtutor.audit.program.usage import Usage

#: The name under which the object of a class is bound, and what backward returned.
OBJECT, RESULT, RETURNED = "layer", "result", "returned"


@dataclass(frozen=True)
class Plan:
    """How forward and backward are called.

    Attributes
    ----------
    function, forward_name : str
        The names of the two in the file, ``Layer.backward``; they may be the same.
    prepare, forward, backward : tuple of Bind
        Steps: both runs make the object; forward binds what it returns; backward may
        use that.
    outputs : tuple of values
        What is differentiated: times the upstream gradients, summed.
    returned : value or None
        What backward gives: an array, a tuple, a dict.
    order : tuple of str
        What each item of a tuple is the gradient of; empty where that is not known.
    inputs : tuple of pairs
        Forward's arguments by name, as values; groups of leaves too.
    leaves : tuple of str
        Every array that may be drawn.
    fixed : frozenset of str
        Leaves without a gradient: labels, targets.
    owner : str
        The bound name of an object whose own arrays are leaves as well, or empty.
    rate : str
        The argument that is a learning rate, where parameters are updated in backward.
    wrap : str
        The library whose arrays the arguments are: ``torch``, ``jax``, ``needle``.
    helper : str
        The text of a module beside the person's: a formula, a loss.
    texts, arguments : tuple of str
        What backward's return statement lists, and what backward takes.
    unnamed : bool
        Whether the text names none of the results, so that shapes may tell their order.
    gentle : bool
        Whether backward clips gradients, so that the upstream one must be small.
    clips : tuple of pairs
        Between which numbers it clips, where they are written out.
    sparse : bool
        Whether backward takes only the first number of the upstream gradient that is
        not 0, so that it must get one alone.
    steps : bool
        Whether the gradients are taken off the parameters, as NumPy repeats them.
    within : tuple of int
        The lines, first and last, that can be at fault; empty: all.
    suspects : tuple of int
        Lines that set a gradient which is added to elsewhere.
    assumed : tuple of str
        What was taken for granted, as sentences.
    """

    function: str
    forward_name: str
    prepare: tuple[Bind, ...] = ()
    forward: tuple[Bind, ...] = ()
    outputs: tuple[Expr, ...] = ()
    backward: tuple[Bind, ...] = ()
    returned: Expr | None = None
    order: tuple[str, ...] = ()
    inputs: tuple[tuple[str, Expr], ...] = ()
    leaves: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    upstreams: int = 1
    several: bool = False
    owner: str = ""
    attributes: tuple[tuple[str, tuple[str | int, ...]], ...] = ()
    rate: str = ""
    wrap: str = ""
    helper: str = ""
    assumed: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    unnamed: bool = False
    gentle: bool = False
    clips: tuple[tuple[float, float], ...] = ()
    sparse: bool = False
    steps: bool = False
    within: tuple[int, ...] = ()
    suspects: tuple[int, ...] = ()
    wanted: int = 3

    @property
    def needs_forward(self) -> bool:
        """Whether backward lives on what a forward run leaves behind."""
        bound = {step.name for step in (*self.prepare, *self.forward)}
        values = [*(step.value for step in self.backward)]
        values += [self.returned] if self.returned else []
        return any(refers(value, bound) for value in values)

    @property
    def has_upstream(self) -> bool:
        """Whether backward takes an upstream gradient."""
        return self.upstreams > 0

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The leaves that have a gradient."""
        return tuple(name for name in self.leaves if name not in self.fixed)

    def to_json(self) -> dict[str, Any]:
        """Return the plan for the child process."""
        return {
            "function": self.function,
            "forward_name": self.forward_name,
            "prepare": [step.to_json() for step in self.prepare],
            "forward": [step.to_json() for step in self.forward],
            "outputs": [value.to_json() for value in self.outputs],
            "backward": [step.to_json() for step in self.backward],
            "returned": self.returned.to_json() if self.returned else None,
            "leaves": list(self.leaves),
            "order": [] if self.unnamed else list(self.order),
            "differentiable": list(self.differentiable),
            "has_upstream": self.has_upstream,
            "needs_forward": self.needs_forward,
            "several": self.several,
            "owner": self.owner,
            "attributes": [[name, list(path)] for name, path in self.attributes],
            "rate": self.rate,
            "wrap": self.wrap,
            "helper": self.helper,
            "within": list(self.within),
            "wanted": self.wanted,
        }


@dataclass(frozen=True)
class Draft:
    """A plan, and what is known of its leaves, before their shapes are.

    Attributes
    ----------
    alternatives : tuple of Draft
        Other readings: a gradient that is right in one of them is right.
    said : tuple of pairs
        What each argument of the two functions was taken for.
    first : str
        The shapes that are tried before all others: ``numbers``, ``alike``.
    shapes : mapping
        The sizes of arrays, as the text makes them: ``{"W": ("n", "k")}``.
    likeliest : bool
        Whether the readings differ in what is taken for granted, so that the one with
        most right gradients counts.
    """

    plan: Plan
    usages: Mapping[str, Usage] = field(default_factory=dict)
    alternatives: tuple[Draft, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    first: str = ""
    shapes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    likeliest: bool = False
