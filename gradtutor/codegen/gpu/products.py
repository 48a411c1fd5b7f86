"""Products that take bias, ReLU and their gradients along: cuBLASLt's epilogues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtutor.codegen.ir.calls import Array, Call, Value
from gradtutor.codegen.ir.program import Program


def with_epilogues(program: Program) -> list[Call]:
    """Return the calls with ``relu(a @ b + bias)`` and gradients inside products.

    Parameters
    ----------
    program : Program
        Every call in it writes an array of its own.
    """
    calls = list(program.calls)
    for call in program.calls:
        if call.template.startswith("matmul("):
            _take_bias(program, calls, call)
            _take_bias_gradient(program, calls, call)
    for call in list(calls):
        if call.template == "matmul(a, b, bias=c, out=out)":
            _take_relu_gradient(program, calls, call)
    return calls


def _take_bias(program: Program, calls: list[Call], product: Call) -> None:
    """Let a product add its bias, and cut it off at 0, before it is written."""
    reader = _only_reader(program, calls, product)
    if reader is None or reader.ufunc != "add":
        return
    assert product.out is not None and reader.out is not None
    bias = next((arg for arg in reader.args if not _is(program, arg, product)), None)
    if bias is None or program.shape_of(bias) != product.out.shape[1:]:
        return
    product.args.append(bias)
    product.template = "matmul(a, b, bias=c, out=out)"
    _replace(calls, product, reader)
    reader = _only_reader(program, calls, product)
    if reader is not None and reader.ufunc == "relu":
        product.template = "matmul(a, b, bias=c, relu=True, out=out)"
        _replace(calls, product, reader)


def _is(program: Program, arg: Any, call: Call) -> bool:
    """Whether an argument is what a call writes, in that shape."""
    value = program.value_of(arg)
    if value is None or call.out is None or value.array is not call.out.array:
        return False
    return program.shape_of(arg) == call.out.shape


def _only_reader(program: Program, calls: Sequence[Call], made: Call) -> Call | None:
    """Return the one call that reads what a call makes, if there is just one."""
    assert made.out is not None
    array = made.out.array
    if id(array) in program.kept_arrays():
        return None
    readers = [call for call in calls if _reads(program, call, made)]
    if len(readers) != 1 or not any(_is(program, a, made) for a in readers[0].args):
        return None
    return readers[0]


def _replace(calls: list[Call], product: Call, reader: Call) -> None:
    """Let the product write what its reader wrote."""
    product.inside += (product.node,)
    product.out, product.node = reader.out, reader.node
    calls.remove(reader)


def _take_bias_gradient(program: Program, calls: list[Call], product: Call) -> None:
    """Let dW = Xᵀ dz sum up dz over the batch on the way: the bias gradient."""
    for call in calls:
        if call.template != "sum_over(a, (0,), out=out)" or call.out is None:
            continue
        if _same(program, call.args[0], product.args[1]) and not any(
            _reads(program, one, call) for one in calls[: calls.index(product)]
        ):
            product.template = "matmul(a, b, bias_gradient=o1, out=out)"
            product.others = [call.out]
            calls.remove(call)
            return


# ---- relu's gradient ----


def _take_relu_gradient(program: Program, calls: list[Call], product: Call) -> None:
    """Let a product keep a bit for each z >= 0, and later ones choose by these bits.

    The library's bit is 1 at z = 0: nvmath-python's tests ask that of RELU_AUX, and
    CUTLASS says "Aux(i) = Z(i) >= 0 ? 1 : 0". So relu'(0) = 1, as the tie rules right
    and both have it; by the others a kernel compares h > 0.
    """
    found = _relu_and_sign(program, calls, product)
    if found is None:
        return
    relu, sign = found
    choices = [call for call in calls if _reads(program, call, sign)]
    products = [_chosen(program, calls, choice, sign) for choice in choices]
    assert sign.out is not None and product.out is not None and relu.out is not None
    rows, columns = product.out.shape[0], product.out.shape[-1]
    chosen = [one for one in products if one is not None]
    if not isinstance(columns, int) or len(chosen) != len(choices) or not choices:
        return
    name = program.data(relu.node)["name"]
    shape = (rows, 16 * -(-columns // 128))  # the library wants rows of 128 bits
    mask = Value(shape, Array(shape, "uint8", name and f"{name}_mask"))
    _replace(calls, product, relu)
    calls.remove(sign)
    product.template = "matmul_relu(a, b, bias=c, mask=o1, out=out)"
    product.others = [mask]
    for choice, one in zip(choices, chosen, strict=True):
        _replace(calls, one, choice)
        one.args.append(mask)
        one.template = "matmul_where(a, b, mask=c, out=out)"


def _relu_and_sign(
    program: Program, calls: Sequence[Call], product: Call
) -> tuple[Call, Call] | None:
    """Return relu(z) and z >= 0 where they are all that reads a product's z."""
    assert product.out is not None
    readers = [call for call in calls if _reads(program, call, product)]
    if sorted(call.ufunc for call in readers) != ["greater_equal", "relu"]:
        return None
    sign, relu = sorted(readers, key=lambda call: call.ufunc)
    whole = _is(program, relu.args[0], product) and _is(program, sign.args[0], product)
    kept = {id(product.out.array), id(sign.out and sign.out.array)}
    if not whole or not _is_zero(program, sign.args[1]) or len(product.out.shape) != 2:
        return None
    return None if kept & program.kept_arrays() else (relu, sign)


def _chosen(
    program: Program, calls: Sequence[Call], choice: Call, sign: Call
) -> Call | None:
    """Return the product of ``where(sign, a @ b, 0)`` that nothing else reads."""
    if choice.ufunc != "where" or not _is(program, choice.args[0], sign):
        return None
    if not _is_zero(program, choice.args[2]):
        return None
    for call in calls:
        if call.template == "matmul(a, b, out=out)":
            whole = _is(program, choice.args[1], call)
            if whole and _only_reader(program, calls, call) is choice:
                return call
    return None


def _is_zero(program: Program, arg: Any) -> bool:
    """Whether an argument is the number 0."""
    return arg in program.graph and program.data(arg).get("value") == 0


def _reads(program: Program, call: Call, made: Call) -> bool:
    """Whether a call reads what another makes."""
    array = made.out.array if made.out else None
    return any(one is array for arg in call.args for one in program.arrays_read(arg))


def _same(program: Program, one: Any, other: Any) -> bool:
    """Whether two arguments are the same numbers in the same shape."""
    values = program.value_of(one), program.value_of(other)
    if values[0] is None or values[1] is None:
        return bool(one == other)
    equal = program.shape_of(one) == program.shape_of(other)
    return values[0].array is values[1].array and equal
