"""Choice questions: one option, or all that apply."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Question
from gradtutor.course.kinds.answer_text import PickError
from gradtutor.course.kinds.kind import (
    Closed,
    Finding,
    Given,
    Kind,
    Option,
    expect,
    letters,
)
from gradtutor.course.kinds.picking import picks
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong
from gradtutor.messages import tr


class Choice(Kind):
    """One option of some, or all that apply."""

    name = "choice"
    keys = Keys(
        {"options": read.distinct}, {"answer": read.text, "several": read.texts}
    )

    def form(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check that the answer is an option, and no option looks like a letter."""
        fields = question.fields
        if ("answer" in fields) == ("several" in fields):
            yield tr("a choice has answer = or several ="), tr("one of the two"), ()
        for option in right_options(question):
            if option and option not in fields["options"]:
                yield tr("the answer {option} is no option", option=option), "", ()
        shown = string.ascii_lowercase[: len(fields["options"])]
        for option in fields["options"]:
            if option.isdecimal() or (len(option) == 1 and option in shown):
                yield (
                    tr(
                        "the option {option} could be taken for a shown letter",
                        option=option,
                    ),
                    tr("longer name"),
                    (),
                )

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade a choice, given by names, numbers or letters shown, or texts."""
        try:
            picked = picks(given.words, given.shown, given.texts)
        except PickError as error:
            return invalid(error.key, **error.values)
        if "several" not in question.fields:
            if len(picked) != 1:
                return invalid("one-option", count=len(picked))
            right = picked[0] == question.fields["answer"]
            return Verdict("correct", picked) if right else wrong(*picked)
        wanted = set(question.fields["several"])
        extra = tuple(one for one in picked if one not in wanted)
        missing = len(wanted - set(picked))
        if not extra and not missing:
            return Verdict("correct")
        key = "option-missing" if missing == 1 else "options-missing"
        notes = (Note(key, {"count": missing}),) if missing else ()
        return wrong(*extra, notes=notes)

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check that the answer is graded right, and every other option wrong."""
        options, right = question.fields["options"], right_options(question)
        verdict = self.grade(question, Given(right, options))
        yield from expect(verdict, "correct", tr("the answer"))
        for option in options:
            if option not in right:
                verdict = self.grade(question, Given([option], options))
                yield from expect(
                    verdict, "wrong", tr("the option {option}", option=option)
                )

    def example(self, question: Question) -> str:
        """Return letters: of two options where several are right."""
        return "a,b" if "several" in question.fields else "a"

    def right(self, question: Question, shown: Sequence[str]) -> str:
        """Return the letters of the right options."""
        return letters(right_options(question), shown)

    def page(self, question: Question) -> dict[str, Any]:
        """Return the right options."""
        several = "several" in question.fields
        return {"wanted": list(right_options(question)), "several": several}

    def closed(self, question: Question) -> Closed:
        """Return the options themselves."""
        right = right_options(question)
        options = tuple(
            Option(one in right, (one,), mistake=one)
            for one in question.fields["options"]
        )
        return Closed(options, several="several" in question.fields)


def right_options(question: Question) -> tuple[str, ...]:
    """Return the options that are right."""
    if "several" in question.fields:
        return tuple(question.fields["several"])
    return (question.fields.get("answer", ""),)
