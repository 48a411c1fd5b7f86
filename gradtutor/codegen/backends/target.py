"""How a script writes what depends on where it computes: on the CPU or on a GPU."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The host: arrays are NumPy's and stay where they are.

    Attributes
    ----------
    labels : str
        What follows a target in a call that brings it to the device.
    tokens : bool
        Whether a target is a row of tokens, some below 0 for none.
    xp, blank : str
        The library, and what makes arrays that the check fills.
    margin : str
        What stands before a line of the loop over batches.
    """

    labels: str = ""
    tokens: bool = False
    xp: str = "np"
    blank: str = "np.empty"
    margin: str = "            "

    def array(self, text: str) -> str:
        """Return an array of the host, where the script computes."""
        return text

    def targets(self, text: str) -> str:
        """Return labels or targets where the script computes."""
        return text

    def number(self, text: str) -> str:
        """Return a number as Python's."""
        return text

    def loss(self, text: str) -> str:
        """Return what a step returns."""
        return f"float({text})"

    def host(self, text: str) -> str:
        """Return an array of the script's as NumPy's."""
        return text

    def double(self, text: str) -> str:
        """Return an array in float64, where the script computes."""
        return f"{text}.astype(np.float64)"


@dataclass(frozen=True)
class Device(Target):
    """A GPU: arrays are CuPy's, and copied."""

    xp: str = "cp"
    blank: str = "cp.zeros"
    margin: str = "        "

    def array(self, text: str) -> str:
        """Return an array of the host, where the script computes."""
        return f"cp.asarray({text})"

    def targets(self, text: str) -> str:
        """Return labels or targets where the script computes."""
        if self.tokens:
            return f"cp.asarray({text}, cp.int32)"
        return f"on_device({text}{self.labels})"

    def number(self, text: str) -> str:
        """Return a number as Python's."""
        return f"float({text})"

    def loss(self, text: str) -> str:
        """Return what a step returns: it stays on the device."""
        return text

    def host(self, text: str) -> str:
        """Return an array of the script's as NumPy's."""
        return f"cp.asnumpy({text})"

    def double(self, text: str) -> str:
        """Return an array in float64, where the script computes."""
        return f"cp.asarray({text}, cp.float64)"
