"""What a value in JSON may be: small forms, put together, each with its message.

>>> axis = either(NULL, WHOLE, tuple_of(WHOLE))
>>> axis([0, -1], "nodes[3].attrs.axis")
(0, -1)
>>> axis("x", "nodes[3].attrs.axis")
Traceback (most recent call last):
gradtutor.graph.forms.GraphError: nodes[3].attrs.axis: "x" is not null, a whole ...
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gradtutor.errors import TutorError
from gradtutor.messages import mark, tr

#: Whole numbers in JSON that every program reads alike.
LARGEST = 2**53
LONGEST = 60  # characters of a value in a message


class GraphError(TutorError):
    """A graph that breaks one of its invariants, or a text that is no graph."""


class Form(Protocol):
    """Checks a value read from JSON, and returns it as the graph holds it."""

    @property
    def said(self) -> str:
        """What a value has to be, in a message's words."""

    def __call__(self, value: Any, path: str) -> Any:
        """Return the value; raise GraphError with the path where it does not fit."""


def refuse(value: Any, path: str, said: str) -> GraphError:
    """Return the error for a value that is not what it has to be."""
    try:
        shown = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):  # digits by the thousand, or nested so deep
        shown = f"a {type(value).__name__}"
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}…"
    return GraphError(
        tr("{path}: {shown} is not {said}", path=path, shown=shown, said=tr(said))
    )


def joined(path: str, key: str) -> str:
    """Return the path of an entry: ``graph.output``."""
    return f"{path}.{key[:LONGEST]}" if path else key[:LONGEST]


@dataclass(frozen=True)
class Kind:
    """A value of one type that passes a test."""

    said: str
    types: tuple[type, ...]
    passes: Callable[[Any], bool] = lambda _value: True

    def __call__(self, value: Any, path: str) -> Any:
        """Return the value as it is; True and False are no numbers."""
        if type(value) not in self.types or not self.passes(value):
            raise refuse(value, path, self.said)
        return value


@dataclass(frozen=True)
class Anything:
    """A value that is looked at later."""

    said: str = mark("anything")

    def __call__(self, value: Any, path: str) -> Any:
        """Return it."""
        return value


ANYTHING = Anything()
NULL = Kind("null", (type(None),))
FLAG = Kind(mark("true or false"), (bool,))
TEXT = Kind(mark("a text"), (str,))


def whole(low: int = -LARGEST, said: str = mark("a whole number")) -> Kind:
    """Return the form of whole numbers from ``low`` on."""
    return Kind(said, (int,), lambda value: low <= value <= LARGEST)


WHOLE = whole()
COUNT = whole(0, mark("a whole number from 0 on"))
POSITIVE = whole(1, mark("a whole number from 1 on"))


def spelled(pattern: str, said: str) -> Kind:
    """Return the form of texts that match a pattern whole."""
    known = re.compile(pattern)
    return Kind(said, (str,), lambda value: known.fullmatch(value) is not None)


def one_of(*words: str) -> Kind:
    """Return the form of some words."""
    return Kind(
        tr("one of {words}", words=", ".join(words)),
        (str,),
        lambda value: value in words,
    )


@dataclass(frozen=True)
class Number:
    """A number as JSON can write it: nan and infinities are strings."""

    said: str = mark('a number, "nan", "inf" or "-inf"')
    passes: Callable[[float], bool] = lambda _value: True

    def __call__(self, value: Any, path: str) -> float:
        """Return it as a float."""
        try:
            if type(value) in (int, float) or value in ("nan", "inf", "-inf"):
                number = float(value)
                if self.passes(number):
                    return number
        except OverflowError:
            pass
        raise refuse(value, path, self.said)


NUMBER = Number()
FINITE = Number(mark("a finite number"), math.isfinite)


@dataclass(frozen=True)
class Either:
    """The first of several forms that fits."""

    forms: tuple[Form, ...]

    @property
    def said(self) -> str:
        """Name all of them."""
        *before, last = [form.said for form in self.forms]
        return tr(
            "{first} or {second}", first=", ".join(map(tr, before)), second=tr(last)
        )

    def __call__(self, value: Any, path: str) -> Any:
        """Return what the form makes of it; a list's own message is the best one."""
        told: GraphError | None = None
        for form in self.forms:
            try:
                return form(value, path)
            except GraphError as error:
                told = error if isinstance(form, Several) else told
        if told is not None and isinstance(value, list):
            raise told
        raise refuse(value, path, self.said)


def either(*forms: Form) -> Either:
    """Return the form of values that fit one of several."""
    return Either(forms)


@dataclass(frozen=True)
class Several:
    """A list of so many values of one form, made a tuple or left a list."""

    form: Form
    low: int = 0
    high: int = LARGEST
    made: type = list

    @property
    def said(self) -> str:
        """Name its length and its elements."""
        each = tr(self.form.said)
        if self.high == LARGEST:
            return tr("a list of entries, each {each}", each=each)
        return tr(
            "a list of {low} to {high} entries, each {each}",
            low=self.low,
            high=self.high,
            each=each,
        )

    def __call__(self, value: Any, path: str) -> Any:
        """Return the tuple or list."""
        if not isinstance(value, list) or not self.low <= len(value) <= self.high:
            raise refuse(value, path, self.said)
        return self.made(self.form(one, f"{path}[{k}]") for k, one in enumerate(value))


def tuple_of(form: Form, low: int = 0, high: int = 32) -> Several:
    """Return the form of lists that become tuples; a tensor has 32 axes at most."""
    return Several(form, low, high, tuple)


@dataclass(frozen=True)
class Settings:
    """An object whose keys are names, all of one form."""

    form: Form
    said: str = mark("an object")

    def __call__(self, value: Any, path: str) -> dict[str, Any]:
        """Return the entries, checked."""
        if not isinstance(value, dict):
            raise refuse(value, path, self.said)
        return {key: self.form(one, joined(path, key)) for key, one in value.items()}


@dataclass(frozen=True)
class Record:
    """An object with named entries, of which some may be left out.

    Attributes
    ----------
    others : Form or None
        What further entries may be; None where there are none.
    """

    entries: Mapping[str, Form]
    optional: tuple[str, ...] = ()
    others: Form | None = None
    said: str = mark("an object")

    def __call__(self, value: Any, path: str) -> dict[str, Any]:
        """Return the entries, checked; no other is taken."""
        if not isinstance(value, dict):
            raise refuse(value, path, self.said)
        for key in self.entries:
            if key not in value and key not in self.optional:
                raise GraphError(tr("{path} is missing", path=joined(path, key)))
        found = {}
        for key, one in value.items():
            form = self.entries.get(key, self.others)
            if form is None:
                known = ", ".join(self.entries) or "nothing"
                raise GraphError(
                    tr(
                        "{path} takes {known}, not {key!r}",
                        path=path,
                        known=known,
                        key=key[:LONGEST],
                    )
                )
            found[key] = form(one, joined(path, key))
        return found
