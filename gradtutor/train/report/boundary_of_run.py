"""The decision boundary of a trained network of two features, in the data's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gradtutor.graph import Graph, network_of
from gradtutor.train.loaders.preparing import in_own_units, prepared
from gradtutor.train.report.asked import Asked
from gradtutor.train.report.boundaries import write_areas, write_boundary
from gradtutor.train.report.measures import SCORES


@dataclass(frozen=True)
class BoundaryOf:
    """A run's folder, its network and what the classes are called."""

    folder: Path
    network: str
    classes: int
    called: Sequence[str] = ()

    @property
    def path(self) -> Path:
        """The picture's file."""
        return self.folder / "boundary.png"

    def write(
        self,
        X: np.ndarray,
        y: np.ndarray,
        names: Sequence[str] = (),
        asked: Sequence[Asked] = (),
    ) -> None:
        """Draw it, by the graph and not by the script.

        Parameters
        ----------
        X : ndarray, (n, 2)
            As the network takes them.
        y : ndarray, (n,)

        Raises
        ------
        MissingPackageError
            When matplotlib is not installed.
        """
        axes = names if len(names) == 2 else ("x1", "x2")
        weights = self._weights
        points = in_own_units(X, "X", weights)  # type: ignore[no-untyped-call]
        stars = [(one.label, one.row[0]) for one in asked]
        if self.classes == 2:
            answer = self._probability
            write_boundary(points, y, answer, self.path, axes, self.called, stars)
        else:
            areas = lambda at: self._scores(at).argmax(axis=1)  # noqa: E731
            write_areas(points, y, areas, self.path, axes, self.called, stars)

    @cached_property
    def _weights(self) -> dict[str, np.ndarray]:
        with np.load(self.folder / "weights.npz", allow_pickle=False) as file:
            return {name: file[name].astype(np.float64) for name in file.files}

    @cached_property
    def _graph(self) -> Graph:
        from gradtutor.language import parse_network

        return parse_network(self.network, 2, self.classes, training=False)

    def _scores(self, points: np.ndarray) -> np.ndarray:
        from gradtutor.evaluate import node_values

        answer = network_of(self._graph)["prediction"]
        weights = self._weights
        X = prepared(points, "X", weights)  # type: ignore[no-untyped-call]
        inputs = {**weights, "X": X}
        return np.asarray(node_values(self._graph, inputs, [answer])[answer])

    def _probability(self, points: np.ndarray) -> np.ndarray:
        values = self._scores(points)
        if values.shape[1] == 2:
            values = values[:, 1:] - values[:, :1]
        elif network_of(self._graph)["loss"] not in SCORES:
            return np.asarray(values)
        return np.asarray(1 / (1 + np.exp(-np.clip(values, -500, 500))))
