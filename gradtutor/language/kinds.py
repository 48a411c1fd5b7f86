"""What a text is: a formula, a network, a program with functions."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

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
    return NETWORK.search(text) is not None or is_array_network(text)


@lru_cache(maxsize=64)
def is_array_network(text: str) -> bool:
    r"""Whether a program in NumPy has a network: a class of arrays, or a loop of them.

    >>> is_array_network("import numpy as np\nx = np.ones(3)\n")
    False
    """
    if not ARRAYS.search(text) or NETWORK.search(text):
        return False
    try:
        tree = Source(text).tree
    except SourceError:
        return False
    classes = any(map(_holds_weights, ast.walk(tree)))
    return classes or _moves_weights(tree) or _makes_weights(tree)


def _holds_weights(node: ast.AST) -> bool:
    """Whether a class starts with random arrays and multiplies with them."""
    if not isinstance(node, ast.ClassDef):
        return False
    starts = [one for one in node.body if getattr(one, "name", "") == "__init__"]
    return any(map(_draws, starts)) and _multiplies(node)


def _moves_weights(tree: ast.Module) -> bool:
    """Whether a loop of the text's own lines moves arrays that were drawn before."""
    drawn = {
        target.id
        for one in tree.body
        if isinstance(one, ast.Assign) and _draws(one)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    loops = [one for one in tree.body if isinstance(one, ast.For | ast.While)]
    changed = {
        getattr(target, "id", "")
        for loop in loops
        for one in ast.walk(loop)
        if isinstance(one, ast.AugAssign | ast.Assign)
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
    }
    return bool(drawn & changed) and any(map(_multiplies, loops))


def _makes_weights(tree: ast.Module) -> bool:
    """Whether a function draws a dictionary of arrays that another one takes."""
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    made = any(
        isinstance(one, ast.Dict | ast.Subscript)
        for function in functions
        if _draws(function)
        for one in ast.walk(function)
    )
    forward = any("forward" in one.name or "predict" in one.name for one in functions)
    return made and forward and any(map(_multiplies, functions))


def _draws(node: ast.AST) -> bool:
    """Whether random numbers are drawn in some lines."""
    words = (getattr(one, "attr", "") for one in ast.walk(node))
    return not DRAWN.isdisjoint(words)


def _multiplies(node: ast.AST) -> bool:
    """Whether matrices are multiplied in some lines."""
    for one in ast.walk(node):
        if isinstance(one, ast.MatMult):
            return True
        name = getattr(one, "attr", getattr(one, "id", ""))
        if name in ("dot", "matmul") and isinstance(one, ast.Attribute | ast.Name):
            return True
    return False


#: Ways to draw a weight's first numbers.
DRAWN = frozenset(("randn", "rand", "random", "normal", "uniform", "standard_normal",
                   "random_sample"))  # fmt: skip
#: What a network of arrays cannot do without.
ARRAYS = re.compile(r"^\s*(?:import|from)\s+numpy\b", re.MULTILINE)


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
