"""Compile CUDA kernels with the host's C++ compiler, once for each text."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SHIM = Path(__file__).parent / "shim"
FLAGS = [
    "-std=c++17",
    "-O1",
    "-fwrapv",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-gnu-unique",
    "-ffp-contract=off",
    "-fno-strict-aliasing",  # float4 loads of float arrays
    "-fsanitize=bounds",
    "-fsanitize-undefined-trap-on-error",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused",
    "-Wno-unknown-pragmas",
    "-Wno-sign-compare",
    "-Wno-maybe-uninitialized",  # arrays that a loop fills look so to -O1
]


class CompileError(Exception):
    """The host's compiler refused a kernel; the message is the compiler's."""


class Type(ctypes.Structure):
    """What kernel_table.h tells of one parameter."""

    _fields_ = (
        ("pointer", ctypes.c_int),
        ("code", ctypes.c_char_p),
        ("size", ctypes.c_size_t),
    )


def cache_folder() -> Path:
    """Return where compiled libraries lie: ``CUDA_HOST_CACHE``, or one a user."""
    named = os.environ.get("CUDA_HOST_CACHE")
    uid = os.getuid()
    folder = Path(named) if named else Path(tempfile.gettempdir()) / f"cuda-host-{uid}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != uid:
        raise CompileError(f"{folder} belongs to somebody else; set CUDA_HOST_CACHE")
    return folder


def compiler() -> str:
    """Return the C++ compiler's path.

    Raises
    ------
    CompileError
        When there is none.
    """
    found = shutil.which(os.environ.get("CXX", "g++"))
    if found is None:
        raise CompileError("no g++: install it, or name a C++ compiler in CXX")
    return found


def compile_once(name: str, text: str, arguments: tuple[str, ...]) -> Path:
    """Compile a text unless the same was compiled before.

    Parameters
    ----------
    name : str
        How the result's file name ends: ``.so`` or ``.o``.
    text : str
        C++, or C where ``arguments`` say so.
    arguments : tuple of str
        The compiler's arguments, without source and result.
    """
    key = hashlib.sha256("\0".join([text, *arguments, shim_digest()]).encode())
    result = cache_folder() / (key.hexdigest()[:32] + name)
    if result.exists():
        return result
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        source, made = Path(folder) / "text.cpp", Path(folder) / "made"
        source.write_text(text)
        libraries = [argument for argument in arguments if argument.endswith(".o")]
        flags = [argument for argument in arguments if argument not in libraries]
        command = [compiler(), *flags, f"-I{SHIM}", str(source), *libraries]
        done = subprocess.run(
            [*command, "-o", str(made)], capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise CompileError(done.stderr)
        made.replace(result)  # at once: another process may compile the same
    return result


@functools.cache
def shim_digest() -> str:
    """Return a hash of the shim and the compiler's version: a part of every key."""
    digest = hashlib.sha256()
    for file in sorted(SHIM.rglob("*.*")):
        digest.update(file.read_bytes())
    version = subprocess.run([compiler(), "--version"], capture_output=True, timeout=60)
    digest.update(version.stdout)
    return digest.hexdigest()


def compile_kernels(text: str) -> ctypes.CDLL:
    """Compile the text that ``kernel_text.host_text`` made and load it."""
    runtime = compile_once(
        ".o", (SHIM / "fibers.cpp").read_text(), (*FLAGS, "-O2", "-c")
    )
    hidden = "-Wl,-z,start-stop-visibility=hidden"
    path = compile_once(".so", text, (*FLAGS, "-shared", hidden, str(runtime)))
    library = ctypes.CDLL(str(path))
    library.cuda_host_type.restype = Type
    library.cuda_host_type.argtypes = (ctypes.c_int, ctypes.c_int)
    return library
