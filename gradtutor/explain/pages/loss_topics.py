"""Losses and optimisers in words; formulas and gradients come from the tables."""

from __future__ import annotations

from gradtutor.explain.pages.topic import Topic
from gradtutor.optimisers import TABLE


def _network(loss: str, *layers: str) -> str:
    return f"Sequential([{', '.join(layers)}])\nloss = {loss}"


_ROWS = ("Input(4)", "Linear(3)")
#: Two outputs of one layer, which this loss compares.
PAIR = """import torch.nn as nn


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 3)

    def forward(self, a, b):
        return self.embed(a), self.embed(b)


model = Pair()
loss_fn = nn.CosineEmbeddingLoss(margin=0.2)"""
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
    Topic(
        "l1_loss",
        "The mean of the distances |z - y|, over all elements.",
        "For numbers with a few far outliers, which it does not square.",
        (
            "The gradient is ±1/n however close the answer is: steps must shrink.",
            "At 0 there is a kink; the gradient there is 0.",
        ),
        _network("L1Loss()", *_ROWS),
    ),
    Topic(
        "huber",
        "The squared distance near 0, the distance further out, averaged.",
        "For numbers with outliers, where the mean square would follow them.",
        (
            "Where it changes over is a setting: delta or beta, 1 by default.",
            "SmoothL1Loss divides by beta, HuberLoss does not.",
        ),
        _network("HuberLoss()", *_ROWS),
        source="Huber 1964, averaged",
    ),
    Topic(
        "log_cosh",
        "The mean of log(cosh(z - y)): squared near 0, a distance further out.",
        "For numbers with outliers; it has no corner.",
        ("cosh overflows for large differences: it is computed stably.",),
        _network("LogCosh()", *_ROWS),
    ),
    Topic(
        "kl_div",
        "What is lost where log-probabilities stand for the true ones: y*(log y - z).",
        "For targets that are probabilities; it takes log-probabilities.",
        (
            "PyTorch's usual mean divides by all elements, not by the batch.",
            "Of probabilities instead of their logarithms it says nothing.",
        ),
        _network("KLDivLoss()", *_ROWS, "LogSoftmax(dim=1)"),
        source="Kullback and Leibler 1951",
    ),
    Topic(
        "kl_divergence",
        "What is lost where probabilities p stand for the true ones: y*log(y/p).",
        "For targets that are probabilities, after a softmax (Keras).",
        ("log(0) where an answer is surely wrong: Keras clips at 1e-7.",),
        _network("KLDivergence()", *_ROWS, "Softmax()"),
        source="Kullback and Leibler 1951",
    ),
    Topic(
        "cosine_embedding",
        "Of a pair alike (y = 1) 1 - c, of another one max(0, c - margin), averaged: "
        "c is the cosine between both.",
        "For embeddings: what is alike points one way, what is not another.",
        (
            "The target is 1 or -1, not 1 or 0.",
            "A pair that is apart beyond the margin gives no gradient.",
            "Only directions count: the cosine does not see how long the outputs are.",
        ),
        PAIR,
        textbook=(
            "c1 = sum(u*v, axis=-1)/sqrt(sum(u*u, axis=-1)*sum(v*v, axis=-1))",
            "loss = mean(where(y > 0, 1 - c1, max(c1 - 0.2, 0)))",
        ),
    ),
)

OPTIMISER_TOPICS = tuple(
    Topic(
        entry.name,
        entry.about,
        entry.when,
        entry.pitfalls,
        also=(entry.spelling,),
        textbook=entry.update,
        source=entry.source,
    )
    for entry in TABLE
)
