"""What a plan may speak of beside the person's own names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.autograd_like import vjps_of
from gradtutor.audit.sandbox.child.standins.context import Context, Node
from gradtutor.audit.sandbox.child.standins.engines import (
    backward_of,
    episode,
    held,
    keep,
)
from gradtutor.audit.sandbox.child.standins.jax_like import vjp_of_jvp
from gradtutor.audit.sandbox.child.standins.tensorflow_like import gradients_of

#: Names that a person's own cannot hide.
KEPT = {"Context", "Node", "Sampler", "vjp_of_jvp", "mean_of"}
KEPT |= {
    "array_of",
    "backward_of",
    "keep",
    "held",
    "vjps_of",
    "gradients_of",
    "episode",
}


class Sampler:
    """Stands for an object that is asked for places: small numbers, always the same."""

    def __init__(self) -> None:
        self.numbers = np.random.default_rng(7)

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: int(self.numbers.integers(0, 3))


OURS: dict[str, Any] = {
    "Sampler": Sampler,
    "array_of": np.asarray,
    "backward_of": backward_of,
    "keep": keep,
    "held": held,
    "vjps_of": vjps_of,
    "episode": episode,
    "gradients_of": gradients_of,
    "vjp_of_jvp": vjp_of_jvp,
    "mean_of": np.mean,
    "Context": Context,
    "Node": Node,
    "tanh": np.tanh,
    "tanh_slope": lambda x: 1 - np.tanh(x) ** 2,
}
