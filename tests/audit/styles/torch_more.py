import torch


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        y = x * s
        ctx.save_for_backward(x, s)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        grad_x = grad_output * (s + x * s * (1 - s))
        return grad_x


class ScaledLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inp, weight, bias):
        ctx.save_for_backward(inp, weight)
        ctx.scale = 0.5
        return ctx.scale * inp.mm(weight.t()) + bias

    @staticmethod
    def backward(ctx, grad_output):
        inp, weight = ctx.saved_tensors
        grad_inp = ctx.scale * grad_output.mm(weight)
        grad_weight = ctx.scale * grad_output.t().mm(inp)
        grad_bias = grad_output.sum(0)
        return grad_inp, grad_weight, grad_bias


class UnitRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v):
        norm = torch.sqrt((v * v).sum(dim=1, keepdim=True))
        unit = v / norm
        ctx.save_for_backward(unit, norm)
        return unit

    @staticmethod
    def backward(ctx, grad_output):
        unit, norm = ctx.saved_tensors
        along = (grad_output * unit).sum(dim=1, keepdim=True)
        grad_v = (grad_output - unit * along) / norm
        return grad_v
