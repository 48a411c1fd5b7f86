"""Text to Python's syntax tree, within limits and with places that point at the text.

Only ``ast.parse`` touches the text: nothing in it is ever evaluated.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError, LimitError
from gradtutor.language.python_words import in_our_words
from gradtutor.language.slips import find_slip
from gradtutor.messages import key, mark, tr

MAX_LENGTH = 4_000_000  # characters
MAX_NESTING = 2000  # levels of one expression
MAX_BRACKETS = 200  # open at once: MAXLEVEL of CPython's tokenizer
MAX_EXPONENT = 1000  # of a constant exponent

#: Signs people paste from a page, and the Python sign of the same length or longer.
SIGNS = {"^": "**", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "⁄": "/"}
#: What a Chinese or Japanese keyboard writes in full width: （ ） ＊ ， ０ to ９, Ａ.
SIGNS |= {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
SIGNS |= {"＾": "**", "\u3000": " ", "\u00a0": " "}


class Source:
    """A text, its syntax tree, and the way back from a node to its place.

    Raises
    ------
    LimitError
        When the text is too long or nested too deep.
    FormulaSyntaxError
        When Python cannot read it.
    """

    def __init__(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.text = text
        if len(text) > MAX_LENGTH:
            message = tr(
                "the text has {count:,} characters; the limit is {limit:,}",
                count=len(text),
                limit=MAX_LENGTH,
            )
            raise LimitError(
                message, text, (0, 1), tr("split it into smaller formulas")
            )
        pieces = [SIGNS.get(char, char) for char in text]
        self._python = "".join(pieces)
        self._offsets = list(accumulate(map(len, pieces), initial=0))
        lengths = (len(line) + 1 for line in self._python.split("\n"))
        self._starts = list(accumulate(lengths, initial=0))
        self._lines = self._python.split("\n")
        self._bytes: dict[int, list[int]] = {}
        #: Places of what does not stand in the text itself, such as a part of std(x).
        self.places: dict[ast.AST, Span] = {}
        #: What a piece stands for, once looked up.
        self.opened: dict[ast.AST, ast.expr | None] = {}
        #: Names of values: np is a module unless it is one of them.
        self.names: set[str] = set()
        #: What to know of the reading: a default that was assumed.
        self.notes: list[str] = []
        self.tree = self._parse()

    def span(self, node: ast.AST) -> Span:
        """Character offsets of a node in the text as the person wrote it."""
        if node in self.places:
            return self.places[node]
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self._place(line, column), self._place(end_line, end)

    def segment(self, node: ast.AST) -> str:
        """Return the text a node was written as."""
        start, end = self.span(node)
        return self.text[start:end]

    def plain(self, node: ast.AST) -> str:
        """Return the same in the signs of a keyboard: −７ is -7."""
        return "".join(SIGNS.get(char, char) for char in self.segment(node))

    def _place(self, line: int, byte_column: int) -> int:
        return self._original(self._starts[line - 1] + self._column(line, byte_column))

    def _column(self, line: int, byte_column: int) -> int:
        """Python's columns count UTF-8 bytes; return the column in characters."""
        text = self._lines[line - 1]
        if text.isascii():
            return byte_column
        if line not in self._bytes:
            widths = (len(char.encode()) for char in text)
            self._bytes[line] = list(accumulate(widths, initial=0))
        return max(0, bisect_right(self._bytes[line], byte_column) - 1)

    def _original(self, offset: int) -> int:
        if len(self._python) == len(self.text):
            return offset
        return max(0, bisect_right(self._offsets, offset) - 1)

    def _parse(self) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                tree = ast.parse(self._python)
        except SyntaxError as error:
            raise self._syntax_error(error) from None
        except (RecursionError, MemoryError):
            raise self._too_deep((0, 1)) from None
        except UnicodeEncodeError as error:  # bytes of another encoding's terminal
            message, place = tr("this is no text in UTF-8"), (error.start, error.end)
            hint = tr("set the terminal and LC_ALL to UTF-8")
            raise FormulaSyntaxError(message, self.text, place, hint) from None
        except ValueError as error:  # a null byte
            raise FormulaSyntaxError(
                in_our_words(str(error)), self.text, (0, 1)
            ) from None
        for statement in tree.body:
            for node, depth in _depths(statement):
                if depth > MAX_NESTING:
                    raise self._too_deep(self.span(node))
        return tree

    def _too_deep(
        self,
        span: Span,
        said: str = mark("the expression nests more than {limit} levels deep"),
        limit: int = MAX_NESTING,
    ) -> LimitError:
        message = tr(said, limit=limit)
        hint = tr("name parts of it on lines of their own: q = x + y")
        return LimitError(message, self.text, span, hint)

    def _syntax_error(self, error: SyntaxError) -> Exception:
        line = min(error.lineno or 1, len(self._lines))
        column = max(0, (error.offset or 1) - 1)
        start = self._original(self._starts[line - 1] + column)
        start = min(start, max(0, len(self.text) - 1))
        if "too many nested" in error.msg:
            said = mark("brackets nest more than {limit} levels deep")
            return self._too_deep((start, start + 1), said, MAX_BRACKETS)
        if "integer string conversion" in error.msg:
            message, hint = (
                tr("a number with thousands of digits"),
                tr("write it as 1e300"),
            )
            return LimitError(message, self.text, (start, start + 1), hint)
        latex = re.search(r"\\[a-zA-Z]", self.text)
        if latex:
            start, message = latex.start(), tr("LaTeX is read in formulas only")
            hint = tr("write it as a line of text: (a + b)/c, sqrt(x), exp(-x), x^2")
            return FormulaSyntaxError(message, self.text, (start, start + 1), hint)
        written = self.text.split("\n")[line - 1]
        slip = find_slip(written)
        if slip:
            first = self._original(self._starts[line - 1])
            span = (first + slip.span[0], first + slip.span[1])
            return FormulaSyntaxError(slip.message, self.text, span, slip.hint)
        message, hint = _plain_words(error.msg, written)
        if self.text[start : start + 1] == ";":
            message = tr("a semicolon cannot stand here")
            hint = tr("write max(a, b) with a comma")
        if "Sequential" in self.text and "missing" in key(message) + key(hint):
            message = tr("this is not a list of layers")
            hint = tr("a comma, a bracket or a quote is missing: [Linear(8), ReLU()]")
        return FormulaSyntaxError(message, self.text, (start, start + 1), hint)


def _depths(statement: ast.stmt) -> Iterator[tuple[ast.AST, int]]:
    """Yield every expression node with its depth, without recursion.

    A level costs at least a character, so a short statement on one line is passed over.
    """
    one_line = statement.lineno == statement.end_lineno
    if one_line and (statement.end_col_offset or 0) <= MAX_NESTING:
        return
    stack: list[tuple[ast.AST, int]] = [(statement, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, ast.expr):
            yield node, depth
        stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _plain_words(message: str, line: str) -> tuple[str, str]:
    """Say a Python syntax error in the words of formulas."""
    if message.startswith("cannot assign to"):
        return tr("only a name can stand before ="), _assignment_hint(line)
    words = [word for word in re.findall(r"\w+", line) if keyword.iskeyword(word)]
    if words and words != ["if", "else"]:
        word = words[0]
        return tr("{word!r} is a reserved word", word=word), tr(
            "choose another name, such as {word}_", word=word
        )
    if re.search(r"\d[^\W\d_]|\)\s*\(|\d\s*\(|\)\s*\w", line) and "(" not in message:
        return tr("an operator is missing here"), tr(
            "write a product with *: 2*x, (a)*(b)"
        )
    if "invalid character" in message or "invalid non-printable" in message:
        return in_our_words(message), tr(
            "only letters, digits, + - * / ^ @ ( ) and comparisons"
        )
    if "Perhaps you forgot a comma" in message:
        return tr("an operator or a comma is missing here"), tr(
            "write a product with *: x*y"
        )
    if message == "invalid syntax":
        return (
            tr("this is not a formula"),
            tr("an operator or operand is missing or one too many"),
        )
    return in_our_words(message), ""


def _assignment_hint(line: str) -> str:
    """Say how to name a formula; of f(x) = x**2 that the inputs need no list."""
    match = re.match(r"\s*([^\W\d]\w*)\s*\([\w\s,]*\)\s*=(?!=)\s*(.+)", line)
    if not match:
        return tr("as in y = 2*x + 1")
    return tr(
        "write {name} = {formula}: its inputs are found by themselves",
        name=match[1],
        formula=match[2].strip(),
    )
