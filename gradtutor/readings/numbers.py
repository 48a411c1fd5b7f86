"""Values, gradients, checks and matrices of a circuit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus import second_order
from gradtutor.evaluate import Trace, run
from gradtutor.evaluate.check import check_gradients
from gradtutor.evaluate.point import check_wrt, random_point
from gradtutor.readings.checked import Checked
from gradtutor.readings.held import Held
from gradtutor.readings.matrices import Matrix, joined, read_matrix


class Numbers(Held):
    """A circuit that is asked for numbers."""

    def trace(self, **at: ArrayLike) -> Trace:
        """Run forward and backward; the trace holds every wire's value and gradient."""
        return run(self.graph, self._point(at), self.ties)

    def value(self, **at: ArrayLike) -> Any:
        """Return the output's value: a float, or an array for a tensor."""
        trace = self.trace(**at)
        return _plain(trace.values[trace.output])

    def gradients(self, **at: ArrayLike) -> dict[str, Any]:
        """Return the gradient of every input: a float, or an array of its shape."""
        gradients = self.trace(**at).input_gradients()
        return {name: _plain(value) for name, value in gradients.items()}

    def check(self, seed: int = 0, /, **at: ArrayLike) -> Checked:
        """Compare every gradient with finite differences.

        Parameters
        ----------
        seed : int
            Of the values that are drawn for inputs that were given none.

        Returns
        -------
        Checked
            A list of rows; its ``ok`` is True, False, or None where undecided.
        """
        point = random_point(self.graph, seed) | self._stated() | self._point(at)
        return Checked(check_gradients(self.graph, point, self.ties))

    def hessian(self, *wrt: str, **at: ArrayLike) -> Matrix:
        """Return the second derivatives as a matrix, in symbols and in numbers.

        Parameters
        ----------
        wrt : str
            One input: its Hessian. Two: the mixed second derivative. None: of all
            inputs, their elements one after the other.

        Returns
        -------
        Matrix
            With ``text``, ``value`` where every input has a value, ``verified``.
        """
        names = wrt or tuple(self.variables)
        check_wrt(self.graph, names)
        point = self._whole_point(at)
        if wrt or len(names) == 1:
            return self._hessian(names[0], names[-1], point)
        rows = [[self._hessian(one, other, point) for other in names] for one in names]
        return joined(names, rows)

    def _hessian(self, rows: str, columns: str, point: Mapping[str, Any]) -> Matrix:
        linear = second_order.hessian_map(self.graph, rows, columns, self.ties)
        wrt = (rows, columns)
        return read_matrix(self.graph, "hessian", wrt, linear, point, self.ties)

    def jacobian(self, wrt: str | None = None, /, **at: ArrayLike) -> Matrix:
        """Return the matrix of slopes of an output that is a tensor.

        Parameters
        ----------
        wrt : str
            The input; with a single one it may be left out.
        """
        name = wrt or self._only_variable()
        check_wrt(self.graph, [name])
        linear = second_order.jacobian_map(self.graph, name, self.ties)
        point = self._whole_point(at)
        return read_matrix(self.graph, "jacobian", (name,), linear, point, self.ties)

    def _whole_point(self, at: Mapping[str, ArrayLike]) -> dict[str, Any]:
        """Return a value for every input, or nothing."""
        point = self._point(at)
        stated = {name: np.asarray(one, float) for name, one in self._stated().items()}
        return stated | point if self._is_valued(point) and self.inputs else {}


def _plain(value: np.ndarray) -> Any:
    return float(value) if np.ndim(value) == 0 else value
