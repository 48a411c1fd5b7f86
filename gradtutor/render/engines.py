"""Find a program that lays DOT out, on a machine with or without graphviz.

The order is: the environment variable ``GRADTUTOR_DOT``, ``dot`` on the path, and the
``graphviz-pure`` program that its wheel installs beside this Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gradtutor.errors import TutorError
from gradtutor.messages import tr
from gradtutor.messages.font import FAMILY, chinese_font
from gradtutor.render.joints import joined
from gradtutor.render.letters.raster import can_draw, has_wide, in_our_font, png
from gradtutor.render.svg import finished, resized

VARIABLE = "GRADTUTOR_DOT"
WHEEL_PROGRAM = "graphviz-pure"
TIMEOUT = 120  # seconds
AS_PLACED = "nop2"  # the layout that leaves everything where it is
PNG_DPI = 144  # dots an inch at scale 1
#: How graphviz names the font in SVG, and what a PDF may use for it.
SVG_FONT = 'font-family="Helvetica,sans-Serif"'
FONT_FAMILIES = ("Arial", "Helvetica", "Liberation Sans", "Noto Sans", "DejaVu Sans")


class MissingEngineError(TutorError):
    """No layout program, or no PDF writer, is installed."""


class LayoutError(TutorError):
    """The layout program failed; its own words are in the message."""


@dataclass(frozen=True)
class Engine:
    """A layout program.

    Attributes
    ----------
    pure : bool
        Whether it is the wheel's: no PDF, and no Chinese font in its PNG.
    """

    path: str
    pure: bool


def find_engine() -> Engine:
    """Return the first layout program in the order stated above.

    Raises
    ------
    MissingEngineError
        When there is none, or the variable names a program that does not exist.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted:
        found = shutil.which(wanted)
        if not found:
            raise MissingEngineError(
                tr(
                    "{variable}={wanted}: there is no such program",
                    variable=VARIABLE,
                    wanted=wanted,
                )
            )
        return Engine(found, pure=WHEEL_PROGRAM in Path(found).name)
    dot = shutil.which("dot")
    if dot:
        return Engine(dot, pure=False)
    beside = os.pathsep.join(
        [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    )
    pure = shutil.which(WHEEL_PROGRAM, path=beside) or shutil.which(WHEEL_PROGRAM)
    if pure:
        return Engine(pure, pure=True)
    raise MissingEngineError(
        tr(
            "no layout program: pip install {program}, or write a .dot file",
            program=WHEEL_PROGRAM,
        )
    )


def layout(dot: str, format_: str, scale: float = 1.0) -> bytes:
    """Lay DOT text out as ``svg``, ``png`` or ``pdf``; the last two to scale.

    Raises
    ------
    MissingEngineError
        When no program can.
    LayoutError
        When the program fails or takes more than two minutes.
    """
    engine = find_engine()
    wide = has_wide(dot)
    if format_ == "png" and wide and can_draw():
        return png(finished(_laid_out(engine, dot, "svg"), scale))
    by_svg = engine.pure or scale != 1 or (wide and chinese_font())
    if format_ == "pdf" and by_svg:
        laid_out = resized(_laid_out(engine, dot, "svg"), scale)
        return _pdf_from_svg(laid_out, wide=wide)
    if format_ == "png":
        placed = joined(_laid_out(engine, dot, "dot").decode())
        return _laid_out(engine, placed, format_, scale, AS_PLACED)
    return _laid_out(engine, dot, format_, scale)


def _laid_out(
    engine: Engine, dot: str, format_: str, scale: float = 1, way: str = "dot"
) -> bytes:
    """Run the layout program as the ``graphviz`` package does, but not for ever."""
    from graphviz.backend.execute import CalledProcessError, run_check

    words = [engine.path, f"-K{way}", f"-T{format_}"]
    if format_ == "png":
        words.append(f"-Gdpi={PNG_DPI * scale:g}")
    try:
        done = run_check(
            words, input=dot.encode(), capture_output=True, quiet=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise LayoutError(
            tr("the layout took more than {timeout} s", timeout=TIMEOUT)
        ) from None
    except CalledProcessError as error:
        raise LayoutError(
            tr("{path} failed: {words}", path=engine.path, words=_last_words(error))
        ) from None
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or tr("it cannot be run")
        raise LayoutError(
            tr("{path} does not start: {reason}", path=engine.path, reason=reason)
        ) from None
    if not done.stdout:
        raise LayoutError(tr("{path} failed: no output", path=engine.path))
    return bytes(done.stdout)


def _last_words(error: subprocess.CalledProcessError) -> str:
    lines = (error.stderr or b"").decode(errors="replace").strip().splitlines()
    return str(lines[-1]) if lines else tr("no output")


def _pdf_from_svg(picture: bytes, *, wide: bool) -> bytes:
    """Convert SVG to PDF, which the wheel's program cannot write itself.

    The converter leaves out text in a font that is not there, so families are tried
    until one is in the PDF.
    """
    try:
        from svg2pdf_py import ConversionOptions, svg_to_pdf
    except ImportError:
        raise MissingEngineError(tr("no PDF writer: pip install svg2pdf-py")) from None
    fonts = _font_database()
    svg = (finished(picture) if wide else picture).decode()
    ours = (FAMILY,) if wide and chinese_font() else ()
    for family in (*ours, *FONT_FAMILIES):
        plain = svg.replace(SVG_FONT, f'font-family="{family}"')
        drawn = in_our_font(svg) if family in ours else plain
        tried = svg_to_pdf(drawn, fonts, ConversionOptions(compress=False))
        if b"/BaseFont" in tried:
            return bytes(svg_to_pdf(drawn, fonts, ConversionOptions()))
    raise MissingEngineError(
        tr(
            "a PDF needs a font and none is here: install one (apt install "
            'fonts-dejavu-core, or pip install "gradtutor[data]"), or write '
            ".svg or .png"
        )
    )


def _font_database() -> Any:
    """Return the system's fonts, matplotlib's DejaVu Sans and zhplot's Noto Sans SC."""
    from svg2pdf_py import FontDatabase

    fonts = FontDatabase.system()
    spec = find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
        if folder.is_dir():
            fonts.load_fonts_dir(str(folder))
    chinese = chinese_font()
    if chinese is not None:
        fonts.load_fonts_dir(str(chinese.parent))
    return fonts


def engine_description() -> str:
    """Return the layout program and its version, for ``doctor``."""
    engine = find_engine()
    done = subprocess.run(
        [engine.path, "-V"], capture_output=True, timeout=20, check=False
    )
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    return f"{engine.path} ({said.splitlines()[0] if said else tr('version unknown')})"
