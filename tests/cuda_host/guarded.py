"""Memory in which a wrong index shows: NaNs around it, and beyond them no access."""

from __future__ import annotations

import ctypes
import mmap

import numpy as np

GUARD = 512  # bytes of a pattern on both sides; also the alignment of CuPy's pool
#: Every double and every other float of it is a signalling NaN: a sum changes its bits.
PATTERN = np.array([0xFFBFFFFF, 0xFFF7FFFF], np.uint32).view(np.uint8)
TILED = np.tile(PATTERN, 1024)  # more than a page and two guards
FORBIDDEN = 1 << 20  # bytes on both sides that raise a signal; they cost no memory
LIBC = ctypes.CDLL(None, use_errno=True)


def guarded(size: int) -> tuple[np.ndarray, int]:
    """Allocate bytes that read as NaN until they are written.

    Parameters
    ----------
    size : int
        Bytes.

    Returns
    -------
    room : numpy.ndarray
        The accessible bytes: the asked ones 0xff, the guards a pattern of NaNs.
    start : int
        Where in ``room`` the asked bytes begin; a multiple of ``GUARD``.

    Examples
    --------
    >>> room, start = guarded(100)
    >>> start % GUARD, room[start : start + 100].view("f4")[:2]
    (0, array([nan, nan], dtype=float32))
    """
    page = mmap.PAGESIZE
    inner = -(-(size + 2 * GUARD) // page) * page
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    whole = np.frombuffer(mmap.mmap(-1, inner + 2 * FORBIDDEN, flags=flags), np.uint8)
    address = whole.ctypes.data
    for start in (address, address + FORBIDDEN + inner):
        if LIBC.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(FORBIDDEN), 0):
            raise OSError(ctypes.get_errno(), "mprotect")
    room = whole[FORBIDDEN : FORBIDDEN + inner]
    room.reshape(-1, PATTERN.size)[:] = PATTERN
    room[GUARD : GUARD + size] = 0xFF
    return room, GUARD


def written_outside(room: np.ndarray, start: int, size: int) -> int | None:
    """Return the first byte outside the asked ones that was written, from ``start`` on.

    Examples
    --------
    >>> room, start = guarded(100)
    >>> room[start + 104] = 0
    >>> written_outside(room, start, 100)
    104
    """
    end = start + size
    for begin, part in ((0, room[:start]), (end, room[end:])):
        expected = TILED[begin % 8 :][: part.size]
        if not np.array_equal(part, expected):
            return begin + int((part != expected).argmax()) - start
    return None
