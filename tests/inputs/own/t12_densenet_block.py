import torch
import torch.nn as nn
class Dense(nn.Module):
    def __init__(self, cin, growth):
        super().__init__()
        self.bn = nn.BatchNorm2d(cin)
        self.conv = nn.Conv2d(cin, growth, 3, padding=1)
    def forward(self, x):
        return torch.cat([x, self.conv(torch.relu(self.bn(x)))], 1)
class Net(nn.Module):
    def __init__(self, blocks=(2, 2), growth=4, num_classes=10):
        super(Net, self).__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        layers, c = [], 8
        for n in blocks:
            for _ in range(n):
                layers.append(Dense(c, growth)); c += growth
            layers += [nn.Conv2d(c, c // 2, 1), nn.AvgPool2d(2)]
            c = c // 2
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(c, num_classes)
    def forward(self, x):
        x = self.body(self.stem(x))
        x = x.mean([2, 3])
        return self.head(x)
def main():
    net = Net()
    net.cuda() if torch.cuda.is_available() else None
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(200):
        for inputs, targets in get_loader(batch_size=128):
            optimizer.zero_grad()
            criterion(net(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
main()
