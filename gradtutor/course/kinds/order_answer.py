"""Order questions: any order that respects the dependencies is right.

>>> any_order(("c", "a", "b"), (("a", "b"), ("b", "c")))
('a', 'b', 'c')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.answer_text import PickError
from gradtutor.course.kinds.picking import picks
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong

Pairs = Sequence[tuple[str, str]]


def any_order(items: Sequence[str], before: Pairs) -> tuple[str, ...] | None:
    """Return an order that respects every pair; None when there is a cycle."""
    order: list[str] = []
    while len(order) < len(items):
        ready = [
            item
            for item in items
            if item not in order
            and all(one in order for one, two in before if two == item)
        ]
        if not ready:
            return None
        order.append(ready[0])
    return tuple(order)


def violated(order: Sequence[str], before: Pairs) -> list[tuple[str, str]]:
    """Return the pairs that an order has the wrong way round."""
    place = {item: position for position, item in enumerate(order)}
    return [(one, two) for one, two in before if place[one] > place[two]]


def grade_order(
    question: Question,
    answer: Sequence[str],
    shown: Sequence[str],
    texts: Mapping[str, str] | None = None,
) -> Verdict:
    """Grade an order, given by names, numbers or letters shown, or texts."""
    items = question.fields["items"]
    try:
        order = picks(answer, shown, texts)
    except PickError as error:
        return invalid(error.key, **error.values)
    missing = [item for item in items if item not in order]
    if missing:
        return invalid("items-missing", items=missing)
    pairs = violated(order, question.fields["before"])
    if not pairs:
        return Verdict("correct")
    first, second = pairs[0]
    known = tuple(
        mistake.name
        for mistake in question.mistakes
        if mistake.answer is not None and tuple(mistake.answer) == tuple(order)
    )
    names = known or (second,)
    return wrong(*names, notes=(Note("too-early", {"first": first, "second": second}),))
