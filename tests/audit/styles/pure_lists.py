import math
def matvec(W, x):
    return [sum(wij * xj for wij, xj in zip(row, x)) for row in W]
def forward(x, W, b):
    z = [zi + bi for zi, bi in zip(matvec(W, x), b)]
    return [math.tanh(v) for v in z]
def backward(x, W, b, grad_out):
    y = forward(x, W, b)
    dz = [g * (1 - yi * yi) for g, yi in zip(grad_out, y)]
    dW = [[d * xj for xj in x] for d in dz]
    db = dz[:]
    dx = [sum(W[i][j] * dz[i] for i in range(len(dz))) for j in range(len(x))]
    return dx, dW, db
