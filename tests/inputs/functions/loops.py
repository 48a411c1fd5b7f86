import math
def horner(x, coeffs=(1.0, -2.0, 0.5, 3.0)):
    r = 0.0
    for c in coeffs:
        r = r * x + c
    return r
def newton(x, n=3):
    for _ in range(n):
        x = x - (x**2 - 2) / (2 * x)
    return x
g = lambda x, y: math.sin(x) * math.exp(-y)
