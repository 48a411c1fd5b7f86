"""An operator as a model states it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gradtutor.exports.onnx.reader import Reader, Value


@dataclass(frozen=True)
class Call:
    """An operator in a model: its name, arguments and settings."""

    kind: str
    args: tuple[str, ...]
    settings: dict[str, Any]

    def get(self, key: str, usual: Any = None) -> Any:
        """Return a setting, bytes as text, lists as tuples."""
        value = self.settings.get(key, usual)
        if isinstance(value, bytes):
            return value.decode()
        return tuple(value) if isinstance(value, list) else value

    def arg(self, place: int) -> str:
        """Return an argument's name; nothing where it is left out."""
        return self.args[place] if place < len(self.args) else ""


Read = Callable[[Reader, Call], Value]
