import numpy as np

np.random.seed(1)
N = 20
x = np.random.uniform(-1, 1, size=(N, 1))
target = np.sin(3 * x)
V = np.random.randn(1, 6)
c = np.zeros((1, 6))
u = np.random.randn(6, 1)
d = np.zeros((1, 1))
alpha = 0.05
decay = 0.01

for step in range(200):
    s = np.dot(x, V) + c
    a = 1 / (1 + np.exp(-s))
    pred = np.dot(a, u) + d
    err = pred - target
    loss = 0.5 * np.mean(err ** 2) + 0.5 * decay * (np.sum(V ** 2) + np.sum(u ** 2))

    dpred = err / x.shape[0]
    du = np.dot(a.T, dpred) + decay * u
    dd = np.sum(dpred, axis=0, keepdims=True)
    da = np.dot(dpred, u.T)
    ds = da * a * (1 - a)
    dV = np.dot(x.T, ds) + decay * V
    dc = np.sum(ds, axis=0, keepdims=True)

    V -= alpha * dV
    c -= alpha * dc
    u -= alpha * du
    d -= alpha * dd
