"""The options of a picture: what stands on it, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.drawing.options import RenderOptions
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.render import Style

Command = Callable[..., Any]
OPTIONS = (
    click.option(
        "--show",
        type=click.Choice(["values", "symbols", "both"]),
        help="What stands on the wires.",
    ),
    click.option("--hide-gradients", is_flag=True, help="Values only."),
    click.option("--digits", type=click.IntRange(0, 17), default=2, show_default=True),
    click.option(
        "--direction",
        type=click.Choice(["LR", "TB"]),
        help="[default: LR; of a network's layers TB]",
    ),
    click.option(
        "--theme",
        type=click.Choice(["light", "dark", "print", "colour-blind"]),
        default="light",
        help="print: greys.",
    ),
    click.option(
        "--captions", is_flag=True, help="Say what each gate does to the gradient."
    ),
    click.option(
        "--highlight",
        multiple=True,
        metavar="NAME",
        help="Make its paths to the output stand out; repeatable.",
    ),
    click.option(
        "--blank",
        type=click.Choice(["values", "gradients", "all"]),
        help="Leave these numbers to be filled in; NAME-key has them.",
    ),
    click.option("--title", default="", metavar="TEXT", help="Above the picture."),
    click.option("--caption", default="", metavar="TEXT", help="Below it."),
    click.option(
        "--scale",
        type=click.FloatRange(0.1, 10),
        default=1.0,
        help="Of the picture's size.",
    ),
    click.option("--transparent", is_flag=True, help="Without paper behind it."),
    click.option(
        "--rows",
        type=click.IntRange(1, 20),
        help="Draw it in so many rows.  [default: more than one if long]",
    ),
    click.option(
        "--beside",
        metavar="EXPRESSION",
        help="Draw this one below, in the same picture.",
    ),
)


def picture_options(command: Command) -> Command:
    """Give a command the options of a picture."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def style_of(options: RenderOptions, show: str, layers: Any) -> Style:
    """Return the style that the options ask for."""
    from gradtutor.render import Style

    return Style(
        show=show,  # type: ignore[arg-type]
        digits=options.digits,
        direction=options.direction or "LR",
        theme=options.theme,
        captions=options.captions,
        gradients=not options.hide_gradients,
        layers=layers,
        standalone=options.standalone,
        frame_format=options.frame_format,
        highlight=tuple(options.highlight),
        blank=options.blank or "",
        title=options.title,
        caption=options.caption,
        scale=options.scale,
        transparent=options.transparent,
        rows=options.rows or 0,
    )


def is_page(output: str) -> bool:
    """Whether the file is a page, which draws the values that were not given."""
    return output.lower().endswith(".html")


def check_picture_options(options: RenderOptions) -> None:
    """Refuse what goes with a picture only, where there is none.

    Raises
    ------
    click.UsageError
    """
    wanted = {
        "--highlight": options.highlight,
        "--blank": options.blank,
        "--title": options.title,
        "--caption": options.caption,
        "--beside": options.beside,
        "--transparent": options.transparent,
    }
    asked = [name for name, value in wanted.items() if value]
    if asked and not options.output:
        raise click.UsageError(
            tr("{name} goes with a picture: add -o NAME.svg", name=asked[0])
        )
    if asked and is_page(options.output):
        raise click.UsageError(
            tr("{name} is for pictures, not for the page", name=asked[0])
        )
