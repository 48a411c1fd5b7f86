import autograd.numpy as np
from autograd import grad

def tanh(x):
    return (1.0 - np.exp((-2 * x))) / (1.0 + np.exp(-(2 * x)))

d_fun = grad(tanh)
print(d_fun(1.0))
