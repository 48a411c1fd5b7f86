"""Which arrays of a step are kept in 16 bits: the factors of products, and their likes.

A kernel computes in float32 whatever its arrays are kept in, so only storing rounds.
What sums, softmax, losses and the optimiser read or write stays float32.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradtutor.codegen.ir.calls import Array, Call, Value
from gradtutor.codegen.ir.memory import extent
from gradtutor.codegen.ir.program import Program
from gradtutor.graph import Graph, add_gate, add_input, copied, inputs

#: The precisions of ``Settings`` that keep factors in 16 bits.
HALVES = ("bfloat16", "float16")
#: The input by which a loss is multiplied so that its gradients do not vanish.
SCALE = "scale"

#: Functions that multiply matrices, whose factors have 16 bits.
PRODUCTS = {"matmul", "matmul_relu", "matmul_where"}
#: Functions that write 16 bits as gladly as 32; `out` stands for a plain copy.
WRITERS = PRODUCTS | {
    "copy_windows", "fold", "max_pool", "max_unpool", "avg_pool",
    "mean_unpool", "concat", "out", "softmax_cross_entropy", "pointwise",
    "convolution_into", "convolution_dx", "convolution_dw",
}  # fmt: skip
#: Functions that read 16 bits and add up in float32.
SUMS = {"sum_over", "mean_over", "mean_of_ranks"}
READERS = (WRITERS - {"softmax_cross_entropy"}) | SUMS


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


def halve(program: Program) -> None:
    """Keep in 16 bits what can be, and cast what products read besides.

    Parameters
    ----------
    program : Program
        A network's calls for a GPU, each writing an array of its own, not yet fused.
    """
    halved = _halved(program)
    program.half_inputs |= {"X"} & halved
    for call in program.calls:
        for value in call.outs:
            if _key(program, value) in halved:
                value.array.dtype = "half"
    _cast_factors(program)
    for call in program.calls:
        if _word(call) == "out" and "half" in _types(program, call):
            place, _, source = call.template.partition(" = ")
            call.template = f"convert({source}, {place.removesuffix('[...]')})"


def _types(program: Program, call: Call) -> set[str]:
    """Return in what a copy's two sides are kept."""
    return {"half" if is_half(program, one) else "" for one in (*call.args, call.out)}


def is_half(program: Program, operand: object) -> bool:
    """Whether an operand is kept in 16 bits."""
    value = program.value_of(operand)
    if value is not None:
        return value.array.dtype == "half"
    arrays = program.arrays_read(operand)
    if arrays:
        return arrays[0].dtype == "half"
    return program.input_under(operand) in program.half_inputs


# ---- which arrays ----


def _word(call: Call) -> str:
    """Return the name of the function that a call is."""
    if call.ufunc:
        return call.ufunc if call.ufunc == "einsum" else "pointwise"
    found = re.match(r"\w+", call.template)
    return found.group() if found else ""


def _key(program: Program, operand: object) -> int | str:
    """Return what tells an operand's memory from others: an array, or the batch X."""
    arrays = program.arrays_read(operand)
    if arrays:
        return id(arrays[0])
    return "X" if program.input_under(operand) == "X" else ""


def _halved(program: Program) -> set[int | str]:
    """Return the largest set of arrays that may be kept in 16 bits."""
    halved: set[int | str] = {"X", *_candidates(program)}
    for key, words in _readers(program).items():
        # What a sum alone reads stays exact: squares leave the range of float16.
        if words <= SUMS or not words <= READERS:
            halved.discard(key)
    before = None
    while before != len(halved):  # one array's type may decide another's
        before = len(halved)
        for call in program.calls:
            if not _may_round(program, call, halved):
                halved -= {_key(program, value) for value in call.outs}
    return halved


def _readers(program: Program) -> dict[int | str, set[str]]:
    """Return the names of the functions that read each array."""
    found: dict[int | str, set[str]] = {}
    for call in program.calls:
        for arg in call.args:
            found.setdefault(_key(program, arg), set()).add(_word(call))
    return found


def _candidates(program: Program) -> Iterator[int]:
    """Yield each array with numbers for every example that the step alone reads."""
    kept = program.kept_arrays()
    writers = set(WRITERS)
    if inputs(program.graph, SCALE):  # what is not yet scaled may vanish
        writers.remove("softmax_cross_entropy")
    for call in program.calls:
        if _word(call) not in writers:
            continue
        for value in call.outs:
            array = value.array
            plain = array.dtype == "float32" and array.filling in ("", "0.0")
            inner = plain and not array.external and id(array) not in kept
            if inner and extent(array.shape)[1] and array.shape != ():
                yield id(array)


def _may_round(program: Program, call: Call, halved: set[int | str]) -> bool:
    """Whether what a call makes may be rounded, given what else is."""
    word, given = _word(call), {_key(program, arg) for arg in call.args}
    if word in ("pointwise", "max_pool"):
        # What comes of float32 alone, such as 1/std, is a statistic and stays exact; a
        # window's largest must equal one of its numbers to the bit.
        return bool(given & halved)
    if word in PRODUCTS and "bias=c" in call.template:  # it must be cast with it
        return program.input_under(call.args[2]) in inputs(program.graph, "parameter")
    return True


# ---- casts ----


def _cast_factors(program: Program) -> None:
    """Let every product read factors of 16 bits."""
    casts: dict[int | str, Array] = {}
    for product in list(program.calls):
        if _word(product) not in PRODUCTS:
            continue
        assert product.out is not None
        both = product.out.array.dtype == "half" and "bias=c" in product.template
        for place, arg in enumerate(product.args):
            if (place < 2 or both) and not is_half(program, arg):
                product.args[place] = _cast(program, casts, product, arg)


def _cast(
    program: Program, casts: dict[int | str, Array], product: Call, arg: object
) -> Value:
    """Return the copy of an operand in 16 bits, made where the operand is made."""
    name = program.input_under(arg)
    arrays = program.arrays_read(arg)
    old = arrays[0].name if arrays else name
    key = id(arrays[0]) if arrays else name
    if key not in casts:
        parameter = name in inputs(program.graph, "parameter")
        shape = arrays[0].shape if arrays else program.data(name)["shape"]
        casts[key] = Array(shape, "half", f"{old}_half", external=parameter)
        if not parameter:
            _append_cast(program, product, casts[key], arrays, name)
    text = re.sub(rf"\b{old}\b", casts[key].name, program.text(arg), count=1)
    return Value(program.shape_of(arg), casts[key], text=text)


def _append_cast(
    program: Program, product: Call, made: Array, arrays: list[Array], name: str
) -> None:
    """Cast behind the call that makes the numbers: the same kernel may do it."""
    position, node = program.calls.index(product), product.node
    source: object = name
    for place, call in enumerate(program.calls):
        for value in call.outs:
            if arrays and value.array is arrays[0]:
                position, node = place + 1, value.node or call.node
                source = Value(made.shape, arrays[0], node)
    cast = Call("", [source], Value(made.shape, made), ufunc="half", node=node)
    program.calls.insert(position, cast)
