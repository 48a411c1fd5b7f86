import numpy as np
import matplotlib.pyplot as plt
import argparse


def softmax(x):
    x = x - np.max(x, axis=1, keepdims=True)
    e = np.exp(x)
    return e / np.sum(e, axis=1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def get_initial_params(input_size, num_hidden, num_output):
    return {
        'W1': np.random.normal(size=(input_size, num_hidden)),
        'b1': np.zeros(num_hidden),
        'W2': np.random.normal(size=(num_hidden, num_output)),
        'b2': np.zeros(num_output),
    }


def forward_prop(data, labels, params):
    """
    Implement the forward layer given the data, labels, and params.
    Returns:
        A 3 element tuple containing: the activations of the hidden layer,
        the output (after the softmax), and the average loss.
    """
    W1, b1, W2, b2 = params['W1'], params['b1'], params['W2'], params['b2']
    h = sigmoid(data.dot(W1) + b1)
    output = softmax(h.dot(W2) + b2)
    loss = -np.sum(labels * np.log(output)) / data.shape[0]
    return h, output, loss


def backward_prop(data, labels, params, forward_prop_func):
    W2 = params['W2']
    h, output, loss = forward_prop_func(data, labels, params)
    B = data.shape[0]
    delta2 = (output - labels) / B
    gradW2 = h.T.dot(delta2)
    gradb2 = delta2.sum(axis=0)
    delta1 = delta2.dot(W2.T) * h * (1 - h)
    gradW1 = data.T.dot(delta1)
    gradb1 = delta1.sum(axis=0)
    return {'W1': gradW1, 'W2': gradW2, 'b1': gradb1, 'b2': gradb2}
