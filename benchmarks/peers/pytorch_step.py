"""Time one training step of a network in PyTorch on all cores of the CPU.

python benchmarks/peers/pytorch_step.py lenet --mode compile --seconds 5
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable

import torch
from drawing import Weights, initial_weights, random_batches
from networks import BETA1, BETA2, EPSILON, LEARNING_RATE, NETWORKS, Layer, Network
from timing import measure, peak_mb, report
from torch import nn

MODES = ("eager", "channels-last", "compile")


class Residual(nn.Sequential):
    """x + f(x) around some layers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum."""
        return x + super().forward(x)


class LastState(nn.Module):
    """The last state of a recurrent layer."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the last of all states."""
        return self.cell(x)[0][:, -1]


def module(layer: Layer) -> nn.Module:
    """Return PyTorch's own layer."""
    match layer:
        case ("linear", fan_in, fan_out):
            return nn.Linear(fan_in, fan_out)
        case ("conv1d", channels, out, kernel, padding):
            return nn.Conv1d(channels, out, kernel, padding=padding)
        case ("conv2d", channels, out, kernel, padding):
            return nn.Conv2d(channels, out, kernel, padding=padding)
        case ("plain_conv2d", channels, out, kernel, padding, stride):
            return nn.Conv2d(channels, out, kernel, stride, padding, bias=False)
        case ("batchnorm2d", channels):
            return nn.BatchNorm2d(channels)
        case ("residual", *inner):
            return Residual(*map(module, inner))
        case ("globalavgpool2d",):
            return nn.AdaptiveAvgPool2d(1)
        case ("maxpool2d", size):
            return nn.MaxPool2d(size)
        case ("lstm", features, out):
            return LastState(nn.LSTM(features, out, batch_first=True))
        case ("gru", features, out):
            return LastState(nn.GRU(features, out, batch_first=True))
        case ("flatten",):
            return nn.Flatten()
        case ("relu",):
            return nn.ReLU()
    raise ValueError(f"no such layer: {layer}")


def build(network: Network, weights: Weights) -> nn.Sequential:
    """Return the network with these weights."""
    model = nn.Sequential(*map(module, network.layers))
    flat = [torch.from_numpy(array) for arrays in weights for array in arrays]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), flat, strict=True):
            parameter.copy_(value)
    return model


def loss_function(network: Network) -> Callable[..., torch.Tensor]:
    """Return the mean cross-entropy from logits, or the mean squared error."""
    losses = {"cross_entropy": nn.CrossEntropyLoss, "mse": nn.MSELoss}
    return losses[network.loss]()


def training_step(
    network: Network, mode: str
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return step(x, y): forward, loss, backward and Adam, giving the loss."""
    model, loss_of = build(network, initial_weights(network)), loss_function(network)
    if mode == "channels-last":
        model = model.to(memory_format=torch.channels_last)
    compiled = mode == "compile"
    # Inductor fuses the update itself; else PyTorch's fused kernel is the fastest.
    optimiser = torch.optim.Adam(
        model.parameters(),
        lr=LEARNING_RATE,
        betas=(BETA1, BETA2),
        eps=EPSILON,
        **({"foreach": True} if compiled else {"fused": True}),
    )

    def forward(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss_of(model(x), y)

    update = optimiser.step
    if compiled:
        forward, update = torch.compile(forward), torch.compile(update)

    def step(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        optimiser.zero_grad(set_to_none=True)
        loss = forward(x, y)
        loss.backward()
        update()
        return loss.detach()

    return step


def main() -> None:
    """Time the network and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("--mode", choices=MODES, default="eager")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    base_mb = peak_mb()
    network = NETWORKS[options.name]
    if options.mode == "channels-last" and len(network.input_shape) != 3:
        print(json.dumps({"skipped": "the network takes no images"}))
        return
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    batches = [tuple(map(torch.from_numpy, pair)) for pair in random_batches(network)]
    if options.mode == "channels-last":
        last = torch.channels_last
        batches = [(x.contiguous(memory_format=last), y) for x, y in batches]
    step = training_step(network, options.mode)
    times = measure(lambda i: step(*batches[i % len(batches)]), options.seconds)
    report(options.name, options.mode, times, base_mb, step(*batches[0]).item())


if __name__ == "__main__":
    main()
