import torch
import torch.nn as nn

config = {
    "model": {"in": 10, "hidden": [24, 12], "out": 4, "activation": "elu"},
    "train": {"lr": 2e-2, "epochs": 15, "batch": 10, "momentum": 0.8},
}

activations = nn.ModuleDict({"relu": nn.ReLU(), "elu": nn.ELU(), "tanh": nn.Tanh()})


class Net(nn.Module):
    def __init__(self, **cfg):
        super().__init__()
        sizes = [cfg["in"]] + cfg["hidden"]
        self.layers = nn.ModuleDict()
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            self.layers[f"fc{i}"] = nn.Linear(a, b)
        self.act = activations[cfg["activation"]]
        self.out = nn.Linear(sizes[-1], cfg["out"])

    def forward(self, x):
        for name, layer in self.layers.items():
            x = self.act(layer(x))
        return self.out(x)


model = Net(**config["model"])
train_cfg = config["train"]
optimizer = torch.optim.SGD(model.parameters(), lr=train_cfg["lr"], momentum=train_cfg["momentum"])
loss_fn = nn.CrossEntropyLoss()
dl = torch.utils.data.DataLoader(ds, batch_size=train_cfg["batch"], shuffle=True, drop_last=True)
for ep in range(train_cfg["epochs"]):
    for xb, yb in dl:
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
