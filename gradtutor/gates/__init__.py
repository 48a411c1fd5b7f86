"""The table of operations: every gate, declared once.

>>> GATES["mul"].sign
'×'
>>> find_gate("silu").name
'swish'
"""

from __future__ import annotations

from gradtutor.gates import pointwise
from gradtutor.gates.composite.classification import CLASSIFICATION
from gradtutor.gates.composite.losses import LOSSES
from gradtutor.gates.composite.margins import MARGINS
from gradtutor.gates.composite.normalisation import NORMALISATION
from gradtutor.gates.gate import (
    TIE_RULES,
    Attributes,
    Call,
    Dimension,
    Gate,
    Kink,
    NoDerivativeError,
    Pointwise,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.pointwise import POINTWISE
from gradtutor.gates.shapes import broadcast_shapes, normal_axes, show_shape
from gradtutor.gates.structural.convolution import CONVOLUTIONS
from gradtutor.gates.structural.cutting import CUTTING
from gradtutor.gates.structural.einsum import EINSUM
from gradtutor.gates.structural.gathering import GATHERING
from gradtutor.gates.structural.matrices import MATRICES
from gradtutor.gates.structural.movement import MOVEMENT
from gradtutor.gates.structural.pooling import POOLING
from gradtutor.gates.structural.products import PRODUCTS
from gradtutor.gates.structural.recurrence import RECURRENCE
from gradtutor.gates.structural.reductions import REDUCTIONS
from gradtutor.gates.structural.singular import SINGULAR
from gradtutor.gates.structural.windows import WINDOWS

_TABLE: tuple[Gate, ...] = (
    *POINTWISE,
    *PRODUCTS,
    *MATRICES,
    *SINGULAR,
    *REDUCTIONS,
    *CLASSIFICATION,
    *NORMALISATION,
    *EINSUM,
    *MOVEMENT,
    *CUTTING,
    *GATHERING,
    *WINDOWS,
    *CONVOLUTIONS,
    *POOLING,
    *RECURRENCE,
    *LOSSES,
    *MARGINS,
)
GATES: dict[str, Gate] = {gate.name: gate for gate in _TABLE}
SPELLINGS: dict[str, Gate] = GATES | {
    alias: gate for gate in GATES.values() for alias in gate.aliases
}

#: Gates that answer 1 or 0.
COMPARISONS = tuple(gate.name for gate in pointwise.COMPARISONS)

#: Gates through which no gradient goes: what comes out is a number like any other.
STOPPED = ("stop_gradient",)
#: Nodes that are not computed by a gate's formula.
LEAVES = ("input", "number")
COPY = "copy"


def find_gate(spelling: str) -> Gate:
    """Return the gate with this name or alias; raises KeyError when there is none."""
    return SPELLINGS[spelling]


__all__ = [
    "COMPARISONS",
    "COPY",
    "GATES",
    "LEAVES",
    "SPELLINGS",
    "TIE_RULES",
    "Attributes",
    "Call",
    "Dimension",
    "Gate",
    "Kink",
    "NoDerivativeError",
    "Pointwise",
    "Shape",
    "ShapeMismatchError",
    "Structural",
    "Tape",
    "broadcast_shapes",
    "find_gate",
    "normal_axes",
    "show_shape",
]
