"""A text for a network of tokens: its alphabet, and whether its lines stand alone."""

from __future__ import annotations

import statistics
from pathlib import Path

from gradtutor.codegen.comments.made import comment
from gradtutor.messages import tr
from gradtutor.train.datasets.catalog import TEXTS
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.loaders.texts import encoded, read_lines, read_stream, text_of
from gradtutor.train.model import Call, DataError, Raw

#: A table of so many rows reads bytes, a smaller one characters.
BYTES = 256
SHOWN = 60


def is_text(name: str, choices: Choices) -> bool:
    """Whether a data set is a text, for a network that reads tokens."""
    if not choices.tokens:
        return False
    return name in TEXTS or (Path(name).suffix.lower() == ".txt" and not _table(name))


def _table(name: str) -> bool:
    """Whether a file is a table of numbers, as tokens may be, too."""
    try:
        first = text_of(str(Path(name).absolute())).lstrip().split("\n", 1)[0]
    except OSError:
        return False
    cells = first.replace(",", " ").replace(";", " ").split()
    return len(cells) > 1 and all(cell.lstrip("-").isdigit() for cell in cells)


def read_text_rows(name: str, choices: Choices) -> Raw:
    """Read a text as rows of tokens for a network with so many steps.

    Raises
    ------
    DataError
        When there is none, or the network's table has too few rows for it.
    """
    shipped = TEXTS.get(name)
    place = shipped.place if shipped else str(Path(name).absolute())
    text = _text(place, name)
    alphabet = _alphabet(text, choices.tokens, Path(name).name)
    alone = choices.ends and _lines_stand_alone(text, choices.steps)
    alphabet = alphabet.replace("\n", "") if alone else alphabet
    count = (len(alphabet) or BYTES) + alone
    called, tokens = Path(name).name, _shown(alphabet, alone)
    _refuse_more_tokens(called, count, tokens, choices.tokens)
    reader = Call(read_lines if alone else read_stream, (alphabet, choices.steps))
    X, y = reader(place)
    if len(X) < 2:
        raise DataError(
            tr(
                "{called} has {count} characters: too few to learn from",
                called=called,
                count=len(text),
            )
        )
    kind = tr("each line alone") if alone else tr("cut into rows")
    return Raw(
        title=shipped.title if shipped else comment("the text of {name}", name=called),
        reader=reader,
        place=place,
        table={"X": X, "y": y},
        notice=shipped.licence if shipped else "The text is your own file.",
        notes=(
            tr(
                "{count} rows of {steps} tokens, {kind}; {alphabet}",
                count=len(X),
                steps=choices.steps,
                kind=kind,
                alphabet=tokens,
            ),
        ),
        functions=(text_of, encoded),
        pair=True,
        alphabet=alphabet,
        end=count - 1 if alone else None,
    )


def _refuse_more_tokens(called: str, count: int, tokens: str, rows: int) -> None:
    """Refuse a text with more tokens than a network's table has rows."""
    if count > rows:
        raise DataError(
            tr(
                "{called} needs {count} tokens ({alphabet}), the network has a "
                "table of {tokens}: give it {count} rows, and as many logits",
                called=called,
                count=count,
                alphabet=tokens,
                tokens=rows,
            )
        )


def _text(place: str, name: str) -> str:
    try:
        text: str = text_of(place)
    except OSError as error:
        raise DataError(
            tr("{name} cannot be read: {error}", name=name, error=error)
        ) from None
    if "\0" in text or "\ufffd" in text:
        raise DataError(tr("{name} is no text in UTF-8", name=name))
    return text.strip() + "\n"


def _alphabet(text: str, tokens: int, name: str) -> str:
    """Return the text's characters in order; nothing where bytes are the tokens."""
    letters = "".join(sorted(set(text) - set("\r")))
    if "\r" in text:
        raise DataError(
            tr("{name} ends its lines as Windows does: save it with \\n", name=name)
        )
    return "" if tokens >= BYTES else letters


def _lines_stand_alone(text: str, steps: int) -> bool:
    """Whether lines are names or words: most of them fit into the steps."""
    lengths = [len(line) for line in text.splitlines() if line.strip()]
    return len(lengths) > 1 and statistics.median(lengths) < steps


def _shown(alphabet: str, alone: bool) -> str:
    if not alphabet:
        return tr("the bytes of UTF-8") + tr(" and an end") * alone
    return f"characters {alphabet[:SHOWN]!r}" + tr(" and an end") * alone
