"""Read CUDA C++ text: which kernels it has, which of them wait, and the host's form."""

from __future__ import annotations

import re

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
KERNEL = re.compile(
    r"\b__global__\b[^;{]*?\b(\w+)\s*\((?!\s*\d)[^;{]*?\)\s*\{", re.DOTALL
)
BOUNDS = re.compile(r"__launch_bounds__\s*\([^)]*\)")
DYNAMIC = re.compile(
    r"extern\s+__shared__\s+((?:__align__\s*\(\s*\d+\s*\)\s*)?)([\w\s:]+?)\s*(\w+)\s*"
    r"\[\s*\]\s*;"
)
FUNCTION = re.compile(r"\b(\w+)\s*\([^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*\{")
WAITS = re.compile(
    r"\b(__sync\w+|__shfl\w*|__(any|all|ballot|reduce_\w+)_sync|this_grid)\b"
)


def without_comments(source: str) -> str:
    """Blank comments out, keeping every line where it is."""
    return COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def kernel_names(source: str) -> list[str]:
    """Name the ``__global__`` functions, templates left out.

    Examples
    --------
    >>> kernel_names("template <class T> __global__ void f(T* x) {} "
    ...              'extern "C" __global__ void __launch_bounds__(256) g(int n) {}')
    ['g']
    """
    text = BOUNDS.sub("", without_comments(source))
    return [
        found[1]
        for found in KERNEL.finditer(text)
        if not re.search(r"template\s*<[^;{}]*>\s*(static\s+)?$", text[: found.start()])
    ]


def closing_brace(text: str, opening: int) -> int:
    """Return the place after the brace that closes the one at ``opening``."""
    depth = 0
    for brace in re.finditer(r"[{}]", text[opening:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return opening + brace.end()
    return len(text)


def function_bodies(source: str) -> dict[str, str]:
    """Map each function's name to its body; bodies of overloads are joined."""
    text = BOUNDS.sub("", without_comments(source))
    bodies: dict[str, str] = {}
    start = 0
    while found := FUNCTION.search(text, start):
        start = closing_brace(text, found.end() - 1)
        bodies[found[1]] = bodies.get(found[1], "") + text[found.end() : start]
    return bodies


def waiting_functions(source: str) -> set[str]:
    """Name the functions whose threads wait for each other, there or in a callee.

    Examples
    --------
    >>> sorted(waiting_functions("void f() { __syncthreads(); } void g() { f(); } "
    ...                          "void h() { }"))
    ['f', 'g']
    """
    text = without_comments(source)
    if "#define" in text and WAITS.search(text):  # a macro may hide the call
        return set(function_bodies(source))
    bodies = function_bodies(source)
    waiting = {name for name, body in bodies.items() if WAITS.search(body)}
    while True:
        callers = {
            name
            for name, body in bodies.items()
            if waiting & set(re.findall(r"\b\w+\b", body))
        }
        if callers <= waiting:
            return waiting
        waiting |= callers


def launch_bounds(source: str) -> dict[str, int]:
    """Map each kernel with ``__launch_bounds__(n)`` to n, where n is a number."""
    text = without_comments(source)
    found = re.finditer(
        r"__launch_bounds__\s*\(\s*(\d+)[^)]*\)[^;{(]*?\b(\w+)\s*\(", text
    )
    return {match[2]: int(match[1]) for match in found}


def host_text(
    source: str, expressions: tuple[str, ...] = (), headers: bool = False
) -> tuple[str, list[str]]:
    """Turn CUDA C++ into a text for g++ with a table of its kernels at the end.

    Parameters
    ----------
    source : str
        CUDA C++ with ``__global__`` functions.
    expressions : tuple of str
        Instances of template kernels to be made, as ``RawModule(name_expressions=)``.
    headers : bool
        Whether CuPy's headers come first, as for all but raw texts.

    Returns
    -------
    text : str
    names : list of str
        The kernels in the order of the table.

    Raises
    ------
    ValueError
        When the text holds no kernel.
    """
    names = [*kernel_names(source), *expressions]
    if not names:
        raise ValueError("the text holds no __global__ function")
    waiting = waiting_functions(source)
    rows = [
        f"CUDA_HOST_KERNEL({int(name.split('<')[0] in waiting)}, {name}),"
        for name in names
    ]
    body = DYNAMIC.sub(
        r"\2* const \3 = reinterpret_cast<\2*>(cuda_host::dynamic_shared);", source
    )
    text = "\n".join(
        [
            '#include "cuda_host.h"',
            '#include "kernel_table.h"',
            *(
                ['#include "carray.h"', "#include <math_constants.h>"]
                if headers
                else []
            ),
            '#line 1 "kernel.cu"',
            body,
            "const cuda_host::Kernel cuda_host::kernels[] = {",
            *rows,
            "};",
        ]
    )
    return text, names
