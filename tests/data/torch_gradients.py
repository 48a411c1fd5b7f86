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
#: Losses of a class, and of bits; all others are of numbers.
CLASSES = ("cross_entropy", "smoothed", "weighted")
BITS = ("binary_cross_entropy_with_logits", "pos_weighted")
#: Numbers of a batch: waves, or the words of a text (a few of them again and again).
#: Each program: the expression that makes its model, the axes of an example, its loss,
#: and what is put in where that is no waves.
PROGRAMS: dict[str, tuple[str, tuple[int, ...] | None, str, str]] = {
    "11-torch-training-script": ("PlateReader()", None, "cross_entropy", "waves"),
    "12-torch-lenet-class": ("signs", None, "cross_entropy", "waves"),
    "14-torch-view": ("tree", None, "cross_entropy", "waves"),
    "15-torch-cfg-list": ("kennel", None, "cross_entropy", "waves"),
    "16-torch-resnet": ("shells", None, "cross_entropy", "waves"),
    "20-torch-autoencoder": ("squeeze", None, "mse_loss", "waves"),
    "29-torch-feedforward": ("plain", None, "cross_entropy", "waves"),
    "public/a01_blitz_cifar": ("net", (3, 32, 32), "cross_entropy", "waves"),
    "public/a02_blitz_nn": ("net", (1, 32, 32), "mse_loss", "waves"),
    "public/c19_torch_iris_csv": ("Model(4)", (4,), "cross_entropy", "waves"),
    "public/c22_densenet": ("densenet_cifar()", (3, 32, 32), "cross_entropy", "waves"),
    "public/c23_mobilenet": ("MobileNetV2()", (3, 32, 32), "cross_entropy", "waves"),
    "public/c24_senet_etc": ("SENet()", (3, 28, 28), "smoothed", "waves"),
    "public/d13_text_cnn": ("TextCNN()", (16,), "cross_entropy", "words"),
    "public/d16_conv3d": ("m", (1, 16, 16, 16), "cross_entropy", "waves"),
    "public/d17_wavenet": ("WaveNet()", (1, 128), "mse_loss", "waves"),
    "23-torch-lstm": ("mover", None, "cross_entropy", "waves"),
    "27-torch-embedding-bag": (
        "setattr(sorter, 'forward', lambda t: sorter.desk(sorter.words(t))) or sorter",
        (9,),
        "cross_entropy",
        "words",
    ),
    "28-torch-tiny-gpt": ("writer", None, "cross_entropy", "words"),
    "36-torch-linear-regression": ("line", None, "mse_loss", "waves"),
    "38-torch-parameter": ("flat", None, "cross_entropy", "waves"),
    "public/a16_conv_autoencoder": ("autoencoder()", (1, 28, 28), "mse_loss", "waves"),
    "public/e01_config_dataclass": (
        "Classifier(Config())",
        (1, 28, 28),
        "cross_entropy",
        "waves",
    ),
    "public/e02_resnet_bottleneck": ("model", (3, 32, 32), "cross_entropy", "waves"),
    "public/e04_attention_by_hand": ("Decoder(40)", (12,), "cross_entropy", "words"),
    "public/e06_lstm_last_hidden": ("LSTMRegressor()", (24, 6), "mse_loss", "waves"),
    "public/e07_unet_2d": ("model", (3, 32, 32), "cross_entropy", "waves"),
    "public/e08_depthwise_mobilenet": (
        "MobileNet()",
        (3, 32, 32),
        "cross_entropy",
        "waves",
    ),
    "public/e09_se_block": ("SENet()", (3, 24, 24), "cross_entropy", "waves"),
    "public/e11_vit": ("ViT()", (3, 32, 32), "cross_entropy", "waves"),
    "public/e14_hf_like_bert": (
        "BertForSequenceClassification(BertConfig())",
        (16,),
        "cross_entropy",
        "words",
    ),
    "public/e16_moduledict": ("model", (10,), "cross_entropy", "waves"),
    "public/e17_embedding_mean": (
        "FastText(300, 16, 1)",
        (20,),
        "binary_cross_entropy_with_logits",
        "words",
    ),
    "public/e18_transformer_encoder_cls": ("net", (18,), "cross_entropy", "words"),
    "public/e19_multihead_builtin": ("SetPool()", (10, 12), "cross_entropy", "waves"),
    "public/e21_conv_transpose_ae": ("model", (1, 28, 28), "mse_loss", "waves"),
    "public/e22_densenet_cat": ("net", (3, 32, 32), "cross_entropy", "waves"),
    "public/e23_class_weights": ("net", (16,), "weighted", "waves"),
    "public/e24_pos_weight": ("model", (9,), "pos_weighted", "waves"),
    "public/e26_early_stopping_loop": ("model", (13,), "smooth_l1_loss", "waves"),
    "public/e27_torch_functions_train": (
        "Net()",
        (1, 28, 28),
        "cross_entropy",
        "waves",
    ),
    "public/e28_unet_1d": ("net", (1, 64), "l1_loss", "waves"),
    "public/e29_property_getattr": (
        "build_model('small')",
        (3, 16, 16),
        "cross_entropy",
        "waves",
    ),
    "public/v_t20_transformer_decoder": ("model", (12,), "cross_entropy", "words"),
    "public/v_t07_transformer_classifier": (
        "TextTransformer(1000, 4)",
        (64,),
        "smoothed",
        "words",
    ),
    **{
        f"public/{name}": ("model", (6,), "cross_entropy", "words")
        for name in (
            "w20_torch_from_state",
            "w21_torch_seq2seq_attention",
            "w22_torch_lstm_from_state",
            "w23_torch_rnn_from_state",
        )
    },
    "public/v_t13_yunjey_bidir": ("model", (28, 28), "cross_entropy", "waves"),
    "public/v_t14_yunjey_resnet": ("model", (3, 32, 32), "cross_entropy", "waves"),
    "public/v_t02_unet_milesial": (
        "UNet(3, 1)",
        (3, 32, 32),
        "binary_cross_entropy_with_logits",
        "waves",
    ),
    "public/v_t18_cs231n_like_sequential": (
        "model",
        (3, 32, 32),
        "cross_entropy",
        "waves",
    ),
    "public/h01_main_guard_helpers": (
        "Net([8, 16], n_classes=4)",
        (1, 32, 32),
        "cross_entropy",
        "waves",
    ),
    "public/h02_shake_inherit": ("Child()", (6,), "cross_entropy", "waves"),
    "public/h03_functional_params": ("PolyNet()", (5,), "mse_loss", "waves"),
    "public/h04_tcn": ("model", (3, 50), "cross_entropy", "waves"),
    "public/h05_inception_aux": (
        "GoogLeNetSmall(num_classes=7)",
        (3, 16, 16),
        "cross_entropy",
        "waves",
    ),
    "public/h06_rnn_manual_cell": (
        "CharRNN(4, 11, 3)",
        (9, 4),
        "cross_entropy",
        "waves",
    ),
    "public/h07_swiglu_rmsnorm_rope_free": (
        "Transformer(ModelArgs())",
        (8,),
        "cross_entropy",
        "words",
    ),
    "public/h08_attention_pool_gru": ("model", (15,), "cross_entropy", "words"),
    "public/h09_maxunpool_free_vgg_cfgs": (
        "vgg('tiny')",
        (3, 32, 32),
        "cross_entropy",
        "waves",
    ),
    "public/h10_regression_sequential_func": ("net", (1,), "mse_loss", "waves"),
    "public/h12_dueling_dqn": ("DuelingDQN(4, 2)", (4,), "smooth_l1_loss", "waves"),
    "public/k01_pools": ("net", (1, 12, 12, 12), "cross_entropy", "waves"),
    "public/k02_word_lm": (
        "called(model, lambda x: of(x.t(), model.init_hidden(3))[0]"
        ".view(35, 3, -1).transpose(0, 1))",
        (35,),
        "cross_entropy",
        "words",
    ),
    "public/k03_sine_lstm_cells": ("Sequence()", (9,), "mse_loss", "waves"),
    "public/k04_cells": ("net", (6, 4), "cross_entropy", "waves"),
    "public/k05_transformer_tutorial": (
        "called(model, lambda x: of(x.t()).transpose(0, 1))",
        (12,),
        "cross_entropy",
        "words",
    ),
    "public/k06_bilstm_time_first": (
        "called(model, lambda x: of(x.t()))",
        (12,),
        "binary_cross_entropy_with_logits",
        "words",
    ),
    "public/k07_unet_bilinear": ("model", (3, 32, 32), "cross_entropy", "waves"),
    "public/k08_nanogpt_configured": (
        "called(model, lambda x: of(x, x)[0])",
        (16,),
        "cross_entropy",
        "words",
    ),
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
    """Return targets: a class an example (or a place), bits, or waves."""
    if kind in CLASSES:
        return np.arange(BATCH) % shape[-1]
    waves = np.cos(0.41 * np.arange(BATCH * math.prod(shape))).reshape(BATCH, *shape)
    return (waves > 0) * 1.0 if kind in BITS else waves


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


def called(model: object, forward: object) -> object:
    """Let a model be called otherwise: ``of`` is its own forward."""
    names = vars(sys.modules["program"])
    names["of"], model.forward = model.forward, forward
    return model


def _loss(kind: str, z: object, y: object) -> object:
    """Return a loss as the program has it."""
    import torch
    from torch.nn import functional

    numbers = {"weighted": [0.2, 1.0, 3.5], "pos_weighted": [4.0]}.get(kind, [1.0])
    weight = torch.tensor(numbers)
    if kind == "smoothed":
        return functional.cross_entropy(z, y, label_smoothing=0.1)
    if kind == "weighted":
        return functional.cross_entropy(z, y, weight=weight)
    if kind == "pos_weighted":
        given = {"pos_weight": weight}
        return functional.binary_cross_entropy_with_logits(z, y, **given)
    return getattr(functional, kind)(z, y)


def _without_noise(model: object) -> None:
    """Turn off every dropout, those that are numbers of a layer too."""
    for part in model.modules():
        for word in ("p", "dropout"):
            if type(getattr(part, word, None)) is float:
                setattr(part, word, 0.0)


def _told(name: str) -> dict[str, object]:
    import torch

    made, shape, kind, data = PROGRAMS[name]
    path = INPUTS / f"{name}.py"
    if shape is None:
        given = json.loads(path.with_suffix(".shapes.json").read_text())
        shape = tuple(given["input"])
    torch.set_default_dtype(torch.float64)
    names = _names(path)
    names["called"] = called
    model = eval(made, names).double().train()
    _without_noise(model)
    with torch.no_grad():
        for word, weight in model.named_parameters():
            weight.copy_(torch.tensor(pattern(word, tuple(weight.shape))))
        for part in model.modules():  # PyTorch starts padding at 0 and keeps it there
            if getattr(part, "padding_idx", None) is not None:
                part.weight[part.padding_idx] = 0.0
    x = torch.tensor(examples(shape, data))
    z = model(x)
    if isinstance(z, tuple):  # the reconstruction, else the first
        z = [one for one in z if isinstance(one, torch.Tensor)]
        z = next((one for one in z if one.shape == x.shape), z[0])
    if kind in CLASSES and z.ndim == 3:  # words: the classes stand last
        z = z.transpose(1, 2)
    y = torch.tensor(
        answers(tuple(z.shape[1:2] if kind in CLASSES else z.shape[1:]), kind)
    )
    if kind in CLASSES and z.ndim > 2:  # the same class at every place
        y = y.reshape(-1, *[1] * (z.ndim - 2)).expand(z.shape[0], *z.shape[2:])
    loss = _loss(kind, z, y)
    model.zero_grad()
    loss.backward()
    named = {k: w.grad for k, w in model.named_parameters() if w.grad is not None}
    slopes = {k: summary(k, one.numpy()) for k, one in named.items()}
    count = sum(one.numel() for one in model.parameters() if one.requires_grad)
    classes = z.shape[1] if z.ndim > 1 else None
    return {"loss": float(loss), "parameters": count, "classes": classes,
            "gradients": slopes}  # fmt: skip


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
