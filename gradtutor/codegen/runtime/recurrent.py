"""Recurrent cells over all steps of a sequence, and back through time."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import numpy as np


def sigmoid(x):
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def relu(x):
    """Return max(0, x)."""
    return np.maximum(x, 0)


def rnn_states(z, weights, activation, bias=0, backwards=False):
    """Return h_0 = 0, …, h_T of h_t = activation(z_t + h_{t-1} weights)."""
    if backwards:
        return rnn_states(z[::-1], weights, activation, bias)[::-1]
    h = np.zeros((len(z) + 1, z.shape[1], len(weights)), z.dtype)
    for t in range(len(z)):
        h[t + 1] = activation(z[t] + h[t] @ weights + bias)
    return h


def lstm_states(z, weights, bias=0, backwards=False):
    """Return h_0 = 0, …, h_T of a long short-term memory; its gates are i f g o."""
    if backwards:
        return lstm_states(z[::-1], weights, bias)[::-1]
    h = np.zeros((len(z) + 1, z.shape[1], len(weights)), z.dtype)
    c = np.zeros_like(h[0])
    for t in range(len(z)):
        i, f, g, o = np.split(z[t] + h[t] @ weights + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h[t + 1] = sigmoid(o) * np.tanh(c)
    return h


def gru_states(z, weights, bias=0, backwards=False):
    """Return h_0 = 0, …, h_T of a gated recurrent unit; its gates are r u n."""
    if backwards:
        return gru_states(z[::-1], weights, bias)[::-1]
    h = np.zeros((len(z) + 1, z.shape[1], len(weights)), z.dtype)
    for t in range(len(z)):
        r, u, n = np.split(z[t], 3, axis=1)
        reach_r, reach_u, reach_n = np.split(h[t] @ weights + bias, 3, axis=1)
        u = sigmoid(u + reach_u)
        n = np.tanh(n + sigmoid(r + reach_r) * reach_n)
        h[t + 1] = (1 - u) * n + u * h[t]
    return h


# ---- back through time ----


def rnn_slope(u, z, weights, activation, bias=0, backwards=False, ties="torch"):
    """Return the gradient by z, given that by all states."""
    if backwards:
        given = u[::-1], z[::-1], weights, activation, bias
        return rnn_slope(*given, ties=ties)[::-1]
    h = rnn_states(z, weights, activation, bias)
    if activation is relu:
        at_zero = ties in ("right", "both")
        s = z + h[:-1] @ weights + bias if at_zero else h[1:]
        slope = s >= 0 if at_zero else s > 0
    else:
        slope = (1 - h[1:]) * (1 + h[1:] if activation is np.tanh else h[1:])
    dz, later = np.empty_like(z), 0
    for t in reversed(range(len(z))):
        dz[t] = (u[t + 1] + later) * slope[t]
        later = dz[t] @ weights.T
    return dz


def lstm_slope(u, z, weights, bias=0, backwards=False):
    """Return the gradient by z, given that by all states."""
    if backwards:
        return lstm_slope(u[::-1], z[::-1], weights, bias)[::-1]
    h = lstm_states(z, weights, bias)
    i, f, g, o = np.split(z + h[:-1] @ weights + bias, 4, axis=2)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = np.zeros_like(h)
    for t in range(len(z)):
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
    dz, later, dc = np.empty_like(z), 0, 0
    for t in reversed(range(len(z))):
        dh, s = u[t + 1] + later, np.tanh(c[t + 1])
        dc = dc + dh * o[t] * (1 - s) * (1 + s)
        di = dc * g[t] * i[t] * (1 - i[t])
        df = dc * c[t] * f[t] * (1 - f[t])
        dg = dc * i[t] * (1 - g[t]) * (1 + g[t])
        do = dh * s * o[t] * (1 - o[t])
        dz[t] = np.concatenate((di, df, dg, do), axis=1)
        later, dc = dz[t] @ weights.T, dc * f[t]
    return dz


def gru_slope(u, z, weights, bias=0, backwards=False, of="z"):
    """Return the gradient by z, or by h weights + bias, given that by all states."""
    if backwards:
        return gru_slope(u[::-1], z[::-1], weights, bias, of=of)[::-1]
    h = gru_states(z, weights, bias)
    reach = h[:-1] @ weights + bias
    parts = zip(np.split(z, 3, axis=2), np.split(reach, 3, axis=2), strict=True)
    (r, reach_r), (update, reach_u), (n, m) = parts
    r, update = sigmoid(r + reach_r), sigmoid(update + reach_u)
    n = np.tanh(n + r * m)
    dz, later = np.empty_like(z), 0
    for t in reversed(range(len(z))):
        dh = u[t + 1] + later
        dn = dh * (1 - update[t]) * (1 - n[t]) * (1 + n[t])
        du = dh * (h[t] - n[t]) * update[t] * (1 - update[t])
        dr = dn * m[t] * r[t] * (1 - r[t])
        reach = np.concatenate((dr, du, dn * r[t]), axis=1)
        dz[t] = reach if of == "reach" else np.concatenate((dr, du, dn), axis=1)
        later = reach @ weights.T + dh * update[t]
    return dz
