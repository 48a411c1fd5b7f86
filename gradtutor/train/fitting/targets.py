"""What each loss makes of the targets: classes by number, numbers, or X itself."""

from __future__ import annotations

from collections.abc import Callable

from gradtutor.messages import tr
from gradtutor.train.fitting.answers import Answers
from gradtutor.train.fitting.axes import find_axes
from gradtutor.train.fitting.class_targets import class_labels, of_one_hot, one_class
from gradtutor.train.fitting.needs import NO_TARGET, Needs
from gradtutor.train.loaders.arrays import examples, signs
from gradtutor.train.model import Call, DataError, Targets

NOTHING = Targets(())


def _itself() -> Targets:
    note = tr("y is X: the network learns to give back its input")
    return Targets((), notes=(note,))


class NoTargetsError(DataError):
    """Data without targets, for a loss that compares with some."""


def fit_targets(answers: Answers | None, needs: Needs, features: int) -> Targets:
    """Choose what the loss compares with.

    Parameters
    ----------
    answers : Answers or None
        The targets in the data; None when there are none.
    features : int
        Size of an example, which an autoencoder has as its output, too.

    Raises
    ------
    DataError, NoTargetsError
        When the loss cannot learn from such targets; the message says what can.
    """
    if needs.loss == NO_TARGET:
        return NOTHING
    back = needs.width == features and needs.width > 1 and needs.loss in GIVES_BACK
    back = back and needs.itself
    if answers is None:
        if back:
            return _itself()
        raise NoTargetsError(tr("the data have no y: name the targets by --y"))
    if back and not _has_shape(answers, needs) and not _counts(answers, needs.width):
        return _itself()
    return RULES.get(needs.loss, _numbers)(answers, needs)


def _has_shape(answers: Answers, needs: Needs) -> bool:
    return bool(answers.values[0].size == needs.width)


def _counts(answers: Answers, width: int) -> bool:
    """Whether the targets are labels of so many classes."""
    return (
        answers.values.ndim == 1 and answers.are_whole and (len(answers.found) == width)
    )


# ---- one rule a kind of loss ----


def _two_sided(answers: Answers, needs: Needs) -> Targets:
    """Return two classes, several labels a row, or probabilities."""
    if needs.width > 1:
        if answers.values.ndim == 1:
            return class_labels(answers, needs)
        _check_width(answers, needs)
        if needs.loss == "hinge_loss":
            return _signed(answers)
        _check_probabilities(answers)
        return _as_numbers(answers, needs)
    if answers.are_one_hot and answers.values.shape[1] == 2:
        return of_one_hot(answers, needs)
    if answers.values.ndim > 1:
        _check_width(answers, needs)
    if len(answers.found) == 1:
        raise one_class(answers)
    if len(answers.found) == 2 and (answers.are_whole or needs.loss == "hinge_loss"):
        return class_labels(answers, needs)
    if answers.are_words or needs.loss == "hinge_loss":
        raise DataError(
            tr(
                "{called}: one output tells two classes apart, the data have "
                "{count}: end with Linear({count}) and CrossEntropyLoss()",
                called=answers.called,
                count=len(answers.found),
            )
        )
    _check_probabilities(answers)
    targets = _as_numbers(answers, needs)
    note = tr(
        "{called} is read as probabilities, not as two classes", called=answers.called
    )
    return Targets(targets.calls, notes=(note, *targets.notes), names=answers.names)


def _check_probabilities(answers: Answers) -> None:
    low, high = answers.values.min(), answers.values.max()
    if low < 0 or high > 1:
        raise DataError(
            tr(
                "{called}: a binary cross-entropy takes two classes, or numbers "
                "from 0 to 1; y has {low:g} to {high:g}: use MSELoss() for "
                "numbers, CrossEntropyLoss() for more classes",
                called=answers.called,
                low=low,
                high=high,
            )
        )


def _signed(answers: Answers) -> Targets:
    """Return rows of -1 and 1 for a hinge."""
    shape = answers.values.shape[1:]
    read = answers.as_numbers()
    if len(answers.names) == 1:
        read = (Call(examples, (answers.names[0], shape)),)
    if set(answers.found) <= {0, 1}:
        calls, note = (*read, Call(signs)), tr("labels 0 are read as -1")
        return Targets(calls, notes=(note,), names=answers.names)
    if not set(answers.found) <= {-1, 1}:
        raise DataError(
            tr("{called}: a hinge takes labels -1 and 1", called=answers.called)
        )
    return Targets(read, names=answers.names)


def _numbers(answers: Answers, needs: Needs) -> Targets:
    """Return numbers for a squared loss, or classes where it compares one-hot rows."""
    if answers.are_words or (needs.width > 1 and answers.values.ndim == 1):
        if needs.width == 1 and len(answers.found) != 2:
            raise DataError(
                tr(
                    "{called} holds words: {count} classes need Linear({count}) "
                    "and CrossEntropyLoss()",
                    called=answers.called,
                    count=len(answers.found),
                )
            )
        if not _fits_classes(answers, needs):
            _check_width(answers, needs)
        return class_labels(answers, needs)
    if needs.width == 1 and set(answers.found) == {0, 1}:
        return class_labels(answers, needs)
    return _as_numbers(answers, needs)


def _fits_classes(answers: Answers, needs: Needs) -> bool:
    if answers.are_words or _counts(answers, needs.width):
        return True
    found = answers.found
    return answers.are_whole and found[0] == 0 and found[-1] <= needs.width - 1


def _as_they_are(answers: Answers, needs: Needs) -> Targets:
    """Return numbers for a formula, which says itself what it does with them."""
    if answers.are_words:
        raise DataError(
            tr(
                "{called} holds words: the formula takes numbers, or classes by "
                "cross_entropy(z, y)",
                called=answers.called,
            )
        )
    return _as_numbers(answers, needs)


def _as_numbers(answers: Answers, needs: Needs) -> Targets:
    _check_width(answers, needs)
    values = answers.values
    same = values.max() == values.min()
    note = (
        (
            tr(
                "{called} is {min:g} in every row",
                called=answers.called,
                min=values.min(),
            ),
        )
        if same
        else ()
    )
    if len(answers.names) > 1 or values.ndim == 1:
        return Targets(answers.as_numbers(), notes=note, names=answers.names)
    axes = find_axes(
        values.shape[1:], needs.outputs, ("rows", "images")[len(needs.outputs) > 1],
        channels_last=needs.channels_last, what=answers.called,
    )  # fmt: skip
    read = Call(examples, (answers.names[0], values.shape[1:]))
    notes = (*note, axes.note) if axes.note else note
    calls = (read, *axes.calls(values.ndim - 1))
    return Targets(calls, notes=notes, names=answers.names)


def _check_width(answers: Answers, needs: Needs) -> None:
    given = int(answers.values[0].size)
    if given != needs.width:
        one = needs.width == 1
        columns = tr("one column") if given == 1 else f"{given} columns"
        raise DataError(
            tr(
                "the network has {outputs}, y is {columns} "
                "({called}): end with Linear({given}), or name "
                "{named} by --y",
                outputs=tr("1 output")
                if one
                else tr("{width} outputs", width=needs.width),
                named=tr("1 column")
                if one
                else tr("{width} columns", width=needs.width),
                columns=columns,
                called=answers.called,
                given=given,
            )
        )


Rule = Callable[[Answers, Needs], Targets]
#: Losses that compare with classes alone.
TAKE_CLASSES = {"cross_entropy", "nll_loss", "svm_loss"}
RULES: dict[str, Rule] = {
    **dict.fromkeys(TAKE_CLASSES, class_labels),
    **dict.fromkeys(("binary_cross_entropy", "bce_with_logits"), _two_sided),
    "hinge_loss": _two_sided,
    **dict.fromkeys(("mse_loss", "quadratic_cost"), _numbers),
    "formula": _as_they_are,
}
#: Losses with which a network can learn to give back its input.
GIVES_BACK = {"mse_loss", "quadratic_cost", "binary_cross_entropy", "bce_with_logits"}
