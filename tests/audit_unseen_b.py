"""The second set: written before anything was mended for the first, run once after."""

from audit_unseen import _of

SECOND = [
    *_of(
        "flat_three.py",
        "network_cost",
        (
            "dropped-inner-derivative wrong-branch",
            ("back = back * (hidden_in > 0)", "back = back"),
        ),
        ("another-variable", ("hidden.T.dot(err)", "hidden_in.T.dot(err)")),
        ("mean-forgotten", ("    err = err / n\n", "")),
        (
            "weight-decay",
            ("gb2 = err.sum(axis=0)", "gb2 = err.sum(axis=0) + weight_decay * b2"),
        ),
        (
            "constant-factor power-rule",
            (
                "X.T.dot(back) + weight_decay * W1",
                "X.T.dot(back) + 2 * weight_decay * W1",
            ),
        ),
        ("wrong-axis", ("gb1 = back.sum(axis=0)", "gb1 = back.sum(axis=1)[:h]")),
    ),
    *_of(
        "ufldl_softmax.py",
        "softmax_cost",
        ("sign", ("-(ground_truth - probs)", "(ground_truth - probs)")),
        ("mean-forgotten", ("dot(data.T) / m", "dot(data.T)")),
        ("weight-decay", (" / m + lambda_ * theta\n", " / m\n")),
    ),
    *_of(
        "ufldl_softmax.py",
        "sparse_cost",
        ("sign", ("(-rho / rho_hat + (1", "(rho / rho_hat + (1")),
        ("forgotten-path", (" + sparsity[:, None])", ")")),
        (
            "dropped-inner-derivative",
            ("delta3 = diff * a3 * (1 - a3)", "delta3 = diff"),
        ),
        (
            "another-variable",
            ("W2_grad = delta3.dot(a2.T)", "W2_grad = delta3.dot((W1.dot(data)).T)"),
        ),
        ("mean-forgotten", ("delta2.sum(axis=1) / m", "delta2.sum(axis=1)")),
        (
            "quotient-rule power-rule",
            ("+ (1 - rho) / (1 - rho_hat))", "+ (1 - rho) / (1 - rho_hat) ** 2)"),
        ),
    ),
    *_of(
        "coursera_residual.py",
        "backward_propagation",
        ("forgotten-path", ("np.dot(W2.T, dZ2) + dZ2", "np.dot(W2.T, dZ2)")),
        (
            "another-variable dropped-inner-derivative wrong-branch",
            ("np.dot(W2.T, dZ2) + dZ2", "np.dot(W2.T, dZ2) + dA2"),
        ),
        ("wrong-mask wrong-branch another-variable", ("(A2 > 0)", "(Z2 > 0)")),
        ("mean-twice", ("dW3 = np.dot(dZ3, A2.T)", "dW3 = np.dot(dZ3, A2.T) / m")),
        (
            "power-rule constant-factor",
            ("dZ3 = (Z3 - Y) / m", "dZ3 = 2 * (Z3 - Y) / m"),
        ),
        (
            "another-variable",
            ("np.dot(dZ2, A1.T)", "np.dot(dZ2, Z1.T)"),
            ("np.dot(W2.T, dZ2) + dZ2", "np.dot(W2.T, dZ2)"),
        ),
    ),
    *_of(
        "group_norm.py",
        "groupnorm_backward",
        ("normalised-axis", ("m1 = dxhat.mean(axis=2", "m1 = dxhat.mean(axis=0")),
        ("affine-left-out", ("(dout * gamma[:, None])", "dout")),
        ("mean-forgotten", ("m2 = (dxhat * xh).mean(", "m2 = (dxhat * xh).sum(")),
        (
            "wrong-axis bias-not-summed",
            ("dbeta = dout.sum(axis=(0, 2))", "dbeta = dout.sum(axis=0).mean(axis=1)"),
        ),
    ),
    *_of(
        "group_norm.py",
        "weightnorm_backward",
        ("forgotten-path", (" - g * v * np.sum(dw * v, axis=0) / norm ** 3", "")),
        ("quotient-rule power-rule", ("norm ** 3", "norm ** 2")),
        ("constant-factor", ("dw = x.T @ dout", "dw = 2 * x.T @ dout")),
    ),
    *_of(
        "group_norm.py",
        "dropout2d_backward",
        (
            "dropout-scale applied-twice",
            ("return dout * mask", "return dout * mask / p"),
        ),
    ),
    *_of(
        "dense_classes.py",
        "Dense",
        (
            "wrong-point",
            ("grad * self.a * (1.0 - self.a)", "grad * self.z * (1.0 - self.z)"),
        ),
        ("dropped-inner-derivative", ("np.sum(delta, axis=0)", "np.sum(grad, axis=0)")),
        (
            "missing-transpose",
            ("np.dot(delta, self.weights.T)", "np.dot(delta, self.weights)"),
        ),
    ),
    *_of(
        "dense_classes.py",
        "Highway",
        ("forgotten-path", ("dout * (1 - gate) + dpre_h", "dpre_h")),
        (
            "another-variable own-operand",
            ("dcand = dout * gate", "dcand = dout * (1 - gate)"),
        ),
        ("sign", ("dout * (cand - x)", "dout * (x - cand)")),
        ("forgotten-path", ("dgate = dout * (cand - x)", "dgate = dout * cand")),
    ),
    *_of(
        "dense_classes.py",
        "GlobalPoolSoftmax",
        ("mean-forgotten", (" / (H * W)", "")),
        ("softmax-axis", ("(dout * s).sum(axis=1", "(dout * s).sum(axis=0")),
    ),
    *_of(
        "nielsen_tanh.py",
        "Network.backprop",
        ("wrong-table-entry", ("(1 - acts[l] ** 2)", "(1 - acts[l])")),
        ("sign", ("delta = out - y", "delta = y - out")),
        (
            "missing-transpose",
            (
                "np.dot(delta, acts[l].transpose())",
                "np.dot(acts[l], delta.transpose())",
            ),
        ),
    ),
    *_of(
        "torch_conv.py",
        "Conv1dFn",
        ("overwritten-gradient", ("gx[:, j:j + L] += ", "gx[:, j:j + L] = ")),
        (
            "kernel-flipped another-variable",
            ("grad_out * w[j]", "grad_out * w[k - 1 - j]"),
        ),
    ),
    *_of(
        "torch_conv.py",
        "PReLUFn",
        ("bias-not-summed", ("x * g).sum(0)", "x * g).mean(0)")),
        (
            "dropped-inner-derivative wrong-branch",
            ("torch.where(x > 0, g, a * g)", "g"),
        ),
    ),
    *_of(
        "torch_conv.py",
        "SoftmaxFn",
        ("softmax-cross-terms", ("p * (g - inner)", "p * (1 - p) * g")),
    ),
    *_of(
        "script_poly.py",
        "",
        ("weight-decay", (" + decay * u\n", "\n")),
        ("wrong-table-entry", ("da * a * (1 - a)", "da * a * (1 + a)")),
        ("another-variable", ("du = np.dot(a.T, dpred)", "du = np.dot(s.T, dpred)")),
    ),
    *_of(
        "rnn_tagger.py",
        "Tagger",
        ("truncated-time", ("dy + dh_next", "dy")),
        ("another-variable", ("np.outer(draw, h[t - 1])", "np.outer(draw, h[t])")),
        (
            "missing-transpose",
            ("dh_next = self.Whh.T @ draw", "dh_next = self.Whh @ draw"),
        ),
        ("overwritten-gradient", ("dby += dy", "dby = dy")),
        (
            "another-variable dropped-inner-derivative",
            ("dh_next = self.Whh.T @ draw", "dh_next = self.Whh.T @ dh"),
        ),
        (
            "missing-target",
            ("            dy[targets[t]] -= 1\n", ""),
            ("dbh += draw", "dbh += dh"),
        ),
    ),
    *_of(
        "conv_im2col.py",
        "conv_backward",
        (
            "missing-transpose",
            ("dout.transpose(0, 2, 3, 1).reshape(-1, F)", "dout.reshape(-1, F)"),
        ),
        ("bias-not-summed", ("db = dflat.sum(axis=0)", "db = dflat.mean(axis=0)")),
    ),
    *_of(
        "conv_im2col.py",
        "max_pool_backward",
        (
            "stride-ignored",
            ("dx[n, ch, i * s + r, j * s + c]", "dx[n, ch, i + r, j + c]"),
        ),
        ("wrong-branch", ("window.argmax()", "window.argmin()")),
    ),
    *_of(
        "cross_attention.py",
        "CrossAttention",
        ("attention-scale", ("        dS = dS / np.sqrt(d)\n", "")),
        ("forgotten-path", ("dx = dout + dQ", "dx = dQ")),
        ("missing-transpose", ("dV = self.A.T @ dH", "dV = self.A @ dH")),
        ("softmax-axis", ("np.sum(dA * self.A, axis=1", "np.sum(dA * self.A, axis=0")),
        (
            "attention-scale",
            ("        dS = dS / np.sqrt(d)\n", ""),
            ("dx = dout + dQ", "dx = dQ"),
        ),
    ),
    *_of(
        "skipgram.py",
        "negative_loss_grad",
        (
            "repeated-rows",
            ("np.add.at(demb_out, negatives, dk)", "demb_out[negatives] += dk"),
        ),
        ("missing-target", ("dpos = sigmoid(pos) - 1", "dpos = sigmoid(pos)")),
        ("sign", ("dneg = sigmoid(neg)", "dneg = -sigmoid(neg)")),
        ("forgotten-path", (" + np.sum(dneg[:, :, None] * k, axis=1)", "")),
        (
            "own-operand another-variable",
            ("du = dpos[:, None] * v", "du = dpos[:, None] * u"),
        ),
    ),
    *_of(
        "losses_more.py",
        "huber_loss_grad",
        ("mean-forgotten", (" / r.size", "")),
        (
            "dropped-inner-derivative constant-factor wrong-branch sign",
            ("delta * np.sign(r)", "delta"),
        ),
    ),
    *_of(
        "losses_more.py",
        "triplet_loss_grad",
        (
            "forgotten-path",
            (
                "(2 * (anchor - positive) - 2 * (anchor - negative))",
                "(2 * (anchor - positive))",
            ),
        ),
        (
            "sign",
            ("active * -2 * (anchor - positive)", "active * 2 * (anchor - positive)"),
        ),
        (
            "wrong-branch dropped-inner-derivative",
            ("((dp - dn + margin) > 0)[:, None] / N", "1 / N"),
        ),
    ),
    *_of(
        "losses_more.py",
        "gaussian_nll_grad",
        ("power-rule", ("(t - mu) ** 2 * inv", "(t - mu) * inv")),
        ("sign", ("dmu = -(t - mu)", "dmu = (t - mu)")),
    ),
    *_of(
        "matrix_factors.py",
        "mf_cost_grad",
        ("missing-transpose", ("dV = dpred.T @ U", "dV = dpred @ U")),
        (
            "weight-decay",
            ("dV = dpred.T @ U + lam * V", "dV = dpred.T @ U + lam * V + lam * V"),
        ),
        ("wrong-axis", ("dbi = dpred.sum(axis=0)", "dbi = dpred.sum(axis=1)")),
        (
            "weight-decay",
            ("dbu = dpred.sum(axis=1)", "dbu = dpred.sum(axis=1) + lam * bu"),
        ),
    ),
]
