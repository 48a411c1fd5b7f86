import torch
import torch.nn as nn
from collections import OrderedDict

class DNN(torch.nn.Module):
    def __init__(self, layers):
        super(DNN, self).__init__()
        # parameters
        self.depth = len(layers) - 1
        # set up layer order dict
        self.activation = torch.nn.Tanh
        layer_list = list()
        for i in range(self.depth - 1):
            layer_list.append(
                ('layer_%d' % i, torch.nn.Linear(layers[i], layers[i+1]))
            )
            layer_list.append(('activation_%d' % i, self.activation()))
        layer_list.append(
            ('layer_%d' % (self.depth - 1), torch.nn.Linear(layers[-2], layers[-1]))
        )
        layerDict = OrderedDict(layer_list)
        # deploy layers
        self.layers = torch.nn.Sequential(layerDict)

    def forward(self, x):
        out = self.layers(x)
        return out

layers = [2, 20, 20, 20, 1]
dnn = DNN(layers)
optimizer = torch.optim.Adam(dnn.parameters(), lr=1e-3)
for epoch in range(5000):
    u_pred = dnn(X_u)
    loss = torch.mean((u - u_pred) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
