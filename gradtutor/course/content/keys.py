"""The keys that a table of TOML has, and reading a table by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradtutor.course.content.problems import Problem
from gradtutor.course.content.toml_lines import Place, TomlFile
from gradtutor.course.content.toml_values import BadValueError, Reader
from gradtutor.messages import tr

NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Keys:
    """The keys of a table; ``required`` ones first."""

    required: Mapping[str, Reader]
    optional: Mapping[str, Reader]

    @property
    def readers(self) -> dict[str, Reader]:
        """Every key with its reader."""
        return {**self.required, **self.optional}


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
