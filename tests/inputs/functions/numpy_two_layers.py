import numpy as np

def relu(z): return np.maximum(0, z)

def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()

def forward(x, W1, b1, W2, b2, t):
    h = relu(W1 @ x + b1)
    p = softmax(W2 @ h + b2)
    loss = -np.sum(t * np.log(p))
    return loss

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = np.array([0.5, -1.0])
    W1 = np.array([[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6]])
    b1 = np.zeros(3)
    W2 = np.array([[0.2, 0.1, -0.3], [0.4, -0.2, 0.5]])
    b2 = np.zeros(2)
    t = np.array([1.0, 0.0])
    print("loss", forward(x, W1, b1, W2, b2, t))
