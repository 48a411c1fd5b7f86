"""Sizes that a text gives by a name whose value it does not have: taken, and noted.

A file cut out of a course names sizes that stand elsewhere (``nn.Linear(n_in, 10)``).
What its layers take follows from the layer before; how wide they are is chosen here,
the same for the same name, and said.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import near
from gradtutor.language.program.array_values import Batch, Data
from gradtutor.language.program.values import Library, Method, Unknown
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Arguments that follow from the layer before: left out where they are not known.
FROM_BEFORE = ("in_features", "in_channels", "features", "shape", "steps", "count")
#: Sizes by what a name says, the first that fits.
BY_NAME: tuple[tuple[str, int], ...] = (
    (r"vocab|voc\b|num_words|max_words|max_features|tokens?|n_chars|rows", 1000),
    (r"class|label|categor|n_out|output|outputs|target|n_y|tags?", 10),
    (r"embed|emb|latent|d_model|code", 16),
    (r"len|steps?|time|window|seq", 16),
    (r"kernel|filter_size|ksize", 3),
    (r"pool|stride", 2),
    (r"channel|ngf|ndf|filters?|maps|planes|width", 16),
    (r"hidden|units|neurons|nodes|dim|size|fc|h\d", 32),
    (r"heads?", 2),
    (r"layers?|depth", 1),
)
#: The same by the argument, where no part of the name says anything.
BY_ARGUMENT = {"units": 16, "rows": 1000, "width": 16, "kernel": 3, "stride": 2,
               "padding": 1, "rate": 0.5, "heads": 2, "groups": 1, "dilation": 1,
               "slope": 0.2, "eps": 1e-5, "momentum": 0.1, "num_layers": 1,
               "key_dim": 16, "wide": 64, "size": 1, "factor": 2,
               "learning_rate": 0.001}  # fmt: skip
#: Switches that are left as they are without the argument.
SWITCHES = ("bias", "batch_first", "return_sequences", "activation", "bidirectional")


def is_open(run: Interpreter, value: Any) -> bool:
    """Whether a value is one that the text leaves open."""
    if isinstance(value, Library):
        return value.root not in run.imported and run.is_free(value.root)
    while isinstance(value, Method):  # env.action_space.n
        value = value.owner
    if isinstance(value, Data):
        return value.of is None
    return isinstance(value, Unknown | Batch)


def guessed(run: Interpreter, key: str, value: Any, node: ast.AST) -> Any:
    """Return a size for an argument that the text leaves open; ... if there is none."""
    if not is_open(run, value):
        return ...
    word = run.source.segment(node).strip() or key
    if key in FROM_BEFORE and word in (given := stated_sizes(run.source.text)):
        return given[word]
    if key == "count" and re.search(
        r"step|len|out|window|seq|time|max", name_of(value)
    ):
        return 16  # of RepeatVector
    if key in FROM_BEFORE or key in SWITCHES:
        return None
    if key not in BY_ARGUMENT:
        return ...
    if isinstance(value, Library) and (other := near(value.root, run.scope.names)):
        message = tr("{root} is not defined", root=value.root)
        raise run.fail(message, node, other)
    if word not in run.guesses and word in (given := stated_sizes(run.source.text)):
        run.guesses[word] = given[word]
        run.notes.append(
            tr(
                "{word} has no value in the text: {size} is taken, as many characters "
                "as the data have",
                word=word,
                size=given[word],
            )
        )
    if word not in run.guesses:
        run.guesses[word] = _size(run, key, word)
        run.notes.append(
            tr(
                "warning: {argument} = {word} has no value in the text: {value} "
                "is taken; a line `# sizes: {word} = NUMBER` says another",
                argument=key,
                word=word,
                value=f"{run.guesses[word]:g}",
            )
        )
    return run.guesses[word]


def stated_sizes(text: str) -> dict[str, int]:
    """Return the sizes that a comment states: ``# sizes: vocab_size = 65``."""
    return {
        word: int(size)
        for word, size in re.findall(r"^# sizes: (.+) = (\d+)$", text, re.MULTILINE)
    }


def name_of(value: Any) -> str:
    """Return what the text calls an open value, as far as it is a name."""
    return value.path.lower() if isinstance(value, Library) else ""


def _size(run: Interpreter, key: str, word: str) -> float:
    if key in ("units", "rows", "width"):
        for pattern, size in BY_NAME:
            if re.search(pattern, word.lower()):
                return run.classes or 10 if size == 10 else size
    return BY_ARGUMENT[key]
