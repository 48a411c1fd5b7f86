"""``gt.explain``, ``gt.doctor``, ``gt.data``: what the program knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any, Literal

from gradtutor import messages
from gradtutor.cli.data import dataset_rows, dataset_text
from gradtutor.cli.doctor import findings, findings_text
from gradtutor.cli.explain import list_of_pages, page_of
from gradtutor.cli.session import Session
from gradtutor.front.errors import UsageError, in_words
from gradtutor.messages import LANGUAGES, tr
from gradtutor.train import load

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Told(Mapping[str, Any]):
    """A text for people that is a mapping for programs, as ``--json`` prints it."""

    text: str
    data: dict[str, Any] = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        """Return the text."""
        return self.text

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(self.text)}</pre>'


def speak(lang: Language) -> None:
    """Speak English or Chinese from now on: errors, steps, pages, words in pictures.

    Parameters
    ----------
    lang : str
        ``en`` or ``zh``; before it is said, the environment decides, as for the
        command line.
    """
    if lang not in LANGUAGES:
        raise UsageError(tr("{lang!r} is no language: en or zh", lang=lang))
    messages.speak(lang)


@in_words
def explain(name: str = "", lang: Language | None = None) -> Told:
    """Say what a gate, a rule, a layer, a loss or an optimiser is; or list them all.

    Parameters
    ----------
    name : str
        ``"softmax"``, ``"chain"``, ``"Conv2d"``, ``"Adam"``, the name of a
        misconception; nothing for the list.

    Examples
    --------
    >>> explain("relu")["formula"]
    'where(a > 0, a, 0)'
    """
    with messages.speaking(lang or messages.language()):
        found = page_of(name, Session(language=lang)) if name else list_of_pages()
    return Told(found[1], found[0])


def doctor() -> Told:
    """Say what is installed, what is missing, and how to get it."""
    found = findings()
    data = {"findings": [asdict(one) for one in found]}
    return Told(findings_text(found), data)


@in_words
def data(name: str = "") -> Any:
    """Return X and y of a data set; without a name, list the data sets.

    Parameters
    ----------
    name : str
        ``"digits"``, ``"mnist"``, ``"ecg"``; nothing for the list.
    """
    if name:
        return load(name)
    rows = dataset_rows()
    return Told("\n\n".join(map(dataset_text, rows)), {"datasets": rows})
