import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def neg_sampling_loss_and_gradient(v_c, u_o, U_neg):
    """
    v_c: (d,) centre word vector; u_o: (d,) outside vector; U_neg: (K, d) negative samples
    """
    s_pos = sigmoid(u_o @ v_c)
    s_neg = sigmoid(-U_neg @ v_c)
    loss = -np.log(s_pos) - np.sum(np.log(s_neg))
    grad_v_c = (s_pos - 1) * u_o + (1 - s_neg) @ U_neg
    grad_u_o = (s_pos - 1) * v_c
    grad_U_neg = np.outer(1 - s_neg, v_c)
    return loss, grad_v_c, grad_u_o, grad_U_neg

def naive_softmax_loss_and_gradient(center, outside_idx, outside_vectors):
    """
    center: shape (d,), outside_idx: int, outside_vectors: shape (V, d)
    """
    scores = outside_vectors @ center
    e = np.exp(scores - np.max(scores))
    y_hat = e / e.sum()
    loss = -np.log(y_hat[outside_idx])
    delta = y_hat.copy()
    delta[outside_idx] -= 1
    grad_center = outside_vectors.T @ delta
    grad_outside = np.outer(delta, center)
    return loss, grad_center, grad_outside
