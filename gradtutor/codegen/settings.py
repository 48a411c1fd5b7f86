"""What a training script is made for: its data, and the numbers at its top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The precisions that keep factors of products in 16 bits.
HALVES = ("bfloat16", "float16")


@dataclass(frozen=True)
class TextTokens:
    """What a script must know to write texts.

    Attributes
    ----------
    bytes : bool
        Whether tokens are the bytes of UTF-8, rather than places in ``ALPHABET``.
    end : int or None
        The token before and behind a line; None where a text just goes on.
    steps : int
        How many tokens the network sees at once.
    """

    bytes: bool
    end: int | None
    steps: int

    @property
    def ends(self) -> bool:
        """Whether a text is a line, rather than one that just goes on."""
        return self.end is not None


@dataclass(frozen=True)
class ScriptData:
    """What a training script must know of its data, as text.

    Attributes
    ----------
    title : str
        What the data are called in the script's first line.
    functions : str
        Source of the loader and of ``split``, with what they call.
    load_call : str
        The expression that returns X (rows, features) and y.
    features : int
        Length of one example.
    classes : int or None
        Number of labels; None for regression.
    notice : str
        Source and licence.
    package : str
        The package that the data need besides, if they do.
    imports : tuple of str
        Import lines of the standard library.
    test_fraction : float
        The part that is tested on; 0 to test on the examples that are learned from.
    held_out : bool
        Whether the last rows are a test set of their own, not to be mixed in.
    prepares : bool
        Whether columns are filled or scaled as the training examples say.
    fill, scale : str
        How: ``mean``, ``median`` or a number; ``standard``; nothing for neither.
    new_call, new_suffix : str
        The expression that returns X of new examples in the file ``path``, and what
        such a file ends with; a script without one answers no new examples.
    own_npz : bool
        Whether the data lie in an .npz file, which the weights must not replace.
    text : TextTokens or None
        What a script of a text's tokens writes texts by.
    class_names, target_names : str
        The lines that list what the classes are called by their numbers, or the
        columns of numbers; nothing where those have no names.
    """

    title: str
    functions: str
    load_call: str
    features: int
    classes: int | None
    notice: str
    package: str = ""
    imports: tuple[str, ...] = ()
    test_fraction: float = 0.2
    held_out: bool = False
    prepares: bool = False
    fill: str = ""
    scale: str = ""
    new_call: str = ""
    new_suffix: str = ".npz"
    class_names: str = ""
    target_names: str = ""
    own_npz: bool = False
    text: TextTokens | None = None

    @property
    def parting(self) -> str:
        """How a test set is found: the last rows, some by lot, or all rows again."""
        if self.held_out:
            return "held_out"
        return "split_off" if self.test_fraction else "all_data"


@dataclass(frozen=True)
class Settings:
    """The numbers at the top of a script, and what it can do.

    Attributes
    ----------
    optimiser : str
        A name of ``gradtutor.optimisers.OPTIMISERS``.
    optimiser_settings : mapping
        Its constants, such as ``momentum`` or ``weight_decay``.
    schedule : str
        ``constant``, ``step``, ``cosine`` or ``warmup``.
    clip : float
        Largest norm of the gradient; 0 for any.
    patience : int
        Epochs without a better validation loss before it stops; 0 for never.
    shift : int
        Pixels by which a training image may be moved.
    threads : int
        Shards of a batch that are worked on at once, each by one thread; 1 for the
        whole batch by one thread, 0 for as many as its largest product is worth.
    backend : str
        ``numpy``, or ``numba`` for the same lines with compiled groups.
    parallel : str
        ``mpi`` for a script that several ranks run on parts of each batch.
    precision : str
        Of products on a GPU: ``float32``, ``tf32``, ``bfloat16`` or ``float16``.
    ties : str
        The rule at kinks, one of ``gradtutor.gates.TIE_RULES``.
    products : str
        Who calls the library of products on a GPU: ``ctypes`` or ``nvmath``.
    conv : str
        Who convolves on a GPU: ``windows`` and a product, ``implicit`` for a
        product whose windows are never written, or ``cudnn``.
    rows : mapping
        Which convolutions are of shifted rows and which are not, where both were timed:
        weights' shape and places of the result.
    one_kernel : bool
        Whether a GPU does whole steps, and many of them, in one kernel.
    kit : bool
        Whether what every network on a GPU needs stands in a file of its own.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    seed: int = 0
    optimiser: str = "adam"
    optimiser_settings: Mapping[str, Any] = field(default_factory=dict)
    schedule: str = "constant"
    schedule_settings: Mapping[str, Any] = field(default_factory=dict)
    clip: float = 0.0
    patience: int = 0
    shift: int = 0
    threads: int = 0
    backend: str = "numpy"
    parallel: str = ""
    precision: str = "float32"
    ties: str = "torch"
    products: str = "ctypes"
    conv: str = "windows"
    rows: Mapping[tuple[tuple[int, ...], tuple[int, ...]], bool] = field(
        default_factory=dict
    )
    one_kernel: bool = False
    kit: bool = False

    @property
    def scheduled(self) -> bool:
        """Whether the learning rate changes with the epochs."""
        return self.schedule != "constant"

    @property
    def sharded(self) -> bool:
        """Whether each batch is cut into shards."""
        return self.threads > 1

    @property
    def step_batch(self) -> int:
        """The number of examples for which a step's products are cut into slices."""
        return min(self.batch_size, 1024)

    @property
    def bfloat16(self) -> bool:
        """Whether those are bfloat16's, which NumPy has from ml_dtypes."""
        return self.half and self.precision == "bfloat16"

    @property
    def half(self) -> bool:
        """Whether factors of products are kept in 16 bits."""
        return self.precision in HALVES

    @property
    def scaled(self) -> bool:
        """Whether the loss is scaled: float16 has few exponents, bfloat16 enough."""
        return self.half and self.precision == "float16"
