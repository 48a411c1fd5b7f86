"""A lesson's folder to a ``Lesson``: TOML and texts, every mistake with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gradtutor.course.content.keys import NAME, Keys, read_table
from gradtutor.course.content.model import (
    Lesson,
    Mistake,
    Mutant,
    Picture,
    Question,
    Text,
)
from gradtutor.course.content.problems import ContentError, Problem
from gradtutor.course.content.toml_lines import TomlFile, read_toml
from gradtutor.course.content.toml_values import BadValueError, number
from gradtutor.course.content.variants import MAX_VARIANTS
from gradtutor.course.kinds import KINDS
from gradtutor.course.library.markdown import read_text_file
from gradtutor.course.library.schema import COMMON, LESSON, MISTAKE, MUTANT, PICTURES
from gradtutor.messages import LANGUAGES, tr

SCHEMA = 1


def read_lesson(folder: Path) -> Lesson:
    """Read a lesson's folder.

    Raises
    ------
    ContentError
        With every problem that was found, not only the first.
    """
    found: list[Problem] = []
    file = read_toml(folder / "lesson.toml")
    data = file.data
    top = read_table(file, (), data, LESSON, found)
    if data.get("schema", SCHEMA) != SCHEMA:
        found.append(
            file.problem(("schema",), tr("schema must be {schema}", schema=SCHEMA))
        )
    if data.get("name", folder.name) != folder.name:
        message = tr("name must be {name!r}, as the folder", name=folder.name)
        found.append(file.problem(("name",), message))
    lesson = Lesson(
        folder.name,
        folder,
        titles(file, data.get("title"), ("title",), found),
        int(top.get("minutes", 0)),
        _parameters(file, found),
        {name: str(text) for name, text in dict(data.get("derived", {})).items()},
        tuple(_picture(file, n, item, found) for n, item in _tables(data, "picture")),
        tuple(_question(file, n, item, found) for n, item in _tables(data, "question")),
        _texts(folder, found),
    )
    _twice(file, "question", [question.id for question in lesson.questions], found)
    _twice(file, "picture", [picture.name for picture in lesson.pictures], found)
    if found:
        raise ContentError(found)
    return lesson


def titles(
    file: TomlFile, given: Any, place: tuple[str | int, ...], found: list[Problem]
) -> dict[str, str]:
    """Read a title in both languages."""
    texts = given if isinstance(given, dict) else {}
    found += [
        file.problem(place, tr("title.{language} is missing", language=language))
        for language in LANGUAGES
        if not isinstance(texts.get(language), str)
    ]
    return {language: str(texts.get(language, "")) for language in LANGUAGES}


def _tables(data: dict[str, Any], name: str) -> list[tuple[int, Any]]:
    given = data.get(name, [])
    return list(enumerate(given)) if isinstance(given, list) else []


def _parameters(file: TomlFile, found: list[Problem]) -> dict[str, tuple[float, ...]]:
    parameters: dict[str, tuple[float, ...]] = {}
    combinations = 1
    for name, choices in dict(file.data.get("parameters", {})).items():
        place = ("parameters", name)
        try:
            if not isinstance(choices, list) or not choices:
                raise BadValueError(tr("must be a list of numbers"))
            parameters[name] = tuple(number(choice) for choice in choices)
        except BadValueError as error:
            found.append(file.problem(place, f"{name} {error}"))
            continue
        combinations *= len(choices)
        if not name.isidentifier():
            found.append(
                file.problem(place, tr("{name} is no name for a parameter", name=name))
            )
    if combinations > MAX_VARIANTS:
        message = tr(
            "{combinations} combinations; the limit is {max_variants}",
            combinations=combinations,
            max_variants=MAX_VARIANTS,
        )
        found.append(file.problem(("parameters",), message, tr("give fewer choices")))
    return parameters


def _picture(file: TomlFile, n: int, given: Any, found: list[Problem]) -> Picture:
    place = ("picture", n)
    data = dict(given) if isinstance(given, dict) else {}
    kinds = [kind for kind in PICTURES if kind in data]
    if len(kinds) != 1:
        message = tr("a picture has one of {pictures}", pictures=", ".join(PICTURES))
        found.append(file.problem(place, message))
        return Picture(str(data.get("name", "")), {})
    keys = PICTURES[kinds[0]]
    named = Keys({"name": COMMON["id"], **keys.required}, keys.optional)
    fields = read_table(file, place, data, named, found)
    _check_name(file, (*place, "name"), fields.get("name", ""), found)
    return Picture(fields.pop("name", ""), fields)


def _question(file: TomlFile, n: int, given: Any, found: list[Problem]) -> Question:
    place = ("question", n)
    data = dict(given) if isinstance(given, dict) else {}
    kind = data.get("kind")
    if kind not in KINDS:
        message = tr("kind must be one of {kinds}", kinds=", ".join(KINDS))
        found.append(file.problem((*place, "kind"), message))
        return Question(str(data.get("id", "")), "", n + 1, {})
    keys = KINDS[kind].keys
    mistakes = _parts(file, place, data, "mistake", MISTAKE, found)
    mutants = _parts(file, place, data, "mutant", MUTANT, found)
    named = Keys({**COMMON, **keys.required}, keys.optional)
    fields = read_table(file, place, data, named, found)
    _check_name(file, (*place, "id"), fields.get("id", ""), found)
    return Question(
        fields.pop("id", ""),
        fields.pop("kind", ""),
        n + 1,
        fields,
        tuple(Mistake(**one) for one in mistakes if "name" in one),
        tuple(Mutant(m["name"], *m["replace"]) for m in mutants if len(m) == 2),
    )


def _parts(
    file: TomlFile,
    place: tuple[str | int, ...],
    data: dict[str, Any],
    name: str,
    readers: dict[str, Any],
    found: list[Problem],
) -> list[dict[str, Any]]:
    """Take a question's mistakes or mutants out of its table."""
    keys = Keys({"name": readers["name"]}, readers)
    return [
        read_table(file, (*place, name, n), one, keys, found)
        for n, one in enumerate(data.pop(name, []))
    ]


def _check_name(
    file: TomlFile, place: tuple[str | int, ...], name: str, found: list[Problem]
) -> None:
    if name and not NAME.fullmatch(name):
        hint = tr("use small letters, digits and hyphens: df-dx")
        found.append(file.problem(place, tr("{name!r} is no name", name=name), hint))


def _twice(file: TomlFile, table: str, names: list[str], found: list[Problem]) -> None:
    for n, name in enumerate(names):
        if name and name in names[:n]:
            found.append(
                file.problem((table, n), tr("there are two named {name}", name=name))
            )


def _texts(folder: Path, found: list[Problem]) -> dict[str, Text]:
    texts = {}
    for language in LANGUAGES:
        try:
            texts[language] = read_text_file(folder / f"text.{language}.md")
        except ContentError as error:
            found += error.problems
    return texts
