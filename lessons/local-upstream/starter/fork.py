"""The backward pass of f = (x + y) * (x * z), where x is used twice."""


def backward(x, y, z, upstream):
    """Return the gradients of x, y and z, given the gradient of f.

    All are arrays of five numbers: five circuits side by side.
    """
    s = x + y
    p = x * z
    # f = s * p

    # TODO: the gradients of s and p, then those of x, y and z
    ds = upstream
    dp = upstream
    dx = ds
    dy = ds
    dz = dp
    return dx, dy, dz
