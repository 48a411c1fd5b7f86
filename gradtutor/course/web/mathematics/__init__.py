"""Formulas of a lesson as a textbook sets them: MathML, which browsers draw alone."""

from gradtutor.course.web.mathematics.inline import in_sentence
from gradtutor.course.web.mathematics.lines import display, unread

__all__ = ["display", "in_sentence", "unread"]
