r"""What students handed in: a table, or a folder of files, as answers by exercise.

>>> answers_of("1: 2*x\n2) q=3\n  df/dq=-4\n第3题：b")
{1: '2*x', 2: 'q=3\n  df/dq=-4', 3: 'b'}
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradtutor.course.content.problems import CourseError
from gradtutor.messages import tr
from gradtutor.teach.roster import KEYS, NAMES, Copy
from gradtutor.teach.sheets import Given

#: ``1:``, ``2)``, ``Q3.``, ``Exercise 4:``, ``第5题：`` at the start of a line.
NUMBER = re.compile(
    r"^[ \t#*]*(?:q|question|exercise|ex\.?|第)?[ \t]*(\d+)[ \t]*"
    r"(?:题[ \t]*[:：.、]?|[:：)、）]|\.(?=\s))",
    re.IGNORECASE | re.MULTILINE,
)
HEAD = re.compile(r"(?:q|question|exercise|第)?\s*(\d+)\s*题?", re.IGNORECASE)
TEXTS = (".txt", ".md", ".csv", ".json", "")
MAX_BYTES = 4_000_000


class SubmissionError(CourseError):
    """Submissions that cannot be read at all."""


@dataclass(frozen=True)
class Submission:
    """One student's answers.

    Attributes
    ----------
    student : str
        The key of the roster, or what the file is called where none fits.
    answers : mapping
        The text of each exercise's answer.
    files : mapping
        Code, by the name of its file.
    problem : str
        Why nothing could be read, where that is so.
    """

    student: str
    answers: Mapping[int, str]
    files: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def read_submissions(path: Path, given: Given) -> list[Submission]:
    """Read a ``.csv`` of answers, or a folder with a file or a folder a student.

    A file that cannot be read is a submission with its problem: the others still count.

    Raises
    ------
    SubmissionError
        When the path is neither, or the table has no column of names.
    """
    if path.is_dir():
        entries = sorted(one for one in path.iterdir() if one.name[0] not in "._")
        return [_of_entry(one, given) for one in entries]
    if not path.is_file():
        raise SubmissionError(tr("there is no file or folder {path}", path=path))
    return list(_of_table(path, given))


# ---- a table: a row a student, a column an exercise ----


def _of_table(path: Path, given: Given) -> Iterator[Submission]:
    try:
        rows = list(csv.reader(_text(path).splitlines()))
    except (ValueError, csv.Error) as error:
        raise SubmissionError(f"{path}: {error}") from None
    heads = [cell.strip() for cell in rows[0]] if rows else []
    people = [n for n, head in enumerate(heads) if head.lower() in (*KEYS, *NAMES)]
    numbers = {
        n: int(match[1])
        for n, head in enumerate(heads)
        if (match := HEAD.fullmatch(head)) is not None
    }
    if not people or not numbers:
        raise SubmissionError(
            tr(
                "{path}: the first row names the columns: id (or name), 1, 2, 3, …",
                path=path,
            )
        )
    for row in rows[1:]:
        cells = [cell.strip() for cell in row] + [""] * (len(heads) - len(row))
        if any(cells):
            student = _student([cells[n] for n in people], given)
            answers = {number: cells[n] for n, number in numbers.items() if cells[n]}
            yield Submission(student, answers)


# ---- a folder ----


def _of_entry(path: Path, given: Given) -> Submission:
    student = _student([path.stem if path.is_file() else path.name], given)
    files = sorted(one for one in path.rglob("*") if one.is_file())
    answers: dict[int, str] = {}
    code: dict[str, str] = {}
    problems = []
    for file in files if path.is_dir() else [path]:
        try:
            if file.suffix == ".ipynb":
                cells, program = _notebook(_text(file))
                answers |= answers_of(cells)
                code["notebook.py"] = program
            elif file.suffix == ".py":
                code[file.name] = _text(file)
            elif file.suffix.lower() in TEXTS:
                answers |= _answers(file)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            problems.append(f"{file.name}: {str(error).splitlines()[0]}")
    return Submission(student, answers, code, "; ".join(problems))


def _answers(path: Path) -> dict[int, str]:
    text = _text(path)
    if path.suffix == ".json":
        return {int(key): str(value) for key, value in json.loads(text).items()}
    if path.suffix == ".csv":
        rows = [row for row in csv.reader(text.splitlines()) if len(row) > 1]
        return {int(row[0]): row[1] for row in rows if row[0].strip().isdecimal()}
    return answers_of(text)


def answers_of(text: str) -> dict[int, str]:
    """Return the answers of a text, each after its number at the start of a line."""
    heads = list(NUMBER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = {}
    for head, end in zip(heads, ends, strict=False):
        answer = text[head.end() : end].strip()
        if answer:
            found[int(head[1])] = answer
    return found


def _notebook(text: str) -> tuple[str, str]:
    """Return a notebook's words and its code."""
    from gradtutor.language import notebook_text

    cells = json.loads(text)["cells"]
    words = [
        "".join(cell["source"]) for cell in cells if cell.get("cell_type") != "code"
    ]
    return "\n".join(words), notebook_text(text)


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(tr("larger than {most} bytes", most=f"{MAX_BYTES:,}"))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(tr("not a text file (UTF-8)")) from None


# ---- whose is it? ----


def _student(names: list[str], given: Given) -> str:
    """Return the key of the student that a row or a file names; ８ is 8."""
    names = [unicodedata.normalize("NFKC", name) for name in names]
    for name in names:
        if name in given.copies:
            return name
    words = {word for name in names for word in re.split(r"[\W_]+", name) if word}
    for student in given.students:
        own = {student.key, _copy_name(given.copies[student.key])}
        spelt = [name for name in names if student.name and student.name in name]
        if own & words or spelt:
            return student.key
    return next((name for name in names if name), "?")


def _copy_name(copy: Copy) -> str:
    return copy.name if len(copy.students) == 1 else ""
