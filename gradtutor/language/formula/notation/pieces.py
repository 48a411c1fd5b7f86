"""What stands between operators: numbers, names, brackets, bars, roots, functions."""

from __future__ import annotations

import ast
import unicodedata
from abc import abstractmethod

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.language.formula.library import LIBRARY
from gradtutor.language.formula.naming import PREFIXES, known_function
from gradtutor.language.formula.notation.cursor import Cursor
from gradtutor.language.formula.notation.doubts import doubt
from gradtutor.language.formula.notation.names import starts_operand
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.language.formula.opening import chosen
from gradtutor.language.formula.trees import Numeral

#: Functions of a tensor that may stand without brackets, too.
BARE = {"sum", "mean", "softmax", "norm", "max", "min", "prod"}
#: Letters that are functions only where a bracket follows.
LETTERS = {"sigma", "σ", "Φ", "Phi"}
#: Letters that are functions rather than factors where a bracket follows.
FUNCTION_LETTERS = set("fghFGHqQ")
ROOTS = {"√": 2, "∛": 3, "∜": 4}
RESERVED = {"if", "else", "for", "otherwise", "and", "or", "not", "when", "lambda"}
#: The norm that an index names: ‖x‖₁.
NORMS = {"1": "norm_1", "2": "norm", "F": "norm", "∞": "norm_inf", "inf": "norm_inf"}


class Pieces(Cursor):
    """Reads operands."""

    bars = 0  # |x| that are open
    norms = 0
    cases = 0  # {x if x > 0, 0 otherwise} that are open
    is_latex = False
    values: set[str]
    #: Names with an index that runs: vectors.
    vectors: set[str]
    counts: dict[str, int]

    @abstractmethod
    def expression(self) -> ast.expr:
        """Read an expression."""

    @abstractmethod
    def power(self) -> ast.expr:
        """Read an operand with its exponent."""

    @abstractmethod
    def exponent(self) -> ast.expr:
        """Read an exponent."""

    @abstractmethod
    def raised(self, base: ast.expr, exponent: ast.expr, sign: Token) -> ast.expr:
        """Make a power."""

    @abstractmethod
    def begins_factor(self) -> bool:
        """Whether another factor follows without a sign."""

    @abstractmethod
    def _disjunction(self) -> ast.expr:
        """Read a condition."""

    # ---- operands ----

    def operand(self) -> ast.expr:
        """Read one operand with what follows it: x[0], x.T, x'."""
        node = self._atom()
        while True:
            if self.here.is_sign("[") and not self.here.spaced and self._indexable(node):
                node = self._indexed(node)
            elif self.here.is_sign(".") and self.ahead().kind is Kind.NAME:
                node = self._attribute(node)
            else:
                return node

    def _indexable(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.Attribute)

    def _atom(self) -> ast.expr:
        token = self.here
        if token.kind is Kind.NUMBER:
            self.step()
            return self._mixed(self.number(token.text, token.span))
        if token.kind is Kind.FRACTION:
            self.step()
            return self._fraction(token)
        if token.kind is Kind.TEXT:
            self.step()
            return self.put(ast.Constant(token.text), *token.span)
        if token.kind is Kind.NAME:
            return self._named()
        reader = {
            **{"(": self._bracket, "[": self._list, "{": self._cases, "⟨": self._inner},
            **{"|": self._absolute, "‖": self._norm, "∑": self._total, "∏": self._total},
            **dict.fromkeys(ROOTS, self._root),
        }.get(token.text)
        if token.kind is not Kind.SIGN or reader is None:
            raise self.fault("this is not a formula", token.span)
        self.deeper()
        node = reader()
        self.depth -= 1
        return node

    def _mixed(self, whole: ast.expr) -> ast.expr:
        """Read 1½ as one number."""
        token = self.here
        if token.kind is not Kind.FRACTION or token.spaced:
            return whole
        self.step()
        assert isinstance(whole, Numeral)
        value = whole.value + unicodedata.numeric(token.text)  # type: ignore[operator]
        return self.put(Numeral(value), self.span(whole)[0], token.span[1])

    def _fraction(self, token: Token) -> ast.expr:
        above, _, below = unicodedata.normalize("NFKC", token.text).partition("⁄")
        parts = [self.number(part, token.span) for part in (above, below)]
        return self.binary(parts[0], "/", parts[1])

    # ---- brackets ----

    def _bracket(self) -> ast.expr:
        opened = self.step()
        bars, norms, cases = self.bars, self.norms, self.cases
        self.bars = self.norms = self.cases = 0
        items = [] if self.here.is_sign(")") else [self._argument()]
        while self.takes(","):
            if not self.here.is_sign(")"):
                items.append(self._argument())
        is_tuple = len(items) != 1 or self.last.is_sign(",")
        self.bars, self.norms, self.cases = bars, norms, cases
        end = self.close(")", opened)
        if is_tuple:
            return self.put(ast.Tuple(items), opened.span[0], end.span[1])
        return self._widened(items[0], opened, end)

    def _widened(self, node: ast.expr, opened: Token, end: Token) -> ast.expr:
        """Let a bracketed part's place hold its brackets, for messages and carets."""
        self.places[node] = (opened.span[0], end.span[1])
        return node

    def _argument(self) -> ast.expr:
        return self.expression()

    def _list(self) -> ast.expr:
        """Read a list of numbers, or square brackets that group."""
        opened = self.step()
        items = []
        while not self.here.is_sign("]"):
            items.append(self.expression())
            if not self.takes(","):
                break
        end = self.close("]", opened)
        plain = len(items) != 1 or self._is_literal(items[0])
        if plain:
            return self.put(ast.List(items), opened.span[0], end.span[1])
        return self._widened(items[0], opened, end)

    def _is_literal(self, node: ast.expr) -> bool:
        if isinstance(node, ast.UnaryOp):
            node = node.operand
        return isinstance(node, ast.Constant | ast.List)

    def _inner(self) -> ast.expr:
        """Read ⟨x, y⟩ as x @ y."""
        opened = self.step()
        left = self.expression()
        if not self.takes(","):
            raise self.fault("an inner product has two parts", hint="as in ⟨x, y⟩")
        right = self.expression()
        end = self.close("⟩", opened)
        return self._widened(self.binary(left, "@", right), opened, end)

    def _cases(self) -> ast.expr:
        """Read {x if x > 0, 0 otherwise}, or braces that only group."""
        opened = self.step()
        self.cases += 1
        cases: list[tuple[ast.expr, ast.expr]] = []
        value = self.expression()
        while self._condition_follows():
            test = self._disjunction()
            cases.append((value, test))
            self.takes(",")
            if self.here.kind is Kind.LINE:
                self.step()
            if self.word("else", "otherwise") and not starts_operand(self.here):
                raise self.fault("a value is missing before otherwise")
            value = self.expression()
        self._otherwise()
        self.cases -= 1
        end = self.close("}", opened)
        if not cases:
            return self._widened(value, opened, end)
        return self._chosen(cases, value, opened, end)

    def _condition_follows(self) -> bool:
        """Whether this value's condition follows: if, for, or a comma and it."""
        if self.word("if", "for", "when"):
            return True
        if not self.here.is_sign(","):
            return False
        if self.ahead().text in ("otherwise", "else"):
            return False
        self.step()
        self.word("if", "for", "when")
        return True

    def _otherwise(self) -> None:
        self.takes(",")
        self.word("otherwise", "else")
        if self.here.kind is Kind.LINE:
            self.step()

    def _chosen(
        self,
        cases: list[tuple[ast.expr, ast.expr]],
        otherwise: ast.expr,
        opened: Token,
        end: Token,
    ) -> ast.expr:
        span = (opened.span[0], end.span[1])
        node = chosen(cases, otherwise)
        stack: list[ast.AST] = [node]
        while stack:
            part = stack.pop()
            if part not in self.places:
                self.places[part] = span
                stack.extend(ast.iter_child_nodes(part))
        return node

    def _absolute(self) -> ast.expr:
        opened = self.step()
        doubled = self.here.is_sign("|") and not self.here.spaced
        self.bars += 1
        inner = self.expression()
        self.bars -= 1
        end = self.close("|", opened)
        span = (opened.span[0], end.span[1])
        if doubled and isinstance(inner, ast.Call) and self._fills(inner, span):
            return self._normed(inner.args[0], span)
        return self.call("abs", [inner], span)

    def _fills(self, inner: ast.Call, span: tuple[int, int]) -> bool:
        """Whether |…| stands in |…| without anything between: a norm."""
        return (
            isinstance(inner.func, ast.Name)
            and inner.func.id == "abs"
            and self.span(inner) == (span[0] + 1, span[1] - 1)
        )

    def _norm(self) -> ast.expr:
        opened = self.step()
        self.norms += 1
        inner = self.expression()
        self.norms -= 1
        end = self.close("‖", opened)
        return self._normed(inner, (opened.span[0], end.span[1]))

    def _normed(self, inner: ast.expr, span: tuple[int, int]) -> ast.expr:
        """Read which norm it is: ‖x‖₂, ‖x‖_1, ‖A‖_F."""
        kind = "2"
        token = self.here
        lowered = token.kind is Kind.LOWERED or (
            token.kind is Kind.NAME and token.text.startswith("_")
        )
        if lowered:
            kind = self.step().text.lstrip("_")
        elif self.takes("_"):
            kind = self.step().text
            if kind == "{":
                kind = self.step().text
                self.takes("}")
        if kind not in NORMS:
            raise self.fault(f"the norm {kind} is not read", token.span, "1, 2, F or ∞")
        return self.call(NORMS[kind], [inner], (span[0], self.last.span[1]))

    def _root(self) -> ast.expr:
        sign = self.step()
        inner = self.power()
        glued = starts_operand(self.here) and not self.here.spaced
        if glued and not self.last.is_sign(")", "}", "]"):
            more = self.here
            span = (sign.span[0], more.span[1])
            radicand = self.segment(inner)
            first = f"{sign.text}({radicand})*{more.text}"
            second = f"{sign.text}({radicand}*{more.text})"
            raise doubt(self.text, span, first, second)
        span = (sign.span[0], self.span(inner)[1])
        return self.rooted(inner, ROOTS[sign.text], span)

    def rooted(self, inner: ast.expr, degree: int, span: tuple[int, int]) -> ast.expr:
        """Make a square root, a cube root, or a fourth one."""
        if degree == 2:
            return self.call("sqrt", [inner], span)
        if degree == 3:
            return self.call("cbrt", [inner], span)
        exponent = self.binary(self.number("1", span), "/", self.number(str(degree), span))
        return self.put(ast.BinOp(inner, ast.Pow(), exponent), *span)

    # ---- sums over an index ----

    def _total(self) -> ast.expr:
        """Read ∑ x, ∑_i x_i and ∑_{i=1}^{n} x_i^2 over vectors."""
        from gradtutor.language.formula.notation.totals import read_total

        return read_total(self)

    # ---- names ----

    def _named(self) -> ast.expr:
        token = self.step()
        if token.text in RESERVED:
            raise self._reserved(token)
        name = token.text
        if self.here.kind is Kind.LOWERED:  # log₂ came as one name
            name = f"{name}_{self.step().text}"
        span = (token.span[0], self.last.span[1])
        if name in ("Σ", "∏") and name not in self.values and self._opens():
            return self._applied("sum", span)
        is_function = known_function(name) and name not in self.values
        if name in LETTERS and not self.here.is_sign("("):
            is_function = ""
        module = name in PREFIXES and self.here.is_sign(".")
        if is_function and not module and self._opens():
            return self._applied(name, span)
        if not self.here.is_sign("(") or name in self.values or module:
            return self.put(ast.Name(name), *span)
        if self.here.spaced or self._is_factor(name):
            return self.put(ast.Name(name), *span)
        return self._called(self.put(ast.Name(name), *span))

    def _reserved(self, token: Token) -> Exception:
        hint = f"choose another name, such as {token.text}_"
        return self.fault(f"{token.text!r} is a reserved word", token.span, hint)

    def _is_factor(self, name: str) -> bool:
        """Whether x(y + 1) is a product: x is used elsewhere, or no function's letter."""
        if self.counts.get(name, 0) > 1:
            return True
        letter = name.split("_")[0]
        return len(letter) == 1 and letter not in FUNCTION_LETTERS

    def _opens(self) -> bool:
        """Whether an argument or an exponent follows a function's name."""
        return self.here.is_sign("^") or self.begins_factor() or (
            self.here.is_sign("|")
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
        return self._atom()

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
        inverse = other.get(name) or (f"a{name}" if f"a{name}" in LIBRARY else "")
        inverse = inverse or {"exp": "log", "log": "exp", "ln": "exp"}.get(name, "")
        if not inverse:
            return
        whole = (span[0], self.span(power)[1])
        raise doubt(self.text, whole, f"{inverse}(x)", f"1/{name}(x)")

    def _with_argument(self, name: str, span: tuple[int, int]) -> ast.expr:
        if self.here.is_sign("("):
            return self._called(self.put(ast.Name(name), *span))
        if not self._takes_bare(name):
            raise self.fault(f"the arguments of {name} need brackets", span)
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
        while self.begins_factor() and not self._is_function(self.here):
            if self._whole_before(factors, self.here):
                raise self._which_argument(name, factors)
            factors.append(self.power())
        return factors

    def _is_function(self, token: Token) -> bool:
        known = token.kind is Kind.NAME and known_function(token.text)
        return bool(known) and token.text not in self.values

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
        inner, more = self.text[start:end], self.here.text
        first = self.at
        self.power()
        more = self.text[self.found[first].span[0] : self.last.span[1]]
        span = (start, self.last.span[1])
        return doubt(self.text, span, f"{name}({inner})*{more}", f"{name}({inner}*{more})")

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
        if self._is_function(after) or self.last.is_sign(")", "|", "‖"):
            return
        inner = self.text[slice(*self.span(argument))]
        whole = (span[0], after.span[1])
        first = f"{name}({inner}){sign.text}{after.text}"
        second = f"{name}({inner}{sign.text}{after.text})"
        raise doubt(self.text, whole, first, second)

    # ---- calls, indices, attributes ----

    def _called(self, func: ast.expr) -> ast.expr:
        opened = self.step()
        self.deeper()
        bars, norms, cases = self.bars, self.norms, self.cases
        self.bars = self.norms = self.cases = 0
        args: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        while not self.here.is_sign(")"):
            self._argument_into(args, keywords)
            if not self.takes(","):
                break
        self.bars, self.norms, self.cases = bars, norms, cases
        end = self.close(")", opened)
        self.depth -= 1
        node = ast.Call(func, args, keywords)
        return self.put(node, self.span(func)[0], end.span[1])

    def _argument_into(
        self, args: list[ast.expr], keywords: list[ast.keyword]
    ) -> None:
        if self.here.kind is Kind.NAME and self.ahead().is_sign("="):
            name = self.step()
            self.step()
            value = self._keyword_value()
            keyword = ast.keyword(name.text, value)
            self.places[keyword] = (name.span[0], self.span(value)[1])
            keywords.append(keyword)
        else:
            args.append(self._keyword_value())

    def _keyword_value(self) -> ast.expr:
        constants = {"None": None, "True": True, "False": False}
        if self.here.kind is Kind.NAME and self.here.text in constants:
            token = self.step()
            return self.put(ast.Constant(constants[token.text]), *token.span)
        return self.expression()

    def _indexed(self, node: ast.expr) -> ast.expr:
        opened = self.step()
        items = [self._position()]
        while self.takes(","):
            items.append(self._position())
        end = self.close("]", opened)
        index = items[0]
        if len(items) > 1:
            index = self.put(ast.Tuple(items), opened.span[0], end.span[1])
        whole = ast.Subscript(node, index)
        return self.put(whole, self.span(node)[0], end.span[1])

    def _position(self) -> ast.expr:
        start = self.here.span[0]
        parts: list[ast.expr | None] = [None]
        while not self.here.is_sign(",", "]") and self.here.kind is not Kind.END:
            if self.takes(":"):
                parts.append(None)
            else:
                parts[-1] = self.expression()
        if len(parts) == 1 and parts[0] is not None:
            return parts[0]
        node = ast.Slice(*parts[:3])
        return self.put(node, start, self.last.span[1])

    def _attribute(self, node: ast.expr) -> ast.expr:
        self.step()
        name = self.step()
        whole = self.put(
            ast.Attribute(node, name.text), self.span(node)[0], name.span[1]
        )
        return self._called(whole) if self.here.is_sign("(") else whole

