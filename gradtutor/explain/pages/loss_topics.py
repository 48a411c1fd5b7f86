"""Losses and optimisers in words; formulas and gradients come from the tables."""

from __future__ import annotations

from gradtutor.explain.pages.topic import Topic


def _network(loss: str, *layers: str) -> str:
    return f"Sequential([{', '.join(layers)}])\nloss = {loss}"


_ROWS = ("Input(4)", "Linear(3)")
LOSS_TOPICS = (
    Topic(
        "cross_entropy",
        "The mean of -log of the probability that softmax gives the right class.",
        "For one class out of several; it takes scores (logits).",
        (
            "softmax(z) - one_hot(y) holds for logits only, not for probabilities.",
            "The mean over the batch: the gradient is divided by N.",
        ),
        _network("CrossEntropyLoss()", *_ROWS),
        textbook=(
            "p = softmax(z1)",
            "loss = -mean(sum(one_hot(y, p)*log(p), axis=-1))",
        ),
        source="Bishop 2006, eq. 4.108, averaged",
    ),
    Topic(
        "log_likelihood",
        "Cross-entropy of log-probabilities, as LogSoftmax gives them.",
        "After LogSoftmax; both together are cross-entropy.",
        ("Without LogSoftmax before it, it is no loss of probabilities.",),
        _network("NLLLoss()", *_ROWS, "LogSoftmax(dim=1)"),
        textbook=(
            "h1 = log(softmax(z1))",
            "loss = -mean(sum(one_hot(y, h1)*h1, axis=-1))",
        ),
        source="Bishop 2006, eq. 4.108, averaged",
    ),
    Topic(
        "mse_loss",
        "The mean of the squared differences, over all elements.",
        "For numbers: regression, denoising.",
        (
            "The factor 2, and the division by the number of all elements.",
            "(N,) against (N, 1) broadcasts silently in NumPy; here it is refused.",
        ),
        _network("MSELoss()", *_ROWS),
    ),
    Topic(
        "quadratic_cost",
        "Half the squared distance, averaged over the batch (Nielsen 2015, eq. 6).",
        "In Nielsen's and 3Blue1Brown's sigmoid networks.",
        ("With sigmoid outputs the gradient vanishes where they are surely wrong.",),
        _network("QuadraticCost()", *_ROWS, "Sigmoid()"),
    ),
    Topic(
        "binary_cross_entropy",
        "The mean of -log of the probability given to what was true.",
        "For yes or no, of probabilities; with a Sigmoid before it, it is "
        "computed from "
        "the logits, stably.",
        ("log(0) where the answer is surely wrong: use the logits.",),
        _network("BCELoss()", "Input(4)", "Linear(1)", "Sigmoid()"),
        textbook=(
            "p = sigmoid(z1)",
            "loss = -mean(y*log(p) + (1 - y)*log(1 - p))",
        ),
        source="Bishop 2006, eq. 4.90, averaged",
    ),
    Topic(
        "bce_with_logits",
        "Binary cross-entropy of sigmoid(z), computed from z.",
        "For yes or no; for several labels at once.",
        ("A Sigmoid before it squashes twice.",),
        _network("BCEWithLogitsLoss()", "Input(4)", "Linear(1)"),
        textbook=(
            "p = sigmoid(z1)",
            "loss = -mean(y*log(p) + (1 - y)*log(1 - p))",
        ),
        source="Bishop 2006, eq. 4.90, averaged",
    ),
    Topic(
        "hinge_loss",
        "What a score lacks to be on its side of the margin, averaged.",
        "For two classes -1 and 1, as in a support vector machine.",
        ("Examples beyond the margin give no gradient at all.",),
        _network("HingeLoss()", "Input(4)", "Linear(1)"),
    ),
    Topic(
        "svm_loss",
        "What each wrong class's score lacks to be a margin below the right one's, "
        "averaged (CS231n).",
        "For one class out of several, by margins instead of probabilities.",
        (
            "The right class's gradient is minus the number of classes within "
            "the margin.",
        ),
        _network("SVMLoss()", *_ROWS),
    ),
)

#: Updates in the language; g is the gradient at theta, t counts the steps from 1.
_PLAIN = ("theta = theta - learning_rate*g",)
_ADAM = (
    "m = beta1*m + (1 - beta1)*g",
    "v = beta2*v + (1 - beta2)*g**2",
    "m_hat = m/(1 - beta1**t)",
    "v_hat = v/(1 - beta2**t)",
    "theta = theta - learning_rate*m_hat/(sqrt(v_hat) + epsilon)",
)

OPTIMISER_TOPICS = (
    Topic(
        "sgd",
        "",
        "The plainest step. With momentum and a schedule it still trains the best "
        "image classifiers.",
        ("The learning rate: too large diverges, too small crawls.",),
        textbook=_PLAIN,
        source="Robbins & Monro 1951; g: gradient",
    ),
    Topic(
        "gd",
        "",
        "On all data at once: small problems, and to see the slope itself.",
        ("One step costs a pass over all data.",),
        textbook=_PLAIN,
        source="Cauchy 1847; g: gradient",
    ),
    Topic(
        "momentum",
        "",
        "Where the slope zigzags: the velocity averages it out.",
        ("Steady slopes add up: steps grow to 1/(1 - mu) times the plain one.",),
        textbook=(
            "velocity = mu*velocity + g",
            "theta = theta - learning_rate*velocity",
        ),
        source="Polyak 1964; PyTorch's form; g: gradient",
    ),
    Topic(
        "nesterov",
        "",
        "As momentum, with the slope taken a little ahead.",
        ("Papers write it in two forms; this one is PyTorch's.",),
        textbook=(
            "velocity = mu*velocity + g",
            "theta = theta - learning_rate*(g + mu*velocity)",
        ),
        source="Sutskever et al. 2013; PyTorch's form; g: gradient",
    ),
    Topic(
        "adagrad",
        "",
        "For sparse inputs: rare features keep large steps.",
        ("The sum of squares only grows: steps shrink for good.",),
        textbook=(
            "squares = squares + g**2",
            "theta = theta - learning_rate*g/(sqrt(squares) + epsilon)",
        ),
        source="Duchi et al. 2011; g: gradient",
    ),
    Topic(
        "adadelta",
        "",
        "AdaGrad that forgets and that needs no rate: 1 is usual.",
        ("Its first steps are small, about sqrt(epsilon).",),
        textbook=(
            "squares = decay*squares + (1 - decay)*g**2",
            "move = g*sqrt(moves + epsilon)/sqrt(squares + epsilon)",
            "moves = decay*moves + (1 - decay)*move**2",
            "theta = theta - learning_rate*move",
        ),
        source="Zeiler 2012; PyTorch's form; g: gradient",
    ),
    Topic(
        "rmsprop",
        "",
        "For recurrent networks, and as AdaGrad that does not stall.",
        ("There is no bias correction: the first step is ten times the rate.",),
        textbook=(
            "squares = decay*squares + (1 - decay)*g**2",
            "theta = theta - learning_rate*g/(sqrt(squares) + epsilon)",
        ),
        source="Tieleman & Hinton 2012; g: gradient",
    ),
    Topic(
        "adam",
        "",
        "The usual first choice: each weight has a step of its own.",
        (
            "An L2 penalty is scaled with the gradient: AdamW decays the "
            "weights apart.",
            "Without the bias correction the first step is three times too large.",
        ),
        textbook=_ADAM,
        source="Kingma & Ba 2015, algorithm 1; g: gradient, t: step",
    ),
    Topic(
        "adamw",
        "",
        "Adam where weights should decay.",
        ("The decay is multiplied by the learning rate, schedule included.",),
        textbook=("theta = theta - learning_rate*weight_decay*theta", *_ADAM),
        source="Loshchilov & Hutter 2019, algorithm 2; g: gradient, t: step",
    ),
)
