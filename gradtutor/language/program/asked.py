"""What a program does to its data and its gradients around the network.

What training here has an option for is switched on by its value; the rest is warned of,
with the nearest option. Neither stands in the list of what was passed over.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.held.reaching import reaches_a_network
from gradtutor.language.program.nearest import (
    AUGMENTED,
    BYTES,
    CLIPPED,
    CLIPS,
    COLUMNS,
    DRAWS,
    NEAREST,
    SCALED_ELSE,
    STANDARD,
)
from gradtutor.language.program.values import Instance, Library
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


def met(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: ast.AST
) -> bool:
    """Note a call that changes how training goes; return whether it is one."""
    name = called.name
    if name in DRAWS:
        run.draw(_drawn(name, args, words))
        return False
    if name in STANDARD:
        switch(run, "scale", "standard", name, node)
    elif name in SCALED_ELSE:
        switch(run, "scale", "standard", name, node, near=True)
    elif name in CLIPS:
        at, word = CLIPS[name]
        limit(run, words.get(word, args[at] if len(args) > at else None), name, node)
    elif name == "Normalize":
        _normalize(run, args, words, node)
    elif name == "RandomCrop":
        _random_crop(run, args, words, node)
    elif name == "Rescaling" or name == "ImageDataGenerator":
        return _keras(run, name, args, words, node)
    elif name == "Trainer":
        value = words.get("gradient_clip_val")
        if value is not None:
            limit(run, value, "gradient_clip_val", node)
        return False
    elif name in ("normalize", "scale") and "preprocessing" in called.path:
        _whole_array(run, name, node)
    elif name == "normalize" and "utils" in called.path:
        warn(run, "normalize", COLUMNS, node)
    elif name in NEAREST:
        warn(run, name, NEAREST[name], node)
    elif name.startswith("Random") and _is_transform(called):
        warn(run, name, AUGMENTED, node)
    else:
        return False
    return True


def _is_transform(called: Library) -> bool:
    parts = called.path.split(".")[:-1]
    known = {"transforms", "v2", "T", "layers", "preprocessing", "albumentations", "A"}
    return bool(known & set(parts)) or called.root in ("torchvision", "torchaudio")


def _drawn(name: str, args: list[Any], words: Keywords) -> Any:
    """Return how many indices randint(n, (16,)), choice(n, 16) or sample(x, 16) draws.

    None for a single one, and for next(batches), whose size its loader has.
    """
    between = name.endswith(("randint", "integers"))  # randint(0, n) is one number
    last = args[-1] if len(args) > 1 else None
    if between and len(args) < 3 and not isinstance(last, list | tuple):
        last = None
    given = words.get("size", words.get("k", last))
    if isinstance(given, list | tuple):
        given = given[0] if len(given) == 1 else None
    return given


# ---- saying it ----


def switch(
    run: Interpreter,
    option: str,
    value: Any,
    name: str,
    node: ast.AST,
    *,
    near: bool = False,
) -> None:
    """Have training do what the program does, as far as an option does it; say so."""
    run.found.asked.setdefault(option, value)
    flag = f"--{option} {value}"
    line = getattr(node, "lineno", 1)
    if near:
        note = tr(
            "warning: line {line}, {name}: gradtutor train takes {flag} for it, which "
            "is the nearest, where nothing else is said",
            line=line,
            name=name,
            flag=flag,
        )
    else:
        note = tr(
            "line {line}, {name}: gradtutor train takes {flag} for it, where nothing "
            "else is said",
            line=line,
            name=name,
            flag=flag,
        )
    run.notes.append(note)


def warn(run: Interpreter, name: str, nearest: str, node: ast.AST) -> None:
    """Say that training here does not do what the program does."""
    run.notes.append(
        tr(
            "warning: line {line}, {name}: gradtutor train does not do this: {nearest}",
            line=getattr(node, "lineno", 1),
            name=name,
            nearest=tr(nearest),
        )
    )


def limit(run: Interpreter, value: Any, name: str, node: ast.AST) -> None:
    """Clip the gradient's norm where its limit is a number."""
    if type(value) in (int, float) and value > 0:
        switch(run, "clip", f"{value:g}", name, node)
    else:
        warn(run, name, CLIPPED, node)


# ---- what takes a closer look ----


def _plain(value: Any) -> tuple[float, ...]:
    """Return numbers that the text writes out, one or several."""
    values = value if isinstance(value, list | tuple) else (value,)
    if isinstance(value, Data) and value.numbers is not None:
        values = value.numbers
    numbers = all(type(one) in (int, float) for one in values)
    return tuple(float(one) for one in values) if numbers else ()


def _normalize(
    run: Interpreter, args: list[Any], words: Keywords, node: ast.AST
) -> None:
    """Normalize((0.5,), (0.5,)): what is taken off each channel, and divided by."""
    given = dict(zip(("mean", "std"), args, strict=False)) | dict(words)
    means, spreads = _plain(given.get("mean")), _plain(given.get("std"))
    if not means or len(means) != len(spreads) or not all(one > 0 for one in spreads):
        warn(run, "Normalize", BYTES, node)
        return
    run.found.asked.setdefault("normal", (means, spreads))
    run.notes.append(
        tr(
            "line {line}, {name}: gradtutor train does this to images, after the "
            "division by 255; --scale leaves it out",
            line=getattr(node, "lineno", 1),
            name="Normalize",
        )
    )


def _random_crop(
    run: Interpreter, args: list[Any], words: Keywords, node: ast.AST
) -> None:
    """RandomCrop(32, padding=4): images moved by up to 4 pixels."""
    padding = words.get("padding", args[1] if len(args) > 1 else None)
    if isinstance(padding, list | tuple) and len(set(padding)) == 1:
        padding = padding[0]
    if type(padding) is int and padding > 0:
        other = words.get("padding_mode", "constant") != "constant"
        switch(run, "shift", padding, "RandomCrop", node, near=other)
    else:
        warn(run, "RandomCrop", AUGMENTED, node)


def _keras(
    run: Interpreter, name: str, args: list[Any], words: Keywords, node: ast.AST
) -> bool:
    """Rescaling(1/255) inside a network; ImageDataGenerator(rescale=1/255, ...)."""
    if name == "Rescaling":
        factor = words.get("scale", args[0] if args else None)
        if type(factor) is float and factor * 255 >= 1 - 1e-6:
            run.found.asked["scale"] = "none"
        return False
    if words.get("rescale") is not None:
        switch(run, "scale", "pixels", "rescale", node)
    moved = [key for key in words if key.endswith(("_range", "_flip"))]
    if moved:
        warn(run, f"ImageDataGenerator({moved[0]}=...)", AUGMENTED, node)
    if any(words.get(f"featurewise_{key}") for key in ("center", "std_normalization")):
        switch(run, "scale", "standard", "featurewise_center", node)
    return True


def _whole_array(run: Interpreter, name: str, node: ast.AST) -> None:
    """sklearn.preprocessing's functions: scale by column, normalize by row."""
    if name == "scale":
        switch(run, "scale", "standard", name, node)
    else:
        warn(run, name, COLUMNS, node)


def first_rate(args: list[Any], words: Keywords) -> Instance:
    """Return a schedule that stands for a rate, with the rate that it begins at."""
    rate = words.get("initial_learning_rate", args[0] if args else None)
    return Instance(None, {"__rate__": rate})


# ---- methods and arithmetic of data ----


def met_method(
    run: Interpreter, name: str, args: list[Any], words: Keywords, node: ast.AST
) -> bool:
    """Note a method of data that changes them: dropna(), fillna(df.median())."""
    if name in DRAWS:  # rng.integers(0, n, 16), mnist.train.next_batch(100)
        run.draw(
            args[0] if name == "next_batch" and args else _drawn(name, args, words)
        )
    elif name in CLIPS:  # accelerator.clip_grad_norm_(parameters, 1.0)
        at, word = CLIPS[name]
        limit(run, words.get(word, args[at] if len(args) > at else None), name, node)
    elif name == "dropna" and words.get("axis") not in (1, "columns"):
        switch(run, "fill", "drop", name, node)
    elif name == "fillna":
        value = words.get("value", args[0] if args else None)
        known = value.statistic if isinstance(value, Data) else value
        if known in ("mean", "median") or type(known) in (int, float):
            switch(run, "fill", known, name, node)
    else:
        return False
    return True


def _is_written(one: Data | Filled) -> bool:
    """Whether an array is one of the text's own numbers, such as a color."""
    return isinstance(one, Data) and one.numbers is not None


def divided(run: Interpreter, one: Any, by: Any, node: ast.AST) -> None:
    """Note x / 255, x / 127.5 - 1 and (x - x.mean(0)) / x.std(0)."""
    if not isinstance(one, Data | Filled) or run.tracer is not None:
        return
    reaches = run.found.reaching
    if id(node) not in reaches:
        reaches[id(node)] = reaches_a_network(run.source.tree, node)
    if _is_written(one) or not reaches[id(node)]:
        return
    if type(by) in (int, float) and by in (255, 127.5):
        switch(run, "scale", "pixels", f"/ {by:g}", node, near=by != 255)
    elif isinstance(by, Data) and by.statistic == "std":
        switch(run, "scale", "standard", "/ std", node)
    elif type(by) in (int, float) and len(getattr(one, "shape", None) or ()) > 1:
        warn(run, f"/ {by:g}", BYTES, node)
