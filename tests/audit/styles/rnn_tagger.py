import numpy as np

SHAPES = {"Wxh": (4, 3), "Whh": (4, 4), "Why": (2, 4), "bh": (4,), "by": (2,), "inputs": (3, 3), "targets": "3:0..1"}


class Tagger:
    def __init__(self, Wxh, Whh, Why, bh, by):
        self.Wxh, self.Whh, self.Why, self.bh, self.by = Wxh, Whh, Why, bh, by

    def loss(self, inputs, targets):
        T = inputs.shape[0]
        h = np.zeros((T + 1, self.Whh.shape[0]))
        p = np.zeros((T, self.Why.shape[0]))
        loss = 0
        for t in range(T):
            h[t] = np.tanh(self.Wxh @ inputs[t] + self.Whh @ h[t - 1] + self.bh)
            y = self.Why @ h[t] + self.by
            e = np.exp(y - y.max())
            p[t] = e / e.sum()
            loss += -np.log(p[t, targets[t]])

        dWxh, dWhh, dWhy = np.zeros_like(self.Wxh), np.zeros_like(self.Whh), np.zeros_like(self.Why)
        dbh, dby = np.zeros_like(self.bh), np.zeros_like(self.by)
        dh_next = np.zeros_like(self.bh)
        for t in range(T - 1, -1, -1):
            dy = p[t].copy()
            dy[targets[t]] -= 1
            dWhy += np.outer(dy, h[t])
            dby += dy
            dh = self.Why.T @ dy + dh_next
            draw = dh * (1 - h[t] ** 2)
            dWxh += np.outer(draw, inputs[t])
            dWhh += np.outer(draw, h[t - 1])
            dbh += draw
            dh_next = self.Whh.T @ draw
        return loss, {"Wxh": dWxh, "Whh": dWhh, "Why": dWhy, "bh": dbh, "by": dby}
