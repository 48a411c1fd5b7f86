"""An embedding whose rows repeat, and a mean over the sequence."""

import numpy as np

SHAPES = {"E": (3, 4), "ids": "7:0..2"}


def forward(E, ids):
    return E[ids].mean(axis=0)


def backward(E, ids, upstream):
    dE = np.zeros_like(E)
    np.add.at(dE, ids, np.broadcast_to(upstream / len(ids), (len(ids), E.shape[1])))
    return dE
