"""The stand-in for cuBLAS and cuBLASLt: products, epilogues, and what it refuses."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from cuda_host import blas, host_library

TYPES = {"f4": 0, "f8": 1, "f2": 2, "bf": 14}  # cudaDataType_t
COMPUTE = {"f4": 68, "f8": 70, "f2": 68, "bf": 68}
DTYPES = {
    "f4": np.float32,
    "f8": np.float64,
    "f2": np.float16,
    "bf": ml_dtypes.bfloat16,
}
TOLERANCE = {"f4": 1e-6, "f8": 1e-13, "f2": 1e-3, "bf": 8e-3}
TRANSA, TRANSB, EPILOGUE, BIAS, AUX, AUX_LD, BIAS_TYPE = 3, 4, 7, 8, 11, 12, 26
SUCCESS, INVALID, UNSUPPORTED = 0, 7, 15

random = np.random.default_rng(4)


@pytest.fixture(scope="module")
def library():
    return ctypes.CDLL(str(blas.library()))


def normal(shape, kind):
    return random.normal(size=shape).astype(DTYPES[kind])


def by_columns(array):
    return np.asfortranarray(array)


def address(array):
    return ctypes.c_void_p(array.ctypes.data)


class Matmul:
    """cublasLtMatmul on arrays in Fortran order: D = alpha op(A) op(B) + beta C."""

    def __init__(self, library, kind, compute=None):
        self.library, self.kind = library, kind
        self.handle, self.description = ctypes.c_void_p(), ctypes.c_void_p()
        assert library.cublasLtCreate(ctypes.byref(self.handle)) == SUCCESS
        scale = 1 if kind == "f8" else 0
        compute = compute or COMPUTE[kind]
        created = library.cublasLtMatmulDescCreate(
            ctypes.byref(self.description), compute, scale
        )
        assert created == SUCCESS

    def set(self, attribute, value, kind=ctypes.c_int32):
        value = kind(value)
        return self.library.cublasLtMatmulDescSetAttribute(
            self.description,
            attribute,
            ctypes.byref(value),
            ctypes.c_size_t(ctypes.sizeof(value)),
        )

    def layout(self, array, ld=None, kind=None, batches=1, stride=0, rows_first=False):
        rows, columns = array.shape[-2:]
        made = ctypes.c_void_p()
        self.library.cublasLtMatrixLayoutCreate(
            ctypes.byref(made),
            TYPES[kind or self.kind],
            ctypes.c_uint64(rows),
            ctypes.c_uint64(columns),
            ctypes.c_int64(ld or (columns if rows_first else rows)),
        )
        for attribute, value in (
            (1, ctypes.c_int32(rows_first)),
            (5, ctypes.c_int32(batches)),
            (6, ctypes.c_int64(stride)),
        ):
            status = self.library.cublasLtMatrixLayoutSetAttribute(
                made,
                attribute,
                ctypes.byref(value),
                ctypes.c_size_t(ctypes.sizeof(value)),
            )
            assert status == SUCCESS
        return made

    def __call__(self, a, b, c, d, layouts, alpha=1.0, beta=0.0, algo=None, room=None):
        scalar = ctypes.c_double if self.kind == "f8" else ctypes.c_float
        la, lb, lc, ld = layouts
        return self.library.cublasLtMatmul(
            self.handle,
            self.description,
            ctypes.byref(scalar(alpha)),
            address(a),
            la,
            address(b),
            lb,
            ctypes.byref(scalar(beta)),
            address(c),
            lc,
            address(d),
            ld,
            algo,
            address(room) if room is not None else None,
            ctypes.c_size_t(room.nbytes if room is not None else 0),
            None,
        )


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("ta", [0, 1])
@pytest.mark.parametrize("tb", [0, 1])
def test_products(library, kind, ta, tb):
    a, b = normal((5, 7), kind), normal((7, 4), kind)
    c, d = by_columns(normal((5, 4), kind)), by_columns(np.zeros((5, 4), DTYPES[kind]))
    stored = [by_columns(x.T if t else x) for x, t in ((a, ta), (b, tb))]
    matmul = Matmul(library, kind)
    assert matmul.set(TRANSA, ta) == matmul.set(TRANSB, tb) == SUCCESS
    layouts = [matmul.layout(x) for x in (*stored, c, d)]
    assert matmul(*stored, c, d, layouts, alpha=0.5, beta=-2.0) == SUCCESS
    wanted = 0.5 * (a.astype("f8") @ b.astype("f8")) - 2 * c.astype("f8")
    tolerance = TOLERANCE[kind] * 10
    np.testing.assert_allclose(d.astype("f8"), wanted, rtol=tolerance, atol=tolerance)


def test_rows_first_strided_batches_into_wider_rows(library):
    a, b, d = (
        normal((3, 5, 7), "f4"),
        normal((3, 7, 4), "f4"),
        np.zeros((3, 5, 6), "f4"),
    )
    matmul = Matmul(library, "f4")
    layouts = [
        matmul.layout(x, ld, None, 3, x[0].size, rows_first=True)
        for x, ld in ((a, 7), (b, 4), (d[:, :, :4], 6), (d[:, :, :4], 6))
    ]
    for one in layouts[2:]:
        stride = ctypes.c_int64(30)
        library.cublasLtMatrixLayoutSetAttribute(
            one, 6, ctypes.byref(stride), ctypes.c_size_t(8)
        )
    assert matmul(a, b, d, d, layouts) == SUCCESS
    np.testing.assert_allclose(d[:, :, :4], a @ b, rtol=1e-5, atol=1e-5)
    assert (d[:, :, 4:] == 0).all()


def test_half_inputs_with_a_float_result(library):
    a, b, d = by_columns(normal((5, 7), "bf")), by_columns(normal((7, 4), "bf")), None
    d = by_columns(np.zeros((5, 4), "f4"))
    matmul = Matmul(library, "bf")
    layouts = [
        matmul.layout(x, kind=k)
        for x, k in ((a, "bf"), (b, "bf"), (d, "f4"), (d, "f4"))
    ]
    assert matmul(a, b, d, d, layouts) == SUCCESS
    np.testing.assert_allclose(d, a.astype("f4") @ b.astype("f4"), rtol=1e-5, atol=1e-5)


def test_tf32_keeps_ten_bits(library):
    a = by_columns(np.full((1, 1), 1 + 2**-11 + 2**-12, "f4"))
    d = np.zeros((1, 1), "f4")
    matmul = Matmul(library, "f4", compute=77)
    layouts = [matmul.layout(x) for x in (a, a, d, d)]
    assert matmul(a, np.ones((1, 1), "f4"), d, d, layouts) == SUCCESS
    assert d[0, 0] == np.float32(1 + 2**-10)


# ---- epilogues -----------------------------------------------------------------------


def with_epilogue(library, epilogue, a, b, bias=None, aux=None, kind="f4"):
    d = by_columns(np.zeros((a.shape[0], b.shape[1]), DTYPES[kind]))
    matmul = Matmul(library, kind)
    matmul.set(EPILOGUE, epilogue, ctypes.c_uint32)
    if bias is not None:
        matmul.set(BIAS, bias.ctypes.data, ctypes.c_uint64)
        matmul.set(BIAS_TYPE, TYPES[kind])
    if aux is not None:
        matmul.set(AUX, aux.ctypes.data, ctypes.c_uint64)
        matmul.set(AUX_LD, aux.shape[1] * 8, ctypes.c_int64)
    layouts = [matmul.layout(x) for x in (a, b, d, d)]
    return matmul(a, b, d, d, layouts), d


def aligned(shape, dtype):
    room = np.zeros(np.prod(shape) * np.dtype(dtype).itemsize + 256, np.uint8)
    start = -room.ctypes.data % 256
    size = np.prod(shape) * np.dtype(dtype).itemsize
    return room[start : start + size].view(dtype).reshape(shape)


FORWARD = {2: "relu", 4: "bias", 6: "relu bias", 130: "relu aux", 134: "relu aux bias"}


@pytest.mark.parametrize("epilogue", FORWARD)
@pytest.mark.parametrize("kind", ["f4", "bf"])
def test_epilogues_forward_and_back(library, epilogue, kind):
    a, b = by_columns(normal((130, 7), kind)), by_columns(normal((7, 5), kind))
    bias, words = normal(130, kind), FORWARD[epilogue]
    a[0], bias[0] = 0, 0  # so z = 0, whose bit is 1
    aux = aligned((5, 32), np.uint8)  # 256 bits a column
    status, d = with_epilogue(library, epilogue, a, b, bias, aux, kind)
    assert status == SUCCESS
    z = a.astype("f8") @ b.astype("f8") + ("bias" in words) * bias.astype("f8")[:, None]
    wanted = np.maximum(z, 0) if "relu" in words else z
    tolerance = TOLERANCE[kind] * 10
    np.testing.assert_allclose(d.astype("f8"), wanted, rtol=tolerance, atol=tolerance)
    if "aux" not in words:
        return
    bits = np.unpackbits(aux, axis=1, bitorder="little")[:, :130].T
    np.testing.assert_array_equal(bits, z >= 0)
    bgrad = np.zeros(130, DTYPES[kind])
    status, dz = with_epilogue(library, 152, a, b, bgrad, aux, kind)
    assert status == SUCCESS
    gradient = np.where(z >= 0, a.astype("f8") @ b.astype("f8"), 0)
    np.testing.assert_allclose(
        dz.astype("f8"), gradient, rtol=tolerance, atol=tolerance
    )
    np.testing.assert_allclose(
        bgrad.astype("f8"), gradient.sum(1), rtol=tolerance, atol=tolerance * 10
    )


@pytest.mark.parametrize(("epilogue", "which"), [(256, "a"), (512, "b")])
def test_bias_gradients_of_inputs(library, epilogue, which):
    a, b = by_columns(normal((6, 7), "f4")), by_columns(normal((7, 5), "f4"))
    bgrad = np.zeros(6 if which == "a" else 5, "f4")
    status, d = with_epilogue(library, epilogue, a, b, bgrad)
    assert status == SUCCESS
    np.testing.assert_allclose(d, a @ b, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(bgrad, a.sum(1) if which == "a" else b.sum(0), rtol=1e-5)


# ---- what is refused -----------------------------------------------------------------


def broken(library, what):
    """Do one thing wrong and return the status."""
    a, b = by_columns(normal((8, 7), "f4")), by_columns(normal((7, 4), "f4"))
    d = by_columns(np.zeros((8, 4), "f4"))
    matmul = Matmul(library, "f4")
    layouts = {
        name: matmul.layout(x) for name, x in zip("abcd", (a, b, d, d), strict=True)
    }
    aux = aligned((4, 16), np.uint8)
    changes = {
        "a short leading dimension": lambda: layouts.update(a=matmul.layout(a, ld=7)),
        "an inner size that differs": lambda: layouts.update(a=matmul.layout(a.T)),
        "mixed types": lambda: layouts.update(a=matmul.layout(a, kind="f2")),
        "batch counts that differ": lambda: layouts.update(
            a=matmul.layout(a, batches=2)
        ),
        "an unknown epilogue": lambda: matmul.set(EPILOGUE, 3),
        "no bias pointer": lambda: matmul.set(EPILOGUE, 4),
        "no aux pointer": lambda: matmul.set(EPILOGUE, 130),
        "aux rows of 64 bits": lambda: (
            matmul.set(EPILOGUE, 130),
            matmul.set(AUX, aux.ctypes.data, ctypes.c_uint64),
            matmul.set(AUX_LD, 64, ctypes.c_int64),
        ),
        "an epilogue on rows first": lambda: (
            matmul.set(EPILOGUE, 2),
            layouts.update(d=matmul.layout(d, rows_first=True)),
            layouts.update(c=matmul.layout(d, rows_first=True)),
        ),
        "nothing": lambda: None,
    }
    changes[what]()
    return matmul(a, b, d, d, [layouts[name] for name in "abcd"])


REFUSED = [
    ("nothing", SUCCESS),
    ("a short leading dimension", INVALID),
    ("an inner size that differs", INVALID),
    ("mixed types", UNSUPPORTED),
    ("batch counts that differ", INVALID),
    ("an unknown epilogue", UNSUPPORTED),
    ("no bias pointer", INVALID),
    ("no aux pointer", INVALID),
    ("aux rows of 64 bits", INVALID),
    ("an epilogue on rows first", UNSUPPORTED),
]


@pytest.mark.parametrize(("what", "status"), REFUSED)
def test_what_is_refused(library, what, status):
    assert broken(library, what) == status


@pytest.mark.parametrize("epilogue", [136, 152, 256, 512])
def test_gradients_of_sums_of_one_term_are_refused(library, epilogue):
    a, b = by_columns(normal((8, 1), "f4")), by_columns(normal((1, 4), "f4"))
    aux, bias = aligned((4, 16), np.uint8), np.zeros(8, "f4")
    assert with_epilogue(library, epilogue, a, b, bias, aux)[0] == UNSUPPORTED
    assert with_epilogue(library, 134, a, b, bias, aux)[0] == SUCCESS


def test_a_device_may_lack_epilogues(library, monkeypatch):
    monkeypatch.setenv("CUDA_HOST_NO_EPILOGUES", "6 136")
    a, b = by_columns(normal((8, 3), "f4")), by_columns(normal((3, 4), "f4"))
    aux, bias = aligned((4, 16), np.uint8), np.zeros(8, "f4")
    for epilogue, status in ((6, UNSUPPORTED), (136, UNSUPPORTED), (134, SUCCESS)):
        assert with_epilogue(library, epilogue, a, b, bias, aux)[0] == status, epilogue


def test_an_attribute_of_the_wrong_size(library):
    assert Matmul(library, "f4").set(EPILOGUE, 1, ctypes.c_int64) == INVALID


class Heuristic(ctypes.Structure):
    _fields_ = (
        ("algo", ctypes.c_uint64 * 8),
        ("workspace", ctypes.c_size_t),
        ("state", ctypes.c_int),
        ("waves", ctypes.c_float),
        ("reserved", ctypes.c_int * 4),
    )


def test_the_heuristic_promises_workspace_and_alignment(library):
    a, b, d = (aligned(shape, "f4") for shape in ((7, 8), (4, 7), (4, 8)))
    a[...], b[...] = normal((7, 8), "f4"), normal((4, 7), "f4")
    matmul = Matmul(library, "f4")
    layouts = [matmul.layout(x.T) for x in (a, b, d, d)]
    preference, found, result = ctypes.c_void_p(), ctypes.c_int(), Heuristic()
    library.cublasLtMatmulPreferenceCreate(ctypes.byref(preference))
    most = ctypes.c_size_t(1 << 20)
    arguments = (preference, 1, ctypes.byref(most), ctypes.c_size_t(8))
    assert library.cublasLtMatmulPreferenceSetAttribute(*arguments) == SUCCESS
    asked = (matmul.handle, matmul.description, *layouts, preference, 1)
    status = library.cublasLtMatmulAlgoGetHeuristic(
        *asked, ctypes.byref(result), ctypes.byref(found)
    )
    assert (status, found.value, result.state) == (SUCCESS, 1, 0)
    room = aligned((result.workspace,), np.uint8)
    algo = ctypes.byref(result.algo)
    assert matmul(a, b, d, d, layouts, algo=algo, room=room) == SUCCESS
    np.testing.assert_allclose(d, b @ a, rtol=1e-5, atol=1e-5)
    assert (room == 0xFF).all()  # whoever keeps values there loses them
    assert matmul(a, b, d, d, layouts, algo=algo) == INVALID  # no workspace
    shifted = aligned((60,), "f4")[1:]  # four bytes past the promised 256
    assert matmul(shifted, b, d, d, layouts, algo=algo, room=room) == INVALID


# ---- the handle API ------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
def test_gemm_ex_in_batches(library, kind):
    handle = ctypes.c_void_p()
    library.cublasCreate_v2(ctypes.byref(handle))
    a, b = normal((2, 6, 3), kind), normal((2, 5, 6), kind)  # rows of columns
    c = np.zeros((2, 5, 3), DTYPES[kind])
    scalar = ctypes.c_double if kind == "f8" else ctypes.c_float
    status = library.cublasGemmStridedBatchedEx(
        *(handle, 0, 0, 3, 5, 6, ctypes.byref(scalar(1))),
        *(address(a), TYPES[kind], 3, ctypes.c_longlong(18)),
        *(address(b), TYPES[kind], 6, ctypes.c_longlong(30)),
        *(ctypes.byref(scalar(0)), address(c), TYPES[kind], 3, ctypes.c_longlong(15)),
        *(2, COMPUTE[kind], -1),
    )
    assert status == SUCCESS
    wanted = b.astype("f8") @ a.astype("f8")
    tolerance = TOLERANCE[kind] * 10
    np.testing.assert_allclose(c.astype("f8"), wanted, rtol=tolerance, atol=tolerance)


def test_sgemm_with_a_short_leading_dimension(library):
    handle = ctypes.c_void_p()
    library.cublasCreate_v2(ctypes.byref(handle))
    x, one = np.zeros((4, 4), "f4"), ctypes.byref(ctypes.c_float(1))
    run = library.cublasSgemm_v2
    arguments = (one, address(x), 4, address(x), 4, one, address(x))
    assert run(handle, 0, 0, 4, 4, 4, *arguments, 4) == SUCCESS
    assert run(handle, 0, 0, 4, 4, 4, *arguments, 3) == INVALID
    library.cublasGetStatusString.restype = ctypes.c_char_p
    assert library.cublasGetStatusString(7) == b"CUBLAS_STATUS_INVALID_VALUE"


# ---- NVIDIA's own declarations -------------------------------------------------------


def real_headers():
    """Folders with cublasLt.h and cuda_runtime.h, or none: the wheel holds 420 MB."""
    named = os.environ.get("CUDA_HOST_CUBLAS_INCLUDE", "/usr/local/cuda/include")
    folders = (*named.split(os.pathsep), "/usr/local/cuda/include")
    found = all(
        any((Path(folder) / name).exists() for folder in folders)
        for name in ("cublasLt.h", "cuda_runtime.h")
    )
    return folders if found else ()


@pytest.mark.skipif(
    not real_headers(), reason="no cublasLt.h; CUDA_HOST_CUBLAS_INCLUDE"
)
def test_declarations_and_numbers_are_nvidias(tmp_path):
    blas.library(real_headers())  # conflicting declarations would not compile
    text = (blas.SOURCES / "cublas_abi.h").read_text()
    numbers = re.findall(r"\b(CU[A-Z0-9_a-z]+) = (-?\d+)", text)
    assert len(numbers) > 50
    sizes = re.findall(r"data\[\d+\]; } (\w+);", text)
    checks = [f"static_assert({name} == {value});" for name, value in numbers]
    ours = {name: size_of(name) for name in [*sizes, "cublasLtMatmulHeuristicResult_t"]}
    checks += [
        f"static_assert(sizeof({name}) == {size});" for name, size in ours.items()
    ]
    source = tmp_path / "check.cpp"
    source.write_text(
        "#include <cublasLt.h>\n#include <cublas_v2.h>\n" + "\n".join(checks)
    )
    folders = [f"-I{folder}" for folder in real_headers()]
    command = [host_library.compiler(), "-std=c++17", "-fsyntax-only", *folders, source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr


def size_of(name):
    """Ask the compiler for the size of one of our own types."""
    text = (
        f'#include "{blas.SOURCES / "cublas_abi.h"}"\n'
        f'extern "C" size_t size() {{ return sizeof({name}); }}'
    )
    path = host_library.compile_once(".so", text, ("-std=c++17", "-shared", "-fPIC"))
    size = ctypes.CDLL(str(path)).size
    size.restype = ctypes.c_size_t
    return size()
