from math import sin, cos, exp, log, sqrt, pi

def f(x: float, y: float = 1.5) -> float:
    """A test function."""
    u = x * y
    v = sin(u) + cos(x)
    if True:
        v += exp(-u)
    for k in range(1, 4):
        v = v + u ** k / k
    return v / sqrt(1 + y ** 2) + log(2 * pi)

print(f(0.7))
