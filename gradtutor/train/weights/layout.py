"""One array of a network here and in PyTorch's state_dict: its name, its layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.weights.errors import WeightsError

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Weight:
    """One array of a network.

    Attributes
    ----------
    name, shape : str, tuple of int
        As this program has it.
    torch, torch_shape : str, tuple of int
        As PyTorch's ``state_dict`` has it.
    layout : str
        How PyTorch's array lies: ``same``, ``transposed`` (out, in), or ``turned``, the
        kernel (in, out, ...) of a transposed convolution, end to start.
    second : str
        PyTorch's other array of the same purpose, which is added: a recurrent layer has
        two biases.
    part : int
        Which third of the rows of PyTorch's array it is: attention has query, key and
        value in one; -1 where it is the whole.
    """

    name: str
    shape: tuple[int, ...]
    torch: str
    torch_shape: tuple[int, ...]
    layout: str = "same"
    second: str = ""
    part: int = -1

    def to_torch(self, array: np.ndarray) -> np.ndarray:
        """Return the array, or its rows, in PyTorch's layout."""
        shape = self.torch_shape
        if self.part >= 0:
            shape = (shape[0] // PARTS, *shape[1:])
        return np.ascontiguousarray(_turned(array, self.layout)).reshape(shape)

    def from_torch(self, arrays: Arrays) -> np.ndarray:
        """Return this program's array of PyTorch's."""
        array = np.asarray(arrays[self.torch])
        if array.shape != self.torch_shape:
            raise WeightsError(
                tr(
                    "{torch} is {shape}, the network has {torch_shape}",
                    torch=self.torch,
                    shape=array.shape,
                    torch_shape=self.torch_shape,
                )
            )
        if self.second in arrays:
            array = array + np.asarray(arrays[self.second])
        if self.part >= 0:
            array = np.split(array, PARTS)[self.part]
        return np.ascontiguousarray(_turned(array, self.layout)).reshape(self.shape)


#: Query, key and value.
PARTS = 3


def _turned(array: np.ndarray, layout: str) -> np.ndarray:
    """Bring an array to the other layout; there and back are the same."""
    if layout == "turned":
        places = tuple(range(2, array.ndim))
        return np.flip(np.swapaxes(array, 0, 1), places)
    return array.T if layout == "transposed" else array
