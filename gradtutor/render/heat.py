"""A tensor too large for its numbers, as a map of colours; images as pictures.

>>> import numpy as np
>>> found = heat_map(np.array([[0.0, 1.0], [0.5, -1.0]] * 3), digits=1)
>>> found.cells[0], found.low, found.high
((0.0, 1.0), '-1.0', '1.0')
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradtutor.render.style import Colours, number

#: Rows and columns of a map at most; a larger tensor is shown by means of blocks.
MOST_CELLS = 28
#: Of a tile where several stand side by side: channels, kernels.
MOST_TILE, MOST_TILES = 12, 16
#: Points that a map is wide at most, and a cell.
WIDEST, LARGEST, SMALLEST = 84.0, 12.0, 3.0
#: A vector that is a picture's pixels in a row has at least so many.
SMALLEST_IMAGE = 49


@dataclass(frozen=True)
class Heat:
    """A map of colours.

    Attributes
    ----------
    cells : tuple of tuple of (float or None)
        Row by row the share of the largest size, -1 to 1; None between tiles.
    low, high : str
        The smallest and the largest number, for the legend.
    ends : tuple of float
        Their shares.
    cell : float
        Points of a side.
    """

    cells: tuple[tuple[float | None, ...], ...]
    low: str
    high: str
    ends: tuple[float, float]
    cell: float

    @property
    def columns(self) -> int:
        """How many cells a row has."""
        return len(self.cells[0])

    @property
    def legend(self) -> tuple[float, ...]:
        """Shares from the smallest to the largest number, seven of them."""
        return tuple(np.linspace(*self.ends, 7).tolist())

    @property
    def unseen(self) -> Heat:
        """The map without its colours: its room is kept."""
        cells = tuple((None,) * self.columns for _ in self.cells)
        return replace(self, cells=cells, ends=(0.0, 0.0))

    @property
    def signed(self) -> bool:
        """Whether any number is negative: two colours; else the paper to the ink."""
        return self.ends[0] < 0


def heat_map(value: Any, digits: int, layout: str = "") -> Heat | None:
    """Return the map of a tensor; None where it is empty or holds nan or infinity.

    Parameters
    ----------
    layout : str
        ``channels`` if four axes are (channels, rows, columns, batch), of which the
        first example is shown; else the last two are the images.
    """
    array = np.asarray(value, np.float64)
    if layout == "channels" and array.ndim == 4:
        array = array[..., 0]
    if not array.size or not np.isfinite(array).all():
        return None
    tiles = [_shrunk(tile, most_) for tile, most_ in _tiles(array)]
    most = float(np.abs(array).max()) or 1.0
    grid = _side_by_side(tiles) / most
    cells = tuple(tuple(None if np.isnan(x) else float(x) for x in row) for row in grid)
    low, high = float(array.min()), float(array.max())
    side = max(SMALLEST, min(LARGEST, WIDEST / max(grid.shape)))
    told, ends = [number(x, digits) for x in (low, high)], (low / most, high / most)
    return Heat(cells, told[0], told[1], ends, side)


def _tiles(array: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the matrices that stand side by side, and how large each may be."""
    if array.ndim <= 2:
        yield _matrix(array), MOST_CELLS
        return
    maps = array.reshape(-1, *array.shape[-2:])[:MOST_TILES]
    for one in maps:
        yield one, MOST_CELLS if len(maps) == 1 else MOST_TILE


def _matrix(array: np.ndarray) -> np.ndarray:
    """Return a vector as a row; the pixels of a square image as the image."""
    rows = np.atleast_2d(array)
    side = math.isqrt(rows.size)
    is_image = len(rows) == 1 and side * side == rows.size >= SMALLEST_IMAGE
    return rows.reshape(side, side) if is_image else rows


def _shrunk(matrix: np.ndarray, most: int) -> np.ndarray:
    """Return means over blocks, so that neither side has more than so many."""
    for axis, size in enumerate(matrix.shape):
        if size > most:
            parts = np.array_split(matrix, most, axis=axis)
            matrix = np.stack([part.mean(axis=axis) for part in parts], axis=axis)
    return matrix


def _side_by_side(tiles: list[np.ndarray]) -> np.ndarray:
    """Return tiles in a square, nan between them."""
    if len(tiles) == 1:
        return tiles[0]
    high, wide = tiles[0].shape
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    grid = np.full((rows * (high + 1) - 1, columns * (wide + 1) - 1), np.nan)
    for place, tile in enumerate(tiles):
        top, left = (place // columns) * (high + 1), (place % columns) * (wide + 1)
        grid[top : top + high, left : left + wide] = tile
    return grid


def tint(share: float, heat: Heat, colours: Colours) -> tuple[str, float]:
    """Return a share's colour, ``ink``, ``plus`` or ``minus``, and how full it is.

    0 is the paper, the largest size is full; in greys signed numbers go from the
    paper to the ink.
    """
    if not heat.signed:
        return "ink", share
    if colours.value == colours.ink:
        return "ink", (share + 1) / 2
    return ("minus", -share) if share < 0 else ("plus", share)


def heat_colour(share: float, heat: Heat, colours: Colours) -> str:
    """Return a share's colour as ``#rrggbb``."""
    paper = "#ffffff" if colours.paper == "transparent" else colours.paper
    name, full = tint(share, heat, colours)
    return mixed(paper, getattr(colours, name), full)


def mixed(paper: str, colour: str, share: float) -> str:
    """Return a colour between two, ``#rrggbb`` both: 0 is the paper."""
    channels = [[int(one[i : i + 2], 16) for one in (paper, colour)] for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in channels)
