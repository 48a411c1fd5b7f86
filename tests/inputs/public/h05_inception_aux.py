import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels, **kwargs):
        super(ConvBlock, self).__init__()
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(in_channels, out_channels, **kwargs)
        self.batchnorm = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        return self.relu(self.batchnorm(self.conv(x)))


class InceptionBlock(nn.Module):
    def __init__(self, in_channels, out_1x1, red_3x3, out_3x3, red_5x5, out_5x5, out_1x1pool):
        super(InceptionBlock, self).__init__()
        self.branch1 = ConvBlock(in_channels, out_1x1, kernel_size=(1, 1))
        self.branch2 = nn.Sequential(
            ConvBlock(in_channels, red_3x3, kernel_size=(1, 1)),
            ConvBlock(red_3x3, out_3x3, kernel_size=(3, 3), padding=(1, 1)),
        )
        self.branch3 = nn.Sequential(
            ConvBlock(in_channels, red_5x5, kernel_size=(1, 1)),
            ConvBlock(red_5x5, out_5x5, kernel_size=(5, 5), padding=(2, 2)),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            ConvBlock(in_channels, out_1x1pool, kernel_size=(1, 1)),
        )

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNetSmall(nn.Module):
    def __init__(self, in_channels=3, num_classes=7, aux_logits=False):
        super(GoogLeNetSmall, self).__init__()
        assert aux_logits == True or aux_logits == False
        self.aux_logits = aux_logits
        self.conv1 = ConvBlock(in_channels=in_channels, out_channels=8, kernel_size=3, stride=1, padding=1)
        self.maxpool1 = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        # In this order: in_channels, out_1x1, red_3x3, out_3x3, red_5x5, out_5x5, out_1x1pool
        self.inception3a = InceptionBlock(8, 4, 4, 6, 2, 3, 3)
        self.inception3b = InceptionBlock(16, 6, 4, 8, 2, 4, 2)
        self.maxpool3 = nn.MaxPool2d(kernel_size=3, stride=2, padding=1, ceil_mode=True)
        self.avgpool = nn.AvgPool2d(kernel_size=5, stride=1)
        self.dropout = nn.Dropout(p=0.4)
        self.fc1 = nn.Linear(20, num_classes)
        if self.aux_logits:
            self.aux1 = nn.Linear(8, num_classes)
        else:
            self.aux1 = None

    def forward(self, x):
        x = self.maxpool1(self.conv1(x))
        x = self.inception3a(x)
        if self.aux_logits and self.training:
            aux1 = self.aux1(x)
        x = self.inception3b(x)
        x = self.maxpool3(x)
        x = self.avgpool(x)
        x = x.reshape(x.shape[0], -1)
        x = self.dropout(x)
        x = self.fc1(x)
        if self.aux_logits and self.training:
            return aux1, x
        return x


model = GoogLeNetSmall(num_classes=7)
x = torch.randn(3, 3, 16, 16)
print(model(x).shape)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
