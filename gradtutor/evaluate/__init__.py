"""Values and gradients on every wire, and the check against finite differences."""

from gradtutor.evaluate.trace import Trace, run
from gradtutor.evaluate.values import MissingValueError, node_values

__all__ = ["MissingValueError", "Trace", "node_values", "run"]
