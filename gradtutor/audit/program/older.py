r"""Python of older files and notebooks, made readable; lines stay in place.

>>> print(readable("def f(x):\n    print 'x is', x\n    return x\n%pylab inline"))
def f(x):
    print('x is', x)
    return x
pass  # %pylab inline
"""

from __future__ import annotations

import ast
import re
import warnings

MOST = 200  # statements that are mended
MAGIC = re.compile(r"^(\s*)([%!]\s*\w.*)$")


def readable(text: str) -> str:
    """Put brackets around what Python 2 prints; make a notebook's magic a comment."""
    for _ in range(MOST):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                ast.parse(text)
        except SyntaxError as error:
            mended = _mended(text, error)
            if mended is None:
                return text
            text = mended
        except (ValueError, RecursionError, MemoryError):
            return text
        else:
            return text
    return text


def _mended(text: str, error: SyntaxError) -> str | None:
    """Mend the line that an error is about; None where it is of another kind."""
    lines = text.split("\n")
    first = (error.lineno or 1) - 1
    if not 0 <= first < len(lines):
        return None
    magic = MAGIC.match(lines[first])
    if magic:
        lines[first] = f"{magic[1]}pass  # {magic[2]}"
        return "\n".join(lines)
    last, end = (error.end_lineno or 0) - 1, (error.end_offset or 0) - 1
    printed = "Missing parentheses in call to 'print'" in (error.msg or "")
    if not printed or not first <= last < len(lines):
        return None
    lines[last] = f"{lines[last][:end].rstrip()}){lines[last][end:]}"
    start = (error.offset or 1) - 1
    word = re.compile(r"print\s*(>>\s*[\w.]+\s*,)?\s*")
    lines[first] = lines[first][:start] + word.sub("print(", lines[first][start:], 1)
    return "\n".join(lines)
