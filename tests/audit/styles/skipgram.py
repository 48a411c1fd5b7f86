import numpy as np

SHAPES = {"emb_in": (5, 3), "emb_out": (5, 3), "center": "2:0..4", "context": "2:0..4", "negatives": "2x2:0..4"}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def negative_loss(emb_in, emb_out, center, context, negatives):
    v = emb_in[center]
    u = emb_out[context]
    k = emb_out[negatives]
    pos = np.sum(v * u, axis=1)
    neg = np.sum(v[:, None, :] * k, axis=2)
    return -np.log(sigmoid(pos)).sum() - np.log(sigmoid(-neg)).sum()


def negative_loss_grad(emb_in, emb_out, center, context, negatives):
    v = emb_in[center]
    u = emb_out[context]
    k = emb_out[negatives]
    pos = np.sum(v * u, axis=1)
    neg = np.sum(v[:, None, :] * k, axis=2)
    dpos = sigmoid(pos) - 1
    dneg = sigmoid(neg)
    dv = dpos[:, None] * u + np.sum(dneg[:, :, None] * k, axis=1)
    du = dpos[:, None] * v
    dk = dneg[:, :, None] * v[:, None, :]
    demb_in = np.zeros_like(emb_in)
    demb_out = np.zeros_like(emb_out)
    np.add.at(demb_in, center, dv)
    np.add.at(demb_out, context, du)
    np.add.at(demb_out, negatives, dk)
    return demb_in, demb_out
