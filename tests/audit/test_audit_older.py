"""Older files and notebooks: Python 2's print, NumPy's old names, missing helpers."""

from __future__ import annotations

import pytest
from audit_here import in_this_process

from gradtutor.audit import audit_function

LAYER = """
import numpy as np
{above}

def tanh_forward(x, w, b):
    {inside}
    out = np.tanh(x.dot(w) + b)
    return out, (x, w, out)

def tanh_backward(dout, cache):
    x, w, out = cache
    dz = dout * (1 - out**2)
    return dz.dot(w.T), x.T.dot(dz), dz.sum(axis=0)
"""


def audited(tmp_path, text, name):
    path = tmp_path / "a.py"
    path.write_text(text, encoding="utf-8")
    with in_this_process():
        return audit_function(path, name)


@pytest.mark.parametrize(
    ("above", "inside"),
    [
        ("", "print 'the shape is', x.shape"),
        ("", "print 'Epoch {0}: {1}'.format(\n        1, 2)"),
        ("%matplotlib inline", "x = x"),
        ("!pip install numpy", "x = x"),
        ("", "x = x.astype(np.float)"),
        ("", "n = np.product(x.shape)"),
        ("", "for i in xrange(2): pass"),
        ("", "b = b + float(np.zeros((1, 1, 1)))"),
    ],
)
def test_older_code_is_run_as_it_stands(tmp_path, above, inside):
    text = LAYER.format(above=above, inside=inside)
    assert audited(tmp_path, text, "tanh_backward").ok is True


NET = """
from {module} import {names}
import numpy as np

def forward_propagation(X, W, b):
    return sigmoid(np.dot(W, X) + b)

def compute_cost(A, Y):
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))

def backward_propagation(X, Y, W, b):
    dZ = (sigmoid(np.dot(W, X) + b) - Y) / X.shape[1]
    return np.dot(dZ, X.T), np.sum(dZ, axis=1, keepdims=True)
"""


@pytest.mark.parametrize(
    ("module", "names"), [("gc_utils", "sigmoid, relu"), ("planar_utils", "*")]
)
def test_a_course_s_helper_file_need_not_be_there(tmp_path, module, names):
    text = NET.format(module=module, names=names)
    assert audited(tmp_path, text, "backward_propagation").ok is True
    wrong = text.replace("- Y) / X", "+ Y) / X")
    assert audited(tmp_path, wrong, "backward_propagation").ok is False


def test_a_wrong_gradient_is_wrong_in_a_subclass(tmp_path):
    text = """
import numpy as np
class Layer:
    def forward(self, x):
        raise NotImplementedError
    def backward(self, dout):
        raise NotImplementedError
class Activation(Layer):
    def __init__(self, f, f_prime):
        self.f, self.f_prime = f, f_prime
    def forward(self, x):
        self.x = x
        return self.f(x)
    def backward(self, dout):
        return dout * self.f_prime(self.x)
class Sine(Activation):
    def __init__(self):
        super().__init__(np.sin, lambda x: {slope})
"""
    assert audited(tmp_path, text.format(slope="np.cos(x)"), "Sine").ok is True
    assert audited(tmp_path, text.format(slope="-np.cos(x)"), "Sine").ok is False
