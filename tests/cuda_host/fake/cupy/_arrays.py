"""CuPy's ndarray over device memory: views, copies, arithmetic, no implicit way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cupy import _memory, _streams
from cupy._host_side import convert, is_basic, key_tuple, reach, unwrapped
from cupy._work import Operation


def enqueue(name: str, run: Callable[..., object], *arrays: np.ndarray) -> None:
    """Put work on the current stream."""
    _streams.current().add(Operation(name, run, arrays))


class ndarray:
    """An array on the device.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : numpy.dtype
    memptr : MemoryPointer, optional
        Where it lies; new memory when not given.
    strides : tuple of int, optional
        Bytes.
    """

    __array_ufunc__ = None
    __array_priority__ = 100

    def __init__(
        self,
        shape: Any,
        dtype: Any = float,
        memptr: Any = None,
        strides: Any = None,
        order="C",
    ) -> None:
        shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        dtype = np.dtype(dtype)
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        self.data = memptr or _memory.alloc(size)
        block = self.data.mem
        offset = self.data.ptr - block.room.ctypes.data
        self._host = np.ndarray(shape, dtype, block.room, offset, strides, order)
        reach(self._host, block)

    # ---- what it is ------------------------------------------------------------------

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    size = property(lambda self: self._host.size)
    nbytes = property(lambda self: self._host.nbytes)
    itemsize = property(lambda self: self._host.itemsize)
    ndim = property(lambda self: self._host.ndim)
    strides = property(lambda self: self._host.strides)
    flags = property(lambda self: self._host.flags)
    device = property(lambda self: _device())

    def __len__(self) -> int:
        return len(self._host)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        stream = _streams.current().ptr
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "data": (self.data.ptr, False),
            "strides": None if self.flags.c_contiguous else self.strides,
            "version": 3,
            "stream": stream or 1,
        }

    def __array__(self, *arguments: Any, **named: Any) -> np.ndarray:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    # ---- views -----------------------------------------------------------------------

    def _view(self, host: np.ndarray) -> ndarray:
        """Wrap a view of this array's values."""
        made = object.__new__(type(self))
        made._host = host
        start = host.ctypes.data if host.size else self.data.ptr
        made.data = _memory.MemoryPointer(self.data.mem, start - self.data.mem.ptr)
        return made

    T = property(lambda self: self._view(self._host.T))

    def reshape(self, *shape: Any, order: str = "C") -> ndarray:
        """Return a view where there is one, else a copy."""
        shape = shape[0] if len(shape) == 1 else shape
        view = self._host.view()
        try:
            view = view.reshape(shape, order=order, copy=False)
        except ValueError:
            return array(self).reshape(shape)
        return self._view(view)

    def ravel(self, order: str = "C") -> ndarray:
        """Return all values in one dimension."""
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> ndarray:
        """Return a view with the axes in another order."""
        return self._view(self._host.transpose(*axes))

    def swapaxes(self, a: int, b: int) -> ndarray:
        """Return a view with two axes swapped."""
        return self._view(self._host.swapaxes(a, b))

    def squeeze(self, axis: Any = None) -> ndarray:
        """Return a view without axes of length 1."""
        return self._view(self._host.squeeze(axis))

    def view(self, dtype: Any = None, type: Any = None) -> ndarray:
        """Return the same bytes as another type."""
        return self._view(self._host.view(dtype or self.dtype))

    def __getitem__(self, key: Any) -> ndarray:
        picked = unwrapped(key)
        if not is_basic(picked):
            return array(computed(lambda host, key: host[key], self, key))
        host = self._host[(*key_tuple(picked), ...)]  # Ellipsis: always a view
        return self._view(host)

    # ---- there and back --------------------------------------------------------------

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking=True):
        """Return the values as a NumPy array; waits for the stream."""
        stream = stream or _streams.current()
        result = np.empty(self.shape, self.dtype) if out is None else out
        if stream.capture is not None and blocking:
            stream.synchronize()  # raises
        stream.add(Operation("get", lambda host: np.copyto(result, host), [self._host]))
        if blocking:
            stream.synchronize()
        return result

    def set(self, values: np.ndarray, stream: Any = None) -> None:
        """Copy a NumPy array of the same shape and type in."""
        if not isinstance(values, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if values.dtype != self.dtype:
            raise TypeError(f"{values.dtype} array cannot be set to {self.dtype} array")
        if values.shape != self.shape:
            raise ValueError(f"Shape mismatch. {self.shape} vs {values.shape}")
        stream = stream or _streams.current()
        if stream.capture is not None:
            stream.synchronize()  # raises: pageable memory
        kept = values.copy()
        stream.add(Operation("set", lambda to: np.copyto(to, kept), [self._host]))

    def item(self, *index: int) -> Any:
        """Return one value as a Python number; waits for the stream."""
        return self.get().item(*index)

    def tolist(self) -> list[Any]:
        """Return the values as lists; waits for the stream."""
        return self.get().tolist()

    def __float__(self) -> float:
        return float(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __index__(self) -> int:
        return int(self.get())

    def __bool__(self) -> bool:
        return bool(self.get())

    def __repr__(self) -> str:
        return repr(self.get())

    def __format__(self, text: str) -> str:
        return format(self.get().item() if self.ndim == 0 else self.get(), text)

    # ---- writing ---------------------------------------------------------------------

    def fill(self, value: Any) -> None:
        """Set every element."""
        self[...] = value

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, np.ndarray) and value.ndim:
            raise TypeError("Unsupported type <class 'numpy.ndarray'>")
        value_host = unwrapped(value)

        def assign(to: np.ndarray, *source: np.ndarray) -> None:
            to[unwrapped(key)] = source[0] if source else value_host

        given = [value_host] if isinstance(value, ndarray) else []
        enqueue("copy", assign, self._host, *given)

    def copy(self, order: str = "C") -> ndarray:
        """Return a copy."""
        return array(self)

    def astype(
        self, dtype: Any, order: str = "K", copy: bool = True, **_: Any
    ) -> ndarray:
        """Return a copy of another type."""
        if not copy and self.dtype == np.dtype(dtype):
            return self
        made = ndarray(self.shape, dtype)
        enqueue("astype", convert, made._host, self._host)
        return made


def _device() -> Any:
    from cupy import cuda

    return cuda.Device()


def computed(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Compute at once on the host, after the current stream's work.

    CuPy would only queue this. Results are the same, and so is what a capture raises,
    as the result needs new memory.
    """
    stream = _streams.current()
    if stream.capture is not None:
        _memory.alloc(0)  # raises
    stream.synchronize()
    host_only = [a for a in arguments if isinstance(a, np.ndarray) and a.ndim]
    if host_only:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    with np.errstate(all="ignore"):
        named = {key: unwrapped(value) for key, value in named.items()}
        return function(*unwrapped(list(arguments)), **named)


def array(values: Any, dtype: Any = None, copy: bool = True, **_: Any) -> ndarray:
    """Copy values to the device: a device array, a NumPy array, numbers."""
    if isinstance(values, ndarray):
        made = ndarray(values.shape, dtype or values.dtype)
        enqueue("copy", convert, made._host, values._host)
        return made
    if isinstance(values, (list, tuple)):
        values = [v.get() if isinstance(v, ndarray) else v for v in values]
    host = np.array(values, dtype)
    made = ndarray(host.shape, host.dtype)
    made.set(host)
    return made


def asarray(values: Any, dtype: Any = None, **_: Any) -> ndarray:
    """Return values on the device, without a copy where they are there already."""
    if isinstance(values, ndarray) and dtype in (None, values.dtype):
        return values
    return array(values, dtype)
