import torch
from torch import nn

class SELayer(nn.Module):
    def __init__(self, channel, reduction=16):
        super(SELayer, self).__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channel, channel // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channel // reduction, channel, bias=False),
            nn.Sigmoid()
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class SENet(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, padding='same'), nn.BatchNorm2d(width), nn.GELU())
        self.se = SELayer(width, reduction=4)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.se(x)
        x = x.mean(dim=(2, 3))
        return self.head(x)


def train_one_epoch(model, loader, criterion, optimizer, device):
    model.train()
    total = 0.
    for images, targets in loader:
        images, targets = images.to(device, non_blocking=True), targets.to(device)
        with torch.cuda.amp.autocast(enabled=True):
            loss = criterion(model(images), targets)
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        total += loss.item() * images.size(0)
    return total / len(loader.dataset)

def main():
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    model = SENet().to(device)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)
    global scaler
    scaler = torch.cuda.amp.GradScaler()
    for epoch in range(200):
        train_one_epoch(model, loader, criterion, optimizer, device)
        scheduler.step()

if __name__ == '__main__':
    main()
