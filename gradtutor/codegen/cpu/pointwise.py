"""Pointwise gates as NumPy calls with ``out=``: their own text taken apart.

``1 / (1 + np.exp(-a))`` becomes four calls; a result that nothing else reads is
overwritten in place.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from gradtutor.codegen.ir.calls import MASKS, Array, Call, Value, overwritable
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.text.numpy_text import compose, numpy_text
from gradtutor.gates import Shape
from gradtutor.gates.shapes import size_product
from gradtutor.graph import operands

UFUNCS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.USub: "negative",
}
RELU_ZEROS = 512  # a row of zeros this long is compared at full speed


def append_pointwise(program: Program, node: str, args: list[str]) -> None:
    """Append the calls of a pointwise gate."""
    data = program.data(node)
    tree = ast.parse(numpy_text(data["gate"], data["attrs"]), mode="eval").body
    bound = dict(zip("abc", args, strict=False))
    uses = [part.id for part in ast.walk(tree) if isinstance(part, ast.Name)]
    spare = {
        arg
        for name, arg in bound.items()
        if args.count(arg) == 1 and uses.count(name) == 1 and _is_spare(program, arg)
    }
    result = _Expression(program, bound, data["shape"], spare, node).calls(tree)
    assert isinstance(result, Value)
    result.node = node
    program.values[node] = result


def _is_spare(program: Program, node: str) -> bool:
    """Whether a value may be overwritten: unnamed, and read only once."""
    if program.base(node) is None or node in program.targets:
        return False
    while program.readers[node] == 1 and not program.data(node)["name"]:
        if node in program.values:
            return True
        node = operands(program.graph, node)[0]
    return False


@dataclass
class _Expression:
    """One gate's expression: the names in it, and the shape of its result."""

    program: Program
    bound: dict[str, str]
    shape: Shape
    spare: set[str]
    node: str

    def calls(self, tree: ast.expr) -> Any:
        """Append the calls of an expression; return its value, node or text."""
        if isinstance(tree, ast.Name) and tree.id in self.bound:
            return self.bound[tree.id]
        name, parts = _function(tree)
        if not name:
            return ast.unparse(tree)
        made = [self.calls(part) for part in parts]
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            return self._helper(name, made)
        if not any(self.program.is_tensor(one) for one in made):
            return compose(
                ast.unparse(_template(tree)), [self.program.text(one) for one in made]
            )
        return self._ufunc(name, made)

    def _helper(self, name: str, made: list[Any]) -> Value:
        """Append the call of a function that is no ufunc, such as erf."""
        value = Value(self.shape, Array(self.shape))
        template = f"out[...] = {name}({', '.join('abc'[: len(made)])})"
        self.program.calls.append(Call(template, made, value, node=self.node))
        return value

    def _ufunc(self, name: str, made: list[Any]) -> Value:
        name, made = self._faster(name, made)
        dtype = "bool" if name in MASKS else "float32"
        array = self._place(made) if dtype == "float32" else None
        value = Value(self.shape, array or Array(self.shape, dtype))
        names = ", ".join("abc"[: len(made)])
        template = f"np.{name}({names}, out=out)"
        if name == "where":  # the one function here that takes no out
            template = f"out[...] = np.where({names})"
        self.program.calls.append(Call(template, made, value, name, node=self.node))
        return value

    def _faster(self, name: str, made: list[Any]) -> tuple[str, list[Any]]:
        """Return a call of the same value that NumPy does faster."""
        if name == "power" and self._is_number(made[1], 2):
            return "square", made[:1]
        if name == "divide" and self._is_number(made[0], 1):
            return "reciprocal", made[1:]
        if name in ("maximum", "minimum") and self._is_number(made[1], 0):
            return name, [made[0], _zeros(self.program, self.shape)]
        return name, made

    def _is_number(self, one: Any, value: float) -> bool:
        """Whether an operand is this constant."""
        if isinstance(one, str) and one in self.program.graph:
            data = self.program.data(one)
            return data["gate"] == "number" and bool(data["value"] == value)
        return bool(one == repr(value))

    def _place(self, made: list[Any]) -> Array | None:
        """Return the array of an argument that the result may overwrite."""
        for one in made:
            value = one if isinstance(one, Value) else None
            if isinstance(one, str) and one in self.spare:
                value = self.program.base(one)
            if value is not None and overwritable(value, self.shape):
                return value.array
        return None


def _function(tree: ast.expr) -> tuple[str, list[ast.expr]]:
    """Return the function that an expression calls and its arguments; "" for none."""
    match tree:
        case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
            return UFUNCS[type(op)], [left, right]
        case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
            return "negative", [operand]
        case ast.Call(ast.Attribute(ast.Name("np"), name) | ast.Name(name), parts):
            return name, parts
    return "", []


def _template(tree: ast.expr) -> ast.expr:
    """Return the expression with its operands as a and b."""
    match tree:
        case ast.BinOp(_, op, _):
            return ast.BinOp(ast.Name("a"), op, ast.Name("b"))
        case ast.UnaryOp(op, _):
            return ast.UnaryOp(op, ast.Name("a"))
        case ast.Compare(_, ops, _):
            return ast.Compare(ast.Name("a"), ops, [ast.Name("b")])
        case ast.Call(func, args):
            names: list[ast.expr] = [ast.Name("abc"[i]) for i in range(len(args))]
            return ast.Call(func, names, [])
    return tree


def _zeros(program: Program, shape: Shape) -> Value:
    """Return zeros to compare with: the last axes, enough for long inner loops."""
    rank = 1
    while rank < len(shape) and _magnitude(shape[-rank:]) < RELU_ZEROS:
        rank += 1
    tail = shape[-rank:]
    for array in program.constants:
        if array.filling == "0.0" and array.shape == tail and not array.name:
            return Value(tail, array)
    program.constants.append(Array(tail, filling="0.0"))
    return Value(tail, program.constants[-1])


def _magnitude(shape: Shape) -> int:
    """Estimate a size, an unknown batch as 32."""
    result = 1
    for part in str(size_product(shape)).split("*"):
        result *= int(part) if part.isdigit() else 32
    return result
