"""The functions of a CuPy script: twins of the helpers, products, fused kernels."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gradtutor.codegen.runtime import RUNTIME
from gradtutor.codegen.text.libraries import with_module

#: The functions that are printed as they stand.
PRINTED = Path(__file__).parent / "printed"
#: Files whose top-level items are printed, in this order.
RULERS = {
    "windows.py": "# ---- windows and convolution ----",
    "cudnn.py": "# ---- convolution: cuDNN ----",
    "implicit.py": "# ---- convolution: a product whose windows are never written ----",
    "pooling.py": "# ---- pooling ----",
    "reductions.py": "# ---- sums, means and largest numbers ----",
    "classes.py": "# ---- classes ----",
    "around.py": "# ---- around a step ----",
    "half.py": "# ---- 16 bits for the factors of products, 32 for sums ----",
    "cublaslt.py": "# ---- matrix products: cuBLASLt, which a CUDA graph can hold ----",
    "nvmath.py": "# ---- matrix products: cuBLASLt, which a CUDA graph can hold ----",
    "products.py": "# ---- products with what follows them ----",
}
#: Files of which a script has one: who calls the library of products.
LIBRARIES = {"ctypes": "cublaslt.py", "nvmath": "nvmath.py"}
#: What CuPy takes from NumPy: types, and what belongs to the host.
HOST = ("ndindex", "random", "float16", "float32", "float64", "int32", "int64")


def as_cupy(text: Any) -> Any:
    """Return NumPy text as CuPy's, in lists too: one of lines is read as a whole.

    >>> as_cupy(["z = np.maximum(", "    z, 0, dtype=np.float32)"])
    ['z = cp.maximum(', '    z, 0, dtype=np.float32)']
    """
    if isinstance(text, str):
        return with_module(text, "cp", kept=HOST)
    if text and isinstance(text, list) and all(isinstance(one, str) for one in text):
        return with_module("\n".join(text), "cp", kept=HOST).split("\n")
    if isinstance(text, list | tuple):
        return type(text)(as_cupy(one) for one in text)
    return text


#: File and text of every function and kernel, by name.
Items = dict[str, tuple[str, str]]


@cache
def _items(products: str) -> Items:
    """Return all functions and kernels."""
    found = {}
    for file in RULERS:
        if file in LIBRARIES.values() and file != LIBRARIES[products]:
            continue
        text = (PRINTED / file).read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if _name(node):
                first = min([node.lineno, *_decorator_lines(node)])
                item = "\n".join(lines[first - 1 : node.end_lineno])
                found[_name(ast.parse(item).body[0])] = file, item
    return found


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        first = target.elts[0] if isinstance(target, ast.Tuple) else target
        return first.id if isinstance(first, ast.Name) else ""
    return ""


def _decorator_lines(node: ast.stmt) -> list[int]:
    return [one.lineno for one in getattr(node, "decorator_list", [])]


def device_functions(
    lines: Sequence[str],
    kernels: Sequence[str],
    extra: Sequence[str] = (),
    products: str = "ctypes",
) -> str:
    """Return the text of all functions and kernels that these lines need.

    Parameters
    ----------
    kernels : sequence of str
        The network's own fused kernels, which come last.
    extra : sequence of str
        Names of more functions that the script's frame calls.
    products : str
        Who calls the library of products, of ``LIBRARIES``.
    """
    items = _items(products)
    used = _closure(items, ["\n".join(lines), *kernels, *extra])
    parts = _twins(items, used)
    for file, ruler in RULERS.items():
        texts = [
            text for name, (home, text) in items.items()
            if home == file and used & {name, *_names_set(text)}
        ]  # fmt: skip
        parts += [ruler, *texts] if texts else []
    return _spaced([*parts, *_with_ruler(kernels)])


def kit_functions(left_out: Collection[str], products: str) -> str:
    """Return the text of all functions and kernels but those of some files."""
    parts = []
    for file, ruler in RULERS.items():
        texts = [text for home, text in _items(products).values() if home == file]
        parts += [ruler, *texts] if texts and file not in left_out else []
    return _spaced(parts)


def own_functions(lines: Sequence[str], kernels: Sequence[str], products: str) -> str:
    """Return a network's own functions and kernels, beside those of a kit."""
    items = _items(products)
    twins = _twins(items, _closure(items, ["\n".join(lines), *kernels]))
    return _spaced([*twins, *_with_ruler(kernels)])


def _twins(items: Items, used: Collection[str]) -> list[str]:
    """Return NumPy's functions of these names as CuPy's."""
    return [
        as_cupy(inspect.getsource(item).rstrip())
        for name, item in RUNTIME.items()
        if name in used and name not in items
    ]


def _with_ruler(kernels: Sequence[str]) -> list[str]:
    ruler = "# ---- pointwise gates of this network, fused ----"
    return [ruler, *kernels] if kernels else []


def _closure(items: Items, texts: Iterable[str]) -> set[str]:
    """Return all names that the texts, and what they use, mention."""
    used: set[str] = set()
    waiting = list(texts)
    while waiting:
        for name in _names(waiting.pop()) - used:
            used.add(name)
            home = items.get(_first_of(items, name))
            if home:
                waiting.append(home[1])
            elif name in RUNTIME:
                waiting.append(inspect.getsource(RUNTIME[name]))
    return used


def _first_of(items: Items, name: str) -> str:
    """Return under which name an item is kept: TRANSPOSE_B is set with TRANSPOSE_A."""
    for first, (_, text) in items.items():
        if name in _names_set(text):
            return first
    return name


@cache
def _names(text: str) -> frozenset[str]:
    """Return the names in Python text, comments and docstrings left out."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return frozenset(
        {node.id for node in names} - {name for name in bound if name.islower()}
    )


@cache
def _names_set(text: str) -> frozenset[str]:
    """Return the names that an assignment of several at once sets."""
    found = ast.parse(text).body[0]
    target = found.targets[0] if isinstance(found, ast.Assign) else None
    parts = target.elts if isinstance(target, ast.Tuple) else []
    return frozenset(part.id for part in parts if isinstance(part, ast.Name))


def _spaced(parts: Sequence[str]) -> str:
    """Put two blank lines around functions, none between short assignments."""
    text = ""
    for part in parts:
        plain = not part.startswith(("def ", "class ", "@", "#"))
        short = plain and "\n" not in part
        before = text.rsplit("\n", 1)[-1]
        joined = short and before and not before.startswith((" ", "#"))
        text += ("\n" if joined and "=" in before else "\n\n\n" if text else "") + part
    return text
