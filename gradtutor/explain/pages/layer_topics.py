"""Layers in words, by kind; each has a small network whose steps are its gradient."""

from __future__ import annotations

from gradtutor.explain.pages.topic import Topic

ROWS, IMAGES, SEQUENCE = "Input(4)", "Input(3, 8, 8)", "Input(2, 3)"


def _network(*layers: str) -> str:
    return f"Sequential([{', '.join(layers)}])\nloss = MSELoss()"


MAXOUT = """import torch
import torch.nn as nn


class Maxout(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        self.b = nn.Linear(4, 3)

    def forward(self, x):
        return torch.maximum(self.a(x), self.b(x))


model = Maxout()
loss_fn = nn.MSELoss()"""
_SQUASHES = ("Saturated units pass almost no gradient: deep stacks of them stall.",)
_SLOPES = "After a linear or convolutional layer, in place of ReLU."

LAYER_TOPICS = (
    Topic(
        "linear",
        "Every output is a weighted sum of all inputs plus a bias.",
        "The workhorse of an MLP, and the last layer of most classifiers.",
        (
            "The transposes: dW = xᵀ · dz and dx = dz · Wᵀ; the shapes tell which.",
            "The bias was broadcast over the batch: its gradient is summed over it.",
        ),
        _network(ROWS, "Linear(3)"),
    ),
    Topic(
        "conv",
        "The same small kernel is applied at every place of an image or a signal.",
        "For images and signals, where a pattern means the same everywhere.",
        (
            "It is a cross-correlation: the kernel is not turned, but in the "
            "gradient by "
            "the input it is.",
            "The kernel is shared: its gradient is a sum over all places.",
        ),
        _network(IMAGES, "Conv2d(5, 3)"),
    ),
    Topic(
        "max_pool",
        "Each window is replaced by its largest value.",
        "To halve an image's sides and keep what was found in each window.",
        ("The gradient goes to the winner alone; at a tie to the first one.",),
        _network(IMAGES, "MaxPool2d(2)"),
    ),
    Topic(
        "avg_pool",
        "Each window is replaced by its mean.",
        "To halve an image's sides smoothly.",
        ("Each input gets the gradient divided by the window's size.",),
        _network(IMAGES, "AvgPool2d(2)"),
    ),
    Topic(
        "global_avg",
        "Each channel becomes its mean over all places.",
        "Before the last linear layer, so that any image size fits.",
        ("Each place gets the gradient divided by the number of places.",),
        _network(IMAGES, "GlobalAveragePooling2D()"),
    ),
    Topic(
        "global_max",
        "Each channel becomes its maximum over all places.",
        "To ask whether a pattern is anywhere at all.",
        ("Only one place per channel learns from an example.",),
        _network(IMAGES, "GlobalMaxPooling2D()"),
    ),
    Topic(
        "flatten",
        "The axes of an example become one.",
        "Between convolutions and linear layers.",
        ("Its gradient is only given back its shape: no number changes.",),
        _network(IMAGES, "Flatten()", "Linear(2)"),
    ),
    Topic(
        "batch_norm",
        "Each feature is shifted and scaled to mean 0 and variance 1 over the batch, "
        "then scaled by gamma and shifted by beta.",
        "Between a linear or convolutional layer and its activation.",
        (
            "Mean and variance depend on the input too: the gradient has two "
            "more terms.",
            "Training uses the batch's statistics, prediction the running ones.",
        ),
        _network(ROWS, "BatchNorm1d(4)"),
    ),
    Topic(
        "layer_norm",
        "Each example is shifted and scaled to mean 0 and variance 1 over its "
        "features.",
        "Where batches are small, and in recurrent networks.",
        ("The axis: it goes over the features, not over the batch.",),
        _network(ROWS, "LayerNorm(4)"),
    ),
    Topic(
        "dropout",
        "A random part of the values is set to 0, the rest scaled up to make "
        "up for it.",
        "In training only, against overfitting.",
        (
            "The backward pass must use the same mask as the forward pass.",
            "Left on in prediction, it makes the answer random.",
        ),
        _network(ROWS, "Dropout(0.5)"),
    ),
    Topic(
        "residual",
        "A block's input is added to its output.",
        "In deep networks: the gradient always has the short way past the block.",
        ("The input is used twice: both gradients are added (a fork).",),
        _network(ROWS, "Residual([Linear(4), Tanh()])"),
    ),
    Topic(
        "rnn",
        "A state is carried from step to step, each with the same weights.",
        "For short sequences.",
        (
            "The weights are shared by all steps: their gradient is a sum over "
            "the steps.",
            "The gradient passes every step: it vanishes or explodes with "
            "their number.",
        ),
        _network(SEQUENCE, "RNN(2)"),
        ("SimpleRNN",),
    ),
    Topic(
        "lstm",
        "A cell is carried along, and gates decide what to forget, add and show.",
        "For longer sequences than a plain RNN can learn.",
        (
            "The cell's gradient is a sum: through the output and through the "
            "next step.",
            "The weights' gradient is a sum over all steps.",
        ),
        _network(SEQUENCE, "LSTM(2)"),
    ),
    Topic(
        "relu",
        "Negative values become 0.",
        "The usual activation of hidden layers.",
        ("A unit that is negative for every example gets no gradient: it is dead.",),
        _network(ROWS, "ReLU()"),
    ),
    Topic(
        "leaky_relu",
        "Negative values are scaled down instead of cut off.",
        _SLOPES,
        ("PyTorch's slope is 0.01, Keras's layer has 0.3.",),
        _network(ROWS, "LeakyReLU(0.1)"),
    ),
    Topic(
        "elu",
        "Negative values run smoothly into -1: exp(x) - 1.",
        "In place of ReLU, where units would die (Clevert et al. 2015).",
        ("exp of a large number overflows: it is taken of min(x, 0) alone.",),
        _network(ROWS, "ELU()"),
        also=("ELU",),
    ),
    Topic(
        "prelu",
        "Leaky ReLU whose slope on the negative side is a weight.",
        "Where the data shall say how much is let through (He et al. 2015).",
        ("The slope has a gradient too: a sum over all negative values.",),
        _network(ROWS, "PReLU()"),
        also=("PReLU",),
    ),
    Topic(
        "maxout",
        "Of several linear layers the largest output wins (Goodfellow et al. 2013).",
        "It learns its own shape of activation, at so many times the weights.",
        ("Only the winner's weights get a gradient from an example.",),
        MAXOUT,
    ),
    Topic(
        "sigmoid",
        "Every value is squashed into 0 to 1.",
        "For gates, and for the probability of one class.",
        (*_SQUASHES, "Its slope is at most 1/4: each layer shrinks the gradient."),
        _network(ROWS, "Sigmoid()"),
    ),
    Topic(
        "tanh",
        "Every value is squashed into -1 to 1.",
        "In recurrent networks, and in small MLPs.",
        _SQUASHES,
        _network(ROWS, "Tanh()"),
    ),
    Topic(
        "softplus",
        "A smooth ReLU.",
        _SLOPES,
        ("log(1 + exp(x)) overflows as it is written; logaddexp does not.",),
        _network(ROWS, "Softplus()"),
    ),
    Topic(
        "swish",
        "A value times its own sigmoid.",
        _SLOPES,
        ("x stands twice in it: the slope has two terms.",),
        _network(ROWS, "SiLU()"),
    ),
    Topic(
        "gelu",
        "A value times the normal distribution's probability below it.",
        _SLOPES,
        ("There is an approximation by tanh, whose gradient is another one.",),
        _network(ROWS, "GELU()"),
    ),
    Topic(
        "softmax",
        "Scores become probabilities that add up to 1.",
        "At the end of a classifier, best inside the loss.",
        (
            "Every output depends on every score: the Jacobian is diag(s) - s·sᵀ, with "
            "s_i·(1 - s_i) on its diagonal and the cross terms -s_i·s_j beside it.",
            "CrossEntropyLoss takes logits: softmax before it squashes twice.",
        ),
        _network(ROWS, "Softmax()", "Linear(2)"),
    ),
)
