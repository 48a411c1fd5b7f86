"""ONNX's products, and what joins many numbers into one."""

from __future__ import annotations

from gradtutor.exports.onnx.operators.call import Call, Read
from gradtutor.exports.onnx.reader import OnnxError, Reader, Value
from gradtutor.messages import tr


def _gemm(to: Reader, call: Call) -> Value:
    a, b = map(to.node, call.args[:2])
    a = to.gate("transpose", a, axes=None) if call.get("transA", 0) else a
    b = to.gate("transpose", b, axes=None) if call.get("transB", 0) else b
    made = to.gate("matmul", a, b)
    if call.get("alpha", 1.0) != 1.0:
        made = to.gate("mul", to.number(call.get("alpha")), made)
    if call.arg(2):
        c = to.node(call.args[2])
        if call.get("beta", 1.0) != 1.0:
            c = to.gate("mul", to.number(call.get("beta")), c)
        made = to.gate("add", made, c)
    return Value(made)


def _matmul(to: Reader, call: Call) -> Value:
    a, b = map(to.node, call.args)
    ranks = len(to.shape(a)), len(to.shape(b))
    if max(ranks) <= 2:
        return Value(to.gate("matmul", a, b))
    if min(ranks) < 2:
        raise OnnxError(tr("MatMul of a vector and a stack of matrices is not here"))
    batch = "abcdefgh"[: max(ranks) - 2]
    left, right = (batch[len(batch) - (rank - 2) :] for rank in ranks)
    letters = f"{left}xk,{right}ky->{batch}xy"
    return Value(to.gate("einsum", a, b, subscripts=letters))


def _einsum(to: Reader, call: Call) -> Value:
    equation = call.get("equation").replace(" ", "")
    if "->" not in equation or "." in equation:
        raise OnnxError(
            tr("Einsum without its result, or with an ellipsis, is not here")
        )
    args = map(to.node, call.args)
    return Value(to.gate("einsum", *args, subscripts=equation))


# ---- reductions ----


def _reduced(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        x = to.node(call.args[0])
        axes = call.get("axes")
        if call.arg(1):
            axes = tuple(map(int, to.known(call.args[1], call.kind)))
        keep = bool(call.get("keepdims", 1))
        if not axes and call.get("noop_with_empty_axes", 0):
            return Value(x)
        return Value(to.gate(gate, x, axis=axes or None, keepdims=keep))

    return read


def _cumsum(to: Reader, call: Call) -> Value:
    if call.get("exclusive", 0) or call.get("reverse", 0):
        raise OnnxError(tr("CumSum that is exclusive or reverse is not here"))
    axis = int(to.known(call.args[1], "CumSum"))
    return Value(to.gate("cumsum", to.node(call.args[0]), axis=axis))


def _softmax(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    return Value(to.gate("softmax", x, axis=call.get("axis", -1)))


def _log_softmax(to: Reader, call: Call) -> Value:
    x, axis = to.node(call.args[0]), call.get("axis", -1)
    total = to.gate("logsumexp", x, axis=axis, keepdims=True)
    return Value(to.gate("sub", x, total))


PRODUCTS: dict[str, Read] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Einsum": _einsum,
    "ReduceSum": _reduced("sum"),
    "ReduceMean": _reduced("mean"),
    "ReduceMax": _reduced("amax"),
    "ReduceMin": _reduced("amin"),
    "ReduceLogSumExp": _reduced("logsumexp"),
    "CumSum": _cumsum,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
}
