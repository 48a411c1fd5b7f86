import torch
from torch import nn

PRESETS = dict(
    small=dict(depths=(1, 1), dims=(6, 12), drop=0.0),
    base=dict(depths=(2, 2), dims=(16, 32), drop=0.1),
)


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, dim, scale_init=1e-1):
        super().__init__()
        self.dwconv = nn.Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1 = nn.Linear(dim, 4 * dim)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(4 * dim, dim)
        self.gamma = nn.Parameter(scale_init * torch.ones((dim)), requires_grad=True) if scale_init > 0 else None

    def forward(self, x):
        shortcut = x
        x = self.dwconv(x)
        x = x.permute(0, 2, 3, 1)  # (N, C, H, W) -> (N, H, W, C)
        x = self.pwconv2(self.act(self.pwconv1(self.norm(x))))
        if self.gamma is not None:
            x = self.gamma * x
        x = x.permute(0, 3, 1, 2)
        return shortcut + x


class ConvNeXt(nn.Module):
    def __init__(self, depths, dims, drop, num_classes=6):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, dims[0], 2, 2), LayerNorm2d(dims[0], eps=1e-6))
        self.stages = nn.ModuleList()
        for i, depth in enumerate(depths):
            stage = [ConvNeXtBlock(dims[i]) for _ in range(depth)]
            if i + 1 < len(dims):
                stage += [LayerNorm2d(dims[i]), nn.Conv2d(dims[i], dims[i + 1], 2, stride=2)]
            self.stages.append(nn.Sequential(*stage))
        self.drop = nn.Dropout(drop) if drop else nn.Identity()
        self.head = nn.Linear(dims[-1], num_classes)

    @property
    def num_features(self):
        return self.head.in_features

    def forward_features(self, x):
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return x.mean([-2, -1])

    def forward(self, x):
        x = self.forward_features(x)
        assert x.shape[1] == self.num_features
        return self.head(self.drop(x))


def build_model(name: str = "small", **overrides):
    cfg = {**PRESETS[name], **overrides}
    return ConvNeXt(**cfg)


model = build_model("small")
images = torch.zeros(2, 3, 16, 16)
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
for epoch in range(3):
    for images, labels in torch.utils.data.DataLoader(train_data, batch_size=12):
        loss = nn.CrossEntropyLoss()(model(images), labels)
        opt.zero_grad(); loss.backward(); opt.step()
