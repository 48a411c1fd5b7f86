"""A Hessian or a Jacobian: its symbols, its numbers, whether differences agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.calculus.second_order import LinearMap
from gradtutor.evaluate.matrices import matrix, verify_hessian, verify_jacobian
from gradtutor.graph import Graph
from gradtutor.messages import tr


@dataclass(frozen=True)
class Matrix:
    """A matrix of derivatives.

    Attributes
    ----------
    kind : str
        ``hessian`` or ``jacobian``.
    wrt : tuple of str
        What it is by.
    text : str or None
        The matrix in symbols; None where it has no short form.
    value : array or None
        Its numbers at the point given: the result's axes, then the input's.
    """

    kind: str
    wrt: tuple[str, ...]
    text: str | None
    value: NDArray[np.float64] | None
    graph: Graph | None = field(default=None, repr=False, compare=False)
    linear: LinearMap | None = field(default=None, repr=False, compare=False)
    ties: str = "torch"
    blocks: tuple[Matrix, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def verified(self) -> bool | None:
        """Whether differences at random points agree; None where undecided."""
        if self.blocks:
            found = [one.verified for one in self.blocks]
            return False if False in found else None if None in found else True
        if self.graph is None or self.linear is None:
            return None
        if self.kind == "jacobian":
            return verify_jacobian(self.graph, self.linear, self.wrt[0])
        rows, columns = self.wrt
        return verify_hessian(self.graph, self.linear, rows, columns, self.ties)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Let NumPy take the numbers.

        Raises
        ------
        TutorError
            When no point was given.
        """
        if self.value is None:
            raise ValueError(
                tr(
                    "the {kind} has no numbers: give every input a value",
                    kind=self.kind,
                )
            )
        return np.array(self.value, dtype=dtype)

    def __repr__(self) -> str:
        """Return the symbols, then the numbers."""
        head = f"{self.symbol} = {self.text}" if self.text else self.symbol
        parts = [head, *[str(self.value)] * (self.value is not None)]
        return "\n".join(parts)

    @property
    def symbol(self) -> str:
        """What the matrix is called: ∂²f/∂x², ∂²f/∂x∂y, ∂f/∂x."""
        if self.kind == "jacobian":
            return f"∂f/∂{self.wrt[0]}"
        if self.blocks:
            return tr("the Hessian of f by {wrt}", wrt=", ".join(self.wrt))
        rows, columns = self.wrt
        return f"∂²f/∂{rows}²" if rows == columns else f"∂²f/∂{rows}∂{columns}"


def read_matrix(
    graph: Graph,
    kind: str,
    wrt: tuple[str, ...],
    linear: LinearMap,
    point: Mapping[str, Any],
    ties: str,
) -> Matrix:
    """Return a linear map as a matrix, with numbers where there is a point."""
    from gradtutor.calculus.symbolic.linear_text import matrix_text

    value = matrix(linear, point) if point else None
    return Matrix(kind, wrt, matrix_text(linear), value, graph, linear, ties)


def joined(names: Sequence[str], blocks: Sequence[Sequence[Matrix]]) -> Matrix:
    """Return one Hessian of the blocks of all pairs of inputs, each laid flat."""
    texts = [", ".join(str(one.text) for one in row) for row in blocks]
    known = all(one.text is not None for row in blocks for one in row)
    text = "[" + ", ".join(f"[{row}]" for row in texts) + "]" if known else None
    parts = tuple(one for row in blocks for one in row)
    return Matrix("hessian", tuple(names), text, _joined_value(blocks), blocks=parts)


def _joined_value(blocks: Sequence[Sequence[Matrix]]) -> NDArray[np.float64] | None:
    if any(one.value is None for row in blocks for one in row):
        return None
    sizes = [round(np.asarray(row[i]).size ** 0.5) for i, row in enumerate(blocks)]
    return np.block(
        [
            [np.reshape(one, (sizes[i], sizes[j])) for j, one in enumerate(row)]
            for i, row in enumerate(blocks)
        ]
    )
