"""Names, and functions with their arguments: sin(x), sin 2x, sin²x, log₂ x."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import pairwise

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.language.formula.doubts import doubt
from gradtutor.language.formula.functions.library import LIBRARY
from gradtutor.language.formula.functions.naming import PREFIXES, known_function
from gradtutor.language.formula.notation.arguments import Arguments
from gradtutor.language.formula.notation.tokens import EXPECTATION, Kind, Token
from gradtutor.language.formula.notation.totals import read_extreme
from gradtutor.language.greek import LETTERS as LETTERS_OF_GREEK
from gradtutor.messages import tr

#: Functions of a tensor that may stand without brackets, too.
BARE = {"sum", "mean", "softmax", "norm", "max", "min", "prod"}
BARE |= {"det", "tr", "trace", "logdet", "var", "std"}
#: The largest and the smallest entry: max_i x_i.
EXTREME = re.compile(r"(max|min)_\w+")
#: Letters that are functions only where a bracket follows.
LETTERS = {"sigma", "σ", "Φ", "Phi"}
#: Letters that are functions rather than factors where a bracket follows.
FUNCTION_LETTERS = set("fghFGHqQΦφϕΨψΓζ")
#: Words of Python and of English that are no names.
RESERVED = {
    *("if", "else", "for", "otherwise", "and", "or", "not", "when", "in", "is", "as"),
    *("lambda", "True", "False", "None", "import", "from", "def", "class", "return"),
    *("del", "while", "with", "try", "assert", "raise", "global", "yield", "await"),
    *("pass", "match", "exec", "eval", "nonlocal", "except", "async"),
}


class Functions(Arguments):
    """Reads what begins with a name."""

    def named(self) -> ast.expr:
        """Read a name, or a function with its argument."""
        token = self.step()
        if token.text == "lambda" and not self._is_python_lambda():
            token = replace(token, text="λ")
        if token.text == "True" and self.here.is_sign(")", "]"):  # the last case
            return self.put(ast.Constant(True), *token.span)
        if token.text in RESERVED:
            raise self._reserved(token)
        name = token.text
        if self.here.kind is Kind.LOWERED:  # log₂ came as one name
            name = f"{name}_{self.step().text}"
        span = (token.span[0], self.last.span[1])
        if name == EXPECTATION and self.here.is_sign("[", "("):
            return self._expectation(span)
        if name == "I" and name not in self.values and self.here.is_sign("("):
            found = self._indicator()
            if found is not None:
                return found
        if name in ("Σ", "Π") and name not in self.values and self._sums():
            self.at -= 1
            return self.total()
        if EXTREME.fullmatch(name) and name not in self.values and self._opens():
            return read_extreme(self, name, span)
        is_function = self.is_function(replace(token, text=name))
        grouped = self.here.is_sign("(") and not (self.here.spaced and self.is_latex)
        if name in LETTERS and not grouped:
            is_function = False
        module = name in PREFIXES and self.here.is_sign(".")
        if is_function and not module and self._opens():
            return self._applied(name, span)
        if not self.here.is_sign("(") or name in self.values or module:
            return self.put(ast.Name(name), *span)
        if self.here.spaced or self._is_factor(name):
            return self.put(ast.Name(name), *span)
        return self.called(self.put(ast.Name(name), *span))

    def _sums(self) -> bool:
        """Whether Σ is a sum here: Σ⁻¹ and Σᵀ are of a matrix."""
        matrix = self.here.is_sign("^") and self.ahead(2).is_sign("-")
        return self._opens() and not matrix

    def _indicator(self) -> ast.expr | None:
        """Read I(x > 0), the indicator of a condition; None where I is a factor."""
        start, notes = self.at, list(self.notes)
        inner = self.bracketed()
        if isinstance(inner, ast.Compare | ast.BoolOp):
            return inner
        self.at, self.notes = start, notes
        return None

    def _expectation(self, span: tuple[int, int]) -> ast.expr:
        """Read 𝔼[x] as the mean of samples, and say so."""
        opened = self.step()
        inner = self.expression()
        end = self.close("]" if opened.is_sign("[") else ")", opened)
        note = tr("the expectation is read as the mean of samples: give x a vector")
        self.notes.append(note)
        return self.call("mean", [inner], (span[0], end.span[1]), span)

    def _is_python_lambda(self) -> bool:
        """Whether a colon follows: lambda x: x**2 is Python's."""
        return any(token.is_sign(":") for token in self.found[self.at :])

    def _reserved(self, token: Token) -> Exception:
        hint = tr("choose another name, such as {name}_", name=token.text)
        return self.fault(
            tr("{sign!r} is a reserved word", sign=token.text), token.span, hint
        )

    def _is_factor(self, name: str) -> bool:
        """Whether x(y + 1) is a product: x stands elsewhere, or names no function."""
        if self.counts.get(name, 0) > 1 and self._stands_alone(name):
            return True
        letter = LETTERS_OF_GREEK.get(name.split("_")[0], name.split("_")[0])
        return len(letter) == 1 and letter not in FUNCTION_LETTERS

    def _stands_alone(self, name: str) -> bool:
        """Whether a name stands somewhere without a bracket: it is no function then."""
        return any(
            token.kind is Kind.NAME and token.text == name and not after.is_sign("(")
            for token, after in pairwise(self.found)
        )

    def _opens(self) -> bool:
        """Whether an argument or an exponent follows a function's name."""
        return (
            self.here.is_sign("^") or self.begins_factor() or (self.here.is_sign("|"))
        )

    def _applied(self, name: str, span: tuple[int, int]) -> ast.expr:
        """Read a function's argument: sin(x), sin x, sin²x, sin^2(x)."""
        start = self.at
        power = None
        if self.here.is_sign("^"):
            sign = self.step()
            power = self.exponent_alone()
            if not self._has_argument():
                self.at = start
                return self.put(ast.Name(name), *span)
            self._inverse(name, span, power)
        call = self._with_argument(name, span)
        if power is None:
            return call
        return self.raised(call, power, sign)

    def exponent_alone(self) -> ast.expr:
        """Read the 2 of sin^2 x: one number, name or bracket, with its sign."""
        minus = self.takes("-")
        value = self._atom_alone()
        if minus is None:
            return value
        node = ast.UnaryOp(ast.USub(), value)
        return self.put(node, minus.span[0], self.span(value)[1])

    def _atom_alone(self) -> ast.expr:
        if self.here.kind is Kind.NAME:
            token = self.step()
            return self.put(ast.Name(token.text), *token.span)
        return self.atom()

    def _has_argument(self) -> bool:
        return self.begins_factor() or self.here.is_sign("|")

    def _inverse(self, name: str, span: tuple[int, int], power: ast.expr) -> None:
        """Refuse sin^-1 x: asin(x) or 1/sin(x)."""
        match power:
            case ast.UnaryOp(ast.USub(), ast.Constant(1)):
                pass
            case _:
                return
        other = {"sin": "asin", "cos": "acos", "tan": "atan"}
        known = f"a{name}" in LIBRARY or f"a{name}" in SPELLINGS
        inverse = other.get(name) or (f"a{name}" if known else "")
        inverse = inverse or {"exp": "log", "log": "exp", "ln": "exp"}.get(name, "")
        if not inverse:
            return
        whole = (span[0], self.span(power)[1])
        raise doubt(self.text, whole, f"{inverse}(x)", f"1/{name}(x)")

    def _with_argument(self, name: str, span: tuple[int, int]) -> ast.expr:
        if self.here.is_sign("("):
            return self.called(self.put(ast.Name(name), *span))
        if not self._takes_bare(name):
            raise self.fault(
                tr("the arguments of {name} need brackets", name=name), span
            )
        self.deeper()
        factors = self._bare_factors(name)
        self.depth -= 1
        argument = factors[0]
        for factor in factors[1:]:
            argument = self.binary(argument, "", factor)
        whole = (span[0], self.span(argument)[1])
        self._open_end(name, whole, argument, factors)
        return self.call(name, [argument], whole, span)

    def _takes_bare(self, name: str) -> bool:
        plain = known_function(name)
        gate = SPELLINGS.get(plain)
        one = isinstance(gate, Pointwise) and gate.arity == (1, 1)
        library = plain in LIBRARY and LIBRARY[plain].required == 1
        return one or library or plain in BARE or plain == "log_base"

    def _bare_factors(self, name: str) -> list[ast.expr]:
        """Read the factors of 2x in sin 2x: up to the next function."""
        factors = [self.power()]
        while self.begins_factor() and not self.is_function(self.here):
            if self._whole_before(factors, self.here):
                raise self._which_argument(name, factors)
            factors.append(self.power())
        return factors

    def _whole_before(self, factors: list[ast.expr], token: Token) -> bool:
        """Whether the argument may have ended: sin x y, but not sin 2x or sin xy."""
        coefficients = all(
            isinstance(one, ast.Constant)
            or (isinstance(one, ast.Name) and one.id in ("pi", "π"))
            for one in factors
        )
        glued = not token.spaced and token.kind is Kind.NAME
        return not coefficients and not glued and not self.is_latex

    def _which_argument(self, name: str, factors: list[ast.expr]) -> Exception:
        start = self.span(factors[0])[0]
        end = self.span(factors[-1])[1]
        inner = self.text[start:end]
        begins = self.at
        self.power()
        more = self.text[self.found[begins].span[0] : self.last.span[1]]
        span = (start, self.last.span[1])
        return doubt(
            self.text, span, f"{name}({inner})*{more}", f"{name}({inner}*{more})"
        )

    def _open_end(
        self,
        name: str,
        span: tuple[int, int],
        argument: ast.expr,
        factors: list[ast.expr],
    ) -> None:
        """Refuse sin x/2 and sin 2*x, where the argument may go on."""
        sign, after = self.here, self.ahead()
        if not sign.is_sign("*", "/", "@") or self.is_latex:
            return
        if sign.spaced and not sign.is_sign("@"):
            return
        if self.is_function(after) or self.last.is_sign(")", "|", "‖"):
            return
        inner = self.text[slice(*self.span(argument))]
        whole = (span[0], after.span[1])
        first = f"{name}({inner}){sign.text}{after.text}"
        second = f"{name}({inner}{sign.text}{after.text})"
        raise doubt(self.text, whole, first, second)
