"""Moodle's XML: a category an exercise, a question a choice of numbers.

The format is that of https://docs.moodle.org/en/Moodle_XML_format: numerical,
multichoice, cloze (for circuits) and essay (for code).
"""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from collections.abc import Iterable

from gradtutor.course.kinds.kind import Numeric
from gradtutor.teach.formats.html import html_of_markdown
from gradtutor.teach.quiz.items import Item, Offer

#: The shares of a question's points that Moodle knows; others end an import.
SHARES = (
    *(0, 5, 10, 11.11111, 12.5, 14.28571, 16.66667, 20, 25, 30, 33.33333, 40, 50, 60),
    *(66.66667, 70, 75, 80, 83.33333, 90, 100),
)


def moodle_xml(questions: Iterable[Item]) -> bytes:
    """Return a quiz as Moodle imports it."""
    quiz = ET.Element("quiz")
    category = ""
    for item in questions:
        if item.category != category:
            category = item.category
            _category(quiz, category)
        _question(quiz, item)
    ET.indent(quiz)
    return bytes(ET.tostring(quiz, encoding="utf-8", xml_declaration=True))


def _category(quiz: ET.Element, name: str) -> None:
    question = ET.SubElement(quiz, "question", type="category")
    place = ET.SubElement(question, "category")
    ET.SubElement(place, "text").text = f"$course$/top/{name}"


def kind(item: Item) -> str:
    """Return Moodle's type of a question."""
    if item.options:
        return "multichoice"
    if item.numbers:
        return "numerical" if len(item.numbers) == 1 and not item.figure else "cloze"
    return "essay"


def _question(quiz: ET.Element, item: Item) -> None:
    type_ = kind(item)
    question = ET.SubElement(quiz, "question", type=type_)
    name = ET.SubElement(question, "name")
    ET.SubElement(name, "text").text = item.name
    _stem(question, item, type_)
    _html(question, "generalfeedback", html_of_markdown(item.said))
    if type_ != "cloze":  # whose marks are in its text
        ET.SubElement(question, "defaultgrade").text = f"{item.points:g}"
    if type_ == "multichoice":
        _choices(question, item)
    elif type_ == "numerical":
        _number(question, item.numbers[0])
    elif type_ == "essay":
        ET.SubElement(question, "responseformat").text = "monospaced"
        template = f"<pre>{_escaped(item.starter)}</pre>"
        _html(question, "responsetemplate", template)


def _stem(question: ET.Element, item: Item, type_: str) -> None:
    stem = html_of_markdown(item.stem)
    if item.figure:
        stem += f'<p><img src="@@PLUGINFILE@@/{item.figure.name}.svg" alt=""></p>'
    if type_ == "cloze":
        stem += "<p>" + "<br>".join(_blank(one) for one in item.numbers) + "</p>"
    text = _html(question, "questiontext", stem)
    if item.figure:
        file = ET.SubElement(text, "file", name=f"{item.figure.name}.svg")
        file.attrib |= {"path": "/", "encoding": "base64"}
        file.text = base64.b64encode(item.figure.svg).decode()


def _blank(number: Numeric) -> str:
    value, near = _plain(number.value), _plain(number.tolerance)
    return f"{number.label} = {{1:NUMERICAL:={value}:{near}}}"


def _plain(number: float) -> str:
    return f"{number:.8g}"


def _choices(question: ET.Element, item: Item) -> None:
    ET.SubElement(question, "single").text = "false" if item.several else "true"
    ET.SubElement(question, "shuffleanswers").text = "true"
    ET.SubElement(question, "answernumbering").text = "abc"
    right = sum(option.right for option in item.options)
    for option in item.options:
        share = 100 / right if option.right else _penalty(item)
        _answer(question, _option_html(option), share, option.said)


def _penalty(item: Item) -> float:
    """Return what a wrong box costs: where several may be ticked, all is no answer."""
    wrong = sum(not option.right for option in item.options)
    return -100 / wrong if item.several and wrong else 0.0


def _option_html(option: Offer) -> str:
    return html_of_markdown(option.text)


def accepted(share: float) -> float:
    """Return the share next to this one that Moodle knows.

    >>> accepted(100 / 3), accepted(-100 / 11)
    (33.33333, -10)
    """
    near = min(SHARES, key=lambda one: abs(one - abs(share)))
    return near if share >= 0 else -near


def _number(question: ET.Element, number: Numeric) -> None:
    answer = _answer(question, _plain(number.value), 100, "", form="moodle_auto_format")
    ET.SubElement(answer, "tolerance").text = _plain(number.tolerance)
    for value, said in number.slips:
        if abs(value - number.value) <= number.tolerance:
            continue
        wrong = _answer(question, _plain(value), 0, said, form="moodle_auto_format")
        ET.SubElement(wrong, "tolerance").text = _plain(number.tolerance)


def _answer(
    question: ET.Element, text: str, share: float, said: str, form: str = "html"
) -> ET.Element:
    answer = ET.SubElement(
        question, "answer", fraction=f"{accepted(share):.7g}", format=form
    )
    ET.SubElement(answer, "text").text = text
    _html(answer, "feedback", html_of_markdown(said))
    return answer


def _html(parent: ET.Element, tag: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, tag, format="html")
    ET.SubElement(element, "text").text = text
    return element


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
