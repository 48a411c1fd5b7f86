"""Read one call, such as ``Dense(10)``, against a table of spellings."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradtutor.graph import Span
from gradtutor.language.errors import (
    ArgumentError,
    LimitError,
    UnknownNameError,
    near,
)
from gradtutor.language.formula.constants import constant_value
from gradtutor.language.layers.more import OWN_WORDS
from gradtutor.language.layers.spellings import FIXED, SYNONYMS, Spelling
from gradtutor.language.layers.training import INSTEAD
from gradtutor.language.literals import LARGEST, literal
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: Levels of Residual in Residual.
MAX_LEVELS = 50


@dataclass(frozen=True)
class Item:
    """A layer, loss or optimiser that was read, with its arguments and its place.

    ``path`` is the layer's place in PyTorch's ``Sequential``: ``0``, or ``3.1`` inside.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    span: Span = (0, 0)
    name: str = ""
    path: str = ""


#: From an argument's name, its value and its place to a size; ... where there is none.
Guess = Callable[[str, Any, ast.AST], Any]


class Known(ast.expr):
    """An argument that was worked out before, with its place in the text."""

    def __init__(self, value: Any, at: ast.AST, guess: Guess | None = None) -> None:
        super().__init__()
        self.value, self.guess = value, guess
        ast.copy_location(self, at)


def called_name(node: ast.expr) -> str:
    """Return the last part of a called name: ``Linear`` for ``nn.Linear(3)``."""
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def read_item(
    source: Source, node: ast.expr, table: Mapping[str, Spelling], level: int = 0
) -> Item:
    """Read one call against a table of spellings.

    Raises
    ------
    UnknownNameError
        When the table has no such spelling.
    ArgumentError
        When an argument is unknown, given twice or not possible here.
    LimitError
        When layers nest too deep.
    """
    name = called_name(node)
    if name not in table or not isinstance(node, ast.Call):
        raise _unknown(source, node, table)
    if level > MAX_LEVELS:
        message = tr(
            "layers nest more than {max_levels} levels deep", max_levels=MAX_LEVELS
        )
        raise LimitError(message, source.text, source.span(node))
    spelling = table[name]
    values: dict[str, Any] = dict(spelling.facts)
    if spelling.kind == "leaky_relu" and _is_keras(node):
        values["keras"] = True
    for key, value in _given(source, node, spelling).items():
        if key == "layers" and isinstance(value, ast.List):
            inner = [read_item(source, one, table, level + 1) for one in value.elts]
            values[key] = tuple(inner)
        else:
            values[key] = _value(source, value, key)
            _check_fixed(source, name, key, values[key], value)
    return Item(spelling.kind, values, source.span(node), name)


# ---- which argument is which ----


def _is_keras(node: ast.Call) -> bool:
    """Whether a call is written layers.LeakyReLU or keras.layers.LeakyReLU."""
    names = {one.id for one in ast.walk(node.func) if isinstance(one, ast.Name)}
    attributes = {
        one.attr for one in ast.walk(node.func) if isinstance(one, ast.Attribute)
    }
    return bool((names | attributes) & {"layers", "keras", "tf", "tensorflow"})


def _given(source: Source, node: ast.Call, spelling: Spelling) -> dict[str, ast.expr]:
    """Return the arguments by name, those given by place and by keyword."""
    name = called_name(node)
    keywords = [(_keyword(source, name, spelling, one), one) for one in node.keywords]
    named = {argument for argument, _ in keywords}
    given = dict(zip(_places(source, node, spelling, named), node.args, strict=False))
    for argument, keyword in keywords:
        if argument in given:
            message = tr("{name} is given {arg!r} twice", name=name, arg=keyword.arg)
            raise ArgumentError(message, source.text, source.span(keyword))
        if argument:
            given[argument] = keyword.value
            if keyword.arg in ("batch_shape", "batch_input_shape"):
                given[argument] = _without_batch(keyword.value)
    return given


def _without_batch(value: ast.expr) -> ast.expr:
    if isinstance(value, Known) and isinstance(value.value, list | tuple):
        return Known(tuple(value.value)[1:], value, value.guess)
    if isinstance(value, ast.Tuple | ast.List):
        return ast.copy_location(ast.Tuple(value.elts[1:], ast.Load()), value)
    return value


def _places(
    source: Source, node: ast.Call, spelling: Spelling, named: set[str]
) -> tuple[str, ...]:
    """Return the names of the arguments given by place."""
    names, name = spelling.arguments, called_name(node)
    if spelling.kind == "input" and len(node.args) > 1:  # Input(1, 28, 28)
        node.args = [ast.copy_location(ast.Tuple(node.args, ast.Load()), node)]
    if spelling.kind == "residual":  # Residual(Linear(4), ReLU())
        if not (len(node.args) == 1 and isinstance(node.args[0], ast.List)):
            node.args = [ast.copy_location(ast.List(node.args, ast.Load()), node)]
    elif len(node.args) <= len(spelling.short) and not (
        named.intersection(
            spelling.short[: len(node.args)]
        )  # Conv2d(1, 8, kernel_size=5)
    ):
        names = spelling.short
    if len(node.args) > len(names):
        message = tr(
            "{name} takes at most {count} argument(s), not {count2}",
            name=name,
            count=len(names),
            count2=len(node.args),
        )
        hint = tr("they are {names}", names=", ".join(names)) if names else ""
        raise ArgumentError(message, source.text, source.span(node), hint)
    return names


def _keyword(
    source: Source, name: str, spelling: Spelling, keyword: ast.keyword
) -> str:
    """Return the argument that a keyword means; empty for one without effect."""
    written = keyword.arg or ""
    argument = SYNONYMS.get(written, written)
    argument = OWN_WORDS.get(name, {}).get(written, argument)
    if argument == "eps" and "epsilon" in spelling.arguments:
        argument = "epsilon"
    if written in ("batch_shape", "batch_input_shape"):
        argument = "shape"
    if argument in spelling.arguments:
        return argument
    if argument in FIXED and argument in spelling.ignored:
        return argument
    if argument in spelling.ignored or written in spelling.ignored:
        return ""
    message = tr("{name} has no argument {written!r}", name=name, written=written)
    known = {word for word, one in SYNONYMS.items() if one in spelling.arguments}
    words = sorted({*spelling.arguments, *known} - {written})
    hint = tr(INSTEAD.get(written, "")) or near(written, words)
    hint = hint or tr("it has {arguments}", arguments=", ".join(spelling.arguments))
    raise ArgumentError(message, source.text, source.span(keyword), hint)


# ---- values ----


def _value(source: Source, node: ast.expr, key: str) -> Any:
    """Read an argument's value: a number, a shape, a word, True, False or None."""
    if isinstance(node, Known):
        return _known(source, node, key)
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool | None):
        return node.value
    if isinstance(node, ast.Attribute) and key == "activation":  # tf.nn.relu
        return node.attr
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(source, item, key) for item in node.elts)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        if node.value < LARGEST:
            return node.value
        message = tr("this number is too large for a size")
        raise LimitError(message, source.text, source.span(node))
    if isinstance(node, ast.BinOp):  # Linear(16 * 5 * 5, 120)
        return _worked_out(source, node)
    given = literal(source, node)
    if given is None:
        message = tr("an argument here is a plain number, a word in quotes or a tuple")
        raise ArgumentError(message, source.text, source.span(node))
    whole = isinstance(node, ast.UnaryOp) and given.value.is_integer()
    return int(given.value) if whole else given.value


def _known(source: Source, node: Known, key: str) -> Any:
    """Check a value that was worked out: it is plain, or its reason is told."""
    value = node.value
    if isinstance(value, list | tuple):
        inner = (Known(one, node, node.guess) for one in value)
        return tuple(_known(source, one, key) for one in inner)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if key == "activation" and hasattr(value, "name"):  # tf.nn.relu
        return value.name
    found = node.guess(key, value, node) if node.guess else ...
    if found is not ...:
        return found
    message = tr("an argument here is a plain number, a word in quotes or a tuple")
    reason = getattr(value, "reason", "")
    raise ArgumentError(message, source.text, source.span(node), reason)


def _worked_out(source: Source, node: ast.expr) -> int | float:
    """Work out arithmetic on numbers, in float64; a whole result is a whole number."""
    value = constant_value(source, node)
    if value is None or not math.isfinite(value):
        message = tr("an argument here is a number, not an expression of names")
        raise ArgumentError(message, source.text, source.span(node))
    return int(value) if value.is_integer() and abs(value) < LARGEST else value


def _check_fixed(
    source: Source, name: str, key: str, value: object, node: ast.expr
) -> None:
    """Refuse what would change the layer in a way that is not here."""
    if key in FIXED and value not in FIXED[key]:
        message = tr(
            "{name} is here with {key}={fixed!r} only, not {value!r}",
            name=name,
            key=key,
            fixed=FIXED[key][0],
            value=value,
        )
        hint = tr(INSTEAD.get(key, ""))
        raise ArgumentError(message, source.text, source.span(node), hint)


def _unknown(
    source: Source, node: ast.expr, table: Mapping[str, Spelling]
) -> UnknownNameError:
    """Say what is not in the table, or not called, and what is."""
    name, span = called_name(node), source.span(node)
    if isinstance(node, ast.Constant):
        message = tr("there is no {value!r} here", value=node.value)
        hint = near(str(node.value), table)
    elif name in table:
        message, hint = (
            tr("{name} is a call", name=name),
            tr("write {text}", text=f"{name}()"),
        )
    elif name:
        message, hint = tr("there is no {name!r} here", name=name), near(name, table)
    else:
        message, hint = (
            tr("a layer is expected here"),
            tr("as in Linear(128), with commas"),
        )
    if isinstance(node, ast.Call | ast.Constant):
        word = node.value if isinstance(node, ast.Constant) else name
        hint = tr(INSTEAD.get(str(word), "")) or hint
    hint = hint or tr("there is {table}", table=", ".join(table))
    return UnknownNameError(message, source.text, span, hint)
