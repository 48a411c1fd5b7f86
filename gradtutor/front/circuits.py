"""``gt.circuit``: a formula, a file, a function of Python, as a circuit to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.circuit import Circuit, parse
from gradtutor.cli.arguments import read_text
from gradtutor.front.errors import in_words
from gradtutor.front.functions.formula import formula_of
from gradtutor.gates import Shape


@in_words
def circuit(
    formula: str | Path | Callable[..., Any],
    shapes: Mapping[str, Shape] | None = None,
    ties: str = "torch",
    **at: ArrayLike,
) -> Circuit:
    """Return a formula as a circuit.

    Parameters
    ----------
    formula : str, Path or callable
        Text such as ``"tanh(w*x + b)**2"``, a file of it, or a function of Python, as
        ``lambda x, y: np.sin(x)*y``, which is read, or called once with stand-ins.
    shapes : mapping, optional
        Shapes of inputs that are tensors: ``{"W": (3, 4)}``.
    ties : str
        The rule at kinks: ``torch``, ``left``, ``right`` or ``both``.
    at : array_like
        Values of inputs, as ``Circuit.at`` takes them.

    Returns
    -------
    Circuit
        Shown in a cell as a picture; ask it for ``gradients()``, ``steps()``,
        ``page()``, ``check()``.

    Examples
    --------
    >>> circuit("(x+y)*z", x=-2, y=5, z=-4).gradients()
    {'x': -4.0, 'y': -4.0, 'z': 3.0}
    >>> circuit(lambda x: x**2).diff()
    '2*x'
    """
    values: dict[str, Any] = dict(at)
    if callable(formula):
        written = formula_of(formula)
        text, values = written.text, {**written.values, **values}
    else:
        text = read_text(str(formula))
    sizes = {name: np.shape(value) for name, value in values.items() if np.ndim(value)}
    found = parse(text, {**sizes, **(shapes or {})}, ties)
    known = {name: one for name, one in values.items() if name in found.inputs}
    unknown = {name: one for name, one in at.items() if name not in known}
    return found.at(**known, **unknown) if values else found
