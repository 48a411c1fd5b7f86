"""What all pictures of a training share: colours, axes, and how a file is written.

A .png, or an .svg that is the same byte for byte when drawn again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradtutor.messages import language, speaking, tr
from gradtutor.messages.font import FAMILY, chinese_font
from gradtutor.train.datasets import INSTALL, MissingPackageError
from gradtutor.train.writing import write_bytes_with

FORMATS = ("png", "svg")
BLUE, ORANGE, GREY = "#0550ae", "#bc4c00", "#6e7781"


def _families() -> dict[str, Any]:
    """Return matplotlib's settings for a font with Chinese letters, if one is here."""
    from matplotlib import font_manager

    path = chinese_font()
    if path is None:
        return {}
    if FAMILY not in font_manager.fontManager.get_font_names():
        font_manager.fontManager.addfont(path)
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # no bold
    return {"font.family": ["DejaVu Sans", FAMILY]}


def plain_axes(axes: Any) -> None:
    """Draw a faint grid, and no frame above or on the right."""
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def write_image(image: Any, path: Path, shades: tuple[float, float]) -> None:
    """Write an image as a .png file of its own pixels, whole or not at all.

    Parameters
    ----------
    image : ndarray, (height, width) or (height, width, 3)
    shades : tuple of float
        What is white and what is black in a grey one.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    try:
        from matplotlib.image import imsave
    except ImportError:
        raise MissingPackageError(
            tr("{what} needs matplotlib: {install}", what="a picture", install=INSTALL)
        ) from None
    low, high = shades
    given: dict[str, Any] = (
        {} if image.ndim == 3 else {"cmap": "gray_r", "vmin": low, "vmax": high}
    )
    shown = image.clip(0, 1) if image.ndim == 3 else image
    write_bytes_with(path, lambda file: imsave(file, shown, format="png", **given))


def write_figure(
    path: Path,
    size: tuple[float, float],
    draw: Callable[[Any], None],
    what: str = "a picture",
) -> None:
    """Draw on an empty figure and write it, whole or not at all.

    Parameters
    ----------
    path : Path
        A .png or .svg file.
    size : tuple of float
        Width and height in inches.
    draw : callable
        Draws on the figure it is given.
    what : str
        What messages call it.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    ValueError
        When the path has another ending.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingPackageError(
            tr("{what} needs matplotlib: {install}", what=what, install=INSTALL)
        ) from None
    format_ = path.suffix.lower().removeprefix(".")
    if format_ not in FORMATS:
        raise ValueError(
            tr(
                "{name}: {what}'s name ends with .png or .svg",
                name=path.name,
                what=what,
            )
        )
    settings: dict[str, Any] = {"svg.hashsalt": "gradtutor", "font.size": 12}
    families = _families()
    spoken = language() if families else "en"
    with mpl.rc_context(settings | families), speaking(spoken):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        stable: dict[str, Any] = (
            {"metadata": {"Date": None}} if format_ == "svg" else {}
        )
        write_bytes_with(
            path, lambda file: figure.savefig(file, format=format_, dpi=150, **stable)
        )
