"""The state of building a network: the graph so far and the value that flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.gates import Shape, ShapeMismatchError, show_shape
from gradtutor.graph import Graph, Span, add_gate, add_input, add_number, new_graph
from gradtutor.language.errors import ArgumentError, SourceShapeError
from gradtutor.language.layers.items import Item
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.layers.recurrent import Run


class Builder:
    """Appends gates for layers; every node keeps its layer's place in the text.

    Attributes
    ----------
    node : str
        The value that the next layer takes: rows (N, features), or an image
        (C, H, W, N) or signal (C, L, N) with the batch last.
    run : Run, optional
        The recurrent layer whose sequence the next one may take; ``node`` is its last
        state then, cut out when it is read.
    wholes, cut_rows : dict
        Sequences and steps that have been cut out.
    depth : int
        Number of the layer with parameters: W1, b1, z1, h1, ...
    channels_last : bool
        Whether the text has images in Keras's order, (H, W, C).
    paths : dict
        By the identity of a program's layers, their place in its model.
    joined : tuple of (str, int)
        Inputs that stand side by side in X: the name of each and how many numbers.
    frozen : set of str
        Which arrays of the layer at hand keep their values: ``weight``, ``bias``.
    frozen_at : set of tuple
        Places of layers that keep all theirs.
    training : bool
        Whether dropout and batch normalisation are as in training.
    shared : bool
        Whether a layer is appended once more, with the parameters it has already.
    penalties : list of (str, float, str)
        Penalties of layers on their weights: ``l2``, its strength, the parameter.
    library : str
        Whose spelling the text is in, ``keras`` or ``torch``; empty if untold.
    """

    def __init__(self, source: Source, *, training: bool) -> None:
        self.source, self.training = source, training
        self.graph: Graph = new_graph(source.text)
        self.depth = 0
        self._node: str | Callable[[], str] = ""
        self.run: Run | None = None
        self.wholes: dict[Run, str] = {}
        self.cut_rows: dict[tuple[str, int], str] = {}
        self.library = ""
        self.notes: list[str] = []
        self.statistics: list[str] = []
        self.momentum: dict[str, float] = {}
        self.shared = False
        self.penalties: list[tuple[str, float, str]] = []
        self.added: list[str] = []  # numbers that a text adds to its loss
        self.channels_last = False
        self.paths: dict[int | Span, str] = {}
        self.joined: tuple[tuple[str, int], ...] = ()
        self.frozen: set[str] = set()
        self.frozen_at: set[Span] = set()

    @property
    def node(self) -> str:
        """The value that flows."""
        if not isinstance(self._node, str):
            self._node = self._node()
        return self._node

    @node.setter
    def node(self, node: str) -> None:
        self._node = node

    def flows(self, run: Run, last: Callable[[], str]) -> None:
        """Let a recurrent layer's states flow on, or its last one."""
        self.run, self._node = run, last

    @property
    def shape(self) -> Shape:
        """The shape of the value that flows."""
        shape: Shape = self.graph.nodes[self.node]["shape"]
        return shape

    @property
    def is_rows(self) -> bool:
        """Whether rows flow, (N, features), rather than images or signals."""
        return len(self.shape) == 2

    # ---- mistakes ----

    def fail(self, message: str, item: Item, hint: str = "") -> ArgumentError:
        """Make an error that points at a layer."""
        return ArgumentError(message, self.source.text, item.span, hint)

    def misfit(
        self,
        message: str,
        item: Item,
        hint: str = "",
        widths: tuple[int, int] | None = None,
    ) -> SourceShapeError:
        """Make an error about shapes that points at a layer."""
        made = SourceShapeError(message, self.source.text, item.span, hint)
        made.widths = widths
        return made

    def whole(self, value: object, item: Item, least: int = 1) -> int:
        """Check a size; Keras takes ``units="128"`` for a number, too."""
        if isinstance(value, str) and value.isdecimal() and len(value) < 8:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            kind = tr("positive whole number") if least else tr("whole number from 0")
            raise self.fail(
                tr("a size is a {kind}, not {value!r}", kind=kind, value=value), item
            )
        return value

    def fraction(self, value: object, item: Item) -> float:
        """Check a number of 0 to 1."""
        number = self.number_of(value, item)
        if not 0 <= number < 1:
            message = tr(
                "{name} takes a number from 0 to 1, not {value}",
                name=item.name,
                value=value,
            )
            raise self.fail(message, item)
        return number

    def number_of(self, value: object, item: Item) -> float:
        """Check a number."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.fail(
                tr("{name} takes a number, not {value!r}", name=item.name, value=value),
                item,
            )
        return float(value)

    def flag(self, key: str, item: Item, *, usual: bool = True) -> bool:
        """Check an argument that is True or False, as ``bias`` is."""
        value = item.arguments.get(key, usual)
        if not isinstance(value, bool):
            raise self.fail(
                tr("{key} is True or False, not {value!r}", key=key, value=value), item
            )
        return value

    # ---- nodes ----

    def fresh(self, stem: str) -> str:
        """Name a value after its layer: z1, or z1_2 where the name is taken."""
        name, use = f"{stem}{self.depth}", 1
        while name in self.graph:
            use += 1
            name = f"{stem}{self.depth}_{use}"
        return name

    def gate(
        self, gate: str, *args: str, layer: Item, name: str | None = None, **attrs: Any
    ) -> str:
        """Append a gate of a layer.

        Raises
        ------
        SourceShapeError
            When the shapes do not fit, with the layer's place.
        """
        try:
            span = layer.span
            return add_gate(self.graph, gate, *args, name=name, span=span, **attrs)
        except ShapeMismatchError as error:
            given = show_shape(self.graph.nodes[args[0]]["shape"])
            message = f"{layer.name} on {given}: {error}"
            keras = layer.arguments.get("keras") and len(self.shape) > 2
            hint = tr("Keras has the channels last: Input(28, 28, 1)") if keras else ""
            raise self.misfit(message, layer, hint) from None

    def number(self, value: float) -> str:
        """Append a constant."""
        return add_number(self.graph, value)

    def parameter(
        self, stem: str, shape: Shape, layer: Item, fan_in: int, start: str = "uniform"
    ) -> str:
        """Append a parameter such as W1.

        Parameters
        ----------
        fan_in : int
            How many inputs each output of the layer sees: weights start from
            U(-k, k), k = 1/sqrt(fan_in), PyTorch's default.
        start : str
            ``uniform``, ``ones`` or ``zeros``.
        """
        name = f"{stem}{self.depth}"
        if self.shared and name in self.graph:
            return name  # the same layer once more
        role = self.role_of(stem, layer.span)
        add_input(self.graph, name, shape, role=role, span=layer.span)
        kind = layer.arguments.get("saved_as", layer.kind)
        self.graph.nodes[name].update(
            fan_in=fan_in, start=start, module=self.path_of(layer), layer=kind
        )
        return name

    def role_of(self, stem: str, span: Span) -> str:
        """Return ``parameter``, or ``frozen`` for an array that keeps its values."""
        word = "bias" if stem.startswith("b") else "weight"
        kept = word in self.frozen or span in self.frozen_at
        return "frozen" if kept else "parameter"

    def path_of(self, layer: Item, *inside: str) -> str:
        """Return where a layer stands in the model, or a layer inside of it.

        ``.`` is the whole model; nothing is a place that the text does not tell.
        """
        found = self.paths.get(id(layer)) or self.paths.get(layer.span, "")
        path = layer.path or found
        return ".".join((path, *inside)) if path else ""

    def reshape(
        self, node: str, shape: Shape, layer: Item, name: str | None = None
    ) -> str:
        """Append a reshape; an unknown size is -1."""
        written = tuple(-1 if isinstance(size, str) else size for size in shape)
        return self.gate("reshape", node, layer=layer, name=name, shape=written)
