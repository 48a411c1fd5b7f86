"""The slope of a function from its values alone."""


def f(x):
    """Return x cubed minus 2 x."""
    return x**3 - 2 * x


def slope(x, h):
    """Return the central difference of f at x with step h, element by element."""
    return (f(x + h) - f(x - h)) / (2 * h)
