"""Costs that a file leaves to a module that is not there, as courses define them."""

from gradtutor.messages import mark

BINARY = """
import numpy as np


def cross_entropy_of_columns(A, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
"""
BINARY_SAID = mark(
    "the file has no cost: the mean of the cross-entropy over the columns was taken"
)
SQUARES = """
import numpy as np

from gradtutor.messages import mark


def half_of_squares(a, y):
    assert np.shape(a) == np.shape(y)
    return 0.5 * np.sum((a - y) ** 2)
"""
SQUARES_SAID = mark("the file has no cost: half of the squared distance was taken")
