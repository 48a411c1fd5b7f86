"""A function of numbers in C and in JavaScript; of tensors in JavaScript alone."""

from __future__ import annotations

import json
import re

from gradtutor.codegen.function.lines import Function, NoTextError
from gradtutor.codegen.gpu.c_text import DOUBLES, c_expression
from gradtutor.codegen.text.javascript import runtime, translated
from gradtutor.messages import tr

#: A function of the page's runtime, with the comment above it.
FUNCTION = re.compile(r"(?:/\*\* [^\n]* \*/\n)?function (\w+)\(.*?\n}\n", re.DOTALL)
SHORT = re.compile(r"const (\w+) = \([^\n]*\) =>[^;{]*;\n")
#: Words of C and JavaScript, and functions of C's library, that are no names there.
RESERVED = {
    *("int", "long", "short", "char", "float", "double", "auto", "register", "static"),
    *("switch", "case", "default", "do", "goto", "struct", "union", "enum", "const"),
    *("var", "let", "new", "this", "function", "typeof", "void", "delete", "signed"),
    *("y0", "y1", "yn", "j0", "j1", "jn", "gamma", "inline", "sizeof", "unsigned"),
}


def c_function(found: Function) -> str:
    """Return a file in C: a function that returns the value and writes the gradient.

    Raises
    ------
    NoTextError
        When the formula is one of tensors.
    """
    _refuse_tensors(found, "C")
    names = [f"double {safe_name(name)}" for name in found.arguments]
    pointers = [f"double *d_{safe_name(name)}" for name in found.gradients]
    lines = [
        f"    const double {safe_name(line.name)} = {_in_c(line.text)};"
        for line in found.lines
    ]
    lines += [
        f"    *d_{safe_name(name)} = {_in_c(text)};"
        for name, text in found.gradients.items()
    ]
    signature = ", ".join([*names, *pointers]) or "void"
    return "\n".join(
        [
            f"/* The value of {one_line(found.formula)} and its gradient. */",
            "#include <math.h>",
            "",
            f"double value_and_gradient({signature})",
            "{",
            *lines,
            f"    return {_in_c(found.value)};",
            "}",
            "",
        ]
    )


def javascript_function(found: Function) -> str:
    """Return a module in JavaScript; node and browsers run it.

    Raises
    ------
    NoTextError
        When the formula is one of tensors, or calls what JavaScript lacks.
    """
    _refuse_tensors(found, "JavaScript")
    try:
        lines = [
            f"  const {safe_name(line.name)} = {_in_javascript(line.text)};"
            for line in found.lines
        ]
        pairs = ", ".join(
            f"{json.dumps(name)}: {_in_javascript(text)}"
            for name, text in found.gradients.items()
        )
        value = _in_javascript(found.value)
    except NotImplementedError as error:
        raise NoTextError(str(error)) from None
    text = "\n".join(lines)
    used = _runtime(text)
    arguments = ", ".join(map(safe_name, found.arguments))
    return "\n".join(
        [
            f"// The value of {one_line(found.formula)} and its gradient.",
            *used,
            *[""] * bool(used),
            f"function valueAndGradient({arguments}) {{",
            *lines,
            f"  return {{ value: {value}, gradient: {{ {pairs} }} }};",
            "}",
            "",
            'if (typeof module !== "undefined") module.exports = { valueAndGradient };',
            "",
        ]
    )


def _runtime(text: str) -> list[str]:
    """Return the functions of the runtime that a text calls."""
    head = runtime().split("// ---- tensors ----")[0]
    found = [*SHORT.finditer(head), *FUNCTION.finditer(head)]
    return [
        match[0].rstrip("\n")
        for match in found
        if re.search(rf"(?<![\w.]){match[1]}\(", text)
    ]


def _refuse_tensors(found: Function, language: str) -> None:
    if not found.is_scalar:
        raise NoTextError(
            tr(
                "in {language} a function is written of numbers, and this formula is "
                "one of tensors: write it with --as numpy, jax or torch",
                language=language,
            )
        )


def one_line(text: str) -> str:
    """Return a formula on one line of a comment."""
    return "; ".join(text.strip().splitlines()).replace("*/", "* /")


def safe_name(name: str) -> str:
    """Return a name that is no word of the language."""
    return f"{name}_" if name in RESERVED else name


def _in_c(text: str) -> str:
    """Return an expression in C, numbers as its own literals."""
    return c_expression(text, safe_name, DOUBLES)


def _in_javascript(text: str) -> str:
    return translated(text, safe_name)
