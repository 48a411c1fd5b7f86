import numpy as np

def policy_loss(theta, states, actions, returns):
    """REINFORCE with a linear softmax policy
    theta: (S, A)  states: (T, S)  actions: (T,) ints  returns: (T,)
    """
    logits = states @ theta
    logits = logits - logits.max(axis=1, keepdims=True)
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    logp = np.log(probs[np.arange(len(actions)), actions])
    return -np.mean(returns * logp)

def policy_loss_grad(theta, states, actions, returns):
    T = len(actions)
    logits = states @ theta
    logits = logits - logits.max(axis=1, keepdims=True)
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    dlogits = probs.copy()
    dlogits[np.arange(T), actions] -= 1
    dlogits *= returns[:, None]
    dlogits /= T
    dtheta = states.T @ dlogits
    return dtheta
