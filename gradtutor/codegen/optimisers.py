"""Optimisers whose text is printed into scripts: one pass over the flat vector each."""

# ruff: noqa: ANN001, ANN201, ANN204 (printed into scripts as they are)

import math

import numpy as np


class Optimiser:
    """What every optimiser keeps: its running values, which a checkpoint holds."""

    KEPT = ()

    def __init__(self, theta, learning_rate):
        self.learning_rate = learning_rate
        self.work = np.empty_like(theta)
        self.t = 0
        for name in self.KEPT:
            setattr(self, name, np.zeros_like(theta))

    def state(self):
        """Return what a checkpoint must hold."""
        return {"t": self.t} | {name: getattr(self, name) for name in self.KEPT}

    def restore(self, state):
        """Take up a checkpoint's values."""
        self.t = state["t"]
        for name in self.KEPT:
            getattr(self, name)[...] = state[name]


class SGD(Optimiser):
    """Gradient descent, in place: stochastic when a batch is a part of the data."""

    def step(self, theta, gradient):
        """Move theta against the gradient."""
        theta -= np.multiply(gradient, self.learning_rate, out=self.work)


class Momentum(Optimiser):
    """Gradient descent with momentum (Polyak 1964): velocity = mu velocity + g."""

    KEPT = ("velocity",)
    mu = 0.9

    def step(self, theta, gradient):
        """Move theta along the velocity."""
        self.velocity *= self.mu
        self.velocity += gradient
        theta -= np.multiply(self.velocity, self.learning_rate, out=self.work)


class Nesterov(Optimiser):
    """Nesterov's accelerated gradient (1983), as Sutskever et al. 2013 write it."""

    KEPT = ("velocity",)
    mu = 0.9

    def step(self, theta, gradient):
        """Move theta by the gradient and the velocity that follows it."""
        self.velocity *= self.mu
        self.velocity += gradient
        np.multiply(self.velocity, self.mu, out=self.work)
        self.work += gradient
        self.work *= self.learning_rate
        theta -= self.work


class AdaGrad(Optimiser):
    """Adaptive subgradients (Duchi et al. 2011): steps shrink with what has passed."""

    KEPT = ("squares",)
    epsilon = 1e-10

    def step(self, theta, gradient):
        """Move theta by g / (sqrt(sum of g²) + epsilon)."""
        self.squares += np.square(gradient, out=self.work)
        np.sqrt(self.squares, out=self.work)
        self.work += self.epsilon
        np.divide(gradient, self.work, out=self.work)
        self.work *= self.learning_rate
        theta -= self.work


class RMSProp(Optimiser):
    """RMSProp (Tieleman & Hinton 2012): AdaGrad that forgets."""

    KEPT = ("squares",)
    decay = 0.99
    epsilon = 1e-8

    def step(self, theta, gradient):
        """Move theta by g / (sqrt(mean of g²) + epsilon)."""
        np.square(gradient, out=self.work)
        self.work *= 1 - self.decay
        self.squares *= self.decay
        self.squares += self.work
        np.sqrt(self.squares, out=self.work)
        self.work += self.epsilon
        np.divide(gradient, self.work, out=self.work)
        self.work *= self.learning_rate
        theta -= self.work


class Adam(Optimiser):
    """Adaptive moment estimation (Kingma & Ba 2015, algorithm 1), in place.

    It keeps decaying sums, the paper's m / (1 - beta1) and v / (1 - beta2): the factors
    go into two numbers a step, and three passes over theta are saved.
    """

    KEPT = ("m", "v")  # decaying sums of the gradient and of its square
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def step(self, theta, gradient):
        """Move theta against the gradient."""
        m, v, work = self.m, self.v, self.work
        rate, epsilon = self.constants()

        m *= self.beta1  # m = beta1 m + g
        m += gradient
        v *= self.beta2  # v = beta2 v + g²
        v += np.square(gradient, out=work)

        np.sqrt(v, out=work)  # theta -= rate * m / (sqrt(v) + epsilon)
        work += epsilon
        np.divide(m, work, out=work)
        work *= rate
        theta -= work

    def constants(self):
        """Return this step's rate and epsilon, the bias corrections in them."""
        self.t += 1
        mean = (1 - self.beta1) / (1 - self.beta1**self.t)
        square = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))
        return self.learning_rate * mean / square, self.epsilon / square


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2)."""

    weight_decay = 0.01

    def step(self, theta, gradient):
        """Shrink theta, then move it as Adam does."""
        theta *= 1 - self.learning_rate * self.weight_decay
        super().step(theta, gradient)


class AdaDelta(Optimiser):
    """Adadelta (Zeiler 2012): steps in the units of theta, from running squares."""

    KEPT = ("squares", "moves")
    decay = 0.9
    epsilon = 1e-6

    def step(self, theta, gradient):
        """Move theta by g sqrt(moves + epsilon) / sqrt(squares + epsilon)."""
        squares, moves, work = self.squares, self.moves, self.work
        squares *= self.decay
        squares += (1 - self.decay) * np.square(gradient, out=work)
        np.sqrt((moves + self.epsilon) / (squares + self.epsilon), out=work)
        work *= gradient
        moves *= self.decay
        moves += (1 - self.decay) * np.square(work)
        work *= self.learning_rate
        theta -= work


OPTIMISERS = {
    "gd": SGD,
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "adadelta": AdaDelta,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}
