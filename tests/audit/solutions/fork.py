"""A value that is used three times; gradients in a dict."""


def forward(x, y, z):
    q = x + y
    a = q * z
    b = q**3
    return a - b * x


def backward(x, y, z, upstream):
    q = x + y
    grads = {}
    da = upstream
    db = -upstream * x
    dq = da * z
    dq += db * 3 * q**2
    grads["x"] = dq - upstream * q**3
    grads["y"] = dq
    grads["z"] = da * q
    return grads
