"""Mistakes planted in the styles that courses and frameworks use: one edit each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audit_styles_fresh import FRESH
from audit_styles_more import MORE

STYLES = Path(__file__).parent / "audit" / "styles"
INNER, UP, OVER, PATH = (
    "dropped-inner-derivative",
    "upstream-left-out",
    "overwritten-gradient",
    "forgotten-path",
)
TURN, MEAN, BRANCH, SIGN = "missing-transpose", "mean-forgotten", "wrong-branch", "sign"
SOFT, TARGET, BIAS, AXIS = (
    "softmax-cross-terms",
    "missing-target",
    "bias-not-summed",
    "wrong-axis",
)
OWN, QUOTIENT, POWER = "own-operand", "quotient-rule", "power-rule"
POINT, TABLE, TWICE = "wrong-point", "wrong-table-entry", "applied-twice"
FACTOR, SWAPPED, WHOLE = "constant-factor", "swapped-results", "truncated-dtype"
OTHER, MUTATED, SHAPE = "another-variable", "mutated-input", "wrong-shape"


@dataclass(frozen=True)
class Planted:
    """One edit in one file: what is checked, the label, the text that changes."""

    file: str
    pair: str
    label: str
    old: str
    new: str

    @property
    def source(self) -> str:
        return (STYLES / self.file).read_text(encoding="utf-8")

    @property
    def place(self) -> int:
        """Where the text stands: the first time after the function begins."""
        names = self.pair.split(".")
        start = 0
        for name in names:
            for head in (f"class {name}", f"def {name}("):
                found = self.source.find(head, start)
                if found >= 0:
                    start = found
                    break
        place = self.source.find(self.old, start)
        assert place >= 0, (self.file, self.pair, self.old)
        return place

    @property
    def text(self) -> str:
        end = self.place + len(self.old)
        return self.source[: self.place] + self.new + self.source[end:]

    @property
    def line(self) -> int:
        pairs = zip(self.source.splitlines(), self.text.splitlines(), strict=False)
        return next(i for i, (a, b) in enumerate(pairs, 1) if a != b)

    @property
    def lines(self) -> set[int]:
        """The edit's line; where a line was deleted, the one before it as well."""
        deleted = not self.new.strip()
        return {self.line, self.line - 1} if deleted else {self.line}

    @property
    def style(self) -> str:
        return self.file.split(".")[0].split("_")[0].rstrip("2")


def _all(file: str, pair: str, *edits: tuple[str, str, str]) -> list[Planted]:
    return [Planted(file, pair, *edit) for edit in edits]


PLANTED = [
    *_all(
        "coursera.py",
        "backward_propagation",
        (SIGN, "dZ2 = A2 - Y", "dZ2 = Y - A2"),
        (TABLE, "(1 - np.power(A1, 2))", "(1 - A1)"),
        (MEAN, "dW1 = 1/m * np.dot", "dW1 = np.dot"),
        (OTHER, "np.dot(dZ2, A1.T)", "np.dot(dZ2, cache['Z1'].T)"),
        (INNER, "np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))", "np.dot(W2.T, dZ2)"),
        (BIAS, "1/m * np.sum(dZ1, axis=1, keepdims=True)", "1/m * dZ1"),
    ),
    *_all(
        "coursera_gradcheck.py",
        "backward_propagation_n",
        (
            FACTOR,
            "dW2 = 1. / m * np.dot(dZ2, A1.T)",
            "dW2 = 1. / m * np.dot(dZ2, A1.T) * 2",
        ),
        (FACTOR, "db1 = 1. / m * np.sum", "db1 = 4. / m * np.sum"),
        (BRANCH, "np.int64(A2 > 0)", "np.int64(A2 < 0)"),
        (BRANCH, "np.multiply(dA1, np.int64(A1 > 0))", "dA1"),
        (OTHER, "np.dot(dZ2, A1.T)", "np.dot(dZ2, Z1.T)"),
    ),
    *_all(
        "coursera_deep.py",
        "L_model_backward",
        (SIGN, "dAL = - (np", "dAL = (np"),
        (SIGN, "- np.divide(1 - Y, 1 - AL)", "+ np.divide(1 - Y, 1 - AL)"),
    ),
    *_all(
        "coursera_deep.py",
        "relu_backward",
        (BRANCH, "dZ[Z <= 0] = 0", "dZ[Z > 0] = 0"),
        (BRANCH, "    dZ[Z <= 0] = 0\n", ""),
    ),
    *_all(
        "coursera_deep.py",
        "propagate",
        (SIGN, "(A-Y).T", "(Y-A).T"),
    ),
    *_all(
        "cs231n.py",
        "affine_backward",
        (
            INNER,
            "dw = x.reshape(x.shape[0], -1).T.dot(dout)",
            "dw = np.ones_like(x).T.dot(dout)",
        ),
        (AXIS, "db = dout.sum(axis=0)", "db = dout.sum(axis=1)"),
        (BIAS, "db = dout.sum(axis=0)", "db = dout.mean(axis=0)"),
    ),
    *_all(
        "cs231n.py",
        "relu_backward",
        (BRANCH, "(x > 0)", "(x < 0)"),
        (BRANCH, "(x > 0)", "(dout > 0)"),
    ),
    *_all(
        "cs231n.py",
        "softmax_loss",
        (TARGET, "    dx[np.arange(N), y] -= 1\n", ""),
        (MEAN, "    dx /= N\n", ""),
        (SIGN, "dx /= N", "dx /= -N"),
    ),
    *_all(
        "cs231n.py",
        "svm_loss",
        (MEAN, "    dx /= N\n", ""),
        (PATH, "    dx[np.arange(N), y] -= num_pos\n", ""),
    ),
    *_all(
        "cs231n.py",
        "batchnorm_backward",
        (OTHER, "dgamma = (dout * xhat)", "dgamma = (dout * (xhat * std))"),
        (INNER, "dxhat = dout * gamma", "dxhat = dout"),
        (PATH, "- dxhat.sum(axis=0) - xhat", "- xhat"),
        (BIAS, "dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)"),
    ),
    *_all(
        "cs231n.py",
        "layernorm_backward",
        (PATH, "- dxhat.sum(axis=1, keepdims=True) - xhat", "- xhat"),
        (INNER, "dgamma = (dout * xhat).sum(axis=0)", "dgamma = dout.sum(axis=0)"),
    ),
    *_all(
        "cs231n.py",
        "dropout_backward",
        (INNER, "dx = dout * mask", "dx = dout"),
    ),
    *_all(
        "cs231n.py",
        "rnn_step_backward",
        (TABLE, "1 - next_h**2", "1 - next_h"),
        (OTHER, "dWh = prev_h.T.dot(da)", "dWh = next_h.T.dot(da)"),
        (TURN, "da.dot(Wh.T)", "da.dot(Wh)"),
    ),
    *_all(
        "cs231n.py",
        "word_embedding_backward",
        (OVER, "np.add.at(dW, x, dout)", "dW[x] = dout"),
        (OVER, "np.add.at(dW, x, dout)", "dW[x] += dout"),
    ),
    *_all(
        "cs231n.py",
        "TwoLayerNet.loss",
        (POWER, "grads['W2'] += self.reg*W2", "grads['W2'] += 2*self.reg*W2"),
        (PATH, "        grads['W1'] += self.reg*W1\n", ""),
        (BRANCH, "dh = relu_backward(dhr, c2)", "dh = dhr"),
    ),
    *_all(
        "cs231n.py",
        "softmax_loss_naive",
        (POWER, "dW += 2*reg*W", "dW += reg*W"),
        (TARGET, "(p[j] - (j == y[i]))", "p[j]"),
        (MEAN, "    dW /= X.shape[0]\n", ""),
    ),
    *_all(
        "cs231n.py",
        "lstm_step_backward",
        (OTHER, "df = dc*prev_c", "df = dc*next_c"),
        (OTHER, "di = dc*g", "di = dc*i"),
        (INNER, "dg*(1-g**2)", "dg"),
        (PATH, "dc = dnext_c + dnext_h", "dc = dnext_h"),
    ),
    *_all(
        "nielsen.py",
        "Network.backprop",
        (INNER, "y) * sigmoid_prime(zs[-1])", "y)"),
        (POINT, "sp = sigmoid_prime(z)", "sp = sigmoid_prime(activations[-l])"),
        (
            OTHER,
            "np.dot(delta, activations[-2].transpose())",
            "np.dot(delta, zs[-2].transpose())",
        ),
        (INNER, "delta) * sp", "delta)"),
        (SIGN, "delta = self.cost_derivative", "delta = -self.cost_derivative"),
    ),
    *_all(
        "nielsen2.py",
        "Network.backprop",
        (SIGN, "nabla_b[-l] = delta", "nabla_b[-l] = -delta"),
        (
            OTHER,
            "activations[-l - 1].transpose()",
            "zs[-l].transpose() * 0 + x.transpose() ** 2",
        ),
        (FACTOR, "nabla_w[-1] = np.dot", "nabla_w[-1] = 0.5 * np.dot"),
    ),
    *_all(
        "dlfs.py",
        "MulLayer.backward",
        (OWN, "dx = dout * self.y", "dx = dout * self.x"),
        (UP, "dy = dout * self.x", "dy = self.x"),
    ),
    *_all(
        "dlfs.py",
        "Affine.backward",
        (BIAS, "np.sum(dout, axis=0)", "dout"),
        (UP, "np.dot(self.x.T, dout)", "np.dot(self.x.T, np.ones_like(dout))"),
    ),
    *_all(
        "dlfs.py",
        "Sigmoid.backward",
        (TABLE, "(1.0 - self.out) * self.out", "(1.0 - self.out)"),
        (SIGN, "dout * (1.0 - self.out)", "dout * (self.out - 1.0)"),
    ),
    *_all(
        "dlfs.py",
        "SoftmaxWithLoss.backward",
        (TARGET, "dx = (self.y - self.t) / batch_size", "dx = self.y / batch_size"),
        (MEAN, "dx = (self.y - self.t) / batch_size", "dx = self.y - self.t"),
    ),
    *_all(
        "rnn_class.py",
        "RNN.backprop",
        (INNER, "((1 - self.last_hs[t + 1] ** 2) * d_h)", "d_h"),
        (TURN, "self.Whh.T @ temp", "self.Whh @ temp"),
        (OVER, "d_bh += temp", "d_bh = temp"),
        (OTHER, "self.last_hs[t].T", "self.last_hs[t + 1].T"),
        (OVER, "d_Wxh += temp", "d_Wxh = temp"),
    ),
    *_all(
        "torch_function.py",
        "LinearFunction.backward",
        (
            TURN,
            "grad_output.mm(weight)",
            "grad_output.mm(weight * 1).mm(weight.t()).mm(weight)",
        ),
        (SIGN, "grad_output.t().mm(input)", "-grad_output.t().mm(input)"),
    ),
    *_all(
        "torch_function.py",
        "MyReLU.backward",
        (BRANCH, "grad_input[input < 0] = 0", "grad_input[input > 0] = 0"),
    ),
    *_all(
        "torch_function.py",
        "LegendrePolynomial3.backward",
        (POWER, "(5 * input ** 2 - 1)", "(5 * input ** 3 - 1)"),
        (UP, "return grad_output * 1.5", "return 1.5"),
    ),
    *_all(
        "jax_vjp.py",
        "f_bwd",
        (POINT, "cos_x * g * y", "jnp.cos(sin_x) * g * y"),
        (SWAPPED, "(cos_x * g * y, sin_x * g)", "(sin_x * g, cos_x * g * y)"),
    ),
    *_all(
        "jax_vjp.py",
        "dense_bwd",
        (BIAS, "dz.sum(axis=0)", "dz"),
        (TABLE, "(1 - y**2)", "(1 - y)"),
        (INNER, "g * (1 - y**2)", "g"),
    ),
    *_all(
        "needle_ops.py",
        "EWiseMul.gradient",
        (SWAPPED, "out_grad * rhs, out_grad * lhs", "out_grad * lhs, out_grad * rhs"),
    ),
    *_all(
        "needle_ops.py",
        "EWiseDiv.gradient",
        (SIGN, "-out_grad * a", "out_grad * a"),
        (QUOTIENT, "/ (b * b)", "/ b"),
    ),
    *_all(
        "needle_ops.py",
        "PowerScalar.gradient",
        (POWER, "out_grad * self.scalar *", "out_grad *"),
    ),
    *_all(
        "needle_ops.py",
        "Log.gradient",
        (INNER, "out_grad / node.inputs[0]", "out_grad"),
    ),
    *_all(
        "minitorch_ops.py",
        "Mul.backward",
        (SWAPPED, "d_output * b, d_output * a", "d_output * a, d_output * b"),
    ),
    *_all(
        "minitorch_ops.py",
        "Sigmoid.backward",
        (TABLE, "sigma * (1.0 - sigma)", "sigma"),
        (UP, "(1.0 - sigma) * d_output", "(1.0 - sigma)"),
        (SIGN, "(1.0 - sigma)", "(sigma - 1.0)"),
    ),
    *_all(
        "minitorch_ops.py",
        "Log.backward",
        (UP, "operators.log_back(a, d_output)", "operators.log_back(a, 1.0)"),
    ),
    *_all(
        "micrograd.py",
        "Value.__mul__",
        (
            OVER,
            "self.grad += other.data * out.grad",
            "self.grad = other.data * out.grad",
        ),
        (OWN, "self.grad += other.data", "self.grad += self.data"),
        (UP, "other.grad += self.data * out.grad", "other.grad += self.data"),
    ),
    *_all(
        "micrograd.py",
        "Value.__add__",
        (OVER, "self.grad += out.grad", "self.grad = out.grad"),
    ),
    *_all(
        "micrograd.py",
        "Value.__pow__",
        (POWER, "self.data**(other-1)", "self.data**other"),
        (POWER, "(other * self.data**(other-1))", "(self.data**(other-1))"),
    ),
    *_all(
        "micrograd.py",
        "Value.tanh",
        (TABLE, "(1 - t**2)", "(1 - t)"),
        (OVER, "self.grad += (1 - t**2)", "self.grad = (1 - t**2)"),
    ),
    *_all(
        "cupy_layers.py",
        "linear_backward",
        (BIAS, "np.sum(dy, axis=0)", "np.mean(dy, axis=0)"),
        (SIGN, "np.dot(dy, w.T)", "-np.dot(dy, w.T)"),
    ),
    *_all(
        "cupy_layers.py",
        "mse_loss",
        (POWER, "2 * diff / n", "diff / n"),
        (MEAN, "2 * diff / n", "2 * diff"),
        (SIGN, "2 * diff", "-2 * diff"),
    ),
    *_all(
        "layer_objects.py",
        "Linear.backward",
        (BIAS, "np.sum(grad, axis=0)", "np.mean(grad, axis=0)"),
        (FACTOR, "self.inputs.T @ grad", "0.3 * self.inputs.T @ grad"),
    ),
    *_all(
        "layer_objects.py",
        "Tanh.backward",
        (POINT, "y = np.tanh(self.inputs)", "y = self.inputs"),
        (INNER, "(1 - y**2) * grad", "grad"),
    ),
    *_all(
        "layer_objects.py",
        "Dense.backward",
        (BIAS, "np.sum(dvalues, axis=0, keepdims=True)", "dvalues"),
    ),
    *_all(
        "gradients_of_loss.py",
        "compute_gradient",
        (SIGN, "error = (p - y)", "error = (y - p)"),
        (MEAN, "(p - y) / len(y)", "(p - y)"),
        (BIAS, "db = np.sum(error)", "db = np.mean(error)"),
    ),
    *_all(
        "gradients_of_loss.py",
        "mse_grad",
        (POWER, "2 * (y_pred", "(y_pred"),
        (MEAN, " / y_pred.size", ""),
    ),
]
#: Made afterwards, and not in the table of the documents.
LATER = [Planted(*edit) for edit in MORE]
FRESHLY = [Planted(*edit) for edit in FRESH]
