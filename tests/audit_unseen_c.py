"""The third set: written after the mends for the first two, run once."""

from audit_unseen import _of

THIRD = [
    *_of(
        "ridge_logistic.py",
        "cost_function_reg_gradient",
        ("sign", ("sigmoid(X @ theta) - y", "y - sigmoid(X @ theta)")),
        ("mean-forgotten", ("grad = X.T @ error / m", "grad = X.T @ error")),
        (
            "weight-decay",
            (
                "    grad[1:] = grad[1:] + lamb / m * theta[1:]",
                "    grad = grad + lamb / m * theta",
            ),
        ),
        ("weight-decay", ("    grad[1:] = grad[1:] + lamb / m * theta[1:]\n", "")),
        (
            "dropped-inner-derivative another-variable",
            ("sigmoid(X @ theta) - y", "X @ theta - y"),
        ),
    ),
    *_of(
        "norm_and_gate.py",
        "PowerNorm",
        ("another-variable", ("(dout * self.out).sum", "(dout * self.centered).sum")),
        ("affine-left-out", ("dnorm = dout * self.gain", "dnorm = dout")),
        ("quotient-rule power-rule", ("/ self.scale ** 2", "/ self.scale")),
        ("sign", ("dscale = -(dnorm", "dscale = (dnorm")),
        ("forgotten-path", (" + dscale * self.centered / (n * self.scale)", "")),
        ("normalised-axis", ("dcentered.mean(axis=1", "dcentered.mean(axis=0")),
        ("forgotten-path", (" - dcentered.mean(axis=1, keepdims=True)", "")),
    ),
    *_of(
        "norm_and_gate.py",
        "glu_backward",
        ("own-operand another-variable", ("da = dout * gate", "da = dout * a")),
        ("wrong-table-entry", ("gate * (1 - gate)", "(1 - gate ** 2)")),
        ("dropped-inner-derivative", ("db = dgate * gate * (1 - gate)", "db = dgate")),
    ),
    *_of(
        "norm_and_gate.py",
        "cosine_backward",
        ("forgotten-path", (" - (cos / nv ** 2)[:, None] * v", "")),
        ("another-variable", ("(cos / nu ** 2)", "(cos / nv ** 2)")),
    ),
    *_of(
        "conv1d_strided.py",
        "conv1d_backward",
        (
            "overwritten-gradient",
            (
                "+ K] += np.tensordot(dout[:, :, t], w",
                "+ K] = np.tensordot(dout[:, :, t], w",
            ),
        ),
        (
            "stride-ignored",
            ("dx[:, :, t * stride:t * stride + K]", "dx[:, :, t:t + K]"),
        ),
        (
            "kernel-flipped",
            ("dout[:, :, t], w, axes", "dout[:, :, t], w[:, :, ::-1], axes"),
        ),
        (
            "wrong-axis bias-not-summed",
            ("dout.sum(axis=(0, 2))", "dout.sum(axis=0).sum(axis=0)"),
        ),
        ("overwritten-gradient", ("dw += np", "dw = np")),
    ),
    *_of(
        "elman.py",
        "rnn_backward",
        ("truncated-time", ("dh = dhs[t] + carry", "dh = dhs[t]")),
        ("overwritten-gradient", ("dWh += before", "dWh = before")),
    ),
]
