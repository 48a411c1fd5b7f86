"""A quotient, the terse style: one line a gradient."""

SHAPES = {"u": (4,), "v": (4,)}


def forward(u, v):
    bottom = v**2 + 1
    return u / bottom


def backward(u, v, g):
    bottom = v**2 + 1
    du = g / bottom
    dbottom = -g * u / bottom**2
    dv = dbottom * 2 * v
    return du, dv
