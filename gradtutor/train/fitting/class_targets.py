"""Targets that are classes: labels, words, one-hot rows, a class at every step."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.fitting.answers import Answers
from gradtutor.train.fitting.balance import SHOWN, balance
from gradtutor.train.fitting.needs import Needs
from gradtutor.train.loaders.arrays import examples
from gradtutor.train.loaders.columns import class_numbers, one_hot_classes
from gradtutor.train.model import TABLE, Call, DataError, Targets


def class_labels(answers: Answers, needs: Needs) -> Targets:
    """Return classes by number: of labels, words or one-hot rows."""
    if needs.stepped:
        return _at_every_step(answers, needs)
    if answers.values.ndim > 1:
        return of_one_hot(answers, needs)
    if not answers.are_whole:
        i = int(np.argmax(answers.values != np.floor(answers.values)))
        raise DataError(
            tr(
                "{called}: the loss takes class labels, row {i} has {values:g}: "
                "use MSELoss(), or name the labels by --y",
                called=answers.called,
                i=i + 1,
                values=answers.values[i],
            )
        )
    found = answers.found
    if len(found) == 1:
        raise one_class(answers)
    known: Any = found
    notes = []
    if not answers.are_words and found[0] >= 0 and found[-1] < needs.width > 1:
        known = range(needs.width)
        without = [str(label) for label in known if label not in found]
        if without:
            notes.append(
                tr("no row has class {without}", without=", ".join(without[:SHOWN]))
            )
    elif not answers.are_words and found != list(range(len(found))):
        notes.append(_renumbered(found))
    calls = (Call(class_numbers, (answers.names[0], _written(known))),)
    notes.append(balance(answers.values.tolist()))
    return Targets(calls, tuple(known), len(known), tuple(notes), answers.names)


def _at_every_step(answers: Answers, needs: Needs) -> Targets:
    """Return whole numbers as they are: a class at every step, below 0 for none."""
    if answers.values.ndim == 1:
        raise DataError(
            tr(
                "{called} has one class a row, and the network answers with a "
                "class at every step: a row of the targets holds a class for each",
                called=answers.called,
            )
        )
    if answers.are_words or not answers.are_whole or answers.found[-1] >= needs.width:
        raise DataError(
            tr(
                "{called}: the classes of the steps are whole numbers below "
                "{width}, and below 0 where there is none",
                called=answers.called,
                width=needs.width,
            )
        )
    if answers.found[0] < 0 and not needs.ends:
        raise DataError(
            tr(
                "{called} has {found} for none: the loss takes every label as a "
                "class; a formula leaves such places out, as gpt.net",
                called=answers.called,
                found=answers.found[0],
            )
        )
    calls: tuple[Call, ...] = answers.as_numbers()
    if len(answers.names) == 1:
        calls = (Call(examples, (answers.names[0], answers.values.shape[1:])),)
    return Targets(calls, tuple(range(needs.width)), needs.width, (), answers.names)


def _written(known: Any) -> Any:
    """Write 0 to K - 1 as a range."""
    return range(len(known)) if list(known) == list(range(len(known))) else list(known)


def _renumbered(found: list[Any]) -> str:
    if len(found) == 2:
        return tr(
            "label {found} is class 0, {found2} is class 1",
            found=found[0],
            found2=found[1],
        )
    return tr(
        "labels {found} to {found2} are classes 0 to {count}",
        found=found[0],
        found2=found[-1],
        count=len(found) - 1,
    )


def one_class(answers: Answers) -> DataError:
    """Return the error that all rows have one class."""
    return DataError(
        tr(
            "{called}: every row has {found!r}: with one class there is nothing "
            "to tell apart; is it the right column? name it by --y",
            called=answers.called,
            found=answers.found[0],
        )
    )


def of_one_hot(answers: Answers, needs: Needs) -> Targets:
    """Return the classes of one-hot rows, or of two columns of one row."""
    if not answers.are_one_hot:
        raise DataError(
            tr(
                "{called}: the loss takes one class a row, y has rows of {size} "
                "numbers that are not one-hot: for several labels a row use "
                "BCEWithLogitsLoss(), for numbers MSELoss()",
                called=answers.called,
                size=answers.values[0].size,
            )
        )
    count = answers.values.shape[1]
    read = answers.as_numbers()
    if len(answers.names) == 1:
        read = (Call(examples, (answers.names[0], (count,))),)
    names = answers.names if len(answers.names) > 1 else tuple(range(count))
    labels = [names[place] for place in answers.values.argmax(axis=1)]
    notes = tr("one-hot rows are read as {count} classes", count=count), balance(labels)
    calls = (*read, Call(one_hot_classes, (TABLE,)))
    return Targets(calls, names, count, notes, answers.names)
