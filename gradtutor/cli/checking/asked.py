"""What is to be checked: a gradient of one's own in a file, or a circuit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gradtutor.cli.arguments import read_text

if TYPE_CHECKING:
    from gradtutor.audit.program.pairs import Pair

CODE = re.compile(r"(?P<path>.+\.(?:py|ipynb)):(?P<function>[^\W\d][\w.]*)", re.DOTALL)


def code_of(expression: str) -> tuple[str, str] | None:
    """Return file and function of ``layer.py:backward``; a file alone has none."""
    match = CODE.fullmatch(expression)
    if match:
        path, name = match["path"], match["function"]
        found = _pairs_in(path)
        if _is_circuit(path, name, found) or _is_model(path, name, found):
            return None
        return path, name
    try:
        if expression.endswith((".py", ".ipynb")) and Path(expression).is_file():
            text = Path(expression).read_text(encoding="utf-8", errors="replace")
            found = _pairs_in(expression)
            if _is_whole_network(text, found) or _is_circuit(expression, "", found):
                return None
            functions = re.search(r"^\s*(def|class) |= *lambda ", text, re.MULTILINE)
            if expression.endswith(".ipynb") or functions or found:
                return expression, ""
    except (OSError, ValueError):
        pass
    return None


def _pairs_in(path: str) -> list[Pair]:
    """Return the gradients by hand in a program, beside what they are of."""
    from gradtutor.audit.program.pairs import pairs
    from gradtutor.audit.program.source import ProgramError, read_program

    try:
        return pairs(read_program(path))
    except ProgramError:
        return []


#: Names of functions that are gradients themselves.
OF_GRADIENTS = re.compile(r"backward|grad|deriv|prime|jac|hess|^d_?[A-Za-z]?\d*$|delta")


def _is_circuit(path: str, name: str, found: list[Pair]) -> bool:
    """Whether ``f.py:f`` is a function to differentiate, with no gradient beside it."""
    from gradtutor.language import SourceError, has_functions, parse_function

    if OF_GRADIENTS.search(name):
        return False
    text = read_text(path)
    if found if not name else _are_of(name, found):
        return False
    try:
        return has_functions(text) and bool(parse_function(text, name))
    except SourceError:
        return False


#: A gradient by hand: a function of that name, or one that is given to a library.
BY_HAND = re.compile(r"\bdef \w*(backward|grad)\w*|\bdef(vjp|jvps?)\b")
#: What JAX derives itself.
DERIVED = re.compile(r"\b(value_and_)?grad\(")


def _is_whole_network(text: str, found: list[Pair]) -> bool:
    """Whether a program is a network of a library, without a gradient by hand."""
    from gradtutor.language import is_network

    if not is_network(text) or BY_HAND.search(text):
        return False
    return DERIVED.search(text) is not None or not found


def _is_model(path: str, name: str, found: list[Pair]) -> bool:
    """Whether ``net.py:Net`` is a model of a program, not a gradient of one's own."""
    from gradtutor.language import is_array_network, is_network

    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    if _are_of(name, found):
        return False
    made = rf"^(class {name}\b|{name}\s*=|def {name}\b)"
    by_hand = re.search(r"^\s*def (backward|forward)\b", text, re.MULTILINE)
    network = is_network(text) and not is_array_network(text)
    model = re.search(made, text, re.MULTILINE) and network
    return bool(model) and not (by_hand and f"def {name}" in text)


def _are_of(name: str, found: list[Pair]) -> bool:
    """Whether a name is that of a gradient by hand, in any style."""
    return any(name in (pair.title, pair.group) for pair in found)
