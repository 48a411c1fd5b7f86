"""The signature of a script's step, spelled once: its definition and its calls."""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.codegen.text.wrapping import wrapped

#: What every step is given.
ALWAYS = "parameters, gradients, X, y"


@dataclass(frozen=True)
class Parameter:
    """One more parameter of a step.

    Attributes
    ----------
    default : str
        What stands after ``=``; a parameter without is given in every call, by its own
        name where nothing else is said.
    keyword : bool
        Whether calls name it.
    """

    name: str
    default: str = ""
    keyword: bool = False

    @property
    def text(self) -> str:
        """How the definition writes it."""
        return f"{self.name}={self.default}" if self.default else self.name

    def given(self, values: dict[str, str]) -> str:
        """How a call writes it, empty where the call leaves it out."""
        value = values.get(self.name, "" if self.default else self.name)
        return f"{self.name}={value}" if value and self.keyword else value


@dataclass(frozen=True)
class Signature:
    """A function and its parameters after the usual ones."""

    name: str
    parameters: tuple[Parameter, ...]

    def definition(self) -> str:
        """Return ``def name(...):``, over three lines where it is long."""
        texts = [ALWAYS, *(one.text for one in self.parameters)]
        line = f"def {self.name}({', '.join(texts)}):"
        if len(line) <= 88:
            return line
        return f"def {self.name}(\n    {', '.join(texts)}\n):"

    def call(self, indent: int, target: str = "", first: str = "", **more: str) -> str:
        """Return the lines of a call.

        Parameters
        ----------
        target : str
            What the result is assigned to.
        first : str
            The arguments instead of ``parameters, gradients, X, y``.
        more : str
            Values of the other parameters; those that the step lacks say nothing.
        """
        texts = [first or ALWAYS, *(one.given(more) for one in self.parameters)]
        call = f"{self.name}({', '.join(filter(None, texts))})"
        lines = wrapped([f"{target} = {call}" if target else call], indent)
        return f"\n{' ' * indent}".join(lines)


def step_signature(
    half: bool, scaled: bool, ranks: bool, statistics: bool, shards: bool, clock: bool
) -> Signature:
    """Return the signature of ``loss_and_gradients``."""
    candidates = (
        (half, Parameter("halves")),
        (scaled, Parameter("scale")),
        (ranks, Parameter("own")),
        (statistics, Parameter("statistics", "None")),
        (shards, Parameter("shard", "0", keyword=True)),
        (clock, Parameter("clock", "None", keyword=True)),
    )
    chosen = tuple(parameter for there, parameter in candidates if there)
    return Signature("loss_and_gradients", chosen)
