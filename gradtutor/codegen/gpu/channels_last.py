"""Copies in cuDNN's order of memory, around its convolutions.

cuDNN takes images (N, H, W, C), a step's arrays are (C, H, W, N).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from gradtutor.codegen.gpu.convolutions import CONVOLVERS
from gradtutor.codegen.ir.operands import Array, Dtype, Operand, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size

#: For each call what its two arguments and its result are.
KINDS: dict[str, tuple[str, str, str]] = dict(
    zip(
        CONVOLVERS["cudnn"].calls,
        [
            ("image", "weights", "image"),
            ("image", "weights", "image"),
            ("image", "image", "weights"),
        ],
        strict=True,
    )
)
#: The functions that copy into cuDNN's order and out of it.
COPIES = {
    "image": ("channels_last", "channels_first"),
    "weights": ("weights_last", "weights_first"),
}


def copy_channels_last(program: Program) -> Program:
    """Put copies in cuDNN's order around its calls; what is read twice is copied once.

    Parameters
    ----------
    program : Program
        Its arrays have names, and each operation writes an array of its own.
    """
    copies = _Copies(program)
    return program.with_ops([one for op in program.ops for one in copies.around(op)])


class _Copies:
    """The arrays of a step that there are in cuDNN's order, too."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.made: dict[Operand, Value] = {}
        self.taken = {array.name for op in program.ops for array in op.written}

    def around(self, op: Op) -> Iterator[Op]:
        """Yield an operation with the copies that it needs before and after it."""
        if op.kind not in KINDS:
            yield op
            return
        kinds = KINDS[op.kind]
        args: list[Value] = []
        for kind, arg in zip(kinds, op.inputs, strict=False):
            if arg not in self.made:
                copy = self._array(kind, arg, op.node)
                yield Op(COPIES[kind][0], (arg,), (copy,), node=op.node)
            args.append(self.made[arg])
        result = self._array(kinds[2], op.out, op.node)
        yield replace(op, inputs=tuple(args), outputs=(result,))
        back = COPIES[kinds[2]][1]
        yield Op(back, (result,), op.outputs, node=op.node, inside=op.inside)

    def _array(self, kind: str, operand: Operand, node: str) -> Value:
        """Return an array in cuDNN's order: (N, H, W, C), or (O, kh, kw, C)."""
        shape, text = operand.shape, self.program.text(operand)
        first, *middle, last = shape if kind == "image" else (*shape[1:], shape[0])
        sizes = (last, *(Size(1), *middle)[-2:], first)
        stem = text.partition(".")[0].partition("[")[0] + "_last"
        names = itertools.chain([stem], (f"{stem}{i}" for i in itertools.count(2)))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        dtype: Dtype = "half" if self.program.half else "float32"
        self.made[operand] = Value(sizes, Array(sizes, dtype, name), node)
        return self.made[operand]
