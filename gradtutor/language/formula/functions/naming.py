"""Who is called: a gate or a function, by any library's spelling, as a method or not.

``np.exp(x)``, ``F.softplus(x)``, ``x.sum(axis=0)`` and ``jax.nn.relu(x)`` are read.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from gradtutor.gates import SPELLINGS
from gradtutor.language.errors import (
    NotInLanguageError,
    UnknownNameError,
    near,
)
from gradtutor.language.formula.functions.aliases import ALIASES
from gradtutor.language.formula.functions.library import LIBRARY
from gradtutor.language.formula.functions.norms import BY_RANK
from gradtutor.language.formula.functions.ranked import RANKED
from gradtutor.language.formula.trees import Numeral
from gradtutor.language.syntax import Source
from gradtutor.messages import mark, tr

#: Modules whose prefix is dropped, so that np.exp(x) and torch.relu(x) can be pasted.
PREFIXES = {
    *("np", "numpy", "math", "torch", "F", "nn", "functional", "jnp", "jax", "tf"),
    *("sp", "sympy", "scipy", "special", "linalg", "keras", "ops", "lax", "cp"),
    *("activations", "tensorflow", "cupy", "jsp", "xp", "sym", "onp", "optax"),
    *("stats", "norm", "Math"),
}
ONLY_GATES = mark("only gates can be called")
NO_FORMULA = mark("a list is not a formula")
#: What Python makes of a |x| b.
BARS = mark("the operator BitOr is not in the language")
#: Functions that join or choose, read from arguments of their own form.
FORMS = {"Piecewise", "select", "Rational", "prod", "multi_dot", "tensordot"}
FORMS |= {"unsqueeze", "expand_dims", "float", "array", BY_RANK, *RANKED}
FORMS |= {"stack", "vstack", "column_stack", "hstack", "diff", "sinc", "layer_norm"}
FORMS |= {"astype", "factorial"}
FORMS |= {"mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss", "kl_div"}
FORMS |= {f"{name}_loss" for name in ("soft_margin", "poisson_nll", "gaussian_nll")}
FORMS |= {f"{name}_loss" for name in ("margin_ranking", "triplet_margin")}
#: What SymPy calls a number, and the density of the normal distribution in SciPy.
NUMBERS = {"S"}
DENSITIES = {"pdf", "cdf", "logpdf"}
#: What stops a gradient, which no formula does.
STOPS = {"stop_gradient", "detach", "no_grad"}
#: Functions of Keras's backend, which is imported as K.
BACKEND = {"mean", "sum", "square", "abs", "exp", "log", "sqrt", "maximum", "minimum"}
BACKEND |= {"pow", "clip", "max", "min", "sigmoid", "softmax", "relu", "tanh"}
#: What makes arrays of numbers, on lines of their own.
ARRAYS = {"array", "tensor", "asarray", "ones", "zeros", "full", "linspace", "arange"}
#: Spellings that are methods only: t is a variable as a rule.
METHODS_ONLY = {"t"}
#: Layers, which no formula calls.
LAYERS = {"dropout", "linear", "dense", "batchnorm", "embedding", "lstm", "gru", "rnn"}
#: log_2(x), log_10(x), log_b(x).
LOG_BASE = "log_"


@dataclass(frozen=True)
class Named:
    """A call by its plain name, the value of a method first among its arguments."""

    name: str
    written: str
    args: list[ast.expr]
    keywords: list[ast.keyword]
    prefix: str = ""
    is_method: bool = False
    #: All modules before the name: torch.linalg.
    path: str = ""


def is_module(source: Source, node: ast.expr) -> bool:
    """Whether a piece is a module such as np or torch.nn.functional."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return (
        isinstance(node, ast.Name)
        and node.id in PREFIXES
        and node.id not in source.names
    )


def _is_backend(source: Source, node: ast.Call) -> bool:
    """Whether this is K.sum(x) of Keras, rather than a method of a matrix K."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("K"), word), [first, *_]):
            numbers = isinstance(first, ast.Constant | ast.Tuple | ast.UnaryOp)
            return word in BACKEND and not numbers and "K" not in source.names
    return False


def known_function(name: str) -> str:
    """Return the plain name of a function, or nothing where there is none.

    >>> known_function("arctan"), known_function("clamp"), known_function("foo")
    ('arctan', 'clip', '')
    """
    if name in SPELLINGS or name in LIBRARY or name in FORMS or name in ("max", "min"):
        return name
    if name in ALIASES:
        return known_function(ALIASES[name])
    is_log = name.startswith(LOG_BASE) and name[len(LOG_BASE) :].isidentifier()
    digits = name[len(LOG_BASE) :].isdigit() and name.startswith(LOG_BASE)
    return "log_base" if digits or (is_log and name != "log_softmax") else ""


def named(source: Source, node: ast.Call) -> Named:
    """Return who is called and with what.

    Raises
    ------
    NotInLanguageError
        When it is no function that is called.
    UnknownNameError
        When there is no such function.
    """
    func, prefix, path = node.func, "", ""
    args = list(node.args)
    match func:
        case ast.Name(written):
            method = False
        case ast.Attribute(value, written):
            method = not (is_module(source, value) or _is_backend(source, node))
            if method:
                args = [value, *args]
            else:
                prefix, path = _root(value), ast.unparse(value)
        case _:
            raise _not_called(source, func)
    name = "" if written in METHODS_ONLY and not method else known_function(written)
    if prefix:
        name = _of_library(written, path) or name
    if not name:
        raise _unknown(source, func, written, is_method=method)
    if name == "log_base" and written.startswith(LOG_BASE):
        args += [_base(written[len(LOG_BASE) :])]
    if name in ("log", "ln") and len(args) == 2:
        name = "log_base"
    keywords = list(node.keywords)
    if name == "gelu":
        name = _gelu(keywords, prefix)
    return Named(name, written, args, keywords, prefix, method, path)


def _of_library(written: str, path: str) -> str:
    """Return what only a library's own name means: sp.S(1), stats.norm.pdf(x)."""
    if written in DENSITIES and path.rpartition(".")[2] == "norm":
        return f"normal_{written}_at"
    return "positive" if written in NUMBERS and path in ("sp", "sympy", "sym") else ""


def _gelu(keywords: list[ast.keyword], prefix: str) -> str:
    """Choose the approximation where PyTorch asks for it, and where JAX does not."""
    told = [one for one in keywords if one.arg == "approximate"]
    value = told[0].value if told else ast.Constant(prefix == "jax")
    for one in told:
        keywords.remove(one)
    by_tanh = isinstance(value, ast.Constant) and value.value in (True, "tanh")
    return "gelu_tanh" if by_tanh else "gelu"


def _root(value: ast.expr) -> str:
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def _base(text: str) -> ast.expr:
    return Numeral(int(text), text) if text.isdigit() else ast.Name(text)


def _not_called(source: Source, func: ast.expr) -> NotInLanguageError:
    return NotInLanguageError(
        tr(ONLY_GATES), source.text, source.span(func), tr("as in exp(x)")
    )


def _unknown(
    source: Source, func: ast.expr, written: str, *, is_method: bool
) -> Exception:
    if written in STOPS:
        said = mark("{name} stops a gradient; those of a formula are whole")
        message = tr(said, name=written)
        hint = tr("give its value as an input of its own")
        return UnknownNameError(message, source.text, source.span(func), hint)
    hint = near(written, [*SPELLINGS, *LIBRARY, *ALIASES])
    if is_method and not hint:
        return _not_called(source, func)
    message = tr("there is no gate {name!r}", name=written)
    if written.lower().rstrip("123d") in LAYERS:
        hint = tr("it is a layer of a network, as in Sequential([Input(4), Linear(2)])")
    if written in ARRAYS:
        hint = tr("write it on a line above: c = [1, 2, 3], or c = ones(3)")
    hint = hint or tr("a product needs its sign: f*(x)")
    return UnknownNameError(message, source.text, source.span(func), hint)
