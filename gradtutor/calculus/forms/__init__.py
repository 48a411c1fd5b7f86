"""Derivatives by vectors and matrices as a textbook writes them: (A + A.T) @ x."""

from gradtutor.calculus.forms.shown import ShownForms

__all__ = ["ShownForms"]
