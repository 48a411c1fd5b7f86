"""A function in Python: with NumPy, JAX or PyTorch."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from gradtutor.codegen.function.lines import Function, NoTextError
from gradtutor.codegen.runtime import RUNTIME, called
from gradtutor.codegen.text.libraries import Library, in_library, with_module
from gradtutor.codegen.text.wrapping import wrapped
from gradtutor.messages import tr

PRINTED = Path(__file__).parent / "printed"
#: What a helper does that an array of JAX or PyTorch does not.
WRITES = re.compile(r"\bout=|\] [-+*/]?= |np\.add\.at|stride_tricks|\.fill\(")
JAX = Library(
    "jnp",
    helpers={
        "softmax": "jax.nn.softmax",
        "logsumexp": "jax.scipy.special.logsumexp",
        "erf": "jax.scipy.special.erf",
    },
)
#: PyTorch, with functions of ``torch_functions.py`` for what it does otherwise.
TORCH = Library(
    "torch",
    functions={
        **{name: name for name in ("maximum", "minimum", "logaddexp", "where")},
        **{name: name for name in ("power", "broadcast_to", "expand_dims", "full")},
        **{name: name for name in ("flip", "cumsum", "eye")},
        "concatenate": "torch.cat",
    },
    methods={"transpose": "permute", "max": "amax", "min": "amin", "astype": "to"},
    keywords={"keepdims": "keepdim"},
    counted={"size": "numel"},
    number="tensor",
)


def numpy_function(found: Function) -> str:
    """Return a module with the function in NumPy."""
    lines = _assignments(found)
    own = _printed_functions("numpy_functions.py")
    calls = called(_texts(found))
    helpers = [
        own.get(call.__name__) or inspect.getsource(call).rstrip() for call in calls
    ]
    imports = _imports([*lines, *helpers], "import numpy as np")
    head = '@np.errstate(all="ignore")\n' if found.routes else ""
    body = _function(found, lines, "np.asarray({}, float)", head, "np.float64({})")
    return _module(found, imports, helpers, body)


def jax_function(found: Function) -> str:
    """Return a module with the function in JAX, compiled as a whole."""
    own = _printed_functions("jax_functions.py")
    here = found.translated(partial(in_library, library=JAX))
    calls = called(_texts(here))
    helpers = [own.get(call.__name__) or _in_jax(call) for call in calls]
    lines = _assignments(here)
    imports = _imports([*lines, *helpers], "import jax\nimport jax.numpy as jnp")
    imports += '\n\njax.config.update("jax_enable_x64", True)'
    body = _function(here, lines, "jnp.asarray({}, float)", "@jax.jit\n")
    return _module(here, imports, helpers, body)


def torch_function(found: Function) -> str:
    """Return a module with the function in PyTorch, of tensors in double precision."""
    functions = _printed_functions("torch_functions.py")
    here = found.translated(partial(in_library, library=TORCH))
    names = {name for text in _texts(here) for name in _called_names(text)}
    for name in RUNTIME:
        if name in names - set(functions):
            raise NoTextError(
                tr("{name} has no text in {language}", name=name, language="PyTorch")
            )
    helpers = [text for name, text in functions.items() if name in {"tensor", *names}]
    lines = _assignments(here)
    imports = _imports([*lines, *helpers], "import torch")
    body = _function(here, lines, "tensor({})", number="tensor({})")
    return _module(here, imports, helpers, body)


def _called_names(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def _printed_functions(name: str) -> dict[str, str]:
    """Return the functions of a file that is read as text and never imported."""
    text = (PRINTED / name).read_text("utf-8")
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def _in_jax(call: Callable[..., object]) -> str:
    """Return a helper's source in JAX.

    Raises
    ------
    NoTextError
        When it writes into arrays.
    """
    source = inspect.getsource(call).rstrip()
    if WRITES.search(source):
        raise NoTextError(
            tr("{name} has no text in {language}", name=call.__name__, language="JAX")
        )
    return with_module(source, "jnp")


def _texts(found: Function) -> list[str]:
    return [*(line.text for line in found.lines), *found.gradients.values()]


def _assignments(found: Function) -> list[str]:
    return [f"{line.name} = {line.text}" for line in found.lines]


def _imports(lines: list[str], own: str) -> str:
    maths = any("math." in line for line in lines)
    return ("import math\n\n" if maths else "") + own


def _function(
    found: Function, lines: list[str], tensor: str, head: str = "", number: str = ""
) -> str:
    """Return the text of the function itself; arguments are converted as it is said."""
    names = list(found.arguments)
    wanted = ", ".join(found.gradients) or "nothing"
    body = [f'"""Return {found.output} and its gradient by {wanted}."""']
    for name, shape in found.arguments.items():
        convert = tensor if shape else number
        body += [f"{name} = {convert.format(name)}"] if convert else []
    body += wrapped(lines)
    pairs = ", ".join(f"{name}={text}" for name, text in found.gradients.items())
    body += wrapped([f"return {found.value}, dict({pairs})"])
    text = textwrap.indent("\n".join(body), "    ")
    return f"{head}def value_and_gradient({', '.join(names)}):\n{text}"


def _module(found: Function, imports: str, helpers: list[str], function: str) -> str:
    title = "; ".join(found.formula.strip().splitlines()).replace('"""', "'''")
    title = title.replace("\\", "\\\\")
    parts = [f'"""The value of {title}\nand its gradient, by reverse mode."""', imports]
    return "\n\n".join(parts) + "\n\n\n" + "\n\n\n".join([*helpers, function]) + "\n"
