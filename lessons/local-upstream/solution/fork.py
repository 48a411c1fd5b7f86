"""The backward pass of f = (x + y) * (x * z), where x is used twice."""


def backward(x, y, z, upstream):
    """Return the gradients of x, y and z, given the gradient of f.

    All are arrays of five numbers: five circuits side by side.
    """
    s = x + y
    p = x * z
    # f = s * p

    ds = upstream * p
    dp = upstream * s
    dx = ds * 1
    dy = ds * 1
    dx += dp * z
    dz = dp * x
    return dx, dy, dz
