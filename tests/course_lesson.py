"""A small lesson with a question of every kind, for tests that change it."""

from __future__ import annotations

from pathlib import Path

TOML = """\
schema = 1
name = "tiny"
title.en = "Tiny"
title.zh = "小课"
minutes = 5

[parameters]
a = [2, 3]
b = [-1, 5]
[derived]
c = "a*b + 1"

[[picture]]
name = "circuit"
formula = "q = x + y; f = q*z"
at = { x = "{a}", y = 7, z = -4 }

[[picture]]
name = "curve"
plot = ["sigmoid(x)", "x*0.2"]
over = { x = [-6, 6] }

[[question]]
id = "slope"
kind = "expression"
answer = "2*{a}*x"
domain = { x = [-3, 3] }
[[question.mistake]]
name = "kept"
answer = "{a}*x**2"
[[question.mistake]]
name = "sign"
derive = "sign"

[[question]]
id = "value"
kind = "number"
answer = "{c}"
tolerance = 0.01
[[question.mistake]]
name = "product"
answer = "{a}*{b}"

[[question]]
id = "gate"
kind = "choice"
options = ["add", "mul", "copy"]
answer = "copy"

[[question]]
id = "wires"
kind = "circuit"
formula = "q = x + y; f = q*z"
at = { x = -2, y = 5, z = -4 }
blanks = ["value q", "gradient q", "gradient z", "gradient x"]

[[question]]
id = "steps"
kind = "order"
items = ["dloss", "dz", "dw"]
before = [["dloss", "dz"], ["dz", "dw"]]

[[question]]
id = "code"
kind = "code"
file = "layer.py"
function = "backward"
check = "gradient"
arguments = { x = [3, 4], W = [4, 2], b = [2] }
forward = "tanh(x @ W + b)"
returns = ["x", "W", "b"]
[[question.mutant]]
name = "no-transpose"
replace = ["x.T @ dz", "(dz.T @ x)"]
[[question.mutant]]
name = "mean-bias"
replace = ["dz.sum(axis=0)", "dz.mean(axis=0)"]
"""

HEAD = """\
# {title}

{prose}

{{{{picture circuit}}}}

{{{{question value}}}}

{{{{picture curve}}}}

```console
$ gradtutor diff "x**2"
∂f/∂x = 2*x
```
"""

PARTS = {
    "slope": ("feedback kept",),
    "value": ("feedback product",),
    "gate": (
        "option add",
        "option mul",
        "option copy",
        "feedback add",
        "feedback mul",
    ),
    "wires": (),
    "steps": ("item dloss", "item dz", "item dw"),
    "code": ("feedback no-transpose", "feedback mean-bias"),
}

WORDS = {
    "en": ("Tiny", "With a = {a} and c = {c:.1f}, a set is {{x}}.", "Find {name}."),
    "zh": ("小课", "取 a = {a}，c = {c:.1f}，集合写作 {{x}}。", "求 {name}。"),
}

SOLUTION = '''\
"""A layer."""

import numpy as np


def backward(x, W, b, upstream):
    """Return dx, dW, db."""
    dz = upstream * (1 - np.tanh(x @ W + b) ** 2)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
'''
STARTER = SOLUTION.replace(
    "dz = upstream * (1 - np.tanh(x @ W + b) ** 2)", "dz = 0  # TODO"
)
STARTER = STARTER.replace("dz @ W.T, x.T @ dz, dz.sum(axis=0)", "x, W, b")


def text(language: str) -> str:
    """Return the lesson's words in a language."""
    title, prose, ask = WORDS[language]
    lines = [HEAD.format(title=title, prose=prose)]
    for name, parts in PARTS.items():
        lines += [f"## question {name}", ask.replace("{name}", name)]
        heads = [*parts, "hint 1", "hint 2", "hint 3", "right", "solution"]
        lines += [f"### {head}\n{head} of {name} ({language})" for head in heads]
    return "\n".join(lines) + "\n"


def write_lesson(folder: Path) -> Path:
    """Write the lesson into a folder of lessons; return its own."""
    own = folder / "tiny"
    for name in ("starter", "solution"):
        (own / name).mkdir(parents=True, exist_ok=True)
    (own / "lesson.toml").write_text(TOML, encoding="utf-8")
    for language in WORDS:
        (own / f"text.{language}.md").write_text(text(language), encoding="utf-8")
    (own / "starter" / "layer.py").write_text(STARTER, encoding="utf-8")
    (own / "solution" / "layer.py").write_text(SOLUTION, encoding="utf-8")
    return own
