"""``torch.nn``: modules with a backward by hand, parameters, their first values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.torch_like.tensor import Tensor, as_tensor


class Holds(list[Any]):
    """``nn.ModuleList``: a list."""


class Module:
    """The base of a person's layers: called, it runs forward."""

    training = True

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Run forward."""
        return self.forward(*args, **named)  # type: ignore[attr-defined]

    def parameters(self) -> Iterator[Any]:
        """Yield the tensors that it holds, and those of the modules that it holds."""
        for value in vars(self).values():
            for one in value if isinstance(value, Holds) else [value]:
                if isinstance(one, Tensor):
                    yield one
                elif isinstance(one, Module):
                    yield from one.parameters()

    def register_buffer(self, name: str, value: Any, *_: Any) -> None:
        """Hold a tensor under a name."""
        setattr(self, name, value)

    register_parameter = add_module = register_buffer

    def to(self, *_: Any, **__: Any) -> Any:
        """Return it: there is one device."""
        return self

    cuda = cpu = double = float = zero_grad = to

    def train(self, mode: bool = True) -> Any:
        """Say that it is trained, or not."""
        self.training = mode
        return self

    def eval(self) -> Any:
        """Say that it is not trained."""
        return self.train(False)


def _constant(tensor: Any, value: Any = 0.0, *_: Any, **__: Any) -> Any:
    np.asarray(tensor)[...] = value
    return tensor


def _filled(value: float) -> Any:
    def fill(tensor: Any, *_: Any, **__: Any) -> Any:
        np.asarray(tensor)[...] = value
        return tensor

    return fill


def _drawn(tensor: Any, *_: Any, **__: Any) -> Any:
    np.asarray(tensor)[...] = np.random.standard_normal(np.shape(tensor))
    return tensor


#: ``nn.init``: with what a layer begins does not matter here.
FIRST = {"zeros_": _filled(0.0), "ones_": _filled(1.0), "constant_": _constant}
FIRST |= dict.fromkeys(
    (
        "normal_",
        "uniform_",
        "xavier_uniform_",
        "xavier_normal_",
        "kaiming_uniform_",
        "kaiming_normal_",
        "trunc_normal_",
        "orthogonal_",
    ),
    _drawn,
)
MODULES = {
    "Module": Module,
    "Parameter": lambda value, *_, **__: as_tensor(value),
    "ModuleList": Holds,
    "ParameterList": Holds,
}
