"""Which language is spoken: what was asked for, else the environment's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

#: The languages, in the order of every pair of texts.
LANGUAGES = ("en", "zh")
#: Names of the environment that choose, the first one set counts.
LOCALE_NAMES = ("LC_ALL", "LC_MESSAGES", "LANG")

_spoken: list[str] = []


def language() -> str:
    """Return the language that is spoken now: ``en`` or ``zh``."""
    return _spoken[-1] if _spoken else chosen(None, os.environ)


def chosen(remembered: str | None, environment: Mapping[str, str]) -> str:
    """Return the language of ``GRADTUTOR_LANG``, the one remembered, or the locale's.

    >>> chosen(None, {"LANG": "zh_CN.UTF-8"})
    'zh'
    >>> chosen("zh", {"GRADTUTOR_LANG": "en"})
    'en'
    """
    for asked in (environment.get("GRADTUTOR_LANG"), remembered):
        if asked in LANGUAGES:
            return asked
    names = (name for name in LOCALE_NAMES if environment.get(name))
    locale = environment.get(next(names, ""), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def speak(name: str) -> None:
    """Speak a language until the surrounding `speaking` ends."""
    _spoken[-1:] = [name]


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a language inside a ``with``."""
    depth = len(_spoken)
    _spoken.append(name)
    try:
        yield
    finally:
        del _spoken[depth:]
