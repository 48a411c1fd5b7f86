"""Numbers of optimisers and losses, checked."""

from __future__ import annotations

import math
from typing import Any

from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr


def optimiser_settings(net: Builder, item: Item) -> dict[str, Any]:
    """Check the optimiser's numbers; betas=(0.9, 0.999) are beta1 and beta2."""
    settings = dict(item.arguments)
    betas = settings.pop("betas", None)
    if betas is not None:
        if not isinstance(betas, tuple) or len(betas) != 2:
            raise net.fail(tr("betas are two numbers"), item, "betas=(0.9, 0.999)")
        settings["beta1"], settings["beta2"] = betas
    checked = Item(item.kind, settings, item.span, item.name)
    check_numbers(net, checked)
    for key in {"beta1", "beta2", "momentum", "decay"} & settings.keys():
        net.fraction(settings[key], item)
    return settings


def check_numbers(net: Builder, item: Item) -> None:
    """Check that the settings are numbers from 0 on."""
    for key, value in item.arguments.items():
        if key == "nesterov":
            net.flag(key, item)
        elif not 0 <= net.number_of(value, item) < math.inf:
            raise net.fail(
                tr("{key} is a number from 0 on, not {value}", key=key, value=value),
                item,
            )
