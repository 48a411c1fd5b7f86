"""The table of optimisers: each is declared once, by formulas.

From an entry come its spelling in a network's text, its name on the command line, its
class in a NumPy script, its compiled loop, its kernel on a GPU, and its page. In the
formulas g is the gradient at theta, and t counts the steps from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Optimiser:
    """One optimiser.

    Attributes
    ----------
    name : str
        What the command line calls it.
    title : str
        The name of its class in a script.
    spelling : str
        What a network's text calls it.
    about : str
        What it is, in one line.
    source : str
        Whose formulas these are.
    update : tuple of str
        The formulas of a step, in the language of formulas, in order. What is assigned
        and no state is a short name for what is right of it.
    state : tuple of str
        What is kept from step to step, 0 at first.
    constants : mapping
        Its settings and their usual values. An optimiser without a weight decay of its
        own may be given one, which adds its slope to g.
    rate : float
        The usual learning rate.
    accepted : tuple of str
        More words that a network's text may give it.
    when : str
        What it is good for, a sentence.
    pitfalls : tuple of str
        What goes wrong with it, sentences.
    """

    name: str
    title: str
    spelling: str
    about: str
    source: str
    update: tuple[str, ...]
    when: str
    pitfalls: tuple[str, ...]
    state: tuple[str, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    rate: float = 0.1
    accepted: tuple[str, ...] = ()


#: The weight decay of an optimiser that has none of its own: L2, as in PyTorch.
L2 = "g = g + weight_decay*theta"

_PLAIN = ("theta = theta - learning_rate*g",)
_ADAM = (
    "m = beta1*m + (1 - beta1)*g",
    "v = beta2*v + (1 - beta2)*g**2",
    "m_hat = m/(1 - beta1**t)",
    "v_hat = v/(1 - beta2**t)",
    "theta = theta - learning_rate*m_hat/(sqrt(v_hat) + epsilon)",
)
_BETAS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

TABLE = (
    Optimiser(
        "gd",
        "GD",
        "GD",
        "Gradient descent, in place, on all data at once.",
        "Cauchy 1847",
        _PLAIN,
        "On all data at once: small problems, and to see the slope itself.",
        ("One step costs a pass over all data.",),
    ),
    Optimiser(
        "sgd",
        "SGD",
        "SGD",
        "Gradient descent, in place: stochastic when a batch is a part of the data.",
        "Robbins & Monro 1951",
        _PLAIN,
        "The plainest step. With momentum and a schedule it still trains the best "
        "image classifiers.",
        ("The learning rate: too large diverges, too small crawls.",),
        accepted=("momentum", "weight_decay", "nesterov"),
    ),
    Optimiser(
        "momentum",
        "Momentum",
        "Momentum",
        "Gradient descent with momentum.",
        "Polyak 1964; PyTorch's form",
        (
            "velocity = momentum*velocity + g",
            "theta = theta - learning_rate*velocity",
        ),
        "Where the slope zigzags: the velocity averages it out.",
        ("Steady slopes add up: steps grow to 1/(1 - momentum) times the plain one.",),
        state=("velocity",),
        constants={"momentum": 0.9},
    ),
    Optimiser(
        "nesterov",
        "Nesterov",
        "Nesterov",
        "Nesterov's accelerated gradient (1983): the slope is taken a little ahead.",
        "Sutskever et al. 2013; PyTorch's form",
        (
            "velocity = momentum*velocity + g",
            "theta = theta - learning_rate*(g + momentum*velocity)",
        ),
        "As momentum, with the slope taken a little ahead.",
        ("Papers write it in two forms; this one is PyTorch's.",),
        state=("velocity",),
        constants={"momentum": 0.9},
    ),
    Optimiser(
        "adagrad",
        "AdaGrad",
        "Adagrad",
        "Adaptive subgradients: steps shrink with what has passed.",
        "Duchi et al. 2011",
        (
            "squares = squares + g**2",
            "theta = theta - learning_rate*g/(sqrt(squares) + epsilon)",
        ),
        "For sparse inputs: rare features keep large steps.",
        ("The sum of squares only grows: steps shrink for good.",),
        state=("squares",),
        constants={"epsilon": 1e-10},
        accepted=("weight_decay",),
        rate=1e-2,
    ),
    Optimiser(
        "rmsprop",
        "RMSProp",
        "RMSprop",
        "RMSProp: AdaGrad that forgets.",
        "Tieleman & Hinton 2012",
        (
            "squares = decay*squares + (1 - decay)*g**2",
            "theta = theta - learning_rate*g/(sqrt(squares) + epsilon)",
        ),
        "For recurrent networks, and as AdaGrad that does not stall.",
        ("There is no bias correction: the first step is ten times the rate.",),
        state=("squares",),
        constants={"decay": 0.99, "epsilon": 1e-8},
        accepted=("weight_decay",),
        rate=1e-3,
    ),
    Optimiser(
        "adadelta",
        "AdaDelta",
        "Adadelta",
        "AdaDelta: RMSProp whose rate is the size of its own past steps.",
        "Zeiler 2012, algorithm 1",
        (
            "squares = decay*squares + (1 - decay)*g**2",
            "delta = g*sqrt(moves + epsilon)/sqrt(squares + epsilon)",
            "moves = decay*moves + (1 - decay)*delta**2",
            "theta = theta - learning_rate*delta",
        ),
        "Where no learning rate is to be chosen: 1 is the paper's own.",
        ("Its first steps are small, about sqrt(epsilon).",),
        state=("squares", "moves"),
        constants={"decay": 0.9, "epsilon": 1e-6},
        accepted=("weight_decay",),
        rate=1.0,
    ),
    Optimiser(
        "adam",
        "Adam",
        "Adam",
        "Adaptive moment estimation, in place.",
        "Kingma & Ba 2015, algorithm 1",
        _ADAM,
        "The usual first choice: each weight has a step of its own.",
        (
            "An L2 penalty is scaled with the gradient: AdamW decays the "
            "weights apart.",
            "Without the bias correction the first step is three times too large.",
        ),
        state=("m", "v"),
        constants=_BETAS,
        accepted=("weight_decay",),
        rate=1e-3,
    ),
    Optimiser(
        "adamw",
        "AdamW",
        "AdamW",
        "Adam with decoupled weight decay.",
        "Loshchilov & Hutter 2019, algorithm 2",
        ("theta = theta - learning_rate*weight_decay*theta", *_ADAM),
        "Adam where weights should decay.",
        ("The decay is multiplied by the learning rate, schedule included.",),
        state=("m", "v"),
        constants={"weight_decay": 0.01, **_BETAS},
        rate=1e-3,
    ),
    Optimiser(
        "lion",
        "Lion",
        "Lion",
        "Evolved sign momentum: every weight moves by the rate, up or down.",
        "Chen et al. 2023, algorithm 2",
        (
            "mixed = beta1*m + (1 - beta1)*g",
            "theta = theta - learning_rate*(sign(mixed) + weight_decay*theta)",
            "m = beta2*m + (1 - beta2)*g",
        ),
        "As AdamW, with half of its memory; for large batches.",
        ("Its rate is three to ten times smaller than Adam's, its decay larger.",),
        state=("m",),
        constants={"weight_decay": 0.0, "beta1": 0.9, "beta2": 0.99},
        rate=1e-4,
    ),
)

#: The table by name.
OPTIMISERS = {entry.name: entry for entry in TABLE}
