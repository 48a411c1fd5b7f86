"""Numbers of images: bytes divided by 255, channels normalised as a program does it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.fitting.needs import Needs
from gradtutor.train.loaders.arrays import divided, normalised
from gradtutor.train.model import Call, Features


def are_bytes(X: np.ndarray) -> bool:
    """Whether numbers are whole, 0 to 255, and not 0 and 1 alone."""
    if X.dtype.kind not in "biuf" or not X.size:
        return False
    low, high = X.min(), X.max()
    return bool(low >= 0 and 1 < high <= 255 and np.all(np.floor(X) == X))


def scaled_pixels(
    features: Features, X: np.ndarray, choices: Choices, needs: Needs
) -> Features:
    """Divide bytes by 255, as torchvision's ToTensor does, and say so.

    What the network's text does to images is done, too: a division that it has, a
    channel's mean and deviation.
    """
    if choices.scale not in ("", "pixels"):
        return _told(features, choices)
    asked = choices.asked.get("scale") == "pixels" or "normal" in choices.asked
    found = X.dtype == np.uint8 and X.max() > 1
    if choices.scale == "pixels" or found or (asked and are_bytes(X)):
        note = tr(
            "X holds bytes, 0 to 255: they are divided by 255; --scale none leaves them"
        )
        features = replace(
            features,
            moves=(*features.moves, Call(divided, (255,))),
            notes=features.notes if choices.scale else (*features.notes, note),
        )
    if choices.scale or "normal" not in choices.asked:
        return features
    return _normalised(features, X, choices.asked["normal"], needs)


def pixels_of(features: Features) -> list[Any]:
    """Return what happens to pixels: what divides them, channels' means, deviations.

    Nothing where nothing happens. `inside` makes columns of it, for an export.
    """
    calls = {move.function: move.settings for move in features.moves}
    if not calls.keys() & {divided, normalised}:
        return []
    by = calls.get(divided, (1,))[0]
    means, deviations = calls.get(normalised, ((0.0,), (1.0,)))
    return [by, list(means), list(deviations)]


def inside(
    arrays: Mapping[str, np.ndarray], pixels: list[Any], width: int
) -> dict[str, np.ndarray]:
    """Return the arrays with what fills and scales columns as for X in its own units.

    Parameters
    ----------
    pixels : list
        What `pixels_of` returned: x becomes (x / by - mean) / deviation, and then
        what the arrays say.
    width : int
        How many numbers an example has.
    """
    by, *channels = pixels
    means, deviations = (
        np.repeat(np.array(one, np.float64), width // len(one)) for one in channels
    )
    made = dict(arrays)
    if "X_fill" in made:
        made["X_fill"] = by * (made["X_fill"] * deviations + means)
    if "X_mean" in made:
        means = made["X_mean"] * deviations + means
        deviations = made["X_deviation"] * deviations
    made |= {"X_mean": by * means, "X_deviation": by * deviations}
    return {key: np.asarray(value, np.float32) for key, value in made.items()}


def _told(features: Features, choices: Choices) -> Features:
    """Say that bytes stay, since the network divides them itself."""
    inside = choices.asked.get("scale") == "none"
    note = tr("the network scales X itself: bytes stay as they are")
    return replace(features, notes=(*features.notes, note)) if inside else features


def _normalised(
    features: Features,
    X: np.ndarray,
    normal: tuple[tuple[float, ...], tuple[float, ...]],
    needs: Needs,
) -> Features:
    """Take each channel's mean off, where the channels are as many as the means."""
    means, deviations = normal
    channels = needs.sizes[0] if needs.kind == "images" else 1
    scaled = bool(features.moves) and features.moves[-1].function is divided
    in_reach = scaled or float(np.nanmax(np.abs(X))) <= 1
    if len(means) not in (1, channels) or not in_reach:
        note = tr(
            "warning: Normalize(...) is not done: X has {channels} channels and goes "
            "up to {largest:.4g}; --scale standard is the nearest",
            channels=channels,
            largest=float(np.nanmax(X)),
        )
        return replace(features, notes=(*features.notes, note))
    if math.prod(features.example) % len(means):
        return features
    call = Call(normalised, (means, deviations))
    return replace(features, moves=(*features.moves, call))
