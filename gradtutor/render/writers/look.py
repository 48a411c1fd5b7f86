"""The sizes of a drawing: of a picture, and of a page's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """Sizes in inches, and whether boxes are filled.

    Attributes
    ----------
    pad, node_gap, rank_gap : float
        Space round the drawing, between neighbours, and between ranks.
    circle, dot : float
        Diameters of a gate's circle and of a fork's dot.
    """

    pad: float = 0.2
    node_gap: float = 0.22
    rank_gap: float = 0.22
    circle: float = 0.55
    dot: float = 0.1
    name_margin: str = "0.08,0.05"
    ellipse_margin: str = "0.04,0.02"
    filled: bool = True


#: Of a page, whose style sheet has the colours and whose numbers change.
PAGE_LOOK = Look(0.1, 0.16, 0.2, 0.58, 0.13, "0.06,0.04", "0.05,0.03", filled=False)
