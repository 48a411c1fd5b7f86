"""PyTorch's own losses and gradients for programs, on weights made by a formula.

``python tests/data/torch_gradients.py`` (with torch) writes ``torch_gradients.json``:
for each program its loss and, for each parameter, the sum of its gradient, of its
absolute values and of it times the weight's pattern. The test makes the same weights
and data, so that nothing but these numbers needs PyTorch.
"""

from __future__ import annotations

import ast
import contextlib
import json
import math
import signal
import sys
import types
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
INPUTS = HERE.parent / "inputs"
BATCH = 3
#: Each program: the expression that makes its model, the axes of an example, its loss.
PROGRAMS = {
    "11-torch-training-script": ("PlateReader()", None, "cross_entropy"),
    "12-torch-lenet-class": ("signs", None, "cross_entropy"),
    "14-torch-view": ("tree", None, "cross_entropy"),
    "15-torch-cfg-list": ("kennel", None, "cross_entropy"),
    "16-torch-resnet": ("shells", None, "cross_entropy"),
    "20-torch-autoencoder": ("squeeze", None, "mse_loss"),
    "29-torch-feedforward": ("plain", None, "cross_entropy"),
    "public/a01_blitz_cifar": ("net", (3, 32, 32), "cross_entropy"),
    "public/a02_blitz_nn": ("net", (1, 32, 32), "mse_loss"),
    "public/c19_torch_iris_csv": ("Model(4)", (4,), "cross_entropy"),
    "public/c22_densenet": ("densenet_cifar()", (3, 32, 32), "cross_entropy"),
    "public/c23_mobilenet": ("MobileNetV2()", (3, 32, 32), "cross_entropy"),
    "public/c24_senet_etc": ("SENet()", (3, 28, 28), "smoothed"),
    "public/d13_text_cnn": ("TextCNN()", (16,), "words"),
    "public/d16_conv3d": ("m", (1, 16, 16, 16), "cross_entropy"),
    "public/d17_wavenet": ("WaveNet()", (1, 128), "mse_loss"),
}


def pattern(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return numbers of a formula, other ones for another name."""
    start = sum(map(ord, name)) % 97
    return 0.2 * np.sin(1.3 * np.arange(math.prod(shape)) + start).reshape(shape)


def examples(shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Return a batch of examples: whole numbers for words, else waves."""
    count = BATCH * math.prod(shape)
    if kind == "words":
        return (np.arange(count) * 7 % 29).reshape(BATCH, *shape)
    return np.sin(0.37 * np.arange(count)).reshape(BATCH, *shape)


def answers(shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Return targets: a class an example, or waves of the answer's shape."""
    if kind == "mse_loss":
        return np.cos(0.41 * np.arange(BATCH * math.prod(shape))).reshape(BATCH, *shape)
    return np.arange(BATCH) % shape[-1]


def summary(name: str, gradient: np.ndarray) -> list[float]:
    """Return three numbers of a gradient."""
    size = float(np.abs(gradient).sum())
    inner = float((gradient * pattern(name, gradient.shape)).sum())
    return [float(gradient.sum()), size, inner]


def _late(*_: object) -> None:
    raise TimeoutError


def _names(path: Path) -> dict[str, object]:
    """Run a program's statements one by one, those that can be run."""
    names = vars(sys.modules.setdefault("program", types.ModuleType("program")))
    names.clear()
    names["__name__"] = "program"
    signal.signal(signal.SIGALRM, _late)
    for statement in ast.parse(path.read_text()).body:
        signal.alarm(5)
        with (
            contextlib.suppress(BaseException),
            contextlib.redirect_stdout(sys.stderr),
        ):
            exec(compile(ast.Module([statement], []), str(path), "exec"), names)
        signal.alarm(0)
    return names


def _told(name: str) -> dict[str, object]:
    import torch
    from torch.nn import functional

    made, shape, kind = PROGRAMS[name]
    path = INPUTS / f"{name}.py"
    if shape is None:
        given = json.loads(path.with_suffix(".shapes.json").read_text())
        shape = tuple(given["input"])
    torch.set_default_dtype(torch.float64)
    model = eval(made, _names(path)).double().train()
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout | torch.nn.Dropout2d):
            part.p = 0.0
    with torch.no_grad():
        for word, weight in model.named_parameters():
            weight.copy_(torch.tensor(pattern(word, tuple(weight.shape))))
    x = torch.tensor(examples(shape, kind))
    z = model(x)
    if isinstance(z, tuple):  # the reconstruction, else the first
        z = next((one for one in z if one.shape == x.shape), z[0])
    z = z[:, -1] if kind == "words" and z.ndim == 3 else z
    y = torch.tensor(answers(tuple(z.shape[1:]), kind))
    smoothing = 0.1 if kind == "smoothed" else 0.0
    if kind == "mse_loss":
        loss = functional.mse_loss(z, y)
    else:
        loss = functional.cross_entropy(z, y, label_smoothing=smoothing)
    model.zero_grad()
    loss.backward()
    named = {k: w.grad for k, w in model.named_parameters() if w.grad is not None}
    slopes = {k: summary(k, one.numpy()) for k, one in named.items()}
    return {"loss": float(loss), "gradients": slopes}


if __name__ == "__main__":
    found = {}
    for program in PROGRAMS:
        try:
            found[program] = _told(program)
        except Exception as error:
            print(program, repr(error)[:200])
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in found.items()]
    (HERE / "torch_gradients.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(found), "programs")
