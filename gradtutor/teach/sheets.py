"""Sheets and keys as files, and the record that grading reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradtutor.course.content.model import Course
from gradtutor.course.content.problems import CourseError
from gradtutor.messages import tr
from gradtutor.render.picture import write_bytes
from gradtutor.teach.asked import sheet_document
from gradtutor.teach.document import Document
from gradtutor.teach.formats.html import html
from gradtutor.teach.formats.markdown import markdown
from gradtutor.teach.formats.pdf import pdf
from gradtutor.teach.roster import Copy, Student
from gradtutor.teach.solved import key_document
from gradtutor.teach.spec import Sheet, read_sheet

SCHEMA = 1
RECORD, SPEC = "sheet.json", "sheet.toml"
FORMATS = ("html", "pdf", "md")


class SheetFolderError(CourseError):
    """A folder that is no sheet's."""


@dataclass(frozen=True)
class Given:
    """What a folder of sheets says: the exercises, who got which numbers.

    Attributes
    ----------
    copies : mapping
        The copy of each student's key; of a version, also by its letter.
    """

    sheet: Sheet
    language: str
    copies: dict[str, Copy]
    students: tuple[Student, ...]


def write_sheets(
    folder: Path,
    sheet: Sheet,
    copies: Sequence[Copy],
    language: str,
    formats: Sequence[str],
    each: Callable[[], object] = lambda: None,
) -> list[Path]:
    """Write every copy and its key, and the record, each file whole or not at all.

    Parameters
    ----------
    formats : sequence of str
        Of ``FORMATS``.
    each : callable
        Called after each copy.

    Returns
    -------
    list of Path
        The files, sheets before keys.

    Raises
    ------
    MissingPackageError
        When a PDF is wanted and typst is not installed.
    OSError
        When a file cannot be written.
    """
    sheets, keys = [], []
    for place in ("sheets", "keys"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    write_bytes(folder / SPEC, sheet.path.read_bytes())
    write_bytes(folder / RECORD, _record(sheet, copies, language).encode())
    for copy in copies:
        asked = sheet_document(sheet, copy, language)
        solved = key_document(sheet, copy, language)
        sheets += _write(folder / "sheets" / copy.name, asked, formats)
        keys += _write(folder / "keys" / copy.name, solved, formats)
        each()
    return [*sheets, *keys]


def _write(stem: Path, document: Document, formats: Sequence[str]) -> list[Path]:
    paths = []
    for format_ in formats:
        path = stem.with_name(f"{stem.name}.{format_}")
        write_bytes(path, _content(document, format_, stem))
        paths.append(path)
    return paths


def _content(document: Document, format_: str, stem: Path) -> bytes:
    if format_ == "pdf":
        return pdf(document)
    if format_ == "html":
        return html(document).encode()
    pictures = stem.with_name(f"{stem.name}-pictures")
    for figure in document.figures:
        pictures.mkdir(exist_ok=True)
        write_bytes(pictures / f"{figure.name}.svg", figure.svg)
    return markdown(document, pictures.name).encode()


def _record(sheet: Sheet, copies: Sequence[Copy], language: str) -> str:
    data = {
        "schema": SCHEMA,
        "title": dict(sheet.titles),
        "language": language,
        "copies": [
            {
                "name": copy.name,
                "version": copy.version,
                "variants": list(copy.variants),
                "students": [[one.key, one.name] for one in copy.students],
            }
            for copy in copies
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def read_given(folder: Path, course: Course) -> Given:
    """Read a folder that ``write_sheets`` wrote.

    Raises
    ------
    SheetFolderError
        When it holds no such record.
    ContentError
        When its specification has mistakes.
    """
    try:
        data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        copies = [_copy(one) for one in data["copies"]]
        language = str(data["language"])
    except (OSError, ValueError, KeyError, TypeError):
        message = tr(
            "{folder} is no folder of sheets: gradtutor teach sheet makes one",
            folder=folder,
        )
        raise SheetFolderError(message) from None
    sheet = read_sheet(folder / SPEC, course)
    if any(len(copy.variants) != len(sheet.exercises) for copy in copies):
        message = tr(
            "{path} has changed since {record} was written",
            path=folder / SPEC,
            record=RECORD,
        )
        raise SheetFolderError(message)
    students = tuple(one for copy in copies for one in copy.students)
    by_key = {one.key: copy for copy in copies for one in copy.students}
    by_name = {copy.name: copy for copy in copies}
    return Given(sheet, language, by_name | by_key, students)


def _copy(data: dict[str, object]) -> Copy:
    variants, students = data["variants"], data["students"]
    if not isinstance(variants, list) or not isinstance(students, list):
        raise TypeError
    people = tuple(Student(str(key), str(name)) for key, name in students)
    numbers = tuple(int(one) for one in variants)
    return Copy(str(data["name"]), numbers, str(data["version"]), people)
