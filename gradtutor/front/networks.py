"""``gt.network``: a network from text, a file, or a class, to see, print and train."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.circuit import Circuit, parse
from gradtutor.cli.arguments import read_text
from gradtutor.cli.session import Session
from gradtutor.cli.training.network import gen
from gradtutor.cli.training.scripts import script_text, trained_text
from gradtutor.cli.training.starting import first_weights
from gradtutor.codegen.comments import in_chinese
from gradtutor.errors import TutorError
from gradtutor.front.commands import run
from gradtutor.front.errors import in_words
from gradtutor.front.functions.source import program_of
from gradtutor.front.given_data import AnyData, data_name
from gradtutor.front.models import is_model, model_of
from gradtutor.front.options import GenOptions, ScriptOptions, read_options
from gradtutor.front.pages import Told
from gradtutor.front.predicting import predictions
from gradtutor.front.training import Start, Training, train_network
from gradtutor.messages import tr
from gradtutor.train import write_text
from gradtutor.train.weights import write_weights


class NoNetworkError(TutorError):
    """Something that is no network."""


class NoWeightsError(TutorError):
    """A network that is asked for answers before it was trained."""


class Script(str):
    """A training script: a ``str`` that a cell shows in colours."""

    __slots__ = ()

    def save(self, path: str | Path) -> None:
        """Write the script to a file."""
        write_text(Path(path), str(self))

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


@in_words
def network(source: str | Path | bytes | type | Callable[..., Any]) -> Network:
    r"""Return a network.

    Parameters
    ----------
    source : str, Path, bytes or class
        A layer list with its loss; a file or a notebook of PyTorch or Keras, ``net.py``
        or ``net.py:Net``, which is read and not run; an example's name, ``mlp.net``; a
        class of ``nn.Module`` from a cell, or a function that builds a model; a model
        of ONNX, its file, its bytes or itself, whose weights come along.

    Examples
    --------
    >>> text = "Sequential([Input(4), Linear(3)])\nloss = CrossEntropyLoss()"
    >>> network(text).circuit.inputs
    ['X', 'W1', 'b1', 'y']
    """
    if is_model(source):
        return Network(*model_of(source))
    if isinstance(source, str | Path):
        return Network(read_text(str(source)))
    kind = source if callable(source) and hasattr(source, "__name__") else type(source)
    if kind.__module__ == "builtins":
        raise NoNetworkError(
            tr(
                "{kind} is no network: give a text, a file, or a class of nn.Module",
                kind=kind.__name__,
            )
        )
    return Network(program_of(kind))


@dataclass(frozen=True)
class Network:
    """A network: its text, its circuit, its script, its training.

    Attributes
    ----------
    weights : mapping or None
        Of a model of ONNX, its arrays by the names of the text.
    """

    text: str
    weights: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def circuit(self) -> Circuit:
        """The network with its loss as a circuit."""
        return parse(self.text)

    @in_words
    def script(self, data: AnyData, **options: Unpack[GenOptions]) -> Script:
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
        name = data_name(data, folder)
        read = read_options(gen, name, {**options})
        asked = Session(quiet=True, seed=read["seed"])
        text = trained_text(self.text, name)
        made = script_text(text, read, asked, "train.py")[0]
        return Script(in_chinese(made) if read["comments"] == "zh" else made)

    def train(
        self,
        data: AnyData,
        out: str | Path | None = None,
        *,
        start: Start = None,
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
        start : str, Path or mapping, optional
            Weights to start from; by default those that the network came with.
        options
            As ``gradtutor train --help`` names them: ``epochs=5``, ``optimizer="sgd"``.
        """
        begin = self.weights if start is None else start
        return train_network(self.text, data, out, begin, quiet=quiet, options=options)

    @in_words
    def predict(self, X: ArrayLike, weights: Start = None) -> np.ndarray:
        """Answer examples without a training: of weights that come from elsewhere.

        Parameters
        ----------
        X : array_like, (N, ...)
            Examples first, as the network's input is: not scaled, not filled.
        weights : str, Path or mapping, optional
            By default those that the network came with, as a model of ONNX has them.

        Returns
        -------
        ndarray, (N, ...)
            What the network's last layer says, examples first.

        Raises
        ------
        gradtutor.TutorError
            When there are no weights, or X does not fit.
        """
        return predictions(self.text, self._weights(weights), X)

    @in_words
    def export(
        self, path: str | Path, weights: Start = None, *, gradient: bool = False
    ) -> Told:
        """Write the network with its weights for other programs.

        Parameters
        ----------
        path : str or Path
            ``.safetensors``, ``.npz`` or ``.weights.h5``, the weights; ``.onnx`` or
            ``.c``, the network with them.
        weights : str, Path or mapping, optional
            By default those that the network came with.
        gradient : bool
            Of ONNX: the loss and its gradients.
        """
        arrays = self._weights(weights)
        with tempfile.TemporaryDirectory(prefix="gradtutor-") as folder:
            given = Path(folder) / "weights.npz"
            write_weights(given, dict(arrays))
            text = trained_text(self.text, "")
            return run("export", given, path, network=text, gradient=gradient)

    def _weights(self, given: Start) -> Mapping[str, Any]:
        if isinstance(given, str | Path):
            return first_weights(Path(given))
        found = self.weights if given is None else given
        if found is None:
            raise NoWeightsError(
                tr("the network has no weights yet: train it, or give some: weights=")
            )
        return found

    def save(self, path: str | Path) -> list[str]:
        """Write the network's text (.net, .txt), or its picture by the suffix.

        Returns
        -------
        list of str
            Notes and warnings of a picture.
        """
        if Path(path).suffix.lower() not in (".net", ".txt", ""):
            return self.circuit.save(path)
        write_text(Path(path), self.text)
        return []

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
