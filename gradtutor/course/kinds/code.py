"""Code questions: a function to write, graded by what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Question
from gradtutor.course.kinds.kind import Finding, Given, Kind
from gradtutor.course.kinds.verdict import Verdict
from gradtutor.messages import tr

#: The folders of a lesson that hold the file, and whether it has something left to do.
FOLDERS = {"starter": True, "solution": False}


class Code(Kind):
    """A function in a file of the learner's."""

    of_file: ClassVar[bool] = True
    name = "code"
    keys = Keys(
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
    )

    def form(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check the keys that go together, the files, and the mutants."""
        fields = question.fields
        if not question.mutants:
            yield (
                tr("no mutant: the lint cannot show that a wrong solution fails"),
                '[[question.mutant]] name = "...", replace = ["old", "new"]',
                (),
            )
        if "forward" not in fields and "expected" not in fields:
            missing = tr("forward is missing: what the function is compared with")
            yield missing, "", ()
        if fields["check"] == "gradient":
            if "returns" not in fields:
                yield (
                    tr("returns is missing: whose gradients the function returns"),
                    "",
                    (),
                )
            for name in set(fields.get("returns", ())) - set(fields["arguments"]):
                yield (
                    tr("returns names {name}, which is no argument", name=name),
                    "",
                    (),
                )
        yield from _files(question, folder)

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade a learner's file in a child process."""
        from gradtutor.course.kinds.graders.programs import grade_code

        return grade_code(question, Path(given.words[0]), given.folder)

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check that the solution passes, the starter and every mutant fail."""
        from gradtutor.course.kinds.graders.program_proof import code_findings

        yield from code_findings(question, folder)

    def example(self, question: Question) -> str:
        """Return nothing: where the file is, is known."""
        return ""


def _files(question: Question, folder: Path) -> Iterator[Finding]:
    """Check that the starter and the solution are there, and every mutant in it."""
    file = question.fields["file"]
    for place, unfinished in FOLDERS.items():
        path = folder / place / file
        if not path.is_file():
            yield tr("there is no {folder}/{file}", folder=place, file=file), "", ()
        elif ("TODO" in path.read_text("utf-8")) != unfinished:
            wanted = tr("needs a TODO") if unfinished else tr("still has a TODO")
            yield f"{place}/{file} {wanted}", "", ()
    solution = folder / "solution" / file
    for mutant in question.mutants if solution.is_file() else ():
        if mutant.old not in solution.read_text("utf-8"):
            message = tr(
                "mutant {name}: {old!r} is not in the solution",
                name=mutant.name,
                old=mutant.old,
            )
            yield message, "", ()
