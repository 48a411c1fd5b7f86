"""What a network's graph says of its training: optimiser, schedule, statistics."""

from __future__ import annotations

from typing import Any

from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.library import with_defaults
from gradtutor.language.network.optimiser_numbers import (
    check_numbers,
    optimiser_settings,
)


def network_facts(
    net: Builder, library: str, optimiser: Item | None, schedule: Item | None
) -> dict[str, Any]:
    """Return the optimiser with its settings, the schedule, the running statistics."""
    item = optimiser or Item("adam")
    settings = optimiser_settings(net, item)
    if optimiser is not None:
        settings = with_defaults(library, item.kind, settings)
    schedule = schedule or Item("constant")
    check_numbers(net, schedule)
    return {
        "library": library,
        "optimiser": item.kind,
        "learning_rate": settings.pop("learning_rate", None),
        "optimiser_settings": settings,
        "schedule": schedule.kind,
        "schedule_settings": dict(schedule.arguments),
        "statistics": net.statistics,
        "momentum": net.momentum,
        "channels_last": net.channels_last,
        "notes": net.notes,
    }
