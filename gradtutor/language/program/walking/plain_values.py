"""Methods of lists, dictionaries and words, worked out within limits."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.data.containers import MAX_ITEMS
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


PLAIN_OWNERS = (str, list, dict, tuple)


#: Methods of plain values that are worked out, and change nothing outside.
PURE: dict[type, tuple[str, ...]] = {
    str: ("lower", "upper", "strip", "startswith", "endswith", "split", "replace",
          "join", "title"),
    dict: ("get", "keys", "values", "items", "copy"),
    list: ("index", "count", "copy"),
    tuple: ("index", "count"),
}  # fmt: skip


CHANGING: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "pop", "reverse", "clear"),
    dict: ("update", "pop", "setdefault"),
}


def plain_method(
    run: Interpreter, owner: Any, name: str, args: list[Any], node: ast.AST
) -> Any:
    """Call a method of a list, a dictionary or a word, within limits."""
    kind = type(owner)
    if name not in (*PURE.get(kind, ()), *CHANGING.get(kind, ())):
        return run.unknown(tr("{name}() is not worked out", name=name), node)
    if len(owner) > MAX_ITEMS:
        return run.unknown(tr("this list is too long to be read"), node)
    try:
        value = getattr(owner, name)(*args)
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        return run.unknown(tr("{name}() has no value here", name=name), node)
    return list(value) if isinstance(owner, dict) and name in VIEWS else value


VIEWS = ("keys", "values", "items")
