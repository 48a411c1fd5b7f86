"""Pictures of lines: signals before and after a network, lines through points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.train.datasets.signals import snr_db
from gradtutor.train.report.figure import BLUE, GREY, ORANGE, plain_axes, write_figure

#: Of one line after the other: dashes, and widths by which all show that coincide.
DASHES, WIDTHS = ("-", "--", ":", "-."), (6, 2.4, 2, 1.6)


def write_signals(
    clean: np.ndarray,
    noisy: np.ndarray,
    denoised: np.ndarray,
    rate: float,
    path: Path,
) -> None:
    """Draw one epoch clean, noisy and denoised, with the SNR before and after.

    Parameters
    ----------
    clean, noisy, denoised : ndarray, (samples,)
    rate : float
        Samples per second.
    path : Path
        A .png or .svg file.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    t = np.arange(len(clean)) / rate  # seconds
    rows = {
        "clean": (clean, GREY),
        f"noisy: SNR {snr_db(clean, noisy):z.1f} dB": (noisy, ORANGE),
        f"denoised: SNR {snr_db(clean, denoised):z.1f} dB": (denoised, BLUE),
    }

    def draw(figure: Any) -> None:
        every = figure.subplots(len(rows), 1, sharex=True, sharey=True)
        for axes, (title, (signal, colour)) in zip(every, rows.items(), strict=True):
            axes.plot(t, clean, color=GREY, lw=1)
            axes.plot(t, signal, color=colour, lw=1.4)
            beside = "" if signal is clean else " (grey: clean)"
            axes.set_title(title + beside, loc="left", fontsize=12)
            plain_axes(axes)
        axes.set_xlabel("time (s)")
        axes.set_xlim(0, len(clean) / rate)
        figure.supylabel("amplitude", fontsize=12)

    write_figure(path, (9, 6.5), draw)


def write_line(
    x: np.ndarray, y: np.ndarray, lines: Mapping[str, Sequence[float]], path: Path
) -> None:
    """Draw points and named straight lines through them.

    Parameters
    ----------
    x, y : ndarray, (n,) or (n, 1)
    lines : mapping of str to (intercept, slope)
        Such as beta by the closed form and by gradient descent. A later one is
        thinner, so that lines that coincide all show; a fifth looks like the first.
    path : Path
        A .png or .svg file.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    x, y = np.ravel(x), np.ravel(y)
    ends = np.array([x.min(), x.max()])

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        axes.scatter(x, y, s=28, color=GREY, alpha=0.6, lw=0)
        colours = ("#e3a02c", BLUE, "#116329", ORANGE)
        for at, (name, (intercept, slope)) in enumerate(lines.items()):
            sign = "−" if slope < 0 else "+"
            text = f"{name}: y = {intercept:#.4g} {sign} {abs(slope):#.4g} x"
            look = {
                "color": colours[at % 4],
                "ls": DASHES[at % 4],
                "lw": WIDTHS[at % 4],
            }
            axes.plot(ends, intercept + slope * ends, label=text, **look)
        axes.set_xlabel("x")
        axes.set_ylabel("y")
        plain_axes(axes)
        figure.legend(loc="outside upper center", frameon=False)

    write_figure(path, (7, 5.2), draw)
