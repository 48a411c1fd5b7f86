"""Exercises of one's own: a kind, a formula and numbers become a question to grade."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Lesson, Question, QuestionText, Text
from gradtutor.course.content.toml_values import BadValueError
from gradtutor.course.content.variants import MAX_VARIANTS, fill, fill_formula
from gradtutor.messages import LANGUAGES, tr
from gradtutor.teach.words import say

#: Where an answer is compared with the right one, unless the sheet says otherwise.
DOMAIN = (0.3, 2.5)

Fields = Mapping[str, Any]
Numbers = Mapping[str, float]
#: A question's kind and fields, and what fills its stock text.
Made = tuple[str, dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class OwnKind:
    """A kind of exercise: its keys, and how it becomes a question of the course."""

    keys: Keys
    make: Callable[[Fields, Numbers], Made]


def _circuit(fields: Fields, numbers: Numbers) -> Made:
    """Fill the wires: every value and gradient, unless blanks are named."""
    from gradtutor.gates import COPY, LEAVES
    from gradtutor.graph import topological_order
    from gradtutor.language import parse_formula

    formula = fill_formula(fields["formula"], numbers)
    at = {name: fill_formula(text, numbers) for name, text in fields["at"].items()}
    graph = parse_formula(formula)
    nodes = [n for n in topological_order(graph) if graph.nodes[n]["gate"] != COPY]
    named = [n for n in nodes if graph.nodes[n]["gate"] != "number"]
    inner = [n for n in named if graph.nodes[n]["gate"] not in LEAVES]
    blanks = [f"value {n}" for n in inner] + [f"gradient {n}" for n in reversed(named)]
    anonymous = [n for n in inner if not n.isidentifier()]
    if anonymous and "blanks" not in fields:
        raise BadValueError(
            tr("every gate of a circuit to fill in needs a name: q = x + y; f = q*z")
        )
    asked = list(fields.get("blanks") or blanks)
    return "circuit", {"formula": formula, "at": at, "blanks": asked}, {}


def _derive(fields: Fields, numbers: Numbers) -> Made:
    """Differentiate: the right answer is the program's own derivative."""
    from gradtutor.circuit import parse

    of, wrt = fill_formula(fields["of"], numbers), fields["wrt"]
    circuit = parse(of)
    if wrt not in circuit.variables:
        raise BadValueError(tr("{of} has no {wrt} to differentiate by", of=of, wrt=wrt))
    domain = dict.fromkeys(circuit.variables, DOMAIN) | fields.get("domain", {})
    question = {"answer": circuit.diff(wrt), "domain": domain, "of": of, "wrt": wrt}
    return "expression", question, {"of": of, "wrt": wrt}


def _number(fields: Fields, numbers: Numbers) -> Made:
    kept = {key: fields[key] for key in ("tolerance", "unit") if key in fields}
    answer = fill_formula(fields["answer"], numbers)
    return "number", {"answer": answer, **kept}, {}


def _expression(fields: Fields, numbers: Numbers) -> Made:
    answer = fill_formula(fields["answer"], numbers)
    return "expression", {"answer": answer, "domain": fields["domain"]}, {}


def _wrong_line(fields: Fields, numbers: Numbers) -> Made:
    """Find the wrong line: its number is the answer."""
    lines = fields["code"].strip("\n").splitlines()
    old, new = fields["wrong"][int(numbers[SLIP])]
    places = [n for n, line in enumerate(lines) if old in line]
    if len(places) != 1:
        raise BadValueError(
            tr("{old!r} must stand in exactly one line of the code", old=old)
        )
    lines[places[0]] = lines[places[0]].replace(old, new)
    code = "\n".join(f"{n:>2}  {line}" for n, line in enumerate(lines, 1))
    question = {"answer": str(places[0] + 1), "tolerance": 1e-9}
    told = {"code": code, "right": old, "wrong": new}
    return "number", question, told


def _order(fields: Fields, numbers: Numbers) -> Made:
    """Order the steps, which stand in a right order in the sheet's specification."""
    names = [f"s{n}" for n, _ in enumerate(fields["steps"], 1)]
    before = tuple(itertools.pairwise(names))
    question = {"items": tuple(names), "before": before}
    return "order", question, {}


def _choice(fields: Fields, numbers: Numbers) -> Made:
    names = [f"o{n}" for n, _ in enumerate(fields["options"], 1)]
    right = int(fields["right"])
    if not 1 <= right <= len(names):
        raise BadValueError(
            tr("right is the number of an option, 1 to {count}", count=len(names))
        )
    return "choice", {"options": tuple(names), "answer": names[right - 1]}, {}


#: The parameter that says which slip the code has.
SLIP = "slip_"


def _replacements(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, list) or not value:
        raise BadValueError(tr('must be a list of replacements: [["old", "new"]]'))
    return [read.replacement(one) for one in value]


KINDS: dict[str, OwnKind] = {
    "circuit": OwnKind(
        Keys(
            {"formula": read.text, "at": read.numbers_by_name},
            {"blanks": read.texts},
        ),
        _circuit,
    ),
    "derive": OwnKind(
        Keys({"of": read.text, "wrt": read.text}, {"domain": read.intervals}), _derive
    ),
    "number": OwnKind(
        Keys({"answer": read.text}, {"tolerance": read.positive, "unit": read.text}),
        _number,
    ),
    "expression": OwnKind(
        Keys({"answer": read.text, "domain": read.intervals}, {}), _expression
    ),
    "wrong-line": OwnKind(
        Keys({"code": read.text, "wrong": _replacements}, {}), _wrong_line
    ),
    "order": OwnKind(Keys({"steps": read.distinct}, {}), _order),
    "choice": OwnKind(
        Keys({"options": read.distinct, "right": read.positive}, {}), _choice
    ),
}


def combinations(given: Any, kind: str, fields: Fields) -> list[dict[str, float]]:
    """Return every choice of the parameters' numbers.

    Raises
    ------
    BadValueError
        When a parameter is no list of numbers, or there are too many choices.
    """
    choices: dict[str, list[float]] = {}
    for name, numbers in dict(given).items():
        if not isinstance(numbers, list) or not numbers or not name.isidentifier():
            raise BadValueError(
                tr("parameter {name} must be a list of numbers", name=name)
            )
        choices[name] = [read.number(one) for one in numbers]
    if kind == "wrong-line":
        choices[SLIP] = [float(n) for n, _ in enumerate(fields["wrong"])]
    made = [
        dict(zip(choices, numbers, strict=True))
        for numbers in itertools.product(*choices.values())
    ]
    if len(made) > MAX_VARIANTS:
        raise BadValueError(
            tr(
                "{count} combinations; the limit is {most}",
                count=len(made),
                most=MAX_VARIANTS,
            )
        )
    return made


def own_lesson(
    path: Path, number: int, kind: str, fields: Fields, numbers: Numbers
) -> Lesson:
    """Return an exercise with its numbers filled in, as a lesson of one question."""
    question_kind, made, told = KINDS[kind].make(fields, numbers)
    name = f"exercise-{number}"
    question = Question(name, question_kind, 1, made)
    texts = {
        language: _text(path, name, language, kind, fields, numbers, told)
        for language in LANGUAGES
    }
    titles = fields.get("title") or _stock_titles(kind)
    return Lesson(name, path.parent, titles, 0, {}, {}, (), (question,), texts)


def _stock_titles(kind: str) -> dict[str, str]:
    return {language: say(language, f"title {kind}") for language in LANGUAGES}


def _text(
    path: Path,
    name: str,
    language: str,
    kind: str,
    fields: Fields,
    numbers: Numbers,
    told: Mapping[str, Any],
) -> Text:
    """Return the words: the sheet's own, else the stock's of its kind."""
    stock = say(language, f"ask {kind}", **told)
    own = fields.get("text", {})
    body = own.get(language) or own.get("en") or own.get("zh")
    filled = fill(str(body), numbers) if body else stock
    if body and "code" in told:
        filled += f"\n\n```text\n{told['code']}\n```"
    hint = fields.get("hint", {}).get(language)
    words = QuestionText(
        _braced(filled),
        hints=(_braced(str(hint)),) if hint else (),
        options=_named("o", fields.get("options", ())),
        items=_named("s", fields.get("steps", ())),
        solution=_braced(say(language, f"solved {kind}", **told)),
    )
    return Text(path, name, "", {name: words}, {})


def _named(letter: str, texts: Any) -> dict[str, str]:
    return {f"{letter}{n}": _braced(str(one)) for n, one in enumerate(texts, 1)}


def _braced(text: str) -> str:
    """Double the braces of a text that has its numbers, which is filled once more."""
    return text.replace("{", "{{").replace("}", "}}")
