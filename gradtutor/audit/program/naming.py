"""What a name says: whose gradient it is, an upstream gradient, a cache, labels.

>>> stem("dW1"), stem("grad_x"), stem("b_grad"), stem("grads['W']")
('W1', 'x', 'b', 'W')
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

UPSTREAM = re.compile(
    r"_*(upstream\w*|up|dout\w*|d_out\w*|dy|dL|dl|dz|da|df|dldy|dL_d\w+|dloss\w*|"
    r"delta\w*|g|"
    r"gy|grad|grads?_?out\w*|out_?grad\w*|gradient|output_gradient|dvalues|dA|dZ|dY|"
    r"grad_\w+|\w+_grad|d_?next\w*|dhs?|dprev\w*|error|seed|v|cotangent|d_\w+|"
    r"dscores|dlogits|dJ|gradOutput|gout|ct|bar)"
)
CACHE = re.compile(
    r"_*(cache\w*|ctx|context|memory|mem|saved|tape|store|state|aux|residuals?|res|"
    r"\w+_cache|caches)"
)
TARGET = re.compile(
    r"_*(y|Y|t|T|(all_)?y_?trues?|targs?|target\w*|labels?|y_?train|y_?batch|t_?batch|gt|Y_?true|"
    r"y_?onehot|y_?hat_?true|ys|desired|expected|truth)"
)

STEM = re.compile(
    r"(?:self\.)?(?:dL_?/?d_?|dl_?/?d_?|dloss_?/?d_?|dJ_?/?d_?|dj_?/?d_?|dE_?/?d_?|dC_?/?d_?|"
    r"grads?\[['\"]d?|gradients?\[['\"]d?|grads?_?(?=\w)|gradients?_?(?=\w)|delta_?|"
    r"nabla_?|d_|d|∂_?|g_?)?"
    r"(?P<name>\w+?)(?:_?grads?|_?gradients?|_?bar|['\"]\])?"
)
#: What users call examples and labels, which a loss is not differentiated by.
DATA = re.compile(
    rf"{TARGET.pattern}|_*([xX]s?|[xX]_?(train|batch|data|b)|[yY]b|data\w*|inputs?|samples?|"
    r"examples?|features?|images?|batch)"
)
#: The factor of a step.
RATE = re.compile(
    r"_*(learn(ing)?_?rate|l_?r|eta|alpha|step(_?size)?|ALPHA|LR|a|epsilon)\d*"
)
#: What a penalty on the weights is multiplied by.
PENALTY = r"reg\w*|lam(?:b|da)?|lambd\w*|lmbda|lbd|l2\w*|(weight_)?decay\w*"
#: Names of a gradient that do not say of what.
NAMELESS = re.compile(r"(grads?|gradients?|g|delta|deriv(ative)?|diff)")
#: Names of a result that is no gradient.
NO_GRADIENT = re.compile(r"(\w*_)?(loss|cost|J|L|E|nll|err|error|acc|accuracy)|None")
#: Methods that a network or a layer computes its output with.
FORWARD = (
    "forward",
    "feedforward",
    "feed_forward",
    "forward_pass",
    "forward_propagation",
    "forwardprop",
    "forward_prop",
    "fprop",
    "compute",
    "loss",
    "predict",
    "__call__",
    "call",
    "f",
)
#: Calls that return the same numbers, perhaps in another shape.
COPIES = {"array", "asarray", "copy", "reshape", "squeeze", "clip", "astype", "ravel"}
COPIES |= {"transpose", "flatten"}
#: Short names that stand for what an object stores under a longer one.
LONG = {
    "w": ("weights", "weight", "W", "ws"),
    "b": ("biases", "bias", "b", "bs"),
    "weights": ("W", "w", "weight", "theta"),
    "weight": ("W", "w", "weights"),
    "bias": ("b", "biases"),
    "biases": ("b", "bias"),
    "W": ("weights", "weight", "w", "theta"),
    "Ws": ("weights", "Ws"),
    "ws": ("weights", "ws"),
    "bs": ("biases", "bs"),
}


def stem(name: str) -> str:
    """Return what a name is the gradient of, by the usual spellings."""
    match = STEM.fullmatch(name)
    return match["name"] if match else name


def match_name(name: str, names: Sequence[str]) -> str:
    """Return the argument that a gradient's name speaks of, or an empty string."""
    bare = name.rpartition(".")[2] if name.startswith("self.") else name
    for candidate in (
        stem(bare),
        bare,
        bare.removeprefix("d"),
        bare.removeprefix("g"),
        stem(stem(bare)),
    ):
        if candidate in names:
            return candidate
    lower = {n.lower(): n for n in reversed(names)}
    if stem(bare).lower() in lower:
        return lower[stem(bare).lower()]
    return next((n for n in LONG.get(stem(bare), ()) if n in names), "")


def bare(text: str) -> str:
    """Return the name that a returned expression scales, or copies; else its text.

    >>> bare("dj_dw / m"), bare("-2 * dW + reg * W"), bare("dW.T.copy()"), bare("x @ d")
    ('dj_dw', 'dW', 'dW', 'x @ d')
    """
    try:
        node = _scaled(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return text
    found = ast.unparse(node) if node else ""
    return found if is_gradient_name(found) else text


def _scaled(node: ast.expr) -> ast.expr | None:
    """Return what an expression is a multiple or a copy of, by its shape on paper."""
    match node:
        case ast.Name() | ast.Attribute(ast.Name("self")) | ast.Subscript():
            return node
        case ast.BinOp(ast.Constant() | ast.UnaryOp(), ast.Mult(), inner):
            return _scaled(inner)
        case ast.BinOp(inner, ast.Mult(), ast.Constant()):
            return _scaled(inner)
        case ast.BinOp(ast.BinOp(ast.Constant(), ast.Div()), ast.Mult(), inner):
            return _scaled(inner)
        case ast.BinOp(inner, ast.Mult(), ast.BinOp(ast.Constant(), ast.Div())):
            return _scaled(inner)
        case ast.BinOp(inner, ast.Div() | ast.Add() | ast.Sub()):
            return _scaled(inner)
        case ast.UnaryOp(_, inner) | ast.Attribute(inner, "T"):
            return _scaled(inner)
        case ast.Call(ast.Attribute(ast.Name("np"), name), [inner, *_]) if (
            name in COPIES
        ):
            return _scaled(inner)
        case ast.Call(ast.Attribute(inner, name)) if name in COPIES:
            return _scaled(inner)
    return None


def is_gradient_name(name: str) -> bool:
    """Whether a name is spelt like a gradient: dx, grad_W, grads."""
    return bool(
        re.fullmatch(
            r"(self\.)?(grads?|gradients?|nabla\w*|d_?[A-Za-z]\w*|grads?(_\w|[A-Z])\w*|\w+_grads?|"
            r"gradients?_\w+|delta_?\w*)(\[.*\])?",
            name,
        )
    ) and not re.fullmatch(r"(self\.)?(data|dataset|dist\w*|dim\w*|depth|dot|d)", name)
