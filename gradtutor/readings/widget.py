"""The page as a widget: what is typed into its frame comes back to Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Runs in the notebook: it makes the frame, and hands on what the frame tells.
MODULE = """
export default { render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", model.get("allowed"));
  frame.title = model.get("title");
  frame.style.cssText = `border:0;width:100%;height:${model.get("height")}px`;
  frame.srcdoc = model.get("page");
  const heard = (event) => {
    if (event.source !== frame.contentWindow || !event.data?.gradtutor) return;
    model.set("values", event.data.gradtutor);
    model.save_changes();
  };
  window.addEventListener("message", heard);
  el.append(frame);
  return () => window.removeEventListener("message", heard);
} };
"""


def page_widget(
    html: str,
    title: str,
    height: int,
    allowed: str,
    heard: Callable[[dict[str, Any]], None],
) -> Any:
    """Return the widget of a page.

    Parameters
    ----------
    heard : callable
        Given what the page tells: a circuit's, at each edit, the values of all inputs
        as flat lists of numbers as text.

    Raises
    ------
    ImportError
        When anywidget is not installed.
    """
    import anywidget
    import traitlets

    class PageWidget(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        _esm = MODULE
        page = traitlets.Unicode().tag(sync=True)
        title = traitlets.Unicode().tag(sync=True)
        allowed = traitlets.Unicode().tag(sync=True)
        height = traitlets.Int().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)

    made = PageWidget(page=html, title=title, height=height, allowed=allowed)
    made.observe(lambda change: heard(change["new"]), names="values")
    return made
