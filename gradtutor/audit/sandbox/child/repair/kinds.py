"""The misconceptions that edits of a line mend, and the names that tell them apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

SIGN, TURN, OTHER, AXIS = "sign", "missing-transpose", "another-variable", "wrong-axis"
MEAN, BIAS, BRANCH, OVER = (
    "mean-forgotten",
    "bias-not-summed",
    "wrong-branch",
    "overwritten-gradient",
)
FACTOR, POWER, TABLE, PATH = (
    "constant-factor",
    "power-rule",
    "wrong-table-entry",
    "forgotten-path",
)
INNER, UP, TWICE = "dropped-inner-derivative", "upstream-left-out", "applied-twice"
SCALE, SCORES = "dropout-scale", "attention-scale"
QUOTIENT, OWN = "quotient-rule", "own-operand"
SWAPPED, UPSIDE, TARGET = "swapped-results", "reciprocal", "missing-target"
ALIASED, CACHED, REPEATED = "aliased-arrays", "overwritten-cache", "repeated-rows"
INTEGER, STRIDE, DETACHED = "integer-array", "stride-ignored", "detached-path"
KEEP, SOFTMAX, NORM = "keepdims", "softmax-axis", "normalised-axis"
TWICE_MEAN, TIME, DECAY = "mean-twice", "truncated-time", "weight-decay"
AFFINE = "affine-left-out"
WRONG_MASK, WHOLE = "wrong-mask", "truncated-dtype"
#: What a step of a sequence hands to the step before it.
CARRIED = re.compile(r"d?_?\w*(next|prev)\w*|dh|dc|dhs|d_h|d_c")
GRADIENT = re.compile(r"(self\.)?(d|grad_?)(mu|mean|sum|m)\w*")
GAIN = re.compile(r"(self\.)?(gamma|gain|scale|weight|g|ln_w|bngain)\d?")
NORMED = re.compile(r"d?_?(mu|mean|var|std|sigma\w*|ivar|inv\w*|rstd)\d?")
UPSTREAM = re.compile(
    r"_*(d?out|upstream\w*|grad|grad_out\w*|out_grad\w*|g|dvalues|\w*dout\w*|"
    r"d_?output\w*|out\.grad|dnext\w*|dy|dA|dZ|da_next)"
)
MASK = re.compile(r"(self\.)?\w*mask\w*|(self\.)?D\d")
PRODUCTS = {"dot", "matmul", "mm"}
OPPOSITE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.LtE, ast.Lt),
    ast.GtE: (ast.Lt, ast.LtE),
    ast.Lt: (ast.GtE, ast.Gt),
    ast.LtE: (ast.Gt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
PAIRS: tuple[tuple[str, str], ...] = (
    ("sin", "cos"),
    ("max", "min"),
    ("amax", "amin"),
    ("argmax", "argmin"),
)
PAIRS += (("tanh", "cosh"), ("mean", "sum"), ("maximum", "minimum"))

Product = Callable[[ast.expr, ast.expr], ast.expr]
Target = ast.Name | ast.Attribute | ast.Subscript
#: A misconception, a rank (smaller ones are likelier), and what stands in its place.
Made = Iterator[tuple[str, float, ast.expr]]
