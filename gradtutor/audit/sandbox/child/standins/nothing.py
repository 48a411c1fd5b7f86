"""A module that is not there: it can be imported and subclassed, and does nothing."""

from __future__ import annotations

import types
from typing import Any

from gradtutor.audit.sandbox.child.standins.helpers import helpers


class Nothing:
    """Anything of a module that is not there; it can be called and asked for more."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *args: Any, **_: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else Nothing()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *_: Any) -> None:
        return None

    def __iter__(self) -> Any:
        raise ModuleNotFoundError("this comes from a module that is not here")

    __getitem__ = __len__ = __add__ = __radd__ = __mul__ = __rmul__ = __iter__
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = (
        __iter__
    )
    __neg__ = __pow__ = __array__ = __float__ = __iter__


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return (
            type(name, (Nothing,), {"__module__": self.__name__})
            if name[:1].isupper()
            else (_absent(self.__name__, name))
        )


def _absent(module: str, name: str) -> Any:
    """Return something that may be imported, and says what is missing when called."""

    class Absent(Nothing):
        def __call__(self, *args: Any, **_: Any) -> Any:
            if len(args) == 1 and callable(args[0]):
                return args[0]  # a decorator
            raise ModuleNotFoundError(f"No module named {module!r} (for {name})")

    return Absent()


def nothing_module(name: str) -> types.ModuleType:
    """Return a module whose every name is there and does nothing."""
    module = _Module(name)
    module.__path__ = []
    known = helpers(name)
    vars(module).update(known)
    module.__all__ = list(known)  # type: ignore[attr-defined]
    return module
