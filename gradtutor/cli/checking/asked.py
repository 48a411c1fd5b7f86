"""What is to be checked: a gradient of one's own in a file, or a circuit."""

from __future__ import annotations

import re
from pathlib import Path

from gradtutor.cli.arguments import read_text

CODE = re.compile(r"(?P<path>.+\.(?:py|ipynb)):(?P<function>[^\W\d][\w.]*)", re.DOTALL)


def code_of(expression: str) -> tuple[str, str] | None:
    """Return file and function of ``layer.py:backward``; a file alone has none."""
    match = CODE.fullmatch(expression)
    if match and _is_circuit(match["path"], match["function"]):
        return None
    if match and not _is_model(match["path"], match["function"]):
        return match["path"], match["function"]
    if match:
        return None
    try:
        if expression.endswith((".py", ".ipynb")) and Path(expression).is_file():
            text = Path(expression).read_text(encoding="utf-8", errors="replace")
            if _is_whole_network(expression, text) or _is_circuit(expression, ""):
                return None
            if expression.endswith(".ipynb") or _may_hold_gradients(expression, text):
                return expression, ""
    except (OSError, ValueError):
        pass
    return None


def _may_hold_gradients(path: str, text: str) -> bool:
    """Whether a program has functions, or moves weights by gradients of its own."""
    functions = re.search(r"^\s*(def|class) |= *lambda ", text, re.MULTILINE)
    return functions is not None or _has_pairs(path)


def _has_pairs(path: str) -> bool:
    """Whether a program has gradients by hand beside what they are of."""
    from gradtutor.audit.functions import everything
    from gradtutor.audit.program.source import ProgramError, read_program

    try:
        return bool(everything(read_program(path)))
    except ProgramError:
        return False


#: Names of functions that are gradients themselves.
OF_GRADIENTS = re.compile(r"backward|grad|deriv|prime|jac|hess|^d_?[A-Za-z]?\d*$|delta")


def _is_circuit(path: str, name: str) -> bool:
    """Whether ``f.py:f`` is a function to differentiate, with no gradient beside it."""
    from gradtutor.audit.program.pairs import pairs
    from gradtutor.audit.program.source import ProgramError, read_program
    from gradtutor.language import SourceError, has_functions, parse_function

    if OF_GRADIENTS.search(name):
        return False
    try:
        text = read_text(path)
        found = pairs(read_program(path))
    except ProgramError:
        found = []
    if found if not name else any(name in (p.title, p.group) for p in found):
        return False
    try:
        return has_functions(text) and bool(parse_function(text, name))
    except SourceError:
        return False


#: A gradient by hand: a function of that name, or one that is given to a library.
BY_HAND = re.compile(r"\bdef \w*(backward|grad)\w*|\bdefv?jvps?\b|\bdefvjp\b")
#: What JAX derives itself.
DERIVED = re.compile(r"\b(value_and_)?grad\(")


def _is_whole_network(path: str, text: str) -> bool:
    """Whether a program is a network of a library, without a gradient by hand."""
    from gradtutor.language import is_network

    if not is_network(text) or BY_HAND.search(text):
        return False
    return DERIVED.search(text) is not None or not _has_pairs(path)


def _is_model(path: str, name: str) -> bool:
    """Whether ``net.py:Net`` is a model of a program, not a gradient of one's own."""
    from gradtutor.language import is_array_network, is_network

    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    if _is_by_hand(path, name):
        return False
    made = rf"^(class {name}\b|{name}\s*=|def {name}\b)"
    by_hand = re.search(r"^\s*def (backward|forward)\b", text, re.MULTILINE)
    network = is_network(text) and not is_array_network(text)
    model = re.search(made, text, re.MULTILINE) and network
    return bool(model) and not (by_hand and f"def {name}" in text)


def _is_by_hand(path: str, name: str) -> bool:
    """Whether a name is that of a gradient by hand, in any style."""
    from gradtutor.audit.program.pairs import pairs
    from gradtutor.audit.program.source import ProgramError, read_program

    try:
        found = pairs(read_program(path))
    except ProgramError:
        return False
    return any(name in (pair.title, pair.group) for pair in found)
