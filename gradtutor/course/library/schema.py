"""Which keys a lesson's TOML has; those of a question are its kind's."""

from __future__ import annotations

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys

#: A key that is in every question.
COMMON = {"id": read.text, "kind": read.text}

PICTURES: dict[str, Keys] = {
    "formula": Keys(
        {"formula": read.text},
        {
            "at": read.numbers_by_name,
            "symbols": read.flag,
            "gradients": read.flag,
            "closed": read.flag,
        },
    ),
    "plot": Keys(
        {"plot": read.texts, "over": read.intervals},
        {
            "labels": read.words,
            "axes": read.words,
            "points": read.points,
            "start": read.numbers_by_name,
            "rates": read.texts,
            "steps": read.positive,
        },
    ),
    "landscape": Keys(
        {"landscape": read.text, "over": read.intervals},
        {
            "axes": read.words,
            "solid": read.flag,
            "start": read.numbers_by_name,
            "rates": read.texts,
            "momentum": read.texts,
            "steps": read.positive,
        },
    ),
    "fits": Keys(
        {"fits": read.texts, "points": read.points, "over": read.intervals},
        {"titles": read.words, "axes": read.words},
    ),
    "boundary": Keys(
        {"boundary": read.texts, "data": read.text, "labels": read.words},
        {"titles": read.words, "axes": read.words, "asked": read.point},
    ),
    "network": Keys({"network": read.text}, {}),
    "neurons": Keys({"neurons": read.shape}, {"off": read.texts, "titles": read.words}),
    "images": Keys({"images": read.texts}, {"ink": read.text, "titles": read.words}),
}

LESSON = Keys(
    {"schema": read.number, "name": read.text, "title": dict, "minutes": read.positive},
    {"parameters": dict, "derived": dict, "picture": list, "question": list},
)
MISTAKE = {
    "name": read.text,
    "answer": lambda value: value,
    "derive": read.text,
    "of": read.text,
    "wrt": read.text,
}
MUTANT = {"name": read.text, "replace": read.replacement}
