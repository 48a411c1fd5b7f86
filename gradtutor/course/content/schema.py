"""Which keys a lesson's TOML has, and what each must be: one table per kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.toml_lines import Place, TomlFile
from gradtutor.course.content.toml_values import BadValueError, Reader
from gradtutor.messages import tr


@dataclass(frozen=True)
class Keys:
    """The keys of a table; ``required`` ones first."""

    required: Mapping[str, Reader]
    optional: Mapping[str, Reader]

    @property
    def readers(self) -> dict[str, Reader]:
        """Every key with its reader."""
        return {**self.required, **self.optional}


#: A key that is in every question.
COMMON = {"id": read.text, "kind": read.text}

KINDS: dict[str, Keys] = {
    "expression": Keys(
        {"answer": read.text, "domain": read.intervals},
        {
            "shapes": read.shapes,
            "of": read.text,
            "wrt": read.text,
            "where": read.formulas_by_name,
        },
    ),
    "number": Keys(
        {"answer": read.text}, {"tolerance": read.positive, "unit": read.text}
    ),
    "choice": Keys(
        {"options": read.distinct}, {"answer": read.text, "several": read.texts}
    ),
    "circuit": Keys(
        {"formula": read.text, "at": read.numbers_by_name, "blanks": read.texts},
        {"tolerance": read.positive},
    ),
    "order": Keys({"items": read.distinct, "before": read.pairs}, {}),
    "code": Keys(
        {
            "file": read.text,
            "function": read.text,
            "check": read.one_of("gradient", "values"),
            "arguments": read.arguments,
        },
        {
            "forward": read.text,
            "expected": read.text,
            "returns": read.texts,
            "tolerance": read.positive,
        },
    ),
}

PICTURES: dict[str, Keys] = {
    "formula": Keys(
        {"formula": read.text},
        {
            "at": read.numbers_by_name,
            "symbols": read.flag,
            "gradients": read.flag,
            "closed": read.flag,
        },
    ),
    "plot": Keys(
        {"plot": read.texts, "over": read.intervals},
        {
            "labels": read.words,
            "axes": read.words,
            "points": read.points,
            "start": read.numbers_by_name,
            "rates": read.texts,
            "steps": read.positive,
        },
    ),
    "landscape": Keys(
        {"landscape": read.text, "over": read.intervals},
        {
            "axes": read.words,
            "solid": read.flag,
            "start": read.numbers_by_name,
            "rates": read.texts,
            "momentum": read.texts,
            "steps": read.positive,
        },
    ),
    "fits": Keys(
        {"fits": read.texts, "points": read.points, "over": read.intervals},
        {"titles": read.words, "axes": read.words},
    ),
    "boundary": Keys(
        {"boundary": read.texts, "data": read.text, "labels": read.words},
        {"titles": read.words, "axes": read.words, "asked": read.point},
    ),
    "network": Keys({"network": read.text}, {}),
    "neurons": Keys({"neurons": read.shape}, {"off": read.texts, "titles": read.words}),
    "images": Keys({"images": read.texts}, {"ink": read.text, "titles": read.words}),
}

LESSON = Keys(
    {"schema": read.number, "name": read.text, "title": dict, "minutes": read.positive},
    {"parameters": dict, "derived": dict, "picture": list, "question": list},
)
MISTAKE = {
    "name": read.text,
    "answer": lambda value: value,
    "derive": read.text,
    "of": read.text,
    "wrt": read.text,
}
MUTANT = {"name": read.text, "replace": read.replacement}
NAME = re.compile(r"[a-z][a-z0-9-]*")


def read_table(
    file: TomlFile, place: Place, given: Any, keys: Keys, found: list[Problem]
) -> dict[str, Any]:
    """Read a table by its keys; what is wrong is added to ``found``."""
    if not isinstance(given, dict):
        found.append(file.problem(place, tr("this must be a table")))
        return {}
    values = {}
    readers = keys.readers
    for key, item in given.items():
        if key not in readers:
            found.append(_unknown(file, (*place, key), key, list(readers)))
            continue
        try:
            values[key] = readers[key](item)
        except BadValueError as error:
            found.append(file.problem((*place, key), f"{key} {error}"))
        except (TypeError, ValueError):
            found.append(
                file.problem((*place, key), tr("{key} cannot be read", key=key))
            )
    found += [
        file.problem(place, tr("{key} is missing", key=key))
        for key in keys.required
        if key not in given
    ]
    return values


def _unknown(file: TomlFile, place: Place, key: str, known: list[str]) -> Problem:
    from gradtutor.language import near

    hint = near(key, known) or tr("the keys here are {known}", known=", ".join(known))
    return file.problem(place, tr("there is no key {key!r} here", key=key), hint)
