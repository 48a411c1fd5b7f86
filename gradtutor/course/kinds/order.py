"""Order questions: any order that respects the dependencies is right.

>>> any_order(("c", "a", "b"), (("a", "b"), ("b", "c")))
('a', 'b', 'c')
"""

from __future__ import annotations

import random
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

Pairs = Sequence[tuple[str, str]]

WRONG_ORDERS = 3


class Order(Kind):
    """Steps to put in order."""

    name = "order"
    keys = Keys({"items": read.distinct, "before": read.pairs}, {})

    def form(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check that the pairs name items, and have an order."""
        items, before = question.fields["items"], question.fields["before"]
        unknown = {name for pair in before for name in pair} - set(items)
        for name in sorted(unknown):
            yield tr("before names {name}, which is no item", name=name), "", ()
        if unknown:
            return
        if not before:
            yield tr("before is empty: any order would be right"), "", ()
        if any_order(items, before) is None:
            yield tr("no order fulfils before: it has a cycle"), "", ()

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade an order, given by names, numbers or letters shown, or texts."""
        try:
            order = picks(given.words, given.shown, given.texts)
        except PickError as error:
            return invalid(error.key, **error.values)
        missing = [item for item in question.fields["items"] if item not in order]
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
        early = Note("too-early", {"first": first, "second": second})
        return wrong(*(known or (second,)), notes=(early,))

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check an order, its reverse, and the orders of known mistakes."""
        items = question.fields["items"]
        order = right_order(question)
        verdict = self.grade(question, Given(order, items))
        yield from expect(verdict, "correct", tr("the order"))
        verdict = self.grade(question, Given(order[::-1], items))
        yield from expect(verdict, "wrong", tr("the reverse order"))
        for n, mistake in enumerate(question.mistakes):
            listed = isinstance(mistake.answer, list | tuple)
            wrong_order = [str(one) for one in mistake.answer] if listed else []
            verdict = self.grade(question, Given(wrong_order, items))
            if mistake.name not in verdict.mistakes:
                message = tr(
                    "mistake {name} is graded {status}",
                    name=mistake.name,
                    status=verdict.status,
                )
                yield message, tr("answer is a list of all items"), ("mistake", n)

    def example(self, question: Question) -> str:
        """Return letters."""
        return "b,a,…"

    def right(self, question: Question, shown: Sequence[str]) -> str:
        """Return the letters of a right order."""
        return letters(right_order(question), shown)

    def page(self, question: Question) -> dict[str, Any]:
        """Return what must come before what, and the orders of known mistakes."""
        known = [
            {"name": one.name, "order": list(one.answer)}
            for one in question.mistakes
            if one.answer is not None
        ]
        before = [list(pair) for pair in question.fields["before"]]
        return {"before": before, "known": known}

    def closed(self, question: Question) -> Closed:
        """Choose an order: several may be right, so no platform could match them."""
        right = right_order(question)
        wrong_ones = _wrong_orders(question, right)
        options = [Option(right=False, names=tuple(one)) for one in wrong_ones]
        return Closed((Option(right=True, names=right), *options))


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


def right_order(question: Question) -> tuple[str, ...]:
    """Return an order of the steps that respects what must come before what."""
    return any_order(question.fields["items"], question.fields["before"]) or ()


def _wrong_orders(question: Question, right: Sequence[str]) -> Iterator[list[str]]:
    random_ = random.Random("/".join(right))
    seen: list[list[str]] = []
    for _ in range(200):
        tried = random_.sample(right, len(right))
        if violated(tried, question.fields["before"]) and tried not in seen:
            seen.append(tried)
            yield tried
        if len(seen) == WRONG_ORDERS:
            return
