"""The first set: written without a look at the rules.

Two rows have got one label more since, as it gives the very same numbers.
"""

from audit_unseen import _of

FIRST = [
    *_of(
        "flat_mlp.py",
        "nn_cost_function",
        ("mean-forgotten", ("delta_out = (P - Y) / m", "delta_out = P - Y")),
        ("another-variable", ("delta_out.T @ H", "delta_out.T @ Z1")),
        ("bias-not-summed", ("delta_hid.sum(axis=0)", "delta_hid.mean(axis=0)")),
        ("wrong-table-entry", ("@ W2) * H * (1 - H)", "@ W2) * H")),
        ("mean-forgotten constant-factor", ("+= lmbda / m * W1", "+= lmbda * W1")),
        (
            "swapped-results",
            (
                "(W1_grad.ravel(), b1_grad, W2_grad.ravel(), b2_grad)",
                "(W2_grad.ravel(), b2_grad, W1_grad.ravel(), b1_grad)",
            ),
        ),
        ("weight-decay", ("    W2_grad += lmbda / m * W2\n", "")),
        ("missing-transpose", ("W1_grad.ravel()", "W1_grad.T.ravel()")),
    ),
    *_of(
        "flat_octave.py",
        "nnCostFunction",
        ("wrong-table-entry", ("sigmoid_gradient(z2)", "sigmoid(z2)")),
        ("wrong-point", ("sigmoid_gradient(z2)", "sigmoid_gradient(a2[1:])")),
        ("overwritten-gradient", ("Theta2_grad += np.outer", "Theta2_grad = np.outer")),
        (
            "weight-decay",
            (
                "Theta1_grad[:, 1:] += lamb / m * Theta1[:, 1:]",
                "Theta1_grad += lamb / m * Theta1",
            ),
        ),
        ("mean-forgotten", ("    Theta1_grad /= m\n", "")),
        ("sign", ("d3 = a3 - yt", "d3 = yt - a3")),
        ("mean-twice", ("np.outer(d2, a1)", "np.outer(d2, a1) / m")),
        (
            "swapped-results",
            (
                "np.r_[Theta1_grad.ravel(), Theta2_grad.ravel()]",
                "np.r_[Theta2_grad.ravel(), Theta1_grad.ravel()]",
            ),
        ),
    ),
    *_of(
        "coursera_three.py",
        "backward_propagation_with_regularization",
        ("wrong-table-entry", ("dA2 * (1 - A2 ** 2)", "dA2 * A2 * (1 - A2)")),
        (
            "mean-forgotten constant-factor",
            ("A1.T) / m + lambd / m * W2", "A1.T) / m + lambd * W2"),
        ),
        (
            "mean-forgotten",
            (
                "np.sum(dZ3, axis=1, keepdims=True) / m",
                "np.sum(dZ3, axis=1, keepdims=True)",
            ),
        ),
        (
            "wrong-branch dropped-inner-derivative",
            ('dZ1 = dA1 * (cache["Z1"] > 0)', "dZ1 = dA1"),
        ),
        ("dropped-inner-derivative", ("np.dot(W2.T, dZ2)", "np.dot(W2.T, dA2)")),
        ("sign", ("+ lambd / m * W1", "- lambd / m * W1")),
        (
            "wrong-axis",
            (
                "np.sum(dZ2, axis=1, keepdims=True)",
                "np.sum(dZ2, axis=0, keepdims=True)",
            ),
        ),
        (
            "wrong-table-entry",
            ("dA2 * (1 - A2 ** 2)", "dA2 * A2 * (1 - A2)"),
            (
                "np.sum(dZ1, axis=1, keepdims=True) / m",
                "np.sum(dZ1, axis=1, keepdims=True)",
            ),
        ),
    ),
    *_of(
        "cs231n_staged.py",
        "batchnorm_backward",
        ("quotient-rule power-rule", ("/ (sqrtvar ** 2)", "/ sqrtvar")),
        (
            "power-rule reciprocal wrong-table-entry",
            ("0.5 / np.sqrt(var + eps)", "0.5 * np.sqrt(var + eps)"),
        ),
        ("another-variable", ("2 * xmu * dsq", "2 * xhat * dsq")),
        ("sign", ("dmu = -1 * np.sum", "dmu = np.sum")),
        (
            "mean-forgotten",
            ("dx2 = 1.0 / N * np.ones((N, D))", "dx2 = np.ones((N, D))"),
        ),
        ("forgotten-path", ("dx = dx1 + dx2", "dx = dx1")),
        ("another-variable", ("np.sum(dout * xhat", "np.sum(dout * xmu")),
        (
            "another-variable",
            ("np.sum(dout * xhat", "np.sum(dout * xmu"),
            ("dmu = -1 * np.sum", "dmu = np.sum"),
        ),
    ),
    *_of(
        "cs231n_staged.py",
        "leaky_relu_backward",
        (
            "wrong-branch wrong-table-entry",
            ("np.where(x > 0, 1.0, alpha)", "(x > 0)"),
        ),
        (
            "wrong-branch",
            ("np.where(x > 0, 1.0, alpha)", "np.where(dout > 0, 1.0, alpha)"),
        ),
    ),
    *_of(
        "cs231n_staged.py",
        "affine_relu_affine_backward",
        (
            "wrong-branch dropped-inner-derivative wrong-mask",
            ("da[a <= 0] = 0", "da[h < 0] = 0"),
        ),
        ("dropped-inner-derivative wrong-branch", ("x.T.dot(da)", "x.T.dot(dh)")),
        ("another-variable", ("h.T.dot(dout)", "a.T.dot(dout)")),
        ("dropped-inner-derivative wrong-branch", ("da.sum(axis=0)", "dh.sum(axis=0)")),
    ),
    *_of(
        "layer_classes.py",
        "Softplus",
        (
            "sign wrong-table-entry dropped-inner-derivative",
            ("np.exp(-self.z)", "np.exp(self.z)"),
        ),
    ),
    *_of(
        "layer_classes.py",
        "ELU",
        (
            "constant-factor wrong-table-entry dropped-inner-derivative",
            ("1.0, self.alpha * np.exp", "1.0, np.exp"),
        ),
    ),
    *_of(
        "layer_classes.py",
        "LayerNorm",
        ("affine-left-out", ("g = grad_out * self.gamma", "g = grad_out")),
        ("forgotten-path", (" - self.normed * mean_gn", "")),
        (
            "normalised-axis",
            (
                "(g * self.normed).mean(axis=-1, keepdims=True)",
                "(g * self.normed).mean(axis=0, keepdims=True)",
            ),
        ),
        (
            "mutated-input",
            (
                "g = grad_out * self.gamma",
                "g = grad_out\n        g *= self.gamma",
            ),
        ),
    ),
    *_of(
        "layer_classes.py",
        "Linear",
        ("bias-not-summed", ("grad_out.sum(axis=0)", "grad_out[0]")),
        ("missing-transpose", ("self.inp.T @ grad_out", "grad_out.T @ self.inp")),
    ),
    *_of(
        "nielsen_ce.py",
        "Network.backprop",
        ("wrong-table-entry", ("sp = sigmoid_prime(zs[-l])", "sp = sigmoid(zs[-l])")),
        (
            "applied-twice",
            (
                "delta = activations[-1] - y",
                "delta = (activations[-1] - y) * sigmoid_prime(zs[-1])",
            ),
        ),
        ("applied-twice", ("nabla_b[-l] = delta", "nabla_b[-l] = delta * sp")),
        ("dropped-inner-derivative", (".T, delta) * sp", ".T, delta)")),
        (
            "forgotten-path",
            ("range(2, self.num_layers)", "range(2, self.num_layers - 1)"),
        ),
    ),
    *_of(
        "torch_more.py",
        "Swish",
        ("wrong-table-entry", ("(s + x * s * (1 - s))", "(s + x * (1 - s))")),
        ("forgotten-path", ("(s + x * s * (1 - s))", "s")),
    ),
    *_of(
        "torch_more.py",
        "ScaledLinear",
        (
            "constant-factor dropped-inner-derivative",
            ("ctx.scale * grad_output.t()", "grad_output.t()"),
        ),
    ),
    *_of(
        "torch_more.py",
        "UnitRows",
        ("forgotten-path", ("(grad_output - unit * along)", "grad_output")),
        (
            "normalised-axis wrong-axis",
            ("(grad_output * unit).sum(dim=1", "(grad_output * unit).sum(dim=0"),
        ),
    ),
    *_of(
        "script_classes.py",
        "",
        ("wrong-point another-variable", ("(1 - hid ** 2)", "(1 - pre ** 2)")),
        ("mean-forgotten", ("(probs - T) / X.shape[0]", "(probs - T) / T.size")),
        ("dropped-inner-derivative", ("X.T @ dpre", "X.T @ dhid")),
    ),
    *_of(
        "lstm_time.py",
        "lstm_backward",
        ("truncated-time", ("dh[:, t] + dhnext", "dh[:, t]")),
        ("wrong-point another-variable", ("(1 - tc ** 2)", "(1 - c ** 2)")),
        ("another-variable", ("dcnext = dc * f", "dcnext = dc * i")),
        ("overwritten-gradient", ("dWh += hprev.T", "dWh = hprev.T")),
        (
            "swapped-results another-variable",
            (
                "do * o * (1 - o), dg * (1 - g ** 2)",
                "dg * (1 - g ** 2), do * o * (1 - o)",
            ),
        ),
        ("wrong-table-entry", ("do * o * (1 - o)", "do * (1 - o ** 2)")),
        ("truncated-time", ("dcnext + dht * o", "dht * o")),
        ("own-operand another-variable", ("di = dc * g", "di = dc * i")),
        (
            "overwritten-cache",
            ("do = dht * tc", "do = tc\n        do *= dht"),
        ),
        (
            "truncated-time",
            ("dh[:, t] + dhnext", "dh[:, t]"),
            ("dWx += xt.T", "dWx = xt.T"),
        ),
    ),
    *_of(
        "conv_nhwc.py",
        "conv2d_backward",
        (
            "overwritten-gradient",
            (":c * stride + kw, :] += np", ":c * stride + kw, :] = np"),
        ),
        (
            "stride-ignored",
            (
                "c * stride:c * stride + kw, :] += np",
                "c:c + kw, :] += np",
            ),
        ),
        (
            "padding-left",
            ("dxp[:, pad:pad + H, pad:pad + W, :]", "dxp[:, :H, :W, :]"),
        ),
        ("kernel-flipped", ("np.tensordot(g, K,", "np.tensordot(g, K[::-1, ::-1],")),
        ("bias-not-summed", ("dout.sum(axis=(0, 1, 2))", "dout.mean(axis=(0, 1, 2))")),
    ),
    *_of(
        "conv_nhwc.py",
        "maxpool_backward",
        ("wrong-branch", ("+= mask * dout", "+= dout")),
        (
            "wrong-axis wrong-branch",
            ("axis=(1, 2), keepdims", "axis=(1, 2, 3), keepdims"),
        ),
    ),
    *_of(
        "conv_nhwc.py",
        "avgpool_backward",
        ("mean-forgotten constant-factor", ("/ (size * size)", "/ size")),
    ),
    *_of(
        "norms_other.py",
        "rms_norm_backward",
        ("quotient-rule", ("keepdims=True) / r ** 2", "keepdims=True) / r")),
        ("mean-forgotten", ("dms * 2 * x / D", "dms * 2 * x")),
    ),
    *_of(
        "norms_other.py",
        "instance_norm_backward",
        ("another-variable", ("(dout * xn).sum", "(dout * xc).sum")),
        (
            "normalised-axis",
            ("dxc.mean(axis=(2, 3)", "dxc.mean(axis=(0, 2, 3)"),
        ),
        (
            "forgotten-path",
            ("dx = dxc - dxc.mean(axis=(2, 3), keepdims=True)", "dx = dxc"),
        ),
        ("sign", ("dstd = -(dxn", "dstd = (dxn")),
    ),
    *_of(
        "attention_heads.py",
        "self_attention_backward",
        ("attention-scale", ("dqk = ds * scale", "dqk = ds")),
        ("softmax-axis", ("(dp * p).sum(axis=-1", "(dp * p).sum(axis=-2")),
        ("own-operand another-variable", ("dqk, q)", "dqk, k)")),
        ("missing-transpose", ('"bij,bid->bjd", p', '"bij,bjd->bid", p')),
        ("forgotten-path", (" + dv @ Wv.T", "")),
        (
            "softmax-cross-terms",
            ("p * (dp - (dp * p).sum(axis=-1, keepdims=True))", "p * (1 - p) * dp"),
        ),
        ("another-variable", ("ctx, dout)", "v, dout)")),
        (
            "another-variable",
            ("ctx, dout)", "v, dout)"),
            ("dqk = ds * scale", "dqk = ds"),
        ),
    ),
    *_of(
        "embed_bag.py",
        "bag_loss_grad",
        ("repeated-rows", ("np.add.at(dE, tokens, demb)", "dE[tokens] += demb")),
        ("mean-forgotten", (", axis=1) / L", ", axis=1)")),
        ("missing-target", ("    dlogits[np.arange(N), y] -= 1\n", "")),
    ),
    *_of(
        "vae.py",
        "vae_backward",
        ("forgotten-path", ("dmu = dz + mu", "dmu = dz")),
        (
            "constant-factor dropped-inner-derivative",
            ("0.5 * std * dstd", "std * dstd"),
        ),
        ("sign", ("(np.exp(logvar) - 1)", "(1 - np.exp(logvar))")),
        ("another-variable own-operand", ("dz * noise", "dz * std")),
        ("forgotten-path", (" + dlogvar @ Wv.T", "")),
        ("another-variable wrong-table-entry", ("(np.exp(logvar) - 1)", "(std - 1)")),
        (
            "another-variable",
            ("dWd = z.T", "dWd = mu.T"),
            ("dmu = dz + mu", "dmu = dz"),
        ),
    ),
    *_of(
        "dropout_mlp.py",
        "DropNet.loss",
        ("wrong-mask", ("dh2 = dd2 * m2", "dh2 = dd2 * m1")),
        ("dropout-scale", ("dh1 = dd1 * m1", "dh1 = dd1 * (m1 > 0)")),
        ("another-variable", ("d1.T @ da2", "h1.T @ da2")),
        ("power-rule constant-factor", ("2 * self.reg * W3", "self.reg * W3")),
        ("wrong-mask", ("dh2 * (a2 > 0)", "dh2 * (a1 > 0)")),
        ("weight-decay", ("da1.sum(axis=0)", "da1.sum(axis=0) + 2 * self.reg * b1")),
        ("mean-forgotten", ("        dscores /= N\n", "")),
        (
            "dropped-inner-derivative wrong-branch",
            ("dh2 = dd2 * m2", "dh2 = dd2"),
            ("2 * self.reg * W1", "self.reg * W1"),
        ),
    ),
    *_of(
        "gru_time.py",
        "gru_backward",
        ("sign", ("(cs[t] - hs[t - 1])", "(hs[t - 1] - cs[t])")),
        ("another-variable", ("np.outer(daz, hs[t - 1])", "np.outer(daz, hs[t])")),
        ("forgotten-path", (" + drh * rs[t]", "")),
        ("another-variable wrong-table-entry", ("dh * (1 - zs[t])", "dh * zs[t]")),
        ("another-variable", ("np.outer(dac, rs[t] * hs", "np.outer(dac, hs")),
    ),
]
