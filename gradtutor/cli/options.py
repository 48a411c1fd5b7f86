"""A command's options as one object: a frozen dataclass, made of click's parameters.

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class Options:
...     order: int
>>> taken(Options, {"order": 2, "seed": 5})
Options(order=2)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Options = TypeVar("Options", bound="DataclassInstance")


def taken(kind: type[Options], parameters: Mapping[str, Any]) -> Options:
    """Return a command's parameters as the dataclass that has fields of these names."""
    names = [field.name for field in fields(kind)]
    return kind(**{name: parameters[name] for name in names})
