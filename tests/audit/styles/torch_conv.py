import torch


class Conv1dFn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        k = w.shape[0]
        L = x.shape[1] - k + 1
        out = torch.zeros(x.shape[0], L, dtype=x.dtype)
        for j in range(k):
            out = out + x[:, j:j + L] * w[j]
        return out

    @staticmethod
    def backward(ctx, grad_out):
        x, w = ctx.saved_tensors
        k = w.shape[0]
        L = grad_out.shape[1]
        gx = torch.zeros_like(x)
        gw = torch.zeros_like(w)
        for j in range(k):
            gx[:, j:j + L] += grad_out * w[j]
            gw[j] = (grad_out * x[:, j:j + L]).sum()
        return gx, gw


class PReLUFn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return torch.where(x > 0, x, a * x)

    @staticmethod
    def backward(ctx, g):
        x, a = ctx.saved_tensors
        gx = torch.where(x > 0, g, a * g)
        ga = torch.where(x > 0, torch.zeros_like(x), x * g).sum(0)
        return gx, ga


class SoftmaxFn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        p = torch.softmax(z, dim=1)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx, g):
        p, = ctx.saved_tensors
        inner = (g * p).sum(dim=1, keepdim=True)
        return p * (g - inner)
