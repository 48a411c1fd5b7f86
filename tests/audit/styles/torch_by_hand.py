import torch
import torch.nn as nn


class ManualLinear(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features) * 0.1)
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        self.x = x
        return x @ self.weight.t() + self.bias

    def backward(self, grad_output):
        self.weight.grad = grad_output.t() @ self.x
        self.bias.grad = grad_output.sum(0)
        return grad_output @ self.weight


class ManualSigmoid(nn.Module):
    def forward(self, x):
        self.out = torch.sigmoid(x)
        return self.out

    def backward(self, grad_output):
        return grad_output * self.out * (1 - self.out)


class ManualMLP(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.l1 = ManualLinear(n_in, n_hidden)
        self.act = ManualSigmoid()
        self.l2 = ManualLinear(n_hidden, n_out)

    def forward(self, x):
        return self.l2(self.act(self.l1(x)))

    def backward(self, grad_output):
        return self.l1.backward(self.act.backward(self.l2.backward(grad_output)))
