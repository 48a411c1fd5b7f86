"""The frame of a script and what features put into it.

The frame is a template with places, ``{% place arrays %}``. A feature is a template
with a block for each place where it adds something; the frame asks all features of a
script, in the order of the table, for what they have at a place. So what early stopping
needs stands in one file, and the frame does not know of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension

from gradtutor.codegen.settings import ScriptData, Settings

if TYPE_CHECKING:
    from jinja2.parser import Parser

Facts = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """What a script may have: the name of its template, and when it is there."""

    name: str
    active: Callable[[Settings, ScriptData, Facts], bool]


def comparable(settings: Settings, facts: Facts) -> bool:
    """Whether a step's loss is that of a prediction.

    Dropout, the batch's own statistics and a penalty make it another; of ranks each has
    its share, and on a GPU (its stand-in, in tests) the two differ by about 5e-8.
    """
    alike = not facts["masks"] and not facts["statistics"]
    alone = not settings.parallel and settings.backend != "cupy"
    return alike and alone and bool(facts["same_loss"])


#: All features, in the order in which they come where several add to one place.
FEATURES = (
    Feature("host", lambda settings, _, __: settings.backend != "cupy"),
    Feature("device", lambda settings, _, __: settings.backend == "cupy"),
    Feature("one_process", lambda settings, _, __: not settings.parallel),
    Feature("ranks", lambda settings, _, __: bool(settings.parallel)),
    Feature("whole_batch", lambda settings, _, __: not settings.sharded),
    Feature("shards", lambda settings, _, __: settings.sharded),
    Feature("half", lambda settings, _, __: settings.half),
    Feature("shift", lambda settings, _, __: bool(settings.shift)),
    Feature("dropout", lambda _, __, facts: bool(facts["masks"])),
    Feature("batch_norm", lambda _, __, facts: bool(facts["statistics"])),
    Feature("loss_scale", lambda settings, _, __: settings.scaled),
    Feature("clipping", lambda settings, _, __: bool(settings.clip)),
    Feature("early_stopping", lambda settings, _, __: bool(settings.patience)),
    Feature("schedule", lambda settings, _, __: settings.schedule != "constant"),
    Feature("two_passes", lambda settings, _, facts: comparable(settings, facts)),
    Feature("preparing", lambda _, data, __: data.prepares),
    Feature("sampling", lambda _, data, __: data.text is not None),
    Feature("new_examples", lambda _, data, __: bool(data.new_call)),
)


def active_features(settings: Settings, data: ScriptData, facts: Facts) -> list[str]:
    """Return the names of the features that a script has."""
    return [one.name for one in FEATURES if one.active(settings, data, facts)]


class Place(Extension):
    """The tag ``{% place NAME %}``: what the features have there."""

    tags = {"place"}  # noqa: RUF012 (jinja's own)

    def parse(self, parser: Parser) -> nodes.Node:
        """Read the tag as a call of `place`."""
        line = next(parser.stream).lineno
        name = nodes.Const(parser.stream.expect("name").value)
        call = nodes.Call(nodes.Name("place", "load"), [name], [], None, None)
        return nodes.Output([call]).set_lineno(line)


@jinja2.pass_context
def place(context: jinja2.runtime.Context, name: str) -> str:
    """Return what the script's features have at a place."""
    texts: list[str] = []
    for feature in context["features"]:
        template = context.environment.get_template(f"features/{feature}.j2")
        if name in template.blocks:
            inner = template.new_context(context.get_all(), shared=True)
            texts += template.blocks[name](inner)
    return "".join(texts)


@cache
def environment() -> jinja2.Environment:
    """Return the templates of scripts."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("gradtutor.codegen"),
        extensions=[Place],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Python text, not HTML
    )
    found.globals["place"] = place
    return found
