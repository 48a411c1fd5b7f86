"""What a text is: a formula, a network, a program with functions."""

from __future__ import annotations

import ast
import re

from gradtutor.language.errors import SourceError
from gradtutor.language.syntax import Source

#: What a program with layers has, beside an import of PyTorch.
LAYERS = re.compile(
    r"Sequential|\bnn\.(?!functional)|Module\b|keras|\bModel\(|MLP\w*er|needle"
)
#: What a network's text has and a formula has not.
NETWORK = re.compile(
    r"Sequential|nn\.Module|keras|\bModule\b|\bModel\("
    r"|MLPClassifier|MLPRegressor|nn\.Linear|\bneedle\b|minitorch"
    # torch.relu(x) alone is a formula
    r"|^\s*(?:import|from)\s+(?:torch|tensorflow|jax|autograd)",
    re.MULTILINE,
)
#: f = lambda x: ..., but not the λ of LaTeX.
LAMBDA = re.compile(r"=\s*lambda\b")
#: Statements that a formula does not have and a program does.
PROGRAM = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.For, ast.With)


def is_network(text: str) -> bool:
    """Whether a text is a list of layers, or a program, rather than a formula."""
    return NETWORK.search(text) is not None


def has_layers(text: str) -> bool:
    """Whether a program has layers, beside an import of PyTorch."""
    return LAYERS.search(text) is not None


def has_functions(text: str) -> bool:
    """Whether a text is a program with functions, or lines with ``backward()``."""
    if "def " not in text and "import " not in text and "backward(" not in text:
        return LAMBDA.search(text) is not None
    try:
        tree = Source(text).tree
    except SourceError:
        return False
    return any(isinstance(one, PROGRAM) for one in tree.body) or "backward(" in text
