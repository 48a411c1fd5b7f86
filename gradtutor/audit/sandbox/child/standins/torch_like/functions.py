"""PyTorch's functions of tensors, in tables by what they do."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.jax_like import logsumexp, softmax
from gradtutor.audit.sandbox.child.standins.torch_like.tensor import (
    Tensor,
    as_tensor,
    ones,
    rand,
    randint,
    randn,
    tensor,
    zeros,
)

Table = dict[str, Any]

# fmt: off
#: NumPy's functions of the same name and meaning.
ELEMENTWISE = (
    "exp", "log", "log1p", "expm1", "sqrt", "tanh", "sin", "cos", "tan", "abs", "sign",
    "square", "maximum", "minimum", "arctan", "sinh", "cosh", "sinc", "floor", "round",
)
#: What is a tensor's method as well.
METHODS = (
    "sum", "mean", "max", "amax", "var", "clamp", "matmul", "mm", "bmm", "t",
    "transpose", "permute", "unsqueeze", "softmax", "gather", "numel",
)
#: Functions that are methods as well.
AS_METHODS = (
    *(name for name in ELEMENTWISE if name not in ("abs", "round")),
    "sigmoid", "relu", "pow", "rsqrt", "outer", "erf", "log_softmax", "logsumexp",
)
# fmt: on


def _elementwise(name: str) -> Any:
    function = getattr(np, name)
    return lambda x, *more: as_tensor(function(np.asarray(x), *map(np.asarray, more)))


def _method(name: str) -> Any:
    return lambda x, *args, **named: getattr(as_tensor(x), name)(*args, **named)


MADE: Table = {
    "zeros": zeros,
    "empty": zeros,
    "ones": ones,
    "rand": rand,
    "randn": randn,
    "randint": randint,
    "tensor": tensor,
    "as_tensor": tensor,
    "from_numpy": as_tensor,
    "zeros_like": lambda x, **_: as_tensor(np.zeros_like(np.asarray(x))),
    "ones_like": lambda x, **_: as_tensor(np.ones_like(np.asarray(x))),
    "empty_like": lambda x, **_: as_tensor(np.zeros_like(np.asarray(x))),
    "full_like": lambda x, v, **_: as_tensor(np.full_like(np.asarray(x), v)),
    "rand_like": lambda x, **_: rand(*np.shape(x)),
    "randn_like": lambda x, **_: randn(*np.shape(x)),
    "full": lambda shape, v, **_: as_tensor(np.full(shape, v)),
    "arange": lambda *a, **_: as_tensor(np.arange(*a)),
    "eye": lambda n, **_: as_tensor(np.eye(n)),
    "bernoulli": lambda x: as_tensor(np.random.random_sample(np.shape(x)) < x),
}
POINTWISE: Table = {
    "sigmoid": lambda x: as_tensor(1 / (1 + np.exp(-np.asarray(x)))),
    "relu": lambda x, **_: as_tensor(np.maximum(x, 0)),
    "where": lambda c, a, b: as_tensor(np.where(c, a, b)),
    "pow": lambda x, n: as_tensor(np.asarray(x) ** n),
    "rsqrt": lambda x: as_tensor(1 / np.sqrt(x)),
    "erf": lambda x: as_tensor(np.vectorize(math.erf)(np.asarray(x))),
    "neg": lambda x: -as_tensor(x),
    "mul": lambda a, b: as_tensor(np.multiply(a, b)),
    "add": lambda a, b: as_tensor(np.add(a, b)),
    "sub": lambda a, b: as_tensor(np.subtract(a, b)),
    "div": lambda a, b: as_tensor(np.divide(a, b)),
    "reciprocal": lambda x: 1 / as_tensor(x),
    "exp2": lambda x: as_tensor(np.exp2(x)),
    "atan": lambda x: as_tensor(np.arctan(x)),
    "softplus": lambda x: as_tensor(np.logaddexp(0, x)),
    "clip": _method("clamp"),
}
JOINED: Table = {
    "outer": lambda a, b: as_tensor(np.outer(a, b)),
    "dot": lambda a, b: as_tensor(np.dot(a, b)),
    "einsum": lambda s, *a: as_tensor(np.einsum(s, *map(np.asarray, a))),
    "addmm": lambda c, a, b: as_tensor(c + a @ b),
    "cat": lambda xs, dim=0: as_tensor(np.concatenate(xs, axis=dim)),
    "stack": lambda xs, dim=0: as_tensor(np.stack(xs, axis=dim)),
    "flip": lambda x, dims: as_tensor(np.flip(x, dims)),
    "tril": lambda x, diagonal=0: as_tensor(np.tril(x, diagonal)),
    "triu": lambda x, diagonal=0: as_tensor(np.triu(x, diagonal)),
    "logsumexp": lambda x, dim, keepdim=False: as_tensor(
        logsumexp(np.asarray(x), dim, keepdim)
    ),
    "log_softmax": lambda x, dim=-1: as_tensor(x - logsumexp(np.asarray(x), dim, True)),
    "norm": lambda x, *_, dim=None, keepdim=False: as_tensor(
        np.sqrt(np.sum(np.square(x), axis=dim, keepdims=keepdim))
    ),
    "argmax": lambda x, dim=None, **_: as_tensor(np.argmax(np.asarray(x), axis=dim)),
}


class Generator:
    """Seeds nothing of its own: every run begins at the same numbers."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def manual_seed(self, _: int) -> Generator:
        """Return it."""
        return self


OTHER: Table = {
    "manual_seed": np.random.seed,
    "Generator": Generator,
    "no_grad": contextlib.nullcontext,
    "is_tensor": lambda x: isinstance(x, Tensor),
    "all": lambda x, **_: as_tensor(np.all(np.asarray(x))),
    "any": lambda x, **_: as_tensor(np.any(np.asarray(x))),
    "allclose": lambda a, b, **_: a is not None and b is not None and np.allclose(a, b),
    "Tensor": Tensor,
    "float32": np.float64,
    "float64": np.float64,
    "long": np.int64,
    "int64": np.int64,
    "bool": bool,
    "double": np.float64,
    "float": np.float64,
    "pi": np.pi,
}


def functions() -> Table:
    """Return the functions and constants of the module ``torch``."""
    found: Table = {name: _elementwise(name) for name in ELEMENTWISE}
    found |= {name: _method(name) for name in METHODS}
    return found | MADE | POINTWISE | JOINED | OTHER


# ---- torch.nn.functional ----


def one_hot(labels: Any, num_classes: int = -1) -> Any:
    """Return rows with a single 1."""
    labels = np.asarray(labels)
    count = num_classes if num_classes > 0 else labels.max() + 1
    return as_tensor(np.eye(count)[labels])


def padded(x: Any, pad: Any, *_: Any, value: float = 0.0) -> Any:
    """Put a border around the last axes, as ``pad`` says from the last one on."""
    widths = [(0, 0)] * np.ndim(x)
    for place in range(len(pad) // 2):
        widths[-1 - place] = (pad[2 * place], pad[2 * place + 1])
    return as_tensor(np.pad(np.asarray(x), widths, constant_values=value))


def cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Any:
    """Return the cross-entropy of labels under the softmax of each row."""
    log_p = np.asarray(logits) - logsumexp(np.asarray(logits), -1, True)
    losses = -log_p[np.arange(len(log_p)), np.asarray(target)]
    return as_tensor(losses.mean() if reduction == "mean" else losses.sum())


def functional() -> Table:
    """Return the functions of ``torch.nn.functional``."""
    names = ("relu", "log_softmax", "sigmoid", "softplus")
    found = {k: (POINTWISE | JOINED)[k] for k in names}
    return found | {
        "tanh": _elementwise("tanh"),
        "softmax": lambda x, dim=-1, **_: as_tensor(softmax(np.asarray(x), dim)),
        "one_hot": one_hot,
        "pad": padded,
        "cross_entropy": cross_entropy,
        "linear": lambda x, w, b=0.0: as_tensor(x @ w.T + b),
        "silu": lambda x, **_: as_tensor(x / (1 + np.exp(-np.asarray(x)))),
        "leaky_relu": lambda x, s=0.01, **_: as_tensor(np.where(x > 0, x, s * x)),
    }


def _as_method(function: Any) -> Any:
    return lambda self, *args, **named: function(self, *args, **named)


for _name in AS_METHODS:
    setattr(Tensor, _name, _as_method(functions()[_name]))
Tensor.abs = _as_method(_elementwise("abs"))  # type: ignore[attr-defined]
