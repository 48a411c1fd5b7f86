"""The chain rule in words, symbols and numbers."""

from gradtutor.explain.pages.gate_pages import (
    GatePage,
    UnknownGateError,
    gate_page,
    gate_rows,
    page_text,
)

__all__ = ["GatePage", "UnknownGateError", "gate_page", "gate_rows", "page_text"]
