"""Which arrays of a step are kept in 16 bits: the factors of products, and their likes.

A kernel computes in float32 whatever its arrays are kept in, so only storing rounds.
What sums, softmax, losses and the optimiser read or write stays float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradtutor.codegen.ir.operands import (
    Array,
    Input,
    Operand,
    Value,
    View,
    arrays_read,
    input_under,
)
from gradtutor.codegen.ir.ops import PRODUCTS, SUMS, Op, array_of
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import product
from gradtutor.graph import Graph, add_gate, add_input, copied, inputs, weights

#: The input by which a loss is multiplied so that its gradients do not vanish.
SCALE = "scale"

#: Operations that write 16 bits as gladly as 32.
WRITING = PRODUCTS | {
    *("copy_windows", "fold", "max_pool", "max_unpool", "avg_pool", "mean_unpool"),
    *("concat", "copy", "pad", "softmax_cross_entropy", "pointwise"),
    *("convolution_into", "convolution_dx", "convolution_dw"),
}
#: Operations that read 16 bits; sums add up in float32.
READING = (WRITING - {"softmax_cross_entropy"}) | SUMS


def with_scale(graph: Graph) -> Graph:
    r"""Return the network with its loss times a scale as what is differentiated.

    >>> from gradtutor.graph import operands
    >>> from gradtutor.language import parse_network
    >>> text = "Sequential([Input(4), Linear(2)])\nloss = MSELoss()"
    >>> graph = with_scale(parse_network(text, 4, None))
    >>> operands(graph, graph.graph["output"])
    ['loss', 'scale']
    """
    result = copied(graph)
    scale = add_input(result, SCALE, role=SCALE)
    loss = result.graph["output"]
    result.graph["output"] = add_gate(result, "mul", loss, scale)
    return result


def place_scale(program: Program) -> None:
    """Tell a program that the scale is a number in device memory, not the host's."""
    for node in inputs(program.graph, SCALE):
        program.values[node] = Value((), Array((), name=node, external=True), node)


def halve(program: Program) -> Program:
    """Keep in 16 bits what can be, and cast what products read besides.

    Parameters
    ----------
    program : Program
        A network's operations for a GPU, each writing an array of its own, not yet
        fused.
    """
    if not program.half:
        return program
    halved = _halved(program)
    program.half_inputs |= {"X"} & halved
    for array in (array for op in program.ops for array in op.written):
        if array in halved:
            array.dtype = "half"
    program = _Casts(program).placed()
    return program.with_ops([_converting(program, op) for op in program.ops])


def _converting(program: Program, op: Op) -> Op:
    """Let a copy between arrays of two types be a function's."""
    if op.kind not in ("copy", "pad"):
        return op
    both = (*op.inputs, *op.outputs)
    convert = any(is_half(program, one) for one in both)
    return replace(op, options={**op.options, "convert": True}) if convert else op


def is_half(program: Program, operand: Operand) -> bool:
    """Whether an operand is kept in 16 bits."""
    arrays = arrays_read(operand)
    if arrays:
        return arrays[0].dtype == "half"
    found = input_under(operand)
    return found is not None and found.name in program.half_inputs


# ---- which arrays ----

#: What tells an operand's memory from others: an array, or the batch X.
Key = Array | str


def _word(op: Op) -> str:
    return "pointwise" if op.elementwise else op.kind


def _key(operand: Operand) -> Key:
    arrays = arrays_read(operand)
    if arrays:
        return arrays[0]
    found = input_under(operand)
    return "X" if found is not None and found.name == "X" else ""


def _halved(program: Program) -> set[Key]:
    """Return the largest set of arrays that may be kept in 16 bits."""
    halved: set[Key] = {"X", *_candidates(program)}
    for key, words in _readers(program).items():
        # What a sum alone reads stays exact: squares leave the range of float16.
        if words <= SUMS or not words <= READING:
            halved.discard(key)
    before = None
    while before != len(halved):  # one array's type may decide another's
        before = len(halved)
        for op in program.ops:
            if not _may_round(program, op, halved):
                halved -= set(op.written)
    return halved


def _readers(program: Program) -> dict[Key, set[str]]:
    """Return the kinds of operations that read each array."""
    found: dict[Key, set[str]] = {}
    for op in program.ops:
        for arg in op.inputs:
            found.setdefault(_key(arg), set()).add(_word(op))
    return found


def _candidates(program: Program) -> Iterator[Array]:
    """Yield each array with numbers for every example that the step alone reads."""
    kept, writing = program.kept_arrays(), set(WRITING)
    if inputs(program.graph, SCALE):  # what is not yet scaled may vanish
        writing.remove("softmax_cross_entropy")
    for op in program.ops:
        for array in op.written if _word(op) in writing else ():
            plain = array.dtype == "float32" and array.filling in (None, 0.0)
            inner = plain and not array.external and array not in kept
            if inner and array.shape != () and not product(array.shape).fixed:
                yield array


def _may_round(program: Program, op: Op, halved: set[Key]) -> bool:
    """Whether what an operation makes may be rounded, given what else is."""
    word, given = _word(op), {_key(arg) for arg in op.inputs}
    if word in ("pointwise", "max_pool"):
        # What comes of float32 alone, such as 1/std, is a statistic and stays exact; a
        # window's largest must equal one of its numbers to the bit.
        return bool(given & halved)
    if adds_bias(op):  # it must be cast with it
        bias = input_under(op.inputs[2])
        return bias is not None and bias.name in weights(program.graph)
    return True


def adds_bias(op: Op) -> bool:
    """Whether a product adds a bias."""
    return op.kind == "matmul_relu" or bool(op.options.get("bias"))


# ---- casts ----


class _Casts:
    """The operations of a program while products get factors of 16 bits."""

    def __init__(self, program: Program) -> None:
        self.program, self.ops = program, list(program.ops)
        self.parameters = set(weights(program.graph))
        self.made: dict[Array | Input, Value] = {}

    def placed(self) -> Program:
        """Return the program with every product reading factors of 16 bits."""
        for op in list(self.ops):
            if op.kind in PRODUCTS:
                args = tuple(self._factor(op, i, x) for i, x in enumerate(op.inputs))
                place = self.ops.index(op)
                self.ops[place] = replace(op, inputs=args)
        return self.program.with_ops(self.ops)

    def _factor(self, op: Op, place: int, arg: Operand) -> Operand:
        """Return an argument, or its copy in 16 bits where the library wants that."""
        both = op.written[0].dtype == "half" and adds_bias(op)
        if is_half(self.program, arg) or not (place < 2 or both):
            return arg
        return self._cast(op, arg)

    def _cast(self, op: Op, arg: Operand) -> Operand:
        """Return the copy of an operand in 16 bits, made where the operand is made."""
        arrays = arrays_read(arg)
        source = arrays[0] if arrays else input_under(arg)
        assert source is not None
        if source not in self.made:
            self.made[source] = self._copy(op, source)
        return moved_to(arg, self.made[source])

    def _copy(self, op: Op, source: Array | Input) -> Value:
        """Return a copy in 16 bits: a parameter's is the optimiser's work."""
        parameter = source.name in self.parameters
        name = f"{source.name}_half"
        while name in self.program.taken and not parameter:
            name += "_"
        self.program.taken.add(name)
        array = Array(source.shape, "half", name, external=parameter)
        if parameter:
            return Value(source.shape, array, op.node)
        position, node = self.ops.index(op), op.node
        for place, one in enumerate(self.ops):  # behind what makes the numbers:
            for out in one.outputs:  # the same kernel may do it
                if array_of(out) is source:
                    position, node = place + 1, _node(out) or one.node
        read: Operand = (
            source if isinstance(source, Input) else Value(source.shape, source, node)
        )
        made = Value(source.shape, array, node)
        self.ops.insert(
            position, Op("half", (read,), (made,), node=node, elementwise=True)
        )
        return made


def _node(out: Value | View) -> str:
    return out.node if isinstance(out, Value) else ""


def moved_to(operand: Operand, copy: Value) -> Operand:
    """Return an operand that looks at a copy instead of at what it is a view of."""
    if isinstance(operand, Value):
        return replace(operand, array=copy.array, node=copy.node)
    if isinstance(operand, View):
        args = (moved_to(operand.args[0], copy), *operand.args[1:])
        return replace(operand, args=args)
    return copy
