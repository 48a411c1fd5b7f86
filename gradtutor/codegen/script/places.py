"""The frame of a script and what features put into it.

The frame is a template with places, ``{% place arrays %}``. A feature is a template
with a block for each place where it adds something; the frame asks all features of a
script, in the order of the table, for what they have at a place. So what early stopping
needs stands in one file, and the frame does not know of it.

No template asks what a script has. Where a feature changes what another one has, the
block is there for each: ``{% block gradient__host %}``, ``… gradient__device %}``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension

from gradtutor.codegen.backends import backend_of
from gradtutor.codegen.comments.made import comment
from gradtutor.codegen.settings import ScriptData, Settings

if TYPE_CHECKING:
    from jinja2.parser import Parser

Facts = dict[str, Any]
#: Whether a script has a feature.
Active = Callable[[Settings, ScriptData, Facts], bool]


@dataclass(frozen=True)
class Feature:
    """What a script may have: the name of its template, and when it is there.

    Attributes
    ----------
    group : str
        The folder of its template.
    active : callable or None
        Whether a script has it; None where the back end says so.
    """

    group: str
    name: str
    active: Active | None = None

    @property
    def template(self) -> str:
        """The file of its blocks."""
        return f"features/{self.group}/{self.name}.j2"


def comparable(settings: Settings, facts: Facts) -> bool:
    """Whether a step's loss is that of a prediction.

    Dropout, the batch's own statistics and a penalty make it another; of ranks each has
    its share, and on a GPU (its stand-in, in tests) the two differ by about 5e-8.
    """
    alike = not facts["masks"] and not facts["statistics"]
    alone = not settings.parallel and not backend_of(settings).on_gpu
    return alike and alone and bool(facts["same_loss"])


def _told(name: str) -> Active:
    """Return whether a fact is there."""
    return lambda _, __, facts: bool(facts[name])


def _texts(*, ends: bool) -> Active:
    return lambda _, data, __: data.text is not None and data.text.ends == ends


def splits(settings: Settings, data: ScriptData) -> bool:
    """Whether examples are held out by lot."""
    return bool(data.test_fraction or settings.patience)


def scales_targets(_settings: Settings, data: ScriptData, facts: Facts) -> bool:
    """Whether answers must be brought back to the targets' units; a label has none."""
    return bool(data.scale) and not data.classes and not facts["tells_labels"]


def _recorded(said: Settings, _data: ScriptData, _facts: Facts) -> bool:
    """Whether steps are calls that a CUDA graph holds."""
    backend = backend_of(said)
    return backend.on_gpu and backend.prints_calls


def _layout(name: str) -> Active:
    return lambda _, __, facts: facts["layout"] == name


#: All features, in the order in which they come where several add to one place.
FEATURES = (
    # ---- where it computes ----
    Feature("place", "host"),
    Feature("place", "compiled"),
    Feature("place", "device"),
    Feature("place", "one_kernel"),
    Feature("place", "calls", lambda said, _, __: not said.one_kernel),
    Feature("place", "recorded", _recorded),
    Feature("place", "one_file", lambda said, _, __: not said.kit),
    Feature("place", "kit", lambda said, _, __: said.kit),
    Feature("place", "cudnn", lambda said, _, __: said.conv == "cudnn"),
    Feature("place", "one_process", lambda said, _, __: not said.parallel),
    Feature("place", "ranks", lambda said, _, __: bool(said.parallel)),
    Feature("place", "whole_batch", lambda said, _, __: not said.sharded),
    Feature("place", "shards", lambda said, _, __: said.sharded),
    Feature("place", "shared_products", _told("shared_products")),
    Feature("place", "half", lambda said, _, __: said.half),
    Feature("place", "wide", lambda said, _, __: not said.half),
    # ---- the network ----
    Feature("network", "stated_starts", _told("starts")),
    Feature("network", "drawn_starts", lambda _, __, facts: not facts["starts"]),
    Feature("network", "frozen", _told("frozen")),
    Feature("network", "stopped", _told("stopped")),
    Feature("network", "scales", _told("scales")),
    Feature("network", "still", _told("still")),
    Feature("network", "given_numbers", _told("constants")),
    Feature("network", "rows", _layout("rows")),
    Feature("network", "turned", lambda _, __, facts: facts["layout"] != "rows"),
    Feature("network", "images", _layout("images")),
    Feature("network", "sequence", _layout("sequence")),
    Feature("network", "spaced", _told("spaced")),
    Feature("network", "named_arrays", lambda _, __, facts: not facts["space"]),
    Feature("network", "array_space", _told("space")),
    Feature("data", "shift", lambda said, _, __: bool(said.shift)),
    Feature("network", "dropout", _told("masks")),
    Feature("network", "batch_norm", _told("statistics")),
    Feature("network", "two_examples", _told("needs_two")),
    Feature("network", "overflow", _told("overflow")),
    # ---- the training ----
    Feature("training", "loss_scale", lambda said, _, __: said.scaled),
    Feature("training", "clipping", lambda said, _, __: bool(said.clip)),
    Feature("training", "early_stopping", lambda said, _, __: bool(said.patience)),
    Feature("training", "schedule", lambda said, _, __: said.scheduled),
    Feature("training", "accuracy", _told("accuracy")),
    Feature("training", "loss_alone", lambda _, __, facts: not facts["accuracy"]),
    Feature("training", "two_passes", lambda said, _, told: comparable(said, told)),
    # ---- the data ----
    Feature("data", "test_set", lambda _, data, __: bool(data.test_fraction)),
    Feature("data", "splitting", lambda said, data, _: splits(said, data)),
    Feature("data", "held_out", lambda _, data, __: data.parting == "held_out"),
    Feature("data", "split_off", lambda _, data, __: data.parting == "split_off"),
    Feature("data", "all_data", lambda _, data, __: data.parting == "all_data"),
    Feature("data", "numbers", lambda _, data, __: not data.classes),
    Feature("data", "classes", lambda _, data, __: bool(data.classes)),
    Feature("data", "preparing", lambda _, data, __: data.prepares),
    Feature("data", "scaled_targets", scales_targets),
    Feature("data", "plain_targets", lambda *known: not scales_targets(*known)),
    Feature("data", "curve", lambda _, data, __: data.features == 1),
    Feature("data", "several_columns", lambda _, data, __: data.features != 1),
    Feature("data", "own_npz", lambda _, data, __: data.own_npz),
    # ---- what the trained network answers ----
    Feature("answers", "new_examples", lambda _, data, __: bool(data.new_call)),
    Feature("answers", "sampling", lambda _, data, __: data.text is not None),
    Feature("answers", "short_texts", _texts(ends=True)),
    Feature("answers", "running_text", _texts(ends=False)),
)  # fmt: skip


def active_features(
    settings: Settings, data: ScriptData, facts: Facts
) -> tuple[Feature, ...]:
    """Return the features that a script has."""
    own = backend_of(settings).features
    return tuple(
        one
        for one in FEATURES
        if (one.active(settings, data, facts) if one.active else one.name in own)
    )


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
    names = {one.name for one in context["features"]}
    for feature in context["features"]:
        template = context.environment.get_template(feature.template)
        for key, block in template.blocks.items():
            stem, *others = key.split("__")
            if stem == name and names.issuperset(others):
                inner = template.new_context(context.get_all(), shared=True)
                texts += block(inner)
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
    found.globals |= {"place": place, "comment": comment}
    return found
