import numpy as np

def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))

def gru_cell_forward(x, h_prev, Wz, Uz, bz, Wr, Ur, br, Wh, Uh, bh):
    z = sigmoid(x @ Wz + h_prev @ Uz + bz)
    r = sigmoid(x @ Wr + h_prev @ Ur + br)
    h_tilde = np.tanh(x @ Wh + (r * h_prev) @ Uh + bh)
    h_next = (1 - z) * h_prev + z * h_tilde
    cache = (x, h_prev, z, r, h_tilde, Wz, Uz, Wr, Ur, Wh, Uh)
    return h_next, cache

def gru_cell_backward(dh_next, cache):
    x, h_prev, z, r, h_tilde, Wz, Uz, Wr, Ur, Wh, Uh = cache
    dh_tilde = dh_next * z
    dz = dh_next * (h_tilde - h_prev)
    dh_prev = dh_next * (1 - z)
    da_h = dh_tilde * (1 - h_tilde ** 2)
    dWh = x.T @ da_h
    dUh = (r * h_prev).T @ da_h
    dbh = da_h.sum(axis=0)
    drh = da_h @ Uh.T
    dr = drh * h_prev
    dh_prev += drh * r
    da_r = dr * r * (1 - r)
    dWr = x.T @ da_r
    dUr = h_prev.T @ da_r
    dbr = da_r.sum(axis=0)
    da_z = dz * z * (1 - z)
    dWz = x.T @ da_z
    dUz = h_prev.T @ da_z
    dbz = da_z.sum(axis=0)
    dx = da_h @ Wh.T + da_r @ Wr.T + da_z @ Wz.T
    dh_prev += da_r @ Ur.T + da_z @ Uz.T
    return dx, dh_prev, dWz, dUz, dbz, dWr, dUr, dbr, dWh, dUh, dbh
