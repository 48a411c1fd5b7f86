"""CuPy's ElementwiseKernel: a loop over broadcast arrays, in the text of CuPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
from cuda_host import elementwise, host_kernel, kernel_log

from cupy._arrays import ndarray
from cupy._host_side import unwrapped
from cupy._kernels import compiled, launch


class ElementwiseKernel:
    """A loop over broadcast arrays, as CuPy writes it."""

    def __init__(
        self,
        in_params: str,
        out_params: str,
        operation: str,
        name: str = "kernel",
        reduce_dims: bool = True,
        preamble: str = "",
        no_return: bool = False,
        return_tuple: bool = False,
        options: tuple[str, ...] = (),
        loop_prep: str = "",
        after_loop: str = "",
    ) -> None:
        if not name.isidentifier():
            raise ValueError(f'Invalid kernel name: "{name}"')
        self.inputs = elementwise.parameters(in_params, constant=True)
        self.outputs = elementwise.parameters(out_params, constant=False)
        self.params = self.inputs + self.outputs
        if "i" in [param.name for param in self.params]:
            raise ValueError("Can not use 'i' as a parameter name")
        self.name, self.operation, self.options = name, operation, options
        self.reduce_dims, self.no_return, self.return_tuple = (
            reduce_dims,
            no_return,
            return_tuple,
        )
        self.texts = {
            "preamble": preamble,
            "loop_prep": loop_prep,
            "after_loop": after_loop,
        }
        self._compiled: dict[str, host_kernel.HostKernel] = {}

    def __call__(self, *args: Any, size: int = -1, block_size: int = 128) -> Any:
        if len(args) not in (len(self.inputs), len(self.params)):
            raise TypeError(
                f"Wrong number of arguments for {self.name!r}. It must be either "
                f"{len(self.inputs)} or {len(self.params)} (with outputs), "
                f"but given {len(args)}."
            )
        values = [element(argument) for argument in args]
        shape = self.loop_shape(values, size)
        given = values[len(self.inputs) :]
        chosen = self.types(values, given)
        outputs = list(args[len(self.inputs) :]) or self.new_outputs(
            chosen, shape, size
        )
        self.check_outputs(outputs, shape)
        result = None if self.no_return else tuple(outputs)
        if result and len(result) == 1 and not self.return_tuple:
            (result,) = result
        if 0 not in shape:
            self.run(values[: len(self.inputs)], outputs, chosen, shape, block_size)
        return result

    def loop_shape(self, values: list[Any], size: int) -> tuple[int, ...]:
        """Broadcast the arrays that are not raw, or take ``size``."""
        arrays = [
            value.shape
            for param, value in zip(self.params, values, strict=False)
            if isinstance(value, np.ndarray) and not param.raw
        ]
        if size != -1:
            if arrays:
                raise ValueError(
                    "Specified 'size' can be used only if all of the ndarray are 'raw'."
                )
            return (size,)
        if not arrays:
            raise ValueError("Loop size is undecided.")
        return np.broadcast_shapes(*arrays)

    def types(self, values: list[Any], given: list[Any]) -> dict[str, np.dtype]:
        """Decide the placeholders: outputs come first."""
        order = [*self.outputs[: len(given)], *self.inputs]
        asked = [*given, *values[: len(self.inputs)]]
        if any(not isinstance(value, np.ndarray) for value in given):
            raise TypeError("Output arguments type must be cupy.ndarray")
        dtypes = [v.dtype if isinstance(v, np.ndarray) else None for v in asked]
        return elementwise.placeholders(order, dtypes)

    def new_outputs(
        self, chosen: dict[str, np.dtype], shape: tuple[int, ...], size: int
    ) -> list[ndarray]:
        """Allocate the outputs that were not given."""
        if any(param.raw for param in self.outputs) and size == -1:
            raise ValueError("Output array size is Undecided")
        return [ndarray(shape, p.dtype or chosen[p.kind]) for p in self.outputs]

    def check_outputs(self, outputs: list[ndarray], shape: tuple[int, ...]) -> None:
        """Refuse outputs of another shape than the loop's."""
        for param, output in zip(self.outputs, outputs, strict=True):
            if not param.raw and output.shape != shape:
                raise ValueError("Out shape is mismatched")

    def run(
        self,
        inputs: list[Any],
        outputs: list[ndarray],
        chosen: dict[str, np.dtype],
        shape: tuple[int, ...],
        block_size: int,
    ) -> None:
        """Compile for these types and queue the loop."""
        values = [
            broadcast(param, value, chosen, shape)
            for param, value in zip(
                self.params, [*inputs, *unwrapped(outputs)], strict=True
            )
        ]
        if self.reduce_dims:
            values, shape = elementwise.flattened(self.params, values, shape)
        arguments = (self.name, self.params, values, chosen, self.operation, len(shape))
        text = elementwise.elementwise_text(*arguments, **self.texts)
        if text not in self._compiled:
            self._compiled[text] = compiled(text, headers=True)[self.name]
            log = kernel_log.Kernel(self.name, text, self.options)
            kernel_log.note_kernel(log)
        count = int(np.prod(shape))
        block = min(block_size, count)
        packed = [elementwise.packed(v) for v in values]
        packed.append(elementwise.packed_indexer(shape))
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        grid = (-(-count // block_size),)
        launch(self._compiled[text], grid, (block,), packed, arrays)


def element(argument: Any) -> Any:
    """Return an argument as a NumPy view of device memory or a NumPy scalar."""
    if isinstance(argument, ndarray):
        return argument._host
    if isinstance(argument, (bool, int, float, np.generic)):
        return np.asarray(argument)[()]
    raise TypeError(f"Unsupported type {type(argument)}")


def broadcast(
    param: elementwise.Parameter, value: Any, chosen: dict[str, np.dtype], shape: Any
) -> Any:
    """Bring an argument to the loop's shape, a scalar to the parameter's type."""
    if isinstance(value, np.ndarray):
        return value if param.raw else np.broadcast_to(value, shape)
    return value.astype(param.dtype or chosen[param.kind])
