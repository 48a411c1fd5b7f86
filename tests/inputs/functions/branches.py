def f(x):
    return abs(x) if x < 0 else x ** 2
def g(x, y):
    z = max(x, y)
    return min(z, 3.0) * x
print(g(1.0, 2.0))
