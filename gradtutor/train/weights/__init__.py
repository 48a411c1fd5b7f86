"""Weights by PyTorch's or Keras's names and layouts, and back."""

from gradtutor.train.weights.errors import WeightsError
from gradtutor.train.weights.files import read_weights, write_weights
from gradtutor.train.weights.keras import as_keras
from gradtutor.train.weights.layout import Weight
from gradtutor.train.weights.names import (
    as_pytorch,
    from_pytorch,
    from_theirs,
    own_arrays,
    weights_of,
)
from gradtutor.train.weights.owner import check_network, other_network

__all__ = [
    "Weight",
    "WeightsError",
    "as_keras",
    "as_pytorch",
    "check_network",
    "from_pytorch",
    "from_theirs",
    "other_network",
    "own_arrays",
    "read_weights",
    "weights_of",
    "write_weights",
]
