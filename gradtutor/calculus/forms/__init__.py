"""Derivatives by vectors and matrices as a textbook writes them: (A + A.T) @ x."""

from gradtutor.calculus.forms.shown import ShownForms
from gradtutor.calculus.forms.tensors import TensorForms, tensor_textbook

__all__ = ["ShownForms", "TensorForms", "tensor_textbook"]
