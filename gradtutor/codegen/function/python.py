"""A function in Python: with NumPy, JAX or PyTorch."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

from gradtutor.codegen.function.lines import Function, NoTextError
from gradtutor.codegen.runtime import called
from gradtutor.codegen.text.wrapping import wrapped
from gradtutor.messages import tr

PRINTED = Path(__file__).parent / "printed"
#: What a helper does that an array of JAX or PyTorch does not.
WRITES = re.compile(r"\bout=|\] [-+*/]?= |np\.add\.at|stride_tricks|\.fill\(")
#: Helpers by the library's own function.
IN_JAX = {
    "softmax": "jax.nn.softmax",
    "logsumexp": "jax.scipy.special.logsumexp",
    "erf": "jax.scipy.special.erf",
}
#: NumPy's names by PyTorch's.
IN_TORCH = {
    **{name: name for name in ("maximum", "minimum", "logaddexp", "where", "power")},
    **{name: name for name in ("broadcast_to", "expand_dims", "full", "flip")},
    "cumsum": "cumsum",
    "concatenate": "torch.cat",
}


#: A function of a constant, which PyTorch takes as a tensor alone: torch.log(2).
OF_A_NUMBER = re.compile(r"torch\.(\w+)\((-?(?:\d[\w.+-]*|math\.\w+(?:\(\d+\))?))\)")
#: Methods and attributes by PyTorch's.
IN_TORCH_METHODS = {
    r"\.transpose\(": ".permute(",
    r"keepdims=": "keepdim=",
    r"\.size\b": ".numel()",
    r"\.(max|min)\(": r".a\1(",
    r"\.astype\(int\)": ".long()",
}


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
    calls = called(map(_jax_names, _texts(found)))
    helpers = [own.get(call.__name__) or _in_jax(call) for call in calls]
    lines = [_replaced(_jax_names(line), "np.", "jnp.") for line in _assignments(found)]
    imports = _imports([*lines, *helpers], "import jax\nimport jax.numpy as jnp")
    imports += '\n\njax.config.update("jax_enable_x64", True)'
    body = _function(found, lines, "jnp.asarray({}, float)", "@jax.jit\n")
    return _module(found, imports, helpers, _replaced(body, "np.full", "jnp.full"))


def torch_function(found: Function) -> str:
    """Return a module with the function in PyTorch, of tensors in double precision."""
    functions = _printed_functions("torch_functions.py")
    lines = [_in_torch(line) for line in _assignments(found)]
    text = "\n".join([*lines, *map(_in_torch, found.gradients.values())])
    own = [name for name in functions if re.search(rf"(?<![\w.]){name}\(", text)]
    helpers = [functions[name] for name in ("tensor", *own)]
    ours = re.compile(rf"(?<![\w.])({'|'.join(functions)})\(")
    for call in called(ours.sub(r"own.\1(", text) for text in _texts(found)):
        if call.__name__ not in functions:
            raise NoTextError(
                tr(
                    "{name} has no text in {language}",
                    name=call.__name__,
                    language="PyTorch",
                )
            )
    imports = _imports([*lines, *helpers], "import torch")
    body = _function(found, lines, "tensor({})", number="tensor({})")
    return _module(found, imports, helpers, _in_torch(body))


def _printed_functions(name: str) -> dict[str, str]:
    """Return the functions of a file that is read as text and never imported."""
    text = (PRINTED / name).read_text("utf-8")
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def _in_torch(text: str) -> str:
    """Return NumPy's names as PyTorch's."""

    def named(match: re.Match[str]) -> str:
        name = match[1]
        return IN_TORCH.get(name, f"torch.{name}")

    text = re.sub(r"\bnp\.([\w.]+)", named, text)
    text = OF_A_NUMBER.sub(r"torch.\1(tensor(\2))", text)
    for old, new in IN_TORCH_METHODS.items():
        text = re.sub(old, new, text)
    return text


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
    return _replaced(source, "np.", "jnp.")


def _jax_names(line: str) -> str:
    for name, own in IN_JAX.items():
        line = re.sub(rf"(?<![\w.]){name}\(", f"{own}(", line)
    return line


def _replaced(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(old)}", new, text)


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
