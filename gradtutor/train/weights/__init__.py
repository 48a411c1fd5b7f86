"""Weights by PyTorch's names and layouts, and back: safetensors and .npz."""

from gradtutor.train.weights.files import read_weights, write_weights
from gradtutor.train.weights.names import (
    Weight,
    WeightsError,
    as_pytorch,
    from_pytorch,
    own_arrays,
    weights_of,
)

__all__ = [
    "Weight",
    "WeightsError",
    "as_pytorch",
    "from_pytorch",
    "own_arrays",
    "read_weights",
    "weights_of",
    "write_weights",
]
