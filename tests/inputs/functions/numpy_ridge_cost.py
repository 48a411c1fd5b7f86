import numpy as np
def cost(X, y, w, b, lambda_=0.1):
    m, n = X.shape
    err = X @ w + b - y
    c = np.sum(err ** 2) / (2 * m)
    return c + lambda_ / (2 * m) * np.sum(w ** 2)
X = np.array([[1., 2.], [3., 4.], [5., 6.]])
y = np.array([1., 2., 3.])
w = np.array([0.1, -0.2])
print(cost(X, y, w, 0.0))
