"""From keys of lesson.toml to panels: plots, landscapes, fits, boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.course.figures.boundaries import boundary
from gradtutor.course.figures.fits import fitted
from gradtutor.course.figures.frame import Curve, Frame, Panel
from gradtutor.course.figures.landscape import (
    descended,
    descent,
    ground,
    landscape,
    within,
)
from gradtutor.course.figures.surface import CELLS, Surface
from gradtutor.equality.evaluation import evaluate, read_expression

PLOT_POINTS = 241

Fields = Mapping[str, Any]


def _axes(fields: Fields) -> tuple[str, str]:
    """Return the axes' names: those that are given, else the variables."""
    given = fields.get("axes")
    if given:
        return given[0], given[1]
    names = list(fields.get("over", {}))
    return names[0], names[1] if len(names) > 1 else ""


def plot_panels(fields: Fields) -> list[Panel]:
    """Return the curves of a plot, with its points."""
    ((name, (low, high)),) = fields["over"].items()
    x = np.linspace(low, high, PLOT_POINTS)
    labels = fields.get("labels") or fields["plot"]
    found = []
    for label, formula in zip(labels, fields["plot"], strict=True):
        y = evaluate(read_expression(formula, [name]), {name: x})
        found.append(Curve(label, x.tolist(), y.tolist()))
    steps = _steps(fields, name) if "rates" in fields else []
    return [Panel([*found, *steps, *_points(fields)], axes=_axes(fields))]


def _steps(fields: Fields, name: str) -> list[Curve]:
    """Return the steps of descent on the first curve, a path for each rate."""
    formula, (low, high) = fields["plot"][0], fields["over"][name]
    start, steps = float(fields["start"][name]), int(fields.get("steps", 20))
    found = []
    for rate in fields["rates"]:
        places = np.ravel(descended(formula, {name: start}, float(rate), steps))
        out = np.flatnonzero((places < low) | (places > high))
        places = places[: out[0] if len(out) else None]
        heights = evaluate(read_expression(formula, [name]), {name: places})
        label = f"η = {rate}"
        found.append(Curve(label, places.tolist(), heights.tolist(), dotted=True))
    return found


def _points(fields: Fields) -> list[Curve]:
    if "points" not in fields:
        return []
    xs, ys = zip(*fields["points"], strict=True)
    return [Curve("", xs, ys, mark="o")]


def landscape_panels(fields: Fields) -> list[Panel]:
    """Return the lines and paths of a landscape."""
    lines = landscape(fields["landscape"], fields["over"])
    return [Panel([*lines, *_paths(fields)], axes=_axes(fields))]


def surface(fields: Fields) -> Surface:
    """Return a landscape in three dimensions."""
    x, y, heights = ground(fields["landscape"], fields["over"], CELLS + 1)
    return Surface(x, y, heights, _paths(fields), (*_axes(fields), "L"))


def _paths(fields: Fields) -> list[Curve]:
    """Return a path of descent for each learning rate, with its momentum."""
    start = {name: float(text) for name, text in fields.get("start", {}).items()}
    rates = fields.get("rates", ())
    found = []
    momenta = fields.get("momentum") or ["0"] * len(rates)
    for rate, kept in zip(rates, momenta, strict=True):
        label = f"η = {rate}" + (f", β = {kept}" if float(kept) else "")
        steps = int(fields.get("steps", 20))
        path = descent(
            fields["landscape"], start, float(rate), steps, float(kept), label
        )
        found.append(within(path, fields["over"]))
    return found


def fit_panels(fields: Fields) -> list[Panel]:
    """Return a panel for each degree of a polynomial."""
    degrees = [int(one) for one in fields["fits"]]
    ((_, (left, right)), (_, (low, high))) = fields["over"].items()
    titles = fields.get("titles") or [str(one) for one in degrees]
    limits = Frame(left, right, low, high)
    return fitted(fields["points"], degrees, limits, titles, _axes(fields))


def boundary_panels(fields: Fields) -> list[Panel]:
    """Return a panel for each number of neurons."""
    counts = [int(one) for one in fields["boundary"]]
    titles = fields.get("titles") or [str(one) for one in counts]
    asked = fields.get("asked", ())
    return [
        boundary(fields["data"], n, fields["labels"], title, _axes(fields), asked)
        for n, title in zip(counts, titles, strict=True)
    ]
