"""What an .npz file holds, found out without unpacking it: nothing in it is trusted.

A header can claim more than there is, a few kilobytes can unpack to gigabytes, and an
array can be a pickle, which would run code.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.messages import tr

#: What the numbers of a file may take, and how much of that may come of nothing.
MAX_BYTES = 8 * 2**30
SUSPECT_BYTES, SUSPECT_RATIO = 2**28, 300
READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
    (3, 0): np.lib.format.read_array_header_2_0,  # the same, in UTF-8
}

HEADER_ERRORS = (ValueError, KeyError, TypeError, SyntaxError, tokenize.TokenError)


class ArchiveError(TutorError):
    """A file that is no .npz file of numbers; the message says why."""


@dataclass(frozen=True)
class Head:
    """What an array is, before it is read."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def array_heads(path: Path, most: int = MAX_BYTES) -> dict[str, Head]:
    """Return what arrays an .npz file holds, once it is known to be harmless.

    Parameters
    ----------
    most : int
        Bytes that all its arrays may take in memory.

    Raises
    ------
    ArchiveError
        When it is damaged or no archive, holds something else or a pickle, claims what
        is not there, or unpacks to more than ``most``.
    OSError
        When it cannot be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(path, archive.infolist(), most)
            return {
                info.filename.removesuffix(".npy"): _head(path, archive, info)
                for info in archive.infolist()
            }
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise ArchiveError(
            tr("{path} is no .npz file, or a damaged one", path=path)
        ) from None
    except OSError as error:
        if error.filename is not None:
            raise
        raise ArchiveError(
            tr("{path} is no .npz file, or a damaged one", path=path)
        ) from None
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or packed oddly
        raise ArchiveError(
            tr("{path} cannot be unpacked: {error}", path=path, error=error)
        ) from None


def _check_size(path: Path, members: list[zipfile.ZipInfo], most: int) -> None:
    total = sum(one.file_size for one in members)
    packed = max(1, sum(one.compress_size for one in members))
    if total > most:
        raise ArchiveError(
            tr(
                "{path} holds {total:.1f} GB, more than the {most:.1f} GB that "
                "are read",
                path=path,
                total=total / 1e9,
                most=most / 1e9,
            )
        )
    if total > SUSPECT_BYTES and total / packed > SUSPECT_RATIO:
        raise ArchiveError(
            tr(
                "{path} unpacks {packed:.1f} MB to {total:.1f} GB: nothing but "
                "repetition, which is not read",
                path=path,
                packed=packed / 1e6,
                total=total / 1e9,
            )
        )


def _head(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Head:
    """Read an array's header, and compare it with the bytes that are there."""
    name = info.filename
    if not name.endswith(".npy"):
        raise ArchiveError(
            tr("{path} holds {name}, which is no array", path=path, name=name)
        )
    with archive.open(info) as file:
        shape, dtype = _header(path, name, file)
        left = info.file_size - file.tell()
    if dtype.hasobject:
        raise ArchiveError(
            tr(
                "{path}: {name} holds Python objects, which are not read: save numbers",
                path=path,
                name=name,
            )
        )
    claimed = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or claimed != left:
        raise ArchiveError(
            tr(
                "{path}: {name} claims {claimed:,} bytes, it has {left:,}",
                path=path,
                name=name,
                claimed=claimed,
                left=left,
            )
        )
    return Head(shape, dtype)


def _header(
    path: Path, name: str, file: IO[bytes]
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(file)
        shape, _, dtype = READERS[version](file)
    except (*HEADER_ERRORS, RecursionError):
        raise ArchiveError(
            tr("{path}: {name} has no header of an array", path=path, name=name)
        ) from None
    return shape, dtype
