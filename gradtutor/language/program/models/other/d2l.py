"""Dive into Deep Learning's classes: what its trainer does where a text says nothing.

``d2l.Classifier`` has cross-entropy, every ``d2l.Module`` is trained by SGD at its
``lr``; both may be written anew in the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models.settings import make_setting
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import Function, Instance, Library, Method
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def of_d2l(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: Any,
) -> Any:
    """Note the batches' size of d2l's data: FashionMNIST(batch_size=256)."""
    size = keywords.get("batch_size")
    if called.root == "d2l" and type(size) is int and run.found.batch_size is None:
        run.found.batch_size = size
    return UNREAD


def is_d2l(model: Instance) -> bool:
    """Whether a model is a class of the book's library."""
    return model.cls is not None and any(
        one.root == "d2l" for one in model.cls.libraries()
    )


def fitted(run: Interpreter, model: Instance, node: Any) -> None:
    """Note the loss and the optimiser of ``trainer.fit(model, data)``."""
    cls = model.cls
    if cls is None or isinstance(cls.method("training_step"), Function):
        return
    bases = {one.name for one in cls.libraries()}
    configure = cls.method("configure_optimizers")
    rate = model.names.get("lr")
    if isinstance(configure, Function):
        run.call(Method(model, configure), [], {}, node)  # type: ignore[arg-type]
    elif isinstance(rate, int | float):
        make_setting(run, "SGD", [float(rate)], {}, node)
        run.notes.append(tr("d2l's models are trained by SGD at their lr"))
    output, loss = run.call(model, [Data()], {}, node), cls.method("loss")
    if isinstance(loss, Function):
        value = run.call(Method(model, loss), [output, Data()], {}, node)  # type: ignore[arg-type]
    elif "Classifier" in bases:
        made = make_setting(run, "CrossEntropyLoss", [], {}, node)
        value = run.call(made, [output, Data()], {}, node)
    else:
        return
    run.train_step(value)
