"""A graph as a list of NumPy calls that write into arrays allocated once.

Every gate's own text is taken apart: ``1 / (1 + np.exp(-a))`` becomes four calls with
``out=``. A result that nothing else reads is overwritten in place.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.codegen.into import INTO
from gradtutor.codegen.numba_into import NUMBA_INTO, windows_copy
from gradtutor.codegen.passes import needed
from gradtutor.codegen.numpy_text import compose, fill, number_text, numpy_text
from gradtutor.gates import GATES, Dimension, Pointwise, Shape
from gradtutor.gates.shapes import size_product
from gradtutor.graph import Graph, operands

#: Gates whose result is another look at their first argument's numbers.
VIEWS = {"reshape", "transpose", "slice", "broadcast", "flip", "windows"}
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
IN_PLACE = {"add": "+=", "subtract": "-=", "multiply": "*=", "divide": "/="}
MASKS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
#: What an array without a name is called, by the gate that fills it.
STEMS = {
    "reshape": "columns",
    "matmul": "product",
    "pad": "padded",
    "max_pool": "pooled",
    "avg_pool": "pooled",
    "max_unpool": "routed",
    "mean_unpool": "spread",
    "sub": "difference",
    "pow": "square",
    "mul": "scaled",
}
RELU_ZEROS = 512  # a row of zeros this long is compared at full speed


@dataclass
class Array:
    """Memory for one value, or for several that follow each other in place."""

    shape: Shape
    dtype: str = "float32"
    name: str = ""
    external: bool = False
    filling: str = ""  # what it is filled with when it is made


@dataclass
class Value:
    """What a call computes; ``array`` is where it is kept."""

    shape: Shape
    array: Array
    node: str | None = None


Operand = Value | str


@dataclass
class Call:
    """One line of the script: a template in a, b, c and out."""

    template: str
    args: list[Any]  # node names, Values or literal texts
    out: Value | None
    ufunc: str = ""
    scalar: str = ""  # the name that a number is given
    node: str = ""
    others: list[Value] = field(default_factory=list)  # what a loop writes besides

    @property
    def outs(self) -> list[Value]:
        """All that the call writes."""
        return ([self.out] if self.out else []) + self.others


@dataclass
class Operations:
    """The calls of a graph in order, and the arrays they write."""

    graph: Graph
    targets: Mapping[str, str]
    batch: int = 64
    backend: str = "numpy"
    calls: list[Call] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    scalars: dict[str, str] = field(default_factory=dict)
    constants: list[Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order = needed(self.graph, self.targets)
        self.readers = self._readers()
        self.counter = itertools.count(1)
        self.done: set[str] = set()
        for node in self.order:
            if node not in self.done:
                self._node(node)
        self._name_arrays()

    def _readers(self) -> dict[str, int]:
        count = dict.fromkeys(self.order, 0)
        for node in self.order:
            for arg in operands(self.graph, node):
                count[arg] += 1
        for node in self.targets:
            count[node] += 1
        return count

    # ---- one node ----

    def _node(self, node: str) -> None:
        data = self.graph._node[node]
        gate = data["gate"]
        if gate in ("input", "number"):
            return
        args = operands(self.graph, node)
        if gate == "size":
            self.scalars[node] = self._size_text(args[0], data["attrs"])
        elif gate == "reshape" and self._is_windows(args[0]):
            self._copy_windows(node, args[0])
        elif gate in VIEWS:
            if node in self.targets and not self._base(args[0]):
                self._call(node, f"out[...] = {numpy_text(gate, data['attrs'])}", args)
        elif data["shape"] == ():
            self._scalar(node, data, args)
        elif isinstance(GATES[gate], Pointwise):
            self._pointwise(node, data, args)
        else:
            self._structural(node, data, args)

    def _is_windows(self, node: str) -> bool:
        return bool(self.graph._node[node]["gate"] == "windows")

    def _base(self, node: str) -> Value | None:
        """Return the value that a chain of reshapes looks at."""
        while self.graph._node[node]["gate"] == "reshape" and node not in self.values:
            node = operands(self.graph, node)[0]
        return self.values.get(node)

    def _size_text(self, node: str, attrs: Mapping[str, Any]) -> str:
        shape = self.graph._node[node]["shape"]
        axis = attrs.get("axis")
        if axis is not None:
            axes = (axis,) if isinstance(axis, int) else axis
            shape = tuple(shape[one] for one in axes)
        return str(size_product(shape)).replace("*", " * ")

    def _copy_windows(self, node: str, source: str) -> None:
        """Copy windows into a matrix: im2col."""
        data = self.graph._node[source]
        sizes = ["-1" if isinstance(size, str) else str(size) for size in data["shape"]]
        target = f"out.reshape({', '.join(sizes)})"
        if self.backend == "numba":
            text = windows_copy(data["attrs"], data["shape"], target)
            if text is not None:
                self._call(node, text, operands(self.graph, source))
                return
        self._call(node, f"np.copyto({target}, a)", [source])

    def _scalar(self, node: str, data: dict[str, Any], args: list[str]) -> None:
        gate = data["gate"]
        text = numpy_text(gate, data["attrs"])
        if isinstance(GATES[gate], Pointwise) and not data["name"]:
            parts = [self.scalars.get(arg, self._leaf(arg)) for arg in args]
            self.scalars[node] = compose(text, parts)
            return
        name = data["name"] or f"{gate}_{next(self.counter)}"
        twin = self._slope(node, args) if gate == "cross_entropy" else None
        if twin is not None:
            value = self._new(twin, self.graph._node[twin]["shape"])
            text = "softmax_cross_entropy(a, b, out)"
            self.calls.append(Call(text, args, value, scalar=name, node=node))
            self.done.add(twin)
        else:
            self.calls.append(Call(text, args, None, scalar=name, node=node))
        self.scalars[node] = name

    def _slope(self, node: str, args: list[str]) -> str | None:
        """Return the gradient of a cross-entropy, which is computed with it."""
        for other in self.order:
            if self.graph._node[other]["gate"] == "cross_entropy_slope" and args == (
                operands(self.graph, other)
            ):
                return other
        return None

    def _leaf(self, node: str) -> str:
        data = self.graph._node[node]
        return number_text(data["value"]) if data["gate"] == "number" else data["name"]

    def _structural(self, node: str, data: dict[str, Any], args: list[str]) -> None:
        shapes = [self.graph._node[arg]["shape"] for arg in args]
        write = INTO.get(data["gate"])
        text = numpy_text(data["gate"], data["attrs"])
        template = write(data["attrs"], shapes) if write else f"out[...] = {text}"
        if self.backend == "numba" and data["gate"] in NUMBA_INTO:
            template = NUMBA_INTO[data["gate"]](data["attrs"], shapes) or template
        if data["gate"] == "matmul":
            template, args = self._product(template, args)
        self._call(node, template, args)
        if data["gate"] == "pad":
            self.values[node].array.filling = repr(data["attrs"].get("value", 0.0))
            self.constants.append(self.values[node].array)

    def _product(self, usual: str, args: list[str]) -> tuple[str, list[str]]:
        """Choose how BLAS gets a product: in slices where one side is very long."""
        a, b = args
        shapes = [self.graph._node[arg]["shape"] for arg in args]
        if len(shapes[0]) != 2 or len(shapes[1]) != 2 or isinstance(shapes[0][0], str):
            return usual, args
        (rows, inner), (_, columns) = shapes
        turned = self.graph._node[b]["gate"] == "transpose" and not self._is_named(b)
        if is_long(inner) and turned and isinstance(columns, int):
            source = operands(self.graph, b)[0]
            narrow = min(rows, columns) < 8
            largest = 0 if narrow else 900
            slices = slice_count(rows * columns, inner, self.batch, largest)
            return f"long_dot(a, b, {slices}, out)", [a, source]
        if is_long(columns) and isinstance(inner, int):
            largest = 0 if min(rows, inner) < 8 else 256
            slices = slice_count(rows * inner, columns, self.batch, largest)
            if slices > 1:
                return f"wide_dot(a, b, {slices}, out)", args
        return usual, args

    def _is_named(self, node: str) -> bool:
        return node in self.values

    def _call(self, node: str, template: str, args: list[str]) -> None:
        value = self._new(node, self.graph._node[node]["shape"])
        self.calls.append(Call(template, list(args), value, node=node))

    def _new(self, node: str | None, shape: Shape, dtype: str = "float32") -> Value:
        value = Value(shape, Array(shape, dtype), node)
        if node is not None:
            self.values[node] = value
        return value

    # ---- pointwise gates: their text taken apart ----

    def _pointwise(self, node: str, data: dict[str, Any], args: list[str]) -> None:
        text = numpy_text(data["gate"], data["attrs"])
        tree = ast.parse(text, mode="eval").body
        bound = dict(zip("abc", args, strict=False))
        spare = {arg for arg in args if args.count(arg) == 1 and self._spare(arg)}
        uses = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
        spare -= {bound[name] for name in bound if uses.count(name) > 1}
        result = self._expression(tree, bound, data["shape"], spare, node)
        assert isinstance(result, Value)
        result.node = node
        self.values[node] = result

    def _spare(self, node: str) -> bool:
        """Whether a value may be overwritten: unnamed, and read only once."""
        base = self._base(node)
        if base is None or self.graph._node[node]["name"] or node in self.targets:
            return False
        chain = node
        while True:
            if self.readers[chain] != 1 or self.graph._node[chain]["name"]:
                return False
            if chain in self.values:
                return True
            chain = operands(self.graph, chain)[0]

    def _expression(
        self, tree: ast.expr, bound: dict[str, str], shape: Shape, spare: set[str],
        node: str,
    ) -> Any:
        """Append the calls of an expression; return its value, node or text."""
        match tree:
            case ast.Name(name) if name in bound:
                return bound[name]
            case ast.BinOp(left, op, right):
                parts, name = [left, right], UFUNCS[type(op)]
            case ast.Compare(left, [op], [right]):
                parts, name = [left, right], UFUNCS[type(op)]
            case ast.UnaryOp(ast.USub(), operand) if not isinstance(
                operand, ast.Constant
            ):
                parts, name = [operand], "negative"
            case ast.Call(ast.Attribute(ast.Name("np"), name), parts):
                pass
            case ast.Call(ast.Name(helper), parts):
                made = [
                    self._expression(part, bound, shape, spare, node) for part in parts
                ]
                value = self._new(None, shape)
                names = ", ".join("abc"[: len(made)])
                self.calls.append(
                    Call(f"out[...] = {helper}({names})", made, value, node=node)
                )
                return value
            case _:
                return ast.unparse(tree)
        made = [self._expression(part, bound, shape, spare, node) for part in parts]
        if all(isinstance(one, str) and not self._is_tensor(one) for one in made):
            texts = [self.scalars.get(one, one if one not in self.graph else self._leaf(one))
                     for one in made]
            return compose(ast.unparse(_template(tree)), texts)
        return self._ufunc(name, made, shape, spare, node)

    def _is_tensor(self, operand: str) -> bool:
        return operand in self.graph and self.graph._node[operand]["shape"] != ()

    def _ufunc(
        self, name: str, made: list[Any], shape: Shape, spare: set[str], node: str
    ) -> Value:
        if name == "power" and self._number(made[1]) == "2":
            name, made = "square", made[:1]
        if name in ("maximum", "minimum") and made[1] == "0":
            made[1] = self._zeros(shape)
        dtype = "bool" if name in MASKS else "float32"
        array = None
        for one in made if dtype == "float32" else ():
            value = one if isinstance(one, Value) else None
            if isinstance(one, str) and one in spare:
                value = self._base(one)
            if value is not None and _overwritable(value, dtype, shape):
                array = value.array
                break
        value = Value(shape, array or Array(shape, dtype))
        names = ", ".join("abc"[: len(made)])
        if name == "divide" and made[0] == "1":
            name, made, names = "reciprocal", made[1:], "a"
        template = f"np.{name}({names}, out=out)"
        if name == "where":  # the one function here that takes no out
            template = f"out[...] = np.where({names})"
        self.calls.append(Call(template, made, value, ufunc=name, node=node))
        return value

    def _number(self, operand: Any) -> str:
        known = isinstance(operand, str) and operand in self.graph
        is_number = known and self.graph._node[operand]["gate"] == "number"
        return self._leaf(operand) if is_number else str(operand)

    def _zeros(self, shape: Shape) -> Value:
        """Return zeros to compare with: the last axes, enough for long inner loops."""
        rank = 1
        while rank < len(shape) and _magnitude(shape[-rank:]) < RELU_ZEROS:
            rank += 1
        tail = shape[-rank:]
        for array in self.constants:
            if array.filling == "0.0" and array.shape == tail:
                return Value(tail, array)
        self.constants.append(Array(tail, filling="0.0"))
        return Value(tail, self.constants[-1])

    # ---- names ----

    def _name_arrays(self) -> None:
        """Name every array: a gradient's view, its node's name, or a fresh one."""
        for node in self.order:
            data = self.graph._node[node]
            if data.get("role") == "ones":
                self.constants.append(Array(data["shape"], name=node, filling="1.0"))
            base = self._base(node) if node not in self.scalars else None
            if base is None:
                continue
            if self.targets.get(node):
                base.array.name, base.array.external = self.targets[node], True
                base.array.shape = data["shape"]
            elif node in self.targets:  # read after the step: it shares with nothing
                base.array.filling = "0.0"
                base.array.name, base.array.shape = data["name"], data["shape"]
                self.constants.append(base.array)
            elif data["name"] and not base.array.external:
                base.array.name, base.array.shape = data["name"], data["shape"]
        taken = {data["name"] for _, data in self.graph.nodes(data=True)}
        taken |= {call.scalar for call in self.calls}
        for call in self.calls:
            if call.out is not None and not call.out.array.name:
                call.out.array.name = self._fresh(call, taken)
        for array in self.constants:
            if not array.name:
                array.name = _first_free("zeros", taken)

    def _fresh(self, call: Call, taken: set[str | None]) -> str:
        """Name an unnamed array after what it holds: mask1, windows1, matmul1."""
        gate = self.graph._node[call.node]["gate"] if call.node else "array"
        stem = "mask" if call.ufunc in MASKS else STEMS.get(gate, gate)
        return _first_free(stem, taken)

    # ---- texts ----

    def text(self, operand: Any) -> str:
        """Return an operand as the script writes it."""
        if isinstance(operand, Value):
            return seen_as(operand.array, operand.shape)
        if operand in self.scalars:
            return self.scalars[operand]
        if operand not in self.graph:
            return str(operand)
        data = self.graph._node[operand]
        if data["gate"] in ("input", "number"):
            return self._leaf(operand)
        base = self._base(operand)
        if base is not None:
            return seen_as(base.array, data["shape"])
        args = [self.text(arg) for arg in operands(self.graph, operand)]
        return compose(numpy_text(data["gate"], data["attrs"]), args)

    def arrays_read(self, operand: Any) -> list[Array]:
        """Return the arrays that an operand looks at."""
        if isinstance(operand, Value):
            return [operand.array]
        if operand not in self.graph or operand in self.scalars:
            return []
        base = self._base(operand)
        if base is not None:
            return [base.array]
        if self.graph._node[operand]["gate"] not in VIEWS:
            return []
        found = operands(self.graph, operand)
        return [array for arg in found for array in self.arrays_read(arg)]

    def value_of(self, operand: Any) -> Value | None:
        """Return the value that an operand is, seen through reshapes; None for others."""
        if isinstance(operand, Value):
            return operand
        if operand not in self.graph or operand in self.scalars:
            return None
        return self._base(operand)

    def is_tensor(self, operand: Any) -> bool:
        """Whether an operand has axes."""
        return isinstance(operand, Value) or self._is_tensor(operand)

    def shape_of(self, operand: Any) -> Shape:
        """Return an operand's shape."""
        if isinstance(operand, Value):
            return operand.shape
        shape: Shape = self.graph._node[operand]["shape"]
        return shape

    def arrays_used(self) -> set[int]:
        """Return all arrays that a call reads or writes."""
        read = (a for call in self.calls for arg in call.args for a in self._looked(arg))
        written = (value.array for call in self.calls for value in call.outs)
        return {id(array) for array in (*read, *written)}

    def _looked(self, operand: Any) -> list[Array]:
        found = self.arrays_read(operand)
        if isinstance(operand, str) and operand in self.graph:
            names = {data for data in self._inputs_under(operand)}
            found = found + [one for one in self.constants if one.name in names]
        return found

    def _inputs_under(self, node: str) -> list[str]:
        """Return the inputs that a chain of views looks at."""
        while self.graph._node[node]["gate"] in VIEWS:
            node = operands(self.graph, node)[0]
        return [node]

    def kept_arrays(self) -> set[int]:
        """Return the arrays of targets, which are read after the step."""
        bases = [self._base(node) for node in self.targets if node not in self.scalars]
        return {id(base.array) for base in bases if base is not None}

    def statement(self, call: Call) -> str:
        """Write one call as a line of the script."""
        args = [self.text(arg) for arg in call.args]
        if call.ufunc == "loop":
            names = {f"a{i}": text for i, text in enumerate(args)}
            names |= {f"o{i}": self.text(value) for i, value in enumerate(call.outs)}
            return fill(call.template, names)
        if call.out is None:
            return f"{call.scalar} = {compose(call.template, args)}"
        out = self.text(call.out)
        if call.ufunc in IN_PLACE and out.isidentifier() and out in args[:2]:
            other = args[1 - args.index(out)] if args[0] == out else args[0]
            if args[0] == out or call.ufunc in ("add", "multiply"):
                other = args[1] if args[0] == out else args[0]
                return f"{out} {IN_PLACE[call.ufunc]} {other}"
        template, prefix = call.template, ""
        if call.scalar:
            prefix = f"{call.scalar} = "
        if template.startswith("out[...] ="):
            target = out if out.endswith("]") else f"{out}[...]"
            return f"{target} = {compose(template.partition('= ')[2], args)}"
        return prefix + compose_call(template, args, out)


def compose_call(template: str, args: Sequence[str], out: str) -> str:
    """Fill a call's template, ``out`` included."""
    names = dict(zip("abc", args, strict=False)) | {"out": out}
    return fill(template, names)


def seen_as(array: Array, shape: Shape) -> str:
    """Write an array, reshaped where it is seen in another shape than its own."""
    if array.shape == shape:
        return array.name
    sizes = ", ".join("-1" if isinstance(size, str) else str(size) for size in shape)
    return f"{array.name}.reshape({sizes})"


def _overwritable(value: Value, dtype: str, shape: Shape) -> bool:
    """Whether a result of this type and shape may take a value's place."""
    array = value.array
    plain = array.dtype == dtype and not array.filling
    return plain and size_product(value.shape) == size_product(shape)


def is_long(size: Dimension) -> bool:
    """Whether a size is places times the batch, such as 576*N."""
    return isinstance(size, str) and "*" in size


def slice_count(small: int, long: Dimension, batch: int, largest: int) -> int:
    """Return into how many slices a long product is cut, 1 for none.

    OpenBLAS has kernels of its own for products of up to about 10⁶ multiplications;
    measured with 2 cores: 2.3 times faster for a small side of a few hundred numbers.
    """
    if small > largest:
        return 1
    places = int(str(long).split("*")[0])
    for count in range(1, places + 1):
        if places % count == 0 and small * places * batch / count <= 8e5:
            return count
    return 1


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
            names = [ast.Name("abc"[i]) for i in range(len(args))]
            return ast.Call(func, names, [])
    return tree


def _magnitude(shape: Shape) -> int:
    """Estimate a size, an unknown batch as 32."""
    size = str(size_product(shape)).split("*")
    result = 1
    for part in size:
        result *= int(part) if part.isdigit() else 32
    return result


def _first_free(stem: str, taken: set[str | None]) -> str:
    for count in itertools.count(1):
        name = f"{stem}{count}"
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError
