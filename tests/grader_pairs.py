"""Answers for the grader, written by hand: equal ones, and those that nearly are.

Each line is ``reference | answer``; the heading of its block is the domain.
"""

from __future__ import annotations

#: The interval of each variable, by the name of a block.
DOMAINS = {
    "real": {"x": (-3, 3)},
    "positive": {"x": (0.2, 4)},
    "unit": {"x": (-0.9, 0.9)},
    "two": {"x": (-3, 3), "y": (-2, 4)},
    "two positive": {"x": (0.2, 3), "y": (0.3, 4)},
    "three": {"x": (-2, 2), "y": (-3, 1), "z": (0.5, 2)},
    "neuron": {"w": (-2, 2), "x": (-2, 2), "b": (-1, 1)},
    "wide": {"x": (-40, 40)},
    "constant": {},
}

EQUIVALENT = {
    "real": """
        2*x | x + x
        x**2 | x*x
        x^3 | x*x*x
        (x + 1)**2 | x**2 + 2*x + 1
        (x - 1)*(x + 1) | x^2 - 1
        3*x**2 - 6*x | 3*x*(x - 2)
        x**3 - 1 | (x - 1)*(x**2 + x + 1)
        (2*x + 3)**2 | 4*x**2 + 12*x + 9
        x/2 | 0.5*x
        x/4 | 0.25*x
        -x | 0 - x
        -(x - 1) | 1 - x
        x - (2 - x) | 2*x - 2
        (x + 2)/2 | x/2 + 1
        x*(x + 1)/2 | (x**2 + x)/2
        6*(3*x + 1) | 18*x + 6
        2*(3*x + 1)*3 | 18*x + 6 + 0*x
        4*x**3 | x**4*4/x
        12*x**2 - 4 | 4*(3*x**2 - 1)
        (x**2 + 1)**3 | (x**2 + 1)*(x**2 + 1)**2
        6*x*(x**2 + 1)**2 | 3*(x**2 + 1)**2*2*x
        1/(1 + x**2) | (1 + x**2)**(-1)
        -2*x/(1 + x**2)**2 | -(2*x)*(1 + x**2)**-2
        x/(x**2 + 1) | 1/(x + 1/x)
        (1 - x**2)/(1 + x**2)**2 | 1/(1 + x**2) - 2*x**2/(1 + x**2)**2
        exp(x)*exp(x) | exp(2*x)
        exp(-x) | 1/exp(x)
        exp(x + 1) | exp(1)*exp(x)
        exp(x)**2 | exp(x + x)
        2*x*exp(x**2) | exp(x*x)*(x + x)
        exp(x)*(x + 1) | x*exp(x) + exp(x)
        -exp(-x) | -1/exp(x)
        exp(-x**2/2) | exp(-(x**2)/2)
        -x*exp(-x**2/2) | -x/exp(x**2/2)
        exp(3*x)*3 | 3*exp(x)**3
        sin(2*x) | 2*sin(x)*cos(x)
        cos(2*x) | 1 - 2*sin(x)**2
        cos(2*x) | cos(x)**2 - sin(x)**2
        sin(x)**2 | 1 - cos(x)**2
        sin(x)**2 | (1 - cos(2*x))/2
        -sin(x) | sin(-x)
        cos(x) | cos(-x)
        cos(x) | sin(x + pi/2)
        sin(x) | cos(x - pi/2)
        sin(x + pi) | -sin(x)
        3*cos(3*x) | cos(3*x)*3
        2*x*cos(x**2) | cos(x^2)*2*x
        cos(sin(x))*cos(x) | cos(x)*cos(sin(x))
        x*cos(x) + sin(x) | sin(x) + cos(x)*x
        sin(3*x) | 3*sin(x) - 4*sin(x)**3
        1 - tanh(x)**2 | (1 - tanh(x))*(1 + tanh(x))
        1 - tanh(x)**2 | 1/cosh(x)**2
        tanh(x) | (exp(x) - exp(-x))/(exp(x) + exp(-x))
        tanh(x) | 2*sigmoid(2*x) - 1
        tanh(x) | sinh(x)/cosh(x)
        cosh(x)**2 - sinh(x)**2 | 1
        sinh(x) | (exp(x) - exp(-x))/2
        cosh(x) | (exp(x) + exp(-x))/2
        sigmoid(x) | 1/(1 + exp(-x))
        sigmoid(x) | exp(x)/(1 + exp(x))
        sigmoid(x) | 1 - sigmoid(-x)
        sigmoid(x)*(1 - sigmoid(x)) | exp(-x)/(1 + exp(-x))**2
        sigmoid(x)*(1 - sigmoid(x)) | sigmoid(x) - sigmoid(x)**2
        sigmoid(x)*(1 - sigmoid(x)) | sigmoid(x)*sigmoid(-x)
        sigmoid(x)*(1 - sigmoid(x)) | 1/(2 + exp(x) + exp(-x))
        softplus(x) | log(1 + exp(x))
        softplus(x) | x + log(1 + exp(-x))
        softplus(x) - softplus(-x) | x
        swish(x) | x*sigmoid(x)
        silu(x) | x/(1 + exp(-x))
        sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x)) | sigmoid(x)*(1 + x - x*sigmoid(x))
        gelu(x) | x*(1 + erf(x/sqrt(2)))/2
        relu(x) | max(x, 0)
        relu(x) | (x + abs(x))/2
        relu(x) | where(x > 0, x, 0)
        relu(x) | x*(x > 0)
        x > 0 | where(x > 0, 1, 0)
        x > 0 | (1 + sign(x))/2
        x > 0 | relu(x)/x
        abs(x) | max(x, -x)
        abs(x) | sqrt(x**2)
        sign(x) | x/abs(x)
        sign(x) | where(x > 0, 1, -1)
        leaky_relu(x, 0.1) | max(x, 0.1*x)
        where(x > 0, 1, 0.1) | 0.1 + 0.9*(x > 0)
        min(x, 1) | -max(-x, -1)
        x if x > 1 else 1 | max(1, x)
        log(x**2) | 2*log(abs(x))
        log(exp(x)) | x
        log(1/(1 + exp(-x))) | -softplus(-x)
        x/sqrt(x**2 + 1) | x*(x**2 + 1)**(-1/2)
        sqrt(x**2 + 1) | (1 + x*x)**0.5
        erf(-x) | -erf(x)
        atan(x) + atan(-x) | 0*x
        2**x | exp(x*log(2))
        2**x*log(2) | log(2)*exp(log(2)*x)
        x*1e3 | 1000*x
        1/3*x | x/3
        q = x + 1; q*q | (1 + x)^2
        np.exp(x)*2 | 2×exp(x)
    """,
    "positive": """
        sqrt(x) | x**0.5
        sqrt(x)*sqrt(x) | x
        1/(2*sqrt(x)) | 0.5*x**(-1/2)
        1/x | x**(-1)
        -1/x**2 | -(1/x)^2
        log(x**2) | 2*ln(x)
        log(3*x) | log(3) + log(x)
        log(x/2) | log(x) - log(2)
        log(1/x) | -log(x)
        log(sqrt(x)) | log(x)/2
        x**x | exp(x*log(x))
        x**x*(log(x) + 1) | x**x + x**x*log(x)
        x*(1 + 1/x) | x + 1
        (x**2 - 1)/x | x - 1/x
        log(x) + 1 | log(x*exp(1))
        x**1.5 | x*sqrt(x)
        1.5*sqrt(x) | 3/2*x**0.5
        x**(1/3) | exp(log(x)/3)
        abs(x) | x
        exp(log(x)*2) | x*x
        log(x)/log(10) | log(x)/2.302585092994045684
        1/(1 + 1/x) | x/(x + 1)
        (sqrt(x) + 1)*(sqrt(x) - 1) | x - 1
        log1p(x) | log(1 + x)
        expm1(x) | exp(x) - 1
        sqrt(4*x) | 2*sqrt(x)
        1/x - 1/(x + 1) | 1/(x*(x + 1))
        atan(x) + atan(1/x) | pi/2
        relu(x) | x
        x*log(x) - x | x*(log(x) - 1)
    """,
    "unit": """
        asin(x) | atan(x/sqrt(1 - x**2))
        acos(x) | pi/2 - asin(x)
        1/sqrt(1 - x**2) | (1 - x*x)**(-0.5)
        sqrt((1 - x)*(1 + x)) | sqrt(1 - x**2)
        sin(asin(x)) | x
        cos(asin(x)) | sqrt(1 - x**2)
        1/(1 - x**2) | (1/(1 - x) + 1/(1 + x))/2
        tan(x) | sin(x)/cos(x)
        1 + tan(x)**2 | 1/cos(x)**2
        log((1 + x)/(1 - x)) | log(1 + x) - log(1 - x)
        asin(sin(x)) | x
        arctan(tan(x)) | x
    """,
    "two": """
        x*y | y*x
        (x + y)**2 | x**2 + 2*x*y + y**2
        x**2 - y**2 | (x - y)*(x + y)
        x*(x + y) - y*(x + y) | x*x - y*y
        2*(x - y) | -2*(y - x)
        max(x, y) | (x + y + abs(x - y))/2
        min(x, y) | (x + y - abs(x - y))/2
        max(x, y) + min(x, y) | x + y
        x > y | y < x
        where(x > y, x, y) | max(y, x)
        abs(x - y) | max(x, y) - min(x, y)
        exp(x + y) | exp(x)*exp(y)
        exp(x)/exp(y) | exp(x - y)
        log(exp(x) + exp(y)) | x + softplus(y - x)
        exp(x)/(exp(x) + exp(y)) | sigmoid(x - y)
        exp(x)/(exp(x) + exp(y)) | 1/(1 + exp(y - x))
        exp(x)*exp(y)/(exp(x) + exp(y))**2 | sigmoid(x - y)*sigmoid(y - x)
        sin(x + y) | sin(x)*cos(y) + cos(x)*sin(y)
        cos(x - y) | cos(x)*cos(y) + sin(x)*sin(y)
        sin(x)*cos(y) | (sin(x + y) + sin(x - y))/2
        (x*y)**2 | x**2*y**2
        x/(x**2 + y**2 + 1) | 1/((x**2 + y**2 + 1)/x)
        tanh(x + y) | (tanh(x) + tanh(y))/(1 + tanh(x)*tanh(y))
        (x - y)**2/2 | 0.5*(y - x)^2
        x - y | -(y - x)
        y*cos(x*y) | cos(y*x)*y
        relu(x - y) | max(x, y) - y
        2*x*y + 2*y | 2*y*(x + 1)
        (x + y)*(x - 2*y) | x**2 - x*y - 2*y**2
        x**2 + y**2 | (x + y)^2 - 2×x×y
    """,
    "two positive": """
        log(x*y) | log(x) + log(y)
        log(x/y) | log(x) - ln(y)
        x**y | exp(y*log(x))
        y*x**(y - 1) | x**y*y/x
        x**y*log(x) | log(x)*exp(y*log(x))
        1/(1/x + 1/y) | x*y/(x + y)
        1/x + 1/y | (x + y)/(x*y)
        sqrt(x*y) | sqrt(x)*sqrt(y)
        sqrt(x/y) | sqrt(x)/sqrt(y)
        (sqrt(x) - sqrt(y))*(sqrt(x) + sqrt(y)) | x - y
        x/y | 1/(y/x)
        -x/y**2 | -x*y**(-2)
    """,
    "three": """
        (x + y)*z | x*z + y*z
        x*y*z | z*(y*x)
        z*(x - y) | z*x - z*y
        max(x, y, z) | max(max(x, y), z)
        exp(x)/(exp(x) + exp(y) + exp(z)) | 1/(1 + exp(y - x) + exp(z - x))
        2*z*(x + y*z) | 2*x*z + 2*y*z**2
        (x + y + z)**2 | x**2 + y**2 + z**2 + 2*(x*y + y*z + z*x)
        log(z)*(x + y) | x*log(z) + y*log(z)
        q = x + y; q*z | z*x + y*z
    """,
    "neuron": """
        sigmoid(w*x + b)*sigmoid(-w*x - b) | exp(-w*x - b)/(1 + exp(-(w*x + b)))**2
        tanh(w*x + b) | 1 - 2/(1 + exp(2*(w*x + b)))
        x*(1 - tanh(w*x + b)**2) | x/cosh(b + x*w)**2
        2*x*(w*x + b) | 2*w*x**2 + 2*b*x
        s = w*x + b; 1/(1 + exp(-s)) | sigmoid(b + w*x)
        log(1 + exp(w*x + b)) | softplus(x*w + b)
    """,
    "wide": """
        exp(20*x)/exp(19*x) | exp(x)
        sigmoid(30*x) | 1/(1 + exp(-30*x))
        tanh(x)**2 + 1/cosh(x)**2 | 1
        x**9/x**8 | x
        log(1 + exp(x)) | softplus(x)
    """,
    "constant": """
        1/3 | 2/6
        sqrt(2)*sqrt(2) | 2
        exp(0) | 1
        0.1 + 0.2 | 0.3
        log(exp(2)) | 2
        sin(pi/6) | 1/2
        3e-4 | 0.0003
        2**10 | 1024
    """,
}

NEAR_MISSES = {
    "real": """
        2*x | x**2
        2*x | 2*x + 1e-6
        2*x | 2.0001*x
        x**2 | x**2 + 1
        x**2 | x**3
        x**2 | -x**2
        x**2 | abs(x)
        (x + 1)**2 | x**2 + 1
        (x - 1)**2 | x**2 - 2*x - 1
        (x - 1)*(x + 1) | x**2 + 1
        3*x**2 - 6*x | 3*x**2 - 6
        3*x**2 | 3*x
        3*x**2 | x**3/3
        6*(3*x + 1) | 2*(3*x + 1)
        6*(3*x + 1) | 3*(3*x + 1)
        18*x + 6 | 18*x + 6*x
        4*x**3 | 4*x**4
        4*x**3 | x**5/5
        x/2 | x*2
        x/2 | 2/x
        -x | x
        1 - x | x - 1
        x - (2 - x) | x - 2 - x
        (x + 2)/2 | x + 1
        (x + 2)/2 | x + 2/2
        1/(1 + x**2) | 1 + 1/x**2
        1/(1 + x**2) | 1/1 + x**2
        -2*x/(1 + x**2)**2 | -1/(1 + x**2)**2
        -2*x/(1 + x**2)**2 | 2*x/(1 + x**2)**2
        (1 - x**2)/(1 + x**2)**2 | (x**2 - 1)/(1 + x**2)**2
        (1 - x**2)/(1 + x**2)**2 | 1/(2*x)
        6*x*(x**2 + 1)**2 | 3*(x**2 + 1)**2
        6*x*(x**2 + 1)**2 | 6*x*(x**2 + 1)
        6*x*(x**2 + 1)**2 | 3*(2*x)**2
        exp(2*x) | exp(x)**x
        exp(2*x) | 2*exp(x)
        2*exp(2*x) | exp(2*x)
        2*exp(2*x) | 2*x*exp(2*x - 1)
        exp(-x) | -exp(-x)
        -exp(-x) | exp(-x)
        exp(x + 1) | exp(x) + 1
        exp(x + 1) | exp(x) + exp(1)
        2*x*exp(x**2) | exp(x**2)
        2*x*exp(x**2) | exp(2*x)
        2*x*exp(x**2) | x**2*exp(x**2 - 1)
        exp(x)*(x + 1) | x*exp(x)
        exp(x)*(x + 1) | exp(x)
        -x*exp(-x**2/2) | x*exp(-x**2/2)
        -x*exp(-x**2/2) | exp(-x**2/2)
        exp(-x**2) | exp((-x)**2)
        sin(2*x) | 2*sin(x)
        sin(2*x) | sin(x)*cos(x)
        cos(2*x) | 2*cos(x)
        cos(2*x) | 2*cos(x)**2
        -sin(x) | sin(x)
        cos(x) | -cos(x)
        cos(x) | sin(x + 1.5708)
        cos(x) | sin(x)
        3*cos(3*x) | cos(3*x)
        3*cos(3*x) | 3*cos(x)
        3*cos(3*x) | -3*sin(3*x)
        2*x*cos(x**2) | cos(x**2)
        2*x*cos(x**2) | cos(2*x)
        2*x*cos(x**2) | 2*x*cos(x)**2
        cos(sin(x))*cos(x) | cos(sin(x))
        cos(sin(x))*cos(x) | cos(cos(x))
        x*cos(x) + sin(x) | cos(x)
        x*cos(x) + sin(x) | x*cos(x)
        x*cos(x) + sin(x) | x*cos(x) - sin(x)
        sin(x)**2 | sin(x**2)
        2*sin(x)*cos(x) | 2*sin(x)
        1 - tanh(x)**2 | 1 - tanh(x)
        1 - tanh(x)**2 | (1 - tanh(x))**2
        1 - tanh(x)**2 | 1 + tanh(x)**2
        1 - tanh(x)**2 | tanh(x)*(1 - tanh(x))
        1 - tanh(x)**2 | 1/cosh(x)
        tanh(x) | 2*sigmoid(x) - 1
        tanh(x) | sigmoid(2*x)
        sigmoid(x) | 1/(1 + exp(x))
        sigmoid(x) | 1 + exp(-x)
        sigmoid(x) | 1/1 + exp(-x)
        sigmoid(x) | (1 + tanh(x))/2
        sigmoid(x)*(1 - sigmoid(x)) | sigmoid(x)
        sigmoid(x)*(1 - sigmoid(x)) | 1 - sigmoid(x)**2
        sigmoid(x)*(1 - sigmoid(x)) | x*(1 - x)
        sigmoid(x)*(1 - sigmoid(x)) | exp(-x)/(1 + exp(-x))
        sigmoid(x)*(1 - sigmoid(x)) | -exp(-x)/(1 + exp(-x))**2
        softplus(x) | 1 + exp(x)
        softplus(x) | log(1 + exp(-x))
        softplus(x) | relu(x)
        swish(x) | sigmoid(x)
        swish(x) | gelu(x)
        gelu(x) | x*sigmoid(1.702*x)
        gelu(x) | x*(1 + erf(x))/2
        relu(x) | x
        relu(x) | abs(x)
        relu(x) | max(x, 0.01*x)
        relu(x) | (abs(x) - x)/2
        x > 0 | x < 0
        x > 0 | x
        x > 0 | sign(x)
        x > 0 | where(x > 0.1, 1, 0)
        abs(x) | -abs(x)
        sign(x) | abs(x)
        sign(x) | (x > 0)
        leaky_relu(x, 0.1) | leaky_relu(x, 0.2)
        where(x > 0, 1, 0.1) | where(x > 0, 0.1, 1)
        min(x, 1) | max(x, 1)
        sqrt(x**2) | x
        sqrt(x**2 + 1) | x + 1
        x/sqrt(x**2 + 1) | 1/sqrt(x**2 + 1)
        x/sqrt(x**2 + 1) | x*sqrt(x**2 + 1)
        x/sqrt(x**2 + 1) | 2*x/sqrt(x**2 + 1)
        log(x**2 + 1) | 2*log(x + 4)
        log(x**2 + 1) | log(x**2) + 1
        2*x/(x**2 + 1) | 1/(x**2 + 1)
        2*x/(x**2 + 1) | 2*x/(x**2 - 1)
        2**x*log(2) | x*2**(x - 1)
        2**x*log(2) | 2**x
        1/3*x | 0.3333*x
        1/3*x | 1/(3*x)
        pi*x | 3.14159*x
        x*1e3 | x*1e-3
    """,
    "positive": """
        sqrt(x) | x**2
        sqrt(x) | x/2
        1/(2*sqrt(x)) | 2/sqrt(x)
        1/(2*sqrt(x)) | 1/sqrt(2*x)
        1/(2*sqrt(x)) | sqrt(x)/2
        1/x | log(x)
        1/x | -1/x
        -1/x**2 | 1/x**2
        -1/x**2 | -1/x
        -1/x**2 | -2/x**3
        -1/x**2 | log(x)
        log(3*x) | 3*log(x)
        log(3*x) | log(3)*log(x)
        log(x/2) | log(x)/log(2)
        log(x**2) | log(x)**2
        x**x*(log(x) + 1) | x*x**(x - 1)
        x**x*(log(x) + 1) | x**x*log(x)
        x**1.5 | x**3/2
        x**(1/3) | x**1/3
        x**(1/3) | x**0.3333
        log(x) + 1 | log(x + 1)
        log(x) + 1 | log(x)
        x*log(x) - x | x*log(x)
        1/(1 + 1/x) | 1 + x
        log1p(x) | log(x) + 1
        expm1(x) | exp(x - 1)
        log(x)/log(10) | log(x)
        sqrt(4*x) | 4*sqrt(x)
        1/x - 1/(x + 1) | 1/x*(x + 1)
    """,
    "unit": """
        asin(x) | 1/sin(x)
        acos(x) | asin(x)
        1/sqrt(1 - x**2) | -1/sqrt(1 - x**2)
        1/sqrt(1 - x**2) | 1/(1 - x)
        1/(1 - x**2) | 1/(1 + x**2)
        sqrt(1 - x**2) | 1 - x
        tan(x) | cos(x)/sin(x)
        1/cos(x)**2 | 1/cos(x**2)
        1/cos(x)**2 | 1 - tan(x)**2
        1 + tan(x)**2 | tan(x)**2
        atan(x) | x
    """,
    "two": """
        x*y | x + y
        y | x
        (x + y)**2 | x**2 + y**2
        x**2 - y**2 | (x - y)**2
        2*(x - y) | 2*(y - x)
        2*(x - y) | x - y
        max(x, y) | min(x, y)
        max(x, y) | x
        max(x, y) | (x + y)/2
        x > y | y > x
        where(x > y, 1, 0) | where(x > y, 0, 1)
        exp(x + y) | exp(x) + exp(y)
        exp(x)/exp(y) | exp(x/y)
        exp(x)/(exp(x) + exp(y)) | x/(x + y)
        exp(x)/(exp(x) + exp(y)) | sigmoid(y - x)
        exp(x)/(exp(x) + exp(y)) | exp(y)/(exp(x) + exp(y))
        sin(x + y) | sin(x) + sin(y)
        cos(x - y) | cos(x)*cos(y) - sin(x)*sin(y)
        y*cos(x*y) | cos(x*y)
        y*cos(x*y) | x*cos(x*y)
        y*cos(x*y) | -y*cos(x*y)
        (x - y)**2/2 | (x - y)/2
        (x - y)**2/2 | (x - y)**2
        x - y | y - x
        2*x*y | x**2
        2*x*y | 2*x
        2*x*y + 2*y | 2*x*y + 2
        relu(x - y) | relu(x) - relu(y)
        x**2*y | x*y**2
        x*(x + y) | x*x + y
    """,
    "two positive": """
        log(x*y) | log(x)*log(y)
        log(x/y) | log(x)/log(y)
        log(x/y) | log(y) - log(x)
        y*x**(y - 1) | x**y*log(x)
        y*x**(y - 1) | y*x**y
        x**y | y**x
        1/(1/x + 1/y) | x + y
        1/x + 1/y | 1/(x + y)
        1/x + 1/y | 2/(x + y)
        -x/y**2 | x/y**2
        -x/y**2 | 1/y
        -x/y**2 | -1/y**2
        sqrt(x*y) | (x + y)/2
    """,
    "three": """
        (x + y)*z | x + y*z
        (x + y)*z | x*z + y
        z | x + y
        x*y*z | x*y + z
        max(x, y, z) | max(x, y)
        exp(x)/(exp(x) + exp(y) + exp(z)) | exp(x)/(exp(x) + exp(y))
        x*y + y*z + z*x | x*y + y*z
        2*z*(x + y*z) | 2*(x + y*z)
        2*z*(x + y*z) | 2*y*(x + y*z)
    """,
    "neuron": """
        x*sigmoid(w*x + b)*sigmoid(-w*x - b) | sigmoid(w*x + b)*sigmoid(-w*x - b)
        x*sigmoid(w*x + b)*sigmoid(-w*x - b) | w*sigmoid(w*x + b)*sigmoid(-w*x - b)
        x*(1 - tanh(w*x + b)**2) | 1 - tanh(w*x + b)**2
        x*(1 - tanh(w*x + b)**2) | x*tanh(w*x + b)
        2*x*(w*x + b) | 2*(w*x + b)
        2*x*(w*x + b) | 2*w*(w*x + b)
    """,
    "wide": """
        sigmoid(x) | where(x > 0, 1, 0)
        tanh(x) | sign(x)
        softplus(x) | relu(x) + 1e-9
    """,
    "constant": """
        1/3 | 0.333333
        sqrt(2) | 1.41421356
        exp(1) | 2.718
        pi/4 | 0.7854
        2**10 | 1000
    """,
}


def rows(table: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return a table's rows: block, reference, answer."""
    return [
        (block, *(part.strip() for part in line.split("|", 1)))
        for block, lines in table.items()
        for line in lines.strip().splitlines()
    ]
