"""How a person's functions are called, as data: values, calls, and what they bind.

A plan is made of these in the parent; the child process carries them out, and a message
prints them as Python.

>>> str(Call(Ref("affine_forward"), (Leaf("x"), Const(1))))
'affine_forward(x, 1)'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Leaf:
    """An array that is drawn at random, or given."""

    name: str

    def __str__(self) -> str:
        return self.name

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["leaf", self.name]


@dataclass(frozen=True)
class Const:
    """A number, a word, None."""

    value: Any

    def __str__(self) -> str:
        return repr(self.value)

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["const", self.value]


@dataclass(frozen=True)
class Table:
    """A dict, made anew for every call."""

    items: tuple[tuple[str, Expr], ...]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{k!r}: {v}" for k, v in self.items) + "}"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["dict", [[k, v.to_json()] for k, v in self.items]]


@dataclass(frozen=True)
class Row:
    """A list, or a tuple."""

    items: tuple[Expr, ...]
    kind: str = "list"

    def __str__(self) -> str:
        return "[" + ", ".join(map(str, self.items)) + "]"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return [self.kind, [v.to_json() for v in self.items]]


@dataclass(frozen=True)
class Ref:
    """A name: bound by a step before, or of the person's file."""

    name: str

    def __str__(self) -> str:
        return self.name

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["ref", self.name]


@dataclass(frozen=True)
class Pick:
    """An item, by number or key; of what is no tuple, number 0 is the whole."""

    of: Expr
    key: int | str

    def __str__(self) -> str:
        return f"{self.of}[{self.key!r}]"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["pick", self.of.to_json(), self.key]


@dataclass(frozen=True)
class Rest:
    """What a function returned beside its output: the cache."""

    of: Expr
    start: int = 1

    def __str__(self) -> str:
        return "cache"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["rest", self.of.to_json(), self.start]


@dataclass(frozen=True)
class Attribute:
    """An attribute of an object."""

    of: Expr
    name: str

    def __str__(self) -> str:
        return f"{self.of}.{self.name}"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["attr", self.of.to_json(), self.name]


@dataclass(frozen=True)
class Call:
    """A call."""

    function: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()

    def __str__(self) -> str:
        words = [*map(str, self.args), *(f"{k}={v}" for k, v in self.keywords)]
        return f"{self.function}({', '.join(words)})"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return [
            "call",
            self.function.to_json(),
            [a.to_json() for a in self.args],
            [[k, v.to_json()] for k, v in self.keywords],
        ]


@dataclass(frozen=True)
class Upstream:
    """The gradient of an output, by its number."""

    number: int = 0

    def __str__(self) -> str:
        return "upstream"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["upstream", self.number]


@dataclass(frozen=True)
class Globals:
    """Names of the module that get values; as a value it is None."""

    items: tuple[tuple[str, Expr], ...]

    def __str__(self) -> str:
        return ", ".join(f"{k} = {v}" for k, v in self.items)

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return ["globals", [[k, v.to_json()] for k, v in self.items]]


Expr = (
    Leaf
    | Const
    | Table
    | Row
    | Ref
    | Pick
    | Rest
    | Attribute
    | Call
    | Upstream
    | Globals
)


@dataclass(frozen=True)
class Bind:
    """A step: a name for a value."""

    name: str
    value: Expr

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"

    def to_json(self) -> list[Any]:
        """Return it for the child process."""
        return [self.name, self.value.to_json()]


def leaves(expr: Expr) -> list[str]:
    """Return the leaves that a value is made of, in order."""
    match expr:
        case Leaf(name):
            return [name]
        case Table(items) | Globals(items):
            return [n for _, item in items for n in leaves(item)]
        case Row(items):
            return [n for item in items for n in leaves(item)]
        case Pick(of) | Rest(of) | Attribute(of):
            return leaves(of)
        case Call(function, args, keywords):
            parts = [function, *args, *(value for _, value in keywords)]
            return [n for part in parts for n in leaves(part)]
    return []


def refers(expr: Expr, names: set[str]) -> bool:
    """Whether a value is made of one of the bound names."""
    match expr:
        case Ref(name):
            return name in names
        case Table(items) | Globals(items):
            return any(refers(item, names) for _, item in items)
        case Row(items):
            return any(refers(item, names) for item in items)
        case Pick(of) | Rest(of) | Attribute(of):
            return refers(of, names)
        case Call(function, args, keywords):
            parts = [function, *args, *(value for _, value in keywords)]
            return any(refers(part, names) for part in parts)
    return False
