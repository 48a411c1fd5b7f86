"""Matrix products with what follows them, printed into CuPy scripts as they are.

`product_plan` and `launch_product` are those of cublaslt.py or of nvmath.py. This
module is read as text and never imported.
"""

# ruff: noqa: ANN001, ANN002, ANN201, F821 (printed into scripts as they are)

import cupy as cp


def as_columns(x):
    """Return how the library, which counts by columns, sees x.T: rows, columns, step.

    The last answer says whether it must turn it: where x itself is a view x.T.
    """
    rows, columns = x.shape
    item = x.dtype.itemsize
    if 0 in x.strides:
        raise ValueError("a product takes no broadcast matrix")
    if x.strides[1] == item or columns == 1:
        return columns, rows, max(x.strides[0] // item, columns), False
    if x.strides[0] == item or rows == 1:
        return rows, columns, max(x.strides[1] // item, rows), True
    raise ValueError(f"no axis of this matrix is contiguous: strides {x.strides}")


def alignment(*arrays):
    """Return how many bytes, up to 256, divide the place of each of these arrays."""
    bits = 256
    for x in arrays:
        bits |= x.data.ptr
    return bits & -bits


def matmul(a, b, out, bias=None, relu=False, bias_gradient=None):
    """Write relu(a @ b + bias) into out; bias_gradient becomes the sum of b's rows."""
    epilogue = RELU * relu + BIAS * (bias is not None)
    epilogue += BIAS_GRADIENT * (bias_gradient is not None)
    vector = bias if bias is not None else bias_gradient
    if gemm(a, b, out, epilogue, {BIAS_POINTER: vector}):
        return
    if bias is not None:
        ADD_BIAS(bias, relu, out)
    if bias_gradient is not None:
        reduce_over("sum", b, (0,), bias_gradient)


def gemm(a, b, out, epilogue, pointers):
    """Write a @ b into out; return whether the library did the epilogue as well.

    Where it has no algorithm for that on this device, a kernel of ours must follow.
    """
    if not GRAPH and PRECISION == "float32" and a.dtype.itemsize > 2:
        cp.matmul(a, b, out=out)
        return not epilogue
    views = as_columns(b), as_columns(a), as_columns(out)
    key = a.dtype.name, out.dtype.name, views, alignment(a, b, out)
    wanted = epilogue if a.shape[1] > 1 else 0  # its gradient epilogues refuse K = 1
    fused = product_plan(*key, wanted) if wanted else None
    plan = fused or product_plan(*key, 0)
    if plan is None:
        raise RuntimeError(f"cuBLASLt has no algorithm for {a.shape} @ {b.shape}")
    launch_product(plan, a, b, out, pointers if fused else {})
    return fused is not None or not epilogue


ADD_BIAS = cp.ElementwiseKernel(
    "T bias, bool relu",
    "T out",
    "const T z = out + bias; out = relu && z < 0 ? T(0) : z;",
    "add_bias",
)


# ---- relu and its gradient inside products, where relu'(0) is 1 ----


def matmul_relu(a, b, bias, mask, out):
    """Write relu(z) of z = a @ b + bias into out, and z >= 0 into mask's bits."""
    pointers = {BIAS_POINTER: bias, MASK_POINTER: mask}
    if not gemm(a, b, out, RELU_BIAS_MASK, pointers):
        RELU_WITH_MASK(bias, out.shape[1], mask.shape[1], out, mask)


def matmul_where(a, b, mask, out):
    """Write a @ b into out where a bit of mask is 1, else 0: the gradient of relu."""
    if not gemm(a, b, out, RELU_GRADIENT, {MASK_POINTER: mask}):
        WHERE_MASK(mask, out.shape[1], mask.shape[1], out)


RELU_WITH_MASK = cp.ElementwiseKernel(
    "raw T bias, int32 columns, int32 bytes",
    "raw T out, uint8 mask",
    """
    // A thread takes eight columns of a row, whose signs are one byte of the mask.
    const int first = i % bytes * 8, last = min(first + 8, columns);
    unsigned char signs = 0;
    for (int k = first; k < last; ++k) {
        T& h = out[i / bytes * columns + k];
        const T z = h + bias[k];
        signs |= (z >= 0) << (k - first);
        h = z < 0 ? T(0) : z;
    }
    mask = signs;
    """,
    "relu_with_mask",
)
WHERE_MASK = cp.ElementwiseKernel(
    "raw uint8 mask, int32 columns, int32 bytes",
    "T out",
    """
    const int row = i / columns, k = i % columns;
    if (!(mask[row * bytes + k / 8] >> k % 8 & 1)) out = 0;
    """,
    "where_mask",
)
