"""Layers, losses and optimisers: how each is spelled and the gates it is made of."""

from __future__ import annotations

from gradtutor.language.layers.spellings import LAYERS, Spelling

__all__ = ["LAYERS", "Spelling"]
