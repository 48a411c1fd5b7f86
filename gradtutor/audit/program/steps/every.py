"""All steps of training in a text, each in its way made a function."""

from __future__ import annotations

from gradtutor.audit.program.shapes.vocabulary import smaller
from gradtutor.audit.program.steps.kept import keeping
from gradtutor.audit.program.steps.loops import Loop
from gradtutor.audit.program.steps.scripts import stepped
from gradtutor.audit.program.steps.straight import straightened
from gradtutor.audit.program.steps.training import trained

Loops = tuple[Loop, ...]


def with_steps(text: str) -> tuple[str, Loops, Loops, Loops]:
    """Return the text as it is run, line for line, and what became functions.

    Returns
    -------
    tuple
        The text; loops outside functions, functions that train, functions that keep
        gradients on arrays.
    """
    text, loops = stepped(text)
    if not loops:
        text, loops = straightened(text)
    text, trainings = trained(text, loops)
    text, keepers = keeping(text)
    return smaller(text), loops, trainings, keepers
