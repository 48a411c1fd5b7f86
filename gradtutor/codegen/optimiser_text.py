"""The optimiser's classes as text, with the constants that a network asks for."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from gradtutor.codegen.optimisers import OPTIMISERS, Adam, AdamW, Optimiser

if TYPE_CHECKING:
    from gradtutor.codegen.script import Settings

#: The class attribute that each setting sets.
ATTRIBUTES = {
    "momentum": "mu",
    "decay": "decay",
    "epsilon": "epsilon",
    "weight_decay": "weight_decay",
}


def optimiser_text(settings: Settings) -> str:
    """Return the source of the optimiser and of what it builds on."""
    chosen = OPTIMISERS[settings.optimiser]
    classes = [Optimiser, *([Adam] if chosen is AdamW else []), chosen]
    texts = [inspect.getsource(one).rstrip() for one in classes]
    text = "\n\n\n".join(texts)
    for key, value in settings.optimiser_settings.items():
        if key in ATTRIBUTES:
            name = ATTRIBUTES[key]
            text = re.sub(rf"(?m)^    {name} = .*$", f"    {name} = {value}", text)
    betas = [settings.optimiser_settings.get(k) for k in ("beta1", "beta2", "epsilon")]
    if any(betas):
        usual = (0.9, 0.999, 1e-8)
        values = [given or normal for given, normal in zip(betas, usual, strict=True)]
        line = "    beta1, beta2, epsilon = " + ", ".join(map(repr, values))
        text = re.sub(r"(?m)^    beta1, beta2, epsilon = .*$", line, text)
    return text
