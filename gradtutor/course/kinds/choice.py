"""Choice questions: one option, or all that apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.answer_text import PickError
from gradtutor.course.kinds.picking import picks
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong


def grade_choice(
    question: Question,
    answer: Sequence[str],
    shown: Sequence[str],
    texts: Mapping[str, str] | None = None,
) -> Verdict:
    """Grade a choice, given by names, numbers or letters shown, or texts."""
    try:
        picked = picks(answer, shown, texts)
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
