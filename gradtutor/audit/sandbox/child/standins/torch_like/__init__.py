"""The part of PyTorch that an autograd.Function is written in, played by NumPy."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from gradtutor.audit.sandbox.child.standins.context import Context
from gradtutor.audit.sandbox.child.standins.nothing import Nothing
from gradtutor.audit.sandbox.child.standins.torch_like.functions import (
    functional,
    functions,
)
from gradtutor.audit.sandbox.child.standins.torch_like.modules import FIRST, MODULES
from gradtutor.audit.sandbox.child.standins.torch_like.tensor import Tensor

__all__ = ["Function", "Tensor", "torch_modules"]


class Function:
    """The base of a person's functions."""

    @classmethod
    def apply(cls, *values: Any) -> Any:
        """Call forward with a context of its own."""
        return cls.forward(Context(), *values)  # type: ignore[attr-defined]


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Nothing,), {}) if name[:1].isupper() else Nothing()


def torch_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for PyTorch."""
    contents: dict[str, dict[str, Any]] = {
        "torch": functions(),
        "torch.nn": dict(MODULES),
        "torch.nn.init": dict(FIRST),
        "torch.nn.parameter": dict(MODULES),
        "torch.nn.functional": functional(),
        "torch.autograd": {"Function": Function, "gradcheck": Nothing()},
        "torch.autograd.function": {"Function": Function},
    }
    made = {name: _Module(name) for name in contents}
    for name, module in made.items():
        module.__path__ = []
        vars(module).update(contents[name])
    made["torch"].autograd = made["torch.autograd"]  # type: ignore[attr-defined]
    made["torch"].nn = made["torch.nn"]  # type: ignore[attr-defined]
    made["torch.nn"].init = made["torch.nn.init"]  # type: ignore[attr-defined]
    made["torch.nn"].functional = made["torch.nn.functional"]  # type: ignore[attr-defined]
    return made
