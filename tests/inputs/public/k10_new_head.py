import torch, torch.nn as nn
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3,4,3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(4,10))
    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))
model = N()
n = model.classifier[-1].in_features
model.classifier[-1] = nn.Linear(n, 2)
optimizer = torch.optim.Adam(model.classifier[1].parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
