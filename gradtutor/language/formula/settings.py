r"""Lines of a formula that say how it is trained: ``optimizer = Adam(lr=0.01)``.

They are no part of the mathematics: the formula is read with blanks in their place, so
that every place in the text stays what it is.

>>> formula, settings = parted("w: parameter ()\nepochs = 3\nw*w")
>>> settings.strip()
'epochs = 3'
>>> len(formula) == len(settings)
True
"""

from __future__ import annotations

import re

#: A line that declares a parameter: only then is a text more than a formula.
PARAMETER = re.compile(r"^\s*[^\W\d]\w*\s*:\s*parameter\b", re.MULTILINE)
WORDS = "optimizer|optimiser|schedule|scheduler|lr_scheduler"
COUNTS = "epochs|batch_size|patience"
SETTING = re.compile(
    rf"^[ \t]*(?:(?:{WORDS})\s*=\s*[\"'\w]|(?:{COUNTS})\s*=\s*\d+\s*(?:#|$)).*$",
    re.MULTILINE,
)


def has_parameters(text: str) -> bool:
    """Whether a formula declares a parameter, ``W: parameter (3,)``."""
    return PARAMETER.search(text) is not None


def parted(text: str) -> tuple[str, str]:
    """Return the formula and its settings, each with blanks for the other."""
    if not has_parameters(text):
        return text, re.sub(r"\S", " ", text)
    formula = SETTING.sub(lambda found: " " * len(found[0]), text)
    settings = "".join(
        new if old != new or old == "\n" else " "
        for old, new in zip(formula, text, strict=True)
    )
    return formula, settings
