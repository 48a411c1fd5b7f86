"""Data brought to a network: which axes are which, what its loss learns from."""

from gradtutor.train.fitting.axes import Axes, find_axes
from gradtutor.train.fitting.needs import Needs, needs_of

__all__ = ["Axes", "Needs", "find_axes", "needs_of"]
