"""The rules of calculus and of backpropagation, in words; formulas are derived."""

from __future__ import annotations

from gradtutor.explain.pages.topic import Topic

RULE_TOPICS = (
    Topic(
        "chain-rule",
        "The slope of a value inside a value is the product of both slopes.",
        "Whenever an argument is itself computed. Backpropagation is this "
        "rule, applied "
        "from the output to the inputs: upstream gradient times local derivative.",
        (
            "The inner derivative is dropped: (sin(2*x))' is 2*cos(2*x), not cos(2*x).",
            "The outer slope is taken at x instead of at the inner value.",
        ),
        "sin(x**2)",
        ("chain",),
    ),
    Topic(
        "sum-rule",
        "The slope of a sum is the sum of the slopes.",
        "At + and -: an add gate hands its gradient to both arguments unchanged.",
        ("The sign of the second argument of a difference is lost.",),
        "x**2 - sin(x)",
        ("sum", "difference-rule"),
    ),
    Topic(
        "product-rule",
        "Each factor's slope times the other factor, added.",
        "At a product of two values that both vary. A multiply gate swaps: "
        "each argument "
        "gets the gradient times the other argument.",
        (
            "(u*v)' is not u'*v'.",
            "The arguments must still be known in the backward pass.",
        ),
        "x*sin(x)",
        ("product", "leibniz-rule"),
    ),
    Topic(
        "quotient-rule",
        "Numerator's slope over the denominator, less the quotient's share of the "
        "denominator's slope.",
        "At a fraction whose denominator varies.",
        (
            "The order of the two terms, and so the sign, is swapped.",
            "The denominator is not squared in the second term.",
        ),
        "sin(x)/x",
        ("quotient", "reciprocal-rule"),
    ),
    Topic(
        "power-rule",
        "The exponent comes down as a factor and is lessened by one.",
        "At a power with a constant exponent; roots are powers with a fraction.",
        (
            "It is used for 2**x, where the exponent varies: that is the "
            "exponential rule.",
            "A slope at base 0 with an exponent below 1 is infinite.",
        ),
        "x**3",
        ("power",),
    ),
    Topic(
        "exponential-rule",
        "The value itself times the logarithm of the base.",
        "At a power whose exponent varies, as in 2**x.",
        ("The power rule is used instead: (2**x)' is not x*2**(x - 1).",),
        "2**x",
        ("exponential",),
    ),
    Topic(
        "constant-multiple-rule",
        "A constant factor stays in front of the slope.",
        "At a product, or a quotient, of which one part does not vary.",
        ("A weight counts as constant for ∂/∂x, and x as constant for ∂/∂w.",),
        "3*x**2",
        ("constant-multiple", "constant-rule", "constant"),
    ),
    Topic(
        "by-cases",
        "Each piece has its own slope; at the seam a rule must choose (--ties).",
        "At max, min, abs, relu and where: only the branch taken gets a gradient.",
        (
            "The gradient goes to the loser, or to both.",
            "At a tie libraries differ: PyTorch halves max's, and relu's slope "
            "at 0 is 0.",
        ),
        "max(x, 2*x)",
        ("cases", "piecewise", "subgradient"),
    ),
    Topic(
        "double-where",
        "A gradient that a gate routed to nobody is 0, and stays 0 beside a slope that "
        "is infinite or nan.",
        "Where a choice guards its own argument: where(x > 0, sqrt(x), x) at -4, "
        "min(exp(x), 5) at 1000. Here such a gradient is selected, not multiplied, and "
        "the answers are 1 and 0. PyTorch and JAX multiply 0 by the slope of the "
        "branch that was not taken, and both answer nan for both. There the argument "
        "is made safe by a second choice: where(x > 0, sqrt(where(x > 0, x, 1)), x).",
        (
            "In PyTorch and JAX the outer where alone does not keep nan out of the "
            "gradient.",
            "A mask that is multiplied, (x > 0)*sqrt(x), has no value at -4: 0 times "
            "nan is nan.",
        ),
        "where(x > 0, sqrt(x), x)",
        ("where-trap", "zero-times-infinity"),
    ),
    Topic(
        "fork",
        "A value that is used several times gets the sum of what comes back from each.",
        "Wherever a value has more than one reader: shared weights, residual "
        "connections, x*x. A copy gate's backward step adds (the multivariable chain "
        "rule).",
        (
            "= where += is due: the last path overwrites the others.",
            "Following every path apart costs their number, which may double at each "
            "fork; added here first, every edge is visited once.",
        ),
        "x*sin(x)",
        ("copy", "copies", "branch", "multivariable-chain-rule"),
        at="x=2",
    ),
    Topic(
        "broadcasting",
        "What was repeated to fit a larger shape gets the sum over the repeats.",
        "At a bias that is added to every row of a batch: db = sum(dz, axis=0).",
        ("The gradient keeps the batch's shape: the sum over the axis is forgotten.",),
        "X: (N, 3); b: (3,); sum(X*b)",
        ("broadcast-rule",),
    ),
    Topic(
        "reverse-mode",
        "One pass forward keeps the values; one pass back sends every gate's gradient "
        "on, so that all inputs' slopes cost about as much as a few evaluations.",
        "When there are many inputs and one output: training.",
        (
            "The values of the forward pass must be kept, which costs memory.",
            "With one input and many outputs forward mode is the cheaper one.",
        ),
        "x*y + sin(x)",
        ("backpropagation", "backprop", "autodiff"),
        at="x=2,y=3",
    ),
)
