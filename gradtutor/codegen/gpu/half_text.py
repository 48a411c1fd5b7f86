"""Where the functions of a CuPy script differ if factors are kept in 16 bits.

Everything else of the helpers is printed as it is: a kernel may read 16 bits (`S`) and
write float32 (`T`), or the other way round, and adds up in float32.
"""

from __future__ import annotations

#: The type in which numbers of type {} are added up: float, in --check double.
SUMS = "decltype(0.0f + {}()) total = 0;"
#: For each function or kernel what is replaced in its text, and by what.
CHANGES: dict[str, list[tuple[str, str]]] = {
    # ---- kernels whose arrays differ in type ----
    "COPY_WINDOWS": [('"raw T x"', '"raw S x"')],
    "FOLD": [('"raw T cut"', '"raw S cut"'), ("T total = 0;", SUMS.format("S"))],
    "MAX_POOL": [("raw T x", "raw S x")],
    "MAX_UNPOOL": [
        ("raw T x, raw T m, raw T u", "raw S x, raw M m, raw U u"),
        ("const T own", "const S own"),
        ("T total = 0;", SUMS.format("U")),
    ],
    "AVG_POOL": [("raw T x", "raw S x"), ("T total = 0;", SUMS.format("S"))],
    "MEAN_UNPOOL": [("raw T u", "raw S u"), ("T total = 0;", SUMS.format("S"))],
    "concat": [
        ("out[tuple(index)] = a", "convert(a, out[tuple(index)])"),
        ("out[tuple(index)] = b", "convert(b, out[tuple(index)])"),
    ],
    "REDUCE": [("const T* x", "const S* x")],
    "reduction": [
        ("(kind, dtype)", "(kind, dtype, out_dtype)"),
        ("typedef {c_type(dtype)} T;", "{typedefs(S=dtype, T=out_dtype)}"),
    ],
    "launch_reduction": [
        ("reduction(kind, x.dtype)", "reduction(kind, x.dtype, out.dtype)")
    ],
    "CROSS_ENTROPY": [("T* dz,", "H* dz,"), ("T* into", "H* into")],
    "cross_entropy_kernel": [
        ("(dtype):", "(dtype, slope_dtype):"),
        ("typedef {c_type(dtype)} T;", "{typedefs(T=dtype, H=slope_dtype)}"),
    ],
    "softmax_cross_entropy": [
        ("cross_entropy_kernel(z.dtype)(", "cross_entropy_kernel(z.dtype, dz.dtype)(")
    ],
    "swap_kernel": [
        (
            'f"typedef {c_type(dtype)} S;\\ntypedef {c_type(out_dtype)} T;\\n"',
            'typedefs(S=dtype, T=out_dtype) + "\\n"',
        )
    ],
    "weights_last": [
        ("out.reshape(w.shape)[...] = w", "convert(w, out.reshape(w.shape))"),
        ("out[...] = w.transpose(0, 2, 3, 1)", "convert(w.transpose(0, 2, 3, 1), out)"),
    ],
    "weights_first": [
        ("out[...] = w.reshape(out.shape)", "convert(w.reshape(out.shape), out)"),
        ("out[...] = w.transpose(0, 3, 1, 2)", "convert(w.transpose(0, 3, 1, 2), out)"),
    ],
    "convolution_plan": [
        (  # all but --check is in 16 bits
            "    if dtype == PRECISION:"
            "  # float32 as it is: TF32 would round the factors\n"
            "        unwanted.append(cudnn.numerical_note.TENSOR_CORE)\n"
            "        unwanted.append(cudnn.numerical_note.DOWN_CONVERT_INPUTS)\n",
            "",
        ),
    ],
    # ---- products: factors of 16 bits, sums and results as asked for ----
    "product_plan": [
        ("(dtype, views,", "(dtype, out_dtype, views,"),
        (
            "    kind = CUDA_TYPE[dtype]\n",
            '    wide = dtype == "float64"\n'
            '    scale = CUDA_TYPE["float64" if wide else "float32"]\n',
        ),
        ('if dtype == "float64" else PRECISION', 'if wide else "float32"'),
        ("compute, kind)\n", "compute, scale)\n"),
        (
            "    layouts = []\n",
            "    layouts = []\n"
            "    kinds = [CUDA_TYPE[one] for one in (dtype, dtype, out_dtype)]\n",
        ),
        (
            "for attribute, (rows, columns, step, turned) in zip(\n"
            "        (TRANSPOSE_A, TRANSPOSE_B, None), views, strict=True\n",
            "for attribute, kind, (rows, columns, step, turned) in zip(\n"
            "        (TRANSPOSE_A, TRANSPOSE_B, None), kinds, views, strict=True\n",
        ),
    ],
    "gemm": [
        (  # CuPy's own product would round its result first, then add the bias
            '    if not GRAPH and PRECISION == "float32":\n'
            "        cp.matmul(a, b, out=out)\n"
            "        return not epilogue\n",
            "",
        ),
        (
            "key = out.dtype.name, (as_columns(b), as_columns(a), as_columns(out))\n",
            "key = a.dtype.name, out.dtype.name\n"
            "    key += ((as_columns(b), as_columns(a), as_columns(out)),)\n",
        ),
    ],
}


def with_halves(name: str, text: str) -> str:
    """Return a function's or kernel's text as it is where factors have 16 bits.

    Raises
    ------
    LookupError
        When the text is not the one that the changes were written for.
    """
    for old, new in CHANGES.get(name, []):
        if text.count(old) != 1:
            raise LookupError(f"{name} has {text.count(old)} times {old!r}, not once")
        text = text.replace(old, new)
    return text
