import torch.nn as nn, torch
def conv_bn(inp, oup, stride):
    return nn.Sequential(nn.Conv2d(inp, oup, 3, stride, 1, bias=False), nn.BatchNorm2d(oup), nn.ReLU6(inplace=True))
class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand_ratio):
        super(InvertedResidual, self).__init__()
        assert stride in [1, 2]
        hidden_dim = int(inp * expand_ratio)
        self.use_res_connect = self.stride == 1 and inp == oup if False else (stride == 1 and inp == oup)
        layers = []
        if expand_ratio != 1:
            layers.append(conv_bn(inp, hidden_dim, 1))
        layers.extend([
            nn.Conv2d(hidden_dim, hidden_dim, 3, stride, 1, groups=hidden_dim, bias=False),
            nn.BatchNorm2d(hidden_dim), nn.Hardswish(),
            nn.Conv2d(hidden_dim, oup, 1, bias=False), nn.BatchNorm2d(oup)])
        self.conv = nn.Sequential(*layers)
    def forward(self, x):
        if self.use_res_connect:
            return x + self.conv(x)
        return self.conv(x)
def _make_divisible(v, divisor=8, min_value=None):
    if min_value is None:
        min_value = divisor
    new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
    if new_v < 0.9 * v:
        new_v += divisor
    return new_v
class Net(nn.Module):
    def __init__(self, n_class=10, input_size=32, width_mult=1.):
        super().__init__()
        setting = [[1, 16, 1, 1], [6, 24, 2, 2]]
        c = _make_divisible(32 * width_mult)
        self.features = [conv_bn(3, c, 2)]
        for t, ch, n, s in setting:
            out = _make_divisible(ch * width_mult) if t > 1 else ch
            for i in range(n):
                self.features.append(InvertedResidual(c, out, s if i == 0 else 1, expand_ratio=t))
                c = out
        self.features = nn.Sequential(*self.features)
        self.classifier = nn.Linear(c, n_class)
        self._initialize_weights()
    def forward(self, x):
        x = self.features(x)
        x = x.mean(3).mean(2)
        return self.classifier(x)
    def _initialize_weights(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data.normal_(0, (2. / n) ** .5)
                if m.bias is not None:
                    m.bias.data.zero_()
