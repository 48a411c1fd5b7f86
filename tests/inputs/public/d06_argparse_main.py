from __future__ import annotations
import argparse, json, os, sys
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import ToTensor

def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--lr", default=1e-3, type=float)
    p.add_argument("--hidden", nargs="+", type=int, default=[256, 128])
    p.add_argument("--epochs", type=int, default=3)
    p.add_argument("-b", "--batch-size", dest="bs", type=int, default=32)
    p.add_argument("--act", choices=["relu", "tanh"], default="relu")
    return p.parse_args()

ACTS = {"relu": nn.ReLU, "tanh": nn.Tanh}

def build(args: argparse.Namespace, n_in: int = 784, n_out: int = 10) -> nn.Module:
    sizes = [n_in] + args.hidden
    blocks = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        blocks += [nn.Linear(a, b), ACTS[args.act]()]
        if i == 0:
            blocks.append(nn.Dropout(0.1))
    return nn.Sequential(nn.Flatten(), *blocks, nn.Linear(sizes[-1], n_out))

def main() -> int:
    args = get_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train_data = datasets.FashionMNIST(root="data", train=True, download=True, transform=ToTensor())
    loader = DataLoader(train_data, batch_size=args.bs, shuffle=True)
    model = build(args).to(device)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    best = float("inf")
    for t in range(args.epochs):
        for batch, (X, y) in enumerate(loader):
            X, y = X.to(device), y.to(device)
            pred = model(X)
            loss = loss_fn(pred, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if (n := batch * len(X)) % 100 == 0:
                print(f"loss: {loss.item():>7f} [{n:>5d}]")
        try:
            best = min(best, loss.item())
        except ValueError as e:
            raise RuntimeError("bad") from e
    with open("out.json", "w") as f:
        json.dump({"best": best}, f)
    return 0

if __name__ == "__main__":
    sys.exit(main())
