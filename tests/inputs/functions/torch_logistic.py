import torch
import torch.nn.functional as F

def model(x, w, b):
    return torch.sigmoid(x @ w + b)

def loss_fn(w, b):
    x = torch.tensor([[1., 2.], [3., 4.]])
    y = torch.tensor([[0.], [1.]])
    p = model(x, w, b)
    return F.binary_cross_entropy(p, y)

w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
loss = loss_fn(w, b)
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad
