"""``gt.network``: a network from text, a file, or a class, to see, print and train."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from gradtutor.circuit import Circuit, parse
from gradtutor.cli.network import gen
from gradtutor.cli.scripts import script_text
from gradtutor.cli.session import Session, read_text
from gradtutor.front.errors import in_words
from gradtutor.front.given_data import AnyData, data_name
from gradtutor.front.options import ScriptOptions, read_options
from gradtutor.front.source import program_of
from gradtutor.front.training import Training, train_network
from gradtutor.train import write_text


class Script(str):
    """A training script: a ``str`` that a cell shows in colours."""

    __slots__ = ()

    def save(self, path: str | Path) -> None:
        """Write the script to a file."""
        write_text(Path(path), str(self))

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


@in_words
def network(source: str | Path | type | Callable[..., Any]) -> Network:
    r"""Return a network.

    Parameters
    ----------
    source : str, Path or class
        A layer list with its loss; a file or a notebook of PyTorch or Keras, ``net.py``
        or ``net.py:Net``, which is read and not run; an example's name, ``mlp.net``; a
        class of ``nn.Module`` from a cell, or a function that builds a model.

    Examples
    --------
    >>> text = "Sequential([Input(4), Linear(3)])\nloss = CrossEntropyLoss()"
    >>> network(text).circuit.inputs
    ['X', 'W1', 'b1', 'y']
    """
    if isinstance(source, str | Path):
        return Network(read_text(str(source)))
    kind = source if callable(source) and hasattr(source, "__name__") else type(source)
    return Network(program_of(kind))


@dataclass(frozen=True)
class Network:
    """A network: its text, its circuit, its script, its training."""

    text: str

    @property
    def circuit(self) -> Circuit:
        """The network with its loss as a circuit."""
        return parse(self.text)

    @in_words
    def script(self, data: AnyData, **options: Unpack[ScriptOptions]) -> Script:
        """Return the standalone script that trains the network.

        Parameters
        ----------
        data : str, Path, tuple or DataFrame
            A name or a file, which the script reads; arrays are written to a file
            first.
        options
            As ``gradtutor gen --help`` names them: ``backend="numba"``, ``epochs=5``.
        """
        folder = Path(tempfile.mkdtemp(prefix="gradtutor-"))
        read = read_options(gen, data_name(data, folder), {**options})
        run = Session(quiet=True, seed=read["seed"])
        return Script(script_text(self.text, read, run, "train.py")[0])

    def train(
        self,
        data: AnyData,
        out: str | Path | None = None,
        *,
        start: str | Path | None = None,
        quiet: bool = False,
        **options: Unpack[ScriptOptions],
    ) -> Training:
        """Train, with the curve so far in the cell, or a bar in a terminal.

        Parameters
        ----------
        data : str, Path, tuple or DataFrame
            A name that ``gt.data()`` lists, a file, ``(X, y)`` with numbers or words
            as labels, or a DataFrame with ``y="column"``.
        out : str or Path, optional
            The folder for script, weights and history; by default a new one.
        start : str or Path, optional
            Weights to start from.
        options
            As ``gradtutor train --help`` names them: ``epochs=5``, ``optimizer="sgd"``.
        """
        return train_network(self.text, data, out, start, quiet=quiet, options=options)

    def show(self, *args: Any, **at: Any) -> Any:
        """Return the picture of the circuit, as ``Circuit.show`` does."""
        return self.circuit.show(*args, **at)

    def page(self, *args: Any, **at: Any) -> Any:
        """Return the interactive page of the circuit, as ``Circuit.page`` does."""
        return self.circuit.page(*args, **at)

    def __repr__(self) -> str:
        """Return the network's text."""
        return self.text.strip("\n")

    def _repr_svg_(self) -> str | None:
        return self.circuit._repr_svg_()
