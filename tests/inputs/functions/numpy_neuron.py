import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def f(x, w=2.0, b=0.5):
    z = w * x + b
    a = sigmoid(z)
    return (a - 1.0) ** 2

print(f(3.0))
