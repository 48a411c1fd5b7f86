"""Walk through a program without running it: names, layers, settings, in its order.

Nothing of the text is executed: numbers, lists and calls are worked out on the syntax
tree, calls of a library only where this package has a table for them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.graph import Span
from gradtutor.language.errors import LimitError, SourceError
from gradtutor.language.layers.library import library_of
from gradtutor.language.program.array_values import LOSS_VALUE, Data
from gradtutor.language.program.values import Scope, Setting, Unknown
from gradtutor.language.program.walking import calling, expressions, statements
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

MAX_STEPS = 400_000  # statements and expressions worked out
MAX_DEPTH = 40  # calls of the text's functions in each other


@dataclass
class Loop:
    """A loop being walked: how often it runs, where the text tells."""

    count: int | None
    over_data: bool = False
    drawn: bool = False  # whether its rounds draw a batch of their own at random
    stride: int | None = None  # of data: how many examples a round goes on by


@dataclass
class Found:
    """What the program says about training, in the order met."""

    models: list[Any] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)  # by id of the model
    parts: set[int] = field(default_factory=set)  # models inside others
    trained: list[Any] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    compiled: dict[str, Setting] = field(default_factory=dict)
    #: For each model by its id: its settings, and what is kept, when it is compiled.
    compiled_by: dict[int, Any] = field(default_factory=dict)
    losses_used: list[Setting] = field(default_factory=list)
    epochs: int | None = None
    updates: int | None = None  # steps, of a program that counts no epochs
    batch_size: int | None = None
    whole: bool = False  # whether every step is of all examples
    examples: dict[int, list[Any]] = field(default_factory=dict)
    objects: list[Any] = field(default_factory=list)  # of the text's own classes
    functions: list[Any] = field(default_factory=list)  # called from outside of any
    arguments: dict[int, Any] = field(default_factory=dict)  # by id of the function
    calls: dict[int, Any] = field(default_factory=dict)  # by id of the model
    autoencodes: dict[int, bool] = field(default_factory=dict)
    outputs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    stop_early: int | None = None
    penalty: float = 0.0  # on every weight, λ Σ w²
    added: dict[int, list[Any]] = field(default_factory=dict)  # add_loss, by model
    several: list[Any] = field(default_factory=list)  # a loss and a weight an output
    own: Any = None  # a loss that is a function of the text's
    minimised: Any = None  # what the gradient is taken of, with how it was made
    pending: list[Any] = field(default_factory=list)  # gradients since the last step
    stepped: bool = False  # whether an optimiser has taken a step with them
    #: What each model's optimiser minimises, by the model's id.
    minimised_by: dict[int, list[Any]] = field(default_factory=dict)
    changed_loss: bool = False  # whether more than a loss that is known is minimised
    class_weight: tuple[float, ...] = ()  # of Keras's fit
    sample_weight: Any = None  # where Keras's fit is given one
    tree: Any = None  # weights in lists and dictionaries, by which a loss is derived
    judged: Any = None  # the function of them that is the loss
    mapped: set[int] = field(default_factory=set)  # functions under vmap, by id
    networks: dict[int, Any] = field(default_factory=dict)  # by id of the function
    labels: int | None = None  # classes of a well-known data set
    ignored: dict[str, int] = field(default_factory=dict)
    reaching: dict[int, bool] = field(default_factory=dict)  # divisions, by id
    asked: dict[str, Any] = field(default_factory=dict)  # of training, by option
    steps: int = 0


class Interpreter:
    """The state of a walk through one text.

    Attributes
    ----------
    tracer : object
        Makes gates of what is done with tensors, while a model is traced.
    sizes_of : callable
        Returns the axes of a Keras tensor, by tracing it; ``output_sizes`` those of
        what a part of a model gives for a batch of zeros.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.library = library_of(source.tree)
        self.scope = Scope()
        self.found = Found()
        self.loops: list[Loop] = []
        self.notes: list[str] = []
        self.stars: list[str] = []
        self.tracer: Any = None
        self.quiet = False  # whether what is walked through gets no gradient
        self.sizes_of: Callable[[Any], Any] = lambda symbol: ()
        self.output_sizes: Callable[[Any, Any], Any] = lambda part, shape: None
        self.depth = 0
        self.imported: set[str] = set()  # first parts of what is imported
        self.guesses: dict[str, float] = {}  # sizes that the text leaves open
        self.starts: dict[int, dict[str, Any]] = {}  # what objects are made with
        self.classes: int | None = None
        self.tied: dict[int, Any] = {}  # layers that share a weight, by id
        self.frozen: dict[int, set[str]] = {}  # what keeps its values, by id
        self.frozen_lines: set[int] = set()  # lines that say so
        self.steps = 0

    def walk(self) -> None:
        """Walk through the whole text.

        Raises
        ------
        SourceError
            At a layer, a loss or an optimiser that cannot be read.
        """
        try:
            statements.execute(self, self.source.tree.body, self.scope)
        except statements.Left:
            pass
        except RecursionError:
            message = tr("this program calls or nests too deep to be read")
            raise LimitError(message, self.source.text, (0, 1)) from None

    # ---- the three parts, which call each other ----

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """Work out an expression."""
        self.tick(node)
        return expressions.evaluate(self, node, scope)

    def execute(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Walk through statements."""
        statements.execute(self, body, scope)

    def call(
        self,
        value: Any,
        args: Sequence[Any],
        keywords: Mapping[str, Any],
        node: ast.AST,
    ) -> Any:
        """Call a value."""
        return calling.call(self, value, args, keywords, node)

    def is_free(self, name: str) -> bool:
        """Whether a name is neither defined, nor imported, nor Python's own."""
        return not (self.scope.has(name) or hasattr(builtins, name))

    # ---- limits and mistakes ----

    def tick(self, node: ast.AST) -> None:
        """Count a step; stop a program that would go on for ever."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            message = tr(
                "this program takes more than {most:,} steps to read", most=MAX_STEPS
            )
            hint = tr("give the file of the model alone")
            raise LimitError(message, self.source.text, self.span(node), hint)

    def span(self, node: ast.AST) -> Span:
        """Return a node's place; that of the text's start for one without."""
        return self.source.span(node) if hasattr(node, "lineno") else (0, 1)

    def fail(self, message: str, node: ast.AST, hint: str = "") -> SourceError:
        """Make an error that points at a node."""
        return SourceError(message, self.source.text, self.span(node), hint)

    def unknown(self, reason: str, node: ast.AST) -> Unknown:
        """Return a value that the text does not tell."""
        return Unknown(reason, self.span(node))

    def pass_over(self, name: str, node: ast.AST) -> None:
        """Remember a call that has nothing to do with the model."""
        self.found.ignored.setdefault(name, getattr(node, "lineno", 1))

    # ---- training, as it is met ----

    def train_step(self, loss: Any = LOSS_VALUE) -> None:
        """Note that the program trains here: its loops count the epochs.

        ``loss`` is what the gradient is taken of.
        """
        self.found.steps += 1
        if isinstance(loss, Data) and loss.work is not None:
            self.found.pending = [] if self.found.stepped else self.found.pending
            self.found.pending.append(loss)
            self.found.stepped = False
        alone = isinstance(loss, Data) and loss.made == LOSS_VALUE.made
        self.found.changed_loss = self.found.changed_loss or not alone
        if self.found.minimised is None and isinstance(loss, Data) and loss.work:
            self.found.minimised = loss
        strides = [loop.stride for loop in self.loops if loop.stride]
        if strides and self.found.batch_size is None:
            self.found.batch_size = strides[-1]
        counts = [loop.count for loop in self.loops if not loop.over_data]
        if not counts or counts[0] is None or self.found.updates or self.found.epochs:
            return
        if self.loops[-1].drawn and len(counts) == len(self.loops) == 1:
            self.found.updates = counts[0]
        else:
            self.found.epochs = counts[0]
            self.found.whole = len(self.loops) == 1 and not self.loops[0].drawn

    def note_step(self, model: Any) -> None:
        """Note that a model's optimiser takes a step with what was differentiated."""
        found = self.found
        if model is not None and found.pending:
            found.minimised_by.setdefault(id(model), list(found.pending))
        found.stepped = True

    @property
    def inside(self) -> bool:
        """Whether what is walked through stands in a loop or a function."""
        return self.tracer is None and bool(self.loops or self.depth)

    def draw(self, size: Any) -> None:
        """Note that a batch is drawn at random, of so many examples where known."""
        if not self.loops or self.tracer is not None:
            return
        self.loops[-1].drawn = True
        if type(size) is int and size > 1 and self.found.batch_size is None:
            self.found.batch_size = size
