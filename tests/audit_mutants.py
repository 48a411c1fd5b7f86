"""Wrong gradients made from right ones: per solution, a label and a text edit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOLUTIONS = Path(__file__).parent / "audit" / "solutions"
#: Functions to audit, where it is not ``backward``.
FUNCTIONS = {"batchnorm": "BatchNorm"}


@dataclass(frozen=True)
class Mutant:
    """A solution with one edit: what the edit means, and the line it is on."""

    solution: str
    label: str
    old: str
    new: str

    @property
    def text(self) -> str:
        """The file's text with the edit, which applies exactly once in backward."""
        head, mark, tail = source(self.solution).partition("def backward")
        assert tail.count(self.old) == 1, (
            self.solution,
            self.old,
            tail.count(self.old),
        )
        return head + mark + tail.replace(self.old, self.new)

    @property
    def line(self) -> int:
        """The line of the edit: the first that differs."""
        pairs = zip(
            source(self.solution).splitlines(), self.text.splitlines(), strict=False
        )
        return next(i for i, (a, b) in enumerate(pairs, 1) if a != b)


def source(solution: str) -> str:
    return (SOLUTIONS / f"{solution}.py").read_text(encoding="utf-8")


def names() -> list[str]:
    return sorted(path.stem for path in SOLUTIONS.glob("*.py"))


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
PRODUCT, OWN, QUOTIENT, POWER = (
    "product-of-derivatives",
    "own-operand",
    "quotient-rule",
    "power-rule",
)
POINT, TABLE, TWICE, UPSIDE = (
    "wrong-point",
    "wrong-table-entry",
    "applied-twice",
    "reciprocal",
)
FACTOR = "constant-factor"
OTHER = "another-variable"
WHOLE, SWAPPED, SHAPE, KEEP, PLACE = (
    "truncated-dtype",
    "swapped-results",
    "wrong-shape",
    "keepdims",
    "mutated-input",
)

EDITS: dict[str, list[tuple[str, str, str]]] = {
    "chain": [
        (INNER, "dv = ds * math.cos(v)", "dv = ds"),
        (INNER, "dw = dv * u", "dw = dv"),
        (UP, "ds = upstream * e", "ds = e"),
        (UP, "dx = du * 2 * x", "dx = 2 * x"),
        (OVER, "dx += de * -e", "dx = de * -e"),
        (PATH, "    dx += de * -e\n    return", "    return"),
        (SIGN, "de * -e", "de * e"),
        (FACTOR, "dw = dv * u", "dw = dv * u * 7"),
        (SIGN, "ds = upstream * e", "ds = -upstream * e"),
        (OWN, "dw = dv * u", "dw = dv * w"),
        (OWN, "ds = upstream * e", "ds = upstream * s"),
        (POWER, "du * 2 * x", "du * x"),
        (POWER, "du * 2 * x", "du * 2 * x**2"),
        (POINT, "math.cos(v)", "math.cos(s)"),
        (SIGN, "math.cos(v)", "-math.cos(v)"),
        (TABLE, "math.cos(v)", "math.sin(v)"),
        (UPSIDE, "ds * math.cos(v)", "ds / math.cos(v)"),
        (TWICE, "ds * math.cos(v)", "ds * math.cos(v) ** 2"),
        (WHOLE, "dw = dv * u", "dw = int(dv * u)"),
        (SWAPPED, "return dx, dw", "return {'x': dw, 'w': dx}"),
    ],
    "fork": [
        (OVER, "dq += db", "dq = db"),
        (PATH, "= dq - upstream * q**3", "= dq"),
        (PATH, "    dq += db * 3 * q**2\n", ""),
        (SIGN, "db = -upstream * x", "db = upstream * x"),
        (SIGN, "= dq - upstream * q**3", "= dq + upstream * q**3"),
        (UP, "da = upstream\n", "da = 1\n"),
        (UP, "= dq - upstream * q**3", "= dq - q**3"),
        (POWER, "db * 3 * q**2", "db * q**2"),
        (POWER, "db * 3 * q**2", "db * 3 * q**3"),
        (INNER, "db * 3 * q**2", "db"),
        (INNER, 'grads["z"] = da * q', 'grads["z"] = da'),
        (OWN, 'grads["z"] = da * q', 'grads["z"] = da * z'),
        (WHOLE, 'grads["z"] = da * q', 'grads["z"] = da * q // 1'),
        (SWAPPED, 'grads["y"] = dq\n    grads["z"]', 'grads["z"] = dq\n    grads["y"]'),
        (TWICE, "dq = da * z", "dq = da * z * z"),
    ],
    "product": [
        (
            PRODUCT,
            "d_x = d_inner * a + d_power * b",
            "d_x = grad_output * np.cos(a * x) * a * right * b",
        ),
        (OWN, "d_left = grad_output * right", "d_left = grad_output * left"),
        (OWN, "d_inner * a + d_power * b", "d_inner * x + d_power * b"),
        (INNER, "d_inner * a + d_power * b", "d_inner + d_power * b"),
        (INNER, "d_inner = d_left * np.cos(a * x)", "d_inner = d_left"),
        (INNER, "d_power = d_right * right", "d_power = d_right"),
        (UP, "d_left = grad_output * right", "d_left = right"),
        (PATH, "d_inner * a + d_power * b", "d_inner * a"),
        (SIGN, "d_inner * a + d_power * b", "d_inner * a - d_power * b"),
        (SIGN, "d_b = np.sum(d_power * x)", "d_b = -np.sum(d_power * x)"),
        (BIAS, "d_a = np.sum(d_inner * x)", "d_a = d_inner * x"),
        (BIAS, "d_a = np.sum(d_inner * x)", "d_a = np.mean(d_inner * x)"),
        (POINT, "np.cos(a * x)\n", "np.cos(left)\n"),
        (TWICE, "d_left * np.cos(a * x)", "d_left * np.cos(a * x) ** 2"),
        (WHOLE, "d_b = np.sum(d_power * x)", "d_b = np.sum(d_power * x).astype(int)"),
        (SWAPPED, "return d_x, d_a, d_b", "return {'x': d_x, 'a': d_b, 'b': d_a}"),
        (TWICE, "d_inner * a + d_power * b", "d_inner * a**2 + d_power * b"),
        (
            PLACE,
            "d_left = grad_output * right",
            "d_left = grad_output\n    d_left *= right",
        ),
    ],
    "quotient": [
        (QUOTIENT, "-g * u / bottom**2", "-g * u / bottom"),
        (QUOTIENT, "-g * u / bottom**2", "-g / bottom**2"),
        (QUOTIENT, "du = g / bottom", "du = g * bottom"),
        (SIGN, "-g * u / bottom**2", "g * u / bottom**2"),
        (SIGN, "du = g / bottom", "du = -g / bottom"),
        (INNER, "du = g / bottom", "du = g"),
        (INNER, "dv = dbottom * 2 * v", "dv = dbottom"),
        (UP, "-g * u / bottom**2", "-u / bottom**2"),
        (UP, "du = g / bottom", "du = 1 / bottom"),
        (POWER, "dbottom * 2 * v", "dbottom * v"),
        (POWER, "dbottom * 2 * v", "dbottom * 2 * v**2"),
        (WHOLE, "du = g / bottom", "du = g // bottom"),
        (WHOLE, "dv = dbottom * 2 * v", "dv = (dbottom * 2 * v).astype(int)"),
        (SWAPPED, "return du, dv", "return {'u': dv, 'v': du}"),
        (UPSIDE, "dbottom * 2 * v", "dbottom / (2 * v)"),
        (QUOTIENT, "du = g / bottom", "du = g / bottom**2"),
        (PLACE, "du = g / bottom", "g /= bottom\n    du = g"),
    ],
    "neuron": [
        (INNER, "dz = ds * s * (1 - s)", "dz = ds"),
        (INNER, "dw = dz * x", "dw = dz * np.ones(3)"),
        (INNER, "ds = 2 * error", "ds = 1"),
        (UP, "dz = ds * s * (1 - s)", "dz = s * (1 - s)"),
        (UP, "dw = dz * x", "dw = x"),
        (OWN, "dw = dz * x", "dw = dz * w"),
        (SIGN, "dt = -2 * error", "dt = 2 * error"),
        (SIGN, "error = s - t", "error = t - s"),
        (SIGN, "dz = ds * s * (1 - s)", "dz = -ds * s * (1 - s)"),
        (POWER, "ds = 2 * error", "ds = error"),
        (POINT, "ds * s * (1 - s)", "ds * z * (1 - z)"),
        (TABLE, "ds * s * (1 - s)", "ds * (1 - s)"),
        (TABLE, "ds * s * (1 - s)", "ds * (1 - s**2)"),
        (TWICE, "ds * s * (1 - s)", "ds * (s * (1 - s)) ** 2"),
        (
            SWAPPED,
            "return dw, dx, db, dt",
            "return {'w': dx, 'x': dw, 'b': db, 't': dt}",
        ),
        (WHOLE, "dx = dz * w", "dx = dz * w // 1"),
    ],
    "mlp": [
        (BRANCH, "dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * (z1 < 0)"),
        (BRANCH, "dz1 = dh1 * (z1 > 0)", "dz1 = dh1"),
        (BRANCH, "dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * (dh1 > 0)"),
        (BRANCH, "db1 = np.sum(dz1, axis=0)", "db1 = np.sum(dh1, axis=0)"),
        (UP, "dh1 = dout.dot(W2.T)", "dh1 = np.ones_like(dout).dot(W2.T)"),
        (UP, "db2 = np.sum(dout, axis=0)", "db2 = np.sum(np.ones_like(dout), axis=0)"),
        (BIAS, "db2 = np.sum(dout, axis=0)", "db2 = dout"),
        (BIAS, "db1 = np.sum(dz1, axis=0)", "db1 = np.mean(dz1, axis=0)"),
        (BIAS, "db1 = np.sum(dz1, axis=0)", "db1 = dz1[0]"),
        (AXIS, "db2 = np.sum(dout, axis=0)", "db2 = np.sum(dout, axis=1)"),
        (AXIS, "db2 = np.sum(dout, axis=0)", "db2 = np.sum(dout)"),
        (TURN, "dW1 = x.T.dot(dz1)", "dW1 = dz1.T.dot(x)"),
        (OTHER, "dW2 = h1.T.dot(dout)", "dW2 = z1.T.dot(dout)"),
        (FACTOR, "dW2 = h1.T.dot(dout)", "dW2 = 0.7 * h1.T.dot(dout)"),
        (TURN, '"W2": dW2', '"W2": dW2.T'),
        (SIGN, "dh1 = dout.dot(W2.T)", "dh1 = -dout.dot(W2.T)"),
        (SIGN, "dW1 = x.T.dot(dz1)", "dW1 = -x.T.dot(dz1)"),
        (WHOLE, "dz1 = dh1 * (z1 > 0)", "dz1 = (dh1 * (z1 > 0)).astype(int)"),
        (WHOLE, "dW2 = h1.T.dot(dout)", "dW2 = h1.T.astype(int).dot(dout)"),
        (
            KEEP,
            "db2 = np.sum(dout, axis=0)",
            "db2 = np.sum(dout, axis=0, keepdims=True)",
        ),
        (PLACE, "dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * (z1 > 0)\n    dout *= 1.5"),
    ],
    "crossentropy": [
        (MEAN, "    dscores /= N\n", ""),
        (MEAN, "dscores /= N", "dscores /= N**2"),
        (MEAN, "dW = X.T @ dscores", "dW = X.T @ dscores / N"),
        (TARGET, "    dscores[np.arange(N), y] -= 1\n", ""),
        (
            SOFT,
            "dscores[np.arange(N), y] -= 1",
            "dscores = -(1 - probs) * (np.arange(4) == y[:, None])",
        ),
        (SIGN, "dX = dscores @ W.T", "dX = -dscores @ W.T"),
        (SIGN, "dscores /= N", "dscores /= -N"),
        (BIAS, "db = dscores.sum(axis=0)", "db = dscores"),
        (BIAS, "db = dscores.sum(axis=0)", "db = dscores.mean(axis=0)"),
        (AXIS, "db = dscores.sum(axis=0)", "db = dscores.sum(axis=1)"),
        (TURN, "dW = X.T @ dscores", "dW = dscores.T @ X"),
        (WHOLE, "dW = X.T @ dscores", "dW = X.T.astype(int) @ dscores"),
        (SHAPE, "db = dscores.sum(axis=0)", "db = dscores.sum(axis=0)[:, None]"),
        (PLACE, "dX = dscores @ W.T", "dX = dscores @ W.T\n    W -= 0.1 * dW"),
        (SWAPPED, "return dX, dW, db", "return {'W': dX, 'X': dW, 'b': db}"),
    ],
    "batchnorm": [
        (PATH, "dx = dxc + dmu / N", "dx = dxc"),
        (PATH, "        dxc += dvar * 2 * self.xc / N\n", ""),
        (OVER, "dxc += dvar", "dxc = dvar"),
        (MEAN, "dx = dxc + dmu / N", "dx = dxc + dmu"),
        (MEAN, "dvar * 2 * self.xc / N", "dvar * 2 * self.xc"),
        (SIGN, "dmu = -dxc.sum(axis=0)", "dmu = dxc.sum(axis=0)"),
        (SIGN, "dstd = -np.sum", "dstd = np.sum"),
        (BIAS, "dbeta = dout.sum(axis=0)", "dbeta = dout"),
        (BIAS, "dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)"),
        (
            BIAS,
            "dgamma = np.sum(dout * self.xhat, axis=0)",
            "dgamma = dout * self.xhat",
        ),
        (AXIS, "dbeta = dout.sum(axis=0)", "dbeta = dout.sum(axis=1)"),
        (
            INNER,
            "dgamma = np.sum(dout * self.xhat, axis=0)",
            "dgamma = np.sum(dout, axis=0)",
        ),
        (INNER, "dxhat = dout * self.gamma", "dxhat = dout"),
        (OWN, "dxhat = dout * self.gamma", "dxhat = dout * self.xhat"),
        (UP, "dbeta = dout.sum(axis=0)", "dbeta = np.ones_like(dout).sum(axis=0)"),
        (QUOTIENT, "axis=0) / self.std**2", "axis=0) / self.std"),
        (POWER, "dstd * 0.5 / self.std", "dstd / self.std"),
        (POWER, "dvar * 2 * self.xc / N", "dvar * self.xc / N"),
        (
            WHOLE,
            "dgamma = np.sum(dout * self.xhat, axis=0)",
            "dgamma = np.sum(dout * self.xhat, axis=0).astype(int)",
        ),
        (
            SWAPPED,
            "return dx, dgamma, dbeta",
            "return {'x': dx, 'gamma': dbeta, 'beta': dgamma}",
        ),
    ],
    "conv1d": [
        (OVER, "dx[i : i + len(w)] += dout", "dx[i : i + len(w)] = dout"),
        (OVER, "dw += dout", "dw = dout"),
        (OVER, "db += dout", "db = dout"),
        (OWN, "+= dout[i] * w", "+= dout[i] * x[i : i + len(w)]"),
        (UP, "+= dout[i] * w", "+= w"),
        (UP, "dw += dout[i] * x", "dw += x"),
        (INNER, "+= dout[i] * w", "+= dout[i]"),
        (SIGN, "+= dout[i] * w", "-= dout[i] * w"),
        (SIGN, "db += dout[i]", "db -= dout[i]"),
        (
            WHOLE,
            "dx = np.zeros(len(x))",
            "dx = np.zeros(len(x))\n    w = w.astype(int)",
        ),
        (SWAPPED, "return dx, dw, db", "return {'x': dx, 'w': db, 'b': dw}"),
        (BIAS, "return dx, dw, db", "return {'x': dx, 'w': dw, 'b': dout}"),
        (BIAS, "return dx, dw, db", "return {'x': dx, 'w': dw, 'b': db / len(dout)}"),
        (PLACE, "db = 0.0", "db = 0.0\n    x[0] = 0.0"),
    ],
    "attention": [
        (SOFT, "weights * (dweights - inner)", "weights * (1 - weights) * dweights"),
        (SOFT, "weights * (dweights - inner)", "weights * dweights"),
        (INNER, "dscores = weights * (dweights - inner)", "dscores = dweights"),
        (INNER, "    dscores = dscores * scale\n", ""),
        (TWICE, "dscores = dscores * scale", "dscores = dscores * scale**2"),
        (UPSIDE, "dscores = dscores * scale", "dscores = dscores / scale"),
        (SIGN, "dscores = dscores * scale", "dscores = -dscores * scale"),
        (SIGN, "dv = weights.T @ upstream", "dv = -weights.T @ upstream"),
        (UP, "dv = weights.T @ upstream", "dv = weights.T @ np.ones_like(upstream)"),
        (
            UP,
            "dweights = upstream @ v.T",
            "dweights = np.ones_like(upstream) @ v.T + 0",
        ),
        (TURN, "dk = dscores.T @ q", "dk = q.T @ dscores"),
        (TURN, "return dq, dk, dv", "return {'q': dq, 'k': dk, 'v': dv.T}"),
        (AXIS, "axis=-1, keepdims=True", "axis=0, keepdims=True"),
        (WHOLE, "dq = dscores @ k", "dq = dscores @ k.astype(int)"),
        (WHOLE, "dv = weights.T @ upstream", "dv = (weights.T @ upstream).astype(int)"),
    ],
    "ridge": [
        (MEAN, "dr = 2 * r / N", "dr = 2 * r"),
        (POWER, "dr = 2 * r / N", "dr = r / N"),
        (POWER, "+ 2 * lam * w", "+ lam * w"),
        (PATH, "dw = X.T @ dr + 2 * lam * w", "dw = X.T @ dr"),
        (OVER, "dw = X.T @ dr + 2 * lam * w", "dw = X.T @ dr\n    dw = 2 * lam * w"),
        (SIGN, "dt = -dr", "dt = dr"),
        (SIGN, "dr = 2 * r / N", "dr = -2 * r / N"),
        (BIAS, "db = np.sum(dr)", "db = dr"),
        (BIAS, "db = np.sum(dr)", "db = np.mean(dr)"),
        (TURN, "dX = np.outer(dr, w)", "dX = np.outer(w, dr)"),
        (INNER, "+ 2 * lam * w", "+ 2 * w"),
        (INNER, "dlam = np.sum(w * w)", "dlam = 1.0"),
        (WHOLE, "db = np.sum(dr)", "db = np.sum(dr) // 1"),
        (
            SWAPPED,
            '"b": db, "t": dt, "X": dX, "lam": dlam',
            '"lam": db, "t": dt, "X": dX, "b": dlam',
        ),
        (OWN, "dlam = np.sum(w * w)", "dlam = lam"),
        (PLACE, "dt = -dr", "dt = -dr\n    t[:] = 0"),
    ],
    "maxpool": [
        (BRANCH, "upstream[:, :, None] * mask", "upstream[:, :, None] * ~mask"),
        (
            BRANCH,
            "upstream[:, :, None] * mask",
            "upstream[:, :, None] * np.ones((3, 4, 2))",
        ),
        (
            BRANCH,
            "upstream[:, :, None] * mask",
            "upstream[:, :, None] * np.ones((3, 4, 2)) / 2",
        ),
        (INNER, "dx = dy * scale", "dx = dy"),
        (INNER, "np.sum(dy * x, axis=1", "np.sum(dy, axis=1"),
        (OWN, "dx = dy * scale", "dx = dy * x"),
        (UP, "upstream[:, :, None] * mask", "1.0 * mask"),
        (SIGN, "dx = dy * scale", "dx = -dy * scale"),
        (SIGN, "upstream[:, :, None] * mask", "-upstream[:, :, None] * mask"),
        (BIAS, "np.sum(dy * x, axis=1, keepdims=True)", "dy * x"),
        (
            BIAS,
            "np.sum(dy * x, axis=1, keepdims=True)",
            "np.mean(dy * x, axis=1, keepdims=True)",
        ),
        (AXIS, "np.sum(dy * x, axis=1, keepdims=True)", "np.sum(dy * x)"),
        (SHAPE, "np.sum(dy * x, axis=1, keepdims=True)", "np.sum(dy * x, axis=1)"),
        (WHOLE, "dx = dy * scale", "dx = (dy * scale).astype(np.int64)"),
        (WHOLE, "dy = dpairs.reshape(3, 8)", "dy = dpairs.reshape(3, 8).astype(int)"),
        (SWAPPED, "return dx, dscale", "return {'x': dscale, 'scale': dx}"),
        (UPSIDE, "dx = dy * scale", "dx = dy / scale"),
        (TWICE, "dx = dy * scale", "dx = dy * scale**2"),
        (PLACE, "dx = dy * scale", "x *= 2\n    dx = dy * scale"),
    ],
    "gate": [
        (INNER, "da = dt * (1 - t * t)", "da = dt"),
        (INNER, "dg = ds * s * (1 - s)", "dg = ds"),
        (INNER, "dt = dh * s", "dt = dh"),
        (OWN, "dt = dh * s", "dt = dh * t"),
        (OTHER, "da = dt * (1 - t * t)", "da = dt * (1 - s * s)"),
        (UP, "dt = dh * s", "dt = s"),
        (TURN, "dW = np.matmul(x.T, da)", "dW = np.matmul(x, da)"),
        (TURN, "dx = np.matmul(da, W.T)", "dx = np.matmul(da, W)"),
        (TURN, "dV = np.matmul(x.T, dg)", "dV = np.matmul(dg, x.T)"),
        (OVER, "dx += np.matmul(dg, V.T)", "dx = np.matmul(dg, V.T)"),
        (PATH, "    dx += np.matmul(dg, V.T)\n", ""),
        (SIGN, "dx += np.matmul", "dx -= np.matmul"),
        (SIGN, "(1 - t * t)", "(t * t - 1)"),
        (AXIS, "dc = da.sum(0)", "dc = da.sum(1)"),
        (BIAS, "dc = da.sum(0)", "dc = da"),
        (BIAS, "dc = da.sum(0)", "dc = da[-1]"),
        (POINT, "(1 - t * t)", "(1 - np.tanh(t) ** 2)"),
        (TABLE, "(1 - t * t)", "(1 + t * t)"),
        (TABLE, "(1 - t * t)", "t * (1 - t)"),
        (TWICE, "dg = ds * s * (1 - s)", "dg = ds * (s * (1 - s)) ** 2"),
        (
            SWAPPED,
            "return dx, dW, dV, dc",
            "return {'x': dx, 'W': dV, 'V': dW, 'c': dc}",
        ),
        (WHOLE, "dW = np.matmul(x.T, da)", "dW = np.matmul(x.T, da).astype(int)"),
    ],
    "distance": [
        (BRANCH, "d_top * (n > 3)", "d_top * (n < 3)"),
        (BRANCH, "d_top * (n > 3)", "d_top"),
        (OVER, "d_n = d_n + d_top * (n > 3)", "d_n = d_top * (n > 3)"),
        (PATH, "    d_n = d_n + d_top * (n > 3)\n", ""),
        (SIGN, "d_n = -d_inside", "d_n = d_inside"),
        (SIGN, "return d_d, -d_d,", "return d_d, d_d,"),
        (INNER, "d_n2 = d_n / (2 * n)", "d_n2 = d_n"),
        (INNER, "d_d = d_n2 * 2 * d", "d_d = d_n2 * np.ones(4)"),
        (INNER, "d_inside = d_soft * a / (1 + a)", "d_inside = d_soft"),
        (POWER, "d_d = d_n2 * 2 * d", "d_d = d_n2 * d"),
        (POWER, "d_n2 = d_n / (2 * n)", "d_n2 = d_n / n"),
        (UP, "d_top = upstream * soft", "d_top = soft"),
        (OWN, "d_soft = upstream * top", "d_soft = upstream * soft"),
        (UPSIDE, "d_n2 = d_n / (2 * n)", "d_n2 = d_n * (2 * n)"),
        (WHOLE, "d_d = d_n2 * 2 * d", "d_d = np.trunc(d_n2 * 2 * d)"),
        (
            SWAPPED,
            "return d_d, -d_d, d_inside",
            "return {'p': -d_d, 'q': d_d, 'margin': d_inside}",
        ),
        (
            TWICE,
            "d_inside = d_soft * a / (1 + a)",
            "d_inside = d_soft * (a / (1 + a)) ** 2",
        ),
    ],
}

MUTANTS = [
    Mutant(solution, *edit) for solution, edits in EDITS.items() for edit in edits
]
