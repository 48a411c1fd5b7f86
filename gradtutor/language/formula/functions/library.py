"""Functions that are no gates but are made of them: ``hypot``, ``clip``, ``std``, ...

Each is one line, its parameters and what it means; the spellings are those of NumPy,
PyTorch, JAX and SymPy, whose documentation is the source of the definitions.

>>> LIBRARY["hypot"].parameters, LIBRARY["hypot"].texts
(('a', 'b'), ('sqrt(a**2 + b**2)',))
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from gradtutor.language.formula.trees import filled

#: Parameters, and what the function is in gates. Of several texts the first counts
#: whose letters are all given.
_MEANINGS: dict[str, str | tuple[str, ...]] = {
    # ---- powers and roots ----
    "square(a)": "a**2",
    "cube(a)": "a**3",
    "cbrt(a)": "sign(a)*abs(a)**(1/3)",
    "root(a, n)": "a**(1/n)",
    "reciprocal(a)": "1/a",
    "rsqrt(a)": "1/sqrt(a)",
    "hypot(a, b)": "sqrt(a**2 + b**2)",
    "exp2(a)": "2**a",
    "exp10(a)": "10**a",
    "log2(a)": "log(a)/log(2)",
    "log10(a)": "log(a)/log(10)",
    "log_of_base(base, a)": "log(a)/log(base)",
    "atan_of_xy(x, y)": "atan2(y, x)",
    "log_base(a, base)": "log(a)/log(base)",
    "logaddexp(a, b)": "max(a, b) + log1p(exp(-abs(a - b)))",
    # ---- trigonometry ----
    "sec(a)": "1/cos(a)",
    "csc(a)": "1/sin(a)",
    "cot(a)": "cos(a)/sin(a)",
    "sech(a)": "1/cosh(a)",
    "csch(a)": "1/sinh(a)",
    "coth(a)": "1/tanh(a)",
    "acot(a)": "pi/2 - atan(a)",
    "asec(a)": "acos(1/a)",
    "acsc(a)": "asin(1/a)",
    "deg2rad(a)": "a*pi/180",
    "rad2deg(a)": "a*180/pi",
    "erfc(a)": "1 - erf(a)",
    "normal_cdf(a)": "(1 + erf(a/sqrt(2)))/2",
    "normal_cdf_at(a, loc, scale)": (
        "(1 + erf((a - loc)/(scale*sqrt(2))))/2",
        "(1 + erf((a - loc)/sqrt(2)))/2",
        "(1 + erf(a/sqrt(2)))/2",
    ),
    "normal_pdf_at(a, loc, scale)": (
        "exp(-((a - loc)/scale)**2/2)/(scale*sqrt(2*pi))",
        "exp(-(a - loc)**2/2)/sqrt(2*pi)",
        "exp(-a**2/2)/sqrt(2*pi)",
    ),
    "normal_logpdf_at(a, loc, scale)": (
        "-((a - loc)/scale)**2/2 - log(scale*sqrt(2*pi))",
        "-(a - loc)**2/2 - log(2*pi)/2",
        "-a**2/2 - log(2*pi)/2",
    ),
    "xlogy(a, b)": "a*log(b)",
    "xlog1py(a, b)": "a*log1p(b)",
    "entr(a)": "-a*log(a)",
    "rel_entr(a, b)": "a*log(a/b)",
    "log_ndtr(a)": "log((1 + erf(a/sqrt(2)))/2)",
    "squareplus(a, b=4)": "(a + sqrt(a**2 + b))/2",
    # ---- operators by name ----
    "plus(a, b)": "a + b",
    "subtract(a, b)": "a - b",
    "multiply(a, b)": "a*b",
    "divide(a, b)": "a/b",
    "negative(a)": "-a",
    "positive(a)": "+a",
    "power(a, b)": "a**b",
    "matrix_product(a, b)": "a @ b",
    "remainder(a, b)": "a - b*floor(a/b)",
    "floor_divide(a, b)": "floor(a/b)",
    "fmod(a, b)": "a - b*sign(a/b)*floor(abs(a/b))",
    "frac(a)": "a - sign(a)*floor(abs(a))",
    "logical_and(a, b)": "(a != 0)*(b != 0)",
    "logical_or(a, b)": "max(a != 0, b != 0)",
    "logical_not(a)": "a == 0",
    "heaviside(a, b=0.5)": "where(a == 0, b, where(a > 0, 1, 0))",
    "ceil(a)": "-floor(-a)",
    "trunc(a)": "sign(a)*floor(abs(a))",
    "addmm(a, b, c, beta, alpha)": (
        "beta*a + alpha*(b @ c)",
        "a + alpha*(b @ c)",
        "beta*a + b @ c",
        "a + b @ c",
    ),
    "addr(a, b, c)": "a + outer(b, c)",
    "addcmul(a, b, c, value)": ("a + value*b*c", "a + b*c"),
    "addcdiv(a, b, c, value)": ("a + value*b/c", "a + b/c"),
    "lerp(a, b, weight)": "a + weight*(b - a)",
    # ---- activations ----
    "clip(a, low, high)": ("min(max(a, low), high)", "max(a, low)", "min(a, high)"),
    "clamp_min(a, low)": "max(a, low)",
    "clamp_max(a, high)": "min(a, high)",
    "relu6(a)": "min(max(a, 0), 6)",
    "hardtanh(a, min_val=-1, max_val=1)": "min(max(a, min_val), max_val)",
    "hardsigmoid(a)": "min(max(a/6 + 1/2, 0), 1)",
    "hardswish(a)": "a*min(max(a/6 + 1/2, 0), 1)",
    "elu(a, alpha=1)": "where(a > 0, a, alpha*expm1(where(a > 0, 0, a)))",
    "celu(a, alpha=1)": ("where(a > 0, a, alpha*expm1(where(a > 0, 0, a)/alpha))"),
    "selu(a)": (
        "1.0507009873554805"
        "*where(a > 0, a, 1.6732632423543772*expm1(where(a > 0, 0, a)))"
    ),
    "softsign(a)": "a/(1 + abs(a))",
    "mish(a)": "a*tanh(softplus(a))",
    "tanhshrink(a)": "a - tanh(a)",
    "softshrink(a, lambd=0.5)": (
        "where(a > lambd, a - lambd, where(a < -lambd, a + lambd, 0))"
    ),
    "hardshrink(a, lambd=0.5)": "where(abs(a) > lambd, a, 0)",
    "threshold(a, at, value)": "where(a > at, a, value)",
    "logsigmoid(a)": "-softplus(-a)",
    "logit(a)": "log(a/(1 - a))",
    "gelu_tanh(a)": "a*(1 + tanh(sqrt(2/pi)*(a + 0.044715*a**3)))/2",
    "log_softmax(a, axis=-1)": "a - logsumexp(a, axis=axis, keepdims=True)",
    "softmin(a, axis=-1)": "softmax(-a, axis=axis)",
    # ---- statistics ----
    "std(a, axis=None, ddof, keepdims=False)": (
        "sqrt(variance(a, axis=axis, keepdims=keepdims)"
        "*size(a, axis=axis)/(size(a, axis=axis) - ddof))",
        "sqrt(variance(a, axis=axis, keepdims=keepdims))",
    ),
    "var(a, axis=None, ddof, keepdims=False)": (
        "variance(a, axis=axis, keepdims=keepdims)"
        "*size(a, axis=axis)/(size(a, axis=axis) - ddof)",
        "variance(a, axis=axis, keepdims=keepdims)",
    ),
    "ptp(a, axis=None)": "amax(a, axis=axis) - amin(a, axis=axis)",
    "average(a, axis=None, weights)": (
        "sum(a*weights, axis=axis)/sum(weights, axis=axis)",
        "mean(a, axis=axis)",
    ),
    "trapezoid(y, points, dx=1)": (
        "sum((y[..., 1:] + y[..., :-1])/2*(points[1:] - points[:-1]))",
        "sum(y[..., 1:] + y[..., :-1])*dx/2",
    ),
    "rmse(a, b)": "sqrt(mean((a - b)**2))",
    "rmsnorm(a)": "a/sqrt(mean(a**2, axis=-1, keepdims=True) + 1e-5)",
    # ---- norms and products of vectors ----
    "norm(a, axis=None, keepdims=False)": (
        "sqrt(sum(a**2, axis=axis, keepdims=keepdims))"
    ),
    "norm_squared(a, axis=None, keepdims=False)": (
        "sum(a**2, axis=axis, keepdims=keepdims)"
    ),
    "norm_1(a, axis=None, keepdims=False)": (
        "sum(abs(a), axis=axis, keepdims=keepdims)"
    ),
    "norm_inf(a, axis=None, keepdims=False)": (
        "amax(abs(a), axis=axis, keepdims=keepdims)"
    ),
    "sigma_max(a)": "singular_value(a)",
    "sigma_min(a)": "singular_value(a, place=-1)",
    "cond(a)": "singular_value(a)/singular_value(a, place=-1)",
    "vector(a)": "a",
    "matrix(a)": "a",
    "normalize(a, axis)": (
        "a/sqrt(sum(a**2, axis=axis, keepdims=True))",
        "a/sqrt(sum(a**2))",
    ),
    "cosine_similarity(a, b, axis)": (
        "sum(a*b, axis=axis)/(sqrt(sum(a**2, axis=axis))*sqrt(sum(b**2, axis=axis)))",
        "sum(a*b)/(sqrt(sum(a**2))*sqrt(sum(b**2)))",
    ),
    "pairwise_distance(a, b)": "sqrt(sum((a - b + 1e-6)**2, axis=-1))",
    "cdist(a, b)": "sqrt(sum((a[:, None] - b[None])**2, axis=-1))",
    "sigmoid_cross_entropy_with_logits(labels, logits)": (
        "max(logits, 0) - logits*labels + log1p(exp(-abs(logits)))"
    ),
    "softmax_cross_entropy_with_logits(labels, logits)": (
        "-sum(labels*log_softmax(logits), axis=-1)"
    ),
    "softmax_cross_entropy(logits, labels)": (
        "-sum(labels*log_softmax(logits), axis=-1)"
    ),
    "sigmoid_binary_cross_entropy(logits, labels)": (
        "max(logits, 0) - logits*labels + log1p(exp(-abs(logits)))"
    ),
    "linear(a, weight, bias)": ("a @ weight.T + bias", "a @ weight.T"),
    "l2_loss(a, b)": ("(a - b)**2/2", "sum(a**2)/2"),
    "cross(a, b)": (
        "[a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]]"
    ),
    "zeros_like(a)": "0*a",
    "ones_like(a)": "0*a + 1",
    "flatten(a)": "reshape(a, shape=(-1,))",
    "len(a)": "size(a, axis=0)",
    "euler()": "exp(1)",
}


@dataclass(frozen=True)
class Meaning:
    """What a function is in gates: its parameters in order, defaults, the texts."""

    parameters: tuple[str, ...]
    defaults: Mapping[str, ast.expr]
    texts: tuple[str, ...]

    @cached_property
    def required(self) -> int:
        """How many parameters must be given: those of its shortest text."""
        return min(len(self._missing(text, ())) for text in self.texts)

    def _missing(self, text: str, given: tuple[str, ...]) -> set[str]:
        letters = set(re.findall(r"[a-z_]\w*", text)) & set(self.parameters)
        return letters - self.defaults.keys() - set(given)

    def opened(self, given: Mapping[str, ast.expr]) -> ast.expr | None:
        """Return its tree for these arguments; None where one is missing."""
        for text in self.texts:
            if not self._missing(text, tuple(given)):
                return filled(text, **{**self.defaults, **given})
        return None


def _meanings() -> Iterator[tuple[str, Meaning]]:
    for head, texts in _MEANINGS.items():
        match = re.fullmatch(r"(\w+)\((.*)\)", head)
        assert match
        pairs = [part.partition("=") for part in match[2].split(", ") if part]
        defaults = {name: filled(value) for name, _, value in pairs if value}
        names = tuple(name for name, _, _ in pairs)
        texts = (texts,) if isinstance(texts, str) else texts
        yield match[1], Meaning(names, defaults, texts)


LIBRARY: dict[str, Meaning] = dict(_meanings())
