"""Operator implementations."""
from numbers import Number
from typing import Optional, List, Tuple, Union
from ..autograd import NDArray
from ..autograd import Op, Tensor, Value, TensorOp
from ..autograd import TensorTuple, TensorTupleOp
import numpy
from ..backend_selection import array_api, BACKEND
from .ops_tuple import *

class EWiseAdd(TensorOp):
    def compute(self, a: NDArray, b: NDArray):
        return a + b
    def gradient(self, out_grad: Tensor, node: Tensor):
        return out_grad, out_grad
def add(a, b):
    return EWiseAdd()(a, b)
class AddScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar
    def compute(self, a: NDArray):
        return a + self.scalar
    def gradient(self, out_grad: Tensor, node: Tensor):
        return out_grad
class EWiseMul(TensorOp):
    def compute(self, a: NDArray, b: NDArray):
        return a * b
    def gradient(self, out_grad: Tensor, node: Tensor):
        lhs, rhs = node.inputs
        return out_grad * rhs, out_grad * lhs
class PowerScalar(TensorOp):
    def __init__(self, scalar: int):
        self.scalar = scalar
    def compute(self, a: NDArray) -> NDArray:
        return a ** self.scalar
    def gradient(self, out_grad, node):
        a = node.inputs[0]
        return out_grad * self.scalar * (a ** (self.scalar - 1))
class EWiseDiv(TensorOp):
    def compute(self, a, b):
        return a / b
    def gradient(self, out_grad, node):
        a, b = node.inputs
        return out_grad / b, -out_grad * a / (b * b)
class Transpose(TensorOp):
    def __init__(self, axes: Optional[tuple] = None):
        self.axes = axes
    def compute(self, a):
        if self.axes:
            return array_api.swapaxes(a, self.axes[0], self.axes[1])
        return array_api.swapaxes(a, a.ndim - 2, a.ndim - 1)
    def gradient(self, out_grad, node):
        return transpose(out_grad, self.axes)
def transpose(a, axes=None):
    return Transpose(axes)(a)
class Reshape(TensorOp):
    def __init__(self, shape):
        self.shape = shape
    def compute(self, a):
        return array_api.reshape(a, self.shape)
    def gradient(self, out_grad, node):
        return reshape(out_grad, node.inputs[0].shape)
def reshape(a, shape):
    return Reshape(shape)(a)
class Summation(TensorOp):
    def __init__(self, axes: Optional[tuple] = None):
        self.axes = axes
    def compute(self, a):
        return array_api.sum(a, axis=self.axes)
    def gradient(self, out_grad, node):
        shape = node.inputs[0].shape
        return broadcast_to(out_grad, shape)
class BroadcastTo(TensorOp):
    def __init__(self, shape):
        self.shape = shape
    def compute(self, a):
        return array_api.broadcast_to(a, self.shape)
    def gradient(self, out_grad, node):
        return out_grad
def broadcast_to(a, shape):
    return BroadcastTo(shape)(a)
def summation(a, axes=None):
    return Summation(axes)(a)
class MatMul(TensorOp):
    def compute(self, a, b):
        return a @ b
    def gradient(self, out_grad, node):
        a, b = node.inputs
        return matmul(out_grad, transpose(b)), matmul(transpose(a), out_grad)
def matmul(a, b):
    return MatMul()(a, b)
class Log(TensorOp):
    def compute(self, a):
        return array_api.log(a)
    def gradient(self, out_grad, node):
        return out_grad / node.inputs[0]
class ReLU(TensorOp):
    def compute(self, a):
        return array_api.maximum(a, 0)
    def gradient(self, out_grad, node):
        a = node.realize_cached_data()
        return out_grad * Tensor(a > 0)
