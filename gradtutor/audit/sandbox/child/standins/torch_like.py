"""The part of PyTorch that an autograd.Function is written in, played by NumPy."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.context import Context
from gradtutor.audit.sandbox.child.standins.jax_like import _logsumexp, _softmax
from gradtutor.audit.sandbox.child.standins.nothing import Nothing


def tensor(value: Any, *_: Any, **__: Any) -> Tensor:
    """Make a tensor."""
    return np.array(
        value, dtype=None if np.asarray(value).dtype.kind in "iub" else float
    ).view(Tensor)


def _t(value: Any) -> Any:
    return np.asarray(value).view(Tensor)


class Tensor(np.ndarray):  # type: ignore[type-arg]
    """A NumPy array that answers to PyTorch's methods."""

    requires_grad = True
    is_cuda = False
    device = "cpu"
    grad: Any = None

    def _reduced(
        self, name: str, dim: Any, keepdim: bool, named: Mapping[str, Any]
    ) -> Any:
        axis = named.get("axis", dim)
        axis = tuple(axis) if isinstance(axis, list) else axis
        keep = bool(named.get("keepdims", keepdim))
        return _t(getattr(np.asarray(self), name)(axis=axis, keepdims=keep))

    def sum(self, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        """Sum over axes."""
        return self._reduced("sum", dim, keepdim, named)

    def mean(self, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        """Take the mean over axes."""
        return self._reduced("mean", dim, keepdim, named)

    def max(self, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        """Take the largest; with an axis, and where it stands."""
        if dim is None and "axis" not in named:
            return _t(np.asarray(self).max())
        values = self._reduced("max", dim, keepdim, named)
        return Pair(values, _t(np.asarray(self).argmax(axis=named.get("axis", dim))))

    def amax(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Take the largest over axes."""
        return self._reduced("max", dim, keepdim, {})

    def var(
        self,
        dim: Any = None,
        unbiased: bool = True,
        keepdim: bool = False,
        **named: Any,
    ) -> Any:
        """Take the variance; of a sample, unless told otherwise."""
        ddof = named.get("correction", int(unbiased))
        return _t(np.asarray(self).var(axis=dim, ddof=ddof, keepdims=keepdim))

    def t(self) -> Any:
        """Transpose."""
        return self.T

    def mm(self, other: Any) -> Any:
        """Multiply matrices."""
        return self @ other

    matmul = bmm = mv = mm

    def transpose(self, *axes: Any) -> Any:
        """Exchange two axes."""
        return np.swapaxes(self, *axes) if len(axes) == 2 else super().transpose(*axes)

    def permute(self, *axes: Any) -> Any:
        """Reorder the axes."""
        return super().transpose(*axes)

    def size(self, dim: int | None = None) -> Any:  # type: ignore[override]
        """Return the shape, or one size."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        """Return the number of axes."""
        return self.ndim

    def numel(self) -> int:
        """Return how many numbers there are."""
        return int(np.prod(self.shape))

    def view(self, *shape: Any) -> Any:
        """Reshape; with a type, NumPy's view."""
        if len(shape) == 1 and isinstance(shape[0], type | np.dtype):
            return super().view(*shape)
        return self.reshape(*shape)

    def unsqueeze(self, dim: int) -> Any:
        """Add an axis."""
        return np.expand_dims(self, dim)

    def expand_as(self, other: Any) -> Any:
        """Repeat to another's shape."""
        return np.broadcast_to(self, other.shape).view(Tensor)

    def expand(self, *shape: Any) -> Any:
        """Repeat to a shape; -1 keeps a size."""
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        own = (1,) * (len(sizes) - self.ndim) + self.shape
        full = tuple(o if s == -1 else s for s, o in zip(sizes, own, strict=True))
        return np.broadcast_to(self, full).view(Tensor)

    def clone(self) -> Any:
        """Copy."""
        return self.copy()

    def detach(self) -> Any:
        """Return it: nothing is tracked."""
        return self

    contiguous = cpu = cuda = requires_grad_ = detach

    def to(self, *_: Any, **__: Any) -> Any:
        """Return it: there is one device."""
        return self

    type_as = to

    def numpy(self) -> Any:
        """Return it as NumPy's."""
        return np.asarray(self)

    def float(self) -> Any:
        """Return it as floats."""
        return self.astype(np.float64)

    double = float

    def long(self) -> Any:
        """Return it as whole numbers."""
        return self.astype(np.int64)

    def clamp(self, min: Any = None, max: Any = None) -> Any:
        """Cut at both ends."""
        return _t(np.clip(np.asarray(self), min, max))

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """Set elements in a copy."""
        return _t(np.where(mask, value, self))

    def masked_fill_(self, mask: Any, value: Any) -> Any:
        """Set elements."""
        self[np.asarray(mask)] = value
        return self

    def scatter_add_(self, dim: int, index: Any, source: Any) -> Any:
        """Add where an index says."""
        places = list(np.indices(index.shape))
        places[dim] = np.asarray(index)
        np.add.at(self, tuple(places), np.asarray(source))
        return self

    def index_add_(self, dim: int, index: Any, source: Any) -> Any:
        """Add rows where an index says."""
        np.add.at(
            np.moveaxis(self, dim, 0), np.asarray(index), np.moveaxis(source, dim, 0)
        )
        return self

    def gather(self, dim: int, index: Any) -> Any:
        """Pick elements along an axis."""
        return _t(np.take_along_axis(np.asarray(self), np.asarray(index), dim))

    def reciprocal(self) -> Any:
        """Return one over it."""
        return 1 / self

    def neg(self) -> Any:
        """Return it with the other sign."""
        return -self

    def mul(self, other: Any) -> Any:
        """Multiply."""
        return self * other

    def add(self, other: Any) -> Any:
        """Add."""
        return self + other

    def sub(self, other: Any) -> Any:
        """Subtract."""
        return self - other

    def div(self, other: Any) -> Any:
        """Divide."""
        return self / other

    def where(self, condition: Any, other: Any) -> Any:
        """Keep what the condition says, else take the other."""
        return _t(np.where(condition, self, other))

    def gt(self, other: Any) -> Any:
        """Compare."""
        return self > other

    def lt(self, other: Any) -> Any:
        """Compare."""
        return self < other

    def ge(self, other: Any) -> Any:
        """Compare."""
        return self >= other

    def le(self, other: Any) -> Any:
        """Compare."""
        return self <= other

    def eq(self, other: Any) -> Any:
        """Compare."""
        return self == other

    def half(self) -> Any:
        """Return it: there is one precision."""
        return self

    def type(self, *_: Any) -> Any:
        """Return it: there is one precision."""
        return self

    def clip(self, min: Any = None, max: Any = None, **_: Any) -> Any:  # type: ignore[override]
        """Cut at both ends."""
        return self.clamp(min, max)

    def new_ones(self, *shape: Any) -> Any:
        """Return ones."""
        return ones(*shape)

    def zero_(self) -> Any:
        """Set to zero."""
        self[...] = 0
        return self

    def bool(self) -> Any:
        """Return it as truth values."""
        return self.astype(bool)

    def int(self) -> Any:
        """Return it as whole numbers."""
        return self.astype(np.int64)

    def squeeze(self, dim: Any = None) -> Any:
        """Take out axes of one."""
        return _t(np.squeeze(np.asarray(self), dim))

    def repeat(self, *times: Any) -> Any:  # type: ignore[override]
        """Lay copies beside each other."""
        return _t(np.tile(np.asarray(self), times))

    def flip(self, *dims: Any) -> Any:
        """Turn axes round."""
        return _t(np.flip(np.asarray(self), dims[0] if len(dims) == 1 else dims))

    def new_zeros(self, *shape: Any) -> Any:
        """Return zeros."""
        return zeros(*shape)

    def softmax(self, dim: int = -1) -> Any:
        """Return the softmax."""
        return _t(_softmax(np.asarray(self), dim))

    def mul_(self, other: Any) -> Any:
        """Multiply in place."""
        self *= other
        return self

    def add_(self, other: Any) -> Any:
        """Add in place."""
        self += other
        return self


def _as_method(name: str) -> Any:
    return lambda self, *args, **named: _entries()[name](self, *args, **named)


class Pair(tuple):  # type: ignore[type-arg]
    """Values and where they stand."""

    def __new__(cls, *items: Any) -> Pair:
        """Make it of two."""
        return super().__new__(cls, items)

    @property
    def values(self) -> Any:
        """The values."""
        return self[0]

    @property
    def indices(self) -> Any:
        """Where they stand."""
        return self[1]


def zeros(*shape: Any, **_: Any) -> Any:
    """Return zeros of a shape, given as numbers or as one tuple."""
    sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    return np.zeros(sizes).view(Tensor)


def ones(*shape: Any, **_: Any) -> Any:
    """Return ones of a shape."""
    return zeros(*shape) + 1


def _elementwise(name: str) -> Any:
    function = getattr(np, name)
    return lambda x, *more: _t(function(np.asarray(x), *map(np.asarray, more)))


def _method(name: str) -> Any:
    return lambda x, *args, **named: getattr(_t(x), name)(*args, **named)


ELEMENTWISE = [
    "exp",
    "log",
    "log1p",
    "expm1",
    "sqrt",
    "tanh",
    "sin",
    "cos",
    "tan",
    "abs",
    "sign",
    "square",
    "maximum",
    "minimum",
    "arctan",
    "sinh",
    "cosh",
    "sinc",
    "floor",
    "round",
]
METHODS = [
    "sum",
    "mean",
    "max",
    "amax",
    "var",
    "clamp",
    "matmul",
    "mm",
    "bmm",
    "t",
    "transpose",
    "permute",
    "unsqueeze",
    "softmax",
    "gather",
    "numel",
]


def _sigmoid(x: Any) -> Any:
    return _t(1 / (1 + np.exp(-np.asarray(x))))


def _entries() -> dict[str, Any]:
    found: dict[str, Any] = {name: _elementwise(name) for name in ELEMENTWISE}
    found |= {name: _method(name) for name in METHODS}
    found |= {
        "sigmoid": _sigmoid,
        "relu": lambda x, **_: _t(np.maximum(x, 0)),
        "where": lambda c, a, b: _t(np.where(c, a, b)),
        "zeros": zeros,
        "ones": ones,
        "zeros_like": lambda x, **_: _t(np.zeros_like(np.asarray(x))),
        "ones_like": lambda x, **_: _t(np.ones_like(np.asarray(x))),
        "empty_like": lambda x, **_: _t(np.zeros_like(np.asarray(x))),
        "full_like": lambda x, v, **_: _t(np.full_like(np.asarray(x), v)),
        "arange": lambda *a, **_: np.arange(*a).view(Tensor),
        "eye": lambda n, **_: np.eye(n).view(Tensor),
        "outer": lambda a, b: _t(np.outer(a, b)),
        "dot": lambda a, b: _t(np.dot(a, b)),
        "einsum": lambda s, *a: _t(np.einsum(s, *map(np.asarray, a))),
        "cat": lambda xs, dim=0: _t(np.concatenate(xs, axis=dim)),
        "stack": lambda xs, dim=0: _t(np.stack(xs, axis=dim)),
        "flip": lambda x, dims: _t(np.flip(x, dims)),
        "pow": lambda x, n: _t(np.asarray(x) ** n),
        "rsqrt": lambda x: _t(1 / np.sqrt(x)),
        "erf": lambda x: _t(np.vectorize(__import__("math").erf)(np.asarray(x))),
        "logsumexp": lambda x, dim, keepdim=False: _t(
            _logsumexp(np.asarray(x), dim, keepdim)
        ),
        "log_softmax": lambda x, dim=-1: _t(x - _logsumexp(np.asarray(x), dim, True)),
        "tensor": tensor,
        "as_tensor": tensor,
        "from_numpy": _t,
        "manual_seed": np.random.seed,
        "no_grad": contextlib.nullcontext,
        "Tensor": Tensor,
        "float32": np.float64,
        "float64": np.float64,
        "long": np.int64,
        "bool": bool,
        "double": np.float64,
        "float": np.float64,
        "neg": lambda x: -_t(x),
        "mul": lambda a, b: _t(np.multiply(a, b)),
        "add": lambda a, b: _t(np.add(a, b)),
        "sub": lambda a, b: _t(np.subtract(a, b)),
        "div": lambda a, b: _t(np.divide(a, b)),
        "reciprocal": lambda x: 1 / _t(x),
        "exp2": lambda x: _t(np.exp2(x)),
        "atan": lambda x: _t(np.arctan(x)),
        "tril": lambda x, diagonal=0: _t(np.tril(x, diagonal)),
        "triu": lambda x, diagonal=0: _t(np.triu(x, diagonal)),
        "norm": lambda x, *_, dim=None, keepdim=False: _t(
            np.sqrt(np.sum(np.square(x), axis=dim, keepdims=keepdim))
        ),
        "full": lambda shape, v, **_: _t(np.full(shape, v)),
        "rand": lambda *shape, **_: _t(np.random.rand(*shape)),
        "rand_like": lambda x, **_: _t(np.random.rand(*x.shape)),
        "randn": lambda *shape, **_: _t(np.random.randn(*shape)),
        "bernoulli": lambda x: _t(np.random.rand(*x.shape) < x),
        "is_tensor": lambda x: isinstance(x, Tensor),
        "addmm": lambda c, a, b: _t(c + a @ b),
        "argmax": lambda x, dim=None, **_: _t(np.argmax(np.asarray(x), axis=dim)),
        "softplus": lambda x: _t(np.logaddexp(0, x)),
        "pi": np.pi,
    }
    return found


for _name in (*ELEMENTWISE, "sigmoid", "relu", "pow", "rsqrt", "outer", "erf"):
    if _name not in ("abs", "round"):
        setattr(Tensor, _name, _as_method(_name))
Tensor.log_softmax = _as_method("log_softmax")  # type: ignore[attr-defined]
Tensor.logsumexp = _as_method("logsumexp")  # type: ignore[attr-defined]
Tensor.abs = lambda self: _t(np.abs(np.asarray(self)))  # type: ignore[attr-defined]


class Function:
    """The base of a person's functions."""

    @classmethod
    def apply(cls, *values: Any) -> Any:
        """Call forward with a context of its own."""
        return cls.forward(Context(), *values)  # type: ignore[attr-defined]


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Nothing,), {}) if name[:1].isupper() else Nothing()


def torch_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for PyTorch."""
    entries = _entries()
    functional = {
        k: entries[k]
        for k in ("relu", "softmax", "log_softmax", "sigmoid", "tanh", "softplus")
    }
    functional["one_hot"] = lambda y, n: np.eye(n)[np.asarray(y)].view(Tensor)
    contents: dict[str, dict[str, Any]] = {
        "torch": entries,
        "torch.nn": {},
        "torch.nn.functional": functional,
        "torch.autograd": {"Function": Function, "gradcheck": Nothing()},
        "torch.autograd.function": {"Function": Function},
    }
    made = {name: _Module(name) for name in contents}
    for name, module in made.items():
        module.__path__ = []
        vars(module).update(contents[name])
    made["torch"].autograd = made["torch.autograd"]  # type: ignore[attr-defined]
    made["torch"].nn = made["torch.nn"]  # type: ignore[attr-defined]
    made["torch.nn"].functional = made["torch.nn.functional"]  # type: ignore[attr-defined]
    return made
