from __future__ import annotations
from typing import TYPE_CHECKING
import minitorch
from . import operators
from .autodiff import Context

class ScalarFunction:
    @classmethod
    def _backward(cls, ctx: Context, d_out: float):
        return wrap_tuple(cls.backward(ctx, d_out))
    @classmethod
    def _forward(cls, ctx: Context, *inps: float) -> float:
        return cls.forward(ctx, *inps)
class Add(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        return a + b
    @staticmethod
    def backward(ctx: Context, d_output: float):
        return d_output, d_output
class Log(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        ctx.save_for_backward(a)
        return operators.log(a)
    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        (a,) = ctx.saved_values
        return operators.log_back(a, d_output)
class Mul(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        ctx.save_for_backward(a, b)
        return a * b
    @staticmethod
    def backward(ctx: Context, d_output: float):
        a, b = ctx.saved_values
        return d_output * b, d_output * a
class Sigmoid(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        out = operators.sigmoid(a)
        ctx.save_for_backward(out)
        return out
    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        sigma: float = ctx.saved_values[0]
        return sigma * (1.0 - sigma) * d_output
class LT(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        return 1.0 if a < b else 0.0
    @staticmethod
    def backward(ctx: Context, d_output: float):
        return 0.0, 0.0
