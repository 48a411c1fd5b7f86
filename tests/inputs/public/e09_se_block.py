import torch
from torch import nn


class SELayer(nn.Module):
    def __init__(self, channel, reduction=4):
        super(SELayer, self).__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channel, channel // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channel // reduction, channel, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class SENet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.se = SELayer(8)
        self.conv = nn.Conv2d(8, 16, 3, padding="same")
        self.gap = nn.AdaptiveAvgPool2d((1, 1))
        self.classifier = nn.Linear(16, 5)

    def forward(self, x):
        x = self.se(self.stem(x))
        x = torch.relu(self.conv(x))
        x = torch.flatten(self.gap(x), 1)
        return self.classifier(x)


model = SENet()
print(sum(p.numel() for p in model.parameters() if p.requires_grad))
print(model(torch.rand(2, 3, 24, 24)).shape)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.NAdam(model.parameters(), lr=0.002)
