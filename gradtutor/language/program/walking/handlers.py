"""What the tables of methods hold: a function for each name."""

from collections.abc import Callable, Mapping
from typing import Any

Keywords = Mapping[str, Any]
#: A function for a method's name.
Table = Mapping[str, Callable[..., Any]]
