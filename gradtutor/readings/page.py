"""Interactive pages in a notebook's cell: frames, which tell what is done in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gradtutor.graph import Graph
from gradtutor.render import Style, write_bytes
from gradtutor.render.page.html_file import circuit_page

HEIGHT = 720  # pixels of the frame in a cell


class Framed:
    """A page of HTML that a cell shows in a frame, which nothing outside can reach."""

    #: What the frame may do; a page with answers to send needs its forms.
    allowed: ClassVar[str] = "allow-scripts"
    html: str
    title: str
    height: int
    _widget: Any

    def heard(self, sent: Mapping[str, Any]) -> None:
        """Take up what the page tells; only a widget's page is heard."""

    def save(self, path: str | Path) -> None:
        """Write the page to a file."""
        write_bytes(Path(path), self.html.encode())

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="{self.allowed}" '
            f'title="{escape(self.title)}" width="100%" height="{self.height}" '
            'style="border:0"></iframe>'
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the widget where anywidget is installed, and else the frame."""
        shown = {"text/html": self._repr_html_(), "text/plain": repr(self)}
        bundle = (
            self.widget._repr_mimebundle_(**options) if find_spec("anywidget") else None
        )
        if bundle is None:
            return shown
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        return ({**data, **shown}, *metadata)

    def _display_(self) -> Any:
        """Return what marimo shows: the widget, or the frame."""
        if find_spec("anywidget"):
            return self.widget
        return import_module("marimo").Html(self._repr_html_())

    @property
    def widget(self) -> Any:
        """The page as a widget of anywidget, whose ``values`` can be observed.

        Raises
        ------
        ImportError
            When anywidget is not installed.
        """
        if self._widget is None:
            from gradtutor.readings.widget import page_widget

            self._widget = page_widget(
                self.html, self.title, self.height, self.allowed, self.heard
            )
        return self._widget


@dataclass
class Page(Framed):
    """A page that computes as its inputs change.

    Attributes
    ----------
    html : str
        The whole file; it loads nothing.
    values : dict
        By input, the values it shows: those it began with, or, where anywidget is
        installed, those that were typed into it.
    notes : list of str
        Such as which values were drawn at random.
    """

    html: str
    values: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    height: int = HEIGHT
    title: str = "A circuit"
    _widget: Any = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        """Say what it is, not its text."""
        return f"Page({', '.join(self.values)}: {len(self.html):,} characters)"

    def heard(self, sent: Mapping[str, Any]) -> None:
        """Take up what was typed into the page, in the inputs' shapes."""
        for name, numbers in sent.items():
            if name in self.values:
                shape = np.shape(self.values[name])
                found = np.array([float(one) for one in numbers]).reshape(shape)
                self.values[name] = found if shape else float(found)


def read_page(graph: Graph, ties: str, style: Style, point: Mapping[str, Any]) -> Page:
    """Return the page of a circuit at a point."""
    made = circuit_page(graph, ties, style, point)
    values = {name: value if np.ndim(value) else float(value)
              for name, value in made.values.items()}  # fmt: skip
    return Page(made.content.decode(), values, made.notes)
