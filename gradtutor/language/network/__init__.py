"""Networks: a text with layers and a loss, read into a graph from data to loss."""

from __future__ import annotations

from gradtutor.language.network.reading import parse_network

__all__ = ["parse_network"]
