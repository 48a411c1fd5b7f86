import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim


class Config():
    train_batch_size = 64
    train_number_epochs = 100


class SiameseNetwork(nn.Module):
    def __init__(self):
        super(SiameseNetwork, self).__init__()
        self.cnn1 = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(1, 4, kernel_size=3),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(4),
            nn.MaxPool2d(2),
        )
        self.fc1 = nn.Sequential(
            nn.Linear(4 * 14 * 14, 50),
            nn.ReLU(inplace=True),
            nn.Linear(50, 5))

    def forward_once(self, x):
        output = self.cnn1(x)
        output = output.view(output.size()[0], -1)
        output = self.fc1(output)
        return output

    def forward(self, input1, input2):
        output1 = self.forward_once(input1)
        output2 = self.forward_once(input2)
        return F.pairwise_distance(output1, output2)


net = SiameseNetwork()
a, b = torch.rand(1, 1, 28, 28), torch.rand(1, 1, 28, 28)
distance = net(a, b)
optimizer = optim.Adam(net.parameters(), lr=0.0005)
train_dataloader = torch.utils.data.DataLoader(pairs, shuffle=True, batch_size=Config.train_batch_size)
for epoch in range(0, Config.train_number_epochs):
    for i, data in enumerate(train_dataloader, 0):
        img0, img1, label = data
        optimizer.zero_grad()
        d = net(img0, img1)
        loss = torch.mean((1 - label) * torch.pow(d, 2) + label * torch.pow(torch.clamp(2.0 - d, min=0.0), 2))
        loss.backward()
        optimizer.step()
